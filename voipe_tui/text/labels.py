"""Labels that a person sticks on messages: what one may look like, and when two are the same."""

from __future__ import annotations

import unicodedata
from typing import Final

from voipe_tui.errors import InputError
from voipe_tui.text.untrusted import safe_line

LONGEST: Final = 40
_FORBIDDEN: Final = '|"'


def clean_label(typed: str) -> str:
    """``typed`` as a label: trimmed, in one line, case kept. Raises InputError where it cannot be one."""
    label = " ".join(unicodedata.normalize("NFC", safe_line(typed)).split())
    if not label:
        raise InputError("A label needs a name.", hint="Type a word, for example “vip” or “to call”.")
    for sign in _FORBIDDEN:
        if sign in label:
            raise InputError(f"A label cannot have “{sign}” in it.", hint="Letters, digits, spaces and dashes do.")
    if len(label) > LONGEST:
        raise InputError(f"That label is too long: {len(label)} characters.", hint=f"At most {LONGEST} fit.")
    return label


def label_key(label: str) -> str:
    """Equal for labels that a person takes for the same one."""
    return unicodedata.normalize("NFKC", label).casefold()
