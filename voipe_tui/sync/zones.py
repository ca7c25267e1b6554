"""What time is it at the gateway? Its date-times carry no zone, and its lists may disagree (trap 22).

The offset of a list is learned from rows whose true time is known: one that was just made, against the clock in the
gateway's reply. Until then the profile's zone counts, and without one the row keeps the gateway's own time, marked,
and is sorted by the best guess there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from math import ceil
from typing import NamedTuple
from zoneinfo import ZoneInfo

from voipe_tui.store import Store
from voipe_tui.store.models import Source

_QUARTER = 900  # every zone on Earth is a multiple of 15 minutes from UTC
_SLACK = 120
_CONFIRM_EVERY = 300.0
_FORMAT = "%Y-%m-%d %H:%M:%S"
_LENGTH = len("2026-03-05 10:20:30")
_DAY = len("2026-03-05")
_HOUR = len("2026-03-05 10")
_HOURS = {f" {hour:02}": hour * 3600.0 for hour in range(24)}
_LAST_SECOND = 24 * 3600.0 - 1.0
_FARTHEST = 14 * 3600.0  # no zone on Earth is further ahead of UTC
_STEP = 3600.0 + 3 * 60.0  # daylight saving that is not known of yet, and clocks that disagree a little
_EPOCH = datetime(1970, 1, 1)  # naive on purpose: a date-time without a zone, in seconds
_SECOND = timedelta(seconds=1)
_MOST_DAYS = 8_000


class Stamp(NamedTuple):
    """A gateway's date-time: ``utc`` epoch seconds or None where the zone is unknown; ``guess`` is always there."""

    utc: float | None
    guess: float


