"""The search line above a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message as Event
from textual.widget import Widget
from textual.widgets import Input

from voipe_tui.ui.fields import Field
from voipe_tui.ui.filters import HINT
from voipe_tui.ui.themes import Palette
from voipe_tui.ui.type_ahead import focus_now


class SearchLine(Widget):
    """``/`` and a field; tells every change, Enter (done) and Escape (closed)."""

    DEFAULT_CSS = """
    SearchLine { height: 1; layout: horizontal; background: $panel; }
    SearchLine Label { width: auto; padding: 0 1; color: $primary; text-style: bold; }
    SearchLine Field { width: 1fr; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("down,pagedown", "done", show=False),
    ]
    context = "search"

    class Typed(Event):
        """The text changed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Done(Event):
        """On to the results."""

    class Closed(Event):
        """No search any more."""

    def __init__(self, palette: Callable[[], Palette]) -> None:
        super().__init__()
        self._palette = palette
        self._field = Field(placeholder=HINT)

    def compose(self) -> ComposeResult:
        from textual.widgets import Label

        yield Label("/")
        yield self._field

    def focus_field(self) -> None:
        focus_now(self._field)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_done()

    def action_done(self) -> None:
        self.post_message(self.Done())

    def action_close(self) -> None:
        self.post_message(self.Closed())
