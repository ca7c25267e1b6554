"""Sending from the journal: one request per recipient, at most once without a person's word.

The order of steps is the promise. The claim is on the disk before the request is made; the outcome is stored before
the next one is claimed. What cannot be known becomes ``unknown`` and is looked for; it is not sent again.

A transaction that waits for the disk costs more than all else here: answers that came together, and the claims that
follow them, are one. An answer that was not stored when the program is killed is looked up like one that never came.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from random import Random
from typing import Protocol

from voipe_tui.client.models import SendEntry, SendReply
from voipe_tui.client.return_codes import describe, is_refusal
from voipe_tui.errors import (
    OVERLOADED,
    AuthenticationError,
    GatewayError,
    InputError,
    OutcomeUnknownError,
    UnreachableError,
)
from voipe_tui.store import Acceptance, Intent, Store
from voipe_tui.store.states import Event
from voipe_tui.sync.bulk_guard import BulkGuard
from voipe_tui.sync.pace import LONGEST_WAIT, retry_delay
from voipe_tui.text.numbers import local_form, may_be_same_number

log = logging.getLogger(__name__)

_NO_REASON = 500
"""The HTTP status of a refusal without a reason on playSMS 1.4.7 and later; also of a gateway that broke on the way."""
_TURNS = 8  # of the loop, from the bytes of an answer to its meaning


class Transmit(Protocol):
    """The client's way to send one message."""

    def __call__(
        self,
        to: str,
        text: str,
        *,
        sender: str | None = None,
        flash: bool = False,
        schedule: str | None = None,
        footer: str | None = None,
        nofooter: bool = False,
    ) -> Awaitable[SendReply]: ...


