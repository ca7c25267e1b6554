"""The conversations of a profile: everything exchanged with one number, listed by its newest message.

The table is kept right by the schema (see :mod:`voipe_tui.store.schema_conversations`) and, for new messages, by
:func:`add_to_conversations`; here it is only read. A list of conversations is read by key like a list of messages, so
a page costs the same however many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.store.models import Direction, Key
from voipe_tui.store.schema_conversations import COLUMNS, LONG_AGO, TAKE, UPSERT
from voipe_tui.store.states import Status

_DRAFT = Status.DRAFT.value
_NOT_GONE = frozenset({_DRAFT, Status.CANCELLED.value, Status.REFUSED.value})
_SHORTEST_NUMBER = 8
_INTO = f"conversation ({COLUMNS})"
_SELECT = (
    "c.key, m.number, p.name, c.last_id, m.direction, m.text, m.status, m.read, c.last_at, c.n, c.unread, "
    "c.last_in_at > c.last_out_at, iif(m.created_at IS NULL, m.gateway_time, NULL), c.last_in_at, c.last_out_at"
)
_FROM = "conversation c JOIN message m ON m.id = c.last_id LEFT JOIN contact p ON p.key = c.key"


class Conversation(NamedTuple):
    """All messages with one number, as they stand.

    ``number`` is as the newest message has it, ``name`` the contact's; ``last_*`` describe that newest message.
    ``total`` counts messages that are not deleted, archived ones too; ``unread`` incoming ones in the inbox.
    ``needs_answer``: something came in after the last message that really went out. Times are UTC epoch seconds,
    None where there is no such message. Where the zone of the newest one is not known, ``last_gateway_time`` is what
    the gateway said, and ``last_at`` only its place (trap 22).
    """

    key: str
    number: str
    name: str | None
    last_id: int
    last_direction: Direction
    last_text: str
    last_status: str | None
    last_read: bool
    last_at: float
    total: int
    unread: int
    needs_answer: bool
    last_gateway_time: str | None
    last_in_at: float | None
    last_out_at: float | None

    @property
    def position(self) -> Key:
        """Its place in the list of conversations."""
        return (self.last_at, self.last_id)


NewRow = tuple[str, int, Direction, str | None, float, int, int, *tuple[Any, ...]]
"""What matters of a message for its conversation: key, ID, direction, status, sort_at, read, archived; and more."""


class Conversations:
    """Reads the list of conversations."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def page(
        self,
        *,
        before: Key | None = None,
        after: Key | None = None,
        limit: int = 64,
        including: bool = False,
        unread_only: bool = False,
        needs_answer: bool = False,
        archived: bool = False,
    ) -> list[Conversation]:
        """Up to ``limit`` conversations, the one with the newest message first.

        ``before`` and ``after`` as in :meth:`Messages.page`. A conversation whose messages are all archived is listed
        only with ``archived``, which lists nothing else.
        """
        where, parameters = ["c.shown = 0 AND c.n > 0" if archived else "c.shown > 0"], list[Any]()
        if unread_only:
            where = ["c.unread > 0"]  # which is in the inbox; it has an index of its own
        if needs_answer:
            where.append("c.last_in_at > c.last_out_at")
        equal = "=" if including else ""
        if before is not None:
            where.append(f"(c.last_at, c.last_id) <{equal} (?, ?)")
            parameters += before
        if after is not None:
            where.append(f"(c.last_at, c.last_id) >{equal} (?, ?)")
            parameters += after
        upward = after is not None and before is None
        order = "ASC" if upward else "DESC"
        found = self._read(
            f"{' AND '.join(where)} ORDER BY c.last_at {order}, c.last_id {order} LIMIT ?", (*parameters, limit)
        )
        if upward:
            found.reverse()
        return found

    def get(self, key: str) -> Conversation | None:
        """The conversation with that number key, archived or not; None where there is no message."""
        found = self._read("c.key = ? AND c.n > 0", (key,))
        return found[0] if found else None

    def get_many(self, keys: Iterable[str]) -> dict[str, Conversation]:
        """Those of these keys that there are."""
        return {key: found for key in dict.fromkeys(keys) if (found := self.get(key)) is not None}

    def waiting_count(self, limit: int = 1_000) -> int:
        """How many conversations need an answer, counted in their own index up to ``limit``."""
        return self._count("shown > 0 AND last_in_at > last_out_at", limit)

    def unread_count(self, limit: int = 1_000) -> int:
        """How many conversations have something unread, counted in their own index up to ``limit``."""
        return self._count("unread > 0", limit)

    def _count(self, where: str, limit: int) -> int:
        row = self._db.row(
            f"SELECT count(*) FROM (SELECT 1 FROM conversation WHERE {where} ORDER BY last_at DESC LIMIT ?)",  # noqa: S608
            (limit,),
        )
        return int(str(row[0])) if row else 0

    def _read(self, where: str, parameters: tuple[Any, ...]) -> list[Conversation]:
        sql = f"SELECT {_SELECT} FROM {_FROM} WHERE {where}"  # noqa: S608 - fixed phrases, bound values
        return [_conversation_of(row) for row in self._db.rows(sql, parameters)]


