"""Runs a program in a real pty, stamps every chunk at the moment it is read, answers terminal queries as xterm does.

There is no terminal emulation on the hot path: text is found by stripping escape sequences from the raw bytes.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from pathlib import Path

ESC = re.compile(
    rb"\x1b\[[0-9;?<>=!$\"' ]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P_^X][^\x1b]*\x1b\\"
    rb"|\x1b[()][A-Za-z0-9]|\x1b[=>78cDEHM]|[\x00-\x1f\x7f]"
)
PRINTABLE = re.compile(rb"[^\s\x00-\x20]")
QUERY = re.compile(
    rb"\x1b\[(\?|>|=)?([0-9;]*)(\$p|c|n|q|t|u)|\x1b\](1[01]);\?(?:\x07|\x1b\\)"
    rb"|\x1bP\+q([0-9a-fA-F;]*)\x1b\\|\x1bP\$q([^\x1b]*)\x1b\\"
)
KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")
now = time.perf_counter


class Pty:
    """A program in a pty of so many columns and rows. All times are seconds since its start unless they say ms."""

    def __init__(
        self,
        argv: list[str],
        cols: int = 80,
        rows: int = 24,
        env: dict[str, str] | None = None,
        cwd: str | None = None,
        term: str = "xterm-256color",
    ) -> None:
        self.cols, self.rows = cols, rows
        environ = {name: value for name, value in os.environ.items() if name in KEPT}
        environ |= {"TERM": term, "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
        environ |= env or {}
        self.fd, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, cols * 8, rows * 16))
        self.t0 = now()
        self.pid = os.fork()
        if self.pid == 0:
            self._become(child, argv, environ, cwd)
        os.close(child)
        self.buf = bytearray()
        self.chunks: list[tuple[float, int]] = []
        self.first_byte: float | None = None
        self.first_text: float | None = None
        self.eof = False
        self._tail = b""

    @staticmethod
    def _become(child: int, argv: list[str], environ: dict[str, str], cwd: str | None) -> None:
        try:
            os.setsid()
            fcntl.ioctl(child, termios.TIOCSCTTY, 0)
            for number in range(3):
                os.dup2(child, number)
            os.closerange(3, 256)
            if cwd:
                os.chdir(cwd)
            os.execve(argv[0], argv, environ)
        finally:
            os._exit(127)

    # Answers, as xterm(379) gives them

    def _answer(self, data: bytes) -> None:
        seen = self._tail + data
        out = b""
        if b"\x1b" in seen:
            for match in QUERY.finditer(seen):
                if match.end() > len(self._tail):
                    out += self._answer_to(match)
        self._tail = seen[-48:]
        if out:
            os.write(self.fd, out)

    def _answer_to(self, match: re.Match[bytes]) -> bytes:
        prefix, numbers, kind = match.group(1), match.group(2), match.group(3)
        if match.group(4):
            return b"\x1b]%s;rgb:0000/0000/0000\x1b\\" % match.group(4)
        if match.group(5) is not None:
            return b"\x1bP0+r\x1b\\"
        if match.group(6) is not None:
            return b"\x1bP0$r\x1b\\"
        if kind == b"$p" and prefix == b"?":
            state = {b"2026": b"0", b"2004": b"2", b"1004": b"2", b"25": b"1"}.get(numbers, b"0")
            return b"\x1b[?%s;%s$y" % (numbers, state)
        known = {
            (None, b"", b"c"): b"\x1b[?64;1;2;6;9;15;18;21;22c",
            (None, b"0", b"c"): b"\x1b[?64;1;2;6;9;15;18;21;22c",
            (None, b"6", b"n"): b"\x1b[1;1R",
            (None, b"5", b"n"): b"\x1b[0n",
            (None, b"18", b"t"): b"\x1b[8;%d;%dt" % (self.rows, self.cols),
            (None, b"14", b"t"): b"\x1b[4;%d;%dt" % (self.rows * 16, self.cols * 8),
            (None, b"16", b"t"): b"\x1b[6;16;8t",
        }
        if prefix == b">" and kind == b"c":
            return b"\x1b[>41;379;0c"
        if prefix == b">" and kind == b"q":
            return b"\x1bP>|XTerm(379)\x1b\\"
        return known.get((prefix, numbers, kind), b"")  # to the rest, the kitty protocol's too, xterm is silent

    # Reading

    def pump(self, timeout: float) -> tuple[float, bytes] | None:
        """Reads one chunk: (when, bytes); None after the timeout and at the end."""
        if not select.select([self.fd], [], [], max(0, timeout))[0]:
            return None
        try:
            data = os.read(self.fd, 262_144)
        except OSError:
            data = b""
        at = now()
        if not data:
            self.eof = True
            return None
        if self.first_byte is None:
            self.first_byte = at - self.t0
        self.chunks.append((at, len(data)))
        self.buf += data
        self._answer(data)
        if self.first_text is None and PRINTABLE.search(ESC.sub(b"", bytes(self.buf[-200_000:]))):
            self.first_text = at - self.t0
        return at, data

    def wait_text(self, needle: str, timeout: float = 30, start: int = 0) -> float | None:
        """When ``needle`` (blanks do not count) stands in what was written from ``start`` on; None if it never does."""
        wanted = needle.encode().replace(b" ", b"")
        end = now() + timeout
        while now() < end and not self.eof:
            got = self.pump(end - now())
            if got is not None and wanted in ESC.sub(b"", bytes(self.buf[start:])).replace(b" ", b""):
                return got[0] - self.t0
        return None

    def settle(self, quiet: float = 0.25, most: float = 10) -> None:
        """Reads until nothing came for ``quiet`` seconds."""
        end = now() + most
        while now() < end and not self.eof and self.pump(min(quiet, end - now())) is not None:
            pass

    def key(self, keys: bytes, quiet: float = 0.05, most: float = 3.0) -> tuple[float, float, int] | None:
        """Sends keys: (ms to the first byte, ms to the last one, bytes) of what they made the program write."""
        begun = now()
        os.write(self.fd, keys)
        end = begun + most
        first = last = None
        count = 0
        while not self.eof and now() <= end:
            got = self.pump(min(quiet if first is not None else most, end - now()))
            if got is None:
                break
            first = first if first is not None else got[0] - begun
            last = got[0] - begun
            count += len(got[1])
        return None if first is None or last is None else (first * 1e3, last * 1e3, count)

    def text(self, start: int = 0) -> str:
        """What was written, without escape sequences."""
        return ESC.sub(b"", bytes(self.buf[start:])).decode("utf8", "replace")

    # What it costs

    def memory(self) -> float:
        """Resident MiB."""
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def cpu(self) -> float:
        """Seconds of processor time so far, all threads."""
        tasks = Path(f"/proc/{self.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9

    def close(self) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self.fd)


def q(values: list[float], part: float) -> float:
    """A quantile, between the two nearest values."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    place = (len(ordered) - 1) * part
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def med(values: list[float]) -> float:
    return q(values, 0.5)
