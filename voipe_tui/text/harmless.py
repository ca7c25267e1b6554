"""Characters that make a message expensive and mean nothing by it: curly quotes, dashes, odd spaces.

One character outside the GSM alphabet turns the whole text into UCS-2, and 160 characters a part into 70. Many of them
came along with a paste from a word processor and have a twin in the GSM alphabet that reads the same. Letters have
none: another letter is another word. Geresh and gershayim (׳ ״) are Hebrew and have none either.

Where another character needs UCS-2 anyway, a twin is used as long as it costs nothing: none that is longer (``...``),
and none that would change in which order right-to-left text is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from voipe_tui.text.bidi import has_right_to_left
from voipe_tui.text.parts import distinct_forcing, encoding_of, measure

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
_ORDER: Final = frozenset("\u00d7\u200c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Right-to-left text reads differently without these: marks of direction, joiners, and × for a Latin letter."""
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


def with_twins(text: str, after: str = "") -> str:
    """``text`` with every character that forces UCS-2 and has a harmless twin replaced by it; ``after`` is a footer."""
    return replacing(text, after)(text)


def replacing(text: str, after: str = "") -> Callable[[str], str]:
    """What :func:`with_twins` does to ``text``, for any piece of it: a cursor moves by what happens before it."""
    twins = {each: twin for each in distinct_forcing(text) if (twin := twin_of(each)) is not None}
    if not twins:
        return str
    table = str.maketrans(twins)
    if encoding_of(text.translate(table) + after) == "gsm7":
        return lambda piece: piece.translate(table)
    twins = {each: twin for each, twin in twins.items() if len(twin) <= 1}
    if not has_right_to_left(text):
        table = str.maketrans(twins)
        return lambda piece: piece.translate(table)
    return _in_order({each: twin for each, twin in twins.items() if each not in _ORDER})


def _in_order(twins: dict[str, str]) -> Callable[[str], str]:
    """The order in which numbers stand depends on what is between two digits: there, a twin must be of the same kind
    to the bidirectional algorithm (UAX 9, W4), or ``03⍽612`` with a plain space would be read from its end."""
    same = {each: twin for each, twin in twins.items() if not twin or _direction(each) == _direction(twin)}
    table = str.maketrans(same)
    others = re.escape("".join(twins.keys() - same.keys()))
    if not others:
        return lambda piece: piece.translate(table)
    apart = re.compile(rf"(?<!\d)[{others}]|[{others}](?!\d)")
    return lambda piece: apart.sub(lambda match: twins[match.group()], piece.translate(table))


def _direction(character: str) -> str:
    return unicodedata.bidirectional(character)


def saving(text: str, after: str = "") -> Saving | None:
    """What replacing would save on ``text`` with ``after`` (a footer) behind it; None where it would save nothing.

    Where letters need UCS-2 anyway, nothing is gained unless there is a part less.
    """
    plain = with_twins(text, after)
    if plain == text:
        return None
    now, then = measure(text + after), measure(plain + after)
    gsm = then.encoding == "gsm7"
    if not gsm and then.parts >= now.parts:
        return None
    return Saving(replaced(text, plain), now.parts, then.parts, gsm)


def replaced(text: str, plain: str) -> tuple[str, ...]:
    """The characters that twins stand for in ``plain``, each once, in the order of ``text``."""
    return tuple(each for each in distinct_forcing(text) if text.count(each) != plain.count(each))


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
