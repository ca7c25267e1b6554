"""From a key to the last byte of its answer: ``python -m tests.bench keys [KEYS]``.

The same keys go to the program with 1,000 and with 1,000,000 messages, key by key, with gaps of no rhythm; a key is
answered when nothing came for 45 ms. In a page they are compared with Textual's DataTable of 1,000 rows, the bytes of
three pages with neomutt on as many mails, where it is installed.
"""

from __future__ import annotations

import mailbox
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from random import Random

from tests.bench import stage
from tests.bench.ptyh import Pty, med, q
from tests.bench.stage import BUSY_NUMBER, NEEDLE, ROOT, VOIPE, Line

KEYS = 320
_QUIET = 0.045
_LINES = 20
"""Rows of a page, less one for a heading."""
SIZES = (1_000, 1_000_000)


@contextmanager
def _both() -> Iterator[dict[int, Pty]]:
    terminals = {size: stage.start(VOIPE, stage.kept(size), ready=NEEDLE) for size in SIZES}
    try:
        yield terminals
    finally:
        for terminal in terminals.values():
            terminal.close()


def _press(terminals: dict[int, Pty], keys: list[bytes]) -> dict[int, list[tuple[float, int]]]:
    """Each key to each terminal in turn: (ms to the last byte, bytes)."""
    random, found = Random(1), {name: list[tuple[float, int]]() for name in terminals}
    for key in keys:
        for name, terminal in terminals.items():
            stage.pause(random, terminal)
            answer = terminal.key(key, quiet=_QUIET, most=0.5)
            if answer is not None:
                found[name].append((answer[1], answer[2]))
    return found


def _compared(what: str, terminals: dict[int, Pty], keys: list[bytes]) -> list[Line]:
    found = _press(terminals, keys)
    few, many = ([ms for ms, _ in found[size]] for size in SIZES)
    lines = []
    for name, part in (("p50", 0.5), ("p95", 0.95)):
        ours, theirs = q(many, part), q(few, part)
        lines.append(
            Line.at_most(
                f"{what}, {name} of {len(many)} keys", f"{ours:.1f} ms", f"1,000: {theirs:.1f} ms", ours / theirs, 1.1
            )
        )
    return lines


def _walk(count: int, down: bytes, up: bytes, page: bytes) -> list[bytes]:
    """Steps down with a page now and then, and some back up."""
    return [page if n % 40 == 39 else up if n % 5 == 4 else down for n in range(count)]


def _lists(count: int) -> list[Line]:
    lines = []
    with _both() as terminals:
        lines += _compared("list", terminals, _walk(count, b"j", b"k", b"\x1b[6~"))
        for terminal in terminals.values():
            stage.go(terminal, b"g/message\r", NEEDLE)
        lines += _compared("search results", terminals, _walk(count, b"j", b"k", b"\x1b[6~"))
    with _both() as terminals:
        for terminal in terminals.values():
            stage.go(terminal, b"5", BUSY_NUMBER[-9:])
            terminal.key(b"\r", quiet=1.0)  # what stands on the screen already is not written again
        lines += _compared("conversation", terminals, _walk(count, b"k", b"j", b"\x1b[5~"))
    return lines


def _beside_data_table(count: int) -> Line:
    import sys

    ours = stage.start(VOIPE, stage.kept(1_000), ready=NEEDLE)
    theirs = stage.start([sys.executable, str(ROOT / "tests" / "bench" / "data_table.py")], ready=NEEDLE)
    keys = ([b"\x1b[B"] * (_LINES - 2) + [b"\x1b[A"] * (_LINES - 2)) * (count // (2 * _LINES) + 1)
    found = _press({0: ours, 1: theirs}, keys)
    ours.close()
    theirs.close()
    mine, table = (med([ms for ms, _ in found[place]]) for place in (0, 1))
    size, other = (sum(count for _, count in found[place]) / len(found[place]) for place in (0, 1))
    what = f"in a page, p50 ({size:.0f} B; DataTable {other:.0f} B)"
    return Line.at_most(what, f"{mine:.1f} ms", f"DataTable {table:.1f} ms", mine / table, 0.5)


def _bytes_per_key(terminal: Pty) -> float:
    """Mean over three pages of cursor keys, down from the top."""
    answers = [terminal.key(b"j", quiet=_QUIET, most=0.5) for _ in range(3 * _LINES)]
    return sum(answer[2] for answer in answers if answer) / len(answers)


def _beside_neomutt() -> Line:
    terminal = stage.start(VOIPE, stage.kept(1_000), ready=NEEDLE)
    ours = _bytes_per_key(terminal)
    terminal.close()
    what = "bytes per key over three pages, 80x24"
    neomutt = shutil.which("neomutt")
    if neomutt is None:
        return Line(what, f"{ours:.0f} B", "neomutt: not installed", None, "<= 1.30x", None)
    with tempfile.TemporaryDirectory() as folder:
        mails = Path(folder) / "mails"
        _write_mails(mails, 1_000)
        rc = Path(folder) / "rc"
        rc.write_text(f"set folder={folder}\nset sort=reverse-date\nset mail_check_stats=no\nset header_cache=\n")
        argv = [neomutt, "-n", "-F", str(rc), "-R", "-f", str(mails)]
        other = stage.start(argv, {"HOME": folder}, ready=NEEDLE)
        theirs = _bytes_per_key(other)
        other.close()
    return Line.at_most(what, f"{ours:.0f} B", f"neomutt {theirs:.0f} B", ours / theirs, 1.3)


def _write_mails(path: Path, count: int) -> None:
    box = mailbox.mbox(path)
    for number in range(count):
        mail = EmailMessage()
        mail["From"], mail["To"] = f"0521{number:06d}@example.com", "bench@example.com"
        mail["Subject"] = f"{NEEDLE} message {number}"
        mail["Date"] = f"Thu, 15 Jan 2026 10:{number // 60 % 60:02d}:{number % 60:02d} +0000"
        mail.set_content("A text.")
        box.add(mail)
    box.flush()


def main(count: int = KEYS) -> None:
    lines = _lists(count)
    lines += [_beside_data_table(count), _beside_neomutt()]
    stage.table("From key to paint, 1,000,000 messages", lines)