class Sender:
    """Claims what is due and sends it, a few at a time.

    ``local_region``: numbers of that country are written as people there dial them; None: as they are in the journal.
    ``on_problem`` hears of failures that concern the connection, ``on_answer`` of answers. ``read_credit`` asks what
    the account has left; it raises nothing of the gateway's.
    """

    def __init__(
        self,
        store: Store,
        transmit: Transmit,
        *,
        concurrency: int,
        random: Random,
        bulk_scope: frozenset[int] | None = None,
        local_region: str | None = None,
        on_problem: Callable[[GatewayError], None],
        on_answer: Callable[[], None],
        read_credit: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._journal = store.journal
        self._transmit = transmit
        self._concurrency = max(1, concurrency)
        self._random = random
        self._local_region = local_region
        self._on_problem = on_problem
        self._on_answer = on_answer
        self._read_credit = read_credit
        self._asking: asyncio.Task[None] | None = None
        self.bulks = BulkGuard(store, bulk_scope)
        self._hold_off_until = 0.0
        self._failures = 0
        self._tasks: dict[asyncio.Task[None], int] = {}
        self._answers: list[tuple[Intent, Callable[[], None]]] = []
        self.freed = asyncio.Event()
        self.locked_out = False

    @property
    def in_flight(self) -> frozenset[int]:
        """The intents whose answers are awaited, or are not stored yet."""
        return frozenset(self._tasks.values()) | {intent.id for intent, _ in self._answers}

    def start_due(self) -> int:
        """Stores the answers that came, and starts as many due sends as there is room for: single messages first, then
        batches. Returns how many."""
        self.release_due()
        if not self._answers:
            return self._start(self._claim_due())
        answers = self._answers
        try:
            with self._journal.together():
                self._settle_all()
                claimed = self._claim_due()
        except Exception:
            log.exception("answers could not be stored together")
            self._answers = answers
            self._settle_singly()
            claimed = self._claim_due()
        return self._start(claimed)

    def _settle_all(self) -> None:
        answers, self._answers = self._answers, []
        for intent, settle in answers:
            settle()
            self.bulks.after(intent)

    def _settle_singly(self) -> None:
        """One answer that cannot be stored must not take the others along: it is looked up, as if it had not come."""
        answers = self._answers
        for answer in answers:
            self._answers = [answer]
            try:
                self._settle_all()
            except Exception:
                log.exception("sending failed unexpectedly")

    def _claim_due(self) -> list[Intent]:
        if self.locked_out:
            self.bulks.lock_out()  # also what was begun meanwhile: it would wait without a word
            return []
        if 0 < self._hold_off_until - self._store.clock() <= LONGEST_WAIT:  # more: our clock was set back
            return []
        claimed = self._journal.claim(room) if (room := self._room) else []
        for bulk in self.bulks.running():
            if allowed := self.bulks.allowance(bulk, self._room - len(claimed)):
                of_batch = self._journal.claim(allowed, bulk=bulk.id)
                claimed += of_batch
                if not of_batch:
                    # Its last ones were on their way when another program died: no answer will say that it is done.
                    self._store.bulks.finish(bulk.id)
        return claimed

    def release_due(self) -> None:
        """Lets go what was held here and is due."""
        self._journal.release_due()
        self._store.bulks.release_due()

    @property
    def _room(self) -> int:
        return max(0, self._concurrency - len(self._tasks))

    def _start(self, claimed: list[Intent]) -> int:
        for intent in claimed:
            task = asyncio.create_task(self._send(intent), name=f"send intent {intent.id}")
            self._tasks[task] = intent.id
            task.add_done_callback(self._ended)
        return len(claimed)

    def next_start(self) -> float | None:
        """When there will next be something to start; None while only an answer or a person can change that."""
        due = self._journal.next_due()
        if due is None or self.locked_out or not self._room:
            return None
        return max(due, self._hold_off_until, self.bulks.next_slot() if due <= self._store.clock() else 0.0)

    def lock_out(self) -> None:
        """The gateway refuses our login (trap 30): nothing more is started until a person says so."""
        self.locked_out = True
        self.bulks.lock_out()

    def unlock(self) -> None:
        self.locked_out = False
        self._hold_off_until = 0.0

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        self.freed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("sending failed unexpectedly", exc_info=error)

    async def drain(self) -> None:
        """Sends all that is due and waits for the answers."""
        while self.start_due() or self._tasks or self._asking:
            if waits := [*self._tasks, *([self._asking] if self._asking else [])]:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                await self.gather()

    async def gather(self) -> None:
        """Lets what has arrived beside an answer be read before that is stored: a few turns of the loop."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    async def stop(self, grace: float) -> None:
        """Gives answers that are on their way ``grace`` seconds; what is cut off then becomes unknown."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._settle_singly()

    async def _send(self, intent: Intent) -> None:
        try:
            settle = await self._outcome(intent)
        except asyncio.CancelledError:
            self._lose(intent, "voipe-tui was closed before the gateway answered.")
            raise
        except BaseException:
            self._lose(intent, "Something unexpected happened while this was being sent; the log has the details.")
            raise
        self._answers.append((intent, settle))

    async def _outcome(self, intent: Intent) -> Callable[[], None]:
        """Sends, and returns how to store what came of it."""
        try:
            reply = await self._transmit(
                self._wire(intent),
                intent.text,
                sender=intent.sender,
                flash=intent.flash,
                schedule=intent.gateway_schedule,
                footer=intent.footer,
                nofooter=intent.nofooter,
            )
        except UnreachableError as error:
            return partial(self._put_back, intent, error)
        except AuthenticationError as error:
            return partial(self._shut_out, intent, error)
        except OutcomeUnknownError as error:
            return partial(self._lose_sight, intent, error)
        except InputError as error:
            why = f"{error.message} Nothing was sent. {error.hint}".strip()
            return partial(self._journal.refuse, intent, None, why)
        except GatewayError as error:
            return partial(self._refuse, intent, error)
        return partial(self._settle, intent, reply)

    def _wire(self, intent: Intent) -> str:
        """The number as this gateway wants it; the journal keeps the international one, by which rows are found."""
        if self._local_region is None or intent.kind != "number":
            return intent.number
        return local_form(intent.number, self._local_region)

    def _heard(self) -> None:
        self._failures = 0
        self._hold_off_until = 0.0
        self._on_answer()

    def _put_back(self, intent: Intent, error: GatewayError) -> None:
        # Without a connection it is no use to let the rest of the queue run into the same wall.
        self._hold_off(error)
        # Locked out it waits for a person's word, and for nothing after that.
        retry_at = self._store.clock() if self.locked_out else self._hold_off_until
        self._journal.not_sent(intent, f"Not sent yet: {error.message}", retry_at)

    def _hold_off(self, error: GatewayError) -> None:
        self._failures += 1
        wait = max(retry_delay(self._failures, self._random), error.retry_after or 0.0)
        self._hold_off_until = self._store.clock() + min(LONGEST_WAIT, wait)
        self._on_problem(error)

    def _shut_out(self, intent: Intent, error: AuthenticationError) -> None:
        self.lock_out()
        self._put_back(intent, error)

    def _doubt(self, intent: Intent) -> None:
        """No reason was given, and the credit may be gone: it is asked for before the batch goes on."""
        if intent.bulk is not None:
            self.bulks.doubt(intent)
            if self._asking is None:
                self._asking = asyncio.create_task(self._ask_credit(), name="ask for the credit")

    async def _ask_credit(self) -> None:
        try:
            await self._read_credit()
        finally:
            self._asking = None
            self.bulks.settle_doubt()
            self.freed.set()

    def _lose_sight(self, intent: Intent, error: OutcomeUnknownError) -> None:
        causes = ""
        if error.http_status == _NO_REASON:
            causes = self._likely_causes(intent)
            self._doubt(intent)
        self._lose(intent, f"{error.message} {causes}".strip())
        if error.http_status in OVERLOADED:  # the next one would run into the same wall, with an outcome as uncertain
            self._hold_off(error)
        else:
            self._heard()

    def _refuse(self, intent: Intent, error: GatewayError) -> None:
        if error.code is not None and not is_refusal(error.code):
            self._lose(intent, error.message.removesuffix(" Nothing was sent."))
        else:
            self._journal.refuse(intent, error.code, f"{error.message} {error.hint}".strip())
            self._doubt(intent)
        self._heard()

    def _lose(self, intent: Intent, what: str) -> None:
        looked = "it is looked for at the gateway."
        if intent.gateway_schedule:
            looked = f"it is looked for until after its time ({intent.gateway_schedule}, the gateway's)."
        self._journal.lost(intent, f"{what} It may or may not have gone out; {looked}")

    def _settle(self, intent: Intent, reply: SendReply) -> None:
        entries = [
            each for each in reply.entries if intent.kind != "number" or may_be_same_number(intent.number, each.to)
        ]
        if not entries:
            self._lose(intent, "The gateway's answer is about another number.")
            return
        accepted = [entry for entry in entries if entry.ok]
        failed = [entry for entry in entries if not entry.ok]
        if accepted:
            self._journal.accept(
                intent,
                [Acceptance(entry.smslog_id, entry.queue, entry.to) for entry in accepted],
                _note(intent, accepted, failed),
                event=Event.ACCEPT_LATER if intent.gateway_schedule else Event.ACCEPT,
            )
        elif strange := next((each for each in failed if not is_refusal(each.error)), None):
            named = f"error {strange.error}, which" if strange.error else "an error without a code, which"
            self._lose(intent, f"The gateway answered with {named} says nothing of sending.")
        else:
            code = failed[0].error
            self._journal.refuse(intent, code, f"{describe(code).sentence} {self._likely_causes(intent)}")
            self._doubt(intent)

    def _likely_causes(self, intent: Intent) -> str:
        """The gateway gives no reason for ERR 200, nor for HTTP 500 (trap 7): what is known here narrows it down."""
        credit = self._store.facts.credit()
        if credit is not None and credit <= 0:
            return "The account has no credit left, which is the likely cause."
        if intent.kind == "group":
            return f"Likely cause: the gateway knows no group {intent.number}, or it is empty."
        if intent.kind == "user":
            return f"Likely cause: the gateway knows no user {intent.number}, or it is this account itself."
        return "Likely causes: the number is on the gateway's stop list or not a number to it, or credit ran out."


def _note(intent: Intent, accepted: Sequence[SendEntry], failed: Sequence[SendEntry]) -> str | None:
    notes = []
    if failed:
        notes.append(f"The gateway took {len(accepted)} of {len(accepted) + len(failed)} recipients.")
    if intent.kind == "user":
        notes.append("A message to an @user goes to an inbox at the gateway; no delivery report ever comes for it.")
    if intent.gateway_schedule:
        notes.append(
            f"Waits at the gateway until {intent.gateway_schedule} (its time); it cannot be cancelled there any more."
        )
    return " ".join(notes) or None
