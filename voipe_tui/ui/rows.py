"""One message as one row of a list: columns that fit the width, safe text, nothing that depends on the cursor.

This and :mod:`voipe_tui.ui.reader` are where message data becomes cells; both make it safe first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from voipe_tui.store.models import Message
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.cells import Piece, fit
from voipe_tui.ui.themes import Palette
from voipe_tui.ui.words import Times, status_look

_LONGEST_SHOWN = 600
"""Characters of a text that a row looks at: more than any screen is wide."""

MARK, STATUS, TIME, WHO, TEXT = range(5)


class Columns(NamedTuple):
    """Widths in cells; a column of width 0 is not shown. Each includes the space that follows it."""

    mark: int
    status: int
    time: int
    who: int
    text: int

    @property
    def narrow(self) -> bool:
        return self.time <= 7


def columns_for(width: int, *, with_status: bool) -> Columns:
    """The columns for a list of that width: usable from 30 cells on, comfortable from 60."""
    mark = 2
    if width < 60:
        status, time, who = (2 if with_status else 0), 7, min(14, max(width // 4, 6))
    elif width < 100:
        status, time, who = (12 if with_status else 0), 11, 17
    else:
        status, time, who = (12 if with_status else 0), 11, 22
    return Columns(mark, status, time, who, max(width - mark - status - time - who, 0))


Cells = tuple[Piece, ...]
"""The columns of one row, each padded to its width."""


class RowPainter:
    """Turns messages into cells and cells into strips; keeps both until something they depend on changes."""

    def __init__(self, palette: Palette, times: Times, reorder: Callable[[str], str] | None = None) -> None:
        self._palette = palette
        self._times = times
        self._reorder = reorder
        self._columns = columns_for(80, with_status=False)
        self._cells: dict[int, tuple[Message, Cells]] = {}

    @property
    def columns(self) -> Columns:
        return self._columns

    def configure(self, palette: Palette, columns: Columns) -> None:
        """Another theme or width; everything is made anew."""
        self._palette = palette
        self._columns = columns
        self._cells.clear()

    def forget(self) -> None:
        """The times may read differently now."""
        self._cells.clear()

    def cells(self, message: Message) -> Cells:
        """The row's columns, from memory where the message is the same as before."""
        known = self._cells.get(message.id)
        if known is not None and known[0] == message:
            return known[1]
        if len(self._cells) > 2_000:
            self._cells.clear()
        made = self._make(message)
        self._cells[message.id] = (message, made)
        return made

    def _make(self, message: Message) -> Cells:
        palette, columns = self._palette, self._columns
        unread = message.direction == "in" and not message.read
        text_style = palette.strong if unread else palette.text
        mark = "●" if unread else "★" if message.starred else " "
        look = status_look(message.status)
        status = f"{look.sign} {safe_line(message.status or '')}" if columns.status > len(look.sign) + 1 else look.sign
        when = self._times.short(message.created_at, message.gateway_time, narrow=columns.narrow)
        text = safe_line(message.text[:_LONGEST_SHOWN])
        who = who_is(message)
        if self._reorder is not None:
            text, who = self._reorder(fit(text, columns.text).rstrip()), self._reorder(who)
        return (
            (fit(mark, columns.mark), palette.accent),
            (fit(status, columns.status), palette.tone(look.tone)),
            (fit(when, columns.time), palette.muted),
            (fit(fit(who, columns.who - 1).rstrip(), columns.who), text_style),
            (fit(text, columns.text), text_style if unread else palette.text),
        )

    def strip(self, cells: Cells, cursor: Style | None, width: int) -> Strip:
        """A row as it is drawn; neighbours of one style become one segment, which keeps the writing short."""
        segments: list[Segment] = []
        run = ""
        run_style: Style | None = None
        for text, style in cells:
            if not text:
                continue
            drawn = style if cursor is None else _under(style, cursor, self._palette)
            if run_style is not None and drawn != run_style:
                segments.append(Segment(run, run_style))
                run = ""
            run += text
            run_style = drawn
        segments.append(Segment(run, run_style))
        return Strip(segments, width)


def _under(style: Style, cursor: Style, palette: Palette) -> Style:
    """The cursor row: its own ground; colours that mean something stay, the rest is the cursor's."""
    if palette.keeps_color and cursor.color is None:
        return style + cursor
    if palette.keeps_color and style in (palette.good, palette.warn, palette.bad, palette.busy):
        return style + Style.from_color(None, cursor.bgcolor)
    return cursor + Style(bold=True) if style.bold else cursor


def who_is(message: Message) -> str:
    """The contact's name, else the number, as one safe line; a draft without a recipient says so."""
    if message.name:
        return safe_line(message.name)
    return safe_line(message.number[:80]) or ("(nobody yet)" if message.status == "draft" else "(no number)")


def changed_columns(before: Cells, after: Cells) -> tuple[int, int] | None:
    """The cells (start, width) that differ between two rows of the same columns; None if nothing does."""
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
