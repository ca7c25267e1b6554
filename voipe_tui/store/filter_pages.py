"""Pages of a filtered list, without ever holding up a screen.

What a filter says of state, number, time and words decides through which index the list is read; everything else is
checked row by row. So a walk looks at a bounded number of rows and tells how far it got: whoever has a screen to keep
alive goes on from there a moment later, whoever has time lets it run to the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.store.filter_sql import LAST, goes_through_texts, has_label, like, shows_archive, texts_of, typed_text
from voipe_tui.store.labels import all_labels
from voipe_tui.store.lists import TABLES, Arm, Bounds, arms_of, conditions, edge_of, read, up_to
from voipe_tui.store.models import Direction, Key, Message, View, Walk
from voipe_tui.store.rows import MESSAGE_COLUMNS, MESSAGE_FROM, message_of
from voipe_tui.store.search import SearchIndex
from voipe_tui.store.search_ways import Reach, Search
from voipe_tui.store.search_words import SHORTEST_PART
from voipe_tui.text.filter_tree import Batch, Between, Filter, Flag, Label, Node, Status, Text, Who, all_of
from voipe_tui.text.labels import label_key

STRIDE = 4_000
"""Rows that one walk looks at in each index: less than 10 ms."""
STRIDE_IN_TEXTS = 800
"""The same, where every text must be gone through."""
_LONGEST_STRIDE = 100_000
_FEW = 600  # rows that are found and sorted in no time
_FEW_KEYS = 16
_AT_ONCE = 200

_CAME_IN = frozenset({"in", "unread", "read", "unanswered"})
_UNANSWERED = (
    "SELECT m.id FROM conversation v INDEXED BY conversation_waiting CROSS JOIN message m INDEXED BY message_incoming "
    "ON m.key = v.key AND m.sort_at > v.last_out_at AND m.direction = 'in' AND m.deleted = 0 "
    "WHERE v.shown > 0 AND v.last_in_at > v.last_out_at"
)


class Plan(NamedTuple):
    """How a filter is read: through these indexes, or just these rows; ``search`` knows a way through the search index
    too. ``span`` is the view with all that its filter says of moments, states and direction."""

    span: View
    arms: tuple[Arm, ...] = ()
    ids: tuple[int, ...] | None = None
    search: Search | None = None


class FilterPages:
    """Reads lists that have a filter."""

    def __init__(self, database: Database, index: Callable[[], SearchIndex]) -> None:
        self._db = database
        self._index = index
        self._texts: dict[str, Search | None] = {}
        database.connection.create_function("has_label", 3, has_label, deterministic=True)
        database.connection.create_function("text_is", 3, self._text_is)

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
            stride = min(stride * 2, _LONGEST_STRIDE)

    def walk(
        self, view: View, before: Key | None, after: Key | None, limit: int, including: bool, stride: int | None = None
    ) -> Walk:
        """A page as far as it is found within ``stride`` rows of each index."""
        ids, reached = self.walk_ids(view, before, after, limit, including, stride)
        messages = self._by_ids(ids)
        return Walk(messages[::-1] if before is None and after is not None else messages, reached)

    def walk_ids(
        self, view: View, before: Key | None, after: Key | None, limit: int, including: bool, stride: int | None = None
    ) -> tuple[list[int], Key | None]:
        """The same as IDs, in the order of reading, and how far was looked."""
        view = _with_search(view)
        plan = self._plan(view)
        bounds = Bounds.of(plan.span, before, after, including)
        if plan.ids is not None:
            ids, reached = self._of_these(plan, bounds, limit), None
        elif (by_index := self._through_index(plan, bounds, limit)) is not None and by_index[1] is None:
            ids, reached = by_index
        else:
            ids, reached = self._through_lists(plan, bounds, limit, stride or _stride(view))
            if reached is not None and by_index is not None and by_index[1] is not None:
                farther = by_index[1] > reached if bounds.place.upward else by_index[1] < reached
                ids, reached = by_index if farther else (ids, reached)
        return ids, reached

    def explain(self, view: View, before: Key | None) -> list[str]:
        """How SQLite reads a page: one line per step."""
        plan = self._plan(view)
        bounds = Bounds.of(plan.span, before, None, False)
        asked = self._statements(plan, bounds, None, 64) if plan.ids is None else [self._these(plan, bounds, 64)]
        return [str(row[3]) for sql, v in asked for row in self._db.rows(f"EXPLAIN QUERY PLAN {sql}", v)]

    def count(self, view: View, most: int, *, quick: bool = False) -> tuple[int, bool]:
        """How many, as far as ``most``, and whether there may be more. ``quick``: without looking far."""
        view = _with_search(view)
        plan = self._plan(view)
        bounds = Bounds.of(plan.span, None, None, False)
        if plan.ids is not None:
            n = len(self._of_these(plan, bounds, most + 1))
            return min(n, most), n > most
        found = self._through_index(plan, bounds, most + 1)
        if found is not None and (found[1] is None or len(found[0]) > most):
            return min(len(found[0]), most), len(found[0]) > most
        edge = edge_of(self._db, plan.arms, bounds, _stride(view) // 3) if quick else None
        total = 0
        for sql, values in self._statements(plan, bounds, edge, most + 1):
            row = self._db.row(f"SELECT count(*) FROM ({sql})", values)  # noqa: S608
            total += int(str(row[0])) if row else 0
        return min(total, most), total > most or edge is not None

    # Through lists

    def _through_lists(self, plan: Plan, bounds: Bounds, limit: int, stride: int) -> tuple[list[int], Key | None]:
        edge = edge_of(self._db, plan.arms, bounds, stride)
        rows = read(self._db, self._statements(plan, bounds, edge, limit), bounds.place, limit) if plan.arms else []
        return [row[1] for row in rows], None if len(rows) >= limit else edge

    @staticmethod
    def _statements(plan: Plan, bounds: Bounds, edge: Key | None, limit: int) -> list[tuple[str, tuple[Any, ...]]]:
        clauses, values = conditions(plan.span, bounds=False)
        here, at = up_to(bounds, edge).where()
        return [
            (
                f"SELECT m.sort_at, m.id FROM {TABLES.format(index=arm.by)} "  # noqa: S608 - fixed phrases, bound values
                f"WHERE {' AND '.join((*arm.where, *clauses, *here))} {bounds.place.order} LIMIT ?",
                (*arm.values, *values, *at, limit),
            )
            for arm in plan.arms
        ]

    # Through single rows

    def _these(self, plan: Plan, bounds: Bounds, limit: int) -> tuple[str, tuple[Any, ...]]:
        clauses, values = conditions(plan.span, bounds=False)
        here, at = bounds.where()
        where = " AND ".join(("m.id IN (SELECT value FROM json_each(?))", *clauses, *here))
        sql = f"SELECT m.sort_at, m.id FROM message m NOT INDEXED WHERE {where} {bounds.place.order} LIMIT ?"  # noqa: S608
        return sql, (_list(plan.ids or ()), *values, *at, limit)

    def _of_these(self, plan: Plan, bounds: Bounds, limit: int) -> list[int]:
        rows: list[Any] = self._db.rows(*self._these(plan, bounds, limit))
        return [row_id for _, row_id in rows]

    # Through the search index

    def _through_index(self, plan: Plan, bounds: Bounds, limit: int) -> tuple[list[int], Key | None] | None:
        """The same from the places where the words are; None where the index does not help."""
        complete = plan.search is not None and not self._index().left()
        if plan.search is None or not complete:
            return None
        reach = Reach(STRIDE_IN_TEXTS)
        candidates = plan.search.candidates(plan.span, bounds.place, reach)
        clauses, values = conditions(plan.span, bounds=False)
        where = " AND ".join(clauses)
        sql = f"SELECT m.sort_at, m.id FROM json_each(?) j CROSS JOIN message m ON m.id = j.value WHERE {where}"  # noqa: S608
        found: list[int] = []
        for _ in range(STRIDE_IN_TEXTS // _AT_ONCE):
            chunk = list(islice(candidates, _AT_ONCE))
            inside = [place for place in chunk if bounds.has(place)]
            # An entry of a message that has changed its place since, or its text, is passed over.
            good = set(self._db.rows(sql, (_list(row_id for _, row_id in inside), *values)))
            found += [place[1] for place in inside if place in good]
            if len(found) >= limit or len(inside) < len(chunk):
                return found[:limit], None
            if len(chunk) < _AT_ONCE:
                return found, chunk[-1] if chunk and chunk[-1] in reach.edges else None
        return found, chunk[-1]

    def _by_ids(self, ids: list[int]) -> list[Message]:
        sql = f"SELECT {MESSAGE_COLUMNS} FROM {MESSAGE_FROM} WHERE m.id IN (SELECT value FROM json_each(?))"  # noqa: S608
        rows: list[Any] = self._db.rows(sql, (_list(ids),)) if ids else []
        found = {row[0]: message_of(row) for row in rows}
        return [found[row_id] for row_id in ids if row_id in found]

    # What is read

    def conditions(self, view: View) -> tuple[list[str], list[Any]]:
        """What a message of ``view`` must be, with all that its SQL needs made ready."""
        view = _with_search(view)
        self._learn(view)
        return conditions(view)

    def _plan(self, view: View) -> Plan:
        view = _with_search(view)
        self._learn(view)
        span = _span(view)
        if span is None:
            return Plan(view)
        assert view.filter is not None
        nodes = view.filter.conditions
        for node in nodes:
            keys = self._keys(node)
            if keys is not None:
                return Plan(span, tuple(arm for key in keys for arm in arms_of(span._replace(number_key=key))))
        for node in nodes:
            ids = self._few(node, span)
            if ids is not None:
                return Plan(span, ids=ids)
        words = " ".join(typed_text(node) for node in nodes if isinstance(node, Text))
        arms = tuple(arm for arm in arms_of(span) if Flag("archived") not in nodes or arm.by != "message_list")
        return Plan(span, arms, search=self._index().prepare(words) if words else None)

    def _learn(self, view: View) -> None:
        """The words of a filter are looked up before SQL asks for them."""
        assert view.filter is not None
        texts = texts_of(view.filter.root)
        if texts:
            self._index().catch_up()
            # Names and numbers that are known may have changed since the last time.
            self._texts = {typed: self._index().prepare(typed) for typed in texts}

    def _text_is(self, text: str, key: str, typed: str) -> bool:
        search = self._texts.get(typed)
        return search is not None and search.matches(text, key)

    def _keys(self, node: Node) -> list[str] | None:
        """The numbers that a condition can mean, where they are few; None where it does not tell."""
        if not isinstance(node, Who):
            return None
        if node.key is not None:
            return [node.key]
        if node.digits:
            return self._numbers(node.digits)
        rows = self._db.rows(
            "SELECT key FROM contact_word WHERE word >= ?1 AND word < ?2 UNION SELECT key FROM conversation "
            # Numbers begin with + or a digit: names of senders come after those.
            "WHERE key >= ':' AND key LIKE ?3 ESCAPE '\\' LIMIT ?4",
            (node.name, node.name + LAST, f"%{like(node.name)}%", _FEW_KEYS + 1),
        )
        return None if len(rows) > _FEW_KEYS else [str(key) for (key,) in rows]

    def _numbers(self, digits: str) -> list[str] | None:
        """The numbers with these digits in them."""
        self._index().catch_up()
        if len(digits) < SHORTEST_PART or self._index().left():
            return None
        rows = self._db.rows(
            "SELECT c.key FROM number_search s JOIN conversation c ON c.id = s.rowid "
            "WHERE number_search MATCH ? LIMIT ?",
            (f'"{digits}"', _FEW_KEYS + 1),
        )
        return None if len(rows) > _FEW_KEYS else [str(key) for (key,) in rows]

    def _few(self, node: Node, span: View) -> tuple[int, ...] | None:
        """The rows of a condition that is found without any list; None where there is no such way, or too many."""
        sql, parameters = self._handful(node, span)
        rows: list[Any] = self._db.rows(f"{sql} LIMIT {_FEW + 1}", parameters) if sql else []
        return None if not sql or len(rows) > _FEW else tuple(row_id for (row_id,) in rows)

    def _handful(self, node: Node, span: View) -> tuple[str, tuple[Any, ...]]:
        if isinstance(node, Label):
            labels = [each for each in all_labels(self._db) if _is_meant(label_key(each), node)]
            marks = ",".join("?" * len(labels))
            return f"SELECT message_id FROM message_label WHERE label IN ({marks})", tuple(labels)  # noqa: S608
        if isinstance(node, Batch) and node.whole:
            named = "SELECT 'bulk-' || id FROM bulk WHERE label LIKE ?2 ESCAPE '\\'"
            sql = f"SELECT id FROM message WHERE batch IS NOT NULL AND batch IN (SELECT ?1 UNION {named})"  # noqa: S608
            return sql, (node.name, like(node.name))
        if node == Flag("snoozed"):
            return "SELECT id FROM message WHERE snoozed_until IS NOT NULL", ()
        if node == Flag("unanswered") and not span.include_archived:
            return _UNANSWERED, ()
        return "", ()


def _with_search(view: View) -> View:
    """A view that searches besides, or does only that, has one more condition."""
    if view.search is None or not view.search.strip():
        return view
    words = Text(view.search, ())
    root = all_of([view.filter.root, words]) if view.filter is not None else words
    assert root is not None
    return view._replace(search=None, filter=Filter(root, view.search))


def _span(view: View) -> View | None:
    """The view with what its filter says of moments, states and direction; None where nothing can be both."""
    assert view.filter is not None
    nodes = view.filter.conditions
    times = [node for node in nodes if isinstance(node, Between)]
    since = [each for each in (view.since, *(node.since for node in times)) if each is not None]
    until = [each for each in (view.until, *(node.until for node in times)) if each is not None]
    flags = {node.name for node in nodes if isinstance(node, Flag)}
    states = view.statuses
    for node in nodes:
        if isinstance(node, Status):
            states = states & node.names if states else node.names
            if not states:
                return None
    sides: set[Direction] = {view.direction} if view.direction is not None else {"in", "out"}
    sides -= ({"out"} if flags & _CAME_IN else set()) | ({"in"} if states or "out" in flags else set())
    if not sides:
        return None
    # The moments are the bounds of what is read; said once more as conditions, they would be taken for the better ones.
    rest = all_of([node for node in nodes if not isinstance(node, Between)])
    return view._replace(
        filter=None if rest is None else Filter(rest, view.filter.source),
        direction=sides.pop() if len(sides) == 1 else None,
        statuses=states,
        since=max(since, default=None),
        until=min(until, default=None),
        unread=view.unread or "unread" in flags,
        starred=view.starred or "starred" in flags,
        include_archived=view.include_archived or shows_archive(view.filter),
    )


def _stride(view: View) -> int:
    assert view.filter is not None
    return STRIDE_IN_TEXTS if goes_through_texts(view.filter.root) else STRIDE


def _is_meant(key: str, label: Label) -> bool:
    return key == label.key if label.whole else key.startswith(label.key)


def _list(ids: Iterable[int]) -> str:
    return f"[{','.join(map(str, ids))}]"
