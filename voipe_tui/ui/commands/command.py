"""What a command is, and how its keys are written."""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """One thing to do.

    ``keys`` are Textual key names, the first is the one that is shown. ``context`` is where they work: ``main`` (any
    view), ``list``, ``reader``, ``compose``, ``account``, ``setup``. ``footer`` is the word in the key bar, empty for
    commands that are not shown there; a smaller ``rank`` stands further left. ``action`` is the method ``action_…``
    that does it.
    """

    id: str
    title: str
    help: str
    keys: tuple[str, ...]
    context: str
    action: str
    footer: str = ""
    rank: int = 50
    palette: bool = True


SHOWN = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "asterisk": "*",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "backspace": "Backspace",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "tab": "Tab",
    "shift+tab": "shift+Tab",
    "home": "Home",
    "end": "End",
}


def show_key(key: str) -> str:
    """The key as people write it: ``question_mark`` -> ``?``, ``ctrl+s`` -> ``ctrl+s``, ``f5`` -> ``F5``."""
    if key in SHOWN:
        return SHOWN[key]
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return key if len(key) == 1 or "+" in key else _character(key)


def name_key(key: str) -> str:
    """What Textual calls a key that is written as its character: ``.`` -> ``full_stop``, ``?`` -> ``question_mark``."""
    if len(key) != 1 or key.isalnum():
        return key
    import unicodedata

    name = unicodedata.name(key, key).lower().replace("-", "_").replace(" ", "_")
    return _OTHER_NAMES.get(name, name)


_OTHER_NAMES = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Textual's names (``textual.keys``) where they are not Unicode's."""


def _character(name: str) -> str:
    import unicodedata

    unicode_name = next((unicode for unicode, other in _OTHER_NAMES.items() if other == name), name)
    try:
        return unicodedata.lookup(unicode_name.replace("hyphen_minus", "hyphen-minus").replace("_", " "))
    except KeyError:
        return name
