"""A question before something that cannot be taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from voipe_tui.text.untrusted import safe_text
from voipe_tui.ui.commands.layout import typed

_SMALL_LINES = 18
"""Of the whole terminal."""


class Confirm(ModalScreen[bool]):
    """``y`` does it, other keys scroll what has no room, or do not. The texts are shown as they are, never as
    markup."""

    DEFAULT_CSS = """
    Confirm { align: center middle; }
    Confirm > Vertical {
        width: 64; max-width: 90%; height: auto; max-height: 100%;
        background: $panel; padding: 1 2; border-left: thick $warning;
    }
    Confirm.-small > Vertical { padding: 0 2; max-width: 100%; }
    Confirm VerticalScroll { height: auto; max-height: 80vh; scrollbar-size-vertical: 1; background: $panel; }
    Confirm Static { width: 1fr; height: auto; }
    Confirm #verdict { margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(typed("y"), "answer(True)", show=False),
        Binding(typed("escape,n,q,enter"), "answer(False)", show=False),
        Binding(typed("down,j"), "scroll_by(1)", show=False),
        Binding(typed("up,k"), "scroll_by(-1)", show=False),
        Binding("pagedown,space", "scroll_by(8)", show=False),
        Binding("pageup", "scroll_by(-8)", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[str], yes: str) -> None:
        super().__init__()
        self._title = title
        self._lines = tuple(lines)
        self._yes = yes

    def compose(self) -> ComposeResult:
        body = "\n\n".join(safe_text(text) for text in self._lines)
        with Vertical():
            with VerticalScroll(can_focus=False):
                yield Static(Content.assemble((self._title, "bold"), "\n\n", body))
            yield Static(Content.assemble(("y", "bold"), f"  {self._yes}      ", ("Esc", "bold"), "  no"), id="verdict")

    def on_resize(self) -> None:
        self.set_class(self.app.size.height < _SMALL_LINES, "-small")

    def action_scroll_by(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)


def ask(app: object, question: Confirm, then: Callable[[], None]) -> None:
    """Asks; ``then`` runs on a yes."""
    app.push_screen(question, lambda yes: then() if yes else None)  # type: ignore[attr-defined]
