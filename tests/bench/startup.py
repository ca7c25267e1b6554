"""How soon the app is there, beside the smallest Textual app: ``python -m tests.bench.startup [RUNS]``.

Both run in a real pty, turn by turn, so that a busy machine slows both alike; the table shows medians. *first glyph* is
the first visible character, *list* the first message on the screen, *answered* the answer to a key sent as soon as the
screen is ready (the list, or hello's text). The store is a file with as many messages as asked for; nothing listens at
the profile's address, as on a train.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.bench.ptyh import Pty, med, q

HERE = Path(__file__).resolve().parent
NEEDLE = "Benchmark"
Runs = dict[str, list[float]]


def prepare(home: Path, messages: int) -> dict[str, str]:
    """A profile with so many messages in its store; the environment that leads the program to it."""
    from voipe_tui.config.paths import Paths
    from voipe_tui.config.profiles import Profile, update_profiles
    from voipe_tui.store import IncomingRecord, Store

    environ = {name: str(home / folder) for name, folder in _FOLDERS.items()} | {"HOME": str(home)}
    paths = Paths.from_environment(environ)
    profile = Profile(name="bench", url="http://127.0.0.1:9/playsms/api.php", username="bench", token="none")
    update_profiles(paths, lambda profiles: profiles.with_profile(profile))
    paths.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = Store(paths.database("bench"), clock=lambda: 1_795_342_800.0)
    for start in range(0, messages, 5_000):
        count = min(5_000, messages - start)
        store.gateway_rows.take_incoming([_record(IncomingRecord, start + n + 1) for n in range(count)])
    store.close()
    return environ


_FOLDERS = {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state"}


def _record(kind: type, number: int) -> object:
    at = 1_700_000_000.0 + number * 60
    return kind("inbox", number, f"+97252111{number % 9000:04d}", "", "", f"{NEEDLE} message {number}", "", at, at)


def _measure(argv: list[str], ready: str, key: bytes, answer: str, environ: dict[str, str]) -> dict[str, float]:
    terminal = Pty(argv, env=environ, cwd=str(HERE.parent.parent))
    try:
        listed = terminal.wait_text(ready)
        if listed is None or terminal.first_text is None:
            raise SystemExit(f"“{ready}” did not appear within 30 s:\n{terminal.text()[-2000:]}")
        start = len(terminal.buf)
        os.write(terminal.fd, key)
        answered = terminal.wait_text(answer, start=start)
        if answered is None:
            raise SystemExit(f"“{answer}” did not appear within 30 s:\n{terminal.text(start)[-2000:]}")
        return {"first glyph": terminal.first_text * 1e3, "list": listed * 1e3, "answered": answered * 1e3}
    finally:
        terminal.close()


def _report(runs: dict[str, Runs]) -> None:
    base = runs["hello"]
    print(f"{'':26}" + "".join(f"{name:>24}" for name in base))
    for program, figures in runs.items():
        cells = ""
        for name, values in figures.items():
            spread = f"{med(values):.0f} [{q(values, 0.25):.0f}-{q(values, 0.75):.0f}]"
            cells += f"{spread:>17} {med(values) / med(base[name]):5.2f}x"
        print(f"{program:26}{cells}")


def main(rounds: int = 15, sizes: tuple[int, ...] = (1_000, 20_000)) -> None:
    """Prints the table: milliseconds since the start of the process, median and quartiles, and the ratio to hello."""
    with tempfile.TemporaryDirectory() as folder:
        programs = {"hello": ([sys.executable, str(HERE / "hello.py")], "READY", b"x", "PONG", dict[str, str]())}
        for size in sizes:
            environ = prepare(Path(folder) / str(size), size)
            argv = [sys.executable, "-m", "voipe_tui"]
            programs[f"voipe-tui, {size:,} messages"] = (argv, NEEDLE, b"2", "Nothing sent", environ)
        runs: dict[str, Runs] = {name: {} for name in programs}
        for round_number in range(rounds + 1):
            for name, (argv, ready, key, answer, environ) in programs.items():
                for figure, value in _measure(argv, ready, key, answer, environ).items():
                    if round_number:  # the first round warms the disk's cache
                        runs[name].setdefault(figure, []).append(value)
    _report(runs)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
