"""Text fields: Textual's, with a cursor that does not blink (it would write all day long over a slow link) and
nothing that a terminal obeys, neither pasted nor drawn."""

from __future__ import annotations

import unicodedata
from typing import Any, ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import Reactive
from textual.validation import ValidationResult
from textual.widgets import Input, TextArea

from voipe_tui.text.untrusted import STAND_IN, safe_line
from voipe_tui.ui.terminal.painting import PaintsItself


def harmless(text: str) -> str:
    """Pasted text without control characters; every kind of line break becomes a newline."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(character for character in text if character in "\n\t" or unicodedata.category(character) != "Cc")


def drawn(text: str) -> str:
    """A line as it may be drawn: every character keeps its place, what a terminal would obey becomes a dot."""
    if safe_line(text) == text:
        return text
    return "".join(map(_drawn_character, text))


def _drawn_character(character: str) -> str:
    if unicodedata.combining(character) or character in "\t\u200d\ufe0f":
        return character
    return character if safe_line(character) == character else STAND_IN


class _Drawn(Highlighter):
    """Input's hook for what it draws."""

    def __call__(self, text: str | Text) -> Text:
        plain = text if isinstance(text, str) else text.plain
        return Text(drawn(plain).replace("\t", " "), no_wrap=True, overflow="ignore", end="")

    def highlight(self, text: Text) -> None:
        """Nothing to colour."""


def plain_highlighter() -> Highlighter:
    """Makes the text of a field harmless to draw, and nothing else; for fields that mark parts of it."""
    return _Drawn()


class Field(PaintsItself, Input):
    """A one-line field."""

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), repaint=False)
    """How far it scrolls. Textual's would have the whole screen arranged anew for each letter."""

    def validate(self, value: str) -> ValidationResult | None:
        # Without validators Textual only gives the field a class, and looks up the styles of everything for it.
        return super().validate(value) if self.validators else None

    def take(self, key: events.Key) -> bool:
        """A character typed, if it is one; the screen shows it when this is over."""
        if not key.is_printable or key.character is None:
            return False
        self._restart_blink()
        self.replace(key.character, *self.selection)
        self.paint_asked()
        return True

    def __init__(
        self, *, value: str = "", placeholder: str = "", id: str | None = None, password: bool = False
    ) -> None:
        super().__init__(
            value=value, placeholder=placeholder, id=id, password=password, compact=True, highlighter=_Drawn()
        )
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        # Textual calls the handlers of all base classes as well, unless told not to.
        event.prevent_default()
        event.stop()
        first = harmless(event.text).strip("\n").split("\n", 1)[0]
        start, end = self.selection
        self.replace(first, start, end)


class Area(TextArea, inherit_bindings=False):
    """A field of several lines. F6 and F7, which select in Textual's, are for the form around it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in TextArea.BINDINGS if not (isinstance(binding, Binding) and binding.key in ("f6", "f7"))
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, compact=True, **kwargs)
        self.cursor_blink = False

    def get_line(self, line_index: int) -> Text:
        line = super().get_line(line_index)
        safe = drawn(line.plain)
        return line if safe == line.plain else Text(safe, end="", no_wrap=True)

    def _on_paste(self, event: events.Paste) -> None:  # type: ignore[override]
        event.prevent_default()
        event.stop()
        start, end = self.selection
        result = self.replace(harmless(event.text), start, end, maintain_selection_offset=False)
        self.move_cursor(result.end_location)
