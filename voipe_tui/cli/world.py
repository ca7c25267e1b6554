"""Everything outside the program that a command touches, in one place, so that a test can hand in its own."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import TYPE_CHECKING, TextIO

from voipe_tui.cli.zone import SystemZone

if TYPE_CHECKING:
    from random import Random


async def _sleep(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)


def _ask_secret(prompt: str) -> str:
    """From the terminal itself, without echo."""
    from getpass import getpass

    return getpass(prompt, sys.stderr)


@dataclass(frozen=True)
class World:
    """Streams, environment, time and chance.

    ``clock`` gives epoch seconds, ``sleep`` waits so many; ``zone`` is that of the times which are read and printed.
    ``stdin`` and ``stdout`` None: closed, as for a service. ``ask_secret`` prompts without echo.
    """

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    stdin: TextIO | None = field(default_factory=lambda: sys.stdin)
    stdout: TextIO | None = field(default_factory=lambda: sys.stdout)
    stderr: TextIO | None = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = _sleep
    zone: tzinfo = field(default_factory=SystemZone)
    random: Random | None = None
    ask_secret: Callable[[str], str] = _ask_secret


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody sits at ``stream``."""
    return stream is not None and not stream.closed and stream.isatty()
