"""Between the terminal and the event loop without threads: a key is read when it comes, a frame goes out when it is
made.

Textual reads in one thread, which wakes ten times a second, and writes in another: a frame that is ready waits until
the loop has nothing else to do and lets go of Python's lock. Here the loop itself waits for the terminal, and writes
without ever waiting for it: what the terminal does not take at once (a stalled link) goes through Textual's thread.
"""

from __future__ import annotations

import os
import select
import sys
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from typing import TYPE_CHECKING, Any

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._time import get_time

from voipe_tui.ui.terminal.paste import GuardedParser

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.drivers.linux_driver import LinuxDriver
    from textual.message import Message
else:
    LinuxDriver = object

_MOST_AT_ONCE = 4_096
_A_LITTLE = 0.001


class Outlet:
    """What Textual's thread writes to: the terminal, however long it takes."""

    def __init__(self, fileno: int) -> None:
        self._fileno = fileno
        self.taken = 0
        """How many writes are done; counted by the thread alone."""

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._fileno, rest) :]
            except BlockingIOError:  # whoever started us left it so
                select.select([], [self._fileno], [])
            except OSError:
                break  # gone, which the end of the input tells; whoever fills the queue must not wait for ever
        self.taken += 1

    def flush(self) -> None:
        """Nothing is kept back."""

    def fileno(self) -> int:
        return self._fileno


class StraightDriver(LinuxDriver):
    """Mixed into Textual's driver for Linux and macOS, before it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        terminal: Any = self._file
        self._outlet = Outlet(terminal.fileno())
        self._file = self._outlet  # type: ignore[assignment]
        self._given = 0
        self._direct: int | None = None
        self._frame: list[str] | None = None
        self._parser = GuardedParser()
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self.reads_in_loop = False
        self.when_input_ends: Callable[[], None] | None = None

    def start_application_mode(self) -> None:
        with suppress(OSError):  # not a terminal, or one without a name here: then all goes through the thread
            name = os.ttyname(self._outlet.fileno())
            self._direct = os.open(name, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        with suppress(OSError, NotImplementedError):  # a file as input cannot be waited for
            # Messages are made outside of whatever the app is doing at that moment.
            self._loop.add_reader(self.fileno, Context().run, self._read)
            self.reads_in_loop = True
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def disable_input(self) -> None:
        if self.reads_in_loop:
            self._loop.remove_reader(self.fileno)
        super().disable_input()

    def close(self) -> None:
        super().close()
        if self._direct is not None:
            os.close(self._direct)
            self._direct = None

    # Writing

    def write(self, data: str) -> None:
        # A frame and its brackets go out as one, or not at all where nothing is between them.
        if data == SYNC_START:
            self._frame = []
        elif self._frame is None:
            self._send(data)
        elif data == SYNC_END:
            frame, self._frame = "".join(self._frame), None
            self._send(f"{SYNC_START}{frame}{SYNC_END}" if frame else "")
        else:
            self._frame.append(data)

    def _send(self, data: str) -> None:
        rest = data.encode("utf-8", "backslashreplace")
        # What went to the thread goes first.
        if self._direct is not None and self._given == self._outlet.taken:
            with suppress(OSError):  # full, or gone, which the thread finds out
                rest = rest[os.write(self._direct, rest) :]
        if rest:
            assert self._writer_thread is not None
            self._given += 1
            self._writer_thread.write(rest)  # type: ignore[arg-type]

    # Reading

    def _run_input_thread(self) -> None:
        if not self.reads_in_loop:
            super()._run_input_thread()

    def run_input_thread(self) -> None:
        # The driver makes its parser by this name; there is no other way to give it one.
        from textual.drivers import linux_driver

        vars(linux_driver)["XTermParser"] = GuardedParser
        super().run_input_thread()

    def _read(self) -> None:
        try:
            data = os.read(self.fileno, _MOST_AT_ONCE)
        except InterruptedError:
            return
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self.fileno)
            if self.when_input_ends is not None:
                self.when_input_ends()
        elif text := self._decode(data):
            for message in self._parser.feed(text):
                self.process_message(message)
            self._wait_for_more()

    def _wait_for_more(self) -> None:
        """An ESC is a key of its own when nothing that would make it a sequence follows in time."""
        if (due := self._parser._timeout_time) is not None:
            self._loop.call_later(max(due - get_time(), 0) + _A_LITTLE, Context().run, self._nothing_more)

    def _nothing_more(self) -> None:
        for message in self._parser.tick():
            self.process_message(message)
        self._wait_for_more()

    def send_message(self, message: Message) -> None:
        if self.reads_in_loop:
            self._app.post_message(message)
        else:
            super().send_message(message)


def straight(driver: type[Driver]) -> type[Driver]:
    """The driver without its threads; elsewhere than on Linux and macOS it stays as it is."""
    if sys.platform == "win32" or not driver.__module__.endswith("linux_driver"):
        return driver
    bases: tuple[Any, ...] = (StraightDriver, driver)
    return type("Straight" + driver.__name__, bases, {})
