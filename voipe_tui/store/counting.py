"""Totals and conversations after many messages changed their state at once: one write for each kind and each number.

What triggers do for a single message (:mod:`voipe_tui.store.schema_counting`), for thousands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from voipe_tui.store.conversations import add_to_conversations, shift_conversations, take_from_conversations
from voipe_tui.store.database import Database
from voipe_tui.store.models import Direction


class Row(NamedTuple):
    """What is counted of a message (numbers are 0 or 1, ``deleted`` 0 where it is there), and what else was asked."""

    key: str
    id: int
    direction: Direction
    status: str | None
    sort_at: float
    read: int
    archived: int
    deleted: int
    state: tuple[Any, ...] = ()


COUNTED = Row._fields[:-1]
"""The columns of a message that are in a row."""
CHANGING = frozenset(("read", "archived", "deleted"))
"""Those of them that an action of a person changes."""


@contextmanager
def counting_apart(database: Database) -> Iterator[None]:
    """Within, messages change uncounted: the caller holds the transaction and calls :func:`count` in it."""
    database.connection.execute("INSERT INTO counting_apart VALUES (1)")
    try:
        yield
    finally:
        database.connection.execute("DELETE FROM counting_apart")


def share_numbers(rows: Sequence[Row]) -> bool:
    """Whether counting them together saves anything: where each is of another number, triggers are as quick."""
    return 2 * len({row.key for row in rows}) <= len(rows)


def count(database: Database, rows: Sequence[Row], new: Mapping[str, int]) -> None:
    """Counts that these messages, as they were, have those values of ``CHANGING`` now; it is written already."""
    there = [row for row in rows if not row.deleted]
    _count_kinds(database, there, -1, {})
    if "deleted" not in new:
        _count_kinds(database, there, 1, new)
        shift_conversations(database, there, new.get("read"), new.get("archived"))
    elif new["deleted"]:
        take_from_conversations(database, there)
    else:
        _count_kinds(database, rows, 1, {})
        add_to_conversations(database, [row for row in rows if row.deleted])


def _count_kinds(database: Database, rows: Sequence[Row], sign: int, new: Mapping[str, int]) -> None:
    kinds = database.changes.new_rows
    for (direction, status, read, archived), n in Counter([(row[2], row[3], row[5], row[6]) for row in rows]).items():
        kinds[direction, status or "", 1 - new.get("read", read), new.get("archived", archived)] += sign * n
