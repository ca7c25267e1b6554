"""Whether a text that was sent and a text that was read back can be the same message.

A gateway changes texts on the way (trap 12 of the protocol; the recordings ``pv.special_chars``, ``pv.newlines``,
``pv.emoji``, ``pv.admin_to_user_hebrew`` and ``y.pv_backslash`` with the rows that ``ds`` and ``ix`` gave for them):

- ``"`` becomes ``'``, on 1.4.7 with a backslash before it; backslashes vanish or double; newer versions drop backticks;
- entities are decoded; tags go, ``<script>`` with what it holds, a ``<b`` without end takes the rest with it;
- ``\\r\\n`` becomes ``\\n``; white space at the ends may go;
- a character outside the BMP becomes ``?`` or one ``?`` per byte;
- a long text is cut, by characters or by bytes, a torn character leaving a ``?`` (trap 11, ``pv.long``, ``y.ds_long``).

Folding removes on both sides what may differ on one. So two different texts can fold to the same: equality here is a
condition for a match, to be joined with number and time, never a proof by itself.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Final

SHORTEST_CUT: Final = (67, 134)
"""Characters, or bytes of UTF-8, below which no gateway cuts: one UCS-2 part of a concatenated message."""

_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BEGUN_ENTITY: Final = re.compile(r"&#?[A-Za-z0-9]{0,31}\Z")
_HIDDEN_ELEMENT: Final = re.compile(r"<(script|style)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_ELEMENT: Final = re.compile(r"<[A-Za-z/!?][^>]*(?:>|\Z)")
_STRIPPED: Final = re.compile(r"<(?=\S)[^>]*(?:>|\Z)")  # what PHP's strip_tags takes for a tag
_QUOTES: Final = str.maketrans({'"': "'", "\\": None, "`": None, "\x00": None})
_LOST: Final = re.compile("[?\ufffd\ud800-\udfff\U00010000-\U0010ffff]+")
_SPACE: Final = re.compile(r"\s+")


MOST_FOOTER: Final = 30
DIFFERENT, CUT, SAME = 0, 1, 2
_TORN: Final = 5  # a torn character or a begun entity at the end
_MOST_PARTS: Final = 10
_MOST_ADDED: Final = 300  # characters; whatever is longer is no imprint


def fold(text: str) -> str:
    """The form that a text and what a gateway made of it have in common. Folding twice changes nothing."""
    return _settled(text, _without_elements)


def could_be_same(sent: str, read: str) -> bool:
    """Whether ``read``, as a listing gave it, can be what became of ``sent``.

    True when both fold to the same, or when ``read`` folds to the beginning of ``sent`` and is at least as long as a
    gateway leaves a text that it cuts (``SHORTEST_CUT``, with or without a ``?`` for a torn character at its end).
    Servers differ in what they take for a tag, so the text is tried with its tags, as strip_tags leaves it, and folded.
    """
    return likeness(sent, read) > DIFFERENT


def likeness(sent: str, read: str) -> int:
    """As :func:`could_be_same`, and whether all of it is there: ``SAME``, ``CUT`` (its beginning) or ``DIFFERENT``."""
    if sent == read:
        return SAME
    shown = _settled(read, _as_it_is)
    folded = fold(sent)
    if not shown:
        return DIFFERENT if folded else SAME
    return max(
        _same_or_cut(_settled(sent, _as_it_is), shown, read),
        _same_or_cut(_settled(sent, _without_tags), shown, read),
        # A text that is all markup folds to nothing, and nothing equals every other nothing.
        _same_or_cut(folded, fold(read), read) if folded else DIFFERENT,
    )


def cut_fits(sent: str, read: str, most_bytes: int | None) -> bool:
    """Whether a gateway may have cut ``sent`` at the length of ``read``: at the end of a part, less its footer.

    ``most_bytes``: where this gateway was seen to cut (bytes of UTF-8), None while it was not.
    """
    size, characters = len(read.encode("utf-8", "replace")), len(read)
    # What goes on the way besides the cut (tags, backslashes, emoji) makes it shorter still.
    gone = max(0, len(sent.encode("utf-8", "replace")) - len(fold(sent).encode("utf-8", "replace")))
    if most_bytes is not None:
        return most_bytes - MOST_FOOTER - _TORN - gone <= size <= most_bytes + MOST_FOOTER + _TORN
    several = range(2, _MOST_PARTS + 1)
    limits = [160, *(153 * parts for parts in several), 153]
    if any(limit - MOST_FOOTER - _TORN - gone <= each <= limit for limit in limits for each in (size, characters)):
        return True
    wide = [70, 67, *(67 * parts for parts in several)]
    return any(limit - _TORN - gone <= characters <= limit for limit in wide)


def additions(sent: str, read: str) -> tuple[str, str] | None:
    """What a gateway has put before and after ``sent`` by itself (a heading, an account's footer, an imprint), folded;
    None where ``read`` does not hold the whole of it."""
    whole = fold(sent)
    before, found, after = fold(read).partition(whole)
    if not whole or not found or before[-1:].isalnum() or after[:1].isalnum():
        return None
    before, after = before.strip(), after.strip()
    return (before, after) if (before or after) and max(len(before), len(after)) <= _MOST_ADDED else None


def without_additions(read: str, before: str, after: str) -> str:
    """``read``, folded, less what its gateway adds to every text; as far as it is there."""
    return fold(read).removeprefix(before).removesuffix(after).strip()


def _same_or_cut(sent: str, read: str, shown: str) -> int:
    """Compare two folded texts; ``shown`` is the second unfolded: its length tells whether it can be cut."""
    if sent == read:
        return SAME
    characters, size = SHORTEST_CUT
    if len(shown) < characters and len(shown.encode("utf-8", "replace")) < size:
        return DIFFERENT
    stem = _BEGUN_ENTITY.sub("", read).rstrip("? ")
    is_cut = bool(read) and (sent.startswith(read) or (bool(stem) and sent.startswith(stem)))
    return CUT if is_cut else DIFFERENT


def _settled(text: str, change: Callable[[str], str]) -> str:
    # Until nothing moves: what is taken away can bring an entity or a tag together.
    while True:
        folded = _ENTITY.sub(lambda match: html.unescape(match.group()), text).translate(_QUOTES)
        folded = _SPACE.sub(" ", _LOST.sub("?", change(folded))).strip()
        if folded == text:
            return folded
        text = folded


def _as_it_is(text: str) -> str:
    return text


def _without_tags(text: str) -> str:
    return _STRIPPED.sub("", text)


def _without_elements(text: str) -> str:
    return _ELEMENT.sub("", _HIDDEN_ELEMENT.sub("", text))
