"""The search index: kept a little behind the messages, and asked for what matches in the order of a list.

New messages are not indexed as they come: that costs more than all else about them. :meth:`SearchIndex.index_some` does
it when there is time, a few milliseconds at a time, and before a search for the last few. Whatever the index says of a
message is checked against the message, so an entry that is out of date only wastes a look.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from voipe_tui.errors import StoreError
from voipe_tui.store.database import Database
from voipe_tui.store.facts import Facts
from voipe_tui.store.lists import TABLES, Bounds, Place, read, statements, walk
from voipe_tui.store.models import Key, View
from voipe_tui.store.schema_search import place_id, place_of
from voipe_tui.store.search_words import SHORTEST_PART, Asked, parse, terms, text_test, who_of
from voipe_tui.text.search_fold import WORD, fold_for_search, fold_loosely

__all__ = ["SearchIndex", "terms"]

STEP_ROWS: Final = 64
"""Messages indexed at once: 2 ms, now and then 10."""
_STEP_NUMBERS: Final = 256
_SMALL_REST: Final = 300  # so many messages are indexed before a search; more are left to those who have time
_PREFIX_INDEXES: Final = 4  # letters, as in the schema
_LONGEST_WORD: Final = 64
_MOST_WORDS: Final = 48
_MOST_KEYS: Final = 2_000
_MOST_WAYS: Final = 16
_FEW: Final = 300
_TELLING: Final = 5
_AT_ONCE: Final = 24
_FEW_MORE: Final = 1
_MORE: Final = 48
_LAST: Final = "\U0010ffff"
_REMEMBERED_WORDS: Final = 20_000

Candidates = Iterator[Key]
Number = tuple[float, int, str]
"""A conversation's message and its key: (sort_at, id, key)."""


class Way(NamedTuple):
    """One way to match everything asked: these things by text, those by whose number or name it is."""

    text: tuple[Asked, ...]
    who: tuple[int, ...]