class Zones:
    """The offsets of the three lists of one gateway, kept in the store."""

    def __init__(self, store: Store, timezone: str | None) -> None:
        self._store = store
        self._zone: tzinfo | None = ZoneInfo(timezone) if timezone else None
        self._learned: dict[Source, float | None] = {}
        self._doubts: dict[Source, float] = {}
        self._at_least: dict[Source, float] = {}
        self._days: dict[Source, dict[str, Stamp]] = {}
        self._forget_days()

    def learned(self, source: Source) -> float | None:
        """Seconds that ``source`` is ahead of UTC, as seen; None until something was seen."""
        if source not in self._learned:
            self._learned[source] = self._store.facts.get_float(f"offset.{source}")
        return self._learned[source]

    def stamp(self, source: Source, gateway_time: str, undated: float | None = None) -> Stamp:
        """When a row of ``source`` was, in UTC. ``undated``: the guess where that cannot be read; None for now."""
        return Stamp._make(self.stamper(source, undated)(gateway_time))

    def stamper(self, source: Source, undated: float | None = None) -> Callable[[str], tuple[float | None, float]]:
        """The same for many rows at a time: what makes a :class:`Stamp` of a date-time, until anything is learned."""
        # There are many rows in a day, and on nearly all days no zone changes its offset.
        days, hours, within = self._days[source], _HOURS, _within_an_hour()

        def stamp(gateway_time: str) -> tuple[float | None, float]:
            try:
                utc, guess = days[gateway_time[:_DAY]]
                since = hours[gateway_time[_DAY:_HOUR]] + within[gateway_time[_HOUR:]]
            except KeyError:
                return self._stamp_anew(source, gateway_time, undated)
            return None if utc is None else utc + since, guess + since

        return stamp

    def _stamp_anew(self, source: Source, gateway_time: str, undated: float | None) -> Stamp:
        naive = parse(gateway_time)
        if naive is None:
            return Stamp(None, self._store.clock() if undated is None else undated)
        self._keep_day(source, gateway_time[:_DAY], naive)
        return self._stamp_of(source, naive)

    def _keep_day(self, source: Source, day: str, naive: datetime) -> None:
        first, last = (self._stamp_of(source, naive.replace(hour=h, minute=m, second=m)) for h, m in ((0, 0), (23, 59)))
        if last.guess - first.guess == _LAST_SECOND and (first.utc is None) is (last.utc is None):
            if len(self._days[source]) >= _MOST_DAYS:
                self._days[source].clear()
            self._days[source][day] = first

    def _stamp_of(self, source: Source, naive: datetime) -> Stamp:
        plain = (naive - _EPOCH) / _SECOND
        learned = self.learned(source)
        if self._zone is not None:
            ahead = plain - naive.replace(tzinfo=self._zone).timestamp()
            # A learned offset that says otherwise was seen with our own eyes; daylight saving is the zone's business.
            if learned is None or self._agrees(ahead, learned, naive):
                return Stamp(plain - ahead, plain - ahead)
        if learned is not None:
            return Stamp(plain - learned, plain - learned)
        guess = self.learned("outgoing")
        if guess is None:
            here = naive.astimezone().utcoffset().total_seconds()  # type: ignore[union-attr]
            guess = max(here, self._at_least.get(source, float("-inf")))
        return Stamp(None, plain - guess)

    def _agrees(self, by_zone: float, learned: float, naive: datetime) -> bool:
        assert self._zone is not None
        year = (naive.replace(month=month, day=1, tzinfo=self._zone).utcoffset() for month in (1, 7))
        return by_zone == learned or learned in {offset.total_seconds() for offset in year if offset is not None}

    def observe(self, source: Source, gateway_time: str, true_time: float) -> None:
        """A row of ``source`` says ``gateway_time`` for a moment that really was ``true_time`` (within 2 minutes)."""
        naive = parse(gateway_time)
        if naive is None:
            return
        ahead = naive.replace(tzinfo=UTC).timestamp() - true_time
        offset = round(ahead / _QUARTER) * _QUARTER
        if abs(ahead - offset) > _SLACK or abs(offset) > 26 * 3600:
            return
        known = self.learned(source)
        if offset == known:
            self._doubts.pop(source, None)
            self._confirm(source, true_time)
            return
        first = known is None
        if not first and self._doubts.get(source) != offset:
            # One late row can look like another zone: what is known changes only on the second word for it.
            self._doubts[source] = offset
            return
        self._doubts.pop(source, None)
        self._learn(source, offset)
        # Daylight saving began or ended (or the server was moved): what came since it was last seen to be right was
        # put an hour off.
        self._store.gateway_rows.restamp(source, offset, None if first else self._confirmed(source))
        self._confirm(source, true_time)

    def _learn(self, source: Source, offset: float) -> None:
        self._learned[source] = offset
        self._forget_days()
        self._store.facts.set(f"offset.{source}", repr(float(offset)))

    def _forget_days(self) -> None:
        self._days = {"outgoing": {}, "incoming": {}, "inbox": {}}

    def bound(self, source: Source, gateway_times: Iterable[str], timestamp: float | None) -> None:
        """While nothing is known of the zone: no row is later than ``timestamp``, the gateway's clock as it shows
        them, so its zone is far enough ahead of UTC for that."""
        if self._zone is not None or self.learned(source) is not None:
            return
        moment = self._store.clock() if timestamp is None else timestamp
        limit = self.latest(source, moment)
        newest = parse(max((each for each in gateway_times if each <= limit), default=""))
        if newest is not None:
            ahead = ceil(((newest - _EPOCH) / _SECOND - moment - _SLACK) / _QUARTER) * _QUARTER
            if ahead > self._at_least.get(source, float("-inf")):
                self._at_least[source] = ahead
                self._forget_days()

    def moved(self, source: Source, offset: float | None) -> float | None:
        """The zone of a list is another one, so far ahead of UTC. Returns the offset that is known from now on; None
        where none was known before either."""
        if offset is None or self.learned(source) is None:
            return None
        self._doubts.pop(source, None)
        self._learn(source, offset)
        self._confirm(source, self._store.clock())
        return offset

    def _confirmed(self, source: Source) -> float:
        """When the offset was last seen to be right."""
        at = self._store.facts.get_float(f"offset.right.{source}")
        return self._store.clock() if at is None else at

    def _confirm(self, source: Source, moment: float) -> None:
        if abs(moment - (self._store.facts.get_float(f"offset.right.{source}") or 0.0)) >= _CONFIRM_EVERY:
            self._store.facts.set(f"offset.right.{source}", repr(float(moment)))

    def latest(self, source: Source, timestamp: float | None) -> str:
        """The list's own time that no row can be later than which the gateway shows at ``timestamp`` (its own clock).

        Where an answer carries none (trap 3) our clock counts, which may be a day off.
        """
        now = self._store.clock() + _FARTHEST if timestamp is None else timestamp
        learned = self.learned(source)
        if learned is not None:
            ahead = learned
        elif self._zone is not None:
            ahead = datetime.fromtimestamp(now, self._zone).utcoffset().total_seconds()  # type: ignore[union-attr]
        else:
            ahead = _FARTHEST
        return datetime.fromtimestamp(now + ahead + _STEP, UTC).strftime(_FORMAT)

    def gateway_now(self, source: Source) -> datetime | None:
        """The list's own time at this moment (naive), or None where it is not known."""
        now = self._store.clock()
        learned = self.learned(source)
        if learned is not None:
            return datetime.fromtimestamp(now + learned, UTC).replace(tzinfo=None)
        if self._zone is not None:
            return datetime.fromtimestamp(now, self._zone).replace(tzinfo=None)
        return None


@lru_cache(maxsize=1)
def _within_an_hour() -> dict[str, float]:
    """Seconds by the end of a date-time, ":00:00" to ":59:59"."""
    return {f":{minute:02}:{second:02}": minute * 60.0 + second for minute in range(60) for second in range(60)}


def parse(gateway_time: str) -> datetime | None:
    """ "YYYY-MM-DD hh:mm:ss" as a naive date-time; None for anything else (also "0000-00-00 00:00:00")."""
    if len(gateway_time) != _LENGTH or gateway_time[10] != " ":
        return None
    try:
        return datetime.fromisoformat(gateway_time)  # a tenth of strptime's time, and there are many
    except ValueError:
        return None


def earlier(gateway_time: str, seconds: float) -> str:
    """A gateway's date-time, ``seconds`` earlier; unreadable ones stay as they are."""
    naive = parse(gateway_time)
    return gateway_time if naive is None else (naive - timedelta(seconds=seconds)).strftime(_FORMAT)
