"""The places of a list at which what was asked for can be: through the words, the numbers, or the list itself.

Whatever an index says of a message is checked against the message, so a place too many only wastes a look. That is also
how a way says that it looked no further for now: it names the place where it stopped, and stops (:class:`Reach`).
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.store.lists import TABLES, Bounds, Place, arms_of, edge_of, read, statements, up_to, walk
from voipe_tui.store.models import Key, View
from voipe_tui.store.schema_search import place_id, place_of
from voipe_tui.store.search_numbers import Who, merged, numbers_of
from voipe_tui.store.search_words import Asked, text_test
from voipe_tui.text.search_fold import fold_loosely

LONGEST_WORD: Final = 64
PREFIX_INDEXES: Final = 4  # letters, as in the schema
_MOST_WORDS: Final = 48
_MOST_WAYS: Final = 16
_FEW: Final = 300
_PROBE: Final = 200
_LAST: Final = "\U0010ffff"
_STRIDE: Final = 4_000
_LONGEST_STRIDE: Final = 100_000

Candidates = Iterator[Key]


class Reach:
    """How far a search looks before it says what it has.

    ``rows``: so many are gone through in each way, and words that meet nowhere near are not looked for any further
    (``hasty``); None: to the end. ``edges``: where a way stopped for that.
    """

    def __init__(self, rows: int | None = None, *, hasty: bool = False) -> None:
        self.rows = rows
        self.hasty = hasty
        self.edges: set[Key] = set()


class Way(NamedTuple):
    """One way to match everything asked: these things by text, those by whose number or name it is."""

    text: tuple[Asked, ...]
    who: tuple[int, ...]


class Search:
    """What was asked, ready to be looked for."""

    def __init__(self, database: Database, typed: str, asked: tuple[Asked, ...], who: list[Who | None]) -> None:
        self._db = database
        self._asked = asked
        self._who = who
        self._in_text = text_test(typed)
        self._ways = self._all_ways()

    def matches(self, text: str, key: str) -> bool:
        """Whether a message matches; for going through a list."""
        folded: str | None = None
        for test, who in zip(self._in_text, self._who, strict=True):
            if who is not None and who.is_it(key):
                continue
            if folded is None:
                folded = fold_loosely(text)
            if not test(folded):
                return False
        return True

    def _all_ways(self) -> list[Way]:
        ways = [Way((), ())]
        for index, asked in enumerate(self._asked):
            longer = [Way((*way.text, asked), way.who) for way in ways]
            if self._who[index] is not None and 2 * len(ways) <= _MOST_WAYS:
                longer += [Way(way.text, (*way.who, index)) for way in ways]
            ways = longer
        return ways

    def candidates(self, view: View, place: Place, reach: Reach) -> Candidates:
        """Places of the list, in its order from ``place`` on, among which is every message of ``view`` that matches; as
        far as the last one, where that is one of ``reach.edges``."""
        found = [self._candidates(way, view, place, reach) for way in self._ways]
        return _until(found[0] if len(found) == 1 else heapq.merge(*found, reverse=not place.upward), reach)

    def _candidates(self, way: Way, view: View, place: Place, reach: Reach) -> Candidates:
        parts = self._parts(way.text)
        if parts is None:
            return iter(())
        if not way.who:
            return self._by_text(parts, place, reach)
        all_of = [who for index in way.who if (who := self._who[index]) is not None]
        numbers = numbers_of(self._db, all_of, place)
        if parts and (numbers is None or any(map(self._is_rare, parts))):
            return self._by_text(parts, place, reach)
        if numbers is None:
            return self._through_list(all_of, view, place, reach)
        return merged(self._db, all_of, numbers, place)

    # Numbers that are everywhere

    def _through_list(self, all_of: list[Who], view: View, place: Place, reach: Reach) -> Candidates:
        """So many numbers are meant that the list itself is full of them."""
        clauses: list[str] = []
        values: list[Any] = []
        for who in all_of:
            # Digits dialled at home begin with a zero that the key has not; a few too many do no harm.
            part = who.part[1:] if who.part[:1] == "0" else who.part
            clauses.append("(m.key IN (SELECT value FROM json_each(?)) OR instr(m.key, ?))")
            values += [json.dumps(list(who.names)), part or " "]

        def chunk(here: Bounds) -> Callable[[Place, int], list[Any]]:
            def rows(place: Place, size: int) -> list[Any]:
                asked = statements("m.sort_at, m.id", TABLES, view, here._replace(place=place), size, (clauses, values))
                return read(self._db, asked, place, size)

            return rows

        arms, stride = arms_of(view), _STRIDE if reach.rows is None else 2 * reach.rows
        while True:
            bounds = Bounds(place)
            edge = edge_of(self._db, arms, bounds, stride)
            for found in walk(chunk(up_to(bounds, edge)), place, 72, 2_048):
                yield from found
            if edge is None:
                return
            if reach.rows is not None:
                reach.edges.add(edge)
                yield edge
                return
            place, stride = Place(edge, place.upward), min(stride * 2, _LONGEST_STRIDE)

    # Words

    def _parts(self, asked: Iterable[Asked]) -> list[str] | None:
        """The questions to the index; None where a word is in no text at all."""
        parts: list[str] = []
        for each in asked:
            if each.phrase:
                parts.append(f'"{" ".join(each.words)}"')
                continue
            for word in each.words:
                part = self._beginning(word)
                if part is None:
                    return None
                parts.append(part)
        return parts

    def _beginning(self, word: str) -> str | None:
        """A beginning longer than the prefix indexes is looked up among the words: gathering all messages of all words
        that begin so, as the index itself would, takes time with every message."""
        if len(word) <= PREFIX_INDEXES:
            return f'"{word}"*'
        begin = word[:LONGEST_WORD]
        rows = self._db.rows(
            "SELECT word FROM search_word WHERE word >= ? AND word < ? LIMIT ?", (begin, begin + _LAST, _MOST_WORDS + 1)
        )
        if not rows:
            return None
        if len(rows) > _MOST_WORDS or any(len(str(each)) >= LONGEST_WORD for (each,) in rows):
            return f'"{word}"*'
        return "(" + " OR ".join([f'"{each}"' for (each,) in rows]) + ")"

    def _is_rare(self, part: str) -> bool:
        row = self._db.row(
            "SELECT count(*) FROM (SELECT 1 FROM message_search WHERE message_search MATCH ? LIMIT ?)", (part, _FEW)
        )
        return row is not None and int(str(row[0])) < _FEW

    def _by_text(self, parts: list[str], place: Place, reach: Reach) -> Candidates:
        if reach.hasty and len(parts) > 1 and (edge := self._apart(parts, place)) is not None:
            reach.edges.add(edge)
            yield edge
            return
        size, match = 96, " AND ".join(parts)
        while True:
            rows = self._entries(match, place, size)
            yield from map(place_of, rows)
            if len(rows) < size:
                return
            place, size = Place(place_of(rows[-1]), place.upward), min(size * 2, 4_096)

    def _apart(self, parts: Sequence[str], place: Place) -> Key | None:
        """The place as far as which these words, all of them frequent, are never in one message; None where they are,
        or where one of them is rare. To find where frequent words meet the index goes through all of both."""
        found = [self._entries(part, place, _PROBE) for part in parts]
        if min(map(len, found)) < _PROBE or set(found[0]).intersection(*found[1:]):
            return None
        lasts = [each[-1] for each in found]
        return place_of(min(lasts) if place.upward else max(lasts))

    def _entries(self, match: str, place: Place, limit: int) -> list[int]:
        """The next entries of the index, in the order of the list."""
        beyond, order = (">", "ASC") if place.upward else ("<", "DESC")
        equal = "=" if place.key is not None and place.including else ""
        at = _clamped(place.key) if place.key is not None else -(1 << 62) if place.upward else 1 << 62
        rows: list[Any] = self._db.rows(
            f"SELECT rowid FROM message_search WHERE message_search MATCH ? AND rowid {beyond}{equal} ? "  # noqa: S608
            f"ORDER BY rowid {order} LIMIT ?",
            (match, at, limit),
        )
        return [rowid for (rowid,) in rows]


def _until(places: Iterable[Key], reach: Reach) -> Candidates:
    """Each place once, and none beyond the first one where a way stopped."""
    last = None
    for place in places:
        if place != last:
            last = place
            yield place
        if place in reach.edges:
            return


def _clamped(key: Key) -> int:
    at = min(max(key[0], -(2.0**35)), 2.0**35)
    return place_id(at, key[1] if at == key[0] else 0)
