"""The real program, made mortal: it is killed by SIGKILL at a named point or at any call of a Python function.

``python -m tests.proof.mortal`` imports everything once and then forks a program for each line on its standard input,
so that a life takes a tenth of a second. Nothing in the program knows of this: a connection to SQLite that watches the
statements, a client whose ``send`` is wrapped, and Python's own profile hook are all that is put in.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
from functools import partial
from pathlib import Path
from typing import Any

from voipe_tui.cli import main
from voipe_tui.client import Endpoint, GatewayClient, Timeouts
from voipe_tui.store import NewMessage, Store, View
from voipe_tui.sync import Engine, SyncSettings

POINTS = (
    "order: before the commit",
    "order: after the commit",
    "claim: before the commit",
    "claim: after the commit",
    "answer arrived",
    "outcome: before the commit",
    "outcome: after the commit",
)
ANYWHERE = "anywhere"
PATIENT = Timeouts(connect=600, write=600, read=600, pool=600, total=600)
"""The gateway may be suspended, or starve, without being thought away."""

_STEPS = {"sending": "claim", "accepted": "outcome", "unknown": "outcome", "refused": "outcome"}
_MOVING = {"queued", "sending", "held"}


class Death:
    """Waits for its hour. ``point`` "": never; ``nth``: at the how manieth time."""

    def __init__(self, point: str, nth: int) -> None:
        self.point, self.left = point, nth
        self.calls = 0

    def at(self, point: str) -> None:
        if point == self.point:
            self.strike()

    def strike(self) -> None:
        self.left -= 1
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def begin_to_count(self) -> None:
        """From the order on, every call of a Python function is a moment to die at."""
        if sys.getprofile() is None:
            sys.setprofile(self._called)

    def _called(self, frame: object, event: str, argument: object) -> None:
        if event == "call":
            self.calls += 1
            if self.point == ANYWHERE:
                self.strike()

    # What is put in

    def haunt(self) -> None:
        death = self

        class Connection(sqlite3.Connection):
            steps: set[str]

            def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
                if sql.startswith("BEGIN"):
                    self.steps = set()
                elif sql.startswith("INSERT INTO intent"):
                    self.steps.add("order")
                    death.begin_to_count()
                elif sql.startswith("UPDATE intent SET state") and parameters[0] in _STEPS:
                    self.steps.add(_STEPS[parameters[0]])
                elif sql == "COMMIT" and self.steps:
                    return self._commit(parameters)
                return super().execute(sql, parameters)

            def _commit(self, parameters: Any) -> sqlite3.Cursor:
                for step in sorted(self.steps):
                    death.at(f"{step}: before the commit")
                done = super().execute("COMMIT", parameters)
                for step in sorted(self.steps):
                    death.at(f"{step}: after the commit")
                return done

        sqlite3.connect = partial(sqlite3.connect, factory=Connection)  # type: ignore[assignment]
        send = GatewayClient.send

        async def send_and_die(self: GatewayClient, *arguments: Any, **more: Any) -> Any:
            reply = await send(self, *arguments, **more)
            death.at("answer arrived")
            return reply

        GatewayClient.send = send_and_die  # type: ignore[method-assign]


async def _engine(path: Path, url: str, orders: list[tuple[str, str]], submitted: Path) -> None:
    """The app without its screen: orders several messages, sends them side by side, polls meanwhile."""
    store = Store(path)
    client = GatewayClient(Endpoint(url, "json", "demo", "demo-token"), timeouts=PATIENT)
    engine = Engine(store, client, SyncSettings(poll_seconds=0.05))
    if not orders:
        # Started again: a person sends what was left, what is uncertain is looked for.
        store.journal.send_waiting([intent.message_id for intent in store.journal.kept_from_before()])
        await engine.drain()
        for _ in range(2):
            engine.refresh_now()
            if not await engine.poll():
                raise SystemExit(f"a poll failed: {engine.health.sentence}")
    else:
        running = asyncio.create_task(engine.run())
        ids = store.journal.submit([NewMessage(number, text) for number, text in orders])
        submitted.touch()
        engine.wake()
        settled = asyncio.Event()

        def look(_: object) -> None:
            if not _MOVING & {row.status for row in store.get(ids).values()}:
                settled.set()

        store.subscribe(look)
        await asyncio.wait_for(settled.wait(), 600)
        await engine.stop()
        await running
    await client.aclose()
    store.close()


def _live(order: dict[str, Any]) -> None:
    """One life, in a process of its own."""
    death = Death(order["point"], order["nth"])
    death.haunt()
    with Path(order["output"]).open("wb") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    code = 0
    if order["program"] == "send":
        os.environ.update(order["environ"])
        recipients = [word for number, _ in order["orders"] for word in ("--to", number)]
        code = main(["send", *recipients, "--message", order["orders"][0][1], "--json"])
    else:
        asyncio.run(_engine(Path(order["path"]), order["url"], order["orders"], Path(order["submitted"])))
    sys.setprofile(None)
    Path(order["calls"]).write_text(str(death.calls))
    os._exit(code)


def serve() -> None:
    """Forks for each line of standard input; says the number of the process, then how it ended."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                _live(json.loads(line))
            except BaseException:  # noqa: BLE001 - told to the driver, in a process that ends here
                sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
                sys.stderr.flush()
            os._exit(70)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    View()  # the store's shapes, the client's wire and the numbers' tables: loaded once for all lives
    import httpx
    import phonenumbers  # noqa: F401

    import voipe_tui.cli.delivery
    import voipe_tui.cli.send
    import voipe_tui.client.http_wire  # noqa: F401

    httpx.AsyncClient()
    serve()
