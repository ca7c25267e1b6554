"""One line to type into at the bottom of the screen, over whatever is there; it says what it understood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from voipe_tui.ui.look.cells import Piece
from voipe_tui.ui.look.themes import Palette
from voipe_tui.ui.terminal.type_ahead import focus_now
from voipe_tui.ui.widgets.fields import Field
from voipe_tui.ui.widgets.lines import Lines


class Heard(NamedTuple):
    """What a prompt understood of what was typed so far: a sentence, and whether Enter may take it."""

    said: str
    good: bool = True


Listen = Callable[[str], Heard]
Complete = Callable[[str], Sequence[str]]


class Prompt(ModalScreen[str | None]):
    """A title, a sentence that follows the typing, a field. Enter gives the text, Escape None; Tab completes."""

    DEFAULT_CSS = """
    Prompt { background: transparent; }
    Prompt > Vertical { dock: bottom; height: auto; background: $panel; }
    Prompt Horizontal { height: 1; background: $panel; }
    Prompt Label { width: auto; padding: 0 1; color: $primary; text-style: bold; background: $panel; }
    Prompt Field { width: 1fr; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop", show=False),
        Binding("tab", "complete", show=False),
    ]

    def __init__(
        self,
        palette: Callable[[], Palette],
        title: str,
        listen: Listen,
        *,
        value: str = "",
        complete: Complete | None = None,
        keys: str = "",
    ) -> None:
        """``listen`` is asked after every key; ``complete`` gives the texts that what is typed could become;
        ``keys`` is said after Enter and Escape."""
        super().__init__()
        self._palette = palette
        self._title = title
        self._listen = listen
        self._complete = complete
        self._keys = keys
        self._offers: list[str] = []
        self._field = Field(value=value)
        self._lines = Lines(palette, ground="bar", most=3, indent=1)

    def compose(self) -> ComposeResult:
        from textual.widgets import Label

        with Vertical():
            yield self._lines
            with Horizontal():
                yield Label(self._title, markup=False)
                yield self._field

    def on_mount(self) -> None:
        focus_now(self._field)
        self._hear(self._field.value)

    @property
    def heard(self) -> str:
        """What stands above the field."""
        return self._lines.text

    def _hear(self, text: str) -> Heard:
        heard = self._listen(text)
        palette = self._palette()
        keys = "Enter takes it, Esc drops it" + (f", {self._keys}" if self._keys else "")
        said: list[Piece] = [(heard.said or keys, palette.bar if heard.good else palette.bar_warn)]
        self._lines.say([said] if not heard.said else [said, [(keys, palette.bar_muted)]])
        return heard

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value not in self._offers:
            self._offers = []
        self._hear(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._hear(event.value).good:
            self.dismiss(event.value)

    def action_complete(self) -> None:
        """The next of the texts that what was typed could become."""
        if self._complete is None:
            return
        if not self._offers:
            self._offers = list(self._complete(self._field.value))
            chosen = self._offers[0] if self._offers else self._field.value
        else:
            place = self._offers.index(self._field.value) + 1 if self._field.value in self._offers else 0
            chosen = self._offers[place % len(self._offers)]
        self._field.value = chosen
        self._field.cursor_position = len(chosen)

    def action_drop(self) -> None:
        self.dismiss(None)
