"""Quiet hours: when a message would wake somebody, by the clock on the recipient's wall."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from voipe_tui.errors import InputError
from voipe_tui.text.untrusted import safe_line

if TYPE_CHECKING:
    from voipe_tui.text.numbers import Recipient

_FORM: Final = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_MOST_LOOKED_AT: Final = 1_000
_ISRAEL: Final = "+972"


class Quiet(NamedTuple):
    """From ``begin`` to ``end`` (not included), over midnight where ``end`` is the earlier one."""

    begin: time
    end: time

    def covers(self, clock: time) -> bool:
        if self.begin <= self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"


def parse_quiet(text: str) -> Quiet | None:
    """``21:00-08:00``; None for an empty text. Raises InputError for anything else."""
    if not text.strip():
        return None
    found = _FORM.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError
        a, b, c, d = map(int, found.groups())
        quiet = Quiet(time(a, b), time(c, d))
    except ValueError:
        raise InputError('Quiet hours are written like "21:00-08:00".') from None
    if quiet.begin == quiet.end:
        raise InputError("Quiet hours need two different times.")
    return quiet


@lru_cache(maxsize=4_096)
def zone_of(number: str) -> tzinfo | None:
    """The time zone of an E.164 number's country or area; None where there are several or none is known."""
    from zoneinfo import ZoneInfo

    if number.startswith(_ISRAEL):
        return ZoneInfo("Asia/Jerusalem")
    import phonenumbers
    from phonenumbers import timezone

    try:
        names = timezone.time_zones_for_number(phonenumbers.parse(number))
        return ZoneInfo(names[0]) if len(names) == 1 else None
    except (phonenumbers.NumberParseException, KeyError, OSError, ValueError):
        return None


def is_quiet(moment: datetime, number: str | None, quiet: Quiet, here: tzinfo) -> tuple[bool, datetime]:
    """Whether ``moment`` (aware) falls into quiet hours for ``number``, and what its clock says then; ``here`` is the
    zone for recipients whose own is not known."""
    zone = (zone_of(number) if number else None) or here
    there = moment.astimezone(UTC).astimezone(zone)
    return quiet.covers(there.time()), there


class Woken:
    """Whom ``moment`` (aware; its zone is the one of those whose own is not known) would wake, told one by one."""

    def __init__(self, moment: datetime, quiet: Quiet) -> None:
        assert moment.tzinfo is not None
        self._moment, self._here, self._quiet = moment, moment.tzinfo, quiet
        self._first = self._clock = ""
        self.count = 0

    def add(self, who: str, number: str | None) -> None:
        """``who`` is how a recipient is called, ``number`` his E.164; None for groups and users."""
        hit, there = is_quiet(self._moment, number, self._quiet, self._here)
        if hit and not self.count:
            self._first, self._clock = who, f"{there:%H:%M}"
        self.count += hit

    def said(self, when: str = "then") -> str:
        """A sentence; empty where nobody is woken."""
        if not self.count:
            return ""
        more = f" and {self.count - 1:,} more" if self.count > 1 else ""
        return f"Quiet hours ({self._quiet}): it is {self._clock} for {safe_line(self._first)}{more} {when}."


def quiet_warnings(recipients: Sequence[Recipient], moment: datetime, hours: str) -> list[str]:
    """A sentence where ``moment`` (aware; its zone is the one of those whose own is not known) would wake somebody."""
    quiet = parse_quiet(hours)
    if quiet is None or moment.tzinfo is None:
        return []
    woken = Woken(moment, quiet)
    for each in recipients[:_MOST_LOOKED_AT]:
        woken.add(each.wire, each.e164)
    return [said] if (said := woken.said()) else []
