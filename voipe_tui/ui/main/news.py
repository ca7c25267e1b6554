"""A bell for new messages, or a note to the desktop with it, where the settings ask for one."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from voipe_tui.ui.look.words import count

if TYPE_CHECKING:
    from voipe_tui.ui.services import Session


class News:
    """New is what came in since this was made, and a snoozed message that is back; not what a person marks as unread or
    takes back."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._heard = session.opened.messages.newest_id()

    def look(self, woken: int, ring: Callable[[], None], write: Callable[[str], None]) -> None:
        """After a change, by which so many snoozed messages woke. ``write`` takes a sequence for the terminal."""
        session, messages = self._session, self._session.opened.messages
        new = messages.unread_since(self._heard) + woken
        self._heard = messages.newest_id()
        if not new:
            return
        ring()
        if session.services.settings.notify == "desktop":
            from voipe_tui.ui.terminal.desktop import desktop_note

            write(desktop_note(f"voipe-tui {session.profile.name}", count(new, "new message"), os.environ))
