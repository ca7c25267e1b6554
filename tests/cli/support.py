"""Running commands in this process against a sandbox on a real socket, with a clock that the test moves."""

from __future__ import annotations

import asyncio
import io
import json
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from voipe_tui.cli import main
from voipe_tui.cli.world import World
from voipe_tui.sandbox import Sandbox
from voipe_tui.sandbox.sandbox import TOKEN
from voipe_tui.sandbox.serve import Listener

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC).timestamp()
"""A Thursday; 14:00 in Jerusalem."""


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now
        self.slept: list[float] = []
        self.on_sleep: Callable[[], None] | None = None

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        if self.on_sleep is not None:
            self.on_sleep()


class RunningClock(Clock):
    """For whoever shares the time with a gateway that lives in it: passes by itself, and long waits leap.

    Short ones are waited for: of those that end a turn of a busy loop, a slow machine makes minutes in a second, and
    our clock would be somewhere else than the gateway's.
    """

    def __init__(self) -> None:
        super().__init__(0.0)

    def __call__(self) -> float:
        return time.time() + self.now

    async def sleep(self, seconds: float) -> None:
        if seconds > 1:
            await super().sleep(seconds)
        else:
            await asyncio.sleep(seconds)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def statuses(self) -> list[str]:
        return [row["status"] for row in self.json]


@dataclass
class Shell:
    """One user's machine: three folders, a clock, and the command."""

    home: Path
    clock: Clock
    environ: dict[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    """What the user will type where nothing is echoed."""

    def __post_init__(self) -> None:
        self.environ = {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_STATE_HOME": str(self.home / "state"),
            **self.environ,
        }

    @property
    def config(self) -> Path:
        return self.home / "config" / "voipe-tui"

    @property
    def data(self) -> Path:
        return self.home / "data" / "voipe-tui"

    @property
    def log(self) -> Path:
        return self.home / "state" / "voipe-tui" / "voipe-tui.log"

    def touched(self) -> list[str]:
        """Every file under the home folder."""
        return sorted(str(path.relative_to(self.home)) for path in self.home.rglob("*") if path.is_file())

    def world(self, stdin: io.TextIOBase | str | None, stdout: Any, stderr: Any) -> World:
        async def sleep(seconds: float) -> None:
            await self.clock.sleep(seconds)

        waits: Callable[[float], Awaitable[None]] = sleep
        return World(
            environ=self.environ,
            stdin=io.StringIO(stdin) if isinstance(stdin, str) else stdin,  # type: ignore[arg-type]
            stdout=stdout,
            stderr=stderr,
            clock=self.clock,
            sleep=waits,
            zone=ZoneInfo("Asia/Jerusalem"),
            random=Random(0),
            ask_secret=lambda prompt: self.secrets.pop(0),
        )

    def run(
        self,
        *argv: str,
        stdin: io.TextIOBase | str | None = None,
        stdout: io.StringIO | None = None,
        stderr: io.StringIO | None = None,
    ) -> Result:
        """One command. Output goes to files unless a ``Terminal`` is given."""
        out, err = stdout or io.StringIO(), stderr or io.StringIO()
        code = main(list(argv), self.world(stdin, out, err))
        return Result(code, out.getvalue(), err.getvalue())

    def profile(self, url: str, name: str = "vip", **values: object) -> None:
        """Writes ``profiles.toml`` with one account more."""
        self.config.mkdir(mode=0o700, parents=True, exist_ok=True)
        table = {"url": url, "username": "demo", "token": TOKEN, **values}
        lines = [f"[profiles.{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
        file = self.config / "profiles.toml"
        before = file.read_text() if file.exists() else ""
        file.write_text(before + "\n".join(lines) + "\n\n")
        file.chmod(0o600)


@dataclass
class Gateway:
    """A sandbox on a socket, and the truth about it."""

    sandbox: Sandbox
    listener: Listener

    @property
    def url(self) -> str:
        return f"{self.listener.url}/playsms/api.php"

    @property
    def accepted(self) -> list[tuple[str, str]]:
        """Number and text of every message that the gateway took, in order."""
        return self.listener.call(lambda: [(one.number, one.text) for one in self.sandbox.gateway.accepted])

    def fault(self, *names: str) -> None:
        self.sandbox.faults.on(*names)

    def heal(self) -> None:
        self.sandbox.faults.clear()

    def do(self, what: Callable[[Any], Any]) -> Any:
        """Something at the gateway, between two requests."""
        return self.listener.call(lambda: what(self.sandbox.gateway))


def clean_environ(home: Path) -> dict[str, str]:
    """The environment for the real program in a process of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "PYTHONUTF8": "1",
    }
