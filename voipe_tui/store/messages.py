"""Reading lists by key, and the one place where a message row is made.

A list is never counted and never read with OFFSET: a page continues at a (sort_at, id), whatever came or went
meanwhile.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from voipe_tui.store.conversations import NewRow, add_to_conversations
from voipe_tui.store.database import Database
from voipe_tui.store.models import Counts, Key, Message, View, Walk
from voipe_tui.store.rows import MESSAGE_COLUMNS, MESSAGE_FROM, message_of
from voipe_tui.store.states import MOVING, Status
from voipe_tui.text.numbers import number_key
from voipe_tui.text.parts import measure
from voipe_tui.text.search_fold import fold_for_search

if TYPE_CHECKING:
    from voipe_tui.store.filter_pages import FilterPages

_DOWN = "ORDER BY m.sort_at DESC, m.id DESC"
_UP = "ORDER BY m.sort_at ASC, m.id ASC"


class Messages:
    """The reading half of the store."""

    def __init__(self, database: Database, region: str) -> None:
        self._db = database
        self.region = region

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
        sql, parameters = self._page_sql(view, before, after, limit, including)
        found = [message_of(row) for row in self._db.rows(sql, parameters)]
        if after is not None and before is None:
            found.reverse()
        return found

    @cached_property
    def filtered(self) -> FilterPages:
        """Reads views that have a filter; loaded with the first of them."""
        from voipe_tui.store.filter_pages import FilterPages

        return FilterPages(self._db, _where)

    def walk(
        self,
        view: View,
        *,
        before: Key | None = None,
        after: Key | None = None,
        limit: int = 64,
        including: bool = False,
    ) -> Walk:
        """Like :meth:`page`, but where a filter must be looked for row by row it stops after about 10 ms and tells how
        far it got: go on from ``reached`` (as ``before``, or as ``after`` when looking upwards)."""
        if view.filter is not None:
            return self.filtered.walk(view, before, after, limit, including)
        return Walk(self.page(view, before=before, after=after, limit=limit, including=including))

    def explain(self, view: View, *, before: Key | None = None) -> list[str]:
        """How SQLite reads a page: one line per step. For those who want to know that nothing is scanned."""
        if view.filter is not None:
            return self.filtered.explain(view, before)
        sql, parameters = self._page_sql(view, before, None, 64, False)
        return [str(row[3]) for row in self._db.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)]

    @staticmethod
    def _page_sql(
        view: View, before: Key | None, after: Key | None, limit: int, including: bool
    ) -> tuple[str, tuple[Any, ...]]:
        where, parameters = _where(view)
        equal = "=" if including else ""
        if before is not None:
            where.append(f"(m.sort_at, m.id) <{equal} (?, ?)")
            parameters += before
        if after is not None:
            where.append(f"(m.sort_at, m.id) >{equal} (?, ?)")
            parameters += after
        upward = after is not None and before is None
        # The only variable parts are fixed phrases chosen above; every value is bound.
        sql = (
            f"SELECT {MESSAGE_COLUMNS} FROM {MESSAGE_FROM} WHERE {' AND '.join(where)} "  # noqa: S608
            f"{_UP if upward else _DOWN} LIMIT ?"
        )
        return sql, (*parameters, limit)

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
        where, parameters = _where(view) if view.filter is None else self.filtered.where(view)
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
        where, parameters = _where(view)
        sql = f"SELECT count(*) FROM (SELECT 1 FROM {MESSAGE_FROM} WHERE {' AND '.join(where)} LIMIT ?)"  # noqa: S608
        row = self._db.row(sql, (*parameters, most))
        return 0 if row is None else int(str(row[0]))

    def newest_id(self) -> int:
        """The highest ID that was ever given to a row of this list; what comes later has a higher one."""
        row = self._db.row("SELECT ifnull(max(id), 0) FROM message")
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
        return Counts(
            inbox=inbox,
            unread=unread,
            outbox=outbox,
            drafts=by_status.get(Status.DRAFT, 0),
            held=by_status.get(Status.HELD, 0),
            pending=sum(by_status.get(status, 0) for status in MOVING),
            unknown=by_status.get(Status.UNKNOWN, 0),
            failed=by_status.get(Status.FAILED, 0) + by_status.get(Status.REFUSED, 0),
        )

    # Making rows (inside a write of the caller)

    def insert(self, values: dict[str, Any]) -> int:
        """A new row, with its key, parts and search entry; the caller holds the transaction.

        ``values`` are column values; ``number``, ``text`` and ``sort_at`` must be there.
        """
        batch = self.batch()
        row_id = batch.add(values)
        batch.write()
        return row_id

    def batch(self) -> NewRows:
        """For many new rows at once; the caller holds the transaction from here to :meth:`NewRows.write`."""
        return NewRows(self._db, self.region)

    def remove(self, message_id: int) -> None:
        """Takes a row out for good, with its search entry; the caller holds the transaction."""
        row = self._db.row("SELECT number, key, text FROM message WHERE id = ?", (message_id,))
        if row is None:
            return
        number, key, text = (str(value) for value in row)
        self._forget_search(message_id, number, key, text)
        self._db.connection.execute("DELETE FROM message WHERE id = ?", (message_id,))

    def replace_text(self, message_id: int, number: str, text: str) -> None:
        """Another number and text for a row (a draft that is edited); the caller holds the transaction."""
        row = self._db.row("SELECT number, key, text FROM message WHERE id = ?", (message_id,))
        if row is None:
            return
        self._forget_search(message_id, *(str(value) for value in row))
        key = number_key(number, self.region)
        size = measure(text)
        self._db.connection.execute(
            "UPDATE message SET number = ?, key = ?, text = ?, encoding = ?, parts = ? WHERE id = ?",
            (number, key, text, size.encoding, size.parts, message_id),
        )
        self._db.connection.execute(
            "INSERT INTO message_search (rowid, text, who) VALUES (?, ?, ?)",
            (message_id, fold_for_search(text), who_terms(number, key)),
        )

    def _forget_search(self, message_id: int, number: str, key: str, text: str) -> None:
        # The index keeps no text of its own: to take an entry out it must be told what was put in.
        self._db.connection.execute(
            "INSERT INTO message_search (message_search, rowid, text, who) VALUES ('delete', ?, ?, ?)",
            (message_id, fold_for_search(text), who_terms(number, key)),
        )


class NewRows:
    """Rows on their way into the table: their IDs are known at once, they are there after :meth:`write`.

    A row at a time costs half as much again: the totals and the conversations are written once for all.
    """

    def __init__(self, database: Database, region: str) -> None:
        self._db = database
        self._region = region
        row = database.row("SELECT seq FROM sqlite_sequence WHERE name = 'message'")
        self._last_id = int(str(row[0])) if row is not None else 0
        self._rows: list[dict[str, Any]] = []

    def add(self, values: dict[str, Any]) -> int:
        """Column values (``number``, ``text`` and ``sort_at`` must be there); all rows of a batch have the same ones.
        Returns the new row's ID."""
        self._last_id += 1
        values["id"] = self._last_id
        if "key" not in values:
            values["key"] = number_key(values["number"], self._region)
        if "parts" not in values:
            size = measure(values["text"])
            values["encoding"], values["parts"] = size.encoding, size.parts
        values["sort_at"] = whole(values["sort_at"])
        self._rows.append(values)
        return self._last_id

    def write(self) -> None:
        if not self._rows:
            return
        columns = tuple(self._rows[0])
        marks = ",".join("?" * len(columns))
        execute_many = self._db.connection.executemany
        execute_many(
            f"INSERT INTO message ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608
            [tuple(row.values()) for row in self._rows],
        )
        execute_many(
            "INSERT INTO message_search (rowid, text, who) VALUES (?, ?, ?)",
            [(row["id"], fold_for_search(row["text"]), who_terms(row["number"], row["key"])) for row in self._rows],
        )
        shown = [
            NewRow(
                row["key"], row["id"], row["direction"], row.get("status"), row["sort_at"], row.get("read", 0),
                row.get("archived", 0),
            )
            for row in self._rows
            if not row.get("deleted")
        ]  # fmt: skip
        self._db.changes.new_rows.update((row.direction, row.status or "", 1 - row.read, row.archived) for row in shown)
        add_to_conversations(self._db, shown)
        self._rows = []


