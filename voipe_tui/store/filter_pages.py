"""Pages of a filtered list, without ever holding up a screen.

Where a condition has an index of its own (a state, a number, unread, starred, …) that one is walked; else the list
itself is. A walk looks at a bounded number of rows and tells how far it got: whoever has a screen to keep alive goes on
from there a moment later, whoever has time lets it run to the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.store.filter_sql import FUNCTIONS, LAST, compares_text, like, shows_archive
from voipe_tui.store.labels import all_labels
from voipe_tui.store.models import Key, Message, View, Walk
from voipe_tui.store.rows import MESSAGE_COLUMNS, message_of
from voipe_tui.store.states import Status as State
from voipe_tui.text.filter_tree import Batch, Between, Flag, Label, Node, Status, Who
from voipe_tui.text.labels import label_key

STRIDE = 4_000
"""Rows that one walk looks at in each index: less than 10 ms."""
STRIDE_IN_TEXTS = 1_500
"""The same, where texts must be folded and compared."""
_FEW = 2_000  # rows that can be sorted in no time
_LANES = 16


class Lane(NamedTuple):
    """An index whose order is the list's, and what makes it the right one. Several lanes never show a row twice."""

    name: str
    where: str
    parameters: tuple[Any, ...] = ()


class FilterPages:
    """Reads lists that have a filter. ``where`` turns a view into clauses and their values."""

    def __init__(self, database: Database, where: Callable[[View], tuple[list[str], list[Any]]]) -> None:
        self._db = database
        self.where = where
        for name, function, arguments in FUNCTIONS:
            database.connection.create_function(name, arguments, function, deterministic=True)

    def page(self, view: View, before: Key | None, after: Key | None, limit: int, including: bool) -> list[Message]:
        """A whole page, however far it must be looked for."""
        found: list[Message] = []
        upward = after is not None and before is None
        stride = STRIDE
        while True:
            walk = self.walk(view, before, after, limit - len(found), including, stride)
            found = walk.messages + found if upward else found + walk.messages
            if walk.reached is None or len(found) >= limit:
                return found
            before, after, including = (None, walk.reached, False) if upward else (walk.reached, after, False)
            stride = min(stride * 2, 100_000)

    def walk(
        self, view: View, before: Key | None, after: Key | None, limit: int, including: bool, stride: int | None = None
    ) -> Walk:
        """A page as far as it is found within ``stride`` rows of each index."""
        lanes = self.lanes(view)
        if not lanes or limit <= 0:
            return Walk([])
        upward = after is not None and before is None
        edge = None
        if any(lane.name for lane in lanes):
            edge = self._edge(lanes, view, before, after, including, stride or self._stride(view), upward=upward)
        sql, parameters = self._sql(lanes, view, before, after, limit, including, edge)
        found = [message_of(row) for row in self._db.rows(sql, parameters)]
        if upward:
            found.reverse()
        return Walk(found, None if len(found) >= limit else edge)

    def explain(self, view: View, before: Key | None) -> list[str]:
        lanes = self.lanes(view)
        if not lanes:
            return []
        sql, parameters = self._sql(lanes, view, before, None, 64, False, (0.0, 0))
        return [str(row[3]) for row in self._db.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)]

    def count(self, view: View, most: int, stride: int | None = None) -> tuple[int, bool]:
        """How many, as far as ``most`` and as ``stride`` rows of each index; and whether there may be more."""
        lanes = self.lanes(view)
        edge = self._edge(lanes, view, None, None, False, stride, upward=False) if stride and lanes else None
        total = 0
        for lane in lanes:
            clause, parameters = self._conditions(lane, view, None, None, False, edge)
            sql = f"SELECT count(*) FROM (SELECT 1 FROM message m {_by(lane)} WHERE {clause} LIMIT ?)"  # noqa: S608
            row = self._db.row(sql, (*parameters, most - total))
            total += int(str(row[0])) if row else 0
            if total >= most:
                return most, True
        return total, edge is not None

    @staticmethod
    def _stride(view: View) -> int:
        assert view.filter is not None
        return STRIDE_IN_TEXTS if compares_text(view.filter.root) else STRIDE

    # How far a walk may go

    def _edge(
        self,
        lanes: list[Lane],
        view: View,
        before: Key | None,
        after: Key | None,
        including: bool,
        stride: int,
        *,
        upward: bool,
    ) -> Key | None:
        """The place that every lane reaches within its stride; None where all come to their end."""
        order = "ASC" if upward else "DESC"
        reached: Key | None = None
        for lane in lanes:
            clauses, parameters = _range(before, after, including)
            bounds = [lane.where, *clauses, *_times(view)[0]]
            sql = (
                f"SELECT m.sort_at, m.id FROM message m {_by(lane)} WHERE {' AND '.join(bounds)} "  # noqa: S608
                f"ORDER BY m.sort_at {order}, m.id {order} LIMIT 1 OFFSET ?"
            )
            row = self._db.row(sql, (*lane.parameters, *parameters, *_times(view)[1], stride))
            if row is not None:
                place = (float(str(row[0])), int(str(row[1])))
                reached = place if reached is None else min(reached, place) if upward else max(reached, place)
        return reached

    def _sql(
        self,
        lanes: list[Lane],
        view: View,
        before: Key | None,
        after: Key | None,
        limit: int,
        including: bool,
        edge: Key | None,
    ) -> tuple[str, tuple[Any, ...]]:
        order = "ASC" if after is not None and before is None else "DESC"
        pieces: list[str] = []
        parameters: list[Any] = []
        for lane in lanes:
            clause, values = self._conditions(lane, view, before, after, including, edge)
            pieces.append(
                f"SELECT * FROM (SELECT m.sort_at AS at, m.id AS id FROM message m {_by(lane)} WHERE {clause} "  # noqa: S608
                f"ORDER BY m.sort_at {order}, m.id {order} LIMIT ?)"
            )
            parameters += [*values, limit]
        # Which rows first, then what is in them: only those of the page are read whole.
        sql = (
            f"SELECT {MESSAGE_COLUMNS} FROM ({' UNION ALL '.join(pieces)} ORDER BY at {order}, id {order} LIMIT ?) f "  # noqa: S608
            "CROSS JOIN message m ON m.id = f.id LEFT JOIN contact c ON c.key = m.key "
            f"ORDER BY f.at {order}, f.id {order}"
        )
        return sql, (*parameters, limit)

    # Which indexes

    def lanes(self, view: View) -> list[Lane]:
        """The best way to the messages of a view; no lane where there can be none."""
        assert view.filter is not None
        conditions = view.filter.conditions
        for node in conditions:
            keys = self._keys(node)
            if keys is not None:
                return [Lane("message_number", "m.key = ? AND m.deleted = 0", (key,)) for key in keys]
        if view.number_key is not None:
            return [Lane("message_number", "m.key = ? AND m.deleted = 0", (view.number_key,))]
        for node in conditions:
            few = self._few(node, view)
            if few is not None:
                return few
        return _lanes_by_state(view, conditions) or _lanes_by_list(view)

    def _keys(self, node: Node) -> list[str] | None:
        """The numbers that a condition can mean, where they are few; None where it does not tell."""
        if not isinstance(node, Who):
            return None
        if node.key is not None:
            return [node.key]
        if node.digits:
            return None
        rows = self._db.rows(
            "SELECT key FROM contact_word WHERE word >= ?1 AND word < ?2 UNION SELECT key FROM conversation "
            # Numbers begin with + or a digit: names of senders come after those.
            "WHERE key >= ':' AND key LIKE ?3 ESCAPE '\\' LIMIT ?4",
            (node.name, node.name + LAST, f"%{like(node.name)}%", _LANES + 1),
        )
        return None if len(rows) > _LANES else [str(key) for (key,) in rows]

    def _few(self, node: Node, view: View) -> list[Lane] | None:
        """A handful of rows, sorted when read; None where they are too many."""
        sql, parameters = self._handful(node, view)
        if not sql:
            return None
        ids = [int(str(row_id)) for (row_id,) in self._db.rows(f"{sql} LIMIT {_FEW + 1}", parameters)]
        if len(ids) > _FEW:
            return None
        return [Lane("", f"m.deleted = 0 AND m.id IN ({','.join(map(str, ids))})")] if ids else []

    def _handful(self, node: Node, view: View) -> tuple[str, tuple[Any, ...]]:
        """How the rows of a condition are found without any list; nothing where there is no such way."""
        if isinstance(node, Label):
            labels = [each for each in all_labels(self._db) if _is_meant(label_key(each), node)]
            marks = ",".join("?" * len(labels))
            return f"SELECT message_id FROM message_label WHERE label IN ({marks})", tuple(labels)  # noqa: S608
        if isinstance(node, Batch) and node.whole:
            named = "SELECT 'bulk-' || id FROM bulk WHERE label LIKE ?2 ESCAPE '\\'"
            sql = f"SELECT id FROM message WHERE batch IS NOT NULL AND (batch = ?1 OR batch IN ({named}))"  # noqa: S608
            return sql, (node.name, like(node.name))
        if node == Flag("snoozed"):
            return "SELECT id FROM message WHERE snoozed_until IS NOT NULL", ()
        if node == Flag("unanswered") and not _in_archive(view):
            return _UNANSWERED, ()
        return "", ()

    def _conditions(
        self, lane: Lane, view: View, before: Key | None, after: Key | None, including: bool, edge: Key | None
    ) -> tuple[str, list[Any]]:
        clauses, parameters = self.where(view)
        bounds, values = _range(before, after, including)
        if edge is not None:
            bounds.append(f"(m.sort_at, m.id) {'<=' if after is not None and before is None else '>='} (?, ?)")
            values += edge
        return " AND ".join([lane.where, *clauses, *bounds]), [*lane.parameters, *parameters, *values]


