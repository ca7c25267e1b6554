"""The words and signs on the screens for the states of messages, for times and for amounts.

A state is always a sign and a word, so that it can be read without colour; in narrow columns the sign stands alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import NamedTuple


class StatusLook(NamedTuple):
    """How a state looks: one cell, the name of a style of the palette, and a sentence for people."""

    sign: str
    tone: str
    meaning: str


STATUS: dict[str, StatusLook] = {
    "draft": StatusLook("~", "muted", "Not sent: still a draft."),
    "held": StatusLook("‖", "busy", "Waiting here, so that you can take it back or send it now."),
    "scheduled": StatusLook("◷", "busy", "To be sent at a set time."),
    "queued": StatusLook("○", "busy", "Waiting here for its turn or for a connection."),
    "sending": StatusLook("◔", "busy", "On its way to the gateway right now."),
    "unknown": StatusLook("?", "warn", "Nobody knows yet whether the gateway took it."),
    "accepted": StatusLook("◔", "busy", "The gateway took it."),
    "pending": StatusLook("◑", "busy", "The gateway is working on it."),
    "sent": StatusLook("◕", "busy", "Handed to the carrier; no delivery report yet."),
    "delivered": StatusLook("✓", "good", "The phone has it."),
    "failed": StatusLook("✗", "bad", "Not delivered."),
    "refused": StatusLook("⊘", "bad", "The gateway said no; nothing was sent."),
    "cancelled": StatusLook("–", "muted", "Taken back; nothing was sent."),
}
WOKEN = "↺"
"""A message that was snoozed and is back: it stands where it woke up, above newer ones."""

_UNHEARD_OF = StatusLook("·", "muted", "")

LINKS: dict[str, tuple[str, str]] = {
    "starting": ("○ starting", "bar_muted"),
    "stopped": ("✗ not connected", "bar_bad"),
    "connecting": ("◔ connecting", "bar_muted"),
    "online": ("● online", "bar_good"),
    "partly online": ("◐ partly online", "bar_warn"),
    "offline": ("○ offline", "bar_warn"),
    "locked out": ("✗ not let in", "bar_bad"),
}
"""Sign and word for each state of the connection, and the palette's name for its colour."""


def status_look(status: str | None) -> StatusLook:
    """The look of a state; a word that this version has never heard of is shown as it is, muted."""
    return STATUS.get(status or "", _UNHEARD_OF)


class Times:
    """Says times in few cells, in one zone, as clock times or as ages.

    ``now`` is refreshed by :meth:`tick`; until then two calls give the same words, so that an idle screen stays as it
    is.
    """

    def __init__(self, zone: tzinfo, now: float, *, ages: bool = False) -> None:
        self.zone = zone
        self.ages = ages
        self.now = now
        self._today = datetime.fromtimestamp(now, zone).date()

    def tick(self, now: float) -> bool:
        """Moves on to ``now``; True when short times may read differently from before."""
        day = datetime.fromtimestamp(now, self.zone).date()
        changed = day != self._today or (self.ages and int(now // 60) != int(self.now // 60))
        self.now = now
        self._today = day
        return changed

    def short(self, moment: float | None, gateway_time: str | None, *, narrow: bool = False) -> str:
        """At most 9 cells (6 if ``narrow``). A gateway's own time of an unknown zone begins with ``~`` (trap 22)."""
        if moment is not None:
            if self.ages:
                return age(self.now - moment)
            return self._clock(datetime.fromtimestamp(moment, self.zone), narrow)
        parsed = _naive(gateway_time)
        return "" if parsed is None else "~" + self._clock(parsed, narrow)

    def _clock(self, at: datetime, narrow: bool) -> str:
        day = at.date()
        if day == self._today:
            return f"{at:%H:%M}"
        if self._today - timedelta(days=6) <= day < self._today:
            return f"{at:%a}" if narrow else f"{at:%a %H:%M}"
        if day.year == self._today.year or abs((self._today - day).days) < 180:
            return f"{at.day} {at:%b}"
        return f"{at:%m/%y}" if narrow else f"{at:%b %Y}"

    def long(self, moment: float | None, gateway_time: str | None = None) -> str:
        """The whole truth in a line: "Tue 3 Nov 2026, 14:32:05 (IST)"."""
        if moment is not None:
            at = datetime.fromtimestamp(moment, self.zone)
            zone = at.tzname() or ""
            return f"{at:%a} {at.day} {at:%b %Y, %H:%M:%S}" + (f" ({zone})" if zone else "")
        if gateway_time:
            return f"{gateway_time} (the gateway's own time; its zone is not known yet)"
        return "not known"


def age(seconds: float) -> str:
    """``now``, ``3 m``, ``2 h``, ``5 d``, ``7 w``, ``2 y``; a time that is still to come reads ``in 3 m``."""
    prefix, seconds = ("in ", -seconds) if seconds < -59 else ("", max(seconds, 0))
    for size, unit in ((31_557_600, "y"), (604_800 * 2, "w"), (86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{prefix}{int(seconds // (604_800 if unit == 'w' else size))} {unit}"
    return "now"


def _naive(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def amount(value: Decimal) -> str:
    """Money or messages as a person reads them: ``1,204.50``, ``88``; never in exponents."""
    text = f"{value:,f}"
    if "." in text:
        whole, _, part = text.partition(".")
        part = part.rstrip("0")
        return f"{whole}.{part.ljust(2, '0')}" if part else whole
    return text


def count(number: int, one: str, many: str | None = None) -> str:
    """``1 message``, ``3 messages``, ``1,200 messages``."""
    return f"{number:,} {one if number == 1 else (many or one + 's')}"
