"""What can be done with messages, from a list or from the reader: with those that are chosen, or with the one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from voipe_tui.store.models import Draft, Message
from voipe_tui.ui.chosen import Chosen, messages_of
from voipe_tui.ui.events import Asked, Notice
from voipe_tui.ui.look.words import count
from voipe_tui.ui.messages.triage import KINDS, triage
from voipe_tui.ui.terminal.clipboard import MOST_BYTES, osc52

if TYPE_CHECKING:
    from voipe_tui.ui.desk import Desk
    from voipe_tui.ui.services import Session


async def act(desk: Desk, session: Session, event: Asked) -> None:
    """Does what was asked for (see :class:`Asked`)."""
    what, message = event.what, event.message
    chosen = event.chosen or Chosen([] if message is None else [message.id])
    if what in KINDS:
        await triage(desk, session, event, chosen)
    elif what == "copy":
        await _copy(desk, session, chosen, "text")
    elif what == "copy_number":
        await _copy(desk, session, chosen, "number")
    elif what == "send_again":
        from voipe_tui.ui.messages.again import send_again

        await send_again(desk, session, chosen)
    elif what == "export":
        from voipe_tui.ui.messages.export import ask_export

        ask_export(desk, session, chosen, desk.view)
    elif message is not None:
        await _with_one(desk, session, what, message)


async def _with_one(desk: Desk, session: Session, what: str, message: Message) -> None:
    if what == "open":
        draft = session.opened.drafts.get(message.id)
        if draft is not None:
            await desk.write(draft)
    elif what == "reply":
        await desk.write(Draft(0, message.number, "", _sender(session)))
    elif what == "forward":
        await desk.write(Draft(0, "", message.text, _sender(session)))


def _sender(session: Session) -> str | None:
    return session.profile.sender or None


async def _copy(desk: Desk, session: Session, chosen: Chosen, field: str) -> None:
    """The text or the number; of several, each on a line of its own (numbers only once), the oldest first."""
    found: list[str] = []
    size = 0
    async for page in messages_of(session.opened, chosen.target):
        found += [getattr(message, field) for message in page]
        size += sum(len(getattr(message, field)) for message in page)
        if size > MOST_BYTES:
            break
    found.reverse()
    values = list(dict.fromkeys(found)) if field == "number" else found
    text = "\n".join(value for value in values if value)
    if not text:
        desk.post_message(Notice(f"The {field} is empty: nothing to copy."))
        return
    sequence = osc52(text, os.environ)
    what = f"The {field}" if len(values) == 1 else count(len(values), field)
    if len(sequence) > MOST_BYTES * 2:
        too = "is too long" if len(values) == 1 else "are too many"
        desk.post_message(Notice(f"{what} {too} for a terminal's clipboard.", "warn"))
        return
    desk.send_to_terminal(sequence)
    was = "was" if len(values) == 1 else "were"
    left = f" {chosen.left_alone}" if chosen.left_alone else ""
    desk.post_message(Notice(f"{what} {was} sent to the terminal's clipboard.{left}"))
