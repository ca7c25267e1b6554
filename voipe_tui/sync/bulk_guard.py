"""When a batch may go on: its rate, and what stops it by itself.

A batch that runs into a wall must not run a hundred thousand recipients into it: no credit, a refused login, or one
uncertain or refused outcome after the other pauses it, with the reason, until a person resumes it.

No gateway says that the credit is gone (trap 7). So after a refusal without a reason the credit is asked for before
more of a batch is sent.
"""

from __future__ import annotations

from voipe_tui.store import Intent, Status, Store
from voipe_tui.store.bulks import NEVER_HAD_CREDIT, Bulk, BulkState
from voipe_tui.text.parts import measure

_UNCERTAIN_IN_A_ROW = 10
_REFUSED_IN_A_ROW = 20
_BURST_SECONDS = 1.0
_LOOK_SECONDS = 5.0


class BulkGuard:
    """Decides for the sender which batches are sent now. ``scope`` None: all; else only those."""

    def __init__(self, store: Store, scope: frozenset[int] | None = None) -> None:
        self._store = store
        self.scope = scope
        self._slots: dict[int, float] = {}
        self._uncertain: dict[int, int] = {}
        self._refused: dict[int, int] = {}
        self._looked_after = float("-inf")
        self._doubted_parts = 0

    def running(self) -> list[Bulk]:
        """The running batches in scope that are ours; one that finds the account empty is paused instead."""
        running = [bulk for bulk in self._store.bulks.open(BulkState.RUNNING) if self._in_scope(bulk.id)]
        found = [bulk for bulk in running if self._store.bulks.is_mine(bulk)]
        if len(found) < len(running):
            self._look_after()
        credit = self._store.facts.credit() if found else None
        if credit is not None and credit <= 0:
            found = [bulk for bulk in found if not self._pause_without_credit(bulk)]
        return [] if self.is_in_doubt else found

    def _pause_without_credit(self, bulk: Bulk) -> bool:
        """True if it was paused. An account that says 0 and never said more may be one that is not charged: where a
        message of it arrived, or a person wants it all the same, that is tried."""
        if self._store.facts.has_run_out():
            return self._store.bulks.pause(bulk.id, "The account has no credit left.")
        if self._store.bulks.needs_no_credit(bulk.id) or self._store.charges.sends_for_nothing():
            return False
        return self._store.bulks.pause(bulk.id, NEVER_HAD_CREDIT)

    @property
    def is_in_doubt(self) -> bool:
        """Whether the credit may be gone: no batch goes on before it was asked for."""
        return self._doubted_parts > 0

    def doubt(self, intent: Intent) -> None:
        """The gateway took a message of a batch not, or not for certain, and gives no reason."""
        text = f"{intent.text} {intent.footer}" if intent.footer else intent.text
        self._doubted_parts = max(self._doubted_parts, measure(text).parts, 1)

    def settle_doubt(self) -> None:
        """The credit was asked for. Whether that is the reason is known where a price was learned, or nothing is
        left."""
        parts, self._doubted_parts = self._doubted_parts, 0
        facts = self._store.facts
        credit, price = facts.credit(), facts.price()
        if credit is not None and price is not None and 0 < credit < price * parts:
            for bulk in self.running():
                self._store.bulks.pause(bulk.id, f"The credit that is left ({credit:f}) does not pay for a message.")

    def _look_after(self) -> None:
        """What another program is sending is its business; what it left behind waits for a person."""
        now = self._store.clock()
        if now >= self._looked_after + _LOOK_SECONDS or now < self._looked_after:
            self._looked_after = now
            self._store.bulks.pause_left_behind()

    def _in_scope(self, bulk_id: int) -> bool:
        return self.scope is None or bulk_id in self.scope

    def allowance(self, bulk: Bulk, room: int) -> int:
        """How many of a batch may start now, by its rate."""
        if bulk.rate is None or room <= 0:
            return room
        now = self._store.clock()
        # A slot further away than one step was given by a clock that was set back since.
        slot = min(max(self._slots.get(bulk.id, now), now - _BURST_SECONDS), now + 1.0 / bulk.rate)
        allowed = 0
        while allowed < room and slot <= now:
            allowed += 1
            slot += 1.0 / bulk.rate
        self._slots[bulk.id] = slot
        return allowed

    def next_slot(self) -> float:
        """When the next batch may start one more; 0 where no rate says so."""
        return min(self._slots.values(), default=0.0)

    def after(self, intent: Intent) -> None:
        """What an outcome means for the rest of its batch."""
        if intent.bulk is None:
            return
        settled = self._store.journal.intent(intent.id)
        state = settled.state if settled is not None else ""
        in_a_row = self._uncertain.get(intent.bulk, 0) + 1 if state == Status.UNKNOWN else 0
        self._uncertain[intent.bulk] = in_a_row
        if in_a_row >= _UNCERTAIN_IN_A_ROW:
            self._uncertain[intent.bulk] = 0
            self._store.bulks.pause(
                intent.bulk,
                f"{in_a_row} outcomes in a row are unknown; the gateway may be out of order or the credit gone.",
            )
        refused = self._refused.get(intent.bulk, 0) + 1 if state in (Status.REFUSED, Status.FAILED) else 0
        self._refused[intent.bulk] = refused
        if refused >= _REFUSED_IN_A_ROW:
            self._refused[intent.bulk] = 0
            self._store.bulks.pause(intent.bulk, f"{refused} in a row were refused; the failures say why.")
        if self._store.bulks.finish(intent.bulk):
            self._slots.pop(intent.bulk, None)

    def lock_out(self) -> None:
        """The gateway refuses our login: every running batch waits for a person."""
        for bulk in self._store.bulks.open(BulkState.RUNNING):
            if self._in_scope(bulk.id) and self._store.bulks.is_mine(bulk):
                self._store.bulks.pause(bulk.id, "The gateway does not let this account in.")
