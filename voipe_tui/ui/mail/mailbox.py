"""What the commands of a list need to know of the view it stands in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from voipe_tui.ui.desk import Place

if TYPE_CHECKING:
    from voipe_tui.store import Store
    from voipe_tui.store.models import Message, View
    from voipe_tui.ui.lists.messages import MessageList
    from voipe_tui.ui.lists.model import ListModel
    from voipe_tui.ui.look.themes import Palette
    from voipe_tui.ui.search.narrowing import Narrowing
    from voipe_tui.ui.services import Session


class Mailbox(Place, Protocol):
    """A list of messages with its search, and the message that is read from it."""

    list: MessageList
    model: ListModel
    search: Narrowing

    @property
    def session(self) -> Session: ...

    @property
    def store(self) -> Store: ...

    @property
    def palette(self) -> Callable[[], Palette]: ...

    @property
    def base_view(self) -> View:
        """Everything in this list, without a search."""

    @property
    def shown_view(self) -> View:
        """What the list shows now."""

    @property
    def auto_advance(self) -> str:
        """Where the cursor goes after a message was dealt with; see the settings."""

    @property
    def on_screen(self) -> bool: ...

    @property
    def reading(self) -> bool: ...

    @property
    def reader_has_focus(self) -> bool: ...

    async def open(self, message: Message) -> None:
        """Shows the whole message and marks it as read."""

    def go_on(self, *, stay: bool) -> None:
        """What was being read was dealt with: on to the message under the cursor, or back to the list."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns from left to right, as chosen or as they come."""

    def choose_columns(self, chosen: tuple[str, ...]) -> None:
        """Keeps these columns for this list; none for the default."""
