"""The list of messages: Textual's line API over :class:`ListModel`; nothing is mounted per row, only changed cells
are painted again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message as Event
from textual.strip import Strip

from voipe_tui.store.models import Message, View
from voipe_tui.ui.commands import bindings
from voipe_tui.ui.events import Asked, Notice
from voipe_tui.ui.lists.columns import FLAGS, columns_for
from voipe_tui.ui.lists.marking import NOTHING_HERE, MarkedList
from voipe_tui.ui.lists.model import ListModel
from voipe_tui.ui.lists.rows import Cells, RowPainter, changed_columns
from voipe_tui.ui.lists.virtual import differing
from voipe_tui.ui.look.hits import Hits
from voipe_tui.ui.look.themes import Palette

_Drawn = tuple[Cells, bool]
_KEPT_LINES = 300
_WORTH_MOVING = 4
_ABOUT_THE_LIST = ("columns", "next_unread", "previous_unread")


class MessageList(MarkedList):
    """A list of messages. Says what happened with events; does nothing to messages by itself."""

    BINDINGS: ClassVar = bindings("list")
    context = "list"
    model: ListModel

    class Moved(Event):
        """The cursor is on another message, or on none."""

        def __init__(self, message: Message | None) -> None:
            super().__init__()
            self.message = message

        def can_replace(self, message: Event) -> bool:
            return isinstance(message, MessageList.Moved)

    class Closed(Event):
        """Escape was pressed: whoever filters this list may show everything again."""

    class Fresh(Event):
        """How many newer messages wait above the screen."""

        def __init__(self, count: int) -> None:
            super().__init__()
            self.count = count

    def __init__(
        self,
        model: ListModel,
        painter: RowPainter,
        *,
        with_status: bool,
        palette: Callable[[], Palette],
        empty: Callable[[], tuple[str, ...]],
        view: Callable[[], View] = View,
        columns: Callable[[], tuple[str, ...]] = tuple,
    ) -> None:
        """``view``: what the model's rows are taken from; ``columns``: the chosen ones, none for the default."""
        super().__init__()
        self.model = model
        self.view_shown = view
        self.says_moves = False
        """Somebody asks for :class:`Moved`; else no key needs more than the list itself."""
        self._chosen_columns = columns
        self._painter = painter
        self._with_status = with_status
        self._palette = palette
        self._empty = empty
        self._drawn: list[_Drawn | None] = []
        self._strips: dict[tuple[int, bool], tuple[Cells, Style | None, Strip]] = {}
        self._fresh = 0
        self._why_empty: tuple[str, ...] = ()
        self._current: int | None = None
        self._sized = False
        self._size_of_lines = Size()

    # Drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        if not self._sized and self.size:
            # The first frame of all is drawn before the event that tells the size.
            self._size_up(self.size)
            self._drawn = self._wanted()
        return super().render_lines(crop)

    def line_at(self, y: int) -> Strip:
        width, palette = self.size.width, self._palette()
        drawn = self._drawn[y] if y < len(self._drawn) else None
        if drawn is not None:
            cursor = self._cursor_style(palette) if drawn[1] else None
            place = id(drawn[0]), cursor is None
            kept = self._strips.get(place)
            if kept is None or kept[0] is not drawn[0] or kept[1] is not cursor:
                if len(self._strips) > _KEPT_LINES:
                    self._strips.clear()
                strip = self.filtered(self._painter.strip(drawn[0], cursor, width))
                kept = self._strips[place] = drawn[0], cursor, strip
            return kept[2]
        if not self.model.rows:
            self._why_empty = self._empty()
            return self.filtered(self.empty_line(y, self._why_empty, palette))
        return self.filtered(Strip.blank(width, palette.text))

    def _cursor_style(self, palette: Palette) -> Style:
        return palette.cursor if self.has_focus else palette.cursor_blurred

    def say_why_empty(self) -> None:
        """What an empty list says may be something else by now."""
        if not self.model.rows and self._why_empty != self._empty():
            self.refresh()

    def _wanted(self) -> list[_Drawn | None]:
        cells, model = self._painter.cells, self.model
        visible = model.visible
        sign = self.sign_of if self.marks.touched else _no_sign
        drawn: list[_Drawn | None] = [
            (cells(message, sign(message)), index == model.cursor) for index, message in enumerate(visible, model.top)
        ]
        drawn += [None] * (model.height - len(visible))
        return drawn

    def show(self) -> None:
        """Brings the screen up to the model, painting only what differs."""
        if not self._sized:
            return
        before, self._drawn = self._drawn, self._wanted()
        if len(before) != len(self._drawn):
            self.refresh()
        else:
            self._repaint(before)
        self._tell()

    @property
    def _whole_lines(self) -> bool:
        """The terminal can be asked to move our lines: it moves whole ones only."""
        return getattr(self.app, "moves_lines", False) and self.region.width == self.app.size.width

    def _move_lines(self, before: list[_Drawn | None]) -> list[_Drawn | None]:
        """Has the terminal move the lines that only changed places; the answer is what stands there afterwards."""
        found = moved_lines([line and line[0] for line in before], [line and line[0] for line in self._drawn])
        painted = not getattr(self, "_repaint_regions", True)
        if found is None or not painted or not self._whole_lines or self.app.screen is not self.screen:
            return before
        first, last, by = found
        self.app.move_lines(self.region.y + first, self.region.y + last, by)  # type: ignore[attr-defined]
        moved = before[first : last + 1]
        blank: list[_Drawn | None] = [None] * abs(by)
        moved = moved[by:] + blank if by > 0 else blank + moved[:by]
        return [*before[:first], *moved, *before[last + 1 :]]

    def _repaint(self, before: list[_Drawn | None]) -> None:
        before = self._move_lines(before)
        regions: list[Region] = []
        width = self.size.width
        for y, (old, new) in enumerate(zip(before, self._drawn, strict=True)):
            if old == new:
                continue
            if old is None or new is None or old[1] != new[1]:
                regions.append(Region(0, y, width, 1))
            elif (span := changed_columns(old[0], new[0])) is not None:
                regions.append(Region(span[0], y, span[1], 1))
        was_empty, is_empty = not any(before), not self.model.rows
        if was_empty != is_empty or (is_empty and self._why_empty != self._empty()):
            self.refresh()  # what an empty list says stands in lines that no row takes, too
        elif regions:
            self.paint(*regions)

    def _tell(self) -> None:
        if self.says_moves:
            current = self.model.current
            if (current.id if current else None) != self._current:
                self._current = current.id if current else None
                self.post_message(self.Moved(current))
        if self.model.fresh != self._fresh:
            self._fresh = self.model.fresh
            self.post_message(self.Fresh(self._fresh))

    def look_for(self, hits: Hits | None) -> None:
        """What a search found stands out."""
        self._painter.look_for(hits)

    def repaint_all(self) -> None:
        """Another theme, another way to say times: every row is made anew."""
        self._configure(self.size.width)
        self._drawn = self._wanted() if self._sized else []
        self.refresh()

    def _configure(self, width: int) -> None:
        self._strips.clear()
        self.learn_ground()
        columns = columns_for(width, with_status=self._with_status, chosen=self._chosen_columns())
        self._painter.configure(self._palette(), columns)

    def tick(self) -> None:
        """The clock moved on: rows whose time reads differently are painted."""
        self._painter.forget()
        self.show()

    def on_mount(self) -> None:
        # Rows before size: a key that comes before the first layout must find what it is meant for.
        self.model.resize(self.screen.size.height)
        self.model.newest()

    def on_resize(self, event: events.Resize) -> None:
        if not self._sized or event.size != self._size_of_lines:
            self._size_up(event.size)
            self._drawn = []
        self.show()

    def _size_up(self, size: Size) -> None:
        self._configure(size.width)
        self.model.resize(size.height)
        self.model.by_lines = self._whole_lines
        self._sized = True
        self._size_of_lines = size

    @property
    def cursor_lines(self) -> tuple[int, ...]:
        return (self.model.cursor_line,)

    # Following the store

    def reload(self) -> None:
        """Rows may have changed, come or gone."""
        self.model.reload(hold=self.marks.touched)
        self.show()

    def select(self, message_id: int, *, afresh: bool = False) -> bool:
        """The cursor to a message of this list; see :meth:`ListModel.select`."""
        found = self.model.select(message_id, afresh=afresh)
        self.show()
        return found

    # Keys

    def closed(self) -> None:
        self.post_message(self.Closed())

    def action_ask(self, what: str) -> None:
        """A command for what is marked, or for the message under the cursor; see :class:`Asked`."""
        current = self.model.current
        if current is not None or self.marks.any or what in _ABOUT_THE_LIST:
            self.post_message(Asked(what, current))
        else:
            self.post_message(Notice(NOTHING_HERE))

    def action_open(self) -> None:
        self.action_ask("open")

    # Mouse

    def on_click(self, event: events.Click) -> None:
        before = self.model.current
        if self.model.select_line(event.y):
            self.show()
            if event.x < self._painter.columns.width(FLAGS) and (current := self.model.current) is not None:
                self.marks.toggle(current, self.view_shown())
                self.marks_changed()
                return
            if event.chain > 1 or self.model.current is before:
                self.action_open()


def _no_sign(message: Message) -> str:
    return ""


def moved_lines(before: Sequence[object], after: Sequence[object]) -> tuple[int, int, int] | None:
    """(first, last, by): the stretch of lines that is the same as before, shifted up by so many lines (down, if
    negative); None where painting anew costs no more."""
    changed = differing(before, after)
    if not changed or (size := changed[-1] - changed[0] + 1) < _WORTH_MOVING:
        return None
    first, last = changed[0], changed[-1]
    for by in (1, -1, 2, -2, 3, -3):
        same = sum(
            1
            for y in range(first, last + 1)
            if first <= y + by <= last and after[y] is not None and before[y + by] == after[y]
        )
        if same >= size - abs(by) - size // 4 and same > len(changed) // 2:
            return first, last, by
    return None