_UNANSWERED = (
    "SELECT m.id FROM conversation v INDEXED BY conversation_waiting CROSS JOIN message m INDEXED BY message_incoming "
    "ON m.key = v.key AND m.sort_at > v.last_out_at AND m.direction = 'in' AND m.deleted = 0 "
    "WHERE v.shown > 0 AND v.last_in_at > v.last_out_at"
)


def _is_meant(key: str, label: Label) -> bool:
    return key == label.key if label.whole else key.startswith(label.key)


def _by(lane: Lane) -> str:
    return f"INDEXED BY {lane.name}" if lane.name else "NOT INDEXED"


def _range(before: Key | None, after: Key | None, including: bool) -> tuple[list[str], list[Any]]:
    equal = "=" if including else ""
    clauses: list[str] = []
    values: list[Any] = []
    if before is not None:
        clauses.append(f"(m.sort_at, m.id) <{equal} (?, ?)")
        values += before
    if after is not None:
        clauses.append(f"(m.sort_at, m.id) >{equal} (?, ?)")
        values += after
    return clauses, values


def _times(view: View) -> tuple[list[str], list[Any]]:
    """The stretch of time that a view is about: beyond it no walk needs to go."""
    assert view.filter is not None
    spans = [(view.since, view.until)]
    spans += [(node.since, node.until) for node in view.filter.conditions if isinstance(node, Between)]
    clauses: list[str] = []
    values: list[Any] = []
    for since, until in spans:
        for bound, sign in ((since, ">="), (until, "<")):
            if bound is not None:
                clauses.append(f"m.sort_at {sign} ?")
                values.append(bound)
    return clauses, values


