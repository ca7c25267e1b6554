"""The journal with a person's word in it: taking back, cancelling, sending now or again, and what was left behind.

Everything here is caused by a person. The steps are those of the table in :mod:`voipe_tui.store.states`; what the
clock, the sender and the reconciler cause is in :mod:`voipe_tui.store.journal`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from voipe_tui.store.database import Changes
from voipe_tui.store.journal import Journal
from voipe_tui.store.models import Intent
from voipe_tui.store.states import Actor, Event, Status

_MOST_DRAFTS = 10


class CalledBack(NamedTuple):
    """What the undo key came to: the draft to go on with, or None, and the rows that were cancelled where they are."""

    draft: int | None
    cancelled: tuple[int, ...]


class Recall(Journal):
    """What a person does to orders that have not left, or of which nobody knows."""

    def take_back(self, message_ids: Iterable[int]) -> int | None:
        """Undoes orders that have not left: held, scheduled here or queued. What was ordered together goes back
        together: one draft for each text, so that none is lost.

        Returns the (first) draft, or None if nothing could be taken back any more. Messages of a bulk batch are not
        taken back here; see :meth:`call_back`.
        """
        with self._db.write(durable=True) as changes:
            alike: dict[tuple[object, ...], list[Intent]] = {}
            for intent in self._with_batch(message_ids):
                if intent.bulk is None and self._is_ours(intent):
                    alike.setdefault(_what(intent), []).append(intent)
            drafts = [self._as_draft(changes, intents) for intents in alike.values()]
        return drafts[0] if drafts else None

    def call_back(self, message_ids: Iterable[int]) -> CalledBack:
        """What the undo key does: orders become drafts again; messages of a batch, and orders of many different
        texts, are cancelled and stay as they are in the outbox."""
        intents = [each for each in self._with_batch(message_ids) if self._is_ours(each)]
        plain = [each for each in intents if each.bulk is None]
        if len({_what(each) for each in plain}) <= _MOST_DRAFTS:
            draft = self.take_back([each.message_id for each in plain])
            rest = [each for each in intents if each.bulk is not None]
        else:
            draft, rest = None, intents
        cancelled = self.cancel([each.message_id for each in rest], note="Taken back by you.", unknown=False)
        return CalledBack(draft, tuple(cancelled))

    def send_waiting(self, message_ids: Iterable[int]) -> list[int]:
        """Sends what an earlier run left behind, held or queued. Returns the rows that go out now."""
        done: list[int] = []
        now = self._db.clock()
        with self._db.write(durable=True) as changes:
            kept = {intent.message_id: intent for intent in self.kept_from_before()}
            for message_id in message_ids:
                if (intent := kept.get(message_id)) is None:
                    continue
                if intent.state == Status.HELD:
                    self._step(changes, intent, Event.RELEASE, Actor.PERSON, not_before=now, owner=self.owner.id)
                else:
                    self._db.connection.execute(
                        "UPDATE intent SET owner = ?, not_before = ?, note = NULL WHERE id = ?",
                        (self.owner.id, now, intent.id),
                    )
                    self._db.connection.execute("UPDATE message SET note = NULL WHERE id = ?", (message_id,))
                    changes.ids.add(message_id)
                done.append(message_id)
        return done

    def _as_draft(self, changes: Changes, intents: Sequence[Intent]) -> int:
        """Equal orders become one draft, in the row of the first; the caller holds the transaction."""
        first = intents[0]
        for intent in intents:
            self._step(changes, intent, Event.UNDO, Actor.PERSON)
            if intent is not first:
                self._messages.remove(intent.message_id)
                changes.removed.add(intent.message_id)
        to_text = ", ".join(intent.number for intent in intents)
        self._messages.replace_text(first.message_id, to_text, first.text)
        self._db.connection.execute(
            "UPDATE message SET batch = NULL, intent_id = NULL, note = NULL WHERE id = ?", (first.message_id,)
        )
        self._db.connection.execute(
            "INSERT OR REPLACE INTO draft (message_id, to_text, sender, flash, schedule_text, nofooter, at_gateway, "
            "owner) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (first.message_id, to_text, first.sender, int(first.flash), _when(first),
             int(first.nofooter), int(first.gateway_schedule is not None), self.owner.id),
        )  # fmt: skip
        changes.ids.add(first.message_id)
        return first.message_id

    def cancel(self, message_ids: Iterable[int], *, note: str = "Cancelled by you.", unknown: bool = True) -> list[int]:
        """Ends orders that have not left and, with ``unknown``, gives up on those of which nobody knows.

        ``note`` says why. Returns the rows that were ended.
        """
        done: list[int] = []
        with self._db.write(durable=True) as changes:
            for message_id in message_ids:
                intent = self.of_message(message_id)
                if intent is not None and (self._is_ours(intent) or (unknown and intent.state == Status.UNKNOWN)):
                    self._step(changes, intent, Event.CANCEL, Actor.PERSON, note=note)
                    done.append(message_id)
        return done

    def send_now(self, message_ids: Iterable[int]) -> list[int]:
        """Lets go what was held or scheduled here, before its time."""
        return self._person_step(message_ids, (Status.HELD, Status.SCHEDULED), Event.RELEASE, None)

    def send_again(self, message_ids: Iterable[int]) -> list[int]:
        """Queues unknown messages again, on a person's word alone: they may then go out twice."""
        note = "Sent again by you: it may arrive twice."
        return self._person_step(message_ids, (Status.UNKNOWN,), Event.SEND_AGAIN, note)

    def _person_step(
        self, message_ids: Iterable[int], states: tuple[Status, ...], event: Event, note: str | None
    ) -> list[int]:
        done: list[int] = []
        now = self._db.clock()
        with self._db.write(durable=True) as changes:
            for message_id in message_ids:
                intent = self.of_message(message_id)
                if intent is None or intent.state not in states or not self._not_handed_over(intent):
                    continue
                self._step(changes, intent, event, Actor.PERSON, note=note, not_before=now, owner=self.owner.id)
                done.append(message_id)
        return done

    def _is_ours(self, intent: Intent) -> bool:
        return intent.state in (Status.HELD, Status.SCHEDULED, Status.QUEUED) and self._not_handed_over(intent)

    def _not_handed_over(self, intent: Intent) -> bool:
        if intent.state != Status.SCHEDULED:
            return True
        row = self._db.row("SELECT queue FROM message WHERE id = ?", (intent.message_id,))
        return row is not None and row[0] is None

    def _with_batch(self, message_ids: Iterable[int]) -> list[Intent]:
        found: dict[int, Intent] = {}
        for message_id in message_ids:
            intent = self.of_message(message_id)
            if intent is None:
                continue
            together = intent.batch is not None and intent.bulk is None
            same = self._select("batch = ? ORDER BY id", (intent.batch,)) if together else [intent]
            found.update((each.id, each) for each in same)
        return [found[each] for each in sorted(found)]


def _when(intent: Intent) -> str:
    """The time of a scheduled order for its draft: exact, in UTC, or on the gateway's clock where it was for that."""
    if intent.gateway_schedule is not None:
        return f"{intent.gateway_schedule} gateway"
    if intent.state != Status.SCHEDULED:
        return ""
    return datetime.fromtimestamp(intent.not_before, UTC).isoformat(timespec="seconds")


def _what(intent: Intent) -> tuple[object, ...]:
    """Orders that are alike in this can share a draft."""
    at = intent.not_before if intent.state == Status.SCHEDULED else None
    return intent.text, intent.sender, intent.flash, intent.footer, intent.nofooter, intent.gateway_schedule, at
