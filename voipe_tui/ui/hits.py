"""Hits of a search inside a text that is drawn: the parts that were found stand out without colour too."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.style import Style

from voipe_tui.ui.cells import Piece

HIT = Style(bold=True, underline=True)

Spans = Callable[[str], Sequence[tuple[int, int]]]
"""Where the hits are in a line of text: (start, end) in characters, in order, none overlapping."""


def hit_pieces(
    text: str, style: Style, spans: Spans | None, reorder: Callable[[str], str] | None = None
) -> tuple[Piece, ...]:
    """A safe line in pieces. ``reorder`` puts it into visual order; a hit is then looked for as it is drawn."""
    found = spans(text) if spans is not None and text else ()
    if reorder is not None:
        drawn = reorder(text)
        found = _found_again(drawn, [reorder(text[start:end]) for start, end in found]) if found else ()
        text = drawn
    if not found:
        return ((text, style),)
    pieces: list[Piece] = []
    done = 0
    for start, end in found:
        if start > done:
            pieces.append((text[done:start], style))
        pieces.append((text[start:end], style + HIT))
        done = end
    if done < len(text):
        pieces.append((text[done:], style))
    return tuple(pieces)


def _found_again(drawn: str, hits: Sequence[str]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for hit in hits:
        start = drawn.find(hit)
        while start >= 0 and any(start < end and begin < start + len(hit) for begin, end in found):
            start = drawn.find(hit, start + 1)
        if start >= 0:
            found.append((start, start + len(hit)))
    return sorted(found)
