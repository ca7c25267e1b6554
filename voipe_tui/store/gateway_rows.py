"""What the gateway shows, on its way into the store.

A row is known by (list, epoch, ID). A known row only ever gets a newer status; what a person wrote, read or starred
stays. A known ID that comes with another date is not the same message: the gateway's IDs have restarted (trap 25),
and the caller is told by :class:`IdsRestarted` before anything is written.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from voipe_tui.store.candidates import LATEST_SECONDS
from voipe_tui.store.database import Changes, Database
from voipe_tui.store.facts import CLOCK_AHEAD, FOOTER, HEADING, REWRITES, Facts
from voipe_tui.store.messages import Messages
from voipe_tui.store.models import IncomingRecord, OutgoingRecord, Source, Waiting
from voipe_tui.store.new_rows import NewRows, whole
from voipe_tui.store.states import REPORT_EVENTS, Actor, Event, ImpossibleTransition, Status, next_state
from voipe_tui.store.twins import HIDDEN_TWIN, Twins
from voipe_tui.text.gateway_fold import additions, could_be_same
from voipe_tui.text.numbers import may_be_same_number, number_key


class IdsRestarted(Exception):
    """A listing shows another message under a known ID; nothing was written. ``gateway_id`` is the first such ID.

    ``row_id``: all that tells against it is the text of this message of ours, which the gateway may have rewritten.
    """

    def __init__(self, source: Source, gateway_id: int, row_id: int | None = None) -> None:
        super().__init__(f"{source} {gateway_id}")
        self.source = source
        self.gateway_id = gateway_id
        self.row_id = row_id


class ZoneMoved(Exception):
    """A listing shows known messages, word for word, with other dates: its zone is another one now; nothing was
    written. ``seconds``: so much further ahead of UTC than it was; ``newest``: the place in time of the latest row."""

    def __init__(self, source: Source, seconds: float, newest: float) -> None:
        super().__init__(f"{source} {seconds:+.0f} s")
        self.source = source
        self.seconds = seconds
        self.newest = newest


class Move(NamedTuple):
    """The zone of a list became another one while it was known: rows up to ``last_id`` here, not older than ``since``,
    are dated anew when they are read again. ``at``: when it was noticed."""

    seconds: float
    last_id: int
    since: float
    at: float


_QUARTER = 900.0  # zones are apart by multiples of 15 minutes, and by 26 hours at most
_FARTHEST = 26 * 3_600.0
_ALONE = 14 * 3_600.0  # so far one row alone is believed to have moved
_HISTORIES = 3  # how many histories back a row may have been stored by mistake
_EARLY_SECONDS = 120.0
_MOVING_SECONDS = 86_400.0
REDATED_SECONDS = 4 * 86_400.0
"""So far back rows are read again when a zone has moved: what is older and has the date of before keeps it."""
_KNOWN = (
    "gateway_id, id, status, gateway_time, text, sent_text, key, sender, intent_id, deleted, status_at, "
    "sort_at, created_at, unixepoch(gateway_time) AS plain"
)

Pairs = Sequence[tuple[dict[str, Any], OutgoingRecord]] | Sequence[tuple[dict[str, Any], IncomingRecord]]
"""Known rows, each with what a listing says of it now."""


class GatewayRows:
    """Takes listings in, a page a transaction."""

    def __init__(self, database: Database, messages: Messages, facts: Facts) -> None:
        self._db = database
        self._messages = messages
        self._facts = facts
        self._moving: set[Source] = set()
        self._twins = Twins(database, facts, messages.region)

    def take_outgoing(self, records: Sequence[OutgoingRecord]) -> int:
        """Rows of ``ds``. Returns how many were new. Raises :class:`IdsRestarted`, :class:`ZoneMoved`."""
        if not records:
            return 0
        now = self._db.clock()
        with self._db.write() as changes:
            epoch = self._facts.epoch("outgoing")
            known = self._known("outgoing", epoch, [record.gateway_id for record in records])
            rows = [(known[each.gateway_id], each) for each in records if each.gateway_id in known]
            others = [(row, each) for row, each in rows if self._is_another(row, each)]
            self._redate(changes, "outgoing", rows, others)
            known |= self._bring_along(changes, "outgoing", epoch, [r for r in records if r.gateway_id not in known])
            batch = self._messages.batch()
            new = [
                batch.add_listed(record, epoch, *_as_reported(record.status_code), now)
                for record in records
                if record.gateway_id not in known
            ]
            batch.write()
            changes.inserted.update(new)
            if known:
                for record in records:
                    if (row := known.get(record.gateway_id)) is not None:
                        self._refresh(changes, row, record, now)
            self._facts.saw_id("outgoing", max(record.gateway_id for record in records))
        return len(new)

    def take_incoming(self, records: Sequence[IncomingRecord], *, read_before: float | None = None) -> int:
        """Rows of ``in`` or ``ix``, all of one list. Returns how many were new. Raises :class:`IdsRestarted`,
        :class:`ZoneMoved`.

        New rows are unread, but for those sorted before ``read_before`` (epoch seconds): history that was there long
        before this program was.
        """
        if not records:
            return 0
        source = records[0].source
        now = self._db.clock()
        with self._db.write() as changes:
            epoch = self._facts.epoch(source)
            known = self._known(source, epoch, [record.gateway_id for record in records])
            rows = [(known[each.gateway_id], each) for each in records if each.gateway_id in known]
            others = [(row, each) for row, each in rows if row["gateway_time"] != each.gateway_time]
            self._redate(changes, source, rows, others)
            known |= self._bring_along(changes, source, epoch, [r for r in records if r.gateway_id not in known])
            batch = self._messages.batch()
            twins = self._twins if self._twins.possible(records[0]) else None
            new = sum(
                self._insert_incoming(batch, changes, record, epoch, now, read_before, twins)
                for record in records
                if record.gateway_id not in known
            )
            batch.write()
            self._facts.saw_id(source, max(record.gateway_id for record in records))
        return new

    def _insert_incoming(
        self,
        batch: NewRows,
        changes: Changes,
        record: IncomingRecord,
        epoch: int,
        now: float,
        read_before: float | None,
        twins: Twins | None,
    ) -> int:
        """A new row. Returns 1, or 0 where another list already shows the message: then its ID is kept out of sight."""
        twin = twins.find(record) if twins is not None else None
        new_id = batch.add(
            "in", record.source, record.number, record.text, record.sort_at, epoch=epoch,
            gateway_id=record.gateway_id, sender=record.receiver or None, status_at=now, created_at=record.created_at,
            gateway_time=record.gateway_time, keyword=record.keyword or None,
            read=int(read_before is not None and record.sort_at < read_before),
            deleted=0 if twin is None else HIDDEN_TWIN, twin_id=None if twin is None else twin.row_id,
        )  # fmt: skip
        if twin is None:
            changes.inserted.add(new_id)
            return 1
        self._db.connection.execute("UPDATE message SET twin_id = ? WHERE id = ?", (new_id, twin.row_id))
        return 0

    def knows(self, source: Source, rows: Sequence[tuple[int, str]]) -> bool:
        """Whether any of these (ID, gateway time) is a row of the current epoch."""
        known = self._known(source, self._facts.epoch(source), [gateway_id for gateway_id, _ in rows])
        return any(known.get(gateway_id, {}).get("gateway_time") == moment for gateway_id, moment in rows)

    @contextmanager
    def zone_moved(self, source: Source) -> Iterator[None]:
        """It is known that the zone of a list is another one: meanwhile rows get the dates that they have now."""
        self._moving.add(source)
        try:
            yield
        finally:
            self._moving.discard(source)

    def _redate(self, changes: Changes, source: Source, rows: Pairs, others: Pairs) -> None:
        """``others``: those of the known rows that do not come as they are known. Where nothing but their dates moved
        they get the new ones; what they were in UTC stays where that was right."""
        move = self._move(source)
        if others:
            self._judge(source, rows, others, move)
            if move is None and source not in self._moving and 0.0 in self._apart_in_utc(others):
                move = self.note_move(source, 0.0)  # the zone of now was learned from new rows
            self._db.connection.executemany(
                "UPDATE message SET gateway_time = ? WHERE id = ?",
                [(record.gateway_time, row["id"]) for row, record in others],
            )
        if move is None:
            return
        wrong = [
            (record.created_at, whole(record.sort_at), row["id"])
            for row, record in rows
            if row["intent_id"] is None and record.created_at is not None and row["created_at"] != record.created_at
            and row["id"] <= move.last_id and (row["created_at"] is None or row["sort_at"] >= move.since)
        ]  # fmt: skip
        self._place(changes, wrong)

    def _judge(self, source: Source, rows: Pairs, others: Pairs, move: Move | None) -> None:
        """Raises unless the others are known messages whose dates are the ones that they have in the zone of now."""
        apart = [self._moved_by(row, record) for row, record in others]
        in_utc = self._apart_in_utc(others)
        enough = len(rows) > 1 or move is not None or source in self._moving or 0.0 in in_utc
        row, record = others[0]
        # One row alone may be another message that only reads the same, but hardly so under the last ID that was seen.
        last = abs(apart[0] or 0.0) <= _ALONE and row["gateway_id"] >= self._facts.seen_id(source)
        if None in apart or not (enough or last):
            only_text = all(self._may_be_rewritten(*each) for each in others)
            raise IdsRestarted(source, record.gateway_id, row["id"] if only_text else None)
        explained = (self._is_explained(row, record, move) for row, record in others)
        if source in self._moving or 0.0 in in_utc or all(explained):
            return
        newest = max(float(row["sort_at"]) for row, _ in others)
        counted = Counter(in_utc or [each for each in apart if each is not None])
        raise ZoneMoved(source, counted.most_common(1)[0][0], newest)

    @staticmethod
    def _apart_in_utc(others: Pairs) -> list[float]:
        """How much later each is than it was known to be, where both are known."""
        return [
            record.created_at - row["created_at"]
            for row, record in others
            if row["intent_id"] is None and record.created_at is not None and row["created_at"] is not None
        ]

    def _is_explained(self, row: dict[str, Any], record: OutgoingRecord | IncomingRecord, move: Move | None) -> bool:
        """Whether the zone that is known dates the row so."""
        if row["intent_id"] is not None and record.created_at is not None:
            late = record.created_at - (self._facts.get_float(CLOCK_AHEAD) or 0.0) - float(row["sort_at"])
            return -_EARLY_SECONDS <= late <= LATEST_SECONDS
        if move is None or row["id"] > move.last_id or self._db.clock() - move.at > _MOVING_SECONDS:
            return False
        return self._moved_by(row, record) == move.seconds

    def _move(self, source: Source) -> Move | None:
        written = self._facts.get(f"zone.moved.{source}")
        return None if written is None else Move(*json.loads(written))

    def forget_move(self, source: Source) -> None:
        """The zone is another one once more, perhaps for new rows only."""
        self._facts.set(f"zone.moved.{source}", None)

    def note_move(self, source: Source, seconds: float) -> Move:
        """The zone of a list is another one; the rows that are here were dated, or placed, by the one before."""
        now = self._db.clock()
        move = Move(seconds, self.last_id(), now - REDATED_SECONDS, now)
        self._facts.set(f"zone.moved.{source}", json.dumps(move))
        return move

    def _moved_by(self, row: dict[str, Any], record: OutgoingRecord | IncomingRecord) -> float | None:
        """How much later the gateway dates a known message than before; None where it is another message."""
        if row["plain"] is None or not self._same_number(row, record):
            return None
        if not could_be_same(row["sent_text"] or row["text"], record.text):
            return None
        found = self._db.row("SELECT unixepoch(?)", (record.gateway_time,))
        if found is None or found[0] is None:
            return None
        apart = float(str(found[0])) - float(row["plain"])
        return apart if apart % _QUARTER == 0 and abs(apart) <= _FARTHEST else None

    def count_between(self, source: Source, above: int, up_to: int) -> int:
        """How many IDs of the current epoch from there to there are in the store."""
        row = self._db.row(
            "SELECT count(*) FROM message WHERE source = ? AND epoch = ? AND gateway_id > ? AND gateway_id <= ?",
            (source, self._facts.epoch(source), above, up_to),
        )
        return int(str(row[0])) if row is not None else 0

    def last_id(self) -> int:
        """The last row that was made, of any list."""
        row = self._db.row("SELECT seq FROM sqlite_sequence WHERE name = 'message'")
        return int(str(row[0])) if row is not None else 0

    def unplaced_since(self, source: Source) -> str | None:
        """The first date of the rows whose true time is not known; None where there are none."""
        row = self._db.row(
            "SELECT min(gateway_time) FROM message WHERE source = ? AND epoch = ? AND created_at IS NULL "
            "AND unixepoch(gateway_time) IS NOT NULL",
            (source, self._facts.epoch(source)),
        )
        return None if row is None or row[0] is None else str(row[0])

    def restamp(self, source: Source, offset: float, *, all_rows: bool = False) -> int:
        """The zone of a list was learned: rows that waited for it get their true time. Returns how many.

        ``offset``: seconds that the list's date-times are ahead of UTC. ``all_rows``: what was taken for it was wrong
        from the beginning.
        """
        with self._db.write() as changes:
            cursor = self._db.connection.execute(
                "UPDATE message SET created_at = unixepoch(gateway_time) - ?1, sort_at = unixepoch(gateway_time) - ?1 "
                "WHERE source = ?2 AND intent_id IS NULL AND unixepoch(gateway_time) IS NOT NULL "
                "AND (created_at IS NULL OR ?3 AND created_at <> unixepoch(gateway_time) - ?1)",
                (offset, source, all_rows),
            )
            if cursor.rowcount:
                changes.everything = True
                self._messages.index.begin_again()
            return cursor.rowcount

    def placed_after(self, source: Source, last_id: int) -> list[tuple[int, str, float]]:
        """Rows that came after that one, not of ours: ID, gateway time, and the moment that was made of it."""
        return self._db.rows(  # type: ignore[return-value]
            "SELECT id, gateway_time, created_at FROM message WHERE source = ? AND id > ? AND intent_id IS NULL "
            "AND created_at IS NOT NULL AND gateway_time IS NOT NULL",
            (source, last_id),
        )

    def place(self, moments: Sequence[tuple[float | None, float, int]]) -> None:
        """Other moments for rows: UTC (None: it cannot be told), place in the list, ID."""
        with self._db.write() as changes:
            self._place(changes, moments)

    def _place(self, changes: Changes, moments: Sequence[tuple[float | None, float, int]]) -> None:
        if moments:
            self._db.connection.executemany("UPDATE message SET created_at = ?, sort_at = ? WHERE id = ?", moments)
            changes.everything = True
            self._messages.index.begin_again()

    def waiting(self, since: float, limit: int = 500) -> list[Waiting]:
        """Outgoing rows handed over after ``since`` whose fate is not settled, newest first."""
        rows = self._db.rows(
            "SELECT id, status, gateway_id, queue, gateway_time, sort_at, intent_id FROM message "
            "WHERE deleted = 0 AND status IN ('accepted', 'pending', 'sent', 'scheduled') AND status <> 'delivered' "
            "AND epoch = ? AND sort_at >= ? AND (gateway_id IS NOT NULL OR queue IS NOT NULL) "
            "ORDER BY sort_at DESC, id DESC LIMIT ?",
            (self._facts.epoch("outgoing"), since, limit),
        )
        return [Waiting(*row) for row in rows]  # type: ignore[arg-type]

    def give_up(self, before: float, limit: int = 500) -> int:
        """Marks what was sent before that moment and never got its delivery report. Returns how many.

        Only what grew that old under our eyes: history that came in finished or not is left as it is.
        """
        since = self._facts.get_float("given up")
        if since is None:
            self._facts.set("given up", repr(before))
            return 0
        rows = self._db.rows(
            "SELECT id, sort_at FROM message WHERE status IN ('accepted', 'pending', 'sent') AND status <> 'delivered' "
            "AND deleted = 0 AND sort_at >= ? AND sort_at < ? ORDER BY sort_at LIMIT ?",
            (since, before, limit),
        )
        with self._db.write() as changes:
            for row_id, _ in rows:
                cursor = self._db.connection.execute(
                    "UPDATE message SET note = ? WHERE id = ? AND note IS NULL",
                    ("No delivery report came within 72 hours; it is no longer asked for.", row_id),
                )
                if cursor.rowcount:
                    changes.ids.add(int(str(row_id)))
            # A full round stops at its last row, whose like may follow; the next round begins there.
            self._facts.set("given up", repr(rows[-1][1]) if len(rows) == limit else repr(before))
        return len(rows)

    def remark(self, row_id: int, note: str) -> None:
        """Says beside a row what was learned of it."""
        with self._db.write() as changes:
            cursor = self._db.connection.execute(
                "UPDATE message SET note = ?1 WHERE id = ?2 AND note IS NOT ?1", (note, row_id)
            )
            if cursor.rowcount:
                changes.ids.add(row_id)

    # Single rows

    def _known(self, source: Source, epoch: int, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        names = [name.rsplit(" ", 1)[-1] for name in _KNOWN.split(", ")]
        found: dict[int, dict[str, Any]] = {}
        for start in range(0, len(ids), 500):
            chunk = ids[start : start + 500]
            marks = ",".join("?" * len(chunk))
            sql = f"SELECT {_KNOWN} FROM message WHERE source = ? AND epoch = ? AND gateway_id IN ({marks})"  # noqa: S608
            for row in self._db.rows(sql, (source, epoch, *chunk)):
                found[row[0]] = dict(zip(names, row, strict=True))  # type: ignore[index]
        return found

    def _bring_along(
        self, changes: Changes, source: Source, epoch: int, records: Sequence[OutgoingRecord | IncomingRecord]
    ) -> dict[int, dict[str, Any]]:
        """Rows of an earlier history that the list shows still, word for word: they belong to the current one.

        A restart of the IDs is noticed late (trap 25): what came in between was stored under the old history.
        """
        found: dict[int, dict[str, Any]] = {}
        for earlier in range(epoch - 1, max(0, epoch - 1 - _HISTORIES), -1):
            rows = self._known(source, earlier, [r.gateway_id for r in records if r.gateway_id not in found])
            for record in records:
                row = rows.get(record.gateway_id)
                if row is None or not self._is_the_same(row, record):
                    continue
                self._db.connection.execute("UPDATE message SET epoch = ? WHERE id = ?", (epoch, row["id"]))
                changes.ids.add(row["id"])
                found[record.gateway_id] = row
        return found

    def _is_the_same(self, row: dict[str, Any], record: OutgoingRecord | IncomingRecord) -> bool:
        same_time = row["gateway_time"] in (None, record.gateway_time)
        if not same_time or not self._same_number(row, record):
            return False
        return record.text == row["sent_text"] or could_be_same(row["text"], record.text)

    def _same_number(self, row: dict[str, Any], record: OutgoingRecord | IncomingRecord) -> bool:
        # A gateway may write a number in another form than the profile's region reads; its end stays.
        key = number_key(record.number, self._messages.region)
        return row["key"] == key or may_be_same_number(row["key"], record.number)

    def _is_another(self, row: dict[str, Any], record: OutgoingRecord) -> bool:
        if row["gateway_time"] is not None:
            return bool(row["gateway_time"] != record.gateway_time)
        # Ours, seen in a list for the first time: the answer to it named this ID.
        if self._is_the_same(row, record):
            return False
        if not self._may_be_rewritten(row, record):
            return True
        if (added := additions(row["text"], record.text)) is not None:
            for name, text in zip((HEADING, FOOTER), added, strict=True):
                self._facts.set(name, text or None)
            return False
        return self._facts.get(REWRITES) is None

    def _may_be_rewritten(self, row: dict[str, Any], record: OutgoingRecord | IncomingRecord) -> bool:
        """Whether number and date fit a message of ours that has not been seen yet, whatever its text."""
        if row["gateway_time"] is not None or not self._same_number(row, record):
            return False
        if record.created_at is None:
            return True
        late = record.created_at - (self._facts.get_float(CLOCK_AHEAD) or 0.0) - float(row["sort_at"])
        return late >= -_EARLY_SECONDS and (late <= LATEST_SECONDS or row["status"] == Status.SCHEDULED)

    def _refresh(self, changes: Changes, row: dict[str, Any], record: OutgoingRecord, now: float) -> None:
        event = REPORT_EVENTS.get(record.status_code)
        columns: dict[str, Any] = {}
        if row["gateway_time"] is None:
            columns["gateway_time"] = record.gateway_time
            if row["status"] == Status.SCHEDULED:
                columns["note"] = None  # it no longer waits at the gateway
                columns["sort_at"] = whole(
                    record.sort_at
                )  # its place is when it left, and from there its reports are awaited
            if record.text != row["text"]:
                columns["sent_text"] = record.text
            if record.sender and record.sender != row["sender"]:
                columns["sender"] = record.sender
                if row["sender"]:
                    # trap 10: only ds tells that a sender ID was silently replaced
                    columns["note"] = f"The gateway replaced the sender ID {row['sender']} by {record.sender}."
        after = self._after(str(row["status"]), event)
        if after is not None and after != row["status"]:
            columns["status"] = after.value
            columns["status_at"] = record.updated_at or now
        elif event is None and row["status"] == Status.ACCEPTED:
            columns["note"] = _strange(record.status_code)
        if not columns:
            return
        settings = ", ".join(f"{name} = ?" for name in columns)
        self._db.connection.execute(
            f"UPDATE message SET {settings} WHERE id = ?",  # noqa: S608
            (*columns.values(), row["id"]),
        )
        if not row["deleted"]:
            changes.ids.add(row["id"])

    @staticmethod
    def _after(status: str, event: Event | None) -> Status | None:
        if event is None:
            return None
        try:
            return next_state(status, event, Actor.GATEWAY)
        except ImpossibleTransition:
            # A report for something that never left (its ID was reused): the row is not ours to change.
            return None


@lru_cache(maxsize=64)
def _as_reported(code: int) -> tuple[str, str | None]:
    """Status and note of a row that comes with that delivery status."""
    event = REPORT_EVENTS.get(code)
    if event is None:
        return Status.ACCEPTED.value, _strange(code)
    return next_state(Status.ACCEPTED, event, Actor.GATEWAY).value, None


def _strange(code: int) -> str:
    return f"The gateway reports delivery status {code}, which this program does not know."