def _in_archive(view: View) -> bool:
    return view.include_archived or (view.filter is not None and shows_archive(view.filter))


def _lanes_by_state(view: View, conditions: tuple[Node, ...]) -> list[Lane]:
    states = view.statuses or next((node.names for node in conditions if isinstance(node, Status)), frozenset())
    if states and State.DELIVERED not in states:
        others = "m.status IS NOT NULL AND m.status <> 'delivered' AND m.deleted = 0"
        return [Lane("message_status", f"m.status = ? AND {others}", (state,)) for state in sorted(states)]
    flags = {node.name for node in conditions if isinstance(node, Flag)}
    if view.starred or "starred" in flags:
        return [Lane("message_starred", "m.starred = 1 AND m.deleted = 0")]
    if view.unread or "unread" in flags:
        return [Lane("message_unread", "m.direction = 'in' AND m.read = 0 AND m.deleted = 0")]
    return []


def _lanes_by_list(view: View) -> list[Lane]:
    assert view.filter is not None
    flags = {node.name for node in view.filter.conditions if isinstance(node, Flag)}
    sides = {view.direction} if view.direction else {"in", "out"}
    sides &= ({"in"} if flags & {"in", "read", "unanswered"} else sides) & ({"out"} if "out" in flags else sides)
    lanes: list[Lane] = []
    for side in sorted(sides):
        if "archived" not in flags:
            lanes.append(Lane("message_list", "m.direction = ? AND m.archived = 0 AND m.deleted = 0", (side,)))
        if _in_archive(view):
            lanes.append(Lane("", "m.direction = ? AND m.archived = 1 AND m.deleted = 0", (side,)))
    return lanes
