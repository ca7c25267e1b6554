"""Which index a list is read through, so that a page costs the same at a thousand and at a million rows.

A list is cut into *arms*, each of which one index already holds in the list's order: both directions, the shown and the
archived, each of several statuses. A page reads as much of every arm and merges. Nothing is ever sorted or counted.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.store.models import Key, View
from voipe_tui.store.states import Status

Where = tuple[list[str], list[Any]]

TABLES = "message m INDEXED BY {index}"


class Place(NamedTuple):
    """From where on a list is read, and which way. ``key`` None: from its end."""

    key: Key | None = None
    upward: bool = False
    including: bool = False

    @property
    def order(self) -> str:
        return "ORDER BY m.sort_at ASC, m.id ASC" if self.upward else "ORDER BY m.sort_at DESC, m.id DESC"


class Bounds(NamedTuple):
    """The stretch of a list that may be read: from ``place`` on, and not as far as ``stop``."""

    place: Place
    stop: Key | None = None

    @classmethod
    def of(cls, view: View, before: Key | None, after: Key | None, including: bool) -> Bounds:
        """What a caller asks for and the view's own moments, in one. Message IDs begin at 1."""
        high = None if view.until is None else (view.until, 0)
        low = None if view.since is None else (view.since, 0)
        if before is None and after is not None:
            narrower = low is not None and low > after
            return cls(Place(low if narrower else after, True, including and not narrower), high)
        narrower = high is not None and (before is None or high < before)
        if after is not None:
            after = (after[0], after[1] - 1) if including else after
            low = after if low is None else max(low, after)
        return cls(Place(high if narrower else before, False, including and not narrower), low)

    def has(self, place: Key) -> bool:
        """Whether a place that comes after ``self.place`` is not beyond the end."""
        return self.stop is None or (place < self.stop if self.place.upward else place > self.stop)

    def where(self) -> Where:
        clauses: list[str] = []
        values: list[Any] = []
        _, upward, including = self.place
        if self.place.key is not None:
            clauses.append(f"(m.sort_at, m.id) {'>' if upward else '<'}{'=' if including else ''} (?, ?)")
            values += self.place.key
        if self.stop is not None:
            clauses.append(f"(m.sort_at, m.id) {'<' if upward else '>'} (?, ?)")
            values += self.stop
        return clauses, values


class Arm(NamedTuple):
    """A part of a list: the index that holds it in order, and what picks it there."""

    by: str
    where: tuple[str, ...]
    values: tuple[Any, ...] = ()


def arms_of(view: View) -> list[Arm]:
    """The arms of a list; the narrowest index that its conditions allow."""
    alive = "m.deleted = 0"
    if view.number_key is not None:
        return [Arm("message_number", (alive, "m.key = ?"), (view.number_key,))]
    if view.batch is not None:
        if view.statuses:
            return [
                Arm("message_batch", ("m.batch = ?", "m.status = ?"), (view.batch, status))
                for status in sorted(view.statuses)
            ]
        return [Arm("message_batch_list", ("m.batch = ?",), (view.batch,))]
    if view.unread and not view.include_archived:
        return [Arm("message_unread", (alive, "m.direction = 'in'", "m.read = 0", "m.archived = 0"))]
    if view.statuses and Status.DELIVERED not in view.statuses:
        return [
            Arm("message_status", (alive, "m.status = ?", "m.status <> 'delivered'"), (status,))
            for status in sorted(view.statuses)
        ]
    if view.starred:
        return [Arm("message_starred", (alive, "m.starred = 1"))]
    directions = (view.direction,) if view.direction is not None else ("out", "in")
    if view.statuses:
        directions = ("out",)
    return [
        Arm(index, (alive, f"m.archived = {archived}", "m.direction = ?"), (direction,))
        for direction in directions
        for index, archived in (("message_list", 0), ("message_archived", 1))
        if not archived or view.include_archived
    ]


