"""Dates and times as people type them and as a gateway wants them.

Wall-clock phrases ("tomorrow 9:00") are counted on the calendar of ``now``'s zone, durations ("in 2 h") on the
clock, so both are right across a change to or from summer time.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Literal

from voipe_tui.errors import InputError
from voipe_tui.text.untrusted import safe_line

Lean = Literal["today", "future", "past"]

ACCEPTED: Final = (
    "“2026-03-05 14:30”, “tomorrow 9:00”, “monday morning”, “tonight”, “9:00”, “in 2 h”, "
    "“in 30 min”, “3 days ago”, “yesterday” or “now”"
)
_STILL_TO_COME: Final = "“tomorrow 9:00”, “monday morning”, “18:00”, “31.12”, “next week” or “in 2 h”"

_GATEWAY_FORM: Final = "%Y-%m-%d %H:%M:%S"
_UNITS: Final = {
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600,
}  # fmt: skip
_DAYS: Final = {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7}
_MONTH_UNITS: Final = frozenset({"month", "months"})
_NAMED_DAYS: Final = {"today": 0, "tomorrow": 1, "overmorrow": 2, "yesterday": -1}
_COUNTED: Final = {
    word: str(number)
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
}
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_PARTS: Final = {
    "morning": time(8), "noon": time(12), "afternoon": time(14), "evening": time(18), "tonight": time(20),
    "night": time(21),
}  # fmt: skip
"""What the parts of a day mean on the clock."""
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_HEBREW: Final = {
    "היום": "today", "מחר": "tomorrow", "מחרתיים": "overmorrow", "אתמול": "yesterday", "עכשיו": "now",
    "הערב": "evening", "הלילה": "tonight", "בשעה": "at", "חודש": "1 month", "חודשים": "months", "חודשיים": "2 months",
    "בבוקר": "morning", "בצהריים": "noon", "בערב": "evening", "בלילה": "night", "בעוד": "in", "עוד": "in",
    "חצי": "half", "דקה": "1 min", "דקות": "min", "שעה": "1 hour", "שעות": "hours", "שעתיים": "2 hours",
    "יום": "1 day", "ימים": "days", "יומיים": "2 days", "שבוע": "1 week", "שבועות": "weeks", "שבועיים": "2 weeks",
    "ראשון": "sunday", "שני": "monday", "שלישי": "tuesday", "רביעי": "wednesday", "חמישי": "thursday",
    "שישי": "friday", "שבת": "saturday",
}  # fmt: skip
"""The same in Hebrew, word for word; a weekday may have ביום or יום before it."""
_NEXT: Final = {"שבוע": "week", "חודש": "month"}
HEBREW_WORDS: Final = tuple(_HEBREW)
_AMOUNT: Final = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([a-z]+)")
_DAY_AND_MONTH: Final = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4})?)?")
_AHEAD: Final = re.compile(r"next (week|month)(?: |$)")
_ISO_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_CLOCK: Final = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?\s*([ap]m)?")


def parse_moment(text: str, now: datetime, *, lean: Lean = "today") -> datetime:
    """The moment that ``text`` means, seen from ``now`` (aware; its zone is the zone of the words).

    ISO 8601 with or without offset, ``YYYY-MM-DD hh:mm[:ss]``, a time (``9:00``, ``9 am``), ``today``, ``tomorrow``,
    ``yesterday``, a weekday or a day with its month (``31.12``, ``31 dec``; the next one, or the last one when leaning
    to the past) with or without a time, a part of a day (``tonight``, ``monday morning``: see :data:`DAY_PARTS`),
    ``next week``, ``next month``, ``in 2 h``, ``in half an hour``, ``in two months``, ``30 min ago``, ``now``; the hour
    alone (``8``) after a day or for the future.
    A day without a time is its beginning. ``lean`` says where a bare time or a bare duration lies: a bare time is
    today's, or the next one (``future``, for a schedule), or the last one (``past``, for ``--since``); a bare duration
    (``2h``) needs a lean.

    Durations may have several parts (``1 h 30 min``), and the time may come first (``9am tomorrow``). The same is
    understood in Hebrew (``מחר בבוקר``, ``בעוד 3 שעות``).

    Returns an aware datetime in the zone of ``now``. Raises InputError that names what is accepted, or says that a
    month has no such day or that the wall clock skips this time (summer time begins).
    """
    if now.tzinfo is None:
        raise ValueError("now must carry a zone")
    words = " ".join(unicodedata.normalize("NFKC", text).lower().replace(",", " ").split())
    words = _translated(words).replace("day after tomorrow", "overmorrow").removeprefix("the ").removeprefix("at ")
    found = _relative(words, now, lean) or _iso(words, now) or _worded(words, now, lean)
    if found is None:
        accepted = _STILL_TO_COME if lean == "future" else ACCEPTED
        raise InputError(f"“{safe_line(text)}” is no date or time that is understood.", hint=f"Type {accepted}.")
    return found


OTHER_CLOCK: Final = (
    "The gateway is told this time by the clock of its lists. playSMS may read it by another one, hours off, and then "
    "it goes out at once or late: try it with a message to yourself first."
)
"""About every time that is handed over. playSMS keeps its lists by the server's clock less its time zone setting, and
takes a schedule as typed on the server's clock: they agree where that setting is +0000, and no answer tells it."""


