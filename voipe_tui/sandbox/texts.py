"""What a gateway makes of a text on its way: tags, quotes, backslashes, emoji, the cut (traps 11 and 12).

Seen in ``ds.all``, ``ds.special_chars``, ``y.ds_long`` (1.4.3) and ``ix.some`` (1.4.7, 1.4.8). Also how playSMS counts
the parts that it bills, which is not how a phone network counts them.
"""

from __future__ import annotations

import html
import re
from typing import Literal

Version = Literal["1.4.3", "1.4.7", "1.4.8"]

ACCOUNT_CHARACTERS = 459
"""An account's limit for one text, footer and the space before it included: 3 parts of 153 (``pv.long``)."""

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)\b[^>]*(?:>|\Z)|<[!?/][^>]*(?:>|\Z)")
_DROPPED_WHOLE = re.compile(r"<(script|style)\b[^>]*(?:>|\Z).*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_LISTS_AND_BLOCKS = ("blockquote", "br", "div", "h1", "h2", "h3", "h4", "h5", "hr", "li", "ol", "p", "pre", "ul")
_KEPT_TAGS = frozenset({"a", "b", "em", "font", "img", "span", "strike", "strong", "u", *_LISTS_AND_BLOCKS})
_WITHOUT_END = frozenset({"br", "img", "hr"})
_BACKSLASH = re.compile(r"\\(.?)", re.DOTALL)
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")


def stored_text(text: str, version: Version) -> str:
    """The text as the gateway keeps it, before it is cut.

    1.4.3 keeps backslashes and harmless tags and drops scripts; 1.4.7 doubles backslashes and puts one before a quote;
    1.4.8 takes a level of backslashes and every tag away. All decode entities, turn CRLF into LF, and lose what is not
    in the BMP.
    """
    text = text.replace("\r\n", "\n")
    if version == "1.4.3":
        text = _decode(_purify(text, _KEPT_TAGS))
    elif version == "1.4.7":
        text = re.sub(r"(['\"\\])", r"\\\1", _decode(_purify(text, _KEPT_TAGS)))
    else:
        text = _BACKSLASH.sub(r"\1", text).replace("`", "")
        text = _decode(_purify(_decode(text), frozenset()))
    return _BEYOND_BMP.sub("????" if version == "1.4.3" else "?", text)


def shown_text(stored: str) -> str:
    """The text as every listing gives it back: with ``'`` for each ``"``."""
    return stored.replace('"', "'")


def cut_text(text: str, limit: int) -> str:
    """The text within an account's limit: measured in characters, but cut in bytes, a halved character becoming ``?``.

    So 300 Hebrew characters stay whole and 500 become 226 (``pv.long_hebrew``, ``y.pv_long_hebrew_500``, ``_501``).
    """
    if len(text) <= limit:
        return text
    return text.encode("utf-8", "replace")[:limit].decode("utf-8", "replace").replace("�", "?")


def billed_parts(text: str, footer: str, *, unicode: bool) -> int:
    """The parts that playSMS charges: bytes of UTF-8 in 160/153, or with ``unicode=1`` code points in 70/67."""
    whole = f"{text} {footer}" if footer else text
    length = len(whole) if unicode else len(whole.encode("utf-8", "replace"))
    single, several = (70, 67) if unicode else (160, 153)
    return 1 if length <= single else -(-length // several)


def _decode(text: str) -> str:
    return html.unescape(text) if "&" in text else text


def _purify(text: str, kept: frozenset[str]) -> str:
    """What an HTML purifier leaves: scripts gone whole, unknown tags gone, kept ones bare and closed at the end."""
    if "<" not in text:
        return text
    open_tags: list[str] = []

    def judge(found: re.Match[str]) -> str:
        name = (found.group(2) or "").lower()
        if name not in kept:
            return ""
        if name in _WITHOUT_END:
            return f"<{name}>"
        if not found.group(1):
            open_tags.append(name)
            return f"<{name}>"
        if name not in open_tags:
            return ""
        closed = ""
        while (last := open_tags.pop()) != name:
            closed += f"</{last}>"
        return f"{closed}</{name}>"

    clean = _TAG.sub(judge, _DROPPED_WHOLE.sub("", text))
    return clean + "".join(f"</{name}>" for name in reversed(open_tags))
