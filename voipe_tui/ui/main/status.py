"""The line that says how things stand: profile, connection, what is on its way, credit, and the latest notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from voipe_tui.ui.look.cells import Piece, pieces_width, wrap
from voipe_tui.ui.look.words import LINKS, amount
from voipe_tui.ui.widgets.bars import Bar

if TYPE_CHECKING:
    from textual.timer import Timer

    from voipe_tui.store.models import Counts
    from voipe_tui.sync.health import Health
    from voipe_tui.ui.services import Session

_NOTICE_SECONDS = 6.0
_BAD_NOTICE_SECONDS = 15.0


def _safe(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    from voipe_tui.text.untrusted import safe_line

    return safe_line(text)


_WAITS = (5, 15, 60, 300)
"""Seconds to the next try as they are said: coarse, or each try of a long night would be written to the terminal."""


class StatusLine(Bar):
    """Says the same thing twice only if something changed."""

    def __init__(self, session: Session, overflow: Callable[[list[Piece]], None]) -> None:
        """``overflow`` shows the rest of a sentence that is longer than the line, until it is given nothing."""
        super().__init__(session.colors, id="status")
        self.keep_right = 1
        self._session = session
        self._overflow = overflow
        self._counts: Counts | None = None
        self._notice: tuple[str, str] = ("", "bar")
        self._fresh = 0
        self._going = ""
        self._marked = ""
        self._timer: Timer | None = None

    def update_from(self, counts: Counts | None) -> None:
        self._counts = counts
        self._compose_line()

    def going(self, what: str) -> None:
        """How far a batch is, in few words; empty when none is going on."""
        if what != self._going:
            self._going = what
            self._compose_line()

    def refresh_health(self) -> None:
        self._compose_line()

    def fresh(self, count: int) -> None:
        """So many new messages wait above the screen."""
        self._fresh = count
        self._compose_line()

    def marked(self, text: str) -> None:
        """How many messages are marked in the view that is shown; empty for none."""
        if text != self._marked:
            self._marked = text
            self._compose_line()

    def notice(self, text: str, tone: str = "bar", *, lasting: bool = False) -> None:
        """A sentence that stays a few seconds, or (``lasting``) until the next one; empty takes it away."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._notice = (_safe(text), tone)
        if text and not lasting:
            seconds = _BAD_NOTICE_SECONDS if tone in ("bad", "warn") else _NOTICE_SECONDS
            self._timer = self.set_timer(seconds, lambda: self.notice(""))
        self._compose_line()

    def _compose_line(self) -> None:
        palette = self._palette()
        left: list[Piece] = [(" ", palette.bar)]
        health = self._session.engine.health if self._session.engine is not None else None
        link = str(health.link) if health is not None else "stopped" if self._session.trouble else "starting"
        word, tone = LINKS.get(link, (link, "bar"))
        left.append((word, palette.tone(tone)))
        text, notice_tone = self._notice
        if self._marked:
            # The next key hits them: a notice leaves out what is hidden or more than the number, but never the number.
            short = self._marked.split(" (")[0]
            for marked in (self._marked, short, short.split(", ")[0]):
                pieces: list[Piece] = [("  ", palette.bar), (f" {marked} ", palette.bar_active)]
                if pieces_width([*left, *pieces, ("  " + text, palette.bar)]) <= self.size.width:
                    break
            left += pieces
        self.keep_right = 0 if text else 1  # a sentence is worth more than totals
        rest: list[Piece] = []
        if text:
            if self._is_too_wide(left, text):
                left[1] = (word[0], palette.tone(tone))
            if self._is_too_wide(left, text):
                text, more = self._broken(text, self.size.width - pieces_width(left) - 2)
                rest = [(f" {more}", palette.bar_tone(notice_tone))]
            left += [("  ", palette.bar), (text, palette.bar_tone(notice_tone))]
        elif (trouble := self._trouble(health)) is not None:
            left += [("  ", palette.bar), (_safe(trouble), palette.bar)]
        self._overflow(rest)
        self.say(left, self._totals())

    def on_resize(self) -> None:
        self._compose_line()

    def _is_too_wide(self, left: list[Piece], text: str) -> bool:
        return 0 < self.size.width < pieces_width(left) + pieces_width([(text, left[0][1])]) + 2

    @staticmethod
    def _broken(text: str, room: int) -> tuple[str, str]:
        first, *more = wrap(text, max(room, 10))
        return first, " ".join(more)

    def _trouble(self, health: Health | None) -> str | None:
        if health is None or health.problem is None:
            return None if self._session.trouble is None else str(self._session.trouble)
        text = health.problem.message
        if health.next_try is not None:
            wait = health.next_try - self._session.services.clock()
            text += f" Next try in about {next((s for s in _WAITS if wait <= s), _WAITS[-1])} s."
        return text

    def _totals(self) -> list[Piece]:
        """The least important first: where room lacks, they go from the left."""
        palette, counts = self._palette(), self._counts
        pieces: list[Piece] = []
        if counts is None:
            return pieces
        if self._fresh:
            shown = "99+" if self._fresh >= 100 else str(self._fresh)
            key = self._session.keys.shown("list-newest")
            pieces.append((f" {shown} new, press {key} ", palette.bar_warn))
        if counts.unread:
            pieces.append((f" {counts.unread:,} unread ", palette.bar))
        if counts.pending:
            pieces.append((f" {counts.pending:,} on the way ", palette.bar))
        if self._going:
            pieces.append((f" {self._going} ", palette.bar))
        if counts.unknown:
            pieces.append((f" ? {counts.unknown:,} unknown ", palette.bar_warn))
        pieces += self._credit()
        return pieces

    def _credit(self) -> list[Piece]:
        if self._session.store is None:
            return []
        palette = self._palette()
        credit = self._session.store.facts.account().credit
        if credit is None:
            return []
        low = credit <= self._session.profile.low_credit
        if low:
            return [(f" ! low credit {amount(credit)} ", palette.bar_warn)]
        return [(f" credit {amount(credit)} ", palette.bar)]
