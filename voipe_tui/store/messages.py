"""Reading lists by key, and the one place where a message row is made.

A list is never counted and never read with OFFSET: a page continues at a (sort_at, id), whatever came or went
meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from voipe_tui.store.database import Database
from voipe_tui.store.facts import Facts
from voipe_tui.store.lists import TABLES, Bounds, Where, conditions, read, statements
from voipe_tui.store.models import Counts, Key, Message, View, Walk, batch_name
from voipe_tui.store.rows import MESSAGE_COLUMNS, MESSAGE_FROM, message_of
from voipe_tui.store.states import MOVING, Status

if TYPE_CHECKING:
    from voipe_tui.store.filter_pages import FilterPages
    from voipe_tui.store.new_rows import NewRows
    from voipe_tui.store.search import SearchIndex
    from voipe_tui.store.searching import Searching

_PAGE = f"m.sort_at, m.id, {MESSAGE_COLUMNS}"
_PAGE_TABLES = f"{TABLES} LEFT JOIN contact c ON c.key = m.key"

IDS = 4_000
"""IDs that are read at once: about 5 ms."""


class Messages:
    """The reading half of the store."""

    def __init__(self, database: Database, facts: Facts, region: str) -> None:
        self._db = database
        self._facts = facts
        self.region = region
        self._paused_of: tuple[tuple[int, ...], int] = ((), 0)
        self._paused_count = 0

    @cached_property
    def index(self) -> SearchIndex:
        """The search index; loaded when something is looked for, or when there is time to fill it."""
        from voipe_tui.store.search import SearchIndex

        return SearchIndex(self._db, self._facts)

    @cached_property
    def searching(self) -> Searching:
        """Reads views that search."""
        from voipe_tui.store.searching import Searching

        return Searching(self._db, self.index)

    def page(
        self,
        view: View,
        *,
        before: Key | None = None,
        after: Key | None = None,
        limit: int = 64,
        including: bool = False,
    ) -> list[Message]:
        """Up to ``limit`` messages of ``view``, newest first.

        ``before``: only older ones than that place; ``after``: the nearest newer ones. ``including`` lets the place
        itself in.
        """
        if view.filter is not None:
            return self.filtered.page(view, before, after, limit, including)
        bounds = Bounds.of(view, before, after, including)
        if _searches(view):
            found = self.searching.page(view, bounds, limit)
        else:
            rows = read(self._db, statements(_PAGE, _PAGE_TABLES, view, bounds, limit), bounds.place, limit)
            found = [message_of(row[2:]) for row in rows]
        if bounds.place.upward:
            found.reverse()
        return found

    @cached_property
    def filtered(self) -> FilterPages:
        """Reads views that have a filter; loaded with the first of them."""
        from voipe_tui.store.filter_pages import FilterPages

        return FilterPages(self._db, lambda: self.index)

    def walk(
        self,
        view: View,
        *,
        before: Key | None = None,
        after: Key | None = None,
        limit: int = 64,
        including: bool = False,
        hasty: bool = False,
    ) -> Walk:
        """Like :meth:`page`, but where rows must be gone through one by one it stops after about 10 ms and tells how
        far it got: go on from ``reached`` (as ``before``, or as ``after`` when looking upwards). ``hasty``: for the
        answer to a key, a search stops after half of that."""
        if view.filter is not None:
            return self.filtered.walk(view, before, after, limit, including)
        if _searches(view):
            bounds = Bounds.of(view, before, after, including)
            found, reached = self.searching.walk(view, bounds, limit, hasty=hasty)
            return Walk(found[::-1] if bounds.place.upward else found, reached)
        return Walk(self.page(view, before=before, after=after, limit=limit, including=including))

    def in_pieces(self, view: View, limit: int) -> Iterator[list[Message]]:
        """All that ``view`` shows, newest first; each piece takes about 10 ms, so some are small or empty."""
        before = None
        while True:
            walk = self.walk(view, before=before, limit=limit)
            yield walk.messages
            if walk.reached is None and len(walk.messages) < limit:
                return
            before = walk.reached or walk.messages[-1].position

    def ids_in_pieces(self, view: View) -> Iterator[list[int]]:
        """The IDs of all that ``view`` shows, newest first, for those who need no more: a tenth of the time. Pieces as
        those of :meth:`in_pieces`, up to :data:`IDS` long."""
        before: Key | None = None
        while True:
            ids, reached = self._walk_ids(view, before)
            yield ids
            if reached is None and len(ids) < IDS:
                return
            # Another program may have thrown the last one away meanwhile.
            before = reached or next(filter(None, map(self._place_of, reversed(ids))), None)
            if before is None:
                return

    def _walk_ids(self, view: View, before: Key | None) -> tuple[list[int], Key | None]:
        if view.filter is not None:
            return self.filtered.walk_ids(view, before, None, IDS, False)
        bounds = Bounds.of(view, before, None, False)
        if _searches(view):
            return self.searching.walk_ids(view, bounds, IDS)
        rows = read(self._db, statements("m.sort_at, m.id", TABLES, view, bounds, IDS), bounds.place, IDS)
        return [row[1] for row in rows], None

    def _place_of(self, row_id: int) -> Key | None:
        row: Any = self._db.row("SELECT sort_at, id FROM message WHERE id = ?", (row_id,))
        return row and (row[0], row[1])

    def explain(self, view: View, *, before: Key | None = None) -> list[str]:
        """How SQLite reads a page: one line per step. For those who want to know that nothing is scanned."""
        if view.filter is not None:
            return self.filtered.explain(view, before)
        asked = statements("m.sort_at, m.id", TABLES, view, Bounds.of(view, before, None, False), 64)
        rows = [row for sql, values in asked for row in self._db.rows(f"EXPLAIN QUERY PLAN {sql}", values)]
        return [str(row[3]) for row in rows]

    def _conditions(self, view: View) -> Where:
        """What a message of ``view`` must be, words and all, whichever way it is come by."""
        where, values = conditions(view)
        if _searches(view):
            clause, more = self.searching.condition(view.search or "")
            return [*where, clause], [*values, *more]
        return where, values

    def get(self, ids: Iterable[int]) -> dict[int, Message]:
        """The rows with these IDs that still exist, archived ones too."""
        wanted = list(ids)
        found: dict[int, Message] = {}
        for start in range(0, len(wanted), 500):
            chunk = wanted[start : start + 500]
            marks = ",".join("?" * len(chunk))
            sql = f"SELECT {MESSAGE_COLUMNS} FROM {MESSAGE_FROM} WHERE m.deleted = 0 AND m.id IN ({marks})"  # noqa: S608
            for row in self._db.rows(sql, tuple(chunk)):
                found[row[0]] = message_of(row)  # type: ignore[index]
        return found

    def one(self, message_id: int) -> Message | None:
        return self.get([message_id]).get(message_id)

    def which(self, view: View, ids: Iterable[int]) -> list[int]:
        """Those of these rows that ``view`` shows."""
        wanted, found = list(ids), []
        where, parameters = self.filtered.conditions(view) if view.filter is not None else self._conditions(view)
        for start in range(0, len(wanted), 500):
            chunk = wanted[start : start + 500]
            marks = ",".join("?" * len(chunk))
            sql = f"SELECT m.id FROM {MESSAGE_FROM} WHERE m.id IN ({marks}) AND {' AND '.join(where)}"  # noqa: S608
            found += [int(str(row[0])) for row in self._db.rows(sql, (*chunk, *parameters))]
        return found

    def count(self, view: View, most: int) -> int:
        """How many rows ``view`` shows, as far as ``most``: never a count of everything."""
        if view.filter is not None:
            return self.filtered.count(view, most)[0]
        bounds = Bounds.of(view, None, None, False)
        if _searches(view):
            return self.searching.count(view, bounds, most)
        total = 0
        for sql, values in statements("1", TABLES, view, bounds, most):
            row = self._db.row(f"SELECT count(*) FROM ({sql})", values)  # noqa: S608
            total += int(str(row[0])) if row else 0
        return min(total, most)

    def newest_id(self) -> int:
        """The highest ID that was ever given to a row of this list; what comes later has a higher one."""
        row = self._db.row("SELECT ifnull(max(id), 0) FROM message")
        return 0 if row is None else int(str(row[0]))

    def unread_since(self, row_id: int) -> int:
        """Unread messages that came in after the row with this ID; costs what came, however many there are."""
        row = self._db.row(
            "SELECT count(*) FROM message NOT INDEXED WHERE id > ? AND direction = 'in' AND read = 0 AND deleted = 0",
            (row_id,),
        )
        return 0 if row is None else int(str(row[0]))

    def by_gateway_id(self, gateway_id: int, source: str | None = None) -> list[Message]:
        """The rows that the gateway knows by this ID; the lists number theirs independently (trap 21)."""
        sources = (source,) if source else ("outgoing", "incoming", "inbox")
        found: list[Message] = []
        for each in sources:
            where = "m.source = ? AND m.gateway_id = ? AND m.deleted = 0"
            sql = f"SELECT {MESSAGE_COLUMNS} FROM {MESSAGE_FROM} WHERE {where} ORDER BY m.epoch DESC"  # noqa: S608
            found += [message_of(row) for row in self._db.rows(sql, (each, gateway_id))]
        return found

    def counts(self) -> Counts:
        inbox = unread = outbox = 0
        by_status: dict[str, int] = {}
        for direction, status, is_unread, archived, n in self._db.rows(
            "SELECT direction, status, unread, archived, n FROM tally WHERE n <> 0"
        ):
            assert isinstance(n, int)
            assert isinstance(status, str)
            if direction == "in":
                inbox += 0 if archived else n
                unread += n if is_unread and not archived else 0
            else:
                outbox += 0 if archived else n
                by_status[status] = by_status.get(status, 0) + n
        # A batch that is still being prepared, or never was complete, sends nothing: its rows are on no way.
        prepared = self._db.row("SELECT ifnull(sum(total), 0) FROM bulk WHERE state = 'filling'")
        assert prepared is not None
        moving = sum(by_status.get(status, 0) for status in MOVING)
        stopped = int(str(prepared[0])) + self._paused(by_status.get(Status.QUEUED, 0))
        return Counts(
            inbox=inbox,
            unread=unread,
            outbox=outbox,
            drafts=by_status.get(Status.DRAFT, 0),
            held=by_status.get(Status.HELD, 0),
            pending=max(moving - stopped, 0),
            unknown=by_status.get(Status.UNKNOWN, 0),
            failed=by_status.get(Status.FAILED, 0) + by_status.get(Status.REFUSED, 0),
        )

    def _paused(self, queued: int) -> int:
        """How many wait in paused batches, of ``queued`` in all; counted again only where that is another number."""
        paused = tuple(int(str(row[0])) for row in self._db.rows("SELECT id FROM bulk WHERE state = 'paused'"))
        if (paused, queued) != self._paused_of:
            self._paused_count = sum(
                int(str(row[0]))
                for bulk_id in paused
                for row in self._db.rows(
                    "SELECT count(*) FROM message WHERE batch = ? AND status = 'queued'", (batch_name(bulk_id),)
                )
            )
            self._paused_of = (paused, queued)
        return self._paused_count

    # Making rows (inside a write of the caller); what that takes is loaded then: the first screen only reads

    def batch(self) -> NewRows:
        """For new rows; the caller holds the transaction from here to :meth:`NewRows.write`."""
        from voipe_tui.store.new_rows import NewRows

        return NewRows(self._db, self.region)

    def remove(self, message_id: int) -> None:
        """Takes a row out for good; the caller holds the transaction."""
        self._db.connection.execute("DELETE FROM message WHERE id = ?", (message_id,))

    def replace_text(self, message_id: int, number: str, text: str) -> None:
        """Another number and text for a row (a draft that is edited); the caller holds the transaction."""
        from voipe_tui.text.numbers import number_key
        from voipe_tui.text.parts import measure

        size = measure(text)
        self._db.connection.execute(
            "UPDATE message SET number = ?, key = ?, text = ?, encoding = ?, parts = ? WHERE id = ?",
            (number, number_key(number, self.region), text, size.encoding, size.parts, message_id),
        )


def _searches(view: View) -> bool:
    return view.search is not None and bool(view.search.strip())
