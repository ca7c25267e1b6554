"""Sending again: what failed as a new order, what is uncertain only with the risk said, what is held right now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from voipe_tui.store.models import Draft, Message, NewMessage
from voipe_tui.ui.chosen import Chosen, messages_of
from voipe_tui.ui.events import Notice, Submitted
from voipe_tui.ui.lists.rows import who_is
from voipe_tui.ui.look.words import count
from voipe_tui.ui.widgets.confirm import Confirm, ask

if TYPE_CHECKING:
    from voipe_tui.ui.desk import Desk
    from voipe_tui.ui.services import Session

_MOST = 1_000
"""More than this is a mailing; those have a rate and a way back of their own."""
_FAILED = ("failed", "refused")
_RISK = "If the gateway did take them, the phones get them twice, and they are paid twice."


async def send_again(desk: Desk, session: Session, chosen: Chosen) -> None:
    """One or several messages once more."""
    found: list[Message] = []
    async for page in messages_of(session.opened, chosen.target):
        found += page
        if len(found) > _MOST:
            desk.post_message(Notice(f"More than {_MOST:,}: export them with X and send them as a batch.", "warn"))
            return
    if not chosen.several and found:
        await _one(desk, session, found[0])
    elif found:
        _several(desk, session, found, chosen)


async def _one(desk: Desk, session: Session, message: Message) -> None:
    journal = session.opened.journal
    if message.direction == "in":
        desk.post_message(Notice("That one came in: forward it with f."))
    elif message.status == "held":
        # A copy would go out beside the one that is held.
        done = journal.send_waiting([message.id]) or journal.send_now([message.id])
        session.wake()
        desk.post_message(Notice("It goes out now.", "good") if done else Notice("It is not held any more."))
    elif message.status == "queued" and journal.send_waiting([message.id]):
        session.wake()
        desk.post_message(Notice("It waited for your word; it goes out now.", "good"))
    elif message.status in ("scheduled", "queued", "sending"):
        desk.post_message(Notice("It has not gone out yet: there is nothing to send again."))
    elif message.status == "unknown":
        _unknown(desk, session, [message], f"Send again to {who_is(message)}?")
    else:
        # Review first: the same text to the same number, as a new message.
        sender = message.sender or session.profile.sender or None
        await desk.write(Draft(0, message.number, message.text, sender))
        key = session.keys.shown("compose-send")
        desk.post_message(Notice(f"Ready to be sent again as a new message: {key} sends it."))


def _unknown(desk: Desk, session: Session, messages: list[Message], title: str) -> None:
    def again() -> None:
        done = session.opened.journal.send_again([message.id for message in messages])
        session.wake()
        if done:
            desk.post_message(Notice("Queued again, because you said so.", "good"))
        else:
            desk.post_message(Notice("It is not unknown any more: nothing was sent again."))

    question = Confirm(
        title,
        (
            "Nobody knows whether the gateway took this message. It is still being looked for.",
            "If it did take it, the phone gets it twice, and it is paid twice.",
        ),
        "send it again anyway",
    )
    ask(desk.app, question, again)


def _several(desk: Desk, session: Session, found: list[Message], chosen: Chosen) -> None:
    if left := session.opened.journal.send_waiting([each.id for each in found if each.status in ("held", "queued")]):
        session.wake()
        desk.post_message(Notice(f"{count(len(left), 'order')} of an earlier run go out now.", "good"))
        return
    failed = [message for message in found if message.status in _FAILED]
    unknown = [message for message in found if message.status == "unknown"]
    rest = len(found) - len(failed) - len(unknown)
    if not failed and not unknown:
        desk.post_message(Notice("None of the marked ones failed or is uncertain: nothing to send again."))
        return
    lines = []
    if failed:
        each = "each to its number, with the text and sender ID it had"
        lines.append(f"{count(len(failed), 'message')} that failed: new orders, {each}.")
    if unknown:
        nobody = "Nobody knows whether the gateway took"
        lines.append(f"{nobody} {count(len(unknown), 'message')} of these; they are still being looked for. {_RISK}")
    if rest:
        lines.append(f"{count(rest, 'other')} did not fail: left alone.")
    if chosen.left_alone:
        lines.append(chosen.left_alone)

    def again() -> None:
        journal = session.opened.journal
        queued = journal.send_again([message.id for message in unknown]) if unknown else []
        orders = [_order(message, session) for message in failed]
        if orders:
            desk.post_message(Submitted(journal.submit(orders, hold_seconds=session.profile.hold_seconds)))
        session.wake()
        said = [f"{count(len(orders), 'new order')}"] if orders else []
        said += [f"{count(len(queued), 'uncertain one')} queued again, because you said so"] if queued else []
        desk.post_message(Notice(", ".join(said) + ".", "good"))

    ask(desk.app, Confirm(f"Send {len(failed) + len(unknown):,} again?", lines, "send them again"), again)


def _order(message: Message, session: Session) -> NewMessage:
    sender = message.sender or session.profile.sender or None
    number = message.key if message.key.startswith("+") else message.number
    if number.startswith("@"):
        return NewMessage(number, message.text, kind="user", sender=sender)
    kind: Literal["number", "group"] = "group" if number.startswith("#") else "number"
    return NewMessage(number, message.text, kind=kind, sender=sender)
