"""The PHP side of an answer: how playSMS turns its arrays into JSON, XML and serialised text, and strings into numbers.

The forms are those of the recordings: ``json_encode`` without flags (``\\/`` and ``\\uXXXX``), ``SimpleXMLElement``
with numeric references for all but ASCII (``ds.xml``), ``serialize`` with lengths in bytes (``ds.serialize``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

Value: TypeAlias = "int | Decimal | str | Sequence[Value] | Mapping[str, Value] | None"
"""What a PHP array of an answer may hold. Money is a Decimal and leaves as a JSON number."""

_LEADING_INTEGER = re.compile(r"\s*([+-]?\d{1,18})")
_LEADING_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+))")
_XML_SPECIAL = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_XML_ESCAPED = re.compile(r"[&<>]|[^\x20-\x7e\t\n]")


def leading_integer(text: str) -> int:
    """PHP's and MySQL's reading of a string as an integer: what it begins with, else 0 (trap 20: "1,3" is 1)."""
    found = _LEADING_INTEGER.match(text)
    return int(found.group(1)) if found else 0


def leading_decimal(text: str) -> Decimal:
    """PHP's ``(float)`` of a string, kept as decimal money: what it begins with, else 0 (``creditadd.bad_amount``)."""
    found = _LEADING_NUMBER.match(text)
    return Decimal(found.group(1)) if found else Decimal(0)


def as_text(value: object) -> str | None:
    """A value of a JSON request body as PHP turns it into a string; None where there is no such parameter."""
    if value is None or isinstance(value, (dict, list)):
        return None
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def to_json(value: Value) -> str:
    """``json_encode($value)``: compact, ASCII, with escaped slashes."""
    return json.dumps(value, separators=(",", ":"), default=_number).replace("/", "\\/")


def _number(value: object) -> int | float:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"no PHP value: {type(value).__name__}")


def to_xml(value: Mapping[str, Value], *, final_newline: bool, ampersand_empties: bool) -> str:
    """The answer as ``<response>``: 1.4.3 and 1.4.7 end it with a newline; in 1.4.8 an ``&`` empties its element."""
    parts = ['<?xml version="1.0"?>\n']
    _xml_element(parts, "response", value, ampersand_empties)
    if final_newline:
        parts.append("\n")
    return "".join(parts)


def _xml_element(parts: list[str], name: str, value: Value, ampersand_empties: bool) -> None:
    if isinstance(value, Mapping):
        inner: list[str] = []
        for key, item in value.items():
            _xml_element(inner, key, item, ampersand_empties)
        parts += [f"<{name}>", *inner, f"</{name}>"]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        inner = []
        for item in value:
            _xml_element(inner, "item", item, ampersand_empties)
        parts += [f"<{name}>", *inner, f"</{name}>"]
    else:
        text = "" if value is None else str(_number(value)) if isinstance(value, Decimal) else str(value)
        if ampersand_empties and "&" in text:
            text = ""
        parts.append(f"<{name}>{_XML_ESCAPED.sub(_xml_reference, text)}</{name}>" if text else f"<{name}/>")


def _xml_reference(found: re.Match[str]) -> str:
    character = found.group()
    return _XML_SPECIAL.get(character) or f"&#x{ord(character):X};"


def serialize(value: Value) -> str:
    """``serialize($value)``: lengths count bytes of UTF-8."""
    if value is None:
        return "N;"
    if isinstance(value, Decimal):
        number = _number(value)
        return f"i:{number};" if isinstance(number, int) else f"d:{number!r};"
    if isinstance(value, int):
        return f"i:{value};"
    if isinstance(value, str):
        return f's:{len(value.encode("utf-8", "surrogatepass"))}:"{value}";'
    if isinstance(value, Mapping):
        items = "".join(serialize(key) + serialize(item) for key, item in value.items())
    else:
        items = "".join(f"i:{index};" + serialize(item) for index, item in enumerate(value))
    return f"a:{len(value)}:{{{items}}}"
