"""Sender IDs: what may stand in ``from`` and what a gateway or a carrier will do with it.

The provider asks for at most 8 Latin symbols and uses 9 in its own example, so a longer one is a warning with the
profile's limit; GSM carries 11 characters (3GPP TS 23.040, 9.1.2.5). A gateway replaces an unknown sender ID without a
word (trap 10 of the protocol): only ``ds`` tells which one was used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 11
"""Characters of an alphanumeric sender ID on the air."""

_FORBIDDEN: Final = re.compile(r"[^A-Za-z0-9 +\-_]")


@dataclass(frozen=True, slots=True)
class SenderCheck:
    """``errors``: it cannot be sent like this; ``warnings``: it can, but read this first. Sentences, both."""

    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def check_sender(sender: str, sender_max: int = 8) -> SenderCheck:
    """Check one sender ID; empty means the account's own and is always right. ``sender_max`` is the profile's limit."""
    if not sender:
        return SenderCheck()
    errors: list[str] = []
    warnings: list[str] = []
    if forbidden := _FORBIDDEN.findall(sender):
        listed = " ".join(_named(character) for character in dict.fromkeys(forbidden))
        errors.append(f"A sender ID is Latin letters, digits, space, + - and _ only; it has {listed}.")
    elif not any(character.isalnum() for character in sender):
        errors.append("A sender ID needs a letter or a digit.")
    if len(sender) > LONGEST:
        errors.append(f"A sender ID has at most {LONGEST} characters; this one has {len(sender)}.")
    elif len(sender) > sender_max:
        warnings.append(f"The provider documents at most {sender_max} characters; this one has {len(sender)}.")
    if sender != sender.strip():
        warnings.append("Spaces at its ends will be lost.")
    if not errors and any(character.isalpha() for character in sender):
        warnings.append("Nobody can reply to a sender ID with letters.")
    return SenderCheck(tuple(errors), tuple(warnings))


def _named(character: str) -> str:
    return character if character.isprintable() and not character.isspace() else f"U+{ord(character):04X}"
