"""Shown instead of everything when the message store cannot be opened."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from voipe_tui.errors import VoipeError
from voipe_tui.text.untrusted import safe_text
from voipe_tui.ui.commands.layout import typed


class TroubleScreen(Screen[None]):
    """What happened, whether anything was sent, what to do; and the way out."""

    DEFAULT_CSS = """
    TroubleScreen { align: center middle; }
    TroubleScreen Static {
        width: 70; max-width: 94%; height: auto;
        background: $panel; padding: 1 2; border-left: thick $error;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding(typed("q,escape,enter"), "leave", show=False)]

    def __init__(self, error: VoipeError) -> None:
        super().__init__()
        self.error = error

    def compose(self) -> ComposeResult:
        hint = f"\n\n{safe_text(self.error.hint)}" if self.error.hint else ""
        yield Static(
            Content.assemble(
                (safe_text(self.error.title), "bold"),
                "\n\n",
                safe_text(self.error.message),
                hint,
                "\n\n",
                ("q", "bold"),
                "  leave",
            )
        )

    def action_leave(self) -> None:
        self.app.exit(int(self.error.exit_code), return_code=int(self.error.exit_code))
