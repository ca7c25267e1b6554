"""Hits of a search inside a text that is drawn: the parts that were found stand out without colour too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.style import Style

from voipe_tui.ui.look.cells import Piece

if TYPE_CHECKING:
    from voipe_tui.store.models import View
    from voipe_tui.text.filter_tree import Node

HIT = Style(bold=True, underline=True)
_CONTEXT = 12
"""Characters before a hit that is too far right to be seen otherwise."""


class Hits(NamedTuple):
    """What is looked for: folded words, found where a word begins, and digits, found anywhere in a number."""

    words: tuple[str, ...] = ()
    digits: tuple[str, ...] = ()

    def __call__(self, text: str) -> Sequence[tuple[int, int]]:
        """Where the hits are: (start, end) in characters, in order, none overlapping."""
        from voipe_tui.text.search_fold import hit_spans

        found = hit_spans(text, self.words) if self.words else []
        if self.digits and any(character.isdigit() for character in text):
            more = hit_spans(text, self.digits, anywhere=True)
            found += [(start, end) for start, end in more if not any(start < e and s < end for s, e in found)]
            found.sort()
        return found


def hits_of(view: View) -> Hits | None:
    """What a view looks for in texts and numbers; None where it looks for nothing there."""
    from voipe_tui.text.search_fold import WORD, fold_for_search

    words: set[str] = set()
    if view.search:
        words.update(WORD.findall(fold_for_search(view.search)))
    if view.filter is not None:
        for node in view.filter.conditions:
            words.update(_words_in(node))
    if not words:
        return None
    digits = {word.removeprefix("0") for word in words if word.isdigit() and len(word) >= 3}
    return Hits(tuple(sorted(words)), tuple(sorted(digits)))


def _words_in(node: Node) -> set[str]:
    from voipe_tui.text.filter_tree import And, Or, Text, Who
    from voipe_tui.text.search_fold import WORD

    if isinstance(node, Text):
        return set(node.words)
    if isinstance(node, Who):
        return {*WORD.findall(node.name), node.digits} - {""}
    if isinstance(node, And | Or):
        return set().union(*map(_words_in, node.nodes))
    return set()


def hit_pieces(
    text: str, style: Style, hits: Hits | None, reorder: Callable[[str], str] | None = None
) -> tuple[Piece, ...]:
    """A safe line in pieces. ``reorder`` puts it into visual order; a hit is then looked for as it is drawn."""
    found = hits(text) if hits is not None and text else ()
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


def from_first_hit(text: str, room: int, hits: Hits | None) -> str:
    """``text``, from a little before its first hit on where that would not be seen in ``room`` characters."""
    if hits is None or len(text) <= room:
        return text
    found = hits(text)
    if not found or found[0][1] <= room - 1:
        return text
    start = max(min(found[0][0] - _CONTEXT, len(text) - room + 1), 0)
    return "…" + text[start:]


def _found_again(drawn: str, hits: Sequence[str]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for hit in hits:
        start = drawn.find(hit)
        while start >= 0 and any(start < end and begin < start + len(hit) for begin, end in found):
            start = drawn.find(hit, start + 1)
        if start >= 0:
            found.append((start, start + len(hit)))
    return sorted(found)