def whole(sort_at: float) -> float:
    """A place in a list is a whole second: what happened within one is in the order of the IDs. So that order is one
    number, which the search index can be read in."""
    return float(math.floor(sort_at))


@lru_cache(maxsize=4_096)
def who_terms(number: str, key: str) -> str:
    """The words under which a number is found: as it came, international, and its last nine, seven and four digits."""
    digits = "".join(ch for ch in key if ch.isdigit())
    if len(digits) < 7:
        return fold_for_search(number)
    came = "".join(ch for ch in number if ch.isdigit())
    return " ".join(dict.fromkeys((came, digits, "0" + digits[-9:], digits[-9:], digits[-7:], digits[-4:])))


def _where(view: View) -> tuple[list[str], list[Any]]:
    where = ["m.deleted = 0"]
    parameters: list[Any] = []
    if view.filter is not None:
        from voipe_tui.store import filter_sql

        where, parameters = filter_sql.where(view.filter)
        where.append("m.deleted = 0")
    if not view.include_archived and (view.filter is None or not filter_sql.shows_archive(view.filter)):
        where.append("m.archived = 0")
    if view.direction is not None:
        where.append("m.direction = ?")
        parameters.append(view.direction)
    if view.statuses:
        where.append(f"m.status IN ({','.join('?' * len(view.statuses))})")
        parameters += sorted(view.statuses)
    if view.number_key is not None:
        where.append("m.key = ?")
        parameters.append(view.number_key)
    if view.since is not None:
        where.append("m.sort_at >= ?")
        parameters.append(view.since)
    if view.until is not None:
        where.append("m.sort_at < ?")
        parameters.append(view.until)
    if view.unread:
        where.append("m.direction = 'in' AND m.read = 0")
    if view.starred:
        where.append("m.starred = 1")
    if view.batch is not None:
        where.append("m.batch = ?")
        parameters.append(view.batch)
    if view.newest_id is not None:
        where.append("+m.id <= ?")
        parameters.append(view.newest_id)
    if view.without:
        where.append(f"+m.id NOT IN ({','.join(map(str, map(int, view.without)))})")
    if view.search is not None:
        clause, more = _search(view.search)
        where.append(clause)
        parameters += more
    return where, parameters


def _search(typed: str) -> tuple[str, list[Any]]:
    """Words that must all be there, each as a beginning; a number in any form; a contact's name."""
    folded = fold_for_search(typed).strip()
    words = "".join(ch if ch.isalnum() else " " for ch in folded).split()
    if not words:
        return ("1" if not folded else "0"), []
    match = " ".join(f'"{word}"*' for word in words)
    digits = "".join(words)
    if digits.isdigit() and len(words) > 1:
        # "052-111 0001": the pieces of one number, written with gaps
        match = f'({match}) OR "{digits}"*'
    clause = (
        "(m.id IN (SELECT rowid FROM message_search WHERE message_search MATCH ?) "
        "OR m.key IN (SELECT key FROM contact WHERE name LIKE ? ESCAPE '\\'))"
    )
    like = typed.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return clause, [match, f"%{like}%"]
