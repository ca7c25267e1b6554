"""Killed at any instant, the program comes back with every order in a true state: nothing lost, nothing doubled.

A driver serves the sandbox on a real socket, lets the real program send, kills it, starts it again and compares what
the gateway took with what the journal says. A thousand kills, by two processes, with figures in the end:
``python -m pytest -n 2 -v -m long tests/proof/test_crash.py``. ``CRASH_SEED=7`` makes it another thousand; a finding
names its seed and its round. Nothing here counts on a quick machine, and all of it may be suspended for a while.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.cli.support import Shell, clean_environ
from tests.proof.conftest import Count
from tests.proof.mortal import ANYWHERE, POINTS
from tests.proof.world import TAKEN
from voipe_tui.sandbox import Sandbox
from voipe_tui.sandbox.model import Pace
from voipe_tui.sandbox.serve import running
from voipe_tui.store import Store, View

IN_FLIGHT = ("request written, not taken", "request written and taken", "answer on its way")
NUMBERS = ["+972521110001", "+972521110002", "+972521110003"]
PROGRAMS = ("send", "engine")
NAMED = [(program, point) for program in PROGRAMS for point in (*POINTS, *IN_FLIGHT)]
CYCLE = [*NAMED, *[("engine", point) for point in (*POINTS, *IN_FLIGHT)], *[(each, ANYWHERE) for each in PROGRAMS * 4]]
"""What is killed where: each of it before any comes again, in an order of the seed's."""

AT_ONCE = Pace(queue=(0.0, 0.0), carrier=(0.0, 0.0), report=(0.0, 0.0))

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills and forks as POSIX does")


class Trap:
    """The gateway's door, which can kill whoever sends just then."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.point, self.left, self.victim = "", 0, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = bytearray()
        while scope["type"] == "http":
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break

        async def again() -> Any:
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        async def answer(message: Any) -> None:
            if is_due and self.point == IN_FLIGHT[2]:
                self.kill()
            await send(message)

        is_due = False
        if b'"pv"' in body and self.point in IN_FLIGHT:
            self.left -= 1
            is_due = self.left == 0
        if is_due and self.point != IN_FLIGHT[2]:
            self.kill()
            if self.point == IN_FLIGHT[0]:
                raise ConnectionResetError
        await self.app(scope, again, answer)

    def kill(self) -> None:
        if self.victim:
            os.kill(self.victim, signal.SIGKILL)
            self.victim = 0


@dataclass
class Figures:
    """What came out; ``lines`` are for people."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    ended: int = 0
    orders: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        points = "\n".join(f"  {number:5} × {point}" for point, number in sorted(self.kills.items()))
        states = ", ".join(f"{number} {status}" for status, number in sorted(self.statuses.items()))
        return (
            f"\nseed {self.seed}: {self.kills.total()} kills, {self.ended} lives that ended by themselves, "
            f"{self.orders} orders\n{points}\n  in the end: {states}\n"
            f"  {len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.wrong)} wrong states"
        )

    def tell(self, count: Count) -> None:
        count("kills", self.kills.total())
        for point, number in sorted(self.kills.items()):
            count(f"  {point}", number)
        count("lives that ended by themselves", self.ended)
        count("orders", self.orders)
        for status, number in sorted(self.statuses.items()):
            count(f"  {status} in the end", number)
        count("lost", len(self.lost))
        count("doubled", len(self.doubled))
        count("wrong states", len(self.wrong))


