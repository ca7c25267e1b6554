"""What an empty list says: why there is nothing, and where it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipe_tui.store.models import View

if TYPE_CHECKING:
    from voipe_tui.store.saved_views import SavedView
    from voipe_tui.ui.search.narrowing import Narrowing
    from voipe_tui.ui.services import Session

_NEVER: dict[str | None, tuple[str, ...]] = {
    "in": ("No messages yet.", "What people write to you appears here by itself."),
    "out": ("Nothing sent yet.", "Press c to write your first message."),
}


_WHAT: dict[str | None, str] = {"in": "your messages", "out": "what you have sent"}

_NOT_YET: dict[str, str] = {
    "connecting": "The gateway is being asked for {what} …",
    "offline": "The gateway could not be reached so far; it is tried again by itself. {account} says what is wrong.",
    "locked out": "The gateway does not accept the login. {account} says what to do.",
}


def empty_words(session: Session, search: Narrowing, shown: SavedView | None) -> tuple[str, ...]:
    """A heading, and a sentence under it."""
    if session.store is None:
        return ()
    if search.problem:
        return ("That filter cannot be read.", search.problem)
    if search.pending:
        return ("Searching …", "Older messages are still being looked through.")
    if search.narrowed:
        return ("Nothing found.", "Escape shows everything again.")
    if shown is not None:
        return (f"Nothing in “{shown.name}”.", "[ and ] show the other views of this list.")
    direction = search.base.direction
    # That there is one is enough: counting very many takes long.
    if session.opened.page(View(direction=direction, include_archived=True), limit=1):
        return ("Nothing left here.", "What is archived is found with / and is:archived, or is:snoozed.")
    link = "connecting" if session.engine is None else str(session.engine.health.link)
    if link in _NOT_YET:
        said = _NOT_YET[link].format(account=session.keys.shown("account"), what=_WHAT[direction])
        return ("Nothing here yet.", said)
    return _NEVER[direction]
