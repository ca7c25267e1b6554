"""Finding out what became of messages whose outcome is unknown.

Readers bring every row that the gateway shows into the store; here the unknown intents look among those rows that
nobody sent from here. A row is this message if its ID is above all that were known when the request left, its number
is the same, its text is what the gateway makes of ours (traps 11 and 12), and its time fits. Who gets which row is
settled for all of them at once: whole texts before cut ones, single messages before groups, each row once. Where rows
could be different messages, and while an equal one still waits for its answer, nobody guesses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from voipe_tui.store.assignment import assign
from voipe_tui.store.candidates import CUT, LATEST_SECONDS, SAME, WINDOW_SECONDS, Candidate, Candidates, Seeker
from voipe_tui.store.database import Database
from voipe_tui.store.facts import Facts
from voipe_tui.store.journal import UNBOUND, Journal
from voipe_tui.store.models import Acceptance, Intent
from voipe_tui.store.states import Actor, Event, Status
from voipe_tui.text.untrusted import safe_line

_FOUND_NOTE = "No answer came, but the gateway has it: found in its list."
_REFUSED_NOTE = "The gateway refused it and lists it all the same: it did go out."
_OPEN_NOTE = (
    "Not certain: the gateway lists a message that can be this one or another of yours whose outcome is unknown. "
    "Look at both before you send one again."
)
_SHOWN_TEXT = 60
_GROUPS = "groups.found"
_FARTHEST_ZONE = 12 * 3_600.0

Wishes = dict[Seeker, list[tuple[Candidate, int]]]


class Reconciler:
    """Looks unknown intents up in what the gateway has shown.

    ``moment`` tells when a date-time of the gateway's is (epoch seconds), None where its zone is not known.
    """

    def __init__(self, database: Database, journal: Journal, facts: Facts) -> None:
        self._db = database
        self._journal = journal
        self._facts = facts
        self.moment: Callable[[str], float | None] = lambda _: None

    def run(self, *, complete_since: float | None) -> int:
        """Settles what can be settled. Returns how many were found.

        ``complete_since``: the outgoing list is known whole from some time before all unknown intents up to this
        moment (epoch seconds), or None if it is not known whole.
        """
        if not self._anything():
            return 0
        with self._db.write(durable=True):  # looked at under the lock: another program looks too
            rows = Candidates(self._db, self._facts)
            unknown = self._journal.in_state(Status.UNKNOWN)
            singles = [Seeker(each, self._key(each)) for each in unknown if each.kind == "number"]
            groups = [Seeker(each, None) for each in unknown if each.kind == "group"]
            unsettled = {each.id: each for each in unknown}
            open_ones = self._settle_singles(rows, self._unbound(), singles, unsettled)
            if groups or self._found_groups():
                open_ones |= self._settle_groups(rows, groups, singles, unsettled)
            self._take_late(rows, singles, groups, unsettled)
            self._take_refused(rows)
            for intent in unsettled.values():
                if intent.id in open_ones:
                    self._note(intent, _OPEN_NOTE)
                elif complete_since is not None:
                    self._say_not_seen(intent, complete_since)
                    self._say_likely(self._journal.intent(intent.id) or intent, rows)
            return len(unknown) - len(unsettled)

    def until(self, intent: Intent) -> float:
        """Until when its row may still turn up, by our clock."""
        return self._earliest(intent) + WINDOW_SECONDS

    def waits_until(self) -> list[float]:
        """For each message that is looked for, until when."""
        return [self.until(each) for each in [*self._journal.in_state(Status.UNKNOWN), *self._found_groups()]]

    def bind(self, row_id: int, gateway_ids: Iterable[int]) -> bool:
        """A row that the gateway took without naming its ID: the rows of its queue code are these."""
        with self._db.write():
            for seeker in self._unbound():
                if seeker.row_id != row_id:
                    continue
                of_queue = set(gateway_ids)
                epoch = self._facts.epoch("outgoing")
                found = self._db.rows(
                    "SELECT epoch, gateway_id, number, key, text, created_at, NULL FROM message WHERE key = ? "
                    "AND source = 'outgoing' AND epoch = ? AND intent_id IS NULL AND deleted = 0 AND gateway_id > ?",
                    (seeker.key, epoch, seeker.intent.floor_id if seeker.intent.epoch == epoch else 0),
                )
                mine = [row for row in (Candidate(*each) for each in found) if row.gateway_id in of_queue]  # type: ignore[arg-type]
                if mine:
                    self._bind(seeker, mine[0])
                    return True
        return False

    # Who looks

    def _anything(self) -> bool:
        return bool(
            self._journal.in_state(Status.UNKNOWN, 1)
            or self._facts.get(UNBOUND)
            or self._facts.get(_GROUPS)
            or self._refused()
        )

    def _key(self, intent: Intent) -> str:
        row = self._db.row("SELECT key FROM intent WHERE id = ?", (intent.id,))
        return str(row[0]) if row is not None else intent.number

    def _unbound(self) -> list[Seeker]:
        """What the gateway took for certain without naming an ID that can be used."""
        if self._facts.get(UNBOUND) is None:
            return []
        rows = self._db.rows(
            "SELECT id, key, intent_id FROM message WHERE status IN ('accepted', 'scheduled') AND deleted = 0 "
            "AND status <> 'delivered' AND gateway_id IS NULL AND intent_id IS NOT NULL AND number NOT LIKE '@%' "
            "AND (queue IS NOT NULL OR status = 'accepted') AND status_at >= ? ORDER BY id LIMIT 1000",
            (self._db.clock() - LATEST_SECONDS,),
        )
        found = []
        for row_id, key, intent_id in rows:
            intent = self._journal.intent(int(str(intent_id)))
            if intent is not None and intent.started_at is not None:
                found.append(Seeker(intent, str(key), int(str(row_id))))
        if not rows:
            self._facts.set(UNBOUND, None)
        return found

    def _refused(self) -> list[int]:
        """Refused a moment ago: the gateway may have sent what it said it would not."""
        since = self._db.clock() - 2 * WINDOW_SECONDS
        rows = self._db.rows(
            "SELECT intent_id FROM message WHERE status = 'refused' AND status <> 'delivered' AND deleted = 0 "
            "AND sort_at >= ? AND intent_id IS NOT NULL ORDER BY sort_at DESC LIMIT 100",
            (since,),
        )
        return [int(str(row[0])) for row in rows]

    # Who gets what

    def _settle_singles(
        self, rows: Candidates, unbound: list[Seeker], singles: list[Seeker], unsettled: dict[int, Intent]
    ) -> set[int]:
        """Returns the intents for which it is open."""
        wishes = {each: self._free(rows, each) for each in [*unbound, *singles]}
        whole = {row for found in wishes.values() for row, alike in found if alike == SAME}
        taken: set[Candidate] = set()
        open_ones: set[Seeker] = set()
        for alike in (SAME, CUT):
            for seekers in (unbound, singles):  # what is certain to have gone out comes first
                wanted = {
                    each: [
                        row
                        for row, how in wishes[each]
                        if how == alike and row not in taken and (how == SAME or row not in whole)
                    ]
                    for each in seekers
                    if each in wishes
                }
                pairs, unclear = assign(wanted, lambda each: each.same)
                open_ones |= unclear
                for each, row in pairs.items():
                    taken.add(row)
                    del wishes[each]
                    open_ones.discard(each)
                    if each.row_id is not None:
                        self._bind(each, row)
                    else:
                        self._found(each.intent, [row], _FOUND_NOTE)
                        unsettled.pop(each.intent.id)
        return {each.intent.id for each in open_ones}

    def _settle_groups(
        self, rows: Candidates, groups: list[Seeker], singles: list[Seeker], unsettled: dict[int, Intent]
    ) -> set[int]:
        """A group's rows are those that no single message can be, one to each number. Returns the intents for which it
        is open."""
        looking = [each for each in singles if each.intent.id in unsettled]
        for_singles = {row for each in looking for row, _ in rows.of(each)}
        found = [Seeker(each, None) for each in self._found_groups()]
        open_ones: set[int] = set()
        wanted: dict[Seeker, list[Candidate]] = {}
        for each in [*found, *groups]:
            wanted[each] = [row for row, _ in self._free(rows, each) if row not in for_singles]
        taken: set[Candidate] = set()
        for each, mine in wanted.items():
            others = self._of_others(wanted, each)
            has = {
                str(row[0]) for row in self._db.rows("SELECT key FROM message WHERE intent_id = ?", (each.intent.id,))
            }
            members: dict[str, Candidate] = {}
            for row in mine:
                if row in others:
                    open_ones.add(each.intent.id)
                elif row not in taken and row.key not in has and row.epoch == mine[0].epoch:
                    members.setdefault(row.key, row)
            if not members:
                continue
            taken.update(members.values())
            open_ones.discard(each.intent.id)
            if each.intent.id in unsettled:
                self._found(each.intent, list(members.values()), _FOUND_NOTE)
                unsettled.pop(each.intent.id)
                self._remember_group(each.intent)
            else:
                for row in members.values():
                    self._journal.join(each.intent, _acceptance(row), row.epoch)
        self._forget_groups()
        return open_ones

    @staticmethod
    def _of_others(wanted: dict[Seeker, list[Candidate]], seeker: Seeker) -> set[Candidate]:
        """Rows that may as well be another group message's. None where those all went to the same group, and each of
        its numbers has a row for every time that one of them left: then all of them went out."""
        mine = set(wanted[seeker])
        rivals = {each: theirs for each, theirs in wanted.items() if mine.intersection(theirs)}
        others = {row for each, theirs in rivals.items() if each.same != seeker.same for row in theirs}
        at_one = all(each.intent.number == seeker.intent.number and mine == set(rivals[each]) for each in rivals)
        times = sum(each.intent.attempts for each in rivals)
        enough = all(rows >= times for rows in Counter((row.epoch, row.key) for row in mine).values())
        return set() if at_one and enough else others

    def _free(self, rows: Candidates, seeker: Seeker) -> list[tuple[Candidate, int]]:
        """What a message can be; nothing while one of those may belong to a message that waits for its answer."""
        found = rows.of(seeker)
        in_flight = found and rows.rivals([row for row, _ in found], Status.SENDING.value, seeker)
        return [] if in_flight else found

    def _take_late(
        self, rows: Candidates, singles: list[Seeker], groups: list[Seeker], unsettled: dict[int, Intent]
    ) -> None:
        """The rows of messages that stood in the gateway's queue for longer than the window.

        So late nobody is told apart by time any more: they count only where nothing but equal messages wait for them,
        and no more rows came than messages wait.
        """
        waiting = [each for each in [*singles, *groups] if each.intent.id in unsettled]
        equals: dict[tuple[object, ...], dict[Seeker, list[Candidate]]] = {}
        for each in singles:
            if each in waiting and not each.intent.gateway_schedule and not rows.of(each):
                found = [row for row, _ in rows.of(each, late=True)]
                equals.setdefault(each.same, {})[each] = found
        for same, wishes in equals.items():
            late = list(dict.fromkeys(row for found in wishes.values() for row in found))
            others = [each for each in waiting if each.same != same and each.key in (None, late[0].key)] if late else []
            if len(late) > len(wishes) or any(rows.fits(each, row) for each in others for row in late):
                continue
            pairs, _ = assign(wishes, lambda each: each.same)
            for each, row in pairs.items():
                if not rows.rivals([row], Status.SENDING.value, each):
                    self._found(each.intent, [row], _late_note(each.intent, row, rows.ahead))
                    unsettled.pop(each.intent.id)

    @staticmethod
    def _has_rival(rows: Candidates, seeker: Seeker, found: list[Candidate]) -> bool:
        return any(
            rows.rivals(found, state.value, seeker, apart_from=seeker.intent.id)
            for state in (Status.SENDING, Status.UNKNOWN)
        )

    def _take_refused(self, rows: Candidates) -> None:
        for intent_id in self._refused():
            intent = self._journal.intent(intent_id)
            if intent is None or intent.state != Status.REFUSED or intent.kind != "number" or intent.gateway_schedule:
                continue
            seeker = Seeker(intent, self._key(intent))
            found = [row for row, alike in rows.of(seeker) if alike == SAME]
            if len(found) == 1 and not self._has_rival(rows, seeker, found):
                self._found(intent, found, _REFUSED_NOTE)

    # What is written

    def _found(self, intent: Intent, rows: list[Candidate], note: str) -> None:
        self._journal.accept(
            intent,
            [_acceptance(row) for row in rows],
            note=note,
            event=Event.FOUND,
            actor=Actor.RECONCILER,
            epoch=rows[0].epoch,
        )

    def _bind(self, seeker: Seeker, row: Candidate) -> None:
        assert seeker.row_id is not None
        self._journal.bind(seeker.row_id, _acceptance(row), row.epoch)

    def _found_groups(self) -> list[Intent]:
        """Groups that were found by their rows: members whose rows come later are theirs, too."""
        found = (self._journal.intent(int(each)) for each in (self._facts.get(_GROUPS) or "").split(",") if each)
        return [intent for intent in found if intent is not None]

    def _remember_group(self, intent: Intent) -> None:
        known = self._facts.get(_GROUPS)
        self._facts.set(_GROUPS, f"{known},{intent.id}" if known else str(intent.id))

    def _forget_groups(self) -> None:
        known = self._found_groups()
        kept = [each.id for each in known if self._db.clock() <= self.until(each) + LATEST_SECONDS]
        if len(kept) < len(known):
            self._facts.set(_GROUPS, ",".join(map(str, kept)) or None)

    def _earliest(self, intent: Intent) -> float:
        """When the gateway was to send it, by our clock; the latest it can be where its zone is not known."""
        started = intent.started_at or self._db.clock()
        if not intent.gateway_schedule:
            return started
        due = self.moment(intent.gateway_schedule)
        if due is None:
            row = self._db.row("SELECT unixepoch(?)", (intent.gateway_schedule,))
            due = float(str(row[0])) + _FARTHEST_ZONE if row is not None and row[0] is not None else started
        return max(started, due)

    def _say_not_seen(self, intent: Intent, now: float) -> None:
        waited = now - self._earliest(intent)
        if intent.kind == "user":
            if now - (intent.started_at or now) >= WINDOW_SECONDS:
                self._note(
                    intent, "The gateway never lists messages to @users, so it cannot be looked up. Ask the recipient."
                )
            return
        when = f" its time ({intent.gateway_schedule}, the gateway's)" if intent.gateway_schedule else ""
        if waited < WINDOW_SECONDS:
            if when:
                self._note(intent, scheduled_note(intent.gateway_schedule or ""))
        elif not (intent.note or "").startswith("Not seen"):
            seen = f"Not seen at the gateway {int(waited)} s after{when}." if when else ""
            seen = seen or f"Not seen at the gateway after {int(waited)} s."
            self._note(intent, f"{seen} It may still have gone out: send it again only if a second copy does no harm.")

    def _say_likely(self, intent: Intent, rows: Candidates) -> None:
        """Beside a message that was not seen, the one row that it can be if the gateway wrote another text."""
        note = intent.note or ""
        if intent.kind != "number" or not note.startswith("Not seen") or "another text" in note:
            return
        row = rows.likely(Seeker(intent, self._key(intent)))
        if row is not None:
            at = "" if row.plain_time is None else f" at {datetime.fromtimestamp(row.plain_time, UTC):%H:%M} (its time)"
            text = row.text if len(row.text) <= _SHOWN_TEXT else f"{row.text[:_SHOWN_TEXT]}…"
            said = f"The gateway lists #{row.gateway_id} to this number{at} with another text: “{safe_line(text)}”."
            self._note(intent, f"{note} {said} Look whether that is it.")

    def _note(self, intent: Intent, note: str) -> None:
        if intent.note == note:
            return
        with self._db.write() as changes:
            self._db.connection.execute("UPDATE intent SET note = ? WHERE id = ?", (note, intent.id))
            self._db.connection.execute("UPDATE message SET note = ? WHERE id = ?", (note, intent.message_id))
            changes.ids.add(intent.message_id)


def scheduled_note(schedule: str) -> str:
    """What is to be said of a scheduled message whose answer was lost, until its time."""
    return (
        f"No certain answer came. If the gateway took it, it goes out at {schedule} (the gateway's time), and shows in "
        "its list only then: it is looked for until after that. Do not send it again before."
    )


def _acceptance(row: Candidate) -> Acceptance:
    return Acceptance(gateway_id=row.gateway_id, queue="", number=row.number)


def _late_note(intent: Intent, row: Candidate, ahead: float) -> str:
    when = "Later"
    if row.created_at is not None and intent.started_at is not None:
        when = f"{int((row.created_at - ahead - intent.started_at) // 60)} min later"
    return f"No answer came. {when} the gateway listed a message with this number and text: taken for this one."
