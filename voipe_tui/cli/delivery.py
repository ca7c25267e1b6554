"""From the journal to the phone: hands messages over and follows them, judging by their rows in the store alone.

Other programs on the same profile leave these messages alone, unless a person tells them otherwise. What is certain
not to have left is cancelled, for a script that was told "not sent" will try again by itself. What nobody knows is
looked for a while and never sent again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from voipe_tui.cli.context import Context
from voipe_tui.cli.wiring import Account
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import ExitCode, UnreachableError, VoipeError
from voipe_tui.store import Message, NewMessage, Status, View
from voipe_tui.sync import Link

UNKNOWN_SECONDS = 10.0
"""How long an uncertain outcome is looked for before the command gives up; a queue runs every second or so (trap 9)."""

OTHERS_SECONDS = 130.0
"""How long to wait for another program that is sending our messages: a little longer than any request may take."""

_FINAL = {Status.DELIVERED, Status.FAILED, Status.REFUSED, Status.CANCELLED, Status.SCHEDULED, Status.DRAFT}
_NOT_GOOD = {Status.FAILED, Status.REFUSED, Status.CANCELLED, Status.DRAFT}
_UNCERTAIN = {Status.UNKNOWN, Status.SENDING}


class Delivery:
    """The messages of one command. Submitted by its making: they are on the disk from then on."""

    def __init__(
        self, context: Context, account: Account, orders: Sequence[NewMessage] = (), *, ids: Sequence[int] = ()
    ) -> None:
        """``ids``: rows that were ordered before, instead of new orders."""
        self._context = context
        self._store = account.store
        self._engine = account.engine
        self._profile = account.profile
        self._has_groups = bool(ids) or any(order.kind == "group" for order in orders)
        self.problem: VoipeError | None = None
        """Why messages were not sent, or why the gateway cannot be asked."""
        self.ids = list(ids) or self._store.journal.submit(orders)

    def rows(self) -> list[Message]:
        """Our rows as they stand; a group yields one for each member that the gateway named (trap 13)."""
        found = self._store.get(self.ids)
        if self._has_groups:
            intents = {row.intent_id for row in found.values()}
            for batch in {row.batch for row in found.values() if row.batch}:
                members = self._store.page(View(batch=batch, include_archived=True), limit=10_000)
                found.update((row.id, row) for row in members if row.intent_id in intents)
        return [found[row_id] for row_id in sorted(found)]

    # Steps

    async def hand_over(self) -> None:
        """Sends what is due. Afterwards nothing of ours is left waiting in the journal."""
        try:
            await self._engine.drain()
        except VoipeError as error:
            self.problem = error
        self.problem = self.problem or self._engine.health.problem
        self.cancel_unsent()

    def cancel_unsent(self) -> None:
        """Ends what has certainly not left."""
        waiting = [row for row in self.rows() if row.status == Status.QUEUED]
        if not waiting:
            return
        if self.problem is None:
            why = next((row.note for row in waiting if row.note), "The gateway could not be reached.")
            self.problem = UnreachableError(why)
        note = f"Not sent: {self.problem.message}"
        self._store.journal.cancel([row.id for row in waiting], note=note, unknown=False)

    async def follow(self, wait: float | None) -> None:
        """Looks at the gateway until everything is final, ``wait`` seconds at most; without it just once.

        What is uncertain is looked for in any case, for ``UNKNOWN_SECONDS``.
        """
        clock, began = self._context.world.clock, self._context.world.clock()
        await self._look()
        while True:
            rows = self.rows()
            left = began + self._patience(rows, wait) - clock()
            if left <= 0:
                return
            self._context.console.progress(f"{_counted(rows)} · {clock() - began:.0f} s")
            await self._context.world.sleep(min(self._engine.pace.next_delay(moving=True), left))
            await self._look()

    async def _look(self) -> None:
        self._store.look_around()
        self._store.journal.take_over()
        # Something must be known of by the gateway to be worth a question.
        if any(row.status not in (Status.CANCELLED, Status.REFUSED) for row in self.rows()):
            await self._engine.poll()
        self.cancel_unsent()

    def _patience(self, rows: Sequence[Message], wait: float | None) -> float:
        """How many seconds these rows are worth, counted from the beginning."""
        if self._engine.health.link is Link.LOCKED_OUT:
            return 0.0  # asking on after ERR 100 can get the address blocked (trap 30)
        patience = 0.0
        if wait is not None and not all(map(self._is_final, rows)):
            patience = wait
        if any(row.status == Status.UNKNOWN for row in rows):
            patience = max(patience, UNKNOWN_SECONDS)
        if any(row.status == Status.SENDING and not self._is_mine(row) for row in rows):
            patience = max(patience, OTHERS_SECONDS)
        return patience

    def _is_final(self, row: Message) -> bool:
        if row.status in _FINAL:
            return True
        # No delivery report ever comes for an @user (trap 13).
        return row.status == Status.ACCEPTED and row.number.startswith("@")

    def _is_mine(self, row: Message) -> bool:
        intent = self._store.journal.of_message(row.id)
        return intent is not None and intent.owner == self._store.journal.owner.id

    # What it comes to

    def exit_code(self, rows: Sequence[Message]) -> ExitCode:
        """The rows as an exit code: uncertainty first, for it is the one that must not be answered by sending again."""
        if any(row.status in _UNCERTAIN for row in rows):
            return ExitCode.UNKNOWN
        bad = [row for row in rows if row.status in _NOT_GOOD]
        if not bad:
            return ExitCode.DONE
        if len(bad) < len(rows):
            return ExitCode.SOME_FAILED
        if self.problem is not None and all(row.status == Status.CANCELLED for row in bad):
            return self.problem.exit_code
        return ExitCode.REFUSED

    def explain(self, rows: Sequence[Message], *, waited: bool) -> None:
        """Says on standard error what is not as it should be, and what to do now."""
        say = self._context.console.say
        by_status = Counter(row.status for row in rows)
        self._explain_problem(rows, by_status[Status.CANCELLED])
        refused = by_status[Status.REFUSED] + by_status[Status.FAILED]
        if refused:
            say(f"voipe-tui: {_so_many(refused, len(rows))} failed or refused by the gateway")
        uncertain = [row for row in rows if row.status in _UNCERTAIN]
        if uncertain:
            say(f"voipe-tui: the outcome of {_so_many(len(uncertain), len(rows))} is not known")
            credit = self._store.facts.account().credit
            if credit is not None and credit <= 0:
                # Gateways break off without a reason when the credit is gone (trap 7).
                say("  The account has no credit left, which is the likely cause.")
            say("  Nothing is sent again by itself. Look before you send again, or it may arrive twice:")
            say(f"  voipe-tui status {' '.join(str(row.id) for row in uncertain[:20])}{self._profile_option()}")
        under_way = [row for row in rows if not self._is_final(row) and row.status not in _UNCERTAIN]
        if waited and under_way:
            say(f"voipe-tui: no delivery report yet for {_so_many(len(under_way), len(rows))}; ask later:")
            say(f"  voipe-tui status {' '.join(str(row.id) for row in under_way[:20])}{self._profile_option()}")

    def _explain_problem(self, rows: Sequence[Message], cancelled: int) -> None:
        if self.problem is None:
            if self._engine.health.problem is not None and not all(map(self._is_final, rows)):
                self._context.console.report(self._engine.health.problem)
            return
        self._context.console.report(self.problem)
        if cancelled == len(rows):
            self._context.console.say("  Nothing was sent, and nothing will be: send again when it is mended.")
        elif cancelled:
            self._context.console.say(f"  {_so_many(cancelled, len(rows))} not sent; what was not sent is cancelled.")

    def _profile_option(self) -> str:
        named = self._context.options.profile
        return f" --profile {named}" if named else ""


def report(context: Context, profile: Profile, delivery: Delivery, *, waited: bool) -> int:
    """Prints the rows, says what is not as it should be, and returns the exit code."""
    from voipe_tui.cli.rows import print_rows

    rows = delivery.rows()
    print_rows(context, profile, rows, notes=True)
    delivery.explain(rows, waited=waited)
    code = delivery.exit_code(rows)
    context.unexpected_code = code or ExitCode.SOME_FAILED
    return code


def _counted(rows: Sequence[Message]) -> str:
    return ", ".join(f"{count} {status}" for status, count in Counter(row.status for row in rows).items())


def _so_many(some: int, of: int) -> str:
    return "the message" if of == 1 else f"{some} of {of} messages"
