"""Whatever happens, in whatever order: in the end the store says what the gateway knows, and nothing left twice.

Hypothesis plays a person, a gateway with faults, other clients and the time against one or two running programs.
A thousand lives of fifty steps, by two processes, with figures in the end:
``python -m pytest -n 2 -v -m long tests/proof/test_model.py``. ``MODEL_SEED=7`` makes it another thousand.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)  # fmt: skip

from tests.proof.conftest import Count
from tests.proof.world import Order, Program, World
from voipe_tui.store import NewMessage

NUMBERS = ["+972521110001", "0521110002", "+972541230404", "0541230408"]
TEXTS = ["Hello", 'a "b" \\ <i>c</i>', "a 'b' <i>c</i>", "שלום 🎉", "x" * 500]
FAULTS = [
    "down", "lost-before", "http500", "empty", "html", "redirect", "wrong-token", "lost-after", "http500-after",
    "empty-after", "html-after", "broken-json", "no-timestamp", "slow=7", "slow=40", "page-limit=100", "no-credit",
    "stuck-queue", "no-query", "no-ix",
]  # fmt: skip
OPERATIONS = ["", ":pv", ":ds", ":ix", ":in", ":query", ":cr"]
WITHOUT_OPERATION = ("stuck-queue", "no-query", "no-ix")

which = st.integers(0, 1)


class Life(RuleBasedStateMachine):
    """Rules are what may happen next; the invariants hold after each."""

    @initialize(
        version=st.sampled_from(["1.4.3", "1.4.7", "1.4.8"]),
        transport=st.sampled_from(["json", "form"]),
        seed=st.integers(0, 3),
        history=st.sampled_from([0, 0, 5, 130]),
    )
    def begin(self, version: str, transport: str, seed: int, history: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self.folder.name) / "p.db", version=version, transport=transport, seed=seed)
        self.world.add_history(history, days=20)
        self.world.start()

    def program(self, index: int) -> Program:
        return self.world.programs[index % len(self.world.programs)]

    def orders(self, status: str) -> list[Order]:
        rows = self.world.store.get(order.row_id for order in self.world.orders)
        found = [order for order in self.world.orders if order.row_id in rows and not order.taken_back]
        return [order for order in found if rows[order.row_id].status == status]

    # A person

    @rule(
        index=which, number=st.sampled_from(NUMBERS), text=st.sampled_from(TEXTS), times=st.integers(1, 3),
        hold=st.sampled_from([0.0, 0.0, 0.0, 5.0]),
    )  # fmt: skip
    def send(self, index: int, number: str, text: str, times: int, hold: float) -> None:
        self.world.submit(self.program(index), [NewMessage(number, text)] * times, hold)

    @rule(
        index=which, fault=st.sampled_from(FAULTS[:16]), strikes=st.sampled_from([":1", ":2"]),
        number=st.sampled_from(NUMBERS), text=st.sampled_from(TEXTS), times=st.integers(1, 3),
    )  # fmt: skip
    def send_in_trouble(self, index: int, fault: str, strikes: str, number: str, text: str, times: int) -> None:
        self.world.sandbox.faults.on(f"{fault}:pv{strikes}")
        self.world.submit(self.program(index), [NewMessage(number, text)] * times)

    @rule(index=which, text=st.sampled_from(["team a", "team b"]))
    def send_to_group(self, index: int, text: str) -> None:
        self.world.submit(self.program(index), [NewMessage("#TEAM", text, kind="group")])

    @rule(index=which)
    def send_to_user(self, index: int) -> None:
        self.world.submit(self.program(index), [NewMessage("@admin", "to a user", kind="user")])

    @rule(index=which, number=st.sampled_from(NUMBERS), at=st.sampled_from([30, 500, 5 * 86_400]), here=st.booleans())
    def send_later(self, index: int, number: str, at: int, here: bool) -> None:
        text = f"later {at}"
        if here:
            order = NewMessage(number, text, schedule_at=self.world.clock() + at)
        else:
            order = NewMessage(number, text, gateway_schedule=self.world.at_gateway(at))
        self.world.submit(self.program(index), [order])

    @rule(index=which)
    def send_again(self, index: int) -> None:
        for order in self.orders("unknown")[:1]:
            order.resends += len(self.program(index).store.journal.send_again([order.row_id]))
            self.program(index).engine.wake()

    @rule(index=which)
    def give_up(self, index: int) -> None:
        self.program(index).store.journal.cancel([order.row_id for order in self.orders("unknown")[:1]])

    @rule(index=which, status=st.sampled_from(["held", "queued", "scheduled"]))
    def take_back(self, index: int, status: str) -> None:
        journal = self.program(index).store.journal
        for order in self.orders(status)[:1]:
            peers = [each for each in self.world.orders if each.submission == order.submission]
            if journal.take_back([order.row_id]) is not None:
                for each in peers:
                    each.taken_back = each.taken_back or journal.of_message(each.row_id) is None

    @rule(index=which)
    def let_go(self, index: int) -> None:
        self.program(index).store.journal.send_now([order.row_id for order in self.orders("held")])
        self.program(index).engine.wake()

    @rule(index=which, archived=st.booleans())
    def triage(self, index: int, archived: bool) -> None:
        triage = self.program(index).store.triage
        ids = [message.id for message in (*self.world.inbox()[:2], *self.world.outbox()[:2])]
        triage.archive(ids, archived)
        triage.set_read(ids, not archived)

    @rule(index=which)
    def refresh(self, index: int) -> None:
        self.program(index).engine.refresh_now()

    # The gateway, and others who use it

    @rule(fault=st.sampled_from(FAULTS), operation=st.sampled_from(OPERATIONS), times=st.sampled_from(["", ":1", ":3"]))
    def break_something(self, fault: str, operation: str, times: str) -> None:
        self.world.sandbox.faults.on(fault if fault in WITHOUT_OPERATION else fault + operation + times)

    @rule()
    def mend(self) -> None:
        self.world.sandbox.faults.clear()

    @rule(number=st.sampled_from(NUMBERS), later=st.sampled_from([0.0, 0.0, 100.0, 1000.0]), times=st.integers(1, 3))
    def others_send(self, number: str, later: float, times: int) -> None:
        for _ in range(times):
            self.world.other_sends(number, later)

    @rule(number=st.sampled_from(NUMBERS), keyword=st.sampled_from([None, "INFO"]), times=st.sampled_from([1, 2, 120]))
    def people_write(self, number: str, keyword: str | None, times: int) -> None:
        for _ in range(times):
            self.world.arrive(number, keyword)

    @rule(status=st.sampled_from([0, 1, 2, 3, 7]), back=st.integers(0, 5))
    def report(self, status: int, back: int) -> None:
        rows = self.world.gateway.outgoing_rows()
        if rows:
            self.world.gateway.set_status(rows[max(0, len(rows) - 1 - back)].smslog_id, status)

    @rule()
    def restart_ids(self) -> None:
        self.world.restart_ids()

    # Time, and the programs

    @rule(seconds=st.sampled_from([1.0, 4.0, 30.0, 200.0]))
    def wait(self, seconds: float) -> None:
        self.world.wait(seconds)

    @rule(number=st.integers(1, 60))
    def a_few_turns(self, number: int) -> None:
        self.world.loop.turns(number)

    @rule(seconds=st.sampled_from([60.0, 3_600.0, 86_400.0, 5 * 86_400.0]))
    def sleep_and_wake(self, seconds: float) -> None:
        self.world.clock.jump(seconds)

    @rule(index=which)
    def stop(self, index: int) -> None:
        self._end(index, Program.stop)

    @rule(index=which)
    def kill(self, index: int) -> None:
        self._end(index, Program.kill)

    def _end(self, index: int, how) -> None:
        program = self.world.programs.pop(index % len(self.world.programs))
        how(program)
        if not self.world.programs:
            self.world.start()

    @precondition(lambda self: len(self.world.programs) < 2)
    @rule()
    def start_another(self) -> None:
        self.world.start()

    @invariant()
    def always(self) -> None:
        if hasattr(self, "world"):
            self.world.check_always()

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.world.mend()
            self.world.check_mended()
        finally:
            self.world.close()
            self.folder.cleanup()


QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]

TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=10, stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=QUIET
)


SEED = int(os.environ.get("MODEL_SEED", "1"))


@pytest.mark.long
@pytest.mark.parametrize("part", range(20))
def test_a_thousand_lives(part: int, count: Count) -> None:
    lives, steps = 0, 0

    @seed(1000 * SEED + part)
    class LongLife(Life):
        @invariant()
        def count_step(self) -> None:
            nonlocal steps
            steps += 1

        def teardown(self) -> None:
            nonlocal lives
            lives += 1
            super().teardown()

    try:
        run_state_machine_as_test(
            LongLife,
            settings=settings(
                max_examples=50, stateful_step_count=50, deadline=None, database=None, suppress_health_check=QUIET,
                print_blob=True, phases=[Phase.generate, Phase.shrink],
            ),
        )  # fmt: skip
    finally:
        count("lives", lives)
        count("steps, after each of which all was checked", steps)
