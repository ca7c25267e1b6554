"""What the main screen asks of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

from voipe_tui.ui.terminal.type_ahead import focus_now

if TYPE_CHECKING:
    from voipe_tui.store.models import Changed, Draft, Message
    from voipe_tui.store.triage_work import Done
    from voipe_tui.ui.look.hits import Hits


class Pane(Widget):
    """One view of the main screen. Each part has a harmless default; a view answers what concerns it."""

    @property
    def current(self) -> Message | None:
        """The message that a command without a mark would hit; None where there is none."""
        return None

    @property
    def said(self) -> str:
        """What the status line says about this view as long as it is so: how many messages are marked."""
        return ""

    @property
    def parting(self) -> str:
        """What a person should know before leaving the program; empty where nothing speaks against it."""
        return ""

    def take_back(self) -> bool:
        """The undo key, before anything else: calls off what this view has just begun. False if there is nothing."""
        return False

    def undone(self, done: Done) -> None:
        """A triage action was taken back or done again while this view is shown."""

    @property
    def hits(self) -> Hits | None:
        """What its search looks for: it stands out in a conversation that is opened from here, too."""
        return None

    def take_focus(self) -> None:
        """The view is shown now: the focus to where one works in it."""
        focus_now(self)

    def shown(self) -> None:
        """The view is on the screen again, before it gets the focus."""

    async def home(self) -> None:
        """Its own number was pressed while it is shown: back to how it begins."""

    def follow(self, changed: Changed | None) -> None:
        """Rows changed in the store (None: look at everything). Told to hidden views too."""

    def health_changed(self) -> None:
        """The connection stands otherwise."""

    def tick(self) -> None:
        """Times read differently now."""

    def repaint_all(self) -> None:
        """Another theme."""

    def keep(self) -> None:
        """Saves what is being written, at once."""

    def take_draft(self, draft: Draft) -> bool:
        """A message that was written here was taken back: on with it. False where it was written elsewhere."""
        return False

    async def step_view(self, by: int) -> bool:
        """The next or previous of its saved views; False where there are none."""
        return False

    def manage_views(self) -> bool:
        """Opens the list of its saved views; False where there are none."""
        return False

    async def start_search(self) -> bool:
        """Opens its search line; False where there is nothing to search."""
        return False
