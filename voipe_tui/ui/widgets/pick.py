"""One of a few values, in one line: the arrow keys or Space go on to the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message as Event
from textual.widget import Widget

from voipe_tui.text.untrusted import safe_line


class Pick(Widget, can_focus=True):
    """``‹value›``. ``choices`` are (value, word) pairs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space,enter", "turn(1)", show=False),
        Binding("left", "turn(-1)", show=False),
    ]
    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    Pick { height: 1; width: auto; margin: 0 2 0 0; }
    Pick:focus { text-style: reverse; }
    """

    class Picked(Event):
        """Another value was chosen."""

        def __init__(self, pick: Pick) -> None:
            super().__init__()
            self.pick = pick

        @property
        def control(self) -> Pick:
            return self.pick

    def __init__(self, say: Callable[[str], str] = str, *, id: str) -> None:
        super().__init__(id=id)
        self._say = say
        self._choices: tuple[str, ...] = ()
        self.value = ""

    def offer(self, choices: Sequence[str], value: str) -> None:
        """Other values to choose from."""
        self._choices, self.value = tuple(choices), value
        self.refresh(layout=True)

    def render(self) -> Content:
        return Content(f"‹{safe_line(self._say(self.value))[:24]}›" if self.value else "‹ ›")

    def action_turn(self, by: int) -> None:
        if len(self._choices) < 2:
            return
        place = self._choices.index(self.value) if self.value in self._choices else -1
        self.value = self._choices[(place + by) % len(self._choices)]
        self.refresh(layout=True)
        self.post_message(self.Picked(self))

    def on_click(self) -> None:
        self.action_turn(1)
