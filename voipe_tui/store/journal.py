"""The send journal: what a person ordered, durable before the first byte leaves, and how far each order got.

Each step goes through the table in :mod:`voipe_tui.store.states` and is one transaction that moves the intent, its
row in the outbox and the trail of events together. A claim is on the disk (synchronous=FULL) before the caller may
write a byte; so after a kill at any instant an intent is either still ``queued`` (nothing left) or ``sending`` with a
dead owner, which becomes ``unknown``, never ``queued``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from voipe_tui.errors import InputError
from voipe_tui.store.database import Changes, Database
from voipe_tui.store.facts import Facts
from voipe_tui.store.holds import TOO_LATE_SECONDS, shorten
from voipe_tui.store.messages import Messages
from voipe_tui.store.models import TO_BE_SENT, Acceptance, Intent, JournalEvent, NewMessage
from voipe_tui.store.new_rows import whole
from voipe_tui.store.owners import Owner
from voipe_tui.store.rows import INTENT_COLUMNS, intent_of
from voipe_tui.store.states import Actor, Event, Status, next_state
from voipe_tui.text.gateway_fold import could_be_same

LEASE_SECONDS = 300.0
"""Longer than any request may take; only counts where the operating system cannot tell whether an owner lives."""
OPEN = "state IN ('held', 'scheduled', 'queued', 'sending', 'unknown')"
"""Word for word what the index of open intents says: else it is not used, and a large batch is read from end to end."""
_OF_OTHERS = "(owner IS NULL OR owner <> ?)"
UNBOUND = "unbound"
"""The fact that says that the gateway took something and named no ID for it."""
APP, COMMAND = "app", "command"
"""Who orders: a person at the screen, or a command whose caller was told how it ended and may have ordered again."""

_LONG_WAIT_SECONDS = 3_600.0
_LONGEST_RETRY_SECONDS = 600.0


class Journal:
    """Orders and their fate. All times are epoch seconds of the store's clock."""

    def __init__(self, database: Database, messages: Messages, facts: Facts, kind: str = COMMAND) -> None:
        self._kind = kind
        self._db = database
        self._messages = messages
        self._facts = facts
        self._owner: Owner | None = None

    @property
    def owner(self) -> Owner:
        """This program's name tag, made when it first takes part."""
        if self._owner is None:
            self._owner = Owner(self._db, self._kind)
        return self._owner

    def close(self) -> None:
        if self._owner is not None:
            self._owner.close()
            self._owner = None

    # Orders

    def submit(self, orders: Sequence[NewMessage], *, hold_seconds: float = 0.0, draft: int | None = None) -> list[int]:
        """Takes orders to send, one per recipient; when this returns they are on the disk.

        Several orders form a batch. ``draft`` is the draft they were written in: it goes in the same transaction, and
        where it is gone already (another window sent it) nothing is taken, InputError. Returns the IDs of the rows, in
        order.
        """
        owner, now = self.owner.id, self._db.clock()
        ids: list[int] = []
        with self._db.write(durable=True) as changes:
            if draft is not None and not self._is_draft(draft):
                raise InputError(
                    "Another window has sent this draft already, or thrown it away: see the outbox.",
                    hint="Change the text, or start another message, and it is one of its own.",
                )
            batch = f"b{self._next_intent()}" if len(orders) > 1 else None
            for order in orders:
                ids.append(self._enter(order, now, hold_seconds, batch, owner))
            changes.inserted.update(ids)
            if draft is not None:
                self.discard_draft(draft)
        return ids

    def enter_bulk(self, bulk_id: int, batch: str, orders: Sequence[NewMessage]) -> list[int]:
        """Recipients of a batch, queued; the batch's own state decides when they may be claimed. The caller holds the
        transaction."""
        with self._db.write() as changes:
            now, owner = self._db.clock(), self.owner.id
            ids = [self._enter(order, now, 0.0, batch, owner, bulk_id) for order in orders]
            changes.inserted.update(ids)
        return ids

    def _next_intent(self) -> int:
        row = self._db.row("SELECT ifnull(max(id), 0) + 1 FROM intent")
        assert row is not None
        return int(str(row[0]))

    def _enter(
        self, order: NewMessage, now: float, hold: float, batch: str | None, owner: int, bulk: int | None = None
    ) -> int:
        if order.schedule_at is not None and order.schedule_at > now:
            event, not_before = Event.SCHEDULE, order.schedule_at
        elif hold > 0:
            event, not_before = Event.HOLD, now + hold
        else:
            event, not_before = Event.QUEUE, now
        state = next_state(Status.DRAFT, event, Actor.PERSON)
        rows = self._messages.batch()
        message_id = rows.add(
            "out", "outgoing", order.number, order.text, now, epoch=self._facts.epoch("outgoing"), sender=order.sender,
            status=state.value, status_at=now, created_at=now, batch=batch, read=1,
            note=f"{TO_BE_SENT}{order.when}." if event is Event.SCHEDULE and order.when else None,
        )  # fmt: skip
        rows.write()
        cursor = self._db.connection.execute(
            "INSERT INTO intent (message_id, state, kind, number, key, text, sender, flash, footer, nofooter, "
            "gateway_schedule, batch, bulk, created_at, not_before, owner, epoch) "
            "SELECT ?, ?, ?, ?, key, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, epoch FROM message WHERE id = ?",
            (message_id, state.value, order.kind, order.number, order.text, order.sender, int(order.flash),
             order.footer, int(order.nofooter), order.gateway_schedule, batch, bulk, now, not_before,
             owner, message_id),
        )  # fmt: skip
        intent_id = int(cursor.lastrowid or 0)
        self._db.connection.execute("UPDATE message SET intent_id = ? WHERE id = ?", (intent_id, message_id))
        self._trail(intent_id, now, Status.DRAFT, event, state, Actor.PERSON, None)
        return message_id

    # Reading the journal

    def intent(self, intent_id: int) -> Intent | None:
        found = self._select("id = ?", (intent_id,))
        return found[0] if found else None

    def of_message(self, message_id: int) -> Intent | None:
        found = self._select("id = (SELECT intent_id FROM message WHERE id = ?)", (message_id,))
        return found[0] if found else None

    def in_state(self, state: Status, limit: int = 1_000) -> list[Intent]:
        """Open intents only: the index knows no others."""
        return self._select(
            f"state = ? AND {OPEN} ORDER BY id LIMIT ?",
            (state.value, limit),
        )

    def history(self, message_id: int) -> list[JournalEvent]:
        """What happened to a message, from the first step on; empty for rows that this program did not send."""
        rows = self._db.rows(
            "SELECT e.at, e.before, e.event, e.after, e.actor, e.note FROM journal_event e "
            "WHERE e.intent_id = (SELECT intent_id FROM message WHERE id = ?) ORDER BY e.id",
            (message_id,),
        )
        return [JournalEvent(*row) for row in rows]  # type: ignore[arg-type]

    def kept_from_before(self) -> list[Intent]:
        """Held and queued messages, of no batch, whose program ended before they left: a person decides about them.

        What this program or another one that runs ordered is not among them.
        """
        kept = self._select(
            f"state = 'held' AND {OPEN} AND {_OF_OTHERS} ORDER BY id LIMIT 1000", (self.owner.id,)
        ) + self._select(f"state = 'queued' AND bulk IS NULL AND {_OF_OTHERS} ORDER BY id LIMIT 1000", (self.owner.id,))
        alive = {owner: self.is_alive(owner) for owner in {intent.owner for intent in kept}}
        return [intent for intent in kept if not alive[intent.owner]]

    def go_on(self) -> list[int]:
        """What a person had sent from the screen, and was queued when the app ended (killed, or offline), is this
        program's to send now. Returns the rows.

        Not what should have left more than an hour ago, nor what a command left behind: there a person decides.
        """
        now = self._db.clock()
        with self._db.write(durable=True) as changes:
            apps = {
                row[0]
                for row in self._db.rows(
                    "SELECT id FROM owner WHERE label LIKE 'app %' AND id IN "
                    "(SELECT owner FROM intent WHERE state = 'queued' AND bulk IS NULL)"
                )
            }
            rows = [
                intent
                for intent in self.kept_from_before()
                if intent.state == Status.QUEUED and intent.owner in apps
                and now - max(intent.created_at, intent.not_before) <= TOO_LATE_SECONDS
            ]  # fmt: skip
            for intent in rows:
                self._db.connection.execute("UPDATE intent SET owner = ? WHERE id = ?", (self.owner.id, intent.id))
            changes.ids.update(intent.message_id for intent in rows)
        return [intent.message_id for intent in rows]

    def is_alive(self, owner: int | None) -> bool:
        """Whether the program with that number still runs."""
        return owner is not None and self.owner.is_alive(owner, None, self._db.clock())

    def next_due(self) -> float | None:
        """When the clock will next have something to do here; None when nothing waits for it. As in ``claim``, what
        waits longer than any retry is due."""
        row = self._db.row(
            "SELECT min(due) FROM ("  # noqa: S608 - a constant
            f"SELECT min(not_before) AS due FROM intent WHERE state = 'held' AND owner = ?1 AND {OPEN} "
            "UNION ALL SELECT CASE WHEN min(not_before) > ?2 + ?3 THEN ?2 ELSE min(not_before) END FROM intent "
            "WHERE state = 'queued' AND bulk IS NULL AND owner = ?1 "
            "UNION ALL SELECT min(not_before) FROM intent WHERE state = 'scheduled' AND gateway_schedule IS NULL "
            f"AND {OPEN} "
            "UNION ALL SELECT min(not_before) FROM bulk WHERE state = 'held' AND owner = ?1 "
            "UNION ALL SELECT (SELECT CASE WHEN not_before > ?2 + ?3 THEN ?2 ELSE not_before END FROM intent i "
            "WHERE i.bulk = b.id AND i.state = 'queued' ORDER BY not_before LIMIT 1) "
            "FROM bulk b WHERE b.state = 'running' AND b.owner = ?1)",
            (self.owner.id, self._db.clock(), _LONGEST_RETRY_SECONDS),
        )
        return None if row is None or row[0] is None else float(str(row[0]))

    # Steps of the clock and of the sender

    @contextmanager
    def together(self) -> Iterator[None]:
        """Steps that are on the disk together when this ends, or not at all."""
        with self._db.write(durable=True):
            yield

    def release_due(self) -> int:
        """Lets go what was held or scheduled here and is due. Returns how many."""
        shorten(self._db, self.owner.id)
        if not self._due():
            return 0
        with self._db.write(durable=True) as changes:
            due = self._due()  # once more: another program may have been quicker
            for intent in due:
                if self._db.clock() - intent.not_before > TOO_LATE_SECONDS:
                    asleep = "was not running" if intent.state == Status.SCHEDULED else "or the machine slept"
                    note = f"Its time passed while voipe-tui {asleep}: it waits for your word."
                    self._step(changes, intent, Event.RELEASE, Actor.CLOCK, note=note, owner=None)
                else:
                    self._step(changes, intent, Event.RELEASE, Actor.CLOCK, owner=self.owner.id)
        return len(due)

    def _due(self) -> list[Intent]:
        # What the gateway is to schedule has its hold here like any other; its schedule is the gateway's business.
        now = self._db.clock()
        here = f"state = 'scheduled' AND not_before <= ? AND gateway_schedule IS NULL AND {OPEN}"
        held = f"state = 'held' AND not_before <= ? AND owner = ? AND {OPEN}"
        found = self._select(f"{here} ORDER BY not_before, id LIMIT 1000", (now,))
        found += self._select(f"{held} ORDER BY not_before, id LIMIT 1000", (now, self.owner.id))
        return sorted(found, key=lambda intent: (intent.not_before, intent.id))

    def claim(self, limit: int = 1, *, bulk: int | None = None) -> list[Intent]:
        """Takes up to ``limit`` queued intents to send; durable: no byte may leave before this returned.

        ``bulk``: of that batch, if this program runs it; None: those of no batch that this program ordered or was told
        to send. Two programs never get the same one: the write lock is taken before the first look.
        """
        owner, now = self.owner.id, self._db.clock()
        # What waits longer than any retry was given its time by a clock that was set back since.
        due = "state = 'queued' AND bulk IS ? AND (not_before <= ? OR not_before > ?) AND "
        values = (bulk, now, now + _LONGEST_RETRY_SECONDS, owner)
        if bulk is None:
            due += "owner = ?"
        else:
            due += "EXISTS (SELECT 1 FROM bulk b WHERE b.id = intent.bulk AND b.state = 'running' AND b.owner = ?)"
        if not self._db.rows(f"SELECT 1 FROM intent WHERE {due} LIMIT 1", values):  # noqa: S608
            return []
        claimed: list[int] = []
        with self._db.write(durable=True) as changes:
            floor, epoch = self._floor(), self._facts.epoch("outgoing")
            for intent in self._select(f"{due} ORDER BY not_before, id LIMIT ?", (*values, limit)):
                self._step(
                    changes, intent, Event.CLAIM, Actor.SENDER,
                    owner=owner, lease_until=now + LEASE_SECONDS, started_at=now, floor_id=floor, epoch=epoch,
                    attempts=intent.attempts + 1, code=None,
                )  # fmt: skip
                if now - intent.created_at > _LONG_WAIT_SECONDS:
                    # Scheduled or held: its place is when it leaves, and from there its reports are awaited.
                    place = (whole(now), intent.message_id)
                    self._db.connection.execute("UPDATE message SET sort_at = ? WHERE id = ?", place)
                claimed.append(intent.id)
        return [intent for intent in map(self.intent, claimed) if intent is not None]

    def _floor(self) -> int:
        """The highest outgoing ID known at this moment, from lists, from answers and from ``query``."""
        epoch = self._facts.epoch("outgoing")
        row = self._db.row(
            "SELECT max(gateway_id) FROM message WHERE source = 'outgoing' AND epoch = ? AND gateway_id IS NOT NULL",
            (epoch,),
        )
        known = int(str(row[0])) if row and row[0] is not None else 0
        return max(known, self._facts.top_id("outgoing"))

    def take_over(self, in_flight: Collection[int] | None = None) -> int:
        """Intents whose sender died while sending become unknown: nobody can say whether the request left.

        ``in_flight``: the intents that this program is sending; others of its own are orphans too (an answer came, and
        the disk was full). None: whatever it claimed is in flight.
        """
        if not self._orphans(in_flight):
            return 0
        with self._db.write(durable=True) as changes:
            orphans = self._orphans(in_flight)  # once more: another program may have been quicker
            for intent in orphans:
                self._step(
                    changes, intent, Event.ORPHANED, Actor.CLOCK,
                    note="voipe-tui ended while this was being sent. It is looked for at the gateway."
                    if intent.owner != self.owner.id
                    else "Its outcome could not be stored. It is looked for at the gateway.",
                )  # fmt: skip
        return len(orphans)

    def _orphans(self, in_flight: Collection[int] | None) -> list[Intent]:
        now, me = self._db.clock(), self.owner
        sending = self.in_state(Status.SENDING)
        mine = {intent.id for intent in sending} if in_flight is None else in_flight
        return [
            intent
            for intent in sending
            if (intent.owner == me.id and intent.id not in mine)
            or not (intent.owner and me.is_alive(intent.owner, intent.lease_until, now))
        ]

    def not_sent(self, intent: Intent, note: str, retry_at: float) -> None:
        """Not one byte had left: it waits in the queue and is tried again."""
        with self._db.write(durable=True) as changes:
            self._step(changes, intent, Event.NOT_SENT, Actor.SENDER, note=note, not_before=retry_at)

    def lost(self, intent: Intent, note: str) -> None:
        """The request left, no certain answer came."""
        with self._db.write(durable=True) as changes:
            self._step(changes, intent, Event.LOST, Actor.SENDER, note=note)

    def refuse(self, intent: Intent, code: int | None, note: str) -> None:
        """The gateway said no; nothing went out."""
        with self._db.write(durable=True) as changes:
            self._step(changes, intent, Event.REFUSE, Actor.SENDER, note=note, code=code)

    def accept(
        self,
        intent: Intent,
        accepted: Sequence[Acceptance],
        note: str | None = None,
        *,
        event: Event = Event.ACCEPT,
        actor: Actor = Actor.SENDER,
        epoch: int | None = None,
    ) -> None:
        """The gateway took it: the row gets its ID and queue code; a group yields a row per member (trap 13).

        ``epoch``: the history that its IDs belong to, where that is known. On the disk with the next claim: a power cut
        before that leaves it ``sending``, so it is looked up and found, as any answer that never came.
        """
        with self._db.write() as changes:
            epoch = epoch or self._epoch_for(intent, accepted)
            self._step(changes, intent, event, actor, note=note, epoch=epoch, code=None)
            for index, each in enumerate(accepted):
                message_id = intent.message_id if index == 0 else self._member(changes, intent, each)
                self._adopt(changes, message_id, each, epoch, is_group=intent.kind == "group")
            if intent.kind != "user" and any(each.gateway_id is None for each in accepted):
                self._facts.set(UNBOUND, "yes")

    def bind(self, message_id: int, accepted: Acceptance, epoch: int) -> None:
        """What the gateway took without naming an ID was seen in its list: the two rows become one."""
        with self._db.write() as changes:
            row = self._messages.one(message_id)
            if row is not None and row.gateway_id is None:
                self._adopt(changes, message_id, accepted._replace(queue=row.queue or ""), epoch, is_group=False)

    def join(self, intent: Intent, accepted: Acceptance, epoch: int) -> None:
        """One more member of a group that was found by the rows of others."""
        with self._db.write() as changes:
            self._adopt(changes, self._member(changes, intent, accepted), accepted, epoch, is_group=True)

    def _epoch_for(self, intent: Intent, accepted: Sequence[Acceptance]) -> int:
        """An ID at or below the floor was given before: the gateway's IDs have restarted (trap 25)."""
        epoch = self._facts.epoch("outgoing")
        lowest = min((each.gateway_id for each in accepted if each.gateway_id is not None), default=None)
        if lowest is None:
            return epoch
        if lowest <= intent.floor_id:
            return epoch if epoch != intent.epoch else self._facts.open_epoch("outgoing")
        # Did they restart before this answer was given, or while it was on its way? Only a list can tell; until one
        # has shown the message it stays in the history in which it was sent.
        return epoch if epoch == intent.epoch or self._is_shown(intent, epoch, lowest) else intent.epoch

    def _is_shown(self, intent: Intent, epoch: int, gateway_id: int) -> bool:
        row = self._db.row(
            "SELECT text FROM message WHERE source = 'outgoing' AND epoch = ? AND gateway_id = ? AND intent_id IS NULL",
            (epoch, gateway_id),
        )
        return row is not None and could_be_same(intent.text, str(row[0]))

    def _member(self, changes: Changes, intent: Intent, accepted: Acceptance) -> int:
        now = self._db.clock()
        batch = intent.batch or f"b{intent.id}"
        rows = self._messages.batch()
        message_id = rows.add(
            "out", "outgoing", accepted.number or intent.number, intent.text, intent.created_at, sender=intent.sender,
            status=Status.SCHEDULED.value if intent.gateway_schedule else Status.ACCEPTED.value, status_at=now,
            created_at=intent.started_at or now, batch=batch, intent_id=intent.id, read=1,
        )  # fmt: skip
        rows.write()
        self._db.connection.execute("UPDATE message SET batch = ? WHERE id = ?", (batch, intent.message_id))
        changes.inserted.add(message_id)
        return message_id

    def _adopt(self, changes: Changes, message_id: int, accepted: Acceptance, epoch: int, *, is_group: bool) -> None:
        """Gives the row its identity at the gateway, merging what a poll may have brought in the meantime."""
        execute = self._db.connection.execute
        if accepted.gateway_id is not None:
            seen = self._db.row(
                "SELECT id, status, status_at, gateway_time, intent_id, text, sender, starred FROM message "
                "WHERE source = 'outgoing' AND epoch = ? AND gateway_id = ? AND id <> ?",
                (epoch, accepted.gateway_id, message_id),
            )
            if seen is not None and seen[4] is not None:
                # Another order's row stands there. Whoever is right, no order's row is ever given up.
                accepted = accepted._replace(gateway_id=None)
                self._facts.set(UNBOUND, "yes")
            elif seen is not None:
                other, status, status_at, gateway_time, _intent, text, sender, starred = seen
                assert isinstance(other, int)
                self._messages.remove(other)
                changes.removed.add(other)
                execute(
                    "UPDATE message SET status = ?, status_at = ?, gateway_time = ?, sender = ifnull(?, sender), "
                    "sent_text = CASE WHEN text = ? THEN NULL ELSE ? END, starred = max(starred, ?) WHERE id = ?",
                    (status, status_at, gateway_time, sender, text, text, starred, message_id),
                )
        execute(
            "UPDATE message SET gateway_id = ?, queue = ?, epoch = ? WHERE id = ?",
            (accepted.gateway_id, accepted.queue or None, epoch, message_id),
        )
        if is_group and accepted.number:
            row = self._messages.one(message_id)
            if row is not None:
                self._messages.replace_text(message_id, accepted.number, row.text)
        changes.ids.add(message_id)

    # Drafts live in the outbox too; what was typed is in a table of its own.

    def _is_draft(self, draft_id: int) -> bool:
        row = self._db.row("SELECT status FROM message WHERE id = ?", (draft_id,))
        return row is not None and row[0] == Status.DRAFT

    def discard_draft(self, draft_id: int) -> None:
        with self._db.write() as changes:
            if self._is_draft(draft_id):
                self._messages.remove(draft_id)
                self._db.connection.execute("DELETE FROM draft WHERE message_id = ?", (draft_id,))
                changes.removed.add(draft_id)

    # Steps

    def _select(self, where: str, parameters: tuple[object, ...]) -> list[Intent]:
        sql = f"SELECT {INTENT_COLUMNS} FROM intent WHERE {where}"  # noqa: S608 - fixed phrases, bound values
        return [intent_of(row) for row in self._db.rows(sql, parameters)]

    def _step(
        self, changes: Changes, intent: Intent, event: Event, actor: Actor, note: str | None = None, **columns: Any
    ) -> Status:
        """One step of one intent, of its row and of its trail. The state is read again under the write lock."""
        row = self._db.row("SELECT state FROM intent WHERE id = ?", (intent.id,))
        before = Status(str(row[0])) if row is not None else Status(intent.state)
        after = next_state(before, event, actor)
        now = self._db.clock()
        columns = {"state": after.value, "note": note, **columns}
        settings = ", ".join(f"{name} = ?" for name in columns)
        self._db.connection.execute(
            f"UPDATE intent SET {settings} WHERE id = ?",  # noqa: S608
            (*columns.values(), intent.id),
        )
        self._db.connection.execute(
            "UPDATE message SET status = ?, status_at = ?, note = ? WHERE id = ?",
            (after.value, now, note, intent.message_id),
        )
        self._trail(intent.id, now, before, event, after, actor, note)
        changes.ids.add(intent.message_id)
        return after

    def _trail(
        self, intent_id: int, at: float, before: Status, event: Event, after: Status, actor: Actor, note: str | None
    ) -> None:
        self._db.connection.execute(
            "INSERT INTO journal_event (intent_id, at, before, event, after, actor, note) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (intent_id, at, before.value, event.value, after.value, actor.value, note),
        )
