"""What the gateway shows, on its way into the store.

A row is known by (list, epoch, ID). A known row only ever gets a newer status; what a person wrote, read or starred
stays. A known ID that comes with another date is not the same message: the gateway's IDs have restarted (trap 25),
and the caller is told by :class:`IdsRestarted` before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

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
    written. ``seconds``: so much later than before; ``newest``: the place in time of the latest such row; ``offset``:
    how far ahead of UTC it is dated now, None where that cannot be told; ``row_id``: the last such row here."""

    def __init__(self, source: Source, seconds: float, newest: float, offset: float | None, row_id: int) -> None:
        super().__init__(f"{source} {seconds:+.0f} s")
        self.source = source
        self.seconds = seconds
        self.newest = newest
        self.offset = offset
        self.row_id = row_id


_QUARTER = 900.0  # zones are apart by multiples of 15 minutes, and by 26 hours at most
_FARTHEST = 26 * 3_600.0
_HISTORIES = 3  # how many histories back a row may have been stored by mistake
_EARLY_SECONDS = 120.0
_KNOWN = (
    "gateway_id, id, status, gateway_time, text, sent_text, key, sender, intent_id, deleted, status_at, "
    "sort_at, created_at, unixepoch(gateway_time) AS plain"
)


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
            self._redate("outgoing", [(row, each) for row, each in rows if self._is_another(row, each)])
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
            self._redate(source, [(row, each) for row, each in rows if row["gateway_time"] != each.gateway_time])
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

    def _redate(self, source: Source, others: Sequence[tuple[dict[str, Any], OutgoingRecord | IncomingRecord]]) -> None:
        """Rows that do not come as they are known. Where nothing but all their dates moved they get the new ones."""
        if not others:
            return
        moved = source in self._moving
        apart = {self._moved_by(row, record) for row, record in others}
        enough = len(others) > 1 or moved or self._facts.get(f"moved.{source}") is not None
        if None in apart or not enough:  # one row alone may be another message that only reads the same
            row, record = others[0]
            only_text = all(self._may_be_rewritten(*each) for each in others)
            raise IdsRestarted(source, record.gateway_id, row["id"] if only_text else None)
        if not moved:
            row, record = max(others, key=lambda each: float(each[0]["sort_at"]))
            last = max(int(each["id"]) for each, _ in others)
            seconds = self._moved_by(row, record) or 0.0
            offset = None if row["created_at"] is None else row["plain"] + seconds - row["created_at"]
            raise ZoneMoved(source, seconds, float(row["sort_at"]), offset, last)
        self._facts.set(f"moved.{source}", "yes")
        self._db.connection.executemany(
            "UPDATE message SET gateway_time = ? WHERE id = ?",
            [(record.gateway_time, row["id"]) for row, record in others],
        )

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

    def redate(self, moved: ZoneMoved, since: float, offset: float | None) -> None:
        """The zone of a list is another one: rows from ``since`` on get the dates that they have there now. When they
        were stays as it is; what came since, dated anew already, is put right where the ``offset`` is known."""
        which = (moved.source, self._facts.epoch(moved.source), since)
        with self._db.write() as changes:
            self._db.connection.execute(
                "UPDATE message SET gateway_time = strftime('%Y-%m-%d %H:%M:%S', unixepoch(gateway_time) + ?4, "
                "'unixepoch') WHERE source = ?1 AND epoch = ?2 AND sort_at >= ?3 AND id <= ?5 "
                "AND unixepoch(gateway_time) IS NOT NULL",
                (*which, moved.seconds, moved.row_id),
            )
            if offset is None:
                return
            cursor = self._db.connection.execute(
                "UPDATE message SET created_at = unixepoch(gateway_time) - ?4, "
                "sort_at = CASE WHEN intent_id IS NULL THEN unixepoch(gateway_time) - ?4 ELSE sort_at END "
                "WHERE source = ?1 AND epoch = ?2 AND sort_at >= ?3 AND created_at <> unixepoch(gateway_time) - ?4",
                (*which, offset),
            )
            if cursor.rowcount:
                changes.everything = True
                self._messages.index.begin_again()

    def count_between(self, source: Source, above: int, up_to: int) -> int:
        """How many IDs of the current epoch from there to there are in the store."""
        row = self._db.row(
            "SELECT count(*) FROM message WHERE source = ? AND epoch = ? AND gateway_id > ? AND gateway_id <= ?",
            (source, self._facts.epoch(source), above, up_to),
        )
        return int(str(row[0])) if row is not None else 0

    def restamp(self, source: Source, offset: float, since: float | None = None) -> int:
        """The zone of a list was learned: rows that waited for it get their true time. Returns how many.

        ``offset``: seconds that the list's date-times are ahead of UTC. With ``since`` it has changed: rows that are
        later by it get another time than they had.
        """
        with self._db.write() as changes:
            cursor = self._db.connection.execute(
                "UPDATE message SET created_at = unixepoch(gateway_time) - ?1, "
                "sort_at = CASE WHEN intent_id IS NULL THEN unixepoch(gateway_time) - ?1 ELSE sort_at END "
                "WHERE source = ?2 AND gateway_time IS NOT NULL AND unixepoch(gateway_time) IS NOT NULL "
                "AND CASE WHEN ?3 IS NULL THEN created_at IS NULL "
                "ELSE created_at IS NOT NULL AND unixepoch(gateway_time) - ?1 > ?3 END",
                (offset, source, since),
            )
            changes.everything = cursor.rowcount > 0
            if cursor.rowcount:
                self._messages.index.begin_again()
            return cursor.rowcount

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
