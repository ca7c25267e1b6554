"""Characters that make a message expensive and mean nothing by it: curly quotes, dashes, odd spaces.

One character outside the GSM alphabet turns the whole text into UCS-2, and 160 characters a part into 70. Many of them
came along with a paste from a word processor and have a twin in the GSM alphabet that reads the same. Letters have
none: another letter is another word.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from voipe_tui.text.parts import distinct_forcing, measure

_SAME: Final = {
    "'": "\u2018\u2019\u201a\u201b\u2032\u2035\u02b9\u02bb\u02bc\u00b4`",
    '"': "\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb",
    "<": "\u2039",
    ">": "\u203a",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\u00af",
    " ": "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "\n": "\x0b\x85\u2028\u2029",
    "...": "\u2026",
    "*": "\u2022\u2023\u25e6\u2043\u2217",
    "x": "\u00d7",
    "": "\u00ad\u200b\u200c\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
}
_TWINS: Final = {character: twin for twin, characters in _SAME.items() for character in characters}
_NAMED: Final = {"\t": "tab", "\u00a0": "non-breaking space", "\u200b": "zero-width space", "\ufeff": "byte order mark"}


@dataclass(frozen=True, slots=True)
class Saving:
    """What replacing would bring. ``named``: the characters with a twin, each once, in the order of the text;
    ``parts`` and ``parts_after`` as the text is and as it would be."""

    named: tuple[str, ...]
    parts: int
    parts_after: int
    gsm_after: bool


def twin_of(character: str) -> str | None:
    """What may stand for ``character`` without changing what is said; an empty string for what nobody sees."""
    twin = _TWINS.get(character)
    if twin is None and ("\uff01" <= character <= "\uff5e" or "\ufb00" <= character <= "\ufb06"):
        return unicodedata.normalize("NFKC", character)  # full-width forms and ligatures
    return twin


def with_twins(text: str) -> str:
    """``text`` with every character that forces UCS-2 and has a harmless twin replaced by it."""
    twins = _twins_in(text)
    return text.translate(twins) if twins else text


def _twins_in(text: str) -> dict[int, str]:
    return {ord(each): twin for each in distinct_forcing(text) if (twin := twin_of(each)) is not None}


def saving(text: str, after: str = "") -> Saving | None:
    """What replacing would save on ``text`` with ``after`` (a footer) behind it; None where it would save nothing.

    Where letters need UCS-2 anyway, nothing is gained unless there is a part less.
    """
    twins = _twins_in(text)
    if not twins:
        return None
    now, then = measure(text + after), measure(text.translate(twins) + after)
    gsm = then.encoding == "gsm7"
    if not gsm and then.parts >= now.parts:
        return None
    return Saving(tuple(map(chr, twins)), now.parts, then.parts, gsm)


def shown(character: str) -> str:
    """A character for a sentence: itself where it can be seen, and its code: ``’ U+2019``, ``tab U+0009``."""
    code = f"U+{ord(character):04X}"
    if character in _NAMED:
        return f"{_NAMED[character]} {code}"
    visible = unicodedata.category(character)[0] in "LNPS"
    return f"{character} {code}" if visible else code


def shown_twin(character: str) -> str:
    """The twin for a sentence."""
    twin = twin_of(character) or ""
    return {"": "nothing", " ": "a space", "\n": "a line break"}.get(twin, twin)
