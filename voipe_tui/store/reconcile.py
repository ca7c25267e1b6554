"""Finding out what became of messages whose outcome is unknown.

Readers bring every row that the gateway shows into the store; here the unknown intents look among those rows that
nobody sent from here. A row is this message if its ID is above all that were known when the request left, its number
is the same, its text is what the gateway makes of ours (traps 11 and 12), and its time fits. Each row is claimed once:
when ten equal messages are in flight to one number, ten rows are found one by one, and while an equal one still waits
for its answer, nobody guesses.
"""

from __future__ import annotations

from dataclasses import dataclass

from voipe_tui.store.database import Database
from voipe_tui.store.facts import Facts
from voipe_tui.store.journal import Journal
from voipe_tui.store.models import Acceptance, Intent
from voipe_tui.store.states import Actor, Event, Status
from voipe_tui.text.gateway_fold import could_be_same

WINDOW_SECONDS = 180.0
"""How long after the request a row may still turn up: the queue runs every second or so (trap 9), a busy one later."""
_EARLY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row of the gateway's that no intent has claimed."""

    row_id: int
    gateway_id: int
    number: str
    key: str
    text: str
    created_at: float | None


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
        found = 0
        for intent in self._journal.in_state(Status.UNKNOWN):
            rows = self._matches(intent)
            if rows and not self._equal_in_flight(intent):
                self._claim(intent, rows if intent.kind == "group" else rows[:1])
                found += 1
            elif complete_since is not None:
                self._say_not_seen(intent, complete_since)
        return found

    def _matches(self, intent: Intent) -> list[Candidate]:
        if intent.kind == "user" or intent.epoch != self._facts.epoch("outgoing"):
            return []  # what goes to an @user never shows up in the list (trap 13)
        by_number = "m.key = (SELECT key FROM intent WHERE id = ?)" if intent.kind == "number" else "? IS NOT NULL"
        rows = self._db.rows(
            "SELECT m.id, m.gateway_id, m.number, m.key, m.text, m.created_at FROM message m "  # noqa: S608
            f"WHERE {by_number} AND m.source = 'outgoing' AND m.epoch = ? AND m.gateway_id > ? "
            "AND m.intent_id IS NULL AND m.deleted = 0 ORDER BY m.gateway_id",
            (intent.id, intent.epoch, intent.floor_id),
        )
        candidates = [Candidate(*row) for row in rows]  # type: ignore[arg-type]
        return [each for each in candidates if self._in_time(intent, each) and could_be_same(intent.text, each.text)]

    @staticmethod
    def _in_time(intent: Intent, candidate: Candidate) -> bool:
        if candidate.created_at is None or intent.started_at is None or intent.gateway_schedule:
            return True
        return -_EARLY_SECONDS <= candidate.created_at - intent.started_at <= WINDOW_SECONDS

    def _equal_in_flight(self, intent: Intent) -> bool:
        rows = self._db.rows(
            "SELECT 1 FROM intent WHERE state = 'sending' AND text = ? "
            "AND (kind = 'group' OR key = (SELECT key FROM intent WHERE id = ?)) LIMIT 1",
            (intent.text, intent.id),
        )
        return bool(rows)

    def _claim(self, intent: Intent, rows: list[Candidate]) -> None:
        accepted = [Acceptance(gateway_id=row.gateway_id, queue="", number=row.number) for row in rows]
        self._journal.accept(
            intent,
            accepted,
            note="No answer came, but the gateway has it: found in its list.",
            event=Event.FOUND,
            actor=Actor.RECONCILER,
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
