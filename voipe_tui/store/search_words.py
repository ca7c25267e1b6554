"""What a person typed into a search box, taken apart; pure, no database.

Every word must be there as the beginning of a word, in the text or in the name of the contact; digits may be any part
of the number too, in whatever form it was typed; "quoted words" stand one after the other (a whole number in quotes is
one all the same). Case, niqqud and typographic
variants make no difference (:mod:`voipe_tui.text.search_fold`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from voipe_tui.text.search_fold import WORD, digits_of, fold_for_search

_QUOTES: Final = str.maketrans("\u201c\u201d\u201e\u201f", '""""')
_PHRASE: Final = re.compile(r'(?:(?<=\s)|^)"([^"]*)"(?=\s|$)')
_NUMERIC: Final = re.compile(r"[+(]*\d[\d().\-/+\u2010-\u2015\u2212]*")
_WHOLE_NUMBER: Final = 9  # digits; what follows such a number is another one
_LONGEST_NUMBER: Final = 15
_SHORTEST_QUOTED: Final = 7
SHORTEST_PART: Final = 3
"""Of a number, fewer digits than these are looked for in texts alone."""
_TWO_DIGIT_COUNTRIES: Final = re.compile("2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")


class Asked(NamedTuple):
    """One thing that must be there: words of a text (``phrase``: one after the other, whole), or a part of a number or
    a name. ``who`` is what to look for there, "" for nothing."""

    words: tuple[str, ...]
    phrase: bool = False
    who: str = ""


@lru_cache(maxsize=64)
def parse(typed: str) -> tuple[Asked, ...]:
    """All that must be there; nothing where there is no letter and no digit in what was typed."""
    typed = typed.translate(_QUOTES)
    asked: list[Asked] = []
    start = 0
    for quoted in _PHRASE.finditer(typed):
        asked += _plain(typed[start : quoted.start()])
        words = tuple(WORD.findall(fold_for_search(quoted[1])))
        if words:
            asked.append(Asked(words, phrase=True, who=_quoted_number(quoted[1])))
        start = quoted.end()
    return (*asked, *_plain(typed[start:]))


def terms(typed: str) -> list[str]:
    """The folded words to be highlighted, each once."""
    return list(dict.fromkeys(word for asked in parse(typed) for word in asked.words))


def _plain(typed: str) -> list[Asked]:
    asked: list[Asked] = []
    pieces: list[str] = []
    for chunk in [*typed.split(), ""]:
        numeric = bool(chunk) and _NUMERIC.fullmatch(chunk) is not None
        length = len(_digits(pieces))
        if pieces and (not numeric or length >= _WHOLE_NUMBER or length + len(digits_of(chunk)) > _LONGEST_NUMBER):
            asked.append(_number(pieces))
            pieces = []
        if numeric:
            pieces.append(chunk)
        else:
            asked += [Asked((word,), who=word) for word in WORD.findall(fold_for_search(chunk))]
    return asked


def _number(pieces: list[str]) -> Asked:
    digits = _digits(pieces)
    words = tuple(WORD.findall(fold_for_search(" ".join(pieces))))
    dialled = len(digits) == SHORTEST_PART - 1 and digits[0] == "0"
    return Asked(words, who=digits if len(digits) >= SHORTEST_PART or dialled else "")


def _quoted_number(typed: str) -> str:
    """A phrase that is a number from end to end; fewer digits stay words."""
    pieces = typed.split()
    digits = _digits(pieces) if all(map(_NUMERIC.fullmatch, pieces)) else ""
    return digits if len(digits) >= _SHORTEST_QUOTED else ""


def _digits(pieces: list[str]) -> str:
    """Of a number in pieces, without the signs before a country code and the zero behind it: "+972 (0)52"."""
    digits = digits_of("".join(pieces))
    if pieces and (pieces[0].lstrip("(").startswith("+") or digits.startswith("00")):
        digits = digits.removeprefix("00")
        national = digits[_country_size(digits) :]
        if national.startswith("0"):
            digits = digits[: -len(national)] + national[1:]
    return digits


def _country_size(digits: str) -> int:
    """How many digits are the country code (ITU-T E.164)."""
    return 1 if digits[:1] in ("1", "7") else 2 if _TWO_DIGIT_COUNTRIES.match(digits) else 3


@lru_cache(maxsize=4_096)
def who_of(key: str) -> str:
    """What a number is found in: its digits with country code and as dialled at home; what is no number as it is."""
    if not key.startswith("+"):
        return fold_for_search(key)
    digits = key[1:]
    return f"{digits} 0{digits[_country_size(digits) :]}"


Test = Callable[[str], bool]


@lru_cache(maxsize=64)
def text_test(typed: str) -> tuple[Test, ...]:
    """For each thing asked, whether a *folded* text has it."""
    return tuple(_in_text(asked) for asked in parse(typed))


def _in_text(asked: Asked) -> Test:
    if asked.phrase:
        return _found(r"(?<![^\W_])" + r"[\W_]+".join(map(re.escape, asked.words)) + r"(?![^\W_])")
    tests = [_begins(word) for word in asked.words]
    return tests[0] if len(tests) == 1 else lambda folded: all(test(folded) for test in tests)


def _begins(word: str) -> Test:
    search = re.compile(rf"(?<![^\W_]){re.escape(word)}").search
    return lambda folded: word in folded and search(folded) is not None


def _found(pattern: str) -> Test:
    search = re.compile(pattern).search
    return lambda folded: search(folded) is not None
