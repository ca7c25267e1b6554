"""Cutting time into the prefixes that ``dt`` understands.

``dt`` matches any part of a row's date (trap 16), so "2026", "2026-03", "2026-03-05", "2026-03-05 10",
"2026-03-05 10:2" and so on down to the second each name a slice of history. A slice that is too large is cut into
its parts; nothing else about the gateway's paging can be trusted (trap 15).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta

_FORMAT = "%Y-%m-%d %H:%M:%S"
_SMALLEST = len("2026-03-05 10:20:3")


def parts(prefix: str) -> list[str]:
    """The next smaller slices of ``prefix``, the newest first; empty where it cannot be cut any more."""
    size = len(prefix)
    if size == 4:
        found = [f"{prefix}-{month:02d}" for month in range(1, 13)]
    elif size == 7:
        year, month = int(prefix[:4]), int(prefix[5:])
        found = [f"{prefix}-{day:02d}" for day in range(1, monthrange(year, month)[1] + 1)]
    elif size == 10:
        found = [f"{prefix} {hour:02d}" for hour in range(24)]
    elif size == 13:
        found = [f"{prefix}:{tens}" for tens in range(6)]
    elif size == 15:
        found = [f"{prefix}{minute}" for minute in range(10)]
    elif size == 16:
        found = [f"{prefix}:{tens}" for tens in range(6)]
    elif size == _SMALLEST:
        found = [f"{prefix}{second}" for second in range(10)]
    else:
        found = []
    found.reverse()
    return found


def span(prefix: str) -> tuple[str, str]:
    """The first and the last moment of a slice, as "YYYY-MM-DD hh:mm:ss"."""
    first = prefix + "0000-01-01 00:00:00"[len(prefix) :]
    last = prefix + "0000-12-31 23:59:59"[len(prefix) :]
    if len(prefix) <= len("2026-03"):
        last = f"{last[:8]}{monthrange(int(last[:4]), int(last[5:7]))[1]:02d}{last[10:]}"
    return first, last


def share(prefix: str, since: str) -> float:
    """Which part of a slice lies after ``since``, more than 0 and up to 1; 1 where that cannot be told."""
    try:
        first, last, moment = (datetime.fromisoformat(text) for text in (*span(prefix), since))
    except ValueError:
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
