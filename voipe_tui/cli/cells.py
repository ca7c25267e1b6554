"""Columns for people: texts measured in terminal cells, cut and padded, one line a row."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence

from voipe_tui.text.untrusted import safe_line

GAP = "  "

Order = Callable[[str], str]
"""Puts a safe line into the order in which a terminal is to draw it."""

_LEAST_LAST = 12


def cells(text: str) -> int:
    """How many cells ``text`` (made safe) takes: wide characters two, marks and joiners none."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def _cells_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, width: int) -> str:
    """``text`` cut to ``width`` cells, the last one an ellipsis if something is missing."""
    if cells(text) <= width:
        return text
    room = width - 1
    kept: list[str] = []
    for character in text:
        room -= _cells_of(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def pad(text: str, width: int) -> str:
    """``text`` followed by spaces up to ``width`` cells."""
    return text + " " * (width - cells(text))


def table(
    titles: Sequence[str], rows: Iterable[Sequence[str]], width: int | None, order: Order | None = None
) -> list[str]:
    """Lines under titles. What comes from outside is made safe here. Only the last column is cut to ``width``.

    ``order`` puts a cell into the order in which the terminal is to draw it, after it was cut.
    """
    lines = [tuple(titles), *(tuple(safe_line(cell) for cell in row) for row in rows)]
    widths = [max(cells(line[column]) for line in lines) for column in range(len(titles))]
    last = len(titles) - 1
    if width is not None:
        widths[last] = max(_LEAST_LAST, width - sum(widths[:last]) - len(GAP) * last)
    drawn = []
    for line in lines:
        shown = [*line[:last], line[last] if width is None else fit(line[last], widths[last])]
        if order is not None:
            shown = [order(cell) for cell in shown]
        drawn.append(GAP.join(pad(cell, widths[column]) for column, cell in enumerate(shown)).rstrip())
    return drawn
