"""Right-to-left lines for terminals that draw every character where it comes (``bidi = "app"`` in the settings).

Texts are kept, searched and copied in logical order everywhere; only what such a terminal draws is reordered.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


# The library reorders but does not mirror. A mark takes the direction of the bracket before it; where it comes out on
# the other side, the bracket was drawn from the right (rule L4 of the Unicode bidirectional algorithm).
_SENTINEL: Final = "\u034f"
_PAIRS: Final = "()[]{}<>«»‹›≤≥≪≫⟨⟩⟪⟫⁅⁆⁽⁾₍₎〈〉《》「」『』【】〔〕〖〗（）［］｛｝＜＞"
_OPPOSITE: Final = dict(zip(_PAIRS, "".join(_PAIRS[i + 1] + _PAIRS[i] for i in range(0, len(_PAIRS), 2)), strict=True))
_MIRRORED: Final = re.compile("[" + re.escape(_PAIRS) + "]")
_WITH_SENTINEL: Final = re.compile(f"{_SENTINEL}({_MIRRORED.pattern})|({_MIRRORED.pattern}){_SENTINEL}")

_MARK: Final = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u1ab0-\u1ace\u1dc0-\u1dff\u20d0-\u20f0"
    "\ufb1e\ufe0e\ufe0f\ufe20-\ufe2f\U0001f3fb-\U0001f3ff"
)
_CLUSTER: Final = re.compile(f"[^{_MARK}\u200d](?:[{_MARK}]|\u200d[^{_MARK}\u200d])+")
# Assigned code points by bidirectional class, rare enough that a line seldom has them: Old Turkic, Arabic
# presentation forms, Han, mathematical digits, box drawing.
_SUBSTITUTES: Final = {
    "R": range(0x10C00, 0x10C49),
    "AL": range(0xFB50, 0xFBB2),
    "L": range(0x4E00, 0x9FEF),
    "EN": range(0x1D7CE, 0x1D800),
    "ON": range(0x2500, 0x2600),
}


def has_right_to_left(line: str) -> bool:
    """Whether any character of ``line`` belongs to a right-to-left script."""
    return not line.isascii() and _RIGHT_TO_LEFT.search(line) is not None


def visual_order(line: str) -> str:
    """``line`` in the order in which it is to be drawn from left to right; the direction is that of its first letter.

    One line only, already made safe (``untrusted.safe_line``). A line without right-to-left letters comes back
    as it is. Points, accents and joined emoji stay in order after the letter they belong to.
    """
    if not has_right_to_left(line):
        return line
    from bidi import get_display  # type: ignore[import-untyped]  # a compiled module that most sessions never need

    clusters: dict[str, str] = {}
    whole = _CLUSTER.sub(lambda match: _substitute(match, line, clusters), line)
    ordered = str(get_display(_MIRRORED.sub(rf"\g<0>{_SENTINEL}", whole)))
    mirrored = _WITH_SENTINEL.sub(lambda match: _OPPOSITE[match[1]] if match[1] else match[2], ordered)
    return "".join(clusters.get(character, character) for character in mirrored)


def _substitute(match: re.Match[str], line: str, clusters: dict[str, str]) -> str:
    """One character of the same direction for a letter with its marks, so that reordering cannot tear them apart."""
    cluster = match.group()
    for character in map(chr, _SUBSTITUTES.get(unicodedata.bidirectional(cluster[0]), ())):
        if character not in line and clusters.setdefault(character, cluster) == cluster:
            return character
    return cluster