class SearchIndex:
    """Fills the index and reads it."""

    def __init__(self, database: Database, facts: Facts) -> None:
        self._db = database
        self._facts = facts
        self._seen_words: set[str] = set()

    # Filling

    def left(self) -> int:
        """About how many messages are not indexed yet, or not as they are now; 0 only where all are."""
        row = self._db.row(
            "SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'message'), 0), "
            "(SELECT count(*) FROM (SELECT 1 FROM search_todo LIMIT 1000)), "
            "ifnull((SELECT max(id) FROM conversation), 0)"
        )
        assert row is not None
        messages, changed, numbers = (int(str(each)) for each in row)
        return max(0, messages - self._upto()) + changed + max(0, numbers - self._facts.get_int("search.numbers"))

    def index_some(self, limit: int = STEP_ROWS) -> int:
        """Indexes up to ``limit`` messages that are not yet, in the order in which they came. Returns about how many
        are left; 0: all are."""
        if not self.left():
            return 0
        with self._db.write():
            upto = self._upto()
            changed = self._index_changed(upto, limit)
            rows: list[Any] = []
            if changed < limit:
                rows = self._db.rows(
                    "SELECT id, sort_at, text FROM message WHERE id > ? ORDER BY id LIMIT ?", (upto, limit - changed)
                )
                self._enter(rows)
                last = self._db.row("SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'message'), 0)")
                done = rows[-1][0] if len(rows) == limit - changed else last[0] if last else 0
                self._facts.set("search.messages", str(done))
            self._index_numbers()
            self._db.connection.execute(
                "INSERT INTO message_search (message_search, rank) VALUES ('merge', ?)", (limit,)
            )
        return self.left()

    def _index_changed(self, upto: int, limit: int) -> int:
        """Messages that were changed or removed after they had been indexed. Returns how many."""
        before: list[Any] = self._db.rows("SELECT id, sort_at, text FROM search_todo ORDER BY id LIMIT ?", (limit,))
        if not before:
            return 0
        ids = f"[{','.join(str(row[0]) for row in before)}]"
        self._db.connection.executemany(
            "INSERT INTO message_search (message_search, rowid, text) VALUES ('delete', ?, ?)",
            [(place_id(at, row_id), " ".join(_words(text))) for row_id, at, text in before if row_id <= upto],
        )
        self._enter(
            self._db.rows(
                "SELECT id, sort_at, text FROM message WHERE id <= ? AND id IN (SELECT value FROM json_each(?))",
                (upto, ids),
            )
        )
        self._db.connection.execute("DELETE FROM search_todo WHERE id IN (SELECT value FROM json_each(?))", (ids,))
        return len(before)

    def _index_numbers(self) -> None:
        upto = self._facts.get_int("search.numbers")
        rows = self._db.rows("SELECT id, key FROM conversation WHERE id > ? ORDER BY id LIMIT ?", (upto, _STEP_NUMBERS))
        if rows:
            self._db.connection.executemany(
                "INSERT INTO number_search (rowid, number) VALUES (?, ?)",
                [(row_id, who_of(str(key))) for row_id, key in rows],
            )
            self._facts.set("search.numbers", str(rows[-1][0]))

    def _enter(self, rows: Sequence[Any]) -> None:
        execute = self._db.connection.executemany
        found = [(place_id(at, row_id), _words(text)) for row_id, at, text in rows]
        execute("INSERT INTO message_search (rowid, text) VALUES (?, ?)", [(at, " ".join(each)) for at, each in found])
        if len(self._seen_words) > _REMEMBERED_WORDS:
            self._seen_words.clear()
        new = {word[:_LONGEST_WORD] for _, words in found for word in words if len(word) > _PREFIX_INDEXES}
        new -= self._seen_words
        execute("INSERT OR IGNORE INTO search_word VALUES (?)", [(word,) for word in new])
        self._seen_words |= new

    def _upto(self) -> int:
        return self._facts.get_int("search.messages")

    def catch_up(self) -> None:
        """Before a search: the last few messages are indexed. Where that cannot be (the disk is full, another program
        is writing) the search finds what is there."""
        try:
            if 0 < self.left() <= _SMALL_REST:
                self.index_some(_SMALL_REST)
        except StoreError:
            return

    def begin_again(self) -> None:
        """Every place has changed: the index is filled anew; the caller holds the transaction."""
        self._db.connection.execute("INSERT INTO message_search (message_search) VALUES ('delete-all')")
        self._db.connection.execute("DELETE FROM search_todo")
        self._facts.set("search.messages", None)

    # Asking

    def prepare(self, typed: str) -> Search | None:
        """What is needed to find ``typed``; None where there is nothing in it that could be found."""
        asked = parse(typed)
        return Search(self._db, typed, asked, [self._who(each) for each in asked]) if asked else None

    def _who(self, asked: Asked) -> Who | None:
        """Whether what was asked may be a number or a name that is known."""
        if not asked.who:
            return None
        names = frozenset[str]()
        if not asked.who.isdigit():
            rows = self._db.rows(
                "SELECT key FROM contact_word WHERE word >= ? AND word < ?", (asked.who, asked.who + _LAST)
            )
            names = frozenset(str(key) for (key,) in rows)
        part = asked.who if len(asked.who) >= SHORTEST_PART or asked.who.isdigit() else ""
        if len(part) >= SHORTEST_PART and not self._db.rows(_ANY_PART, (_needle(part),)):
            part = ""
        return Who(part, names) if part or names else None


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

    def candidates(self, view: View, place: Place) -> Candidates:
        """Places of the list, in its order from ``place`` on, among which is every message of ``view`` that matches."""
        found = [self._candidates(way, view, place) for way in self._ways]
        return found[0] if len(found) == 1 else _once(heapq.merge(*found, reverse=not place.upward))

    def _candidates(self, way: Way, view: View, place: Place) -> Candidates:
        match = self._match(way.text)
        if match is None:
            return iter(())
        if not way.who:
            return self._by_text(match, place)
        all_of = [who for index in way.who if (who := self._who[index]) is not None]
        numbers = self._numbers(all_of)
        if match and (numbers is None or self._is_rare(match)):
            return self._by_text(match, place)
        return self._through_list(all_of, view, place) if numbers is None else self._by_numbers(numbers, place)

    def _through_list(self, all_of: list[Who], view: View, place: Place) -> Candidates:
        """So many numbers are meant that the list itself is full of them."""
        clauses: list[str] = []
        values: list[Any] = []
        for who in all_of:
            # Digits dialled at home begin with a zero that the key has not; a few too many do no harm.
            part = who.part[1:] if who.part[:1] == "0" else who.part
            clauses.append("(m.key IN (SELECT value FROM json_each(?)) OR instr(m.key, ?))")
            values += [_json(list(who.names)), part or " "]

        def chunk(place: Place, size: int) -> list[Any]:
            asked = statements("m.sort_at, m.id", TABLES, view, Bounds(place), size, (clauses, values))
            return read(self._db, asked, place, size)

        for rows in walk(chunk, place, 72, 2_048):
            yield from rows

    def _match(self, asked: Iterable[Asked]) -> str | None:
        """The question to the index; None where a word is in no text at all."""
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
        return " AND ".join(parts)

    def _beginning(self, word: str) -> str | None:
        """A beginning longer than the prefix indexes is looked up among the words: gathering all messages of all words
        that begin so, as the index itself would, takes time with every message."""
        if len(word) <= _PREFIX_INDEXES:
            return f'"{word}"*'
        begin = word[:_LONGEST_WORD]
        rows = self._db.rows(
            "SELECT word FROM search_word WHERE word >= ? AND word < ? LIMIT ?", (begin, begin + _LAST, _MOST_WORDS + 1)
        )
        if not rows:
            return None
        if len(rows) > _MOST_WORDS or any(len(str(each)) >= _LONGEST_WORD for (each,) in rows):
            return f'"{word}"*'
        return "(" + " OR ".join([f'"{each}"' for (each,) in rows]) + ")"

    def _is_rare(self, match: str) -> bool:
        row = self._db.row(
            "SELECT count(*) FROM (SELECT 1 FROM message_search WHERE message_search MATCH ? LIMIT ?)", (match, _FEW)
        )
        return row is not None and int(str(row[0])) < _FEW

    def _by_text(self, match: str, place: Place) -> Candidates:
        beyond, order = (">", "ASC") if place.upward else ("<", "DESC")
        sql = (
            f"SELECT rowid FROM message_search WHERE message_search MATCH ? AND rowid {beyond}{{}} ? "  # noqa: S608
            f"ORDER BY rowid {order} LIMIT ?"
        )
        if place.key is None:
            at, equal = (-(1 << 62) if place.upward else 1 << 62), ""
        else:
            at, equal = _clamped(place.key), "=" if place.including else ""
        size = 96
        while True:
            rows: list[Any] = self._db.rows(sql.format(equal), (match, at, size))
            yield from (place_of(row[0]) for row in rows)
            if len(rows) < size:
                return
            at, equal, size = rows[-1][0], "", min(size * 2, 4_096)

    def _numbers(self, all_of: list[Who]) -> list[Number] | None:
        """The numbers that are everything asked; None for more than can be looked at one by one."""
        best: list[Number] | None = None
        for who in all_of:
            if best is not None:
                best = [number for number in best if who.is_it(number[2])]
                continue
            rows: list[Number] = []
            if 0 < len(who.part) < SHORTEST_PART:
                continue  # not in the index, and everywhere
            if who.part:
                ids: list[Any] = self._db.rows(_SHARE_PART, (_needle(who.part), _MOST_KEYS + 1))
                if len(ids) > _MOST_KEYS:
                    continue
                rows = self._db.rows(_BY_PART, (_json([row_id for (row_id,) in ids]),))  # type: ignore[assignment]
            if len(rows) + len(who.names) <= _MOST_KEYS:
                rows += self._db.rows(_BY_NAME, (_json(list(who.names)),)) if who.names else []  # type: ignore[arg-type]
                best = [number for number in dict.fromkeys(rows) if who.is_it(number[2])]
        return best

    def _by_numbers(self, numbers: list[Number], place: Place) -> Candidates:
        """The messages of these numbers, merged from their own lists: of each only as many as are wanted."""
        sign = 1 if place.upward else -1
        heap = [(sign * at, sign * row_id, key) for at, row_id, key in self._heads(numbers, place)]
        heapq.heapify(heap)
        after: dict[str, list[Any]] = {}
        while heap:
            at, row_id, key = heap[0]
            yield sign * at, sign * row_id
            if key not in after:
                after |= self._second([each for each in heapq.nsmallest(_AT_ONCE, heap) if each[2] not in after], place)
            elif not after[key]:
                after[key] = self._db.rows(_NEXT[place.upward], (key, sign * at, sign * row_id, _MORE))[::-1]
            if rest := after[key]:
                next_at, next_id = rest.pop()
                heapq.heapreplace(heap, (sign * next_at, sign * next_id, key))
            else:
                heapq.heappop(heap)

    def _heads(self, numbers: list[Number], place: Place) -> list[Number]:
        """The first message of each number from a place on."""
        if place.key is None and not place.upward:
            return numbers
        ends = (float("-inf"), 0) if place.key is None else place.key
        found: list[Any] = self._db.rows(
            _HEADS[place.upward, place.including], (_json([key for _, _, key in numbers]), *ends)
        )
        return [row for row in found if row[0] is not None]

    def _second(self, heads: list[Number], place: Place) -> dict[str, list[Any]]:
        """What follows the first messages of these numbers, the next one last."""
        sign = 1 if place.upward else -1
        first: list[Any] = [[sign * at, sign * row_id, key] for at, row_id, key in heads]
        after: dict[str, list[Any]] = {key: [] for _, _, key in first}
        found: list[Any] = self._db.rows(_SECOND[place.upward], (_json(first), _FEW_MORE))
        found.sort(reverse=not place.upward)
        for at, row_id, key in reversed(found):
            after[key].append((at, row_id))
        return after


