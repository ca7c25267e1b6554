"""From a keystroke to the updated meter, beside a bare TextArea: ``python -m tests.bench.compose [KEYS]``.

Both run in a real pty with the same text of 1,500 characters, key by key in turn, so that a busy machine slows both
alike. For the composer a key counts as answered when the meter says the new number of characters, for the bare area
when the text on the screen has changed. *cpu* is the processor time of the whole program per key.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyte

from tests.bench.ptyh import Pty, med, q

HERE = Path(__file__).resolve().parent
ROOT = str(HERE.parent.parent)
LENGTH = 1_500
LATIN = ("The quick brown fox {jumps} over 13 lazy dogs. " * 40)[:LENGTH]
HEBREW = ("שלום לכולם, האופניים מוכנים לאיסוף מחר בבוקר. " * 40)[:LENGTH]
QUIET_SECONDS = 0.06
PATIENCE_SECONDS = 3.0
COUNTED = re.compile(r"([\d,]+) characters")


class Watched:
    """A program in a pty, and what its screen shows."""

    def __init__(self, argv: list[str], environ: dict[str, str]) -> None:
        self.pty = Pty(argv, env=environ, cwd=ROOT)
        self.screen = pyte.Screen(80, 24)
        self.stream = pyte.ByteStream(self.screen)
        self._fed = 0
        self.times: list[float] = []
        self.cpus: list[float] = []

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def settle(self, quiet: float = 0.4) -> None:
        self.pty.settle(quiet)
        self.stream.feed(bytes(self.pty.buf[self._fed :]))
        self._fed = len(self.pty.buf)

    def until(self, shown: str) -> None:
        end = time.monotonic() + 30
        while shown not in self.text:
            if time.monotonic() > end:
                raise SystemExit(f"“{shown}” did not appear:\n{self.text}")
            self.settle(0.1)

    def press(self, key: bytes, answered: Callable[[str], bool]) -> None:
        """Sends a key and notes when the screen had the answer to it."""
        cpu = self.pty.cpu()
        begun = time.perf_counter()
        os.write(self.pty.fd, key)
        when = None
        while (got := self.pty.pump(PATIENCE_SECONDS if when is None else QUIET_SECONDS)) is not None:
            at, data = got
            self.stream.feed(data)
            if when is None and answered(self.text):
                when = (at - begun) * 1e3
        self._fed = len(self.pty.buf)
        if when is None:
            raise SystemExit(f"no answer to {key!r}:\n{self.text}")
        self.cpus.append((self.pty.cpu() - cpu) * 1e3)
        self.times.append(when)


def counted(text: str) -> int:
    found = COUNTED.search(text)
    return int(found.group(1).replace(",", "")) if found else -1


def composer(home: Path, text: str) -> Watched:
    from tests.bench.stage import prepare

    watched = Watched([sys.executable, "-m", "voipe_tui"], prepare(home, 200))
    watched.until("Benchmark")
    for keys, shown in ((b"c", "GSM 7-bit:"), (b"0521110001", "0521110001"), (b"\t", "0521110001")):
        os.write(watched.pty.fd, keys)
        watched.until(shown)
        watched.settle()
    os.write(watched.pty.fd, b"\x1b[200~" + text.encode() + b"\x1b[201~")
    watched.until("1,500 characters")
    watched.settle(2.5)  # the draft saves itself
    return watched


def measure(name: str, text: str, keys: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bare = Watched([sys.executable, str(HERE / "bare_area.py"), text], {})
        bare.until(text[-20:].split()[0] if text is LATIN else text[-12:].split()[-1])
        form = composer(Path(folder), text)
        try:
            for number in range(keys + 4):
                key, length = (b"x", LENGTH + 1) if number % 2 == 0 else (b"\x7f", LENGTH)
                before = bare.text
                bare.press(key, lambda shown, before=before: shown != before)  # type: ignore[misc]
                form.press(key, lambda shown, length=length: counted(shown) == length)  # type: ignore[misc]
        finally:
            bare.pty.close()
            form.pty.close()
    rows = {"bare TextArea": bare, "composer": form}
    for who, watched in rows.items():
        times, cpus = watched.times[4:], watched.cpus[4:]
        print(
            f"{name:8}{who:16}{med(times):8.2f} ms [{q(times, 0.25):.2f}-{q(times, 0.75):.2f}]"
            f"{med(times) / med(bare.times[4:]):7.2f}x{med(cpus):9.2f} ms cpu{med(cpus) / med(bare.cpus[4:]):7.2f}x"
        )


def main(keys: int = 200) -> None:
    """Prints medians and quartiles, and the ratio to the bare area; the goal is 1.2."""
    for name, text in (("Latin", LATIN), ("Hebrew", HEBREW)):
        measure(name, text, keys)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
