"""Finding one of many short texts by a few letters of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

from voipe_tui.text.search_fold import fold_for_search

Item = TypeVar("Item")
_LONGEST: Final = 400


def rank(typed: str, text: str) -> int | None:
    """How well ``text`` (folded) answers ``typed`` (folded): smaller is better, None not at all.

    All words whole beat letters that are merely there in this order; the beginning of the text beats its middle.
    """
    if not typed:
        return 0
    text = text[:_LONGEST]
    words = typed.split()
    places = [text.find(word) for word in words]
    if min(places) >= 0:
        return 0 if text.startswith(words[0]) else 1 if f" {words[0]}" in text else 2
    place, gaps = -1, 0
    for letter in typed:
        if letter == " ":
            continue
        found = text.find(letter, place + 1)
        if found < 0:
            return None
        gaps += found - place - 1
        place = found
    return 3 + gaps


def best(typed: str, items: Iterable[tuple[str, Item]]) -> list[Item]:
    """The items whose (folded) text answers ``typed``, the best first, in their order where they are equally good."""
    folded = fold_for_search(typed)
    ranked = [(rank(folded, text), item) for text, item in items]
    return [item for score, item in sorted(((s, i) for s, i in ranked if s is not None), key=lambda pair: pair[0])]
