"""Does a message ask to be left out from now on? It is proposed for the opt-out list; a person decides.

A message asks for it when all of it, or its first word, is one of the words, compared as searches are: case, vowel
points and punctuation around it make no difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from voipe_tui.text.search_fold import fold_for_search

# A backslash, too: some gateways put one before a quotation mark (trap 12).
_AROUND: Final = " .,;:!?\"'()[]{}<>*-–—\u200f\u200e\\“”„‟‘’‚«»״׳…"
_LONGEST: Final = 400
"""Characters of a message that are looked at."""


class Asking:
    """Knows the words. ``asks(text)`` says whether a message is one of them or begins with one."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(filter(None, map(_plain, words)))

    @property
    def identity(self) -> str:
        """The same for the same words, in whatever order."""
        return "|".join(sorted(self._words))

    def asks(self, text: str) -> bool:
        plain = _plain(text[:_LONGEST])
        if plain in self._words:
            return True
        first, _, _ = plain.partition(" ")
        return first.strip(_AROUND) in self._words


def _plain(text: str) -> str:
    return fold_for_search(text).strip(_AROUND)