def _conversation_of(row: tuple[Any, ...]) -> Conversation:
    *columns, came, went = row
    columns[7], columns[11] = bool(columns[7]), bool(columns[11])
    times = (None if at == LONG_AGO else at for at in (came, went))
    return Conversation._make((*columns, *times))


def add_to_conversations(database: Database, rows: Iterable[NewRow]) -> None:
    """Counts messages in, one write for each number; the caller holds the transaction."""
    database.insert(_INTO, _gathered(rows), UPSERT)


def take_from_conversations(database: Database, rows: Iterable[NewRow]) -> None:
    """Counts messages out that are deleted already, likewise."""
    database.connection.executemany(TAKE, _gathered(rows))


def shift_conversations(database: Database, rows: Iterable[NewRow], read: int | None, archived: int | None) -> None:
    """Counts anew messages (as they were) that are ``read`` and ``archived`` now; None: as before."""
    shown: Counter[str] = Counter()
    unread: Counter[str] = Counter()
    for row in rows:
        if not _belongs(row):
            continue
        key, direction, was_read, was_archived = row[0], row[2], row[5], row[6]
        now_archived = was_archived if archived is None else archived
        if now_archived != was_archived:
            shown[key] += was_archived - now_archived
        if direction == "in":
            was = not was_read and not was_archived
            now = not (was_read if read is None else read) and not now_archived
            if was != now:
                unread[key] += now - was
    database.connection.executemany(
        "UPDATE conversation SET shown = shown + ?, unread = unread + ? WHERE key = ?",
        [(shown[key], unread[key], key) for key in shown.keys() | unread.keys()],
    )


def _gathered(rows: Iterable[NewRow]) -> list[list[Any]]:
    """What these messages are together, for each number: values as in ``COLUMNS``, but for the ID."""
    gathered: dict[str, list[Any]] = {}
    for row in rows:
        if not _belongs(row):
            continue
        key, row_id, direction, status, at, read, archived = row[:7]
        incoming = direction == "in"
        came = at if incoming else LONG_AGO
        went = LONG_AGO if incoming or status is None or status in _NOT_GONE else at
        unread = int(incoming and not read and not archived)
        known = gathered.get(key)
        if known is None:
            gathered[key] = [key, 1, 1 - archived, unread, at, row_id, came, went]
            continue
        known[1] += 1
        known[2] += 1 - archived
        known[3] += unread
        if (at, row_id) > (known[4], known[5]):
            known[4], known[5] = at, row_id
        known[6] = max(known[6], came)
        known[7] = max(known[7], went)
    return list(gathered.values())


def _belongs(row: NewRow) -> bool:
    return bool(row[0]) and (row[3] != _DRAFT or _is_whole_number(row[0]))


def _is_whole_number(key: str) -> bool:
    """The same as ``schema_conversations.member`` asks of a draft; a row that is deleted is not handed in."""
    return key[0] == "+" and len(key) >= _SHORTEST_NUMBER and key.isascii() and key[1:].isdigit()
