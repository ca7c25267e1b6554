"""What the store answers in, at a thousand and at a million messages: ``python -m tests.bench.store [ROUNDS]``.

Both stores are made by ``voipe-tui sandbox fill`` (how fast is said), and kept for the next run. Every question
is asked of both in turn, with other words, numbers and places each time; a page is 64 messages. A search is asked
as the screen does for a key: what is found at once, and how far was looked; ``whole`` says how many of the answers
were a page, or all there is. Figures are milliseconds of CPU time, since other programs on the machine are not meant.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

from tests.bench.ptyh import q
from tests.bench.stage import ROOT, environ_of
from voipe_tui.store import NewMessage, Store, View
from voipe_tui.store.models import Key, Walk

SIZES = (1_000, 1_000_000)
GOAL_MS = 5.0
_PAGE = 64
_TRIAGE = 10_000
_NAMES = ("Dana", "Yossi", "Maya", "דנה", "נועה", "תמר")

Ask = Callable[[Store, Random], object]


# The stores


def filled(messages: int) -> Path:
    """The database of a profile with so many messages, made now or kept from an earlier run."""
    from voipe_tui.sandbox import history
    from voipe_tui.store import schema

    made = zlib.crc32("".join(schema.STEPS).encode() + Path(history.__file__).read_bytes())
    folder = Path(tempfile.gettempdir()) / f"voipe-tui-bench-store-{os.getuid()}"
    home = folder / f"{messages}-{made:08x}"
    database = home / "data" / "voipe-tui" / "bench.db"
    if not (home / "complete").exists():
        for old in folder.glob(f"{messages}-*"):
            shutil.rmtree(old)
        _fill(home, messages)
        _name_some(database)
        (home / "complete").touch()
    return database


def _fill(home: Path, messages: int) -> None:
    environ = {**os.environ, **environ_of(home)}
    program = [sys.executable, "-m", "voipe_tui"]
    profile = ["profile", "add", "bench", "--no-check", "--url", "http://127.0.0.1:9/playsms/", "--username", "bench"]
    subprocess.run([*program, *profile, "--token"], env=environ, input="t", text=True, cwd=ROOT, check=True)
    start = time.perf_counter()
    subprocess.run(
        [*program, "sandbox", "fill", "--messages", str(messages)], env=environ, cwd=ROOT, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    print(f"filled with {messages:,} messages, index and all, in {seconds:.0f} s: {messages / seconds:,.0f} a second")


def _name_some(path: Path) -> None:
    """A phone book: every hundredth number is somebody's."""
    store = Store(path)
    keys = [str(key) for (key,) in store._db.rows("SELECT key FROM conversation WHERE id % 100 = 0 ORDER BY id")]
    store.people.remember((key, f"{_NAMES[n % 6]} Contact{n}", n, "", "") for n, key in enumerate(keys))
    store.close()


# The questions


def _somewhere(store: Store, random: Random) -> Key:
    newest = store.page(View(), limit=1)[0].sort_at
    return (newest - random.random() * 300 * 86_400, 0)


def _key(store: Store, random: Random) -> str:
    row = store._db.row("SELECT max(id) FROM conversation")
    assert row is not None
    chosen = store._db.row("SELECT key FROM conversation WHERE id = ?", (random.randint(1, int(str(row[0]))),))
    assert chosen is not None
    return str(chosen[0])


def _search(*words: str, view: View = View()) -> Ask:  # noqa: B008 - a view never changes
    return lambda store, random: _first(store, view._replace(search=random.choice(words)))


def _number_search(form: Callable[[str], str]) -> Ask:
    return lambda store, random: _first(store, View(search=form(_key(store, random))))


def _deep_search(store: Store, random: Random, *, upward: bool = False) -> object:
    place = _somewhere(store, random)
    view = View(search=random.choice(("your", "שלום", "o", "appointm", "052")))
    return _first(store, view, after=place) if upward else _first(store, view, before=place)


def _first(store: Store, view: View, *, before: Key | None = None, after: Key | None = None) -> Walk:
    return store.messages.walk(view, before=before, after=after, limit=_PAGE, hasty=True)


