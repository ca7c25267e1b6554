"""Batches of up to a hundred thousand recipients, each an intent of its own in the journal.

A batch is filled first, a chunk at a time, and only then started: a program that dies while filling has sent nothing.
Whether its intents may be claimed is the batch's state and its owner, so pausing a hundred thousand is one row. One
program sends a batch at a time: two would double its rate. When that one ends, the batch is paused by whoever notices,
or taken over by whom a person told to go on with it; it goes on with those that are still queued, and each intent is
sent at most once like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.store.facts import Facts
from voipe_tui.store.holds import TOO_LATE_SECONDS
from voipe_tui.store.models import NewMessage, batch_name
from voipe_tui.store.recall import Recall
from voipe_tui.store.states import FINAL, Status

_CHUNK = 500


class BulkState(StrEnum):
    """Where a batch stands; only a running one is sent."""

    FILLING = "filling"
    HELD = "held"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


OPEN = (BulkState.FILLING, BulkState.HELD, BulkState.RUNNING, BulkState.PAUSED)


class Bulk(NamedTuple):
    """A batch. ``rate``: at most so many a second, None without limit. ``reason`` says why it is paused.

    ``text`` is the message with its fields, ``opted_out`` how many were left out because they asked for it.
    ``retry_of`` is the batch whose failed ones these are.
    """

    id: int
    label: str
    state: BulkState
    reason: str
    total: int
    rate: float | None
    created_at: float
    not_before: float
    owner: int | None
    started_at: float | None
    ended_at: float | None
    retry_of: int | None = None
    text: str = ""
    sender: str | None = None
    opted_out: int = 0

    @property
    def batch(self) -> str:
        """The ``batch`` of its rows in the outbox."""
        return batch_name(self.id)


class Progress(NamedTuple):
    """A batch and how many of its messages are in each state."""

    bulk: Bulk
    by_status: dict[str, int]

    @property
    def waiting(self) -> int:
        return self.by_status.get(Status.QUEUED, 0)

    @property
    def in_flight(self) -> int:
        return self.by_status.get(Status.SENDING, 0)

    @property
    def handed_over(self) -> int:
        """How many have an outcome, whatever it is."""
        return sum(self.by_status.values()) - self.waiting - self.in_flight

    @property
    def gone(self) -> int:
        """How many have left here, whatever became of them."""
        return self.handed_over - self.by_status.get(Status.CANCELLED, 0)

    @property
    def settled(self) -> int:
        return sum(self.by_status.get(status, 0) for status in FINAL)


_COLUMNS = (
    "id, label, state, reason, total, rate, created_at, not_before, owner, started_at, ended_at, "
    "retry_of, text, sender, opted_out"
)
_FAILED = "('failed', 'refused')"
_NOT_TRIED_SINCE = " AND ".join(
    f"NOT EXISTS (SELECT 1 FROM message r INDEXED BY {index} JOIN intent a ON a.id = r.intent_id "  # noqa: S608
    f"LEFT JOIN bulk b ON b.id = a.bulk WHERE r.key = m.key AND r.deleted = {deleted} AND r.id > m.id "
    "AND a.text = i.text AND r.status NOT IN ('failed', 'refused', 'cancelled', 'draft') "
    "AND NOT (a.state = 'queued' AND ifnull(b.state, '') IN ('cancelled', 'filling')))"
    for index, deleted in (("message_number", 0), ("message_deleted", 1))
)
"""No later message takes the same text to the same number, or all of those failed, too."""

_REMEMBERED_SECONDS = 3 * 86_400.0
_NEEDS_NO_CREDIT = "bulk.needs_no_credit"
PAUSED_BY_PERSON = "Paused by you."
NEVER_HAD_CREDIT = "The account has no credit. If it needs none, go on with the batch all the same."
_CLOSED = "voipe-tui ended while it was being sent."


class RepeatedError(Exception):
    """A new batch would send to the same people the same texts as ``bulk`` does, did or is about to."""

    def __init__(self, bulk: Bulk) -> None:
        super().__init__(f"the same as batch {bulk.id}")
        self.bulk = bulk


class Bulks:
    """The batches of one profile."""

    def __init__(self, database: Database, journal: Recall, facts: Facts) -> None:
        self._db = database
        self._journal = journal
        self._facts = facts

    # Filling

    def begin(
        self,
        label: str,
        *,
        rate: float | None = None,
        text: str = "",
        sender: str | None = None,
        retry_of: int | None = None,
    ) -> int:
        """A new, empty batch; ``label`` is for people (a file's name)."""
        now = self._db.clock()
        with self._db.write(durable=True) as changes:
            cursor = self._db.connection.execute(
                "INSERT INTO bulk (label, state, rate, created_at, not_before, owner, retry_of, text, sender) "
                "VALUES (?, 'filling', ?, ?, ?, ?, ?, ?, ?)",
                (label, rate, now, now, self._journal.owner.id, retry_of, text, sender),
            )
            changes.account = True
        return int(cursor.lastrowid or 0)

    def add(self, bulk_id: int, orders: Sequence[NewMessage]) -> list[int]:
        """Puts a chunk of recipients in; the caller keeps chunks small enough for its screen. Row IDs, in order.

        What was put in reaches the disk with :meth:`start`; until then nothing of it can leave.
        """
        with self._db.write():
            self._require(bulk_id, BulkState.FILLING)
            ids = self._journal.enter_bulk(bulk_id, batch_name(bulk_id), orders)
            self._db.connection.execute("UPDATE bulk SET total = total + ? WHERE id = ?", (len(orders), bulk_id))
        return ids

    def start(
        self,
        bulk_id: int,
        *,
        hold_seconds: float = 0.0,
        opted_out: int = 0,
        fingerprint: str = "",
        again: bool = False,
    ) -> None:
        """The batch is complete; it runs after it was held once as a whole. ``opted_out``: who was left out.

        ``fingerprint`` is a digest of what is in it: unless ``again``, RepeatedError where :meth:`twin` knows another.
        """
        now = self._db.clock()
        state = BulkState.HELD if hold_seconds > 0 else BulkState.RUNNING
        with self._db.write(durable=True) as changes:
            self._require(bulk_id, BulkState.FILLING)
            if not again and (twin := self.twin(fingerprint)) is not None:
                raise RepeatedError(twin)
            self._db.connection.execute(
                "UPDATE bulk SET state = ?, not_before = ?, owner = ?, started_at = ?, opted_out = ?, fingerprint = ? "
                "WHERE id = ?",
                (state.value, now + hold_seconds, self._journal.owner.id, now + hold_seconds, opted_out, fingerprint,
                 bulk_id),
            )  # fmt: skip
            changes.everything = True

    def twin(self, fingerprint: str) -> Bulk | None:
        """The batch with the same content that is not through, or was sent in the last days, in part at least."""
        since = self._db.clock() - _REMEMBERED_SECONDS
        for bulk in self._select("fingerprint = ? AND fingerprint <> '' ORDER BY id DESC", (fingerprint,)):
            if bulk.state in (BulkState.HELD, BulkState.RUNNING, BulkState.PAUSED):
                return bulk
            progress = self.progress(bulk.id)
            if bulk.created_at >= since and progress is not None and progress.gone + progress.in_flight:
                return bulk
        return None

    def may_be_repeated(self, recipients: int, sender: str | None) -> bool:
        """Whether it is worth the work to ask :meth:`twin`."""
        row = self._db.row(
            "SELECT 1 FROM bulk WHERE total = ? AND sender IS ? AND fingerprint <> '' LIMIT 1", (recipients, sender)
        )
        return row is not None

    # Steering

    def release_due(self) -> None:
        """Lets go what was held by this program and is due; what a dead program held waits for a person."""
        now = self._db.clock()
        for bulk in self.open(BulkState.HELD):
            if now - bulk.not_before > TOO_LATE_SECONDS and bulk.owner == self._journal.owner.id:
                self.pause(bulk.id, "Its hold passed while the machine slept: it waits for your word.")
                continue
            # A clock that was set back before the batch was made must not hold it for hours.
            if (bulk.not_before <= now or now < bulk.created_at - 1) and bulk.owner == self._journal.owner.id:
                self._set(bulk.id, BulkState.RUNNING)

    def pause(self, bulk_id: int, reason: str) -> bool:
        """Nothing more is started; what is in flight ends. False if it is not going on."""
        return self._set(bulk_id, BulkState.PAUSED, reason, among=(BulkState.RUNNING, BulkState.HELD))

    def resume(self, bulk_id: int) -> bool:
        """Goes on with what is still queued, from now on by this program; never repeats a recipient.

        Also takes over a running batch whose program has ended. False if it has ended, was never complete, or another
        program is sending it.
        """
        with self._db.write(durable=True) as changes:
            bulk = self.get(bulk_id)
            if bulk is None or not (
                bulk.state in (BulkState.PAUSED, BulkState.HELD)
                or (bulk.state is BulkState.RUNNING and not self.is_sent_by_someone(bulk))
            ):
                return False
            if bulk.reason == NEVER_HAD_CREDIT:
                self._facts.set(_NEEDS_NO_CREDIT, str(bulk_id))
            self._db.connection.execute(
                "UPDATE bulk SET state = 'running', reason = '', owner = ? WHERE id = ?",
                (self._journal.owner.id, bulk_id),
            )
            changes.account = True
        return True

    def needs_no_credit(self, bulk_id: int) -> bool:
        """Whether a person wants it sent although the account says that it has no credit."""
        return self._facts.get(_NEEDS_NO_CREDIT) == str(bulk_id)

    def is_mine(self, bulk: Bulk) -> bool:
        return bulk.owner == self._journal.owner.id

    def is_sent_by_someone(self, bulk: Bulk) -> bool:
        """Whether the program that has the batch in its hands still runs."""
        return self._journal.is_alive(bulk.owner)

    def is_filling(self, bulk_id: int) -> bool:
        bulk = self.get(bulk_id)
        return bulk is not None and bulk.state is BulkState.FILLING

    def is_broken_off(self, bulk: Bulk) -> bool:
        """Whether the program that filled it ended on the way: it can only be cancelled. Nothing of it was sent."""
        return bulk.state is BulkState.FILLING and not self.is_sent_by_someone(bulk)

    def pause_left_behind(self) -> list[Bulk]:
        """Pauses running batches whose program has ended, so that a person decides. Returns them."""
        left = [bulk for bulk in self.open(BulkState.RUNNING) if not self.is_sent_by_someone(bulk)]
        return [bulk for bulk in left if self._pause_of(bulk, _CLOSED)]

    def pause_mine(self, reason: str) -> int:
        """Pauses what this program is sending, as it ends. Returns how many."""
        mine = [bulk for bulk in self.open(BulkState.RUNNING) if self.is_mine(bulk)]
        return sum(self._pause_of(bulk, reason) for bulk in mine)

    def _pause_of(self, bulk: Bulk, reason: str) -> bool:
        with self._db.write(durable=True) as changes:
            cursor = self._db.connection.execute(
                "UPDATE bulk SET state = 'paused', reason = ? WHERE id = ? AND state = 'running' AND owner IS ?",
                (reason, bulk.id, bulk.owner),
            )
            changes.account = cursor.rowcount > 0
        return cursor.rowcount > 0

    def cancel(self, bulk_id: int) -> bool:
        """Nothing more of it leaves from this moment on; :meth:`cancel_some` then marks its rows."""
        return self._set(bulk_id, BulkState.CANCELLED, among=OPEN)

    def cancel_some(self, bulk_id: int, limit: int = _CHUNK) -> int:
        """Marks some queued rows of a cancelled batch as cancelled. Returns how many; 0 means all are."""
        self._require(bulk_id, BulkState.CANCELLED)
        rows = self._db.rows(
            "SELECT message_id FROM intent WHERE state = 'queued' AND bulk = ? ORDER BY not_before, id LIMIT ?",
            (bulk_id, limit),
        )
        return len(self._journal.cancel([int(str(row[0])) for row in rows]))

    def half_cancelled(self) -> list[int]:
        """Cancelled batches with rows that are not marked so yet: the program that marked them ended on the way."""
        rows = self._db.rows(
            "SELECT id FROM bulk b WHERE state = 'cancelled' "
            "AND EXISTS (SELECT 1 FROM intent i WHERE i.bulk = b.id AND i.state = 'queued')"
        )
        return [int(str(row[0])) for row in rows]

    def finish(self, bulk_id: int) -> bool:
        """Marks a batch whose messages have all been handed over as done. True if it was."""
        waiting = self._db.rows(
            "SELECT 1 FROM message WHERE batch = ? AND status IN ('queued', 'sending') LIMIT 1", (batch_name(bulk_id),)
        )
        if waiting or not self._set(bulk_id, BulkState.DONE, among=(BulkState.RUNNING,)):
            return False
        with self._db.write():
            self._db.connection.execute("UPDATE bulk SET ended_at = ? WHERE id = ?", (self._db.clock(), bulk_id))
        return True

    # Once more

    def begin_retry(self, bulk: Bulk) -> int:
        """A new batch for :meth:`failed`, to be filled; 0 where none failed, or all have opted out. RepeatedError where
        they were sent again already, or another window is about to: of two that ask at once one gets a batch."""
        with self._db.write(durable=True):
            for other in self.open(BulkState.FILLING):
                if other.retry_of and not self.is_broken_off(other):
                    raise RepeatedError(other)
            if self._failed(bulk.id, "m.key NOT IN (SELECT key FROM opt_out)", 0, 1):
                return self.begin(bulk.label, rate=bulk.rate, text=bulk.text, sender=bulk.sender, retry_of=bulk.id)
            if (done := self.retry_of(bulk)) is not None:
                raise RepeatedError(done)
        return 0

    def retry_of(self, bulk: Bulk) -> Bulk | None:
        """The last batch of those of ``bulk`` that had failed."""
        found = self._select("retry_of = ? AND state <> 'cancelled' ORDER BY id DESC LIMIT 1", (bulk.id,))
        return found[0] if found else None

    def failed(self, bulk_id: int, after: int = 0, limit: int = _CHUNK) -> list[tuple[int, NewMessage]]:
        """A page of those whose last attempt failed or was refused, as orders, by the IDs of their rows; read after
        ``after``."""
        return self._failed(bulk_id, "1", after, limit)

    def _failed(self, bulk_id: int, which: str, after: int, limit: int) -> list[tuple[int, NewMessage]]:
        rows = self._db.rows(
            "SELECT m.id, i.number, i.text, i.kind, i.sender, i.flash, i.footer, i.nofooter FROM message m "  # noqa: S608
            f"JOIN intent i ON i.id = m.intent_id WHERE m.batch = ? AND m.status IN {_FAILED} AND m.id > ? "
            f"AND {which} AND {_NOT_TRIED_SINCE} ORDER BY m.id LIMIT ?",
            (batch_name(bulk_id), after, limit),
        )
        return [(int(str(row[0])), _order(row)) for row in rows]

    # Reading

    def get(self, bulk_id: int) -> Bulk | None:
        found = self._select("id = ?", (bulk_id,))
        return found[0] if found else None

    def open(self, *states: BulkState) -> list[Bulk]:
        """Batches in these states (without any: all that have not ended), the oldest first."""
        wanted = states or OPEN
        return self._select(f"state IN ({','.join('?' * len(wanted))}) ORDER BY id", tuple(s.value for s in wanted))

    def recent(self, limit: int = 50) -> list[Bulk]:
        """The newest first."""
        return self._select("1 ORDER BY id DESC LIMIT ?", (limit,))

    def progress(self, bulk_id: int) -> Progress | None:
        """How far a batch is; counted in an index of the batch alone."""
        bulk = self.get(bulk_id)
        if bulk is None:
            return None
        rows = self._db.rows("SELECT status, count(*) FROM message WHERE batch = ? GROUP BY status", (bulk.batch,))
        return Progress(bulk, {str(status): int(str(n)) for status, n in rows})

    def _select(self, where: str, parameters: tuple[object, ...]) -> list[Bulk]:
        sql = f"SELECT {_COLUMNS} FROM bulk WHERE {where}"  # noqa: S608 - fixed phrases, bound values
        return [Bulk(*row[:2], BulkState(row[2]), *row[3:]) for row in self._db.rows(sql, parameters)]  # type: ignore[call-arg, arg-type]

    def _require(self, bulk_id: int, state: BulkState) -> None:
        bulk = self.get(bulk_id)
        if bulk is None or bulk.state is not state:
            raise ValueError(f"batch {bulk_id} is not {state.value}")

    def _set(
        self, bulk_id: int, state: BulkState, reason: str = "", among: tuple[BulkState, ...] = (BulkState.HELD,)
    ) -> bool:
        marks = ",".join("?" * len(among))
        with self._db.write(durable=True) as changes:
            cursor = self._db.connection.execute(
                f"UPDATE bulk SET state = ?, reason = ? WHERE id = ? AND state IN ({marks})",  # noqa: S608
                (state.value, reason, bulk_id, *(each.value for each in among)),
            )
            changes.account = cursor.rowcount > 0
            return cursor.rowcount > 0


def _order(row: tuple[object, ...]) -> NewMessage:
    number, text, kind, sender, flash, footer, nofooter = row[1:]
    return NewMessage(number, text, kind, sender, bool(flash), footer, bool(nofooter))  # type: ignore[arg-type]
