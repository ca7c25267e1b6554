"""The fields of the compose form."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from rich.containers import Lines
from rich.style import Style
from rich.text import Span, Text
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.document._document import EditResult
from textual.document._edit import Edit
from textual.message import Message as Event
from textual.widget import Widget

from voipe_tui.ui.widgets.fields import Area, Field, drawn

if TYPE_CHECKING:
    from voipe_tui.ui.compose.suggestions import Suggestions
    from voipe_tui.ui.look.themes import Palette

_SEPARATORS = ",;\n"
_LINES_KEPT = 8


class ToArea(Area):
    """Recipients: several lines may be pasted; Enter goes on to the text. Keys go to the suggestions while there are
    some."""

    def __init__(self, suggestions: Suggestions, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._suggestions = suggestions

    @property
    def piece(self) -> tuple[int, int, str]:
        """Row, first column and text of what is being typed: from the last separator to the cursor, where the cursor
        stands at its end."""
        row, column = self.cursor_location
        line = str(self.document.get_line(row))
        rest = line[column:].lstrip()
        if rest and rest[0] not in _SEPARATORS:
            return row, column, ""
        start = max(line.rfind(separator, 0, column) for separator in ",;") + 1
        start += len(line[start:column]) - len(line[start:column].lstrip())
        return row, start, line[start:column]

    def accept(self, to: str) -> None:
        """Puts a chosen recipient in the place of what was typed."""
        row, start, typed = self.piece
        result = self.replace(f"{to}, ", (row, start), (row, start + len(typed)), maintain_selection_offset=False)
        self.move_cursor(result.end_location)

    def select_piece(self, typed: str) -> None:
        """Selects a recipient where it stands, so that it can be typed over or deleted."""
        from voipe_tui.text.numbers import PIECE

        for row, text in enumerate(self.text.split("\n")):
            for found in PIECE.finditer(text):
                if found.group().strip() == typed:
                    start = found.start() + len(found.group()) - len(found.group().lstrip())
                    self.move_cursor((row, start))
                    self.move_cursor((row, start + len(typed)), select=True)
                    return

    def on_key(self, event: events.Key) -> None:
        popup = self._suggestions
        if popup.is_open and event.key in ("tab", "enter", "up", "down", "escape"):
            event.prevent_default()
            event.stop()
            if event.key in ("tab", "enter"):
                self.accept(popup.chosen.to)
            elif event.key == "escape":
                popup.close()
            else:
                popup.move(1 if event.key == "down" else -1)
        elif event.key == "down" and not self.text.strip():
            event.prevent_default()
            event.stop()
            popup.offer("", anyone=True)
        elif event.key == "enter":
            event.prevent_default()
            event.stop()
            self.screen.focus_next()

    def on_blur(self) -> None:
        self._suggestions.close()


Cuts = OrderedDict[tuple[str, tuple[Span, ...], tuple[int, ...]], Lines]


class _Paragraph(Text):
    """A line of the text. It is cut into rows for each row that is drawn; here the cut is made once for all of them."""

    __slots__ = ("_cuts",)

    def __init__(self, line: Text, cuts: Cuts) -> None:
        super().__init__(line.plain, end="", no_wrap=True, spans=list(line.spans))
        self._cuts = cuts

    def divide(self, offsets: Iterable[int]) -> Lines:
        key = (self.plain, tuple(self.spans), tuple(offsets))
        rows = self._cuts.get(key)
        if rows is None:
            rows = self._cuts[key] = super().divide(key[2])
            if len(self._cuts) > _LINES_KEPT:
                self._cuts.popitem(last=False)
        return rows


class MessageArea(Area):
    """The text, with the characters that cost for nothing shown up in it."""

    takes_many = True

    def __init__(self, palette: Callable[[], Palette], edited: Callable[[], None], **kwargs: Any) -> None:
        """``edited`` is called with each edit, before it is drawn, so that what is said about the text is drawn with
        it and not a frame later."""
        self._edited = edited
        super().__init__(**kwargs)
        self._palette = palette
        self._marked: frozenset[str] = frozenset()
        self._lines: OrderedDict[str, Text] = OrderedDict()
        self._cuts: Cuts = OrderedDict()

    def edit(self, edit: Edit) -> EditResult:
        result = super().edit(edit)
        self._edited()
        return result

    def mark(self, characters: frozenset[str]) -> None:
        """Shows these characters up from now on."""
        if characters != self._marked:
            self._marked = characters
            self._lines.clear()
            self._line_cache.clear()
            self.refresh()

    def get_line(self, line_index: int) -> Text:
        # Asked for once per line of the screen: a paragraph over ten of them is looked through once, not ten times.
        plain = str(self.document.get_line(line_index))
        line = self._lines.get(plain)
        if line is None:
            line = self._lines[plain] = self._made(plain)
            if len(self._lines) > _LINES_KEPT:
                self._lines.popitem(last=False)
        return _Paragraph(line, self._cuts)

    def _made(self, plain: str) -> Text:
        line = Text(drawn(plain), end="", no_wrap=True)
        if self._marked and not self._marked.isdisjoint(plain):
            style = Style(color=self._palette().warn.color, reverse=True)
            for index, character in enumerate(plain):
                if character in self._marked:
                    line.stylize(style, index, index + 1)
        return line

    def change_to(self, text: str, cursor: tuple[int, int] | None = None) -> None:
        """Another text, as one edit that ctrl+z takes back."""
        self.history.checkpoint()
        result = self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
        self.history.checkpoint()
        self.move_cursor(result.end_location if cursor is None else cursor)

    def insert_here(self, text: str) -> None:
        """``text`` in the place of the selection, as one edit."""
        self.history.checkpoint()
        start, end = self.selection
        result = self.replace(text, start, end, maintain_selection_offset=False)
        self.history.checkpoint()
        self.move_cursor(result.end_location)


class SenderField(Field):
    """The sender ID: typed, or chosen from the profile's with the arrow keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "choose(1)", show=False),
        Binding("up", "choose(-1)", show=False),
    ]

    def __init__(self, senders: tuple[str, ...], value: str, id: str) -> None:
        super().__init__(value=value, placeholder="the account's own", id=id)
        self._senders = senders

    def action_choose(self, by: int) -> None:
        choices = list(dict.fromkeys((*self._senders, "")))
        index = choices.index(self.value) if self.value in choices else -by
        self.value = choices[(index + by) % len(choices)]
        self.cursor_position = len(self.value)


class Toggle(Widget, can_focus=True):
    """``[x] flash``: on or off with Space or Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space,enter", "flip", show=False)]
    ALLOW_SELECT: ClassVar[bool] = False

    class Flipped(Event):
        """It is the other way round now."""

    def __init__(self, label: str, id: str) -> None:
        super().__init__(id=id)
        self._label = label
        self._on = False

    @property
    def value(self) -> bool:
        return self._on

    @value.setter
    def value(self, on: bool) -> None:
        if on != self._on:
            self._on = on
            self.refresh()

    def render(self) -> Content:
        return Content(f"[{'x' if self._on else ' '}] {self._label}")

    def action_flip(self) -> None:
        self.value = not self._on
        self.post_message(self.Flipped())

    def on_click(self) -> None:
        self.action_flip()
