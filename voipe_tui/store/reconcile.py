"""Finding out what became of messages whose outcome is unknown.

Readers bring every row that the gateway shows into the store; here the unknown intents look among those rows that
nobody sent from here. A row is this message if its ID is above all that were known when the request left, its number
is the same, its text is what the gateway makes of ours (traps 11 and 12), and its time fits. Each row is claimed once:
when ten equal messages are in flight to one number, ten rows are found one by one, and while an equal one still waits
for its answer, nobody guesses.
"""

from __future__ import annotations

from typing import NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.store.facts import FOOTER, Facts
from voipe_tui.store.journal import OPEN, Journal
from voipe_tui.store.models import Acceptance, Intent
from voipe_tui.store.states import Actor, Event, Status
from voipe_tui.text.gateway_fold import could_be_same

WINDOW_SECONDS = 180.0
"""How long after the request a row may still turn up: the queue runs every second or so (trap 9), a busy one later."""
_LATEST_SECONDS = 72 * 3_600.0
"""A queue that stood still lets a message out so much later at most for it to be taken for ours."""
_FOUND_NOTE = "No answer came, but the gateway has it: found in its list."
_EARLY_SECONDS = 120.0
_QUARTER = 900.0


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


class Reconciler:
    """Looks unknown intents up in what the gateway has shown."""

    def __init__(self, database: Database, journal: Journal, facts: Facts) -> None:
        self._db = database
        self._journal = journal
        self._facts = facts

    def run(self, *, complete_since: float | None) -> int:
        """Settles what can be settled. Returns how many were found.

        ``complete_since``: the outgoing list is known whole from some time before all unknown intents up to this
        moment (epoch seconds), or None if it is not known whole.
        """
        if not self._journal.in_state(Status.UNKNOWN, 1):
            return 0
        with self._db.write(durable=True):  # looked at under the lock: another program looks too
            return sum([self._look_up(intent, complete_since) for intent in self._journal.in_state(Status.UNKNOWN)])

    def _look_up(self, intent: Intent, complete_since: float | None) -> bool:
        rows = self._matches(intent)
        if rows and not self._in_flight(intent, rows):
            self._claim(intent, _one_group(rows) if intent.kind == "group" else rows[:1], _FOUND_NOTE)
            return True
        if not rows and (late := self._late(intent)) is not None:
            self._claim(intent, [late], _late_note(intent, late))
            return True
        if complete_since is not None:
            self._say_not_seen(intent, complete_since)
        return False

    def _late(self, intent: Intent) -> Candidate | None:
        """The row of a message that stood in the gateway's queue for longer than the window.

        So late nobody is told apart by time any more: it counts only when one row fits and one message waits for it.
        """
        if intent.kind != "number" or intent.started_at is None or intent.gateway_schedule:
            return None
        rows = self._matches(intent, late=True)
        if len(rows) != 1 or self._in_flight(intent, rows) or self._has_rival(intent, rows[0]):
            return None
        return rows[0]

    def _has_rival(self, intent: Intent, row: Candidate) -> bool:
        texts = self._db.rows(
            f"SELECT text FROM intent WHERE state = 'unknown' AND {OPEN} AND id <> ? "  # noqa: S608 - a constant
            "AND key = (SELECT key FROM intent WHERE id = ?)",
            (intent.id, intent.id),
        )
        return any(could_be_same(str(text), row.text) for (text,) in texts)

    def _matches(self, intent: Intent, *, late: bool = False) -> list[Candidate]:
        if intent.kind == "user":
            return []  # what goes to an @user never shows up in the list (trap 13)
        first = self._first_sent(intent)
        # What was sent twice on a person's word is here with either copy: the later floor would hide the first.
        floor, since = (intent.floor_id, intent.started_at) if first is None else (0, first)
        by_number = "m.key = (SELECT key FROM intent WHERE id = ?)" if intent.kind == "number" else "? IS NOT NULL"
        rows = self._db.rows(
            "SELECT m.epoch, m.gateway_id, m.number, m.key, m.text, m.created_at, unixepoch(m.gateway_time) "  # noqa: S608
            f"FROM message m WHERE {by_number} AND m.source = 'outgoing' AND m.intent_id IS NULL AND m.deleted = 0 "
            "AND (m.epoch = ? AND m.gateway_id > ? OR m.epoch > ?) ORDER BY m.epoch, m.gateway_id",
            (intent.id, intent.epoch, floor, intent.epoch),
        )
        candidates = [Candidate(*row) for row in rows]  # type: ignore[arg-type]
        fits = self._is_late if late else self._in_time
        in_time = [each for each in candidates if fits(intent, since, each)]
        texts = [intent.text]
        if not intent.nofooter:
            texts += [f"{intent.text} {footer}" for footer in (intent.footer, self._facts.get(FOOTER)) if footer]
        return [each for each in in_time if any(could_be_same(text, each.text) for text in texts)]

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

    @staticmethod
    def _in_time(intent: Intent, since: float | None, candidate: Candidate) -> bool:
        if intent.started_at is None or since is None or intent.gateway_schedule:
            # Where the IDs have restarted since, no floor tells older rows apart.
            return candidate.epoch == intent.epoch
        if candidate.created_at is not None:
            return since - _EARLY_SECONDS <= candidate.created_at <= intent.started_at + WINDOW_SECONDS
        if candidate.plain_time is None:
            return candidate.epoch == intent.epoch
        # The zone is not known yet (trap 22), but every zone is so many quarters of an hour from ours.
        apart = (candidate.plain_time - since + _EARLY_SECONDS) % _QUARTER
        return apart <= _EARLY_SECONDS + WINDOW_SECONDS + intent.started_at - since

    @staticmethod
    def _is_late(intent: Intent, since: float | None, candidate: Candidate) -> bool:
        started = intent.started_at
        if started is None or candidate.epoch != intent.epoch or candidate.created_at is None:
            return False
        return started + WINDOW_SECONDS < candidate.created_at <= started + _LATEST_SECONDS

    def _in_flight(self, intent: Intent, rows: list[Candidate]) -> bool:
        """Whether one of the rows may belong to a message that still waits for its answer."""
        texts = self._db.rows(
            f"SELECT DISTINCT text FROM intent WHERE state = 'sending' AND {OPEN} "  # noqa: S608 - a constant
            "AND (kind = 'group' OR ? = 'group' OR key = (SELECT key FROM intent WHERE id = ?))",
            (intent.kind, intent.id),
        )
        return any(could_be_same(str(text), row.text) for (text,) in texts for row in rows)

    def _claim(self, intent: Intent, rows: list[Candidate], note: str) -> None:
        accepted = [Acceptance(gateway_id=row.gateway_id, queue="", number=row.number) for row in rows]
        self._journal.accept(
            intent,
            accepted,
            note=note,
            event=Event.FOUND,
            actor=Actor.RECONCILER,
            epoch=rows[0].epoch,
        )

    def _say_not_seen(self, intent: Intent, now: float) -> None:
        waited = now - (intent.started_at or now)
        if waited < WINDOW_SECONDS or (intent.note or "").startswith("Not seen"):
            return
        note = (
            f"Not seen at the gateway after {int(waited)} s. It may still have gone out: "
            "send it again only if a second copy does no harm."
        )
        if intent.kind == "user":
            note = "The gateway never lists messages to @users, so it cannot be looked up. Ask the recipient."
        if intent.note == note:
            return
        with self._db.write() as changes:
            self._db.connection.execute("UPDATE intent SET note = ? WHERE id = ?", (note, intent.id))
            self._db.connection.execute("UPDATE message SET note = ? WHERE id = ?", (note, intent.message_id))
            changes.ids.add(intent.message_id)


def _late_note(intent: Intent, row: Candidate) -> str:
    minutes = int(((row.created_at or 0.0) - (intent.started_at or 0.0)) // 60)
    return (
        f"No answer came. {minutes} min later the gateway listed one message with this number and text: taken for "
        "this one."
    )


def _one_group(rows: list[Candidate]) -> list[Candidate]:
    """The rows of one request to a group: it gives its members IDs one after the other, and each member gets one."""
    runs: list[list[Candidate]] = []
    for row in rows:
        run = runs[-1] if runs else []
        follows = run and (run[-1].epoch, run[-1].gateway_id + 1) == (row.epoch, row.gateway_id)
        if follows and row.key not in {each.key for each in run}:
            run.append(row)
        else:
            runs.append([row])
    return max(runs, key=len)
