"""Text in cells: cutting, padding and making strips. Data is never parsed as markup here; it becomes segments."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Piece = tuple[str, Style]
"""A stretch of safe text and its style."""


def fit(text: str, width: int) -> str:
    """``text`` in exactly ``width`` cells; what does not fit ends in an ellipsis. Wide characters are never halved."""
    if width <= 0:
        return ""
    length = len(text) if text.isascii() else cell_len(text)
    if length <= width:
        return text + " " * (width - length)
    if width == 1:
        return "…"
    kept = set_cell_size(text[: width * 8], width - 1).rstrip()
    return kept + "…" + " " * (width - 1 - cell_len(kept))


def line(pieces: Iterable[Piece], width: int, ground: Style) -> Strip:
    """One line of exactly ``width`` cells: pieces from the left, the rest is ground, what is too much is cut."""
    segments: list[Segment] = []
    room = width
    for text, style in pieces:
        if room <= 0:
            break
        length = len(text) if text.isascii() else cell_len(text)
        if length > room:
            text, length = fit(text, room), room
        if length:
            segments.append(Segment(text, style))
            room -= length
    if room > 0:
        segments.append(Segment(" " * room, ground))
    return Strip(segments, width)


def two_sided(left: list[Piece], right: list[Piece], width: int, ground: Style, *, keep: int = 0) -> Strip:
    """Pieces on both ends of a line; where they do not fit together the right ones go, from the left on, all but the
    last ``keep``; then the left ones are cut."""
    while len(right) > keep and pieces_width(left) + pieces_width(right) + 1 > width:
        right = right[1:]
    room = width - pieces_width(right) - 1
    if not right or room < width // 3:
        return line(left, width, ground)
    return Strip.join([line(left, room, ground), line([(" ", ground), *right], width - room, ground)])


def pieces_width(pieces: Iterable[Piece]) -> int:
    """The cells that the pieces take."""
    return sum(len(text) if text.isascii() else cell_len(text) for text, _ in pieces)


def wrap(text: str, width: int) -> list[str]:
    """Safe multi-line text in lines of at most ``width`` cells, broken at spaces where there are some.

    A word longer than a line is cut, so that a text without spaces (a megabyte of them, too) costs linear time.
    """
    width = max(width, 1)
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _wrap_paragraph(paragraph, width)
    return lines


def _wrap_paragraph(paragraph: str, width: int) -> list[str]:
    length = len(paragraph) if paragraph.isascii() else cell_len(paragraph)
    if length <= width:
        return [paragraph]
    lines: list[str] = []
    current, used = "", 0
    for word in paragraph.split(" "):
        size = len(word) if word.isascii() else cell_len(word)
        if current and used + 1 + size <= width:
            current, used = f"{current} {word}", used + 1 + size
            continue
        if current or used:
            lines.append(current)
        if size <= width:
            current, used = word, size
            continue
        *full, current = _chop(word, width)
        lines += full
        used = cell_len(current)
    lines.append(current)
    return lines


def _chop(word: str, width: int) -> list[str]:
    pieces: list[str] = []
    current: list[str] = []
    used = 0
    for character in word:
        size = 1 if character.isascii() else cell_len(character)
        if used + size > width and current:
            pieces.append("".join(current))
            current, used = [], 0
        current.append(character)
        used += size
    pieces.append("".join(current))
    return pieces
