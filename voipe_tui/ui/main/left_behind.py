"""What an earlier run left behind, said once at the start. What a person had already sent goes on; the rest waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from voipe_tui.store.bulks import BulkState
from voipe_tui.ui.look.words import count

if TYPE_CHECKING:
    from voipe_tui.ui.desk import Place
    from voipe_tui.ui.services import Session

_AT_ONCE = 50
_REST_SECONDS = 0.01  # as long as a look: what a key sets off takes many turns of the loop


def left_behind(place: Place, session: Session, told_of: set[int]) -> str:
    """A sentence about messages and batches that wait for a person's word; empty where none do. ``told_of`` keeps
    which orders a person knows of."""
    store, keys = session.opened, session.keys
    store.bulks.pause_left_behind()
    if half := store.bulks.half_cancelled():
        place.run_worker(_mark(session, half), name="mark cancelled", exit_on_error=False)
    place.run_worker(_look_for_opt_outs(session), name="look for opt-outs", exit_on_error=False)
    said = []
    if gone_on := store.journal.go_on():
        session.wake()
        goes = "goes" if len(gone_on) == 1 else "go"
        said.append(f"{count(len(gone_on), 'message')} of the last run {goes} out now: see {keys.shown('outbox')}")
    if waiting := waiting_for_a_word(session, told_of):
        said.append(waiting)
    if broken_off := store.triage.broken_off():
        said.append(f"{broken_off}: {keys.shown('undo')} takes it back")
    where, go_on = keys.shown("batches"), keys.shown("batches-pause")
    for bulk in store.bulks.open():
        if store.bulks.is_broken_off(bulk):
            said.append(f"batch {bulk.id} was broken off, nothing of it was sent: see {where}")
        elif bulk.state is BulkState.PAUSED or (bulk.state is BulkState.HELD and not store.bulks.is_mine(bulk)):
            said.append(f"batch {bulk.id} is {bulk.state.value}: in {where}, {go_on} goes on")
    return " · ".join(said[:3])


def waiting_for_a_word(session: Session, told_of: set[int]) -> str:
    """A sentence about orders whose program has ended; empty where there are none that were not told of yet."""
    waiting = session.opened.journal.kept_from_before()
    ids = {intent.message_id for intent in waiting}
    known = ids <= told_of
    told_of.clear()
    told_of.update(ids)
    if known:
        return ""
    send, back, where = (session.keys.shown(name) for name in ("list-again", "undo", "outbox"))
    wait = f"{count(len(waiting), 'order')} {'waits' if len(waiting) == 1 else 'wait'} for your word"
    return f"{wait}: in {where}, {send} sends, {back} takes back"


async def _look_for_opt_outs(session: Session) -> None:
    """Who asks to be left out, in all that came in since the last look; the batches say how many there are."""
    while session.opened.opt_outs.look(session.profile.opt_out_words):  # noqa: ASYNC110 - the keys have their turn
        await asyncio.sleep(_REST_SECONDS)


async def _mark(session: Session, bulk_ids: list[int]) -> None:
    """Rows of batches that were cancelled, and not marked so to the end."""
    for bulk_id in bulk_ids:
        while session.opened.bulks.cancel_some(bulk_id, _AT_ONCE):  # noqa: ASYNC110 - the keys have their turn
            await asyncio.sleep(0)
