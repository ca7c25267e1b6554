"""The conversation beside the form, where there is room: what was said last, while one answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.strip import Strip
from textual.widget import Widget

from voipe_tui.store.models import Message, View
from voipe_tui.text.untrusted import safe_line, safe_text
from voipe_tui.ui.look.cells import Piece, line, wrap
from voipe_tui.ui.look.words import status_look

if TYPE_CHECKING:
    from voipe_tui.ui.services import Session

NEEDED_COLUMNS = 110
_MOST = 12


class Beside(Widget):
    """The last messages with one number, the newest at the bottom. Reads the store; holds what is on the screen."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    Beside { display: none; dock: right; width: 36%; max-width: 60; height: 1fr; margin: 0 0 0 3; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(id="beside")
        self._session = session
        self._key: str | None = None
        self._messages: list[Message] = []
        self._made: tuple[int, list[list[Piece]]] | None = None

    def show(self, key: str | None, columns: int) -> None:
        """The conversation with ``key``; nothing for None, for a new number, or where there is no room."""
        self._key = key if columns >= NEEDED_COLUMNS else None
        self.look_again()

    def look_again(self) -> None:
        """Something may have come in."""
        found: list[Message] = []
        if self._key is not None:
            page = self._session.opened.page(View(number_key=self._key, include_archived=True), limit=_MOST)
            found = [message for message in page if message.status != "draft"]
        if found != self._messages:
            self._messages, self._made = found, None
            self.refresh()
        self.display = bool(found)

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if self._made is None or self._made[0] != width:
            self._made = (width, self._lay_out(max(width, 10)))
        lines = self._made[1][-height:]
        palette = self._session.palette
        return line(lines[y] if y < len(lines) else [], width, palette.text)

    def _lay_out(self, width: int) -> list[list[Piece]]:
        palette, times = self._session.palette, self._session.times
        laid_out: list[list[Piece]] = []
        for message in reversed(self._messages):
            mine = message.direction == "out"
            look = status_look(message.status)
            who = "you" if mine else self._session.drawn(safe_line(message.name or message.number))
            sign: list[Piece] = [(f" {look.sign}", palette.tone(look.tone))] if mine else []
            head = f"{who}, {times.short(message.created_at, message.gateway_time)}"
            laid_out.append([(head, palette.muted if mine else palette.accent), *sign])
            laid_out += [
                [(self._session.drawn(part), palette.muted if mine else palette.text)]
                for part in wrap(safe_text(message.text), width)
            ]
            laid_out.append([])
        return laid_out[:-1]
