"""The value of one term of a filter: what it means, or what is wrong with it at its place."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final, NamedTuple, cast

from voipe_tui.errors import InputError
from voipe_tui.text.filter_tree import (
    Batch,
    Between,
    Flag,
    Has,
    Label,
    Node,
    Operator,
    Parts,
    Sender,
    Side,
    Status,
    Text,
    Who,
    any_of,
)
from voipe_tui.text.filter_words import DAYS, FIELDS, IS_STATUSES, nearest
from voipe_tui.text.labels import label_key
from voipe_tui.text.moments import HEBREW_WORDS, parse_moment
from voipe_tui.text.numbers import e164
from voipe_tui.text.search_fold import digits_of, fold_for_search
from voipe_tui.text.untrusted import safe_line

WHO: Final = ("from", "to", "with")
"""The fields whose value is a name or a number."""
FEWEST_DIGITS: Final = 3
"""Fewer digits than this are a word, not a part of a number."""

_PARTS: Final = re.compile(r"(<=|>=|<|>|=)?(\d{1,3})")
_NUMBERISH: Final = re.compile(r"[+(\d][\d().\-\s]*")
_UNFINISHED_MOMENT: Final = re.compile(r"[\d:.\-\s]*|\d+\s*[a-z]*(\s+a(go?)?)?|[a-z]+\s+[\d:]*\s*[ap]?", re.IGNORECASE)


class FilterError(InputError):
    """What is wrong with a filter, and where: ``start`` and ``end`` are places in what was typed."""

    title = "That filter cannot be read"

    def __init__(self, message: str, start: int, end: int, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.start = start
        self.end = end


class Token(NamedTuple):
    """A piece of what was typed. ``open`` marks one that is still being typed: it narrows to what it could become."""

    text: str
    start: int
    end: int
    quoted: bool = False
    open: bool = False


class Context(NamedTuple):
    """``now`` is aware; its zone is the zone of the days. ``region`` is that of numbers without a country code."""

    now: datetime
    region: str = "IL"


def free_text(token: Token, context: Context) -> Node | None:
    """A word or a phrase outside any field; None where there is nothing to look for in it."""
    folded = fold_for_search(token.text)
    words = tuple("".join(ch if ch.isalnum() else " " for ch in folded).split())
    digits = digits_of(token.text) if is_numberish(token.text) else ""
    if not words:
        return None
    phrase = token.quoted and not token.open
    if len(digits) < FEWEST_DIGITS:
        return Text(token.text, words, phrase)
    return Text(token.text, words, phrase, digits, e164(token.text, context.region))


def is_numberish(text: str) -> bool:
    return _NUMBERISH.fullmatch(text.strip()) is not None


def term(field: str, value: Token, context: Context) -> Node | None:
    """What ``field:value`` asks for; None where what was typed so far asks for nothing yet. Raises FilterError."""
    if not value.text.strip():
        if value.open:
            return None
        raise FilterError(f"“{field}:” needs a value.", value.start - len(field) - 1, value.end, hint=_hint(field))
    if field in WHO:
        return _who(cast("Side", field), value, context)
    if field in ("status", "is", "has"):
        return _listed(field, value)
    if field in ("since", "until", "on"):
        return _moment(field, value, context)
    if field == "parts":
        return _parts(value)
    text = " ".join(value.text.split())
    whole = not value.open
    if field == "label":
        return Label(label_key(text), whole)
    return Batch(text, whole) if field == "batch" else Sender(text.casefold(), whole)


def _who(side: Side, value: Token, context: Context) -> Node:
    name = fold_for_search(value.text)
    digits = digits_of(value.text) if is_numberish(value.text) else ""
    key = e164(value.text, context.region) if digits else None
    return Who(side, name, digits, key)


def _listed(field: str, value: Token) -> Node:
    word = FIELDS[field]
    values = word.values or {}
    found: list[Node] = []
    for start, name in _listing(value):
        typed = name.casefold()
        meant = [typed] if typed in values else [v for v in values if value.open and v.startswith(typed)]
        if not meant:
            near = nearest(typed, values)
            did = f"; did you mean “{near}”?" if near else "."
            raise FilterError(
                f"“{safe_line(name)}” is no {word.kind}{did}",
                start,
                start + len(name),
                hint=f"There are: {', '.join(values)}.",
            )
        found += [_value(field, each) for each in meant]
    return any_of(found)


def _listing(value: Token) -> list[tuple[int, str]]:
    """``failed,refused``: any of them, each with its place."""
    found, place = [], value.start + int(value.quoted)
    for piece in value.text.split(","):
        if piece.strip():
            found.append((place + len(piece) - len(piece.lstrip()), piece.strip()))
        place += len(piece) + 1
    return found or [(value.start, value.text)]


def _value(field: str, name: str) -> Node:
    if field == "status":
        return Status(frozenset({name}))
    if field == "has":
        return Has(name)
    return Status(IS_STATUSES[name]) if name in IS_STATUSES else Flag(name)


def _moment(field: str, value: Token, context: Context) -> Node | None:
    text = value.text.strip()
    if value.open and not value.quoted:
        days = [day for day in DAYS if day.isalpha() and day.startswith(text.casefold())]
        text = days[0] if len(days) == 1 or text.casefold() in ("t", "to", "tod") else text
    try:
        moment = parse_moment(text, context.now, lean="past")
    except InputError as error:
        begun = (*DAYS, *HEBREW_WORDS)
        if value.open and (_UNFINISHED_MOMENT.fullmatch(text) or any(d.startswith(text.casefold()) for d in begun)):
            return None
        hint = "Type today, yesterday, monday, 2026-11-01, 3d, or in quotes “3 d ago”, “yesterday 9:00”."
        raise FilterError(error.message, value.start, value.end, hint=hint) from None
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    after = (day + timedelta(days=1)).replace(tzinfo=context.now.tzinfo)
    if field == "on":
        return Between(day.timestamp(), after.timestamp())
    if field == "since":
        return Between(since=moment.timestamp())
    return Between(until=after.timestamp() if _is_day(text, moment) else moment.timestamp())


def _is_day(text: str, moment: datetime) -> bool:
    """A day without a time, which counts whole."""
    return moment.timetz().replace(tzinfo=None).isoformat() == "00:00:00" and ":" not in text and "m" not in text[-2:]


def _parts(value: Token) -> Node | None:
    found = _PARTS.fullmatch(value.text.replace(" ", ""))
    if found is None:
        if value.open and value.text.strip() in ("<", ">", "<=", ">=", "="):
            return None
        raise FilterError(
            f"“{safe_line(value.text)}” is no number of parts.", value.start, value.end, hint=_hint("parts")
        )
    return Parts(cast("Operator", found[1] or "="), int(found[2]))


def _hint(field: str) -> str:
    word = FIELDS[field]
    return f"There are: {', '.join(word.values)}." if word.values else f"“{field}:” {word.meaning}."
