"""What happens by itself and what it costs: ``python -m tests.bench changes [SECONDS]``.

Another program writes a new status into the store: of a message on the screen, and of one far below. Then the program
polls a gateway that has nothing new, for as long as asked for (40 s), beside an idle hello.
"""

from __future__ import annotations

import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.bench import stage
from tests.bench.ptyh import Pty, med
from tests.bench.stage import HELLO, NEEDLE, SENT, VOIPE, Line

SECONDS = 40
_TRIES = 9


def serve(told: Any, arrived: int = 0) -> None:
    """A gateway in a process of its own; ``arrived``: outgoing messages it knows already."""
    from voipe_tui.sandbox import Sandbox
    from voipe_tui.sandbox.serve import serve as listen

    sandbox = Sandbox("1.4.7", seed=1)
    if arrived:
        sandbox.gateway.add_outgoing_history(arrived, days=300)
    facts = sandbox.describe("")
    place = {"user": facts.username, "token": facts.token}
    listen(sandbox, ready=lambda listener: told.send({"url": listener.url + facts.json_url, **place}))


class Gateway:
    """The gateway while a measurement runs."""

    def __init__(self, arrived: int = 0) -> None:
        context = get_context("spawn")
        receive, send = context.Pipe(duplex=False)
        self._process = context.Process(target=serve, args=(send, arrived), daemon=True)
        self._process.start()
        self.place: dict[str, str] = receive.recv()

    def close(self) -> None:
        self._process.terminate()
        self._process.join()


def _change(database: Path, message_id: int, code: int) -> None:
    """A delivery report, written as a poll of another program's would."""
    from voipe_tui.store import OutgoingRecord, Store

    store = Store(database)
    try:
        message = store.get([message_id])[message_id]
        assert message.gateway_id is not None
        assert message.created_at is not None
        store.gateway_rows.take_outgoing(
            [
                OutgoingRecord(
                    message.gateway_id, message.sender or "", message.number, message.text, message.gateway_time or "",
                    message.created_at, message.sort_at, time.time(), code,
                )
            ]
        )  # fmt: skip
    finally:
        store.close()


def _waiting(database: Path) -> tuple[list[int], list[int]]:
    """Messages that a report is still to come for: on the first screen of the outbox, and far below."""
    from voipe_tui.store import Store, View

    store = Store(database)
    try:
        rows = store.page(View(direction="out"), limit=300)
        moving = [(place, row.id) for place, row in enumerate(rows) if row.status == "pending"]
        return [id for place, id in moving if place < 18], [id for place, id in moving if place > 60]
    finally:
        store.close()


def _written(terminal: Pty, database: Path, message_id: int, code: int) -> int:
    before = len(terminal.buf)
    _change(database, message_id, code)
    terminal.settle(7, 7)
    return len(terminal.buf) - before


def _status_changes() -> list[Line]:
    gateway = Gateway()
    try:
        return _changes_beside(gateway)
    finally:
        gateway.close()


def _changes_beside(gateway: Gateway) -> list[Line]:
    with stage.copied(1_000) as environ:
        point_at(environ, gateway.place)
        database = Path(environ["XDG_DATA_HOME"]) / "voipe-tui" / "bench.db"
        shown, hidden = _waiting(database)
        terminal = stage.start(VOIPE, environ, ready=NEEDLE)
        stage.go(terminal, b"2", SENT)
        terminal.settle(3, 8)
        seen = [_written(terminal, database, each, 1) for each in shown[:3]]
        unseen = [_written(terminal, database, each, 1) for each in hidden[:3]]
        cursor = [answer[2] for answer in (terminal.key(b"j", quiet=0.05, most=0.5) for _ in range(_TRIES)) if answer]
        terminal.close()
    one, key = med(list(map(float, seen))), med(list(map(float, cursor)))
    none = med(list(map(float, unseen)))  # what lay for more than 72 h is counted anew when it moves
    return [
        Line("a visible status change", f"{one:.0f} B", "", None, "<= 300 B", one <= 300),
        Line.at_most("the same against a cursor key", f"{one:.0f} B", f"cursor key {key:.0f} B", one / key, 1.1),
        Line("an invisible one, far below", f"{none:.0f} B", "", None, "0 B", none == 0),
    ]


def _idle(seconds: int) -> list[Line]:
    gateway = Gateway()
    try:
        with stage.copied(1_000) as environ:
            point_at(environ, gateway.place)
            ours, hello = stage.start(VOIPE, environ, ready=NEEDLE), stage.start(HELLO, ready="READY")
            for terminal in (ours, hello):
                terminal.settle(6, 6)
            before = ours.cpu(), hello.cpu(), len(ours.buf)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                ours.pump(0.2)
                hello.pump(0.05)
            mine, theirs = ((now.cpu() - then) * 60 / seconds for now, then in ((ours, before[0]), (hello, before[1])))
            written = (len(ours.buf) - before[2]) * 60 / seconds
            ours.close()
            hello.close()
    finally:
        gateway.close()
    return [
        Line("an idle minute with polling, written", f"{written:.0f} B", "", None, "0 B", written == 0),
        Line.at_most("the same, processor", f"{mine * 1e3:.0f} ms", f"hello {theirs * 1e3:.0f} ms", mine / theirs, 1.3),
    ]


def point_at(environ: dict[str, str], place: dict[str, str]) -> None:
    from voipe_tui.config.paths import Paths
    from voipe_tui.config.profiles import Profile, update_profiles

    profile = Profile(name="bench", url=place["url"], username=place["user"], token=place["token"])
    update_profiles(Paths.from_environment(environ), lambda profiles: profiles.with_profile(profile))


def main(seconds: int = SECONDS) -> None:
    stage.table("What happens by itself", _status_changes() + _idle(seconds))
