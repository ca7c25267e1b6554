"""How a text becomes SMS parts: GSM 7-bit or UCS-2, counted and cut as 3GPP TS 23.038 and TS 23.040 say.

A message of one part carries 160 septets, or 70 UTF-16 units once any character is outside the GSM alphabet. Longer
messages are concatenated with the 8-bit reference (TS 23.040, 9.2.3.24.1), which leaves 153 septets or 67 units per
part. A character of the extension table takes two septets (ESC and a code), a character outside the BMP takes two units
(a surrogate pair); neither pair may be torn apart by the end of a part. So the number of parts is found by filling
them in turn and can be higher than the total divided by the capacity.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Encoding = Literal["gsm7", "ucs2"]

ESCAPE: Final = "\x1b"
"""The septet that announces the extension table. It is no character: a text that contains U+001B is sent as UCS-2."""

GSM_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
"""The default alphabet (TS 23.038, 6.2.1) in the order of its 128 septets; 0x1B is ESCAPE, which no text can use."""

GSM_EXTENSION: Final = "\f^{}\\[~]|€"
"""The default extension table (TS 23.038, 6.2.1.1): each of these takes two septets."""

SINGLE_CAPACITY: Final[dict[Encoding, int]] = {"gsm7": 160, "ucs2": 70}
PART_CAPACITY: Final[dict[Encoding, int]] = {"gsm7": 153, "ucs2": 67}

_OUTSIDE_GSM: Final = re.compile("[^" + re.escape(GSM_BASIC.replace(ESCAPE, "") + GSM_EXTENSION) + "]")
_IN_GSM: Final = frozenset(GSM_BASIC.replace(ESCAPE, "") + GSM_EXTENSION)
_ASTRAL: Final = re.compile("[\U00010000-\U0010ffff]")
_TWO_SEPTETS: Final = re.compile("[" + re.escape(GSM_EXTENSION) + "]")
_WITH_ESCAPES: Final = str.maketrans({character: ESCAPE + character for character in GSM_EXTENSION})


@dataclass(frozen=True, slots=True)
class Measure:
    """What a text needs on the air.

    ``characters`` are code points; ``units`` are septets (escapes included) for GSM 7-bit and UTF-16 units for UCS-2;
    ``parts`` is 0 for the empty text; ``capacity`` is what one part holds in this case (160, 153, 70 or 67 units);
    ``room`` is how many more units fit before another part is needed.
    """

    encoding: Encoding
    characters: int
    units: int
    parts: int
    capacity: int
    room: int


def encoding_of(text: str) -> Encoding:
    """``gsm7`` when every character is in the GSM alphabet or its extension table, else ``ucs2``."""
    return "ucs2" if _OUTSIDE_GSM.search(text) else "gsm7"


def measure(text: str) -> Measure:
    """Count ``text`` as it would be sent. Cheap enough for every keystroke: it walks over parts, not characters."""
    encoding = encoding_of(text)
    units = _units(text, encoding)
    ends = _part_ends(units, encoding)
    total = len(units)
    capacity = (PART_CAPACITY if len(ends) > 1 else SINGLE_CAPACITY)[encoding]
    last_start = ends[-2] if len(ends) > 1 else 0
    return Measure(encoding, len(text), total, len(ends), capacity, capacity - (total - last_start))


def size_of(text: str) -> tuple[Encoding, int]:
    """Encoding and number of parts alone: at once for the short texts that most are."""
    if 0 < len(text) <= SINGLE_CAPACITY["gsm7"]:
        encoding = encoding_of(text)
        room, wide = SINGLE_CAPACITY[encoding], _TWO_SEPTETS if encoding == "gsm7" else _ASTRAL
        if len(text) <= room // 2 or (len(text) <= room and not wide.search(text)):
            return encoding, 1
    size = measure(text)
    return size.encoding, size.parts


def split_parts(text: str) -> list[str]:
    """The parts of ``text`` in order; joined they are ``text`` again. No part for the empty text.

    Each part is filled as far as it goes. It ends one unit early where the next character needs two.
    """
    encoding = encoding_of(text)
    units = _units(text, encoding)
    parts: list[str] = []
    position = 0
    start = 0
    for end in _part_ends(units, encoding):
        length = end - start
        stop = position + length
        if encoding == "gsm7":
            stop -= units.count(ESCAPE, start, end)
        elif len(units) != len(text):
            stop = _advance(text, position, length)
        parts.append(text[position:stop])
        position, start = stop, end
    return parts


def forcing_characters(text: str) -> list[tuple[int, str]]:
    """The characters that make ``text`` UCS-2, each with its index in code points; empty for a GSM 7-bit text."""
    return [(match.start(), match.group()) for match in _OUTSIDE_GSM.finditer(text)]


def distinct_forcing(text: str) -> list[str]:
    """The same, each character once, in the order of the text: cheap however many there are."""
    if not _OUTSIDE_GSM.search(text):
        return []
    return sorted(set(text).difference(_IN_GSM), key=text.index)


def _units(text: str, encoding: Encoding) -> str:
    """A string with one character per unit on the air: septets, or UTF-16 units."""
    if encoding == "gsm7":
        return text.translate(_WITH_ESCAPES)
    if not _ASTRAL.search(text):
        return text
    return _ASTRAL.sub(_surrogates, text)


def _surrogates(match: re.Match[str]) -> str:
    offset = ord(match.group()) - 0x10000
    return chr(0xD800 + (offset >> 10)) + chr(0xDC00 + (offset & 0x3FF))


def _part_ends(units: str, encoding: Encoding) -> list[int]:
    """Where each part ends, in units. Greedy, but a pair stays whole."""
    total = len(units)
    if total == 0:
        return []
    if total <= SINGLE_CAPACITY[encoding]:
        return [total]
    capacity = PART_CAPACITY[encoding]
    ends: list[int] = []
    end = 0
    while end < total:
        end += capacity
        if end >= total:
            end = total
        elif encoding == "gsm7":
            end -= units[end - 1] == ESCAPE
        else:
            end -= "\ud800" <= units[end - 1] <= "\udbff" and "\udc00" <= units[end] <= "\udfff"
        ends.append(end)
    return ends


def _advance(text: str, position: int, units: int) -> int:
    """The index that lies ``units`` UTF-16 units after ``position``; it always falls between two code points."""
    while units > 0:
        units -= 2 if text[position] > "\uffff" else 1
        position += 1
    return position