OUT = View(direction="out")
QUESTIONS: dict[str, Ask] = {
    "page at the top": lambda store, random: store.page(OUT, limit=_PAGE),
    "page somewhere": lambda store, random: store.page(OUT, before=_somewhere(store, random), limit=_PAGE),
    "page upwards": lambda store, random: store.page(OUT, after=_somewhere(store, random), limit=_PAGE),
    "page at the end": lambda store, random: store.page(OUT, after=(float("-inf"), 0), limit=_PAGE),
    "both directions": lambda store, random: store.page(View(), before=_somewhere(store, random), limit=_PAGE),
    "failed ones": lambda store, random: store.page(
        OUT._replace(statuses=frozenset({"failed"})), before=_somewhere(store, random), limit=_PAGE
    ),
    "a state that nothing is in": lambda store, random: store.page(
        OUT._replace(statuses=frozenset({"refused"})), limit=_PAGE
    ),
    "unread": lambda store, random: store.page(View(unread=True), before=_somewhere(store, random), limit=_PAGE),
    "a conversation": lambda store, random: store.page(
        View(number_key=_key(store, random), include_archived=True), limit=_PAGE
    ),
    "list of conversations": lambda store, random: store.conversations.page(
        before=_somewhere(store, random), limit=_PAGE
    ),
    "conversations to be answered": lambda store, random: store.conversations.page(needs_answer=True, limit=_PAGE),
    "totals": lambda store, random: store.counts(),
}
SEARCHES: dict[str, Ask] = {
    "a common word": _search("your", "order", "appointment", "courier"),
    "a Hebrew word": _search("שלום", "תזכורת", "השליח", "שָׁלוֹם"),
    "one letter": _search("y", "o", "ש", "a", "5"),
    "two letters": _search("yo", "or", "של", "12"),
    "three letters": _search("you", "app", "שלו", "הזמ"),
    "four letters": _search("your", "appo", "שלום", "השלי"),
    "more letters": _search("appointm", "confi", "courie", "תזכור"),
    "two words": _search("dana order", "נועה השליח", "your ready", "hi 10"),
    "words that never meet": _search("courier confirm", "שלום order"),
    "a word that is nowhere": _search("zebra", "קרנף"),
    "a whole number, as dialled": _number_search(lambda key: "0" + key[4:]),
    "a number with dashes": _number_search(lambda key: f"0{key[4:6]}-{key[6:9]} {key[9:]}"),
    "a number with country code": _number_search(lambda key: f"+972 {key[4:6]}-{key[6:]}"),
    "its last four digits": _number_search(lambda key: key[-4:]),
    "five digits within": _number_search(lambda key: key[6:11]),
    "three digits within": _number_search(lambda key: key[7:10]),
    "its beginning": _search("052", "0521", "05", "+97254"),
    "a contact's name": _search("dana", "yossi", "תמר", "contact17"),
    "a name and a word": _search("maya order", "דנה השליח"),
    "a word among failed ones": _search("your", "שלום", view=OUT._replace(statuses=frozenset({"failed"}))),
    "a word among unread ones": _search("your", "שלום", view=View(unread=True)),
    "a word among received ones": _search("your", "confirm", view=View(direction="in")),
    "somewhere, downwards": _deep_search,
    "somewhere, upwards": partial(_deep_search, upward=True),
}


# Measuring


def _times(stores: dict[int, Store], ask: Ask, rounds: int) -> tuple[dict[int, list[float]], int]:
    """What each answer took, and how many of the larger store's were whole."""
    found: dict[int, list[float]] = {size: [] for size in stores}
    whole = 0
    for turn in range(rounds + 2):
        for size, store in stores.items():
            random = Random(turn)
            start = time.thread_time()
            answer = ask(store, random)
            if turn >= 2:  # the first times are the disk's
                found[size].append((time.thread_time() - start) * 1e3)
                whole += size == SIZES[-1] and not (isinstance(answer, Walk) and answer.reached is not None)
    return found, whole


def _print(title: str, questions: dict[str, Ask], stores: dict[int, Store], rounds: int, goal: float | None) -> None:
    few, many = SIZES
    print(f"\n{title:32} {f'at {few:,}':>16} {f'at {many:,}':>20} {'ratio':>7} {'whole':>6}")
    print(f"{'':32} {'p50':>8} {'p95':>7} {'p50':>10} {'p95':>9} {'p50':>7}")
    for name, ask in questions.items():
        found, whole = _times(stores, ask, rounds)
        (a50, a95), (b50, b95) = ((q(found[size], 0.5), q(found[size], 0.95)) for size in SIZES)
        missed = "" if goal is None or b95 <= goal else f"  MISSED: {goal:.0f} ms"
        share = f"{whole / rounds:.0%}"
        print(f"  {name:30} {a50:8.2f} {a95:7.2f} {b50:10.2f} {b95:9.2f} {b50 / a50:6.1f}x {share:>6}{missed}")


def _triage(path: Path) -> None:
    """Ten thousand at once, in a copy."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(path, copy)
        store = Store(copy)
        ids = [message.id for message in store.page(OUT, limit=_TRIAGE)]
        print(f"\n{len(ids):,} messages at once, among a million {'ms':>16}")
        for name, act in (
            ("archive", lambda: store.triage.archive(ids)),
            ("undo", store.triage.undo),
            ("star", lambda: store.triage.star(ids)),
            ("delete", lambda: store.triage.delete(ids)),
        ):  # fmt: skip
            start = time.perf_counter()
            act()
            print(f"  {name:30} {(time.perf_counter() - start) * 1e3:24.0f}")
        start = time.perf_counter()
        store.journal.submit([NewMessage("+972521110001", "one more")])
        print(f"  {'one order to send':30} {(time.perf_counter() - start) * 1e3:24.1f}")
        store.close()


def main(rounds: int = 100) -> None:
    paths = {size: filled(size) for size in SIZES}
    stores = {size: Store(path) for size, path in paths.items()}
    _print("lists", QUESTIONS, stores, rounds, None)
    _print("search, first results", SEARCHES, stores, rounds, GOAL_MS)
    for store in stores.values():
        store.close()
    _triage(paths[SIZES[-1]])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
