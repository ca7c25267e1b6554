"""What each key of a profile may hold, and what they must not be together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from voipe_tui.config.schema import (
    Reader,
    Unfit,
    integer,
    line_of_text,
    needed_text,
    number,
    one_of,
    text,
    texts,
    truth,
)
from voipe_tui.config.toml_source import nearest

TOKEN_SOURCES: Final = ("token", "token_env", "token_command", "token_keyring")
REQUIRED: Final = ("url", "username")

_SECRET_FIELDS: Final = frozenset({"h", "p", "u", "user", "token", "password"})
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LOOPBACK: Final = re.compile(r"(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|::1")
_HOURS: Final = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)\s*-\s*((?:[01]\d|2[0-3]):[0-5]\d)")
_DAYS: Final = re.compile(r"\d{1,5} days?")


def is_loopback(url: str) -> bool:
    """Whether ``url`` leads to this machine, where plain http is harmless."""
    return _LOOPBACK.fullmatch(urlsplit(url).hostname or "") is not None


def check_together(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Key and sentence for every combination that cannot be."""
    url = values.get("url", "")
    if url.lower().startswith("http://") and not is_loopback(url) and not values.get("allow_plain_http"):
        yield (
            "url",
            "“url” would send token and messages unencrypted; use https, or set allow_plain_http = true if you must.",
        )
    sources = [key for key in TOKEN_SOURCES if values.get(key)]
    if len(sources) > 1:
        yield sources[-1], f"only one of {', '.join(sources)} can be the source of the token."


def _url(value: Any) -> str:
    """An address without secrets. Its own text is in no error: it may hold a password."""
    address = needed_text(value).strip()
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Unfit("must be an address like https://sms.example.com/playsms/api.php.") from None
    if parts.scheme not in ("http", "https") or not host or " " in address:
        raise Unfit("must be an address that begins with https:// (or http:// on this machine).")
    if parts.username is not None or parts.password is not None:
        raise Unfit("must not hold a user name or password; they have keys of their own.")
    if any(name.lower() in _SECRET_FIELDS for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        raise Unfit("must not hold user name, token or password after the “?”; they have keys of their own.")
    if parts.fragment:
        raise Unfit("must not hold a “#”.")
    return address


def _variable(value: Any) -> str:
    name = line_of_text(value)
    if name and not _VARIABLE.fullmatch(name):
        raise Unfit("must be the name of an environment variable.")
    return name


def _token(value: Any) -> str:
    token = text(value)
    if any(character.isspace() or not character.isprintable() for character in token):
        raise Unfit("must not hold spaces or line breaks.")
    return token


def _zone(value: Any) -> str:
    name = line_of_text(value)
    if not name:
        return name
    from zoneinfo import ZoneInfo, available_timezones

    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown (a KeyError), the name of a folder, a path
        guess = nearest(name, available_timezones())
        raise Unfit(
            "must be a time zone like Asia/Jerusalem" + (f"; did you mean “{guess}”?" if guess else ".")
        ) from None
    return name


def _region(value: Any) -> str:
    code = line_of_text(value).upper()
    if not re.fullmatch("[A-Z]{2}", code):
        raise Unfit("must be a country of two letters, like IL.")
    return code


def _command(value: Any) -> tuple[str, ...]:
    command = texts(value)
    if command and not command[0].strip():
        raise Unfit('must begin with a program, like ["pass", "show", "voipe"].')
    return command


def _credit(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit("must be a number.")
    try:
        credit = Decimal(str(value))
    except InvalidOperation:
        raise Unfit("must be a number.") from None
    if not credit.is_finite() or credit < 0:
        raise Unfit("must be 0 or more.")
    return credit


def _rate(value: Any) -> float:
    rate: float = number(0, 1000)(value)
    if rate == 0:
        raise Unfit("must be more than 0; leave it out for no limit.")
    return rate


def _history(value: Any) -> str:
    history = line_of_text(value).strip().lower()
    if history == "all" or _DAYS.fullmatch(history):
        return history
    try:
        return date.fromisoformat(history).isoformat()
    except ValueError:
        raise Unfit('must be "all", a number of days like "90 days", or a date like "2026-01-31".') from None


def _quiet_hours(value: Any) -> str:
    hours = line_of_text(value).strip()
    if not hours:
        return ""
    found = _HOURS.fullmatch(hours)
    if found is None or found.group(1) == found.group(2):
        raise Unfit('must be two different times like "21:00-08:00".')
    return f"{found.group(1)}-{found.group(2)}"


FIELDS: Final[dict[str, Reader]] = {
    "url": _url,
    "transport": one_of("json", "form"),
    "username": needed_text,
    "token": _token,
    "token_env": _variable,
    "token_command": _command,
    "token_keyring": truth,
    "sender": line_of_text,
    "senders": texts,
    "sender_max": integer(1, 11),
    "region": _region,
    "timezone": _zone,
    "footer": text,
    "ca_file": line_of_text,
    "allow_plain_http": truth,
    "low_credit": _credit,
    "hold_seconds": number(0, 3600),
    "concurrency": integer(1, 64),
    "opt_out_words": texts,
    "rate": _rate,
    "history": _history,
    "quiet_hours": _quiet_hours,
    "number_format": one_of("as_typed", "e164", "local"),
}