def gateway_time(moment: datetime, zone: tzinfo) -> str:
    """``YYYY-MM-DD hh:mm:ss`` on the wall clock of ``zone``, the form of ``schedule`` and of every list (trap 22)."""
    if moment.tzinfo is None:
        raise ValueError("the moment must carry a zone")
    return moment.astimezone(zone).strftime(_GATEWAY_FORM)


def from_gateway_time(text: str, zone: tzinfo) -> datetime | None:
    """The moment of a gateway's date-time that was written on the wall clock of ``zone``; None for zeros or nonsense.

    In the hour that a wall clock shows twice the first one is taken.
    """
    wall = text.strip()
    try:
        return datetime.fromisoformat(wall).replace(tzinfo=zone) if len(wall) == len("0000-00-00 00:00:00") else None
    except ValueError:
        return None


def humanize_age(seconds: float) -> str:
    """An age in one unit, for a narrow column: ``now``, ``42 s``, ``3 m``, ``5 h``, ``6 d``, ``3 w``, ``2 y``."""
    age = int(seconds)
    if age < 1:
        return "now"
    for unit, size, limit in (("s", 1, 60), ("m", 60, 3600), ("h", 3600, 86_400), ("d", 86_400, 1_209_600)):
        if age < limit:
            return f"{age // size} {unit}"
    return f"{age // 604_800} w" if age < 31_536_000 else f"{age // 31_536_000} y"


def _translated(words: str) -> str:
    """Hebrew words as the English ones that mean the same."""
    if words.isascii():
        return words
    words = re.sub(r"\bב?יום (?=(?:ראשון|שני|שלישי|רביעי|חמישי|שישי|שבת)\b)", "", words)
    words = re.sub(r"\bב[- ]?(?=\d)", "", words)
    words = re.sub(r"\bב?(שבוע|חודש) הבא\b", lambda found: f"next {_NEXT[found[1]]}", words)
    words = re.sub(r" הבאה?\b", "", words)
    english = [_HEBREW.get(word) or _HEBREW.get(word.removeprefix("ב"), word) for word in words.split()]
    return re.sub(r"\bhalf 1 ", "half ", " ".join(english))


def _relative(words: str, now: datetime, lean: Lean) -> datetime | None:
    if words == "now":
        return now
    sign = 0
    if words.startswith("in "):
        sign, words = 1, words[3:]
    elif words.endswith(" ago"):
        sign, words = -1, words[:-4]
    words = re.sub(r"^half (?:an )?hour$", "30 min", words.strip())
    words = re.sub(r"^an? ", "1 ", words).replace(" and ", " ")
    words = " ".join(_COUNTED.get(word, word) for word in words.split())
    sign = sign or {"future": 1, "past": -1, "today": 0}[lean]
    if sign == 0 or re.sub(r"\s", "", _AMOUNT.sub("", words)):
        return None
    days, months, seconds, parts = 0, 0, 0.0, _AMOUNT.findall(words)
    for number, unit in parts:
        count = float(number)
        if unit in _DAYS and count.is_integer():
            days += int(count) * _DAYS[unit]
        elif unit in _MONTH_UNITS and count.is_integer():
            months += int(count)
        elif unit in _UNITS:
            seconds += count * _UNITS[unit]
        else:
            return None
    try:
        moment = now
        if days or months:
            day = _months_on(now.date(), sign * months) + timedelta(days=sign * days)
            moment = _on_the_clock(day, now.time(), now, exact=False)
        return (moment.astimezone(UTC) + timedelta(seconds=sign * seconds)).astimezone(now.tzinfo) if parts else None
    except (OverflowError, ValueError):  # beyond all calendars
        return None


