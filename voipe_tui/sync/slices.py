"""Cutting time into the prefixes that ``dt`` understands.

``dt`` matches any part of a row's date (trap 16), so "202", "2026", "2026-03", "2026-03-05", "2026-03-05 10",
"2026-03-05 10:2" and so on down to the second each name a slice of history: no other part of a date has three digits
or more in a row. A slice that is too large is cut into its parts; nothing else about the gateway's paging can be
trusted (trap 15). *Fine* parts go a digit at a time, for slices of few rows: most parts of them are empty.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta

UNDATED = "0000"
"""The slice of rows whose date is 0000-00-00."""

_FORMAT = "%Y-%m-%d %H:%M:%S"
_LENGTH = len("2026-03-05 10:20:30")
_TENS = {len("2026"): len("2026-1"), len("2026-03"): len("2026-03-0"), len("2026-03-05"): len("2026-03-05 1")}
"""Slices with parts between them and the next whole unit: its tens."""


def parts(prefix: str, *, fine: bool = False) -> list[str]:
    """The next smaller slices of ``prefix``, the newest first; empty where it cannot be cut any more."""
    size = len(prefix)
    if prefix == UNDATED or size >= _LENGTH:
        return []
    if size in _TENS:
        tens = _tens(prefix)
        return tens if fine else [part for ten in tens for part in _units(ten)]
    if size in (3, *_TENS.values()):
        return _units(prefix)
    if size in (13, 16):
        return [f"{prefix}:{tens}" for tens in range(5, -1, -1)]
    return [f"{prefix}{unit}" for unit in range(9, -1, -1)]


def _tens(prefix: str) -> list[str]:
    if len(prefix) == len("2026"):
        return [f"{prefix}-1", f"{prefix}-0"]
    if len(prefix) == len("2026-03"):
        return [f"{prefix}-{tens}" for tens in range(_days(prefix) // 10, -1, -1)]
    return [f"{prefix} {tens}" for tens in range(2, -1, -1)]


def _units(prefix: str) -> list[str]:
    size, tens = len(prefix), int(prefix[-1])
    low, high = 0, 9
    if size == len("2026-1"):
        low, high = (1, 9) if not tens else (0, 2)
    elif size == len("2026-03-0"):
        low, high = int(not tens), min(9, _days(prefix[:7]) - 10 * tens)
    elif size == len("2026-03-05 1") and tens == 2:
        high = 3
    return [f"{prefix}{unit}" for unit in range(high, low - 1, -1)]


def _days(month: str) -> int:
    return monthrange(int(month[:4]), int(month[5:7]))[1]


def span(prefix: str) -> tuple[str, str]:
    """The first and the last moment of a slice, as "YYYY-MM-DD hh:mm:ss"."""
    first = last = prefix
    while len(last) < _LENGTH:
        first, last = parts(first, fine=True)[-1], parts(last, fine=True)[0]
    return first, last


def share(prefix: str, since: str) -> float:
    """Which part of a slice lies after ``since``, more than 0 and up to 1; 1 where that cannot be told."""
    try:
        first, last, moment = (datetime.fromisoformat(text) for text in (*span(prefix), since))
    except (ValueError, IndexError):
        return 1.0
    whole = (last - first).total_seconds() + 1
    return min(1.0, max(((last - moment).total_seconds() + 1) / whole, 1e-9))


def touches(prefix: str, low: str, high: str) -> bool:
    """Whether any moment of the slice lies within ``low`` … ``high`` (both "YYYY-MM-DD hh:mm:ss", inclusive)."""
    size = len(prefix)
    return low[:size] <= prefix <= high[:size]


def cover(low: str, high: str) -> list[str]:
    """The few slices to begin with so that all of ``low`` … ``high`` is in them, the newest first.

    Their size follows the length of the gap: hours for two days, days for two months, months for two years, else years.
    """
    start, end = datetime.strptime(low, _FORMAT), datetime.strptime(high, _FORMAT)
    if end < start:
        return []
    gap = end - start
    if gap <= timedelta(hours=36):
        step, form = timedelta(hours=1), "%Y-%m-%d %H"
    elif gap <= timedelta(days=45):
        step, form = timedelta(days=1), "%Y-%m-%d"
    elif gap <= timedelta(days=500):
        step, form = timedelta(days=28), "%Y-%m"
    else:
        step, form = timedelta(days=365), "%Y"
    names = []
    moment = end
    while moment > start:
        names.append(moment.strftime(form))
        moment -= step
    names.append(start.strftime(form))
    return list(dict.fromkeys(names))
