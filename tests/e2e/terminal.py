"""A terminal for the real program: a pty, with pyte to draw what it writes. It waits for what is on the screen and
never for time; the deadline only ends a test that would otherwise hang."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import pyte

_ANSWERS = {
    # Questions that a program may ask its terminal, and what a plain xterm answers.
    re.compile(rb"\x1b\[(?:0)?c"): b"\x1b[?64;1;2c",
    re.compile(rb"\x1b\[6n"): b"\x1b[1;1R",
    re.compile(rb"\x1b\[\?2026\$p"): b"\x1b[?2026;0$y",
    re.compile(rb"\x1b\[\?2048\$p"): b"\x1b[?2048;0$y",
}

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "backspace": "\x7f",
    "f2": "\x1bOQ",
    "f5": "\x1b[15~",
    "f6": "\x1b[17~",
    "ctrl+q": "\x11",
    "ctrl+c": "\x03",
    "space": " ",
}
DEADLINE = 300.0


class Terminal:
    """Runs ``argv`` in a pty of ``columns`` × ``lines``."""

    def __init__(
        self, argv: Sequence[str], env: Mapping[str, str], *, columns: int = 80, lines: int = 24, cwd: str | None = None
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.process = subprocess.Popen(
            list(argv),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            close_fds=True,
        )
        os.close(slave)
        self.raw = bytearray()
        self._unanswered = b""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # What is seen

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def line_with(self, needle: str) -> str:
        """The first line on which ``needle`` stands."""
        return next((line for line in self.screen.display if needle in line), "")

    def wait_for(self, what: str | Callable[[str], bool], *, deadline: float = DEADLINE) -> str:
        """Until ``what`` is on the screen; the screen as text. Hebrew is compared as it is written."""
        check = (lambda text: what in text) if isinstance(what, str) else what
        end = time.monotonic() + deadline
        while not check(self.text):
            if not self._pump(end - time.monotonic()):
                raise AssertionError(f"waited in vain for {what!r}; the screen shows:\n{self.text}")
        return self.text

    def wait_end(self, *, deadline: float = DEADLINE) -> int:
        """Until the program has ended; its exit code."""
        end = time.monotonic() + deadline
        while self._pump(end - time.monotonic()):
            pass
        return self.process.wait(timeout=max(0.1, end - time.monotonic()))

    def _pump(self, seconds: float) -> bool:
        """Reads one chunk. False when nothing came in time or the program is gone."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return False
        if not data:
            return False
        self.raw += data
        self._stream.feed(data)
        self._answer(data)
        return True

    def _answer(self, data: bytes) -> None:
        seen = self._unanswered + data
        for question, answer in _ANSWERS.items():
            if any(found.end() > len(self._unanswered) for found in question.finditer(seen)):
                os.write(self._master, answer)
        self._unanswered = seen[-16:]

    # What is typed

    def press(self, *keys: str) -> None:
        """Keys by name (see ``KEYS``) or single characters."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode())

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def resize(self, columns: int, lines: int) -> None:
        self.screen.resize(lines, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        os.killpg(self.process.pid, signal.SIGWINCH)

    def hang_up(self) -> None:
        """The connection is lost: the terminal goes away under the program."""
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self._master >= 0:
            os.close(self._master)
            self._master = -1
