"""A few rows in a dialog: the cursor goes through them, the same letters with shift put them in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from voipe_tui.ui.commands.layout import typed
from voipe_tui.ui.look.themes import Palette
from voipe_tui.ui.widgets.lines import Block, Lines

Result = TypeVar("Result")
_FEWEST = 3
"""Rows that are shown however low the screen is."""


class Ordered(ModalScreen[Result], Generic[Result]):
    """A subclass says what there is (:meth:`head`, :meth:`rows`, :meth:`foot`) and how two neighbours change places.

    Where the screen is too low for all rows those around the cursor are shown.
    """

    DEFAULT_CSS = """
    Ordered { align: center middle; }
    Ordered Lines { max-width: 100%; background: $panel; padding: 0 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(typed("j,down"), "step(1)", show=False),
        Binding(typed("k,up"), "step(-1)", show=False),
        Binding("J,shift+down", "move(1)", show=False),
        Binding("K,shift+up", "move(-1)", show=False),
        Binding(typed("escape,q"), "drop", show=False),
    ]

    def __init__(self, palette: Callable[[], Palette], cursor: int = 0) -> None:
        super().__init__()
        self._palette = palette
        self._cursor = cursor
        self._lines = Lines(palette, ground="bar", most=200)

    # What a subclass says

    def head(self) -> list[Block]:
        raise NotImplementedError

    def rows(self) -> list[Block]:
        """One for each thing; the one under the cursor is marked there already."""
        raise NotImplementedError

    def foot(self) -> list[Block]:
        raise NotImplementedError

    def swap(self, place: int, other: int) -> bool:
        """Neighbours change places; False where that could not be."""
        raise NotImplementedError

    # Drawing

    def compose(self) -> ComposeResult:
        yield self._lines

    def on_mount(self) -> None:
        self.show()

    def on_resize(self) -> None:
        self.show()

    @property
    def text(self) -> str:
        """What is said, line by line."""
        return self._lines.text

    def show(self) -> None:
        head, rows, foot = self.head(), self.rows(), self.foot()
        self._cursor = min(self._cursor, max(len(rows) - 1, 0))
        frame = self._lines.outer_size.height - self._lines.size.height
        width = self._lines.size.width or self.app.size.width
        room = max(self.app.size.height - frame - Lines.height_of([*head, *foot], width), _FEWEST)
        if len(rows) > room:
            first = min(max(self._cursor - room // 2, 0), len(rows) - room)
            where = f"  {self._cursor + 1} of {len(rows)}"
            head = [[*head[0], (where, self._palette().bar_muted)], *head[1:]]
            rows = rows[first : first + room]
        self._lines.say([*head, *rows, *foot])

    # Keys

    def action_step(self, by: int) -> None:
        self._cursor = min(max(self._cursor + by, 0), max(len(self.rows()) - 1, 0))
        self.show()

    def action_move(self, by: int) -> None:
        place = self._cursor + by
        if 0 <= place < len(self.rows()) and self.swap(self._cursor, place):
            self._cursor = place
        self.show()

    def action_drop(self) -> None:
        self.dismiss(None)
