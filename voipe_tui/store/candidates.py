"""The gateway's rows that nobody here has claimed, and which of them a message can be."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.store.facts import CLOCK_AHEAD, FOOTER, HEADING, Facts
from voipe_tui.store.journal import OPEN
from voipe_tui.store.models import Intent
from voipe_tui.text.gateway_fold import CUT, DIFFERENT, SAME, could_be_same, cut_fits, likeness, without_additions

WINDOW_SECONDS = 180.0
"""How long after the request a row may still turn up: the queue runs every second or so (trap 9), a busy one later."""
LATEST_SECONDS = 72 * 3_600.0
"""A queue that stood still lets a message out so much later at most for it to be taken for ours."""
_EARLY_SECONDS = 120.0
_QUARTER = 900.0
_FARTHEST_APART = 26 * 3_600.0
"""Between two zones."""


class Candidate(NamedTuple):
    """A row of the gateway's that no intent has claimed."""

    epoch: int
    gateway_id: int
    number: str
    key: str
    text: str
    created_at: float | None
    plain_time: int | None
    """The gateway's own time, read as if it were UTC."""


class Seeker(NamedTuple):
    """A message that looks for its row: ``key`` is its number's, None for a group, whose rows go to any."""

    intent: Intent
    key: str | None
    row_id: int | None = None
    """Set where the gateway took it for certain and named no ID: only that row of ours looks."""

    @property
    def same(self) -> tuple[object, ...]:
        """Messages that are equal in this are told apart by nobody, nor need they be."""
        each = self.intent
        return (self.key or each.number, each.kind, each.text, each.footer, each.nofooter, each.gateway_schedule)


