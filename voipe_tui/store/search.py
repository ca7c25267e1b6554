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
from voipe_tui.store.lists import Place
from voipe_tui.store.models import Key
from voipe_tui.store.schema_search import place_id, place_of
from voipe_tui.store.search_words import SHORTEST_PART, Asked, parse, terms, text_test, who_of
from voipe_tui.text.search_fold import WORD, fold_for_search

__all__ = ["SearchIndex", "terms"]

STEP_ROWS: Final = 64
"""Messages indexed at once: 2 ms, now and then 10."""
_STEP_NUMBERS: Final = 256
_SMALL_REST: Final = 300  # so many messages are indexed before a search; more are left to those who have time
_PREFIX_INDEXES: Final = 4  # letters, as in the schema
_LONGEST_WORD: Final = 64
_MOST_WORDS: Final = 48
_MOST_KEYS: Final = 1_500
_MOST_WAYS: Final = 16
_FEW: Final = 1_000
_LAST: Final = "\U0010ffff"
_REMEMBERED_WORDS: Final = 20_000

Candidates = Iterator[Key]


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
        part = asked.who if len(asked.who) >= SHORTEST_PART else ""
        if part and not self._db.rows(
            "SELECT 1 FROM number_search WHERE number_search MATCH ? LIMIT 1", (f'"{part}"',)
        ):
            part = ""
        return Who(part, names) if part or names else None


class Who(NamedTuple):
    """Whose messages: numbers with this part in them, or contacts of these keys."""

    part: str
    names: frozenset[str]

    def is_it(self, key: str) -> bool:
        return key in self.names or (bool(self.part) and self.part in who_of(key))


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
                folded = fold_for_search(text)
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

    def candidates(self, place: Place) -> Candidates | None:
        """Places of the list, in its order from ``place`` on, among which is every message that matches. None where
        so many match that going through the list is quicker."""
        found: list[Candidates] = []
        for way in self._ways:
            more = self._candidates(way, place)
            if more is None:
                return None
            found.append(more)
        if len(found) == 1:
            return found[0]
        return _once(heapq.merge(*found, reverse=not place.upward))

    def _candidates(self, way: Way, place: Place) -> Candidates | None:
        match = self._match(way.text)
        if match is None:
            return iter(())
        if not way.who:
            return self._by_text(match, place)
        keys = self._keys([who for index in way.who if (who := self._who[index]) is not None])
        if keys is None:
            return self._by_text(match, place) if match else None
        if match and self._is_rare(match):
            return self._by_text(match, place)
        return self._by_keys(keys, place)

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

    def _keys(self, all_of: list[Who]) -> list[str] | None:
        """The numbers that are everything asked; None for more than can be looked at one by one."""
        best: list[str] | None = None
        for who in all_of:
            if best is not None:
                best = [key for key in best if who.is_it(key)]
                continue
            rows: list[Any] = []
            if who.part:
                rows = self._db.rows(
                    "SELECT c.key FROM number_search s JOIN conversation c ON c.id = s.rowid "
                    "WHERE number_search MATCH ? AND c.n > 0 LIMIT ?",
                    (f'"{who.part}"', _MOST_KEYS + 1),
                )
            if len(rows) + len(who.names) <= _MOST_KEYS:
                best = list({*(str(key) for (key,) in rows), *who.names})
        return best

    def _by_keys(self, keys: list[str], place: Place) -> Candidates:
        """The messages of these numbers, merged from their own lists: of each only as many as are wanted."""
        sign = 1 if place.upward else -1
        ends = ((float("-inf"), 0) if place.upward else (float("inf"), 0)) if place.key is None else place.key
        rows: list[Any] = self._db.rows(_HEADS[place.upward, place.including], (_json(keys), *ends))
        heap: list[tuple[float, int, str]] = [(sign * at, sign * row_id, key) for at, row_id, key in rows]
        heapq.heapify(heap)
        after: dict[str, list[Any]] = {}
        while heap:
            at, row_id, key = heap[0]
            yield sign * at, sign * row_id
            if not after.get(key):
                size = 64 if key in after else 4
                after[key] = self._db.rows(_NEXT[place.upward], (key, sign * at, sign * row_id, size))[::-1]
            if after[key]:
                next_at, next_id = after[key].pop()
                heapq.heapreplace(heap, (sign * next_at, sign * next_id, key))
            else:
                heapq.heappop(heap)


def _nearest(upward: bool, columns: str, key: str, where: str) -> str:
    order = "ASC" if upward else "DESC"
    return (
        f"SELECT {columns} FROM message x WHERE x.key = {key} AND x.deleted = 0 AND {where} "  # noqa: S608
        f"ORDER BY x.sort_at {order}, x.id {order} LIMIT"
    )


def _heads(upward: bool, including: bool) -> str:
    beyond = (">" if upward else "<") + ("=" if including else "")
    nearest = _nearest(upward, "x.id", "k.value", f"(x.sort_at, x.id) {beyond} (?2, ?3)")
    return f"SELECT m.sort_at, m.id, m.key FROM json_each(?1) k JOIN message m ON m.id = ({nearest} 1)"  # noqa: S608


_HEADS: Final = {
    (upward, including): _heads(upward, including) for upward in (False, True) for including in (False, True)
}
_NEXT: Final = {
    upward: _nearest(upward, "x.sort_at, x.id", "?1", f"(x.sort_at, x.id) {'>' if upward else '<'} (?2, ?3)") + " ?4"
    for upward in (False, True)
}


def _json(keys: list[str]) -> str:
    import json

    return json.dumps(keys)


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
