"""What the terminal benchmarks share: profiles with made-up messages, the programs to run, and their table.

Stores are kept between runs in the temporary folder (a million messages take minutes to write); they are made afresh
when the schema has changed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.bench.ptyh import Pty, med

ROOT = Path(__file__).resolve().parent.parent.parent
HELLO = [sys.executable, str(ROOT / "tests" / "bench" / "hello.py")]
VOIPE = [sys.executable, "-m", "voipe_tui"]
NEEDLE = "Benchmark"
"""Stands in every incoming message; outgoing ones say ``SENT``."""
SENT = "Outgoing"
NOWHERE = "http://127.0.0.1:9/playsms/api.php"
BUSY_NUMBER = "+972521110000"
"""Every fourth message is with this number: a long conversation."""

_FOLDERS = {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state"}
_WORDS = ("order", "thanks", "תודה", "שלום", "meeting", "invoice", "tomorrow", "מחר", "price", "delivery")
_FIRST = 1_700_000_000.0
_STEP = 5_000
_MADE = "1"  # another one where other messages are made up


def environ_of(home: Path) -> dict[str, str]:
    """The environment that leads the program to the profile under ``home``."""
    return {name: str(home / folder) for name, folder in _FOLDERS.items()} | {"HOME": str(home)}


def prepare(home: Path, messages: int, url: str = NOWHERE, user: str = "bench", token: str = "none") -> dict[str, str]:
    """A profile with so many messages in its store: two in three came in, one in three went out."""
    from voipe_tui.config.paths import Paths
    from voipe_tui.config.profiles import Profile, update_profiles
    from voipe_tui.store import Store

    environ = environ_of(home)
    paths = Paths.from_environment(environ)
    profile = Profile(name="bench", url=url, username=user, token=token)
    update_profiles(paths, lambda profiles: profiles.with_profile(profile))
    paths.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = Store(paths.database("bench"), clock=lambda: 1_795_342_800.0)
    for start in range(0, messages, _STEP):
        numbers = range(start + 1, min(start + _STEP, messages) + 1)
        store.gateway_rows.take_incoming([_incoming(n) for n in numbers if n % 3], read_before=_FIRST)
        store.gateway_rows.take_outgoing([_outgoing(n) for n in numbers if not n % 3])
        if numbers[-1] % 100_000 == 0:
            print(f"\rwriting messages: {numbers[-1]:,} of {messages:,}", end="", file=sys.stderr, flush=True)
    while store.search.index_some(_STEP):
        pass
    store.close()
    if messages >= 100_000:
        print(file=sys.stderr)
    return environ


def _number(n: int) -> str:
    return BUSY_NUMBER if n % 4 == 0 else f"+9725211{n % 90_000:05d}"


def _incoming(n: int) -> object:
    from voipe_tui.store import IncomingRecord

    at = _FIRST + n * 60
    text = f"{NEEDLE} message {n} {_WORDS[n % 10]} {_WORDS[n // 10 % 10]}"
    return IncomingRecord("inbox", n, _number(n), "", "", text, "", at, at)


def _outgoing(n: int) -> object:
    from voipe_tui.store import OutgoingRecord

    at = _FIRST + n * 60
    status = (3, 3, 3, 2, 3, 1)[n % 6] if n % 9 else 0
    return OutgoingRecord(
        n, "Bench", _number(n), f"{SENT} {n} {_WORDS[n % 10]}", "2026-01-01 10:00:00", at, at, None, status
    )


def kept(messages: int) -> dict[str, str]:
    """The environment of a profile with so many messages, made now or kept from an earlier run."""
    from voipe_tui.store import schema

    made = zlib.crc32("".join((_MADE, *schema.STEPS)).encode())
    folder = Path(tempfile.gettempdir()) / f"voipe-tui-bench-{os.getuid()}"
    home = folder / f"{messages}-{made:08x}"
    if not (home / "complete").exists():
        for old in folder.glob(f"{messages}-*"):
            shutil.rmtree(old)
        prepare(home, messages)
        (home / "complete").touch()
    return environ_of(home)


@contextlib.contextmanager
def copied(messages: int) -> Iterator[dict[str, str]]:
    """Such a profile to be changed at will."""
    source = Path(kept(messages)["HOME"])
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        shutil.copytree(source, home)
        yield environ_of(home)


def start(
    argv: Sequence[str], environ: dict[str, str] | None = None, *, ready: str, cols: int = 80, rows: int = 24
) -> Pty:
    """A program in a terminal, once ``ready`` stands on its screen and it has settled."""
    terminal = Pty(list(argv), cols, rows, env=environ or {}, cwd=str(ROOT))
    if terminal.wait_text(ready) is None:
        said = terminal.text()[-2000:]
        terminal.close()
        raise SystemExit(f"“{ready}” did not appear within 30 s:\n{said}")
    terminal.settle(1.0)
    return terminal


def go(terminal: Pty, keys: bytes, answer: str) -> None:
    """Presses keys and waits for what they lead to."""
    begun = len(terminal.buf)
    os.write(terminal.fd, keys)
    if terminal.wait_text(answer, timeout=15, start=begun) is None:
        raise SystemExit(f"“{answer}” did not appear after {keys!r}:\n{terminal.text(begun)[-2000:]}")
    terminal.settle(0.5)


def pause(random: Random, terminal: Pty) -> None:
    """A gap between two keys that no clock of the program's can fall into step with."""
    terminal.settle(0.01 + random.random() * 0.03, 0.05)


def ratio_of(ours: Sequence[float], theirs: Sequence[float], part: Callable[[list[float]], float] = med) -> float:
    return part(list(ours)) / part(list(theirs))


class Line(NamedTuple):
    """A line of the table: what was measured, the figure, what it is compared with, their ratio, and the goal."""

    what: str
    figure: str
    beside: str
    ratio: float | None
    goal: str
    reached: bool | None

    @classmethod
    def at_most(cls, what: str, figure: str, beside: str, ratio: float, most: float) -> Line:
        return cls(what, figure, beside, ratio, f"<= {most:.2f}x", ratio <= most)


def table(title: str, lines: Sequence[Line]) -> None:
    """Prints what was found; a goal that was missed stands out."""
    print(f"\n{title}")
    print(f"  {'':46} {'figure':>20} {'beside':>24} {'ratio':>7} {'goal':>12}")
    for line in lines:
        ratio = "" if line.ratio is None else f"{line.ratio:.2f}x"
        mark = {True: "ok", False: "MISSED", None: ""}[line.reached]
        print(f"  {line.what:46} {line.figure:>20} {line.beside:>24} {ratio:>7} {line.goal:>12} {mark}")
    sys.stdout.flush()
