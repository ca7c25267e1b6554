"""Pages of what a search finds, newest first.

A search with other conditions is run two ways at once: what the index finds is checked against the conditions, and the
list is gone through and checked against the words; turn by turn, each time a larger piece. Whichever has a page first
answers. So it costs twice the better way at most, and nobody has to guess which one that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.store.lists import TABLES, Bounds, Place, conditions, is_narrow, read, statements
from voipe_tui.store.models import Key, Message, View
from voipe_tui.store.rows import MESSAGE_COLUMNS, MESSAGE_FROM, message_of
from voipe_tui.store.search import SearchIndex
from voipe_tui.store.search_ways import Reach, Search

_LEAN = "m.sort_at, m.id, m.key, m.text"
_FIRST = 128
_LARGEST = 8_192
_REMEMBERED = 16
_HASTY: Final = 384
"""Messages that each way looks at before a key is answered: the two of them in less than 5 ms."""
_PATIENT: Final = 896
"""The same between two keys: about 10 ms."""


class Piece(NamedTuple):
    """What one step of a way found: IDs, how many places it looked at, and as far as which. ``ended``: there are no
    more; ``stopped``: it looks no further for now."""

    ids: list[int]
    seen: int
    at: Key | None
    ended: bool
    stopped: bool = False


class Trail:
    """All that one way has found."""

    def __init__(self, pieces: Iterator[Piece], at: Key | None) -> None:
        self.pieces = pieces
        self.ids: list[int] = []
        self.seen = 0
        self.at = at
        self.stopped = False

    def goes_on(self, reach: Reach) -> bool:
        return not self.stopped and (reach.rows is None or self.seen < reach.rows)

    def step(self) -> bool:
        """Another piece of the way; True at its end."""
        piece = next(self.pieces)
        self.ids += piece.ids
        self.seen += piece.seen
        self.at = piece.at or self.at
        self.stopped = piece.stopped
        return piece.ended


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
        return self._by_ids(self._hits(view, bounds, limit, Reach())[0])

    def walk(self, view: View, bounds: Bounds, limit: int, *, hasty: bool) -> tuple[list[Message], Key | None]:
        """The same as far as it is found without looking far, and how far was looked (None: nothing was left out)."""
        ids, reached = self.walk_ids(view, bounds, limit, hasty=hasty)
        return self._by_ids(ids), reached

    def walk_ids(self, view: View, bounds: Bounds, limit: int, *, hasty: bool = False) -> tuple[list[int], Key | None]:
        """The IDs alone."""
        return self._hits(view, bounds, limit, Reach(_HASTY if hasty else _PATIENT, hasty=hasty))

    def count(self, view: View, bounds: Bounds, most: int) -> int:
        """How many, as far as ``most``."""
        return len(self._hits(view, bounds, most, Reach())[0])

    def condition(self, typed: str) -> tuple[str, list[Any]]:
        """The same as a condition of SQL, for the rows that other conditions have left."""
        while len(self._asked) >= _REMEMBERED:
            del self._asked[next(iter(self._asked))]
        self._asked[typed] = self._index.prepare(typed)
        return "is_found(m.text, m.key, ?)", [typed]

    def _is_found(self, text: str, key: str, typed: str) -> bool:
        search = self._asked.get(typed)
        return search is not None and search.matches(text, key)

    def _hits(self, view: View, bounds: Bounds, limit: int, reach: Reach) -> tuple[list[int], Key | None]:
        """The first so many IDs that are found, in the order of reading, and how far was looked."""
        self._index.catch_up()
        search = self._index.prepare(view.search or "")
        if search is None:
            return [], None
        ways = [self._through_list(view, search, bounds)]
        if not self._index.left():  # else only the list has everything
            by_index = self._through_index(view, search, bounds, limit, reach)
            ways.insert(1 if is_narrow(view) else 0, by_index)
        trails = [Trail(way, bounds.place.key) for way in ways]
        while going := [trail for trail in trails if trail.goes_on(reach)]:
            for trail in going:
                if trail.step() or len(trail.ids) >= limit:
                    return trail.ids[:limit], None
        best = (min, max)[bounds.place.upward](trails, key=_reached)
        return best.ids, best.at

    def _through_index(self, view: View, search: Search, bounds: Bounds, limit: int, reach: Reach) -> Iterator[Piece]:
        candidates = search.candidates(view, bounds.place, reach)
        where, values = conditions(view, bounds=False)
        sql = f"SELECT {_LEAN} FROM json_each(?) j CROSS JOIN message m ON m.id = j.value WHERE {' AND '.join(where)}"  # noqa: S608
        size = limit + limit // 8 + 4
        seen = hits = 0
        while True:
            if reach.rows is not None:
                size = min(size, max(reach.rows - seen, 1))
            chunk = list(islice(candidates, size))
            inside = [place for place in chunk if bounds.has(place)]
            rows: list[Any] = self._db.rows(sql, (_list(row_id for _, row_id in inside), *values)) if inside else []
            # An entry of a message that has changed its place since, or its text, is passed over.
            good = {(at, row_id) for at, row_id, key, text in rows if search.matches(text, key)}
            found = [place[1] for place in inside if place in good]
            at = chunk[-1] if chunk else None
            stopped = at in reach.edges
            ended = len(inside) < len(chunk) or (len(chunk) < size and not stopped)
            yield Piece(found, len(chunk), at, ended, stopped)
            seen, hits = seen + len(chunk), hits + len(found)
            wanted = (limit - hits) * seen // max(hits, 1)  # at the rate so far
            size = min(size * 4, _LARGEST, wanted + wanted // 4 + 16)

    def _through_list(self, view: View, search: Search, bounds: Bounds) -> Iterator[Piece]:
        place, size = bounds.place, _FIRST
        while True:
            asked = statements(_LEAN, TABLES, view, bounds._replace(place=place), size)
            rows = read(self._db, asked, place, size)
            found = [row_id for _, row_id, key, text in rows if search.matches(text, key)]
            at = (rows[-1][0], rows[-1][1]) if rows else None
            yield Piece(found, len(rows), at, len(rows) < size)
            place, size = Place(at, place.upward), min(size * 2, _LARGEST)

    def _by_ids(self, ids: list[int]) -> list[Message]:
        sql = f"SELECT {MESSAGE_COLUMNS} FROM {MESSAGE_FROM} WHERE m.id IN (SELECT value FROM json_each(?))"  # noqa: S608
        rows: list[Any] = self._db.rows(sql, (_list(ids),)) if ids else []
        found = {row[0]: message_of(row) for row in rows}
        return [found[row_id] for row_id in ids if row_id in found]


def _list(ids: Iterable[int]) -> str:
    return f"[{','.join(map(str, ids))}]"


def _reached(trail: Trail) -> Key:
    assert trail.at is not None, "a way that has not ended went through some rows"
    return trail.at
