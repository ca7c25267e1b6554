"""The one place where a message row is made, with its key, its parts, its part of the totals and its conversation."""

from __future__ import annotations

from typing import NamedTuple

from voipe_tui.store.conversations import add_to_conversations
from voipe_tui.store.database import Database
from voipe_tui.store.models import Direction, OutgoingRecord, Source
from voipe_tui.text.numbers import number_key
from voipe_tui.text.parts import size_of


class NewRow(NamedTuple):
    """A row on its way into the table, in the order of its columns; :class:`NewRows` gives it its ID."""

    id: int
    direction: Direction
    source: Source
    epoch: int
    gateway_id: int | None
    number: str
    key: str
    sender: str | None
    text: str
    encoding: str
    parts: int
    status: str | None
    status_at: float | None
    created_at: float | None
    gateway_time: str | None
    sort_at: float
    batch: str | None
    intent_id: int | None
    note: str | None
    read: int
    deleted: int
    keyword: str | None
    twin_id: int | None


class NewRows:
    """Rows on their way into the table: their IDs are known at once, they are there after :meth:`write`.

    A row at a time costs half as much again: the totals and the conversations are written once for all.
    """

    def __init__(self, database: Database, region: str) -> None:
        self._db = database
        self._region = region
        row = database.row("SELECT seq FROM sqlite_sequence WHERE name = 'message'")
        self._last_id = int(str(row[0])) if row is not None else 0
        self._rows: list[NewRow] = []

    def add(
        self,
        direction: Direction,
        source: Source,
        number: str,
        text: str,
        sort_at: float,
        *,
        epoch: int = 1,
        gateway_id: int | None = None,
        sender: str | None = None,
        status: str | None = None,
        status_at: float | None = None,
        created_at: float | None = None,
        gateway_time: str | None = None,
        batch: str | None = None,
        intent_id: int | None = None,
        note: str | None = None,
        read: int = 0,
        deleted: int = 0,
        keyword: str | None = None,
        twin_id: int | None = None,
    ) -> int:
        """Column values of a row; its key and its parts are found here. Returns its ID."""
        self._last_id = row_id = self._last_id + 1
        encoding, parts = size_of(text)
        self._rows.append(
            NewRow(
                row_id, direction, source, epoch, gateway_id, number, number_key(number, self._region), sender, text,
                encoding, parts, status, status_at, created_at, gateway_time, whole(sort_at), batch, intent_id, note,
                read, deleted, keyword, twin_id,
            )
        )  # fmt: skip
        return row_id

    def add_listed(self, record: OutgoingRecord, epoch: int, status: str, note: str | None, now: float) -> int:
        """The same for a row of ``ds``, of which there are very many."""
        gateway_id, sender, number, text, gateway_time, created_at, sort_at, updated_at, _code = record
        self._last_id = row_id = self._last_id + 1
        encoding, parts = size_of(text)
        self._rows.append(
            NewRow(
                row_id, "out", "outgoing", epoch, gateway_id, number, number_key(number, self._region), sender or None,
                text, encoding, parts, status, updated_at or now, created_at, gateway_time, whole(sort_at), None, None,
                note, 1, 0, None, None,
            )
        )  # fmt: skip
        return row_id

    def write(self) -> None:
        rows, self._rows = self._rows, []
        if not rows:
            return
        # To bind a None takes ten times as long as a number: a column that is empty in all of them is left out.
        columns = {
            name: values
            for name, values in zip(NewRow._fields, zip(*rows, strict=True), strict=True)
            if values[0] is not None or values.count(None) < len(values)
        }
        self._db.insert(f"message ({', '.join(columns)})", list(zip(*columns.values(), strict=True)))
        shown = [
            (row.key, row.id, row.direction, row.status, row.sort_at, row.read, 0) for row in rows if not row.deleted
        ]
        self._db.changes.new_rows.update((row[2], row[3] or "", 1 - row[5], 0) for row in shown)
        add_to_conversations(self._db, shown)


def whole(sort_at: float) -> float:
    """A place in a list is a whole second: what happened within one is in the order of the IDs. So that order is one
    number, which the search index can be read in."""
    return sort_at // 1.0
