"""Every fault of the sandbox × every operation that the program uses × both transports × the three server versions.

Each case is lived through twice: by the running program (what becomes of the message, what the status line says, and
whether all is well when the fault is over) and by the command line (its exit code, and what it prints). All of it:
``python -m pytest -n 2 -m "long or not long" tests/proof/test_faults.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import Clock, Gateway, Shell
from tests.proof.world import TAKEN, World
from voipe_tui.errors import ExitCode
from voipe_tui.sandbox import Sandbox
from voipe_tui.sandbox.faults import KINDS
from voipe_tui.sandbox.sandbox import TOKEN
from voipe_tui.sandbox.serve import running
from voipe_tui.store import NewMessage
from voipe_tui.sync import Link

NUMBER, TEXT = "+972521110001", "a secret meeting at nine"
COMMANDS = {
    "pv": ["send", "--to", NUMBER, "--message", TEXT, "--json"],
    "ds": ["outbox", "--json"],
    "in": ["inbox", "--json"],
    "ix": ["inbox", "--json"],
    "query": ["outbox", "--json"],
    "cr": ["credit"],
}
FAULTS = [*KINDS, "no-"]
"""``no-`` is a server that does not know the operation."""

HARMLESS = {"no-timestamp", "slow", "page-limit", "ids-restart", "stuck-queue", "block-after"}
TAKEN_UNHEARD = {"lost-after", "http500-after", "empty-after", "html-after", "broken-json"}
NOT_TAKEN_UNHEARD = {"lost-before", "http500", "empty", "html", "redirect", "no-"}
LIKE_MISSING = {"empty", "empty-after", "no-"}
OPTIONAL = {"ix", "query"}
NO_CREDIT = {"1.4.3": "refused", "1.4.7": "unknown", "1.4.8": "accepted"}
"""What a server says to a message that nobody pays for (trap 7); 1.4.8 looks at the credit when its queue runs."""


CAUSES = {
    "down": "refused the connection",
    "lost-before": "closed the connection without a whole answer",
    "lost-after": "closed the connection without a whole answer",
    "http500": "had an internal error (HTTP 500)",
    "http500-after": "had an internal error (HTTP 500)",
    "html": "had an internal error (HTTP 502) and gave no answer of a gateway",
    "html-after": "had an internal error (HTTP 502) and gave no answer of a gateway",
    "empty": "gave an empty answer",
    "empty-after": "gave an empty answer",
    "no-": "gave an empty answer",
    "broken-json": "answered with something that is no gateway's answer",
    "redirect": "sends us elsewhere",
    "wrong-token": "The user name or the token is wrong",
    "no-credit": "credit ran out",
}
"""What a person is told of the reason."""

CONSEQUENCES = {
    "cancelled": ("Not sent", "Nothing was sent"),
    "unknown": ("It is not known whether the message was accepted", "Look before you send again", "voipe-tui status"),
    "refused": ("could not send the message",),
}
"""What a person is told of the message that was to be sent."""

SERVERS = [(version, transport) for version in ("1.4.3", "1.4.7", "1.4.8") for transport in ("form", "json")]


def matrix(operations: list[str]) -> list[Any]:
    """All of it. What only reads meets one of the six servers always, another with each fault, and all with -m long."""
    cases = []
    for (row, fault), (column, operation) in product(enumerate(FAULTS), enumerate(operations)):
        always = {SERVERS[(row + column) % 6]}
        for server in SERVERS:
            rare = operation != "pv" and server not in always
            cases.append(pytest.param(fault, operation, *server, marks=[pytest.mark.long] if rare else []))
    return cases


def fault_of(fault: str, operation: str) -> str:
    if fault == "no-":
        return f"no-{operation}"
    return f"{fault}=0.2:{operation}" if fault == "slow" else f"{fault}:{operation}"


def after_sending(fault: str, version: str) -> tuple[str, str, Link]:
    """What a message is at once, what it is in the end, and how the link is said to be in between."""
    if fault in HARMLESS:
        return "accepted", "delivered", Link.ONLINE
    if fault == "down":
        return "queued", "delivered", Link.OFFLINE
    if fault == "wrong-token":
        return "queued", "delivered", Link.LOCKED_OUT
    if fault == "no-credit":
        at_once = NO_CREDIT[version]
        return at_once, "delivered" if at_once == "accepted" else at_once, Link.ONLINE
    return "unknown", "delivered" if fault in TAKEN_UNHEARD else "unknown", Link.ONLINE


def after_reading(fault: str, operation: str) -> tuple[ExitCode, Link]:
    """How a command ends that needs the operation, and how the link is said to be."""
    if fault in HARMLESS or fault == "no-credit" or (operation in OPTIONAL and fault in LIKE_MISSING):
        return ExitCode.DONE, Link.ONLINE
    if fault == "wrong-token":
        return ExitCode.AUTHENTICATION, Link.LOCKED_OUT
    # Without a word to the first question of a round nothing more is asked.
    nothing = operation == "query" and fault in ("down", "lost-before", "lost-after")
    return ExitCode.UNREACHABLE, Link.OFFLINE if nothing else Link.PARTLY


def exit_of_send(fault: str, version: str) -> ExitCode:
    at_once, in_the_end, _ = after_sending(fault, version)
    if at_once == "queued":  # told as not sent, and never sent afterwards
        return ExitCode.UNREACHABLE if fault == "down" else ExitCode.AUTHENTICATION
    return {"unknown": ExitCode.UNKNOWN, "refused": ExitCode.REFUSED}.get(in_the_end, ExitCode.DONE)


# The running program


@pytest.mark.parametrize(("fault", "operation", "version", "transport"), matrix(["pv"]))
def test_a_message_has_a_true_state_whatever_goes_wrong(
    tmp_path: Path, fault: str, operation: str, version: str, transport: str
):
    world = World(tmp_path / "p.db", version=version, transport=transport)
    try:
        program = world.start()
        world.wait(5)
        world.sandbox.faults.on(fault_of(fault, operation))
        at_once, in_the_end, link = after_sending(fault, version)
        [row_id] = world.submit(program, [NewMessage(NUMBER, TEXT)])
        world.wait(0.9)
        message = world.store.get([row_id])[row_id]
        assert message.status == at_once
        assert program.engine.health.link is link
        assert (message.note is None) == (at_once == "accepted")
        if message.note is not None:
            assert CAUSES[fault] in message.note
        if link is not Link.ONLINE:
            assert CAUSES[fault] in program.engine.health.sentence
        assert TEXT not in (message.note or "") + program.engine.health.sentence
        world.mend(60 if in_the_end == "delivered" else 200)
        message = world.store.get([row_id])[row_id]
        assert message.status == in_the_end
        expected = 0 if fault in NOT_TAKEN_UNHEARD or in_the_end in ("unknown", "refused") else 1
        assert len(world.gateway.accepted) == expected
        if in_the_end == "unknown":
            assert (message.note or "").startswith("Not seen at the gateway after")
        assert program.engine.health.link is Link.ONLINE
        world.check_mended()
    finally:
        world.close()


@pytest.mark.parametrize(("fault", "operation", "version", "transport"), matrix(["ds", "in", "ix", "query", "cr"]))
def test_the_lists_are_whole_again_whatever_went_wrong(
    tmp_path: Path, version: str, transport: str, operation: str, fault: str
):
    world = World(tmp_path / "p.db", version=version, transport=transport)
    try:
        world.add_history(20, days=5)
        world.sandbox.faults.on(fault_of(fault, operation))
        if operation == "cr":
            world.sandbox.faults.on("no-query")  # with it nobody asks for the credit
        program = world.start()
        world.wait(3)
        _, link = after_reading(fault, operation)
        health = program.engine.health
        assert health.link is link
        assert CAUSES[fault] in health.sentence if link is not Link.ONLINE else not health.sentence
        world.other_sends("0521110002")
        world.arrive("0521110002", None)
        world.arrive("0521110002", "INFO")
        world.mend(30)
        assert program.engine.health.link is Link.ONLINE
        world.check_mended()
    finally:
        world.close()


# The command line


@pytest.fixture(scope="module")
def gateways() -> Iterator[dict[str, tuple[Gateway, Clock]]]:
    """A served gateway of each version; every case has a database and a history of its own."""

    async def at_once(seconds: float) -> None:
        await asyncio.sleep(0)

    found = {}
    with ExitStack() as served:
        for version in ("1.4.3", "1.4.7", "1.4.8"):
            clock = Clock()
            sandbox = Sandbox(version, clock=clock, sleep=at_once)  # type: ignore[arg-type]
            found[version] = (Gateway(sandbox, served.enter_context(running(sandbox))), clock)
        yield found


@pytest.mark.parametrize(("fault", "operation", "version", "transport"), matrix(list(COMMANDS)))
def test_a_command_ends_with_the_code_that_scripts_rely_on(
    tmp_path: Path, gateways, version: str, transport: str, operation: str, fault: str
):
    gateway, clock = gateways[version]
    gateway.heal()
    gateway.do(lambda model: (model.restart_ids(), model.accepted.clear(), setattr(model.main_account, "credit", 1000)))
    shell = Shell(tmp_path, clock)
    door = "api.php" if transport == "json" else "index.php?app=ws"
    shell.profile(f"{gateway.listener.url}/playsms/{door}", transport=transport)
    # On a socket only a server that is down for everything refuses connections: it has to listen to know what is asked.
    gateway.fault("down" if fault == "down" else fault_of(fault, operation))
    try:
        done = shell.run(*COMMANDS[operation])
    finally:
        gateway.heal()
    if operation == "pv":
        assert done.code == exit_of_send(fault, version), done.err
        [status] = done.statuses
        at_once = after_sending(fault, version)[0]
        if fault in TAKEN_UNHEARD:
            assert status in TAKEN, "it was found within the command's patience"
        else:
            assert status == ("cancelled" if at_once == "queued" else at_once)
        taken = fault not in NOT_TAKEN_UNHEARD and status not in ("cancelled", "unknown", "refused")
        assert len(gateway.accepted) == int(taken)
        worth_a_word = fault in TAKEN_UNHEARD
        told = [*CONSEQUENCES[status], CAUSES[fault]] if status in CONSEQUENCES else []
        if worth_a_word:
            told = ["No answer came, but the gateway has it"]
    else:
        assert done.code == after_reading(fault, operation)[0], done.err
        worth_a_word = (fault, operation) == ("no-credit", "cr")
        told = [CAUSES[fault]] if done.code != ExitCode.DONE else ["is low: 0"] if worth_a_word else []
        if done.code != ExitCode.DONE and operation != "cr":
            told.append("What follows is what is stored here")
    assert bool(done.err) == (done.code != ExitCode.DONE or worth_a_word), "who fails says why, others are quiet"
    assert [words for words in told if words not in done.err] == []
    assert TOKEN not in done.err + done.out
    assert TEXT not in done.err
