"""What can be done with one message, from a list or from the reader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from voipe_tui.store.models import Draft, Message
from voipe_tui.ui.clipboard import MOST_BYTES, osc52
from voipe_tui.ui.events import Notice
from voipe_tui.ui.rows import who_is

if TYPE_CHECKING:
    from voipe_tui.ui.main_screen import MainScreen
    from voipe_tui.ui.services import Session


async def act(screen: MainScreen, session: Session, what: str, message: Message) -> None:
    """Does ``what`` (see :class:`Asked`) with a message."""
    if what == "open":
        await _open_draft(screen, session, message)
    elif what == "reply":
        await screen.write(Draft(0, message.number, "", _sender(session)))
    elif what == "forward":
        await screen.write(Draft(0, "", message.text, _sender(session)))
    elif what == "copy":
        _copy(screen, message.text, "The text")
    elif what == "copy_number":
        _copy(screen, message.number, "The number")
    elif what == "toggle_read":
        _toggle_read(screen, session, message)
    elif what == "send_again":
        await _send_again(screen, session, message)


def _sender(session: Session) -> str | None:
    return session.profile.sender or None


async def _open_draft(screen: MainScreen, session: Session, message: Message) -> None:
    draft = session.opened.drafts.get(message.id)
    if draft is not None:
        await screen.write(draft)


def _copy(screen: MainScreen, text: str, what: str) -> None:
    if not text:
        screen.post_message(Notice(f"{what} is empty: nothing to copy."))
        return
    sequence = osc52(text, os.environ)
    if len(sequence) > MOST_BYTES * 2:
        screen.post_message(Notice(f"{what} is too long for a terminal's clipboard.", "warn"))
        return
    screen.send_to_terminal(sequence)
    screen.post_message(Notice(f"{what} was sent to the terminal's clipboard."))


def _toggle_read(screen: MainScreen, session: Session, message: Message) -> None:
    if message.direction != "in":
        screen.post_message(Notice("Only incoming messages are read or unread."))
        return
    session.opened.triage.set_read([message.id], not message.read)
    screen.post_message(Notice("Marked as unread." if message.read else "Marked as read."))


async def _send_again(screen: MainScreen, session: Session, message: Message) -> None:
    if message.direction == "in":
        screen.post_message(Notice("That one came in: forward it with f."))
        return
    if message.status == "held":
        # A copy would go out beside the one that is held.
        done = session.opened.journal.send_now([message.id])
        session.wake()
        screen.post_message(Notice("It goes out now.", "good") if done else Notice("It is not held any more."))
        return
    if message.status in ("scheduled", "queued", "sending"):
        screen.post_message(Notice("It has not gone out yet: there is nothing to send again."))
        return
    if message.status != "unknown":
        # Review first: the same text to the same number, as a new message.
        draft = Draft(0, message.number, message.text, message.sender or _sender(session))
        await screen.write(draft)
        key = session.keys.shown("compose-send")
        screen.post_message(Notice(f"Ready to be sent again as a new message: {key} sends it."))
        return
    from voipe_tui.ui.confirm import Confirm, ask

    def again() -> None:
        done = session.opened.journal.send_again([message.id])
        session.wake()
        if done:
            screen.post_message(Notice("Queued again, because you said so.", "good"))
        else:
            screen.post_message(Notice("It is not unknown any more: nothing was sent again."))

    question = Confirm(
        f"Send again to {who_is(message)}?",
        (
            "Nobody knows whether the gateway took this message. It is still being looked for.",
            "If it did take it, the phone gets it twice, and it is paid twice.",
        ),
        "send it again anyway",
    )
    ask(screen.app, question, again)
