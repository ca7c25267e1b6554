"""What all lists over a window of rows have in common: nothing is mounted per row, keys and wheel move the cursor of a
model that has only the rows around it in memory, and what reads differently afterwards is painted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Protocol

from textual import events
from textual.geometry import Region
from textual.strip import Strip

from voipe_tui.ui.look.cells import fit, line, wrap
from voipe_tui.ui.look.themes import Palette
from voipe_tui.ui.terminal.painting import PaintedLines

_WHEEL_LINES = 3


class Window(Protocol):
    """The part in memory, and the cursor in it."""

    def move(self, by: int) -> bool:
        """The cursor so many rows on; False at the end."""

    def page(self, direction: int) -> bool: ...

    def scroll(self, by: int) -> None: ...

    def newest(self) -> None: ...

    def oldest(self) -> None: ...


class VirtualList(PaintedLines, can_focus=True):
    """Keys and wheel. What the rows are, and what is to be painted, its kinds know."""

    ALLOW_SELECT: ClassVar[bool] = False
    only_bindings = True
    model: Window

    def show(self) -> None:
        """Brings the screen up to the model, painting only what differs."""
        raise NotImplementedError

    @property
    def cursor_lines(self) -> Iterable[int]:
        """The lines of the screen that look otherwise with the focus."""
        raise NotImplementedError

    def on_focus(self) -> None:
        self.paint_lines(self.cursor_lines)

    def on_blur(self) -> None:
        self.paint_lines(self.cursor_lines)

    def paint_lines(self, lines: Iterable[int]) -> None:
        if regions := [Region(0, y, self.size.width, 1) for y in lines]:
            self.paint(*regions)

    def empty_line(self, y: int, said: Sequence[str], palette: Palette) -> Strip:
        """A line of a list without rows: a heading in its upper third, and sentences under it."""
        width = self.size.width
        said = [part for text in said for part in wrap(text, max(width - 4, 10))]
        index = y - max((self.size.height - len(said)) // 3, 0)
        if 0 <= index < len(said):
            style = palette.strong if index == 0 else palette.muted
            return line([(fit("  " + said[index], width), style)], width, palette.text)
        return Strip.blank(width, palette.text)

    # Keys

    def step(self, by: int) -> bool:
        """The cursor up or down; False at the end of the list."""
        moved = self.model.move(by)
        self.show()
        return moved

    def show_newest(self) -> None:
        self.model.newest()
        self.show()

    def action_down(self) -> None:
        self.step(1)

    def action_up(self) -> None:
        self.step(-1)

    def action_page_down(self) -> None:
        self.model.page(1)
        self.show()

    def action_page_up(self) -> None:
        self.model.page(-1)
        self.show()

    def action_newest(self) -> None:
        self.show_newest()

    def action_oldest(self) -> None:
        self.model.oldest()
        self.show()

    # Mouse

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.model.scroll(_WHEEL_LINES)
        self.show()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.model.scroll(-_WHEEL_LINES)
        self.show()


def differing(before: Sequence[object], after: Sequence[object]) -> list[int]:
    """The lines that read otherwise than before, of as many."""
    return [y for y, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
