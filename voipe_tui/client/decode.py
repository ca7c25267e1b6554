"""From the bytes of an answer to the JSON object in it, or to nothing: tolerant of what PHP adds, never guessing.

Numbers with a fraction become ``Decimal`` at once, so that credit never passes through a binary float (trap 2).
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Generator
from decimal import Decimal
from typing import Any, TypeAlias

Reply: TypeAlias = dict[str, Any]

_LONGEST_INTEGER = 100
_ROWS = re.compile(r'"data"\s*:\s*\[\s*')
_BETWEEN = re.compile(r"\}\s*,\s*\{")
_PIECE_CHARACTERS = 32_768  # a millisecond
_MOST_MISSES = 200
_OBJECT = re.compile(r'\{\s*"')
_PHP_NOISE = re.compile(r"\b(?:notice|warning|deprecated|strict standards|error)\b\s*(?:</b>)?\s*:", re.I)
_HTML_PAGE = re.compile(r"<\s*(?:!doctype|html|head|body|script|title)\b", re.I)
_PLAIN_ERROR = re.compile(r"\s*ERR[ :]+(\d{1,4})\s*", re.I)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")


def read_reply(body: bytes, content_type: str = "") -> Reply | None:
    """The object that an answer holds, ``None`` when it holds none that is certain.

    Accepted beyond plain JSON: byte order marks, PHP diagnostics before or after one complete object, raw control
    characters in strings, other charsets than UTF-8, and the bare ``ERR 100`` of old servers. Half a surrogate pair
    becomes U+FFFD. An object within an HTML page is a page's, not the gateway's.
    """
    text = _text_of(body, content_type).strip("\ufeff \t\r\n\0")
    if not text:
        return None
    if match := _PLAIN_ERROR.fullmatch(text):
        return {"status": "ERR", "error": match[1]}
    value = _whole(text) if text[0] == "{" else None
    if value is None:
        value = _among_noise(text)
    if not isinstance(value, dict):
        return None
    if _is_torn(text):
        value = _mended(value)
    return value


def read_in_pieces(body: bytes, content_type: str = "") -> Generator[None, None, Reply | None]:
    """What :func:`read_reply` answers, yielding now and then: a list may have a hundred thousand rows.

    Only the usual form is read so, an object with its rows in one list; whatever is different is read as a whole.
    """
    text = _text_of(body, content_type).strip("\ufeff \t\r\n\0")
    # A quote within a text is escaped, so this is no part of one.
    found = _ROWS.search(text) if text[:1] == "{" else None
    if found is None:
        return read_reply(body, content_type)
    rows: list[Any] = []
    begin, misses = found.end(), 0
    at = begin + _PIECE_CHARACTERS
    try:
        while between := _BETWEEN.search(text, at):
            piece = text[begin : between.start() + 1]
            at = between.end() - 1
            try:
                some = _QUICK.decode(f"[{piece}]")
            except ValueError:  # it was within a text or deeper down
                misses += 1
                if misses > _MOST_MISSES:
                    raise
                continue
            if _is_torn(piece):
                return read_reply(body, content_type)
            rows += some
            begin, at = at, at + _PIECE_CHARACTERS
            yield
        rest = f"[{text[begin:]}"
        last, end = _QUICK.raw_decode(rest)
        reply = _QUICK.decode(f"{text[: found.end()]}]{rest[end:]}")
    except (ValueError, RecursionError, ArithmeticError):
        return read_reply(body, content_type)
    if reply.get("data") != [] or '"data"' in rest[end:] or _is_torn(text[: found.end()]) or _is_torn(rest):
        return read_reply(body, content_type)
    return {**reply, "data": rows + last}


def _is_torn(text: str) -> bool:
    """Whether there is half a surrogate pair in it."""
    return bool(_SURROGATE.search(text) and _SURROGATE.search(_SURROGATE_PAIR.sub("", text)))


def _text_of(body: bytes, content_type: str) -> str:
    encoding = json.detect_encoding(body)
    if encoding.startswith(("utf-16", "utf-32")):
        return body.decode(encoding, "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = _charset(content_type)
    return body.decode(declared or "utf-8-sig", "replace")


def _charset(content_type: str) -> str | None:
    """The declared character set, if it is one that web servers use (Python's codecs hold stranger things)."""
    match = re.search(r"charset\s*=\s*\"?([\w.:-]+)", content_type, re.I)
    if match is None:
        return None
    try:
        name = codecs.lookup(match[1]).name
    except (LookupError, ValueError):
        return None
    return name if re.fullmatch(r"(?:iso8859|cp\d|koi8|utf-16|utf-32|latin|mac|hebrew)[\w-]*", name) else None


def _integer(digits: str) -> int | str:
    # Python refuses to read thousands of digits, and nothing here needs them; what reads the field decides.
    return int(digits) if len(digits) <= _LONGEST_INTEGER else digits


def _constant(_name: str) -> None:
    return None  # NaN and Infinity: PHP writes neither, and nothing here could use them


_QUICK = json.JSONDecoder(parse_float=Decimal, parse_constant=_constant, strict=False)
_DECODER = json.JSONDecoder(parse_float=Decimal, parse_int=_integer, parse_constant=_constant, strict=False)


def _whole(text: str) -> Any:
    for decoder in (_QUICK, _DECODER):  # a call of ours for each number takes a quarter of the time
        try:
            return decoder.decode(text)
        except (ValueError, RecursionError, ArithmeticError):
            continue
    return None


def _among_noise(text: str) -> Any:
    """The one complete object of an answer into which PHP has written its diagnostics.

    Only the leftmost ``{"`` is tried: an object further right could be a part of a broken one, and a part of a ``pv``
    answer reads like an answer of its own.
    """
    start = _OBJECT.search(text)
    if start is None:
        return None
    try:
        value, end = _DECODER.raw_decode(text, start.start())
    except (ValueError, RecursionError, ArithmeticError):
        return None
    noise = (text[: start.start()], text[end:])
    for part in noise:
        if part.strip() and (not _PHP_NOISE.search(part) or _HTML_PAGE.search(part) or _OBJECT.search(part)):
            return None
    return value


def _mended(value: Any) -> Any:
    """Without lone surrogates. The depth is what the JSON reader could take."""
    if isinstance(value, str):
        if value.isascii():
            return value
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_mended(one) for one in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(one) for key, one in value.items()}
    return value