class Candidates:
    """One look at the unclaimed rows; for one transaction, since what was compared is remembered."""

    def __init__(self, database: Database, facts: Facts) -> None:
        self._db = database
        self._facts = facts
        self._compared: dict[tuple[str, str], int] = {}

    @cached_property
    def _added(self) -> tuple[str, str]:
        """What this gateway was seen to put before and after a text by itself."""
        return self._facts.get(HEADING) or "", self._facts.get(FOOTER) or ""

    @cached_property
    def _most_bytes(self) -> int | None:
        return self._facts.most_bytes()

    @cached_property
    def ahead(self) -> float:
        """Seconds that the gateway's clock is ahead of ours."""
        return self._facts.get_float(CLOCK_AHEAD) or 0.0

    def of(self, seeker: Seeker, *, late: bool = False) -> list[tuple[Candidate, int]]:
        """The rows that can be this message, each with ``SAME`` or ``CUT``."""
        near = ((row, self._alike(seeker.intent, row.text)) for row in self._near(seeker, late=late))
        return [(row, alike) for row, alike in near if alike != DIFFERENT]

    def likely(self, seeker: Seeker) -> Candidate | None:
        """The one row to its number and of its time where there is no other; its text is another one."""
        near = self._near(seeker)
        return near[0] if len(near) == 1 else None

    def _near(self, seeker: Seeker, *, late: bool = False) -> list[Candidate]:
        """The rows to its number and of its time."""
        intent = seeker.intent
        first = self._first_sent(intent)
        # What was sent twice on a person's word is here with either copy: the later floor would hide the first.
        floor, since = (intent.floor_id, intent.started_at) if first is None else (0, first)
        by_number = "m.key = ?" if seeker.key is not None else "? IS NULL"
        rows = self._db.rows(
            "SELECT m.epoch, m.gateway_id, m.number, m.key, m.text, m.created_at, unixepoch(m.gateway_time) "  # noqa: S608
            f"FROM message m WHERE {by_number} AND m.source = 'outgoing' AND m.intent_id IS NULL AND m.deleted = 0 "
            "AND (m.epoch = ? AND m.gateway_id > ? OR m.epoch > ?) ORDER BY m.epoch, m.gateway_id",
            (seeker.key, intent.epoch, floor, intent.epoch),
        )
        found = (Candidate(*row) for row in rows)  # type: ignore[arg-type]
        return [each for each in found if (self._is_late(intent, each) if late else self._in_time(intent, since, each))]

    def rivals(self, rows: list[Candidate], state: str, seeker: Seeker, *, apart_from: int = 0) -> bool:
        """Whether one of the rows may as well belong to another message in ``state`` (sending, unknown)."""
        others = self._db.rows(
            f"SELECT DISTINCT text FROM intent WHERE state = ? AND {OPEN} AND id <> ? "  # noqa: S608 - a constant
            "AND (kind = 'group' OR ?3 IS NULL OR key = ?3)",
            (state, apart_from, seeker.key),
        )
        return any(
            could_be_same(str(text), read) for (text,) in others for row in rows for read in self._reads(row.text)
        )

    def fits(self, seeker: Seeker, row: Candidate) -> bool:
        """Whether the row can be that message by its text."""
        return self._alike(seeker.intent, row.text) != DIFFERENT

    def _reads(self, read: str) -> list[str]:
        """A text as it was listed, and less what the gateway adds."""
        return [read, without_additions(read, *self._added)] if any(self._added) else [read]

    def _alike(self, intent: Intent, read: str) -> int:
        texts = [intent.text]
        if intent.footer and not intent.nofooter:
            texts.append(f"{intent.text} {intent.footer}")
        return max(self._compare(text, read) for text in texts)

    def _compare(self, sent: str, read: str) -> int:
        pair = (sent, read)
        if pair not in self._compared:
            alike = max(likeness(sent, each) for each in self._reads(read))
            if alike == CUT and not cut_fits(sent, read, self._most_bytes):
                alike = DIFFERENT
            self._compared[pair] = alike
        return self._compared[pair]

    def _first_sent(self, intent: Intent) -> float | None:
        """When a message left first that a person has sent again; None for all others."""
        if intent.attempts < 2:
            return None
        row = self._db.row(
            "SELECT min(at), max(event = 'send-again') FROM journal_event "
            "WHERE intent_id = ? AND event IN ('claim', 'send-again')",
            (intent.id,),
        )
        return float(str(row[0])) if row is not None and row[1] else None

    def _in_time(self, intent: Intent, since: float | None, candidate: Candidate) -> bool:
        if intent.started_at is None or since is None:
            # Where the IDs have restarted since, no floor tells older rows apart.
            return candidate.epoch == intent.epoch
        if intent.gateway_schedule and candidate.epoch == intent.epoch:
            return True
        if intent.gateway_schedule and not self._was_past(intent.gateway_schedule, since):
            return self._when_due(intent.gateway_schedule, since, candidate)
        # The gateway's times are by the gateway's clock; ours may go wrong by minutes, or its own.
        since, last = since + self.ahead, intent.started_at + self.ahead
        if candidate.created_at is not None:
            return since - _EARLY_SECONDS <= candidate.created_at <= last + WINDOW_SECONDS
        if candidate.plain_time is None:
            return candidate.epoch == intent.epoch
        # The zone is not known yet (trap 22), but every zone is so many quarters of an hour from ours.
        apart = (candidate.plain_time - since + _EARLY_SECONDS) % _QUARTER
        return apart <= _EARLY_SECONDS + WINDOW_SECONDS + last - since

    def _was_past(self, schedule: str, since: float) -> bool:
        """Whether its time had passed in every zone when the request left: then the gateway sends at once."""
        row = self._db.row("SELECT unixepoch(?)", (schedule,))
        return row is not None and row[0] is not None and since + self.ahead - int(str(row[0])) > _FARTHEST_APART

    def _when_due(self, schedule: str, since: float, candidate: Candidate) -> bool:
        """Whether a row of another epoch came after the request, and when a message was due that was scheduled."""
        if candidate.created_at is not None and candidate.created_at < since + self.ahead - _EARLY_SECONDS:
            return False
        row = self._db.row("SELECT unixepoch(?)", (schedule,))
        if row is None or row[0] is None or candidate.plain_time is None:
            return False
        # Schedules and lists have each a zone of their own (trap 22), both so many quarters of an hour from any other.
        apart = candidate.plain_time - int(str(row[0]))
        return abs(apart) <= _FARTHEST_APART and (apart + _EARLY_SECONDS) % _QUARTER <= _EARLY_SECONDS + WINDOW_SECONDS

    def _is_late(self, intent: Intent, candidate: Candidate) -> bool:
        if intent.started_at is None or candidate.epoch != intent.epoch:
            return False
        if candidate.created_at is None:  # the zone is not known yet: its ID tells that it is no older one
            return candidate.plain_time is not None and candidate.gateway_id > intent.floor_id
        started = intent.started_at + self.ahead
        return started + WINDOW_SECONDS < candidate.created_at <= started + LATEST_SECONDS


__all__ = ["CUT", "SAME", "Candidate", "Candidates", "Seeker"]
