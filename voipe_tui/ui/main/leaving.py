"""Leaving while something has not gone out: what a person should know before, and what is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from voipe_tui.store.states import Status
from voipe_tui.ui.commands.layout import typed
from voipe_tui.ui.look.words import count
from voipe_tui.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from voipe_tui.ui.services import Session


def held_back(session: Session) -> str:
    """A sentence about messages of this run that are still held; empty where there are none."""
    if session.store is None or not session.store.counts().held:
        return ""
    journal = session.store.journal
    mine = [intent for intent in journal.in_state(Status.HELD) if intent.owner == journal.owner.id]
    if not mine:
        return ""
    held, them = ("is", "it waits") if len(mine) == 1 else ("are", "they wait")
    return f"{count(len(mine), 'message')} {held} still held, not sent: {them} for your word at the next start."


class Leaving(ModalScreen[None]):
    """Shown while the answer to what is being sent is waited for. A key leaves without it."""

    DEFAULT_CSS = """
    Leaving { align: center middle; }
    Leaving > Vertical {
        width: 64; max-width: 96%; height: auto;
        background: $panel; padding: 1 2; border-left: thick $warning;
    }
    Leaving Lines { background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(typed("q,y,enter"), "at_once", show=False),
        Binding("ctrl+q", "at_once", show=False, priority=True),
    ]

    def __init__(self, session: Session, in_flight: int, seconds: float) -> None:
        super().__init__()
        palette = session.palette
        answers = "the gateway's answer" if in_flight == 1 else "the gateway's answers"
        self._lines = Lines(session.colors, ground="bar", most=8)
        self._lines.say(
            [
                [(f"Waiting for {answers} to {count(in_flight, 'message')}", palette.bar_active)],
                [(f"That takes {seconds:.0f} s at most; then voipe-tui leaves.", palette.bar)],
                [("", palette.bar)],
                [("q leaves at once. Whether it was sent is then unknown: it is looked for", palette.bar),
                 (" at the next start, and not sent again.", palette.bar)],
            ]
        )  # fmt: skip

    def compose(self) -> ComposeResult:
        with Vertical():
            yield self._lines

    async def action_at_once(self) -> None:
        await self.app.action_quit()
