"""What can be done to a batch, from the list or from its own page: asked for there, done here."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from textual.message import Message as Event
from textual.message_pump import MessagePump

from voipe_tui.errors import VoipeError
from voipe_tui.store.bulks import PAUSED_BY_PERSON, Bulk, BulkState, RepeatedError
from voipe_tui.store.models import View
from voipe_tui.ui.batches.words import what_left
from voipe_tui.ui.desk import Place
from voipe_tui.ui.events import Notice
from voipe_tui.ui.look.words import count

if TYPE_CHECKING:
    from voipe_tui.ui.services import Session

_CANCELLED_AT_ONCE = 50
_CHUNK = 100
_MOST_COUNTED = 1_000


class Steer(Event):
    """``what``: ``pause``, ``cancel``, ``retry``, ``export`` or ``close``, for a batch (0: none)."""

    def __init__(self, what: str, bulk_id: int) -> None:
        super().__init__()
        self.what = what
        self.bulk_id = bulk_id


class Steered(MessagePump):
    """The keys of a place where a batch can be steered."""

    @property
    def chosen_batch(self) -> int:
        """The batch under the cursor, or the one that is shown; 0 for none."""
        return 0

    def action_pause(self) -> None:
        self.post_message(Steer("pause", self.chosen_batch))

    def action_cancel(self) -> None:
        self.post_message(Steer("cancel", self.chosen_batch))

    def action_retry(self) -> None:
        self.post_message(Steer("retry", self.chosen_batch))

    def action_export(self) -> None:
        self.post_message(Steer("export", self.chosen_batch))

    def action_close(self) -> None:
        self.post_message(Steer("close", self.chosen_batch))


class Batches(Place, Protocol):
    """The view in which batches are steered."""

    def look_again(self) -> None:
        """Reads what is shown again."""

    def begun(self, bulk_id: int) -> None:
        """A new batch waits its moment, or runs."""


def steer(batches: Batches, session: Session, what: str, bulk_id: int) -> None:
    """Does it, or says why not."""
    bulk = session.opened.bulks.get(bulk_id) if bulk_id else None
    if bulk is None:
        batches.post_message(Notice("There is no batch here."))
    elif what == "pause":
        _pause(batches, session, bulk)
    elif what == "cancel":
        _ask_cancel(batches, session, bulk)
    elif what == "retry":
        _retry(batches, session, bulk)
    elif what == "export":
        _export(batches, session, bulk)


def _pause(batches: Batches, session: Session, bulk: Bulk) -> None:
    bulks = session.opened.bulks
    going = bulk.state is BulkState.RUNNING and bulks.is_sent_by_someone(bulk)
    held_here = bulk.state is BulkState.HELD and bulks.is_mine(bulk)
    if going or held_here:
        bulks.pause(bulk.id, PAUSED_BY_PERSON)
        batches.post_message(Notice(f"Batch {bulk.id} is paused. What is on its way right now still arrives."))
    elif bulk.state in (BulkState.PAUSED, BulkState.HELD, BulkState.RUNNING):
        batches.run_worker(_go_on(batches, session, bulk), name="go on", group="go on", exit_on_error=False)
        return
    elif bulks.is_broken_off(bulk):
        cancel = session.keys.shown("batches-cancel")
        batches.post_message(Notice(f"It was never complete and cannot be sent; {cancel} clears it away.", "warn"))
    else:
        batches.post_message(Notice(f"Batch {bulk.id} is {bulk.state.value}: there is nothing to pause."))
    batches.look_again()


async def _go_on(batches: Batches, session: Session, bulk: Bulk) -> None:
    credit = session.opened.facts.credit()
    if credit is not None and credit <= 0 and session.engine is not None:
        # It stopped because the credit was gone: is there any now?
        batches.post_message(Notice("Asking the gateway for the credit first …"))
        await session.engine.poll()
    if session.opened.bulks.resume(bulk.id):
        session.wake()
        batches.post_message(Notice(f"Batch {bulk.id} goes on.", "good"))
    else:
        batches.post_message(Notice(f"Batch {bulk.id} is sent by another voipe-tui, or has ended."))
    batches.look_again()


def _ask_cancel(batches: Batches, session: Session, bulk: Bulk) -> None:
    from voipe_tui.ui.widgets.confirm import Confirm, ask

    progress = session.opened.bulks.progress(bulk.id)
    if progress is None or (bulk.state in (BulkState.DONE, BulkState.CANCELLED) and not progress.waiting):
        batches.post_message(Notice(f"Batch {bulk.id} is {bulk.state.value}: there is nothing to cancel."))
        return
    question = Confirm(f"Cancel batch {bulk.id} for good?", (bulk.label, what_left(progress)), "cancel it")
    ask(batches.app, question, lambda: cancel(batches, session, bulk.id))


def cancel(batches: Batches, session: Session, bulk_id: int, said: str = "is cancelled") -> None:
    """Nothing more of it leaves from this moment; its rows are marked beside the keys."""
    bulks = session.opened.bulks
    bulk = bulks.get(bulk_id)
    if bulk is None or (not bulks.cancel(bulk_id) and bulk.state is not BulkState.CANCELLED):
        batches.post_message(Notice("It has ended already: there is nothing to cancel."))
        return

    async def mark() -> None:
        while bulks.cancel_some(bulk_id, _CANCELLED_AT_ONCE):  # noqa: ASYNC110 - the keys have their turn
            await asyncio.sleep(0)
        batches.look_again()

    batches.run_worker(mark(), name="mark cancelled", group=f"cancel {bulk_id}", exit_on_error=False)
    batches.post_message(Notice(f"Batch {bulk_id} {said}.", "good"))
    batches.look_again()


def _retry(batches: Batches, session: Session, bulk: Bulk) -> None:
    from voipe_tui.ui.widgets.confirm import Confirm, ask

    progress = session.opened.bulks.progress(bulk.id)
    failed = sum(progress.by_status.get(status, 0) for status in ("failed", "refused")) if progress else 0
    if not failed:
        batches.post_message(Notice(f"None of batch {bulk.id} failed: there is nothing to retry."))
        return
    left = len(session.opened.bulks.failed(bulk.id, limit=_MOST_COUNTED))
    if not left:
        _say_retried(batches, session, bulk)
        return
    if left < _MOST_COUNTED:
        failed = left
    unknown = progress.by_status.get("unknown", 0) if progress else 0
    lines = [
        f"{count(failed, 'message')} that failed or got refused will be a new batch, with the texts and the sender ID "
        "as they were. Numbers that are on the opt-out list by now are left out."
    ]
    if unknown:
        lines.append(f"{unknown:,} of which nobody knows are not sent again: they may have arrived.")
    question = Confirm(f"Retry the failed ones of batch {bulk.id}?", lines, "send them as a new batch")

    def refill() -> None:
        batches.run_worker(_refill(batches, session, bulk), name="retry", group="fill", exit_on_error=False)

    ask(batches.app, question, refill)


def _say_retried(batches: Batches, session: Session, bulk: Bulk) -> None:
    done = session.opened.bulks.retry_of(bulk)
    again = f"already retried as batch {done.id}" if done is not None else "sent again already, or have opted out"
    batches.post_message(Notice(f"Those of batch {bulk.id} that failed were {again}.", "warn"))


async def _refill(batches: Batches, session: Session, bulk: Bulk) -> None:
    store = session.opened
    try:
        new = store.bulks.begin_retry(bulk)
    except RepeatedError:
        new = 0
    if not new:
        _say_retried(batches, session, bulk)
        return
    left_out, after = 0, 0
    try:
        while page := store.bulks.failed(bulk.id, after, _CHUNK):
            after = page[-1][0]
            out = store.opt_outs.has([order.number for _, order in page])
            store.bulks.add(new, [order for _, order in page if order.number not in out])
            left_out += sum(order.number in out for _, order in page)
            await asyncio.sleep(0)
        store.bulks.start(new, hold_seconds=session.profile.hold_seconds, opted_out=left_out)
    except (VoipeError, asyncio.CancelledError) as error:
        store.bulks.cancel(new)
        if isinstance(error, VoipeError):
            batches.post_message(Notice(f"The new batch could not be made: {error}", "bad"))
            return
        raise
    session.wake()
    batches.begun(new)


def _export(batches: Batches, session: Session, bulk: Bulk) -> None:
    from voipe_tui.ui.chosen import Chosen
    from voipe_tui.ui.messages.export import ask_export

    ask_export(batches, session, Chosen(View(batch=bulk.batch, include_archived=True), marked=True), "batches")
