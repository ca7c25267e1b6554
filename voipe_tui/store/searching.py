"""Pages of what a search finds, newest first.

A search with other conditions is run two ways at once: what the index finds is checked against the conditions, and the
list is gone through and checked against the words; turn by turn, each time a larger piece. Whichever has a page first
answers. So it costs twice the better way at most, and nobody has to guess which one that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from voipe_tui.store.database import Database
from voipe_tui.store.lists import TABLES, Bounds, Place, conditions, is_narrow, read, statements
from voipe_tui.store.models import Key, Message, View
from voipe_tui.store.rows import MESSAGE_COLUMNS, MESSAGE_FROM, message_of
from voipe_tui.store.search import Search, SearchIndex

_LEAN = "m.sort_at, m.id, m.key, m.text"
_FIRST = 128
_LARGEST = 8_192
_REMEMBERED = 16


Piece = tuple[list[int], bool]
"""IDs that were found, and whether there are no more."""


class Searching:
    """Reads views that search for words."""

    def __init__(self, database: Database, index: SearchIndex) -> None:
        self._db = database
        self._index = index
        self._asked: dict[str, Search | None] = {}
        database.connection.create_function("is_found", 3, self._is_found)
        # Matches lie all over the file: with the pages of the last search at hand the next takes half as long.
        database.connection.execute("PRAGMA cache_size = -8000")

    def page(self, view: View, bounds: Bounds, limit: int) -> list[Message]:
        """Up to ``limit`` messages in the order of reading."""
        search = self._prepared(view)
        return [] if search is None else self._by_ids(self._hits(view, search, bounds, limit))

    def count(self, view: View, bounds: Bounds, most: int) -> int:
        """How many, as far as ``most``."""
        search = self._prepared(view)
        return 0 if search is None else len(self._hits(view, search, bounds, most))

    def _prepared(self, view: View) -> Search | None:
        self._index.catch_up()
        return self._index.prepare(view.search or "")

    def condition(self, typed: str) -> tuple[str, list[Any]]:
        """The same as a condition of SQL, for the rows that other conditions have left."""
        while len(self._asked) >= _REMEMBERED:
            del self._asked[next(iter(self._asked))]
        self._asked[typed] = self._index.prepare(typed)
        return "is_found(m.text, m.key, ?)", [typed]

    def _is_found(self, text: str, key: str, typed: str) -> bool:
        search = self._asked.get(typed)
        return search is not None and search.matches(text, key)

    def _hits(self, view: View, search: Search, bounds: Bounds, limit: int) -> list[int]:
        """The first so many IDs that are found, in the order of reading."""
        candidates = search.candidates(view, bounds.place)
        ways = [self._through_index(view, search, bounds, candidates, limit)]
        ways.insert(0 if is_narrow(view) else 1, self._through_list(view, search, bounds))
        found: list[list[int]] = [[] for _ in ways]
        while True:
            for way, hits in zip(ways, found, strict=True):
                more, ended = next(way)
                hits += more
                if ended or len(hits) >= limit:
                    return hits[:limit]

    def _through_index(
        self, view: View, search: Search, bounds: Bounds, candidates: Iterator[Key], limit: int
    ) -> Iterator[Piece]:
        where, values = conditions(view, bounds=False)
        sql = f"SELECT {_LEAN} FROM json_each(?) j CROSS JOIN message m ON m.id = j.value WHERE {' AND '.join(where)}"  # noqa: S608
        size = limit + limit // 8 + 4
        seen = hits = 0
        while True:
            chunk = list(islice(candidates, size))
            inside = [place for place in chunk if bounds.has(place)]
            rows: list[Any] = self._db.rows(sql, (_list(row_id for _, row_id in inside), *values)) if inside else []
            # An entry of a message that has changed its place since, or its text, is passed over.
            good = {(at, row_id) for at, row_id, key, text in rows if search.matches(text, key)}
            found = [place[1] for place in inside if place in good]
            yield found, len(inside) < size
            seen, hits = seen + len(chunk), hits + len(found)
            wanted = (limit - hits) * seen // max(hits, 1)  # at the rate so far
            size = min(size * 4, _LARGEST, wanted + wanted // 4 + 16)

    def _through_list(self, view: View, search: Search, bounds: Bounds) -> Iterator[Piece]:
        place, size = bounds.place, _FIRST
        while True:
            asked = statements(_LEAN, TABLES, view, bounds._replace(place=place), size)
            rows = read(self._db, asked, place, size)
            yield [row_id for _, row_id, key, text in rows if search.matches(text, key)], len(rows) < size
            place, size = Place((rows[-1][0], rows[-1][1]), place.upward), min(size * 2, _LARGEST)

    def _by_ids(self, ids: list[int]) -> list[Message]:
        sql = f"SELECT {MESSAGE_COLUMNS} FROM {MESSAGE_FROM} WHERE m.id IN (SELECT value FROM json_each(?))"  # noqa: S608
        rows: list[Any] = self._db.rows(sql, (_list(ids),))
        found = {row[0]: message_of(row) for row in rows}
        return [found[row_id] for row_id in ids if row_id in found]


def _list(ids: Iterable[int]) -> str:
    return f"[{','.join(map(str, ids))}]"
