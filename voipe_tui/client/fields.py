"""Single fields of a reply, read both ways: numbers as numbers or strings, texts as they come (trap 2)."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from voipe_tui.client.decode import Reply

LARGEST = 2**63 - 1
"""IDs have to fit a database's integer; a larger one is damage."""

_INTEGER = re.compile(r"\s*[+-]?\d{1,19}\s*")
_MONEY_DIGITS = 30


class ShapeError(Exception):
    """A reply, a row or a field is not what the operation answers. The text is a part of a sentence, without data."""


def string(value: Any) -> str:
    """A text field; ``null`` and a missing one are empty, a number is its digits. Raises ``ShapeError`` for a list."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise ShapeError("a text is a list or an object")


def shown(value: Any) -> str:
    """A text field of a row that must not be lost for it: an empty list or object (what fronts make of an empty
    element) is empty, anything else that is no text is shown as it was written."""
    try:
        return string(value)
    except ShapeError:
        return json.dumps(value, ensure_ascii=False, default=str) if value or value is False else ""


def integer(value: Any) -> int | None:
    """A whole number that fits 64 bits, ``None`` for everything else (``null``, ``""``, ``"abc"``, 1e400)."""
    if isinstance(value, str):
        plain = value.isdecimal() and len(value) < 19  # nearly always; the rest may have a sign or spaces
        value = int(value) if plain or _INTEGER.fullmatch(value) else None
    elif isinstance(value, bool):
        value = None
    elif isinstance(value, Decimal):
        small = value.is_finite() and abs(value.adjusted()) < 20
        value = int(value) if small and value == int(value) else None
    return value if isinstance(value, int) and abs(value) <= LARGEST else None


def required_integer(row: Reply, name: str) -> int:
    """Raises ``ShapeError`` where ``integer`` finds none."""
    number = integer(row.get(name))
    if number is None:
        raise ShapeError(f"no usable {name}")
    return number


def money(value: Any) -> Decimal | None:
    """Decimal money, ``None`` where there is none. Never by way of a float; absurd exponents count as none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = Decimal(value.strip())
        except InvalidOperation:
            return None
    elif isinstance(value, int):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite() or abs(value.adjusted()) > _MONEY_DIGITS:
        return None
    return value


def status_of(reply: Reply) -> str:
    """``OK``, ``ERR`` or whatever else stands there; ``""`` for none."""
    status = reply.get("status")
    return status.strip().upper() if isinstance(status, str) else ""


def code_of(reply: Reply) -> int | None:
    """The return code, ``None`` for none and for the 0 of success."""
    return integer(reply.get("error")) or None
