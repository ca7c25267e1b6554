"""What can be done with messages, from a list or from the reader: with those that are chosen, or with the one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from voipe_tui.store.models import Draft, Message
from voipe_tui.ui.events import Asked, Notice
from voipe_tui.ui.lists.choice import Chosen, messages_of
from voipe_tui.ui.look.words import count
from voipe_tui.ui.messages.triage import KINDS, triage
from voipe_tui.ui.terminal.clipboard import MOST_BYTES, osc52

if TYPE_CHECKING:
    from voipe_tui.ui.main.screen import MainScreen
    from voipe_tui.ui.services import Session


async def act(screen: MainScreen, session: Session, event: Asked) -> None:
    """Does what was asked for (see :class:`Asked`)."""
    what, message = event.what, event.message
    chosen = event.chosen or Chosen([] if message is None else [message.id])
    if what in KINDS:
        await triage(screen, session, event, chosen)
    elif what == "copy":
        await _copy(screen, session, chosen, "text")
    elif what == "copy_number":
        await _copy(screen, session, chosen, "number")
    elif what == "send_again":
        from voipe_tui.ui.messages.again import send_again

        await send_again(screen, session, chosen)
    elif what == "export":
        from voipe_tui.ui.messages.export import ask_export

        ask_export(screen, session, chosen)
    elif message is not None:
        await _with_one(screen, session, what, message)


async def _with_one(screen: MainScreen, session: Session, what: str, message: Message) -> None:
    if what == "open":
        draft = session.opened.drafts.get(message.id)
        if draft is not None:
            await screen.write(draft)
    elif what == "reply":
        await screen.write(Draft(0, message.number, "", _sender(session)))
    elif what == "forward":
        await screen.write(Draft(0, "", message.text, _sender(session)))


def _sender(session: Session) -> str | None:
    return session.profile.sender or None


async def _copy(screen: MainScreen, session: Session, chosen: Chosen, field: str) -> None:
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
        screen.post_message(Notice(f"The {field} is empty: nothing to copy."))
        return
    sequence = osc52(text, os.environ)
    what = f"The {field}" if len(values) == 1 else count(len(values), field)
    if len(sequence) > MOST_BYTES * 2:
        too = "is too long" if len(values) == 1 else "are too many"
        screen.post_message(Notice(f"{what} {too} for a terminal's clipboard.", "warn"))
        return
    screen.send_to_terminal(sequence)
    was = "was" if len(values) == 1 else "were"
    left = f" {chosen.left_alone}" if chosen.left_alone else ""
    screen.post_message(Notice(f"{what} {was} sent to the terminal's clipboard.{left}"))