def _needle(part: str) -> str:
    """What to ask the index of numbers for: the pieces at the end, which few numbers share. The rest is looked at."""
    return f'"{part[-_TELLING:]}"'


_ANY_PART: Final = "SELECT 1 FROM number_search WHERE number_search MATCH ? LIMIT 1"
_SHARE_PART: Final = "SELECT rowid FROM number_search WHERE number_search MATCH ? LIMIT ?"
_BY_PART: Final = (
    "SELECT c.last_at, c.last_id, c.key FROM json_each(?) j CROSS JOIN conversation c ON c.id = j.value WHERE c.n > 0"
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


def _heads(upward: bool, including: bool) -> str:
    # Both columns are in the index: the messages themselves, all over the disk, are not touched.
    at, row_id = (
        _nearest(upward, column, "k.value", _beyond(upward, including, "?2", "?3"), "1")
        for column in ("x.sort_at", "x.id")
    )
    return f"SELECT ({at}), ({row_id}), k.value FROM json_each(?1) k"  # noqa: S608


def _second(upward: bool) -> str:
    here = _beyond(upward, False, "k.value ->> 0", "k.value ->> 1")
    ids = _nearest(upward, "x.id", "k.value ->> 2", here, "?2")
    return (
        "SELECT m.sort_at, m.id, m.key FROM json_each(?1) k CROSS JOIN message m NOT INDEXED "  # noqa: S608
        f"ON m.id IN ({ids})"
    )


_BOTH: Final = (False, True)
_HEADS: Final = {(upward, including): _heads(upward, including) for upward in _BOTH for including in _BOTH}
_SECOND: Final = {upward: _second(upward) for upward in _BOTH}
_NEXT: Final = {
    upward: _nearest(upward, "x.sort_at, x.id", "?1", _beyond(upward, False, "?2", "?3"), "?4") for upward in _BOTH
}


def _json(values: list[Any]) -> str:
    import json

    return json.dumps(values)


def _once(places: Iterable[Key]) -> Candidates:
    last = None
    for place in places:
        if place != last:
            last = place
            yield place


def _clamped(key: Key) -> int:
    at = min(max(key[0], -(2.0**35)), 2.0**35)
    return place_id(at, key[1] if at == key[0] else 0)


def _words(text: str) -> list[str]:
    return WORD.findall(fold_for_search(text))
