"""What every command is given: its options and the world, and what it may need on the way."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from voipe_tui.cli.console import Console
from voipe_tui.cli.world import World
from voipe_tui.errors import ExitCode

if TYPE_CHECKING:
    import argparse
    import asyncio
    import logging
    from types import SimpleNamespace

    from voipe_tui.config.paths import Paths


class Ended(BaseException):
    """A signal other than Ctrl-C ended the command; ``code`` is what the shell expects then."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


class Context:
    """One run of one command.

    ``cleanup`` is closed when the command has ended, however it did. ``unexpected_code`` is the exit code of an error
    that nobody foresaw: a command that may just have sent something sets it to ``UNKNOWN``.
    """

    def __init__(
        self, options: argparse.Namespace | SimpleNamespace, world: World, console: Console, cleanup: ExitStack
    ) -> None:
        self.options = options
        self.world = world
        self.console = console
        self.cleanup = cleanup
        self.unexpected_code = ExitCode.SOME_FAILED
        self.log_handler: logging.Handler | None = None

    @property
    def as_json(self) -> bool:
        return bool(self.options.json)

    @property
    def demo(self) -> bool:
        """The embedded gateway: no folder of the user is touched."""
        return bool(self.options.demo)

    @cached_property
    def paths(self) -> Paths:
        from voipe_tui.config.paths import Paths

        return Paths.from_environment(self.world.environ)

    def now(self) -> datetime:
        """This moment in the zone of the user."""
        return datetime.fromtimestamp(self.world.clock(), UTC).astimezone(self.world.zone)

    def iso(self, moment: float | None) -> str | None:
        """Epoch seconds as ISO 8601 with the offset of the user's zone; None stays None."""
        if moment is None:
            return None
        try:
            return datetime.fromtimestamp(moment, UTC).astimezone(self.world.zone).isoformat(timespec="seconds")
        except (ValueError, OverflowError, OSError):  # no year of any calendar: one such row must not hide the others
            return None

    def run_async(self, job: Callable[[], Coroutine[Any, Any, int]]) -> int:
        """Runs ``job`` to its end; Ctrl-C, SIGTERM and SIGHUP cancel it, so that it can leave everything true."""
        import asyncio

        ended_by: list[int] = []

        async def watched() -> int:
            task = asyncio.current_task()
            assert task is not None

            def end(number: int) -> None:
                ended_by.append(number)
                task.cancel()

            _on_signals(asyncio.get_running_loop(), end)
            return await job()

        try:
            return asyncio.run(watched())
        except asyncio.CancelledError:
            if ended_by:
                raise Ended(ended_by[0]) from None
            raise


def _on_signals(loop: asyncio.AbstractEventLoop, react: Callable[[int], object]) -> None:
    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # nohup ignores SIGHUP for us: it stays ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            try:
                loop.add_signal_handler(number, react, number)
            except NotImplementedError:  # Windows: the process is ended outright there
                return
