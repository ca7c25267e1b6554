"""What a playSMS gateway will do to a text, said before it is sent (traps 11 and 12 of the protocol).

The recordings ``pv.special_chars``, ``pv.emoji``, ``pv.long`` and ``y.pv_backslash`` show it; versions differ, so most
of it is a "may".
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Final

_BEYOND: Final = re.compile("[\U00010000-\U0010ffff]")
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAG: Final = re.compile(r"<(?=\S)[^>]*(?:>|\Z)")
_SUSPECT: Final = re.compile('[\\\\"`<&\U00010000-\U0010ffff]')
_USUAL_PARTS: Final = 3
_LONGEST_SHOWN: Final = 24


@dataclass(frozen=True, slots=True)
class Change:
    """``serious``: words or pictures get lost; else the text only looks a little different."""

    said: str
    serious: bool


def changes(text: str) -> list[Change]:
    """What the gateway may do to the characters of ``text``; empty for most texts, and found quickly to be so."""
    if not _SUSPECT.search(text):
        return []
    found: list[Change] = []
    if beyond := list(dict.fromkeys(_BEYOND.findall(text))):
        shown = " ".join(beyond[:5]) + (" …" if len(beyond) > 5 else "")
        found.append(Change(f"{shown} will arrive as ?: gateways keep no emoji.", True))
    if tag := _TAG.search(text):
        found.append(Change(f"“{_short(tag.group())}” may be taken out: the gateway takes it for a tag.", True))
    entities = [e for e in _ENTITY.findall(text) if html.unescape(e) != e]
    if entities:
        found.append(Change(f"“{_short(entities[0])}” will arrive as “{html.unescape(entities[0])}”.", False))
    if "\\" in text:
        found.append(Change("A backslash may vanish or double.", False))
    if '"' in text:
        found.append(Change("\" may arrive as '.", False))
    if "`" in text:
        found.append(Change("A backtick may vanish.", False))
    return found


def cut(text: str, parts: int, most_bytes: int | None) -> str | None:
    """The sentence about a text that is too long, or None. ``most_bytes`` is where this gateway was seen to cut (bytes
    of UTF-8: it cuts Hebrew at half the letters), None while that is not known."""
    if most_bytes is not None:
        kept = len(text.encode("utf-8", "replace")[:most_bytes].decode("utf-8", "ignore"))
        if kept < len(text):
            return (
                f"This gateway cut at {most_bytes} bytes before: the last {len(text) - kept} characters would be lost."
            )
        return None
    if parts > _USUAL_PARTS:
        return f"{parts} parts: most gateways cut what is longer than {_USUAL_PARTS} without a word."
    return None


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
