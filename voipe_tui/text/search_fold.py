"""The form in which texts and queries are compared when a person searches.

Case, vowel points and accents, width variants and the many forms of quotes and dashes make no difference. Hebrew final
letters stay apart from their plain forms: they are different letters at the keyboard, and a prefix search finds both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_TWINS: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u05f3`\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u05f4\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u05be", "-"),
    }
)
_PLAIN: Final = re.compile("[\x00-\x7f\u05d0-\u05ea\u20aa]*")  # nothing to fold but case and backticks: most texts


WORD: Final = re.compile(r"[^\W_]+")
"""A word of a folded text: letters and digits."""


def fold_for_search(text: str) -> str:
    """``text`` in lower case without niqqud, accents, invisible characters and typographic variants.

    Folding twice changes nothing; the folded form of a word is the same wherever the word stands. White space of any
    kind and length becomes one space; none remains at either end.
    """
    if _PLAIN.fullmatch(text):
        return " ".join(text.lower().replace("`", "'").split())
    folded = text
    while (again := _fold_once(folded)) != folded:
        folded = again
    return folded


def fold_loosely(text: str) -> str:
    """The same, but for the white space: for looking whether a word is in it."""
    return text.lower().replace("`", "'") if _PLAIN.fullmatch(text) else fold_for_search(text)


def digits_of(number: str) -> str:
    """The digits of ``number`` alone, as ASCII, whatever script they were written in (full-width, Arabic-Indic, …)."""
    if number.isascii():
        return "".join(filter(str.isdigit, number))
    return "".join(str(unicodedata.decimal(character)) for character in number if character.isdecimal())


def _fold_once(text: str) -> str:
    # Twins go first: the compatibility form of some of them (U+00B4) is a space and a mark.
    decomposed = unicodedata.normalize("NFKD", text.translate(_TWINS)).casefold()
    plain = "".join(character for character in decomposed if unicodedata.category(character) not in _UNSEEN)
    return " ".join(unicodedata.normalize("NFC", plain.translate(_TWINS)).split())


_UNSEEN: Final = frozenset({"Mn", "Me", "Cf", "Cs"})


def hit_spans(text: str, terms: Iterable[str], *, anywhere: bool = False) -> list[tuple[int, int]]:
    """Where ``text`` has one of these folded words: (start, end) in the text as it is, in order, none overlapping.

    A word counts where it begins one (``anywhere``: also inside, for a part of a number). Points and accents that
    belong to the last letter are within the span.
    """
    wanted = sorted({term for term in terms if term}, key=len, reverse=True)
    if not wanted:
        return []
    find = _finder(tuple(wanted), anywhere)
    if _PLAIN.fullmatch(text):
        return [match.span() for match in find.finditer(text.lower().replace("`", "'"))]
    folded, starts, ends = _letter_by_letter(text)
    return [(starts[match.start()], ends[match.end() - 1]) for match in find.finditer(folded)]


@lru_cache(maxsize=64)
def _finder(wanted: tuple[str, ...], anywhere: bool) -> re.Pattern[str]:
    return re.compile(("" if anywhere else r"(?<![^\W_])") + f"(?:{'|'.join(map(re.escape, wanted))})")


def _letter_by_letter(text: str) -> tuple[str, list[int], list[int]]:
    """The folded text, and for each of its characters where in ``text`` its letter begins and ends, marks included."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    letter = 0  # folded characters of the letter before
    for place, character in enumerate(text):
        piece = _fold_character(character)
        if piece:
            letter = len(piece)
            starts += [place] * letter
            ends += [place + 1] * letter
        elif letter:
            ends[-letter:] = [place + 1] * letter
        pieces.append(piece)
    return "".join(pieces), starts, ends


@lru_cache(maxsize=4_096)
def _fold_character(character: str) -> str:
    return " " if character.isspace() else _fold_once(character)
