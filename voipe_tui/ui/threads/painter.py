"""One message of a conversation as lines: what came in on the left, one's own indented with its state on the right.

A place where message data becomes cells; all of it is made safe first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from rich.style import Style

from voipe_tui.store.models import Message
from voipe_tui.text.untrusted import safe_line, safe_text
from voipe_tui.ui.look.cells import Piece, fit, pieces_width, wrap
from voipe_tui.ui.look.hits import Hits, hit_pieces
from voipe_tui.ui.look.themes import Palette
from voipe_tui.ui.look.words import WOKEN, Times, status_look
from voipe_tui.ui.threads.transcript import Line

_LONGEST_SHOWN = 20_000
_MOST_LINES = 120
"""Beyond that a message is opened to be read."""
_WIDEST = 72
_TIME = 7
_MARGIN = 2


class TranscriptPainter:
    """Turns messages into lines and keeps them until something they depend on changes."""

    def __init__(
        self, palette: Callable[[], Palette], times: Times, reorder: Callable[[str], str] | None = None
    ) -> None:
        self._palette = palette
        self._times = times
        self._reorder = reorder
        self._width = 80
        self._made: dict[int, tuple[Message, bool, bool, list[Line]]] = {}
        self._days: dict[tuple[float | None, str | None, float], date] = {}
        self.first_new: int | None = None
        """The oldest message that had not been read when the conversation was opened; a line stands above it."""
        self.hits: Hits | None = None
        """Which parts of a line are hits of a search."""

    def configure(self, width: int) -> None:
        """Another width, theme, clock or search: everything is made anew."""
        self._width = width
        self._made.clear()
        self._days.clear()

    def lines(self, message: Message, before: Message | None) -> list[Line]:
        """The message's lines, with a separator where a day begins or where the unread ones did."""
        new_day = before is None or self._day(before) != self._day(message)
        new = message.id == self.first_new
        known = self._made.get(message.id)
        if known is not None and known[1] == new_day and known[2] == new and known[0] == message:
            return known[3]
        if len(self._made) > 2_000:
            self._made.clear()
            self._days.clear()
        made = [self._separator(self._day_words(message), self._palette().muted)] if new_day else []
        if new:
            made.append(self._separator("new", self._palette().accent))
        made += self._outgoing(message) if message.direction == "out" else self._incoming(message)
        self._made[message.id] = (message, new_day, new, made)
        return made

    # Separators and times

    def _moment(self, message: Message) -> datetime:
        if message.created_at is None and message.gateway_time:
            try:
                return datetime.fromisoformat(message.gateway_time).replace(tzinfo=None)
            except ValueError:
                pass
        at = message.sort_at if message.created_at is None else message.created_at
        return datetime.fromtimestamp(at, self._times.zone)

    def _day(self, message: Message) -> date:
        # Asked for every message at every reading; a zone's rules take longer than all else about a line that is kept.
        key = (message.created_at, message.gateway_time, message.sort_at)
        if key not in self._days:
            self._days[key] = self._moment(message).date()
        return self._days[key]

    def _day_words(self, message: Message) -> str:
        day = self._day(message)
        today = datetime.fromtimestamp(self._times.now, self._times.zone).date()
        if day == today:
            return "Today"
        if (today - day).days == 1:
            return "Yesterday"
        return f"{day:%a} {day.day} {day:%b}" + ("" if day.year == today.year else f" {day.year}")

    def _separator(self, words: str, style: Style) -> Line:
        room = min(self._width - 2 * _MARGIN, _WIDEST + self._indent)
        side = max((room - len(words) - 2) // 2, 2)
        return Line(None, _MARGIN, ((f"{'─' * side} {words} {'─' * side}", style),))

    def _clock(self, message: Message) -> str:
        if self._times.ages and message.created_at is not None:
            return self._times.short(message.created_at, None, narrow=True)
        about = "~" if message.created_at is None else ""
        return f"{about}{self._moment(message):%H:%M}"

    # Messages

    @property
    def _indent(self) -> int:
        """How far one's own messages stand to the right."""
        return min(max(self._width // 6, 4), 16)

    def _incoming(self, message: Message) -> list[Line]:
        palette = self._palette()
        mark = "★ " if message.starred else ""
        if message.is_woken:
            mark = f"{WOKEN} woke {self._times.short(message.woken_at, None)}  {mark}"
        style = palette.text if message.read else palette.strong
        width = min(self._width - _MARGIN - _TIME - self._indent, _WIDEST)
        head: list[Piece] = [(fit(self._clock(message), _TIME), palette.muted)]
        return self._block(message, _MARGIN, head, mark, style, max(width, 8), [])

    def _outgoing(self, message: Message) -> list[Line]:
        palette = self._palette()
        look = status_look(message.status)
        state = [(f"{look.sign} {safe_line(message.status or '')}".rstrip(), palette.tone(look.tone))]
        indent = _MARGIN + self._indent
        width = max(min(self._width - indent - _TIME - 1, _WIDEST), 8)
        head: list[Piece] = [(fit(self._clock(message), _TIME), palette.muted)]
        mark = "★ " if message.starred else ""
        lines = self._block(message, indent, head, mark, palette.text, width, state)
        if message.note and look.tone in ("bad", "warn"):
            for text in wrap(safe_text(message.note), width)[:3]:
                lines.append(Line(message.id, indent, ((" " * _TIME, palette.text), (text, palette.tone(look.tone)))))
        return lines

    def _block(
        self,
        message: Message,
        indent: int,
        head: list[Piece],
        mark: str,
        style: Style,
        width: int,
        state: list[Piece],
    ) -> list[Line]:
        """Text beside its time; ``state`` at the right end of the last line, or of one more where it has no room."""
        text = mark + (safe_text(message.text[:_LONGEST_SHOWN]) or "(no text)")
        texts = wrap(text, width)
        if len(texts) > _MOST_LINES:
            texts = [*texts[:_MOST_LINES], f"… {len(texts) - _MOST_LINES} more lines: Enter opens it"]
        beside = (" " * _TIME, style)
        lines = [Line(message.id, indent, (beside, *self._text(part, style))) for part in texts]
        lines[0] = Line(message.id, indent, (*head, *lines[0].pieces[1:]))
        if not state:
            return lines
        edge = indent + _TIME + width
        size = pieces_width(state)
        last = lines[-1]
        gap = edge - last.indent - pieces_width(last.pieces) - size
        if gap >= 2:
            lines[-1] = Line(message.id, last.indent, (*last.pieces, (" " * gap, style), *state))
        else:
            lines.append(Line(message.id, indent, ((" " * max(edge - indent - size, 0), style), *state)))
        return lines

    def _text(self, text: str, style: Style) -> tuple[Piece, ...]:
        return hit_pieces(text, style, self.hits, self._reorder)
