"""A question before something that cannot be taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from voipe_tui.text.untrusted import safe_text
from voipe_tui.ui.commands.layout import typed


class Confirm(ModalScreen[bool]):
    """``y`` does it, everything else does not. The texts are shown as they are, never as markup."""

    DEFAULT_CSS = """
    Confirm { align: center middle; }
    Confirm Static {
        width: 64; max-width: 90%; height: auto;
        background: $panel; padding: 1 2; border-left: thick $warning;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(typed("y"), "answer(True)", show=False),
        Binding(typed("escape,n,q,enter"), "answer(False)", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[str], yes: str) -> None:
        super().__init__()
        self._title = title
        self._lines = tuple(lines)
        self._yes = yes

    def compose(self) -> ComposeResult:
        body = "\n\n".join(safe_text(text) for text in self._lines)
        yield Static(
            Content.assemble(
                (self._title, "bold"),
                "\n\n",
                body,
                "\n\n",
                ("y", "bold"),
                f"  {self._yes}      ",
                ("Esc", "bold"),
                "  no",
            )
        )

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)


def ask(app: object, question: Confirm, then: Callable[[], None]) -> None:
    """Asks; ``then`` runs on a yes."""
    app.push_screen(question, lambda yes: then() if yes else None)  # type: ignore[attr-defined]
