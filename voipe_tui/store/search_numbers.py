"""Whose messages are asked for: numbers by their digits, contacts by their names, and their messages merged.

Each number has its own list (``message_number``); the newest of each stands in ``conversation``. Of a number only as
much is read as its messages come up in the merged list, and nothing of a number whose newest message is too old for it.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.store.lists import Place
from voipe_tui.store.models import Key
from voipe_tui.store.search_words import SHORTEST_PART, Asked, who_of

MOST_KEYS: Final = 1_000
"""Beyond so many numbers the list itself is full of them, and gone through."""
_MOST_DEEP: Final = 600  # from the middle of the list on each number must be looked up there
_TELLING: Final = 5
_AT_ONCE: Final = 24
_MORE: Final = 48
_LAST: Final = "\U0010ffff"

Number = tuple[float, int, str]
"""A conversation's message and its key: (sort_at, id, key)."""


class Who(NamedTuple):
    """Whose messages: numbers with this part in them, or contacts of these keys."""

    part: str
    names: frozenset[str]

    def is_it(self, key: str) -> bool:
        if self.part:
            if self.part in key:
                return True
            if self.part[0] == "0" or key[:1] != "+":
                return self.part in who_of(key) or key in self.names
        return key in self.names


def who_is(database: Database, asked: Asked, *, complete: bool) -> Who | None:
    """Whether what was asked may be a number or a name that is known; ``complete``: the index has all numbers. Where it
    has not, each may be meant."""
    if not asked.who:
        return None
    names = frozenset[str]()
    if not asked.who.isdigit():
        rows = database.rows(
            "SELECT key FROM contact_word WHERE word >= ? AND word < ?", (asked.who, asked.who + _LAST)
        )
        names = frozenset(str(key) for (key,) in rows)
    part = asked.who if len(asked.who) >= SHORTEST_PART or asked.who.isdigit() else ""
    if complete and len(part) >= SHORTEST_PART and not database.rows(_ANY_PART, (_needle(part),)):
        part = ""
    return Who(part, names) if part or names else None


def numbers_of(database: Database, all_of: Sequence[Who], place: Place) -> list[Number] | None:
    """The numbers that can be everything asked, with their newest message each, the newest last; None for more than can
    be looked at one by one. Whether it is they is for :func:`merged` to see."""
    most = MOST_KEYS if place == Place() else _MOST_DEEP
    best: list[Number] | None = None
    for who in all_of:
        if 0 < len(who.part) < SHORTEST_PART or len(who.names) > most:
            continue  # not in the index, and everywhere
        rows: list[Any] = []
        if who.part:
            rows = database.rows(_BY_PART, (_needle(who.part), most + 1))
        if len(rows) + len(who.names) > most or (best is not None and len(rows) + len(who.names) >= len(best)):
            continue
        if who.names:
            rows += database.rows(_BY_NAME, (json.dumps(list(who.names)),))
        best = rows
    return None if best is None else sorted(set(best))


def merged(database: Database, all_of: Sequence[Who], numbers: list[Number], place: Place) -> Iterator[Key]:
    """The messages of those numbers that are everything asked, in the order of reading from ``place`` on."""
    sign = 1 if place.upward else -1
    heads = _heads(database, numbers, place)
    heap: list[tuple[float, int, str]] = []
    after: dict[str, list[Any]] = {}
    while heads or heap:
        if heads and (not heap or (sign * heads[-1][0], sign * heads[-1][1]) < heap[0][:2]):
            block = _next_of(heads, all_of)
            after |= _second(database, block, place)
            for at, row_id, key in block:
                heapq.heappush(heap, (sign * at, sign * row_id, key))
            continue
        at, row_id, key = heap[0]
        yield sign * at, sign * row_id
        if key in after and not after[key]:
            after[key] = database.rows(_NEXT[place.upward], (key, sign * at, sign * row_id, _MORE))[::-1]
        if rest := after.get(key):
            next_at, next_id = rest.pop()
            heapq.heapreplace(heap, (sign * next_at, sign * next_id, key))
        else:
            heapq.heappop(heap)


def _next_of(heads: list[Number], all_of: Sequence[Who]) -> list[Number]:
    """Takes the next few numbers off the end, those that are meant."""
    block: list[Number] = []
    while heads and len(block) < _AT_ONCE:
        head = heads.pop()
        if all(who.is_it(head[2]) for who in all_of):
            block.append(head)
    return block


def _heads(database: Database, numbers: list[Number], place: Place) -> list[Number]:
    """The first message of each number from a place on, the first one last."""
    if place.key is None and not place.upward:
        return numbers[:]
    ends = (float("-inf"), 0) if place.key is None else place.key
    found: list[Any] = database.rows(
        _HEADS[place.upward, place.including], (json.dumps([key for _, _, key in numbers]), *ends)
    )
    return sorted((row for row in found if row[0] is not None), reverse=place.upward)


def _second(database: Database, heads: list[Number], place: Place) -> dict[str, list[Any]]:
    """What follows the first messages of these numbers; a number that has no more is not among them."""
    found: list[Any] = database.rows(_SECOND[place.upward], (json.dumps(heads),))
    return {key: [(at, row_id)] for at, row_id, key in found if at is not None}


def _needle(part: str) -> str:
    """What to ask the index of numbers for: the pieces at the end, which few numbers share. The rest is looked at."""
    return f'"{part[-_TELLING:]}"'


_ANY_PART: Final = "SELECT 1 FROM number_search WHERE number_search MATCH ? LIMIT 1"
_BY_PART: Final = (
    "SELECT c.last_at, c.last_id, c.key FROM (SELECT rowid FROM number_search WHERE number_search MATCH ? LIMIT ?) s "
    "CROSS JOIN conversation c ON c.id = s.rowid WHERE c.n > 0"
)
_BY_NAME: Final = (
    "SELECT c.last_at, c.last_id, c.key FROM json_each(?) k CROSS JOIN conversation c ON c.key = k.value WHERE c.n > 0"
)


def _nearest(upward: bool, columns: str, key: str, where: str, limit: str) -> str:
    order = "ASC" if upward else "DESC"
    return (
        f"SELECT {columns} FROM message x INDEXED BY message_number WHERE x.key = {key} AND x.deleted = 0 "  # noqa: S608
        f"AND {where} ORDER BY x.sort_at {order}, x.id {order} LIMIT {limit}"
    )


def _beyond(upward: bool, including: bool, at: str, row_id: str) -> str:
    return f"(x.sort_at, x.id) {'>' if upward else '<'}{'=' if including else ''} ({at}, {row_id})"


def _first_of_each(upward: bool, including: bool, key: str, at: str, row_id: str) -> str:
    # Both columns are in the index: the messages themselves, all over the disk, are not touched.
    first_at, first_id = (
        _nearest(upward, column, key, _beyond(upward, including, at, row_id), "1") for column in ("x.sort_at", "x.id")
    )
    return f"SELECT ({first_at}), ({first_id}), {key} FROM json_each(?1) k"  # noqa: S608


_BOTH: Final = (False, True)
_HEADS: Final = {
    (upward, including): _first_of_each(upward, including, "k.value", "?2", "?3")
    for upward in _BOTH
    for including in _BOTH
}
_SECOND: Final = {
    upward: _first_of_each(upward, False, "k.value ->> 2", "k.value ->> 0", "k.value ->> 1") for upward in _BOTH
}
_NEXT: Final = {
    upward: _nearest(upward, "x.sort_at, x.id", "?1", _beyond(upward, False, "?2", "?3"), "?4") for upward in _BOTH
}