def conditions(view: View, *, bounds: bool = True) -> Where:
    """What a message of ``view`` must be, but for what is searched for; ``bounds`` false: also without its moments."""
    where: list[str] = []
    values: list[Any] = []
    if view.filter is not None:
        from voipe_tui.store import filter_sql

        where, values = filter_sql.where(view.filter)
    where.append("m.deleted = 0")
    if not view.include_archived and (view.filter is None or not filter_sql.shows_archive(view.filter)):
        where.append("m.archived = 0")
    if view.direction is not None:
        where.append("m.direction = ?")
        values.append(view.direction)
    if view.statuses:
        where.append(f"m.status IN ({','.join('?' * len(view.statuses))})")
        values += sorted(view.statuses)
    if view.number_key is not None:
        where.append("m.key = ?")
        values.append(view.number_key)
    if bounds and view.since is not None:
        where.append("m.sort_at >= ?")
        values.append(view.since)
    if bounds and view.until is not None:
        where.append("m.sort_at < ?")
        values.append(view.until)
    if view.unread:
        where.append("m.direction = 'in' AND m.read = 0")
    if view.starred:
        where.append("m.starred = 1")
    if view.batch is not None:
        where.append("m.batch = ?")
        values.append(view.batch)
    if view.newest_id is not None:
        where.append("m.id <= ?")
        values.append(view.newest_id)
    if view.without:
        where.append(f"m.id NOT IN ({','.join(map(str, map(int, view.without)))})")
    return where, values


def is_narrow(view: View) -> bool:
    """Whether few messages are likely to be on that list: it is better gone through than checked against."""
    return bool(view.number_key or view.batch or view.unread or view.starred or view.statuses - {Status.DELIVERED})


def statements(
    columns: str, tables: str, view: View, bounds: Bounds, limit: int, extra: Where = ([], [])
) -> list[tuple[str, tuple[Any, ...]]]:
    """One SELECT for each arm; ``columns`` begin with sort_at and id, ``tables`` has ``{index}`` in it. ``extra``:
    another condition."""
    arms = arms_of(view)
    if any("m.status = ?" in arm.where for arm in arms):
        view = view._replace(statuses=frozenset())  # said by the arms, and better once than twice: IN may sort
    clauses, values = conditions(view, bounds=False)
    clauses, values = [*clauses, *extra[0]], [*values, *extra[1]]
    here, at = bounds.where()
    return [
        (
            f"SELECT {columns} FROM {tables.format(index=arm.by)} "  # noqa: S608 - fixed phrases, bound values
            f"WHERE {' AND '.join((*arm.where, *clauses, *here))} {bounds.place.order} LIMIT ?",
            (*arm.values, *values, *at, limit),
        )
        for arm in arms
    ]


def read(database: Database, asked: Sequence[tuple[str, tuple[Any, ...]]], place: Place, limit: int) -> list[Any]:
    """The rows of all arms as one list in the order of reading."""
    found = [database.rows(sql, values) for sql, values in asked]
    if len(found) == 1:
        return found[0]
    merged = heapq.merge(*found, key=_position, reverse=not place.upward)
    return [row for row, _ in zip(merged, range(limit), strict=False)]


def _position(row: Sequence[Any]) -> tuple[Any, Any]:
    return (row[0], row[1])


def walk(chunk: Callable[[Place, int], list[Any]], place: Place, first: int, most: int) -> Iterator[list[Any]]:
    """A list in growing pieces, until it ends; rows begin with sort_at and id."""
    size = first
    while True:
        rows = chunk(place, size)
        if rows:
            yield rows
        if len(rows) < size:
            return
        place = Place((rows[-1][0], rows[-1][1]), place.upward)
        size = min(size * 2, most)


def edge_of(database: Database, arms: Sequence[Arm], bounds: Bounds, stride: int) -> Key | None:
    """The place that every arm reaches within so many rows; None where all come to their end."""
    here, values = bounds.where()
    edges: list[Key] = []
    for arm in arms:
        sql = (
            f"SELECT m.sort_at, m.id FROM {TABLES.format(index=arm.by)} "  # noqa: S608 - fixed phrases
            f"WHERE {' AND '.join((*arm.where, *here))} {bounds.place.order} LIMIT 1 OFFSET ?"
        )
        row: Any = database.row(sql, (*arm.values, *values, stride))
        if row is not None:
            edges.append((row[0], row[1]))
    return None if not edges else min(edges) if bounds.place.upward else max(edges)


def up_to(bounds: Bounds, edge: Key | None) -> Bounds:
    """The stretch as far as ``edge``, which is still in it."""
    if edge is None:
        return bounds
    return bounds._replace(stop=(edge[0], edge[1] + (1 if bounds.place.upward else -1)))
