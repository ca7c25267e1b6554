"""How soon the app is there, beside the smallest Textual app: ``python -m tests.bench startup [ROUNDS]``.

Both run in a real pty, turn by turn, so that a busy machine slows both alike; the table shows medians. *first glyph* is
the first visible character; *answered* the answer to a key that is sent as soon as the screen is ready: the first
message of the list, or hello's text. The key is ``2``, another view. Nothing listens at the profile's address, as on a
train. *quit* is the time from the key to the end of the process. Memory is measured after every view has been opened.
"""

from __future__ import annotations

import os
import time

from tests.bench import stage
from tests.bench.ptyh import Pty, med
from tests.bench.stage import HELLO, NEEDLE, SENT, VOIPE, Line, prepare

__all__ = ["main", "prepare"]

ROUNDS = 15
SIZES = (0, 1_000, 1_000_000)
Runs = dict[str, list[float]]
_EMPTY = ("asked for your messages", "what you have sent")
"""What the empty lists say as long as no gateway has answered."""


def _measure(argv: list[str], ready: str, key: bytes, answer: str, environ: dict[str, str]) -> dict[str, float]:
    terminal = Pty(argv, env=environ, cwd=str(stage.ROOT))
    try:
        listed = terminal.wait_text(ready)
        if listed is None or terminal.first_text is None:
            raise SystemExit(f"“{ready}” did not appear within 30 s:\n{terminal.text()[-2000:]}")
        start, pressed = len(terminal.buf), time.perf_counter()
        os.write(terminal.fd, key)
        answered = terminal.wait_text(answer, start=start)
        if answered is None:
            raise SystemExit(f"“{answer}” did not appear within 30 s:\n{terminal.text(start)[-2000:]}")
        gone = _quit(terminal)
        waited = answered - (pressed - terminal.t0)
        return {"first glyph": terminal.first_text, "list": listed, "answered": listed + waited, "quit": gone}
    finally:
        terminal.close()


def _quit(terminal: Pty) -> float:
    terminal.settle(0.6, 1.2)
    pressed = time.perf_counter()
    os.write(terminal.fd, b"\x11")
    while not terminal.eof and time.perf_counter() - pressed < 10:
        terminal.pump(10)
    return time.perf_counter() - pressed


def _memory() -> list[Line]:
    """Everything loaded: each view opened, a search made, a long way scrolled."""
    hello = stage.start(HELLO, ready="READY")
    floor = hello.memory()
    hello.close()
    found = {}
    for size in (1_000, 1_000_000):
        terminal = stage.start(VOIPE, stage.kept(size), ready=NEEDLE)
        for keys in (b"\x1b[6~" * 30, b"2", b"5", b"4", b"3", b"\x1b", b"1", b"/order\r"):
            os.write(terminal.fd, keys)
            terminal.settle(0.5, 3)
        found[size] = terminal.memory()
        terminal.close()
    few, many = found[1_000], found[1_000_000]
    beside = f"hello {floor:.1f} MiB"
    return [
        Line.at_most("memory, everything loaded, 1,000,000", f"{many:.1f} MiB", beside, many / floor, 1.5),
        Line.at_most("memory, 1,000,000 against 1,000", f"{many:.1f} MiB", f"{few:.1f} MiB", many / few, 1.1),
    ]


def main(rounds: int = ROUNDS) -> None:
    """Prints the table: milliseconds since the start of the process."""
    programs = {"hello": (HELLO, "READY", b"x", "PONG", dict[str, str]())}
    for size in SIZES:
        ready, answer = (NEEDLE, SENT) if size else _EMPTY
        programs[f"{size:,}"] = (VOIPE, ready, b"2", answer, stage.kept(size))
    runs: dict[str, Runs] = {name: {} for name in programs}
    for turn in range(rounds + 1):
        for name, (argv, ready, key, answer, environ) in programs.items():
            for figure, value in _measure(argv, ready, key, answer, environ).items():
                if turn:  # the first round warms the disk's cache
                    runs[name].setdefault(figure, []).append(value * 1e3)
    base = runs["hello"]
    lines = []
    for figure, most in (("first glyph", 1.12), ("answered", 1.12), ("quit", 1.1)):
        for name in list(programs)[1:]:
            ours, theirs = med(runs[name][figure]), med(base[figure])
            what = f"{figure}, {name} messages"
            lines.append(Line.at_most(what, f"{ours:.0f} ms", f"hello {theirs:.0f} ms", ours / theirs, most))
    few, many = (med(runs[f"{size:,}"]["first glyph"]) for size in (1_000, 1_000_000))
    lines.append(
        Line.at_most("first glyph, 1,000,000 against 1,000", f"{many:.0f} ms", f"{few:.0f} ms", many / few, 1.05)
    )
    stage.table(f"Start and end, medians of {rounds} turns", lines + _memory())
