"""The one place where text from outside becomes safe to draw in a terminal.

What came is stored whole; what is drawn goes through here. Afterwards no character is left that a terminal obeys
(C0, C1, DEL: escape sequences, OSC 52, window titles), that reorders its neighbours (bidi overrides, embeddings and
isolates), that hides (zero-width and tag characters, fillers), that is no character at all (surrogates, noncharacters,
private use, unassigned), and no pile of marks that runs over other lines. What was visible or was a command is replaced
by a middle dot, so that a person sees that something was there; what was invisible goes.

Kept: the joiner inside emoji sequences, points and accents of Hebrew, Arabic and every other script.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

STAND_IN: Final = "·"
NEWLINE_SIGN: Final = " ⏎ "
MOST_MARKS: Final = 5
"""Combining marks kept on one base: a pointed Hebrew letter with accent has as many, no living script needs more."""
MOST_JOINS: Final = 9
"""Joined emoji in one sequence; the longest in Unicode's list has ten code points."""

_PLAIN_RANGES: Final = (
    "\u00a0-\u00ac\u00ae-\u02ff\u0384-\u038a\u0391-\u03a1\u03a3-\u03ff\u0400-\u0482\u048a-\u052f"
    "\u05be\u05d0-\u05ea\u05f0-\u05f4\u0621-\u063a\u0641-\u064a\u0660-\u066d\u2010-\u2027\u2030-\u205e\u20a0-\u20bf"
    "\u2100-\u218b\u2190-\u23ff\u2500-\u27bf"
    "\U0001f300-\U0001f3fa\U0001f400-\U0001f64f\U0001f680-\U0001f6c5\U0001f900-\U0001f9ff"
)
# Han and Hangul are left out: compiling ranges of that size would cost every start 5 ms.
# Nearly every message passes this one search and is drawn as it is.
_NOT_PLAIN_LINE: Final = re.compile(f"[^ -~{_PLAIN_RANGES}]")

# Patterns of the rare cases: compiled by the first of them, not at every start.
_LINE_BREAK: Final = "\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]"
_LINE_BREAKS: Final = "[ \t]*(?:[\n\v\f\r\x1c-\x1e\x85\u2028\u2029][ \t]*)+"

# Blank where something is expected, though their category says letter, mark or symbol.
_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0\U0001d159")
# Format characters (Cf) that are drawn: signs set before Arabic and Syriac numbers and verses.
_DRAWN_FORMATS: Final = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
_JOINER: Final = "\u200d"
_STYLES: Final = frozenset("\ufe0e\ufe0f")
_STYLED: Final = frozenset("‼⁉ℹ〰〽")
_KEYCAP: Final = "\u20e3"
_SELECTORS: Final = "[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
# Code points that Unicode gives out year by year to emoji and to Han: newer than our tables, harmless all the same.
_GROWING: Final = "[\U0001f000-\U0001fbff\U0002a6de-\U0003fffd]"
_NONCHARACTER_MASK: Final = 0xFFFE


def safe_line(text: str) -> str:
    """``text`` as one harmless line: line breaks become `` ⏎ ``, tabs a space. Safe text comes back as it is."""
    if not _NOT_PLAIN_LINE.search(text):
        return text
    joined = re.sub(_LINE_BREAKS, NEWLINE_SIGN, text.strip("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")).replace("\t", " ")
    return _cleaned(joined)


def safe_text(text: str) -> str:
    """``text`` as harmless lines: every kind of line break becomes a newline, a tab becomes four spaces."""
    if not _NOT_PLAIN_LINE.search(text.replace("\n", "")):
        return text
    return "\n".join(_cleaned(line.replace("\t", "    ")) for line in re.sub(_LINE_BREAK, "\n", text).split("\n"))


def _cleaned(line: str) -> str:
    """One line without line breaks and tabs; a character is judged by what stands before it in the result."""
    if not _NOT_PLAIN_LINE.search(line):
        return line
    kept: list[str] = []
    marks = joins = 0
    for index, character in enumerate(line):
        category = unicodedata.category(character)
        following = line[index + 1 : index + 2]
        if character in _FILLERS:
            continue
        if category in ("Mn", "Me"):
            if marks >= MOST_MARKS or not _may_carry(kept, character, following):
                continue
            marks += 1
        elif category == "Cf" and character not in _DRAWN_FORMATS:
            if character != _JOINER or joins >= MOST_JOINS or not _joins(kept, following):
                continue
            joins += 1
        else:
            if not kept or (kept[-1] != _JOINER and not _is_tone(character)):
                joins = 0
            marks = 0
            character = character if _is_drawable(character, category) else STAND_IN
        kept.append(character)
    return "".join(kept)


def _may_carry(kept: list[str], mark: str, following: str) -> bool:
    """Whether a mark of no width has a base: one at the start of a line would fall upon the frame beside it."""
    if not kept or kept[-1] == _JOINER:
        return False
    if mark in _STYLES:
        return _is_symbol(kept[-1]) or kept[-1] in _STYLED or (kept[-1] in "0123456789#*" and following == _KEYCAP)
    return not re.match(_SELECTORS, mark)


def _joins(kept: list[str], following: str) -> bool:
    """Whether a joiner stands between two emoji."""
    before = next((character for character in reversed(kept[-2:]) if character not in _STYLES), "")
    return bool(before and following) and (_is_symbol(before) or _is_tone(before)) and _is_symbol(following)


def _is_symbol(character: str) -> bool:
    return unicodedata.category(character) in ("So", "Sm") or _is_new(character)


def _is_tone(character: str) -> bool:
    return "\U0001f3fb" <= character <= "\U0001f3ff"


def _is_new(character: str) -> bool:
    """Unassigned as far as this Python knows, in a block where only letters or pictures can follow."""
    return (
        unicodedata.category(character) == "Cn"
        and re.match(_GROWING, character) is not None
        and ord(character) & _NONCHARACTER_MASK != _NONCHARACTER_MASK
    )


def _is_drawable(character: str, category: str) -> bool:
    if category == "Cn":
        return _is_new(character)
    return category not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
