"""A list of lines over whatever its owner has: nothing is mounted per row, only lines that read differently are
painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message as Event
from textual.strip import Strip
from textual.widget import Widget

from voipe_tui.ui.commands.layout import typed
from voipe_tui.ui.lists.rows import under
from voipe_tui.ui.look.cells import Piece, fit, line
from voipe_tui.ui.look.themes import Palette

_WHEEL_LINES = 3


class RowList(Widget, can_focus=True):
    """``count`` and ``draw`` (row, width) say what there is; ``empty`` what is said when there is nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(typed("down,j"), "step(1)", show=False),
        Binding(typed("up,k"), "step(-1)", show=False),
        Binding("pagedown,ctrl+f", "page(1)", show=False),
        Binding("pageup,ctrl+b", "page(-1)", show=False),
        Binding(typed("home,g"), "edge(-1)", show=False),
        Binding("end,G", "edge(1)", show=False),
        Binding(typed("enter,o"), "open", show=False),
    ]
    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "RowList { height: 1fr; width: 1fr; }"

    class Opened(Event):
        """Enter, or a second click, on a row."""

        def __init__(self, rows: RowList, index: int) -> None:
            super().__init__()
            self.rows = rows
            self.index = index

        @property
        def control(self) -> RowList:
            return self.rows

    class Moved(Event):
        """The cursor is on another row."""

        def __init__(self, rows: RowList, index: int) -> None:
            super().__init__()
            self.rows = rows
            self.index = index

        @property
        def control(self) -> RowList:
            return self.rows

    def __init__(
        self,
        palette: Callable[[], Palette],
        count: Callable[[], int],
        draw: Callable[[int, int], list[Piece]],
        empty: Callable[[], Sequence[str]] = tuple,
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._palette = palette
        self._count = count
        self._draw = draw
        self._empty = empty
        self._shown: list[tuple[Style, tuple[Piece, ...]]] = []
        self.cursor = 0
        self.top = 0

    # Drawing

    def render_line(self, y: int) -> Strip:
        width, ground = self.size.width, self._palette().text
        if y < len(self._shown):
            return line(self._shown[y][1], width, self._shown[y][0])
        if not self._shown and y < len(said := self._empty()):
            palette = self._palette()
            return line([(fit("  " + said[y], width), palette.strong if y == 0 else palette.muted)], width, ground)
        return Strip.blank(width, ground)

    def show(self) -> None:
        """Reads the rows on the screen again and paints those that read differently."""
        if not self.size.width or not self.is_mounted:
            return
        total, height = self._count(), max(self.size.height, 1)
        self.cursor = min(max(self.cursor, 0), max(total - 1, 0))
        self.top = min(max(self.top, self.cursor - height + 1, 0), self.cursor, max(total - 1, 0))
        before, self._shown = self._shown, self._wanted(total, height)
        if len(before) != len(self._shown):
            self.refresh()
            return
        changed = [y for y, (old, new) in enumerate(zip(before, self._shown, strict=True)) if old != new]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _wanted(self, total: int, height: int) -> list[tuple[Style, tuple[Piece, ...]]]:
        palette, width = self._palette(), self.size.width
        made = []
        for index in range(self.top, min(self.top + height, total)):
            pieces, ground = self._draw(index, width), palette.text
            if index == self.cursor:
                ground = palette.cursor if self.has_focus else palette.cursor_blurred
                pieces = [(text, under(own, ground, palette)) for text, own in pieces]
            made.append((ground, tuple(pieces)))
        return made

    def on_mount(self) -> None:
        self.show()

    def on_resize(self) -> None:
        self._shown = []
        self.refresh()
        self.show()

    def on_focus(self) -> None:
        self.show()

    def on_blur(self) -> None:
        self.show()

    def repaint_all(self) -> None:
        self._shown = []
        self.show()
        self.refresh()

    # Moving

    def move_to(self, index: int) -> None:
        before = self.cursor
        self.cursor = min(max(index, 0), max(self._count() - 1, 0))
        self.show()
        if self.cursor != before:
            self.post_message(self.Moved(self, self.cursor))

    def action_step(self, by: int) -> None:
        self.move_to(self.cursor + by)

    def action_page(self, direction: int) -> None:
        by = direction * max(self.size.height - 1, 1)
        self.top = max(self.top + by, 0)
        self.move_to(self.cursor + by)

    def action_edge(self, direction: int) -> None:
        self.move_to(0 if direction < 0 else self._count() - 1)

    def action_open(self) -> None:
        if self.cursor < self._count():
            self.post_message(self.Opened(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        index = self.top + event.y
        if index >= self._count():
            return
        if index == self.cursor:
            self.action_open()
        self.move_to(index)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move_to(self.cursor + _WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move_to(self.cursor - _WHEEL_LINES)
