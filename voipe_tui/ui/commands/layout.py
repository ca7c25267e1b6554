"""The keys of a Hebrew keyboard: the same physical keys do the same without switching the layout."""

from __future__ import annotations

from collections.abc import Iterable

HEBREW = {
    **dict(zip("ertyuiopasdfghjklzxcvbnm", "קראטוןםפשדגכעיחלךזסבהנמצ", strict=True)),
    "q": "slash",
    "w": "apostrophe",
    "comma": "ת",
    "full_stop": "ץ",
    "semicolon": "ף",
    "slash": "full_stop",
    "apostrophe": "comma",
}
"""What the same keys give under the standard Israeli layout (SI 1452). With shift it gives Latin capitals and the same
``?``, ``:`` and ``*``; the brackets are each other, and cannot be told apart."""


def with_hebrew(keys: Iterable[str], taken: frozenset[str] = frozenset()) -> list[str]:
    """The keys, and what they give under the Hebrew layout where that is not a key of its own (``taken``)."""
    keys = list(keys)
    return keys + [HEBREW[key] for key in keys if key in HEBREW and HEBREW[key] not in taken]


def typed(keys: str) -> str:
    """The same for the keys of a dialog, comma separated as a binding has them: ``j,down`` -> ``j,down,ח``."""
    return ",".join(with_hebrew(keys.split(",")))
