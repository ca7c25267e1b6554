"""Keys while much is going on: ``python -m tests.bench busy [KEYS]``.

10,000 messages come in from a gateway in another process while cursor keys are pressed, beside the same keys when all
has come in; a search grows letter by letter, beside a page key; 10,000 messages are archived and brought back.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import Random

from tests.bench import stage
from tests.bench.changes import Gateway, point_at
from tests.bench.ptyh import Pty, q
from tests.bench.stage import BUSY_NUMBER, NEEDLE, VOIPE, Line

ARRIVING = 10_000
KEYS = 150
_QUIET = 0.045


def _outbox_of(environ: dict[str, str]) -> int:
    from voipe_tui.store import Store

    store = Store(Path(environ["XDG_DATA_HOME"]) / "voipe-tui" / "bench.db")
    try:
        return store.counts().outbox
    finally:
        store.close()


def _first_byte(terminal: Pty, random: Random, key: bytes) -> float | None:
    """Only the first byte counts here: what else is written has to do with what comes in."""
    stage.pause(random, terminal)
    answer = terminal.key(key, quiet=0.02, most=1.0)
    return None if answer is None else answer[0]


def _keys_while_syncing(count: int) -> Line:
    random = Random(2)
    gateway = Gateway(ARRIVING)
    try:
        with stage.copied(1_000) as environ:
            before = _outbox_of(environ)
            point_at(environ, gateway.place)
            terminal = Pty(VOIPE, env=environ, cwd=str(stage.ROOT))
            terminal.wait_text(NEEDLE)
            busy: list[float] = []
            seen_at = 0.0
            while True:
                took = _first_byte(terminal, random, b"jk"[len(busy) % 2 :][:1])
                if took is not None:
                    busy.append(took)
                if time.monotonic() - seen_at > 1:
                    seen_at = time.monotonic()
                    if _outbox_of(environ) - before >= ARRIVING * 0.98 or len(busy) > 2_000:
                        break
            terminal.settle(3, 20)
            idle = [
                took for n in range(count) if (took := _first_byte(terminal, random, b"jk"[n % 2 :][:1])) is not None
            ]
            terminal.close()
    finally:
        gateway.close()
    during, after = q(busy, 0.95), q(idle, 0.95)
    what = f"first byte, p95 of {len(busy)} keys while {ARRIVING:,} come in"
    return Line.at_most(what, f"{during:.1f} ms", f"idle {after:.1f} ms", during / after, 2.0)


def _search() -> list[Line]:
    """Each letter to the last byte of the new list, beside a page key of the same list."""
    random, lines = Random(3), []
    terminal = stage.start(VOIPE, stage.kept(1_000_000), ready=NEEDLE)
    pages = []
    for n in range(40):
        stage.pause(random, terminal)
        if (answer := terminal.key(b"\x1b[6~" if n % 8 < 7 else b"g", quiet=_QUIET)) is not None:
            pages.append(answer[1])
    page = q(pages, 0.5)
    for what, typed in (("a common word", "invoice"), ("a Hebrew word", "שלום"), ("a prefix", "deliv"),
                        ("digits of a number", BUSY_NUMBER[4:11])):  # fmt: skip
        took = []
        for _ in range(4):
            os.write(terminal.fd, b"/")
            terminal.settle(0.3, 1)
            for letter in typed:
                stage.pause(random, terminal)
                if (answer := terminal.key(letter.encode(), quiet=_QUIET)) is not None:
                    took.append(answer[1])
            os.write(terminal.fd, b"\x1b")
            terminal.settle(0.3, 1)
            os.write(terminal.fd, b"\x1b")
            terminal.settle(0.3, 1)
        ours = q(took, 0.5)
        lines.append(
            Line.at_most(
                f"search as one types, {what}, p50", f"{ours:.1f} ms", f"page key {page:.1f} ms", ours / page, 1.5
            )
        )
    terminal.close()
    return lines


def _triage() -> list[Line]:
    """Archives all that match, and takes it back: until the screen says so."""
    with stage.copied(15_000) as environ:
        terminal = stage.start(VOIPE, environ, ready=NEEDLE)
        stage.go(terminal, b"A", "10,000")
        lines = []
        for what, key, said in (("archive", b"e", "Archived"), ("undo", b"u", "again|Brought|Undone|back")):
            begun, start = time.perf_counter(), len(terminal.buf)
            os.write(terminal.fd, key)
            took = None
            while took is None and time.perf_counter() - begun < 20:
                terminal.pump(0.5)
                if any(word in terminal.text(start) for word in said.split("|")):
                    took = time.perf_counter() - begun
            took = took or float("nan")
            terminal.settle(1, 3)
            lines.append(
                Line(f"10,000 messages: {what}, until said", f"{took * 1e3:.0f} ms", "", None, "<= 500 ms", took <= 0.5)
            )
        terminal.close()
    return lines


def main(count: int = KEYS) -> None:
    stage.table("Keys while much is going on", [_keys_while_syncing(count), *_search(), *_triage()])