class Driver:
    """Lives and deaths of one program on one profile."""

    def __init__(self, home: Path, sandbox: Sandbox, url: str, trap: Trap, seed: int) -> None:
        self.home, self.sandbox, self.url, self.trap = home, sandbox, url, trap
        self.random = Random(seed)
        self.figures = Figures(seed)
        self.calls = {"send": 3_000, "engine": 3_000}
        self.round = 0
        self.next: list[tuple[str, str]] = []
        shell = Shell(home, None)  # type: ignore[arg-type]
        shell.profile(url, timezone="America/Phoenix")
        self.path = shell.data / "vip.db"
        shell.data.mkdir(mode=0o700, parents=True)
        self.nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.proof.mortal"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=clean_environ(home), cwd=Path(__file__).parents[2],
        )  # fmt: skip

    def close(self) -> None:
        assert self.nursery.stdin is not None
        self.nursery.stdin.close()
        assert self.nursery.stdout is not None
        self.nursery.stdout.close()
        self.nursery.wait(600)

    def live(self, program: str, orders: list[tuple[str, str]], point: str = "", nth: int = 1) -> int:
        """One life of a program; its exit code, -9 when it was killed."""
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        order = {
            "program": program, "orders": orders, "point": point, "nth": nth, "path": str(self.path), "url": self.url,
            "environ": clean_environ(self.home), "output": str(self.home / "output"),
            "calls": str(self.home / "calls"), "submitted": str(self.home / "submitted"),
        }  # fmt: skip
        self.trap.point, self.trap.left = point, nth
        self.nursery.stdin.write(json.dumps(order) + "\n")
        self.nursery.stdin.flush()
        self.trap.victim = int(self.nursery.stdout.readline())
        code = int(self.nursery.stdout.readline())
        self.trap.point, self.trap.victim = "", 0
        return code

    def one_round(self) -> None:
        self.round += 1
        if not self.next:
            self.next = self.random.sample(CYCLE, len(CYCLE))
        program, point = self.next.pop()
        is_first = f"{program}, {point}" not in self.figures.kills
        number = self.random.choice(NUMBERS)
        if program == "send":
            orders = [(each, f"message {self.round}") for each in NUMBERS[: self.random.randint(1, 3)]]
        else:
            orders = [(number, f"message {self.round}.{index // 2}") for index in range(6)]  # some are equal
        if point == ANYWHERE:
            nth = self.random.randint(1, self.calls[program])
        else:
            nth = 1 if is_first or point.startswith("order") else self.random.randint(1, len(orders))
        (self.home / "submitted").unlink(missing_ok=True)
        before = len(self.sandbox.gateway.accepted)
        code = self.live(program, orders, point, nth)
        if code == -signal.SIGKILL:
            self.figures.kills[f"{program}, {point}"] += 1
        else:
            assert code in (0, 6), (code, self._output())
            self.figures.ended += 1
            self.calls[program] = int((self.home / "calls").read_text())
        assert self.live("again", []) == 0, self._output()
        self._compare(orders, code, point, nth, before)

    def _output(self) -> str:
        return (self.home / "output").read_text()

    def _compare(self, orders: list[tuple[str, str]], code: int, point: str, nth: int, before: int) -> None:
        what = f"round {self.round} of seed {self.figures.seed}, {point}, {nth}: "
        taken = Counter((each.number, each.text) for each in self.sandbox.gateway.accepted[before:])
        store = Store(self.path)
        newest = store.page(View(direction="out"), limit=100)
        store.close()
        rows = [row for row in newest if row.text.split(".")[0] == f"message {self.round}"]
        certain = code != -signal.SIGKILL or (self.home / "submitted").exists()
        certain = certain or (point in POINTS[1:] or point in IN_FLIGHT)
        for order, number in Counter(orders).items():
            mine = [row for row in rows if row.text == order[1] and row.key == order[0]]
            said = sum(row.status in TAKEN for row in mine)
            self.figures.orders += number
            self.figures.statuses.update(row.status or "" for row in mine)
            if (certain or taken[order]) and len(mine) < number:
                self.figures.lost.append(f"{what}{order}: {len(mine)} rows, ordered {number}")
            found = f"{what}{order}: taken {taken[order]} times, ordered {number}, rows {[row.status for row in mine]}"
            if taken[order] > number or len(mine) > number:
                self.figures.doubled.append(found)
            if said != taken[order] or any(row.status not in {*TAKEN, "unknown", "cancelled"} for row in mine):
                self.figures.wrong.append(found)


def crash(home: Path, kills: int, seed: int, count: Count) -> None:
    sandbox = Sandbox("1.4.7", seed=1, pace=AT_ONCE)
    sandbox.gateway.main_account.credit += 1_000_000
    trap = Trap(sandbox.app)
    sandbox.app = trap  # type: ignore[assignment]
    with running(sandbox) as listener:
        driver = Driver(home, sandbox, f"{listener.url}/playsms/api.php", trap, seed)
        figures = driver.figures
        try:
            while figures.kills.total() < kills:
                driver.one_round()
        finally:
            driver.close()
            print(figures)
            figures.tell(count)
    assert not figures.lost, figures.lost
    assert not figures.doubled, figures.doubled
    assert not figures.wrong, figures.wrong
    if driver.round > len(CYCLE):
        missed = [f"{program}, {point}" for program, point in NAMED if not figures.kills[f"{program}, {point}"]]
        assert not missed, f"nobody was killed at {missed}"


SEED = int(os.environ.get("CRASH_SEED", "1"))


def test_fifty_kills_lose_double_and_mistake_nothing(tmp_path: Path, count: Count):
    crash(tmp_path, 50, SEED, count)


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
def test_a_thousand_kills_lose_double_and_mistake_nothing(tmp_path: Path, part: int, count: Count):
    crash(tmp_path, 100, 1000 * SEED + part, count)
