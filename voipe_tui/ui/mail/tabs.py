"""Saved views as tabs: one line above a list, with how many messages each has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message as Event

from voipe_tui.errors import VoipeError
from voipe_tui.store.models import Direction, View
from voipe_tui.ui.look.cells import Piece, fit, pieces_width
from voipe_tui.ui.widgets.bars import Bar

if TYPE_CHECKING:
    from voipe_tui.store.saved_views import SavedView
    from voipe_tui.ui.look.themes import Palette
    from voipe_tui.ui.services import Session

ALL = "All"
_MOST = 999
_LONGEST_SHOWN = 18


class ListViews:
    """The views of one list and which of them is shown; number 0 is the list itself."""

    def __init__(self, session: Session, direction: Direction) -> None:
        self._session = session
        self.direction = direction
        self._whole = View(direction=direction)
        self.saved: list[SavedView] = []
        self.counts: dict[str, tuple[int, bool]] = {}
        self.shown: SavedView | None = None
        self.problem = ""

    def read(self) -> bool:
        """Reads the views again; False where nothing is different. One that was deleted elsewhere is not shown on."""
        saved = [each for each in self._session.opened.saved_views.all() if each.direction in (None, self.direction)]
        if saved == self.saved:
            return False
        self.saved = saved
        if self.shown is not None:
            self.shown = next((each for each in saved if each.name == self.shown.name), None)
        return True

    def renamed(self, old: SavedView, new: SavedView) -> None:
        """It is the same view."""
        if self.shown == old:
            self.shown = new

    @property
    def place(self) -> int:
        return self.saved.index(self.shown) + 1 if self.shown in self.saved else 0

    def go(self, place: int) -> None:
        self.shown = self.saved[place - 1] if 0 < place <= len(self.saved) else None

    def base(self) -> View:
        """What the list shows in this view, now: "today" is another day tomorrow."""
        return self._whole if self.shown is None else self._view_of(self.shown)

    def _view_of(self, saved: SavedView) -> View:
        self.problem = ""
        try:
            return self._session.opened.saved_views.view_of(saved, self.now())
        except VoipeError as error:
            self.problem = str(error)
            return self._whole._replace(newest_id=0)

    def now(self) -> datetime:
        services = self._session.services
        return datetime.fromtimestamp(services.clock(), services.zone)

    def count(self, place: int) -> bool:
        """Counts one view again; True where the number is another one than before."""
        saved = self.saved[place - 1]
        counted = self._session.opened.saved_views.count(self._view_of(saved), _MOST)
        if self.counts.get(saved.name) == counted:
            return False
        self.counts[saved.name] = counted
        return True

    def said(self, saved: SavedView) -> str:
        """The number beside the name; nothing for none."""
        number, more = self.counts.get(saved.name, (0, False))
        return f"{number:,}{'+' if more else ''}" if number or more else ""


class ViewsBar(Bar):
    """``All · Unread 3 · Needs answer 2``; the view that is shown is always in sight."""

    DEFAULT_CSS = "ViewsBar { height: 1; } ViewsBar.-none { display: none; }"

    class Chosen(Event):
        """A click on a view; 0 is the list itself."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, palette: Callable[[], Palette]) -> None:
        super().__init__(palette)
        self._first = 0
        self._shown: tuple[tuple[tuple[str, str], ...], int] = (((ALL, ""),), 0)

    def show(self, views: Sequence[tuple[str, str]], active: int) -> None:
        """``views``: (name, number) from left to right."""
        self._shown = (tuple(views), active)
        palette = self._palette()
        tabs: list[Piece] = [
            (
                f" {fit(name, _LONGEST_SHOWN).rstrip()}{' ' + number if number else ''} ",
                palette.bar_active if index == active else palette.bar if number or index == 0 else palette.bar_muted,
            )
            for index, (name, number) in enumerate(views)
        ]
        self._first = 0
        while self._first < active and pieces_width(tabs[self._first : active + 1]) > self.size.width:
            self._first += 1
        self.say(tabs[self._first :])

    def on_resize(self) -> None:
        self.show(*self._shown)

    def repaint(self) -> None:
        """Another theme."""
        self.show(*self._shown)

    def on_click(self, event: events.Click) -> None:
        index = self.piece_at(event.x)
        if index is not None:
            self.post_message(self.Chosen(self._first + index))
