"""One message as one row of a list: columns that fit the width, safe text, nothing that depends on the cursor.

This and :mod:`voipe_tui.ui.messages.reader` are where message data becomes cells; both make it safe first.
"""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from voipe_tui.store.models import Message
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.lists.columns import TEXT, Columns, columns_for
from voipe_tui.ui.look.cells import Piece, fit, pieces_width
from voipe_tui.ui.look.hits import Hits, from_first_hit, hit_pieces
from voipe_tui.ui.look.themes import Palette
from voipe_tui.ui.look.words import WOKEN, Times, status_look

_LONGEST_SHOWN = 600
"""Characters of a text that a row looks at: more than any screen is wide."""
_LONGEST_SEARCHED = 4_000
"""Characters in which a hit is looked for."""

_TAGS_FROM = 30
"""Cells of text from which labels may stand at its end, in a third of it."""

MARK, RANGE = "»", "›"
"""In front of a marked row, and of one that an open range would mark."""

Cells = tuple[Piece, ...]
"""The columns of one row, each padded to its width; flags first, and behind the text what is tagged to it."""


class RowPainter:
    """Turns messages into cells and cells into strips; keeps both until something they depend on changes."""

    def __init__(self, palette: Palette, times: Times, reorder: Callable[[str], str] | None = None) -> None:
        self._palette = palette
        self._times = times
        self._reorder = reorder
        self._columns = columns_for(80, with_status=False)
        self._cells: dict[int, tuple[Message, Cells]] = {}
        self._hits: Hits | None = None

    @property
    def columns(self) -> Columns:
        return self._columns

    def configure(self, palette: Palette, columns: Columns) -> None:
        """Another theme, width or choice of columns; everything is made anew."""
        self._palette = palette
        self._columns = columns
        self._cells.clear()

    def look_for(self, hits: Hits | None) -> None:
        """What a search found stands out from now on."""
        if hits != self._hits:
            self._hits = hits
            self._cells.clear()

    def forget(self) -> None:
        """The times may read differently now."""
        self._cells.clear()

    def cells(self, message: Message, mark: str = "") -> Cells:
        """The row's columns, from memory where the message is the same as before. ``mark``: one of the signs above."""
        known = self._cells.get(message.id)
        if known is not None and (known[0] is message or known[0] == message):
            made = known[1]
        else:
            if len(self._cells) > 2_000:
                self._cells.clear()
            made = self._make(message)
            self._cells[message.id] = (message, made)
        return (_marked(message, mark, len_cells(made[0][0]), self._palette), *made[1:]) if mark else made

    def _make(self, message: Message) -> Cells:
        pieces: list[Piece] = []
        last = self._columns.widths[-1][0] == TEXT
        for name, width in self._columns.widths:
            if name == TEXT:
                pieces += self._text(message, width if last else width - 1)
                pieces += [] if last else [(" ", self._palette.text)]
            elif self._hits is not None and name in ("who", "number"):
                pieces += self._with_hits(who_is(message) if name == "who" else message.number, width, message)
            else:
                pieces.append(_COLUMNS[name](self, message, width))
        return tuple(pieces)

    # Columns

    def _flags(self, message: Message, width: int) -> Piece:
        unread, star = _is_unread(message), "★" if message.starred else ""
        sign = f"●{star}" if unread else star
        return fit(sign, width), self._palette.accent if sign else self._palette.muted

    def _status(self, message: Message, width: int) -> Piece:
        look = status_look(message.status)
        word = f"{look.sign} {safe_line(message.status or '')}" if width > len(look.sign) + 1 else look.sign
        return fit(word if message.status else "", width), self._palette.tone(look.tone)

    def _time(self, message: Message, width: int) -> Piece:
        when = self._times.short(message.created_at, message.gateway_time, narrow=width <= 7)
        return fit(when, width), self._palette.muted

    def _who(self, message: Message, width: int) -> Piece:
        who = who_is(message)
        if self._reorder is not None:
            who = self._reorder(who)
        return _gapped(who, width), self._text_style(message)

    def _number(self, message: Message, width: int) -> Piece:
        return _gapped(safe_line(message.number[:80]), width), self._text_style(message)

    def _sender(self, message: Message, width: int) -> Piece:
        return _gapped(safe_line((message.sender or "")[:80]), width), self._palette.muted

    def _parts(self, message: Message, width: int) -> Piece:
        return fit(f"{message.parts}p", width), self._palette.muted

    def _labels(self, message: Message, width: int) -> Piece:
        return _gapped(self._ordered(tags_of(message)), width), self._palette.busy

    def _batch(self, message: Message, width: int) -> Piece:
        return _gapped(safe_line((message.batch or "")[:80]), width), self._palette.muted

    def _text(self, message: Message, width: int) -> list[Piece]:
        """The text, and what is tagged to it where there is room."""
        tags = ""
        woken = message.is_woken
        if width >= _TAGS_FROM and (message.labels or message.snoozed_until is not None or woken):
            snoozed = message.snoozed_until
            until = f"◷{self._times.short(snoozed, None)}" if snoozed is not None else ""
            until = f"{WOKEN} woke {self._times.short(message.woken_at, None)}" if woken else until
            own_column = "labels" in (name for name, _ in self._columns.widths)
            said = until if own_column else f"{until} {tags_of(message)}".strip()
            tags = fit(self._ordered(said), min(width // 3, cell_len(said))) if said else ""
        room = width - (cell_len(tags) + 1 if tags else 0)
        tagged = (tags, self._palette.busy)
        style = self._text_style(message)
        sign = f"{WOKEN} " if woken and not tags else ""
        if sign:
            room -= len(sign)
        if self._hits is not None:
            text = from_first_hit(safe_line(message.text[:_LONGEST_SEARCHED]), room, self._hits)
            pieces = hit_pieces(fit(text, room).rstrip(), style, self._hits, self._reorder)
            gap = room - pieces_width(pieces) + (1 if tags else 0)
            return [(sign, self._palette.busy), *pieces, (" " * gap, style), tagged]
        text = safe_line(message.text[:_LONGEST_SHOWN])
        if message.status == "scheduled" and message.note:
            text = f"{safe_line(message.note).split(';')[0]}  {text}"  # when it goes, before what it says
        if self._reorder is not None:
            text = self._reorder(fit(text, room).rstrip())
        return [(sign, self._palette.busy), (fit(text, room) + (" " if tags else ""), style), tagged]

    def _with_hits(self, text: str, width: int, message: Message) -> list[Piece]:
        """A name or a number, cut so that a space follows."""
        style = self._text_style(message)
        pieces = hit_pieces(fit(safe_line(text[:80]), width - 1).rstrip(), style, self._hits, self._reorder)
        return [*pieces, (" " * (width - pieces_width(pieces)), style)]

    def _ordered(self, text: str) -> str:
        return text if self._reorder is None else self._reorder(text)

    def _text_style(self, message: Message) -> Style:
        return self._palette.strong if _is_unread(message) else self._palette.text

    # Drawing

    def strip(self, cells: Cells, cursor: Style | None, width: int) -> Strip:
        """A row as it is drawn; neighbours of one style become one segment, which keeps the writing short."""
        segments: list[Segment] = []
        run = ""
        run_style: Style | None = None
        for text, style in cells:
            if not text:
                continue
            drawn = style if cursor is None else under(style, cursor, self._palette)
            if run_style is not None and drawn != run_style and (_needs_its_own(drawn, run_style) or _inked(run, text)):
                segments.append(Segment(run, run_style))
                run = ""
            if run_style is None or not text.isspace() or _needs_its_own(drawn, run_style):
                # A blank has no colour of its own: it goes with its neighbour.
                run_style = drawn
            run += text
        segments.append(Segment(run, run_style))
        return Strip(segments, width)


_COLUMNS: dict[str, Callable[[RowPainter, Message, int], Piece]] = {
    "flags": RowPainter._flags,
    "status": RowPainter._status,
    "time": RowPainter._time,
    "who": RowPainter._who,
    "number": RowPainter._number,
    "sender": RowPainter._sender,
    "labels": RowPainter._labels,
    "parts": RowPainter._parts,
    "batch": RowPainter._batch,
}


def _is_unread(message: Message) -> bool:
    return message.direction == "in" and not message.read


def _marked(message: Message, mark: str, width: int, palette: Palette) -> Piece:
    flags = ("●" if _is_unread(message) else "") + ("★" if message.starred else "")
    return fit(mark + flags, width) if len(flags) < width else mark + flags[: width - 1], palette.primary + Style(
        bold=True
    )


def _needs_its_own(style: Style, other: Style) -> bool:
    """A line under one of them would be seen below blanks."""
    return style.underline != other.underline


def _inked(run: str, text: str) -> bool:
    return not run.isspace() and not text.isspace()


def _gapped(text: str, width: int) -> str:
    """Cut so that a space follows."""
    return fit(fit(text, width - 1).rstrip(), width)


def tags_of(message: Message) -> str:
    """The labels, each with its sign, as one safe line."""
    return " ".join(f"#{safe_line(label)}" for label in message.labels)


def under(style: Style, cursor: Style, palette: Palette) -> Style:
    """The cursor row: its own ground; colours that mean something stay, the rest is the cursor's."""
    if palette.keeps_color and cursor.color is None:
        return style + cursor
    if palette.keeps_color and style in (palette.good, palette.warn, palette.bad, palette.busy):
        return style + Style.from_color(None, cursor.bgcolor)
    if style.underline:
        return cursor + Style(bold=True, underline=True)
    return cursor + Style(bold=True) if style.bold else cursor


def who_is(message: Message) -> str:
    """The contact's name, else the number, as one safe line; a draft without a recipient says so."""
    if message.name:
        return safe_line(message.name)
    return safe_line(message.number[:80]) or ("(nobody yet)" if message.status == "draft" else "(no number)")


def changed_columns(before: Cells, after: Cells) -> tuple[int, int] | None:
    """The cells (start, width) that differ between two rows of the same columns; None if nothing does."""
    if len(before) != len(after):  # there are hits in one of them
        return 0, sum(len_cells(text) for text, _ in after)
    start = end = None
    offset = 0
    for (old, old_style), (new, new_style) in zip(before, after, strict=True):
        if old != new or old_style != new_style:
            if start is None:
                start = offset
            end = offset + len_cells(new)
        offset += len_cells(new)
    return None if start is None or end is None else (start, end - start)


def len_cells(text: str) -> int:
    """Cells of a padded column."""
    return len(text) if text.isascii() else cell_len(text)