def _months_on(day: date, months: int) -> date:
    """The same day so many months on, or the last one of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day if not months else date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _iso(words: str, now: datetime) -> datetime | None:
    day = re.match(r"(\d{4})-?(\d{2})-?(\d{2})", words)
    if day is None:
        return None
    try:
        parsed = datetime.fromisoformat(words.upper())
    except ValueError:
        _no_such_day(int(day[3]), int(day[2]), int(day[1]))
        return None
    if parsed.tzinfo is not None:
        return parsed.astimezone(now.tzinfo)
    return _on_the_clock(parsed.date(), parsed.time(), now, exact=len(words) > 10)


def _worded(words: str, now: datetime, lean: Lean) -> datetime | None:
    if ahead := _AHEAD.match(words):
        coming = now.date() + timedelta(days=7) if ahead[1] == "week" else _months_on(now.date(), 1)
        return _on_day(coming, words[ahead.end() :], now)
    words = _month_as_number(words.removeprefix("this ").removeprefix("next "))
    first, _, rest = words.partition(" ")
    day = _day(first, now.date(), lean) or _dated(first, now.date(), lean)
    if day is None:
        before, _, last = words.rpartition(" ")
        day = _day(last, now.date(), lean) or _dated(last, now.date(), lean) if before else None
        if day is not None:
            return _on_day(day, before.removesuffix(" on"), now)
        clock = _time(words, hour=lean == "future")
        return None if clock is None else _bare_time(clock, now, lean)
    return _on_day(day, rest, now)


def _on_day(day: date, rest: str, now: datetime) -> datetime | None:
    rest = rest.removeprefix("at ")
    if not rest:
        return _on_the_clock(day, time(), now, exact=False)
    clock = _time(rest, hour=True)
    return None if clock is None else _on_the_clock(day, clock, now, exact=True)


def _day(word: str, today: date, lean: Lean) -> date | None:
    if word in _NAMED_DAYS:
        return today + timedelta(days=_NAMED_DAYS[word])
    matches = [index for index, name in enumerate(_WEEKDAYS) if len(word) >= 3 and name.startswith(word)]
    if len(matches) != 1:
        return None
    ahead = (matches[0] - today.weekday()) % 7 or 7
    return today + timedelta(days=ahead - 7 - (7 if ahead == 7 else 0) if lean == "past" else ahead)


def _dated(word: str, today: date, lean: Lean) -> date | None:
    """``31.12``, ``31.12.2026`` or ``2026-12-31``."""
    iso = _ISO_DAY.fullmatch(word)
    found = _DAY_AND_MONTH.fullmatch(word)
    if iso is None and found is None:
        return None
    year, month, day = iso.groups() if iso else (found[3], found[2], found[1])  # type: ignore[index]
    return _calendar_day(int(year or 0), int(month), int(day), today, lean)


def _calendar_day(year: int, month: int, day: int, today: date, lean: Lean) -> date | None:
    """``year`` 0: the one that the lean says. Raises InputError for a day that its month does not have."""
    try:
        if year:
            return date(year, month, day)
        this_year = date(today.year, month, day)
        if lean == "future" and this_year < today:
            return date(today.year + 1, month, day)
        return date(today.year - 1, month, day) if lean == "past" and this_year > today else this_year
    except ValueError:
        _no_such_day(day, month, year or today.year)
        return None


def _month_as_number(words: str) -> str:
    """``29 mar 2027 9:00`` and ``march 29 9:00`` with the day as ``29.3.2027`` and ``29.3``."""
    named = re.match(r"(?:(\d{1,2}) ([a-z]{3,9})|([a-z]{3,9}) (\d{1,2}))(?: (\d{4}))?(?= |$)", words)
    if named is None:
        return words
    name = named[2] or named[3]
    months = [number for number, month in enumerate(_MONTHS, 1) if month.startswith(name)]
    if len(months) != 1:
        return words
    year = f".{named[5]}" if named[5] else ""
    return f"{named[1] or named[4]}.{months[0]}{year}{words[named.end() :]}"


def _no_such_day(day: int, month: int, year: int) -> None:
    """Raises InputError where it is a date, but for the length of its month."""
    if 1 <= month <= 12 and 1 <= day <= 31 and year >= 1 and day > monthrange(year, month)[1]:
        raise InputError(
            f"There is no {day} {_MONTHS[month - 1].capitalize()} {year}: it has {monthrange(year, month)[1]} days.",
            hint="Choose another day.",
        )


def _time(words: str, *, hour: bool = False) -> time | None:
    """``hour``: one alone is enough."""
    if words in DAY_PARTS:
        return DAY_PARTS[words]
    clock = _CLOCK.fullmatch(words)
    if clock is None or (clock.group(2) is None and clock.group(4) is None and not hour):
        return None
    hours, minute, second = (int(value or 0) for value in clock.groups()[:3])
    if half := clock.group(4):
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half == "pm" else 0)
    try:
        return time(hours, minute, second)
    except ValueError:
        return None


def _bare_time(clock: time, now: datetime, lean: Lean) -> datetime:
    moment = _on_the_clock(now.date(), clock, now, exact=True)
    # Compared as moments: two wall clocks of one zone compare wrongly in the hour that comes twice.
    ahead = moment.timestamp() - now.timestamp()
    if lean == "future" and ahead <= 0:
        return _on_the_clock(now.date() + timedelta(days=1), clock, now, exact=True)
    if lean == "past" and ahead > 0:
        return _on_the_clock(now.date() - timedelta(days=1), clock, now, exact=True)
    return moment


def _on_the_clock(day: date, clock: time, now: datetime, *, exact: bool) -> datetime:
    """A wall-clock time in the zone of ``now``. Where the clock skips it: an error if typed, else the first after."""
    wall = datetime.combine(day, clock.replace(tzinfo=None, fold=0), tzinfo=now.tzinfo)
    real = wall.astimezone(UTC).astimezone(now.tzinfo)
    if exact and real.replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise InputError(
            f"{wall:%Y-%m-%d %H:%M} does not exist: the clock goes forward then.",
            hint=f"Choose another time, for example {real:%H:%M}.",
        )
    return real
