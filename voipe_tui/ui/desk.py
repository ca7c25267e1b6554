"""What those who do the work may ask of the part of the screen they do it for; which one that is they do not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from textual.app import App
    from textual.message import Message as Event

    from voipe_tui.store.models import Draft
    from voipe_tui.store.triage_work import Done


class Place(Protocol):
    """Any part of the screen: things are said from there, dialogs are opened over it, long work goes on beside it."""

    @property
    def app(self) -> App[Any]: ...

    def post_message(self, message: Event) -> bool: ...

    def run_worker(
        self,
        work: Coroutine[Any, Any, None],
        name: str = "",
        group: str = "default",
        *,
        exit_on_error: bool = True,
        exclusive: bool = False,
    ) -> object: ...


class Desk(Place, Protocol):
    """The screen that holds the views."""

    @property
    def view(self) -> str:
        """The id of the view that is shown."""

    async def write(self, draft: Draft | None = None) -> None:
        """Opens the form for a message, with a draft if there is one to go on with."""

    def undone(self, done: Done) -> None:
        """Something was taken back or done again."""

    def look_again(self) -> None:
        """Reads again what is on the screen."""

    def send_to_terminal(self, sequence: str) -> None:
        """Past everything that is drawn."""
