"""What time is it at the gateway? Its date-times carry no zone, and its lists may disagree (trap 22).

The offset of a list is learned from rows whose true time is known: one that was just made, against the clock in the
gateway's reply. Until then the profile's zone counts, and without one the row keeps the gateway's own time, marked,
and is sorted by the best guess there is.
"""

from __future__ import annotations

import json
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
_CONFIRM_EVERY = 5.0
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


class _Right(NamedTuple):
    """The offset of a list was right at that moment: so it was for all rows up to this one."""

    at: float
    last_id: int


class _Doubt(NamedTuple):
    """A row was seen at that moment that another offset explains. ``last_id``: the last row before it."""

    offset: float
    at: float
    last_id: int


class Zones:
    """The offsets of the three lists of one gateway, kept in the store."""

    def __init__(self, store: Store, timezone: str | None) -> None:
        self._store = store
        self._zone: tzinfo | None = ZoneInfo(timezone) if timezone else None
        self._learned: dict[Source, float | None] = {}
        self._seen_right: dict[Source, float] = {}
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

    def observe(self, source: Source, gateway_time: str, true_time: float) -> float:
        """A row of ``source`` says ``gateway_time`` for a moment that really was ``true_time`` (within 2 minutes).

        Returns how much further ahead of UTC the list is than was thought, 0 for nearly always.
        """
        naive = parse(gateway_time)
        if naive is None:
            return 0.0
        plain = (naive - _EPOCH) / _SECOND
        ahead = plain - true_time
        offset = round(ahead / _QUARTER) * _QUARTER
        if abs(ahead - offset) > _SLACK or abs(offset) > 26 * 3600:
            return 0.0
        learned = self.learned(source)
        by_zone = None if self._zone is None else plain - naive.replace(tzinfo=self._zone).timestamp()
        known = by_zone if learned is None else learned
        if known is None:
            self._learn(source, offset)
            self._store.gateway_rows.restamp(source, offset)
            self._seen_right[source] = true_time
            return 0.0
        if offset == known:
            self._keep_doubt(source, None)
            if learned is None:
                self._learn(source, offset)
            self._seen_right[source] = true_time
            return 0.0
        doubt = self._doubt(source)
        if doubt is None or doubt.offset != offset:
            # One late row can look like another zone: what is known changes only on the second word for it.
            self._keep_doubt(source, _Doubt(offset, true_time, self._store.gateway_rows.last_id()))
            return 0.0
        # Daylight saving began or ended, or the server was moved: what came since the zone was last seen to be right
        # was put an hour off. Nothing was ever seen to be right: then nothing is.
        right = self._right(source)
        if right is None and learned is not None:  # learned by an older version, which did not write that down
            right = _Right(doubt.at - _SLACK, doubt.last_id)
        self._learn(source, offset)
        if right is None:
            self._store.gateway_rows.restamp(source, offset, all_rows=True)
        elif by_zone != offset:  # else the rows have been placed by the zone, which knew
            self._place_anew(source, offset, right, doubt)
        self._store.gateway_rows.forget_move(source)
        self._keep_doubt(source, None)
        self._seen_right[source] = true_time
        return offset - known

    def _place_anew(self, source: Source, offset: float, right: _Right, doubt: _Doubt) -> None:
        """The rows that came between the last that was dated as known and the first that was not: whose moment can be
        either is shown with the gateway's own time."""
        moments: list[tuple[float | None, float, int]] = []
        for row_id, gateway_time, before in self._store.gateway_rows.placed_after(source, right.last_id):
            naive = parse(gateway_time)
            after = before if naive is None else (naive - _EPOCH) / _SECOND - offset
            until = doubt.at + _SLACK if row_id <= doubt.last_id else float("inf")  # it was here by then
            if after == before or after <= right.at or after > until:
                continue
            known = row_id > doubt.last_id or before <= right.at or before > until
            moments.append((after if known else None, after // 1.0, row_id))
        self._store.gateway_rows.place(moments)

    def settle(self, source: Source) -> None:
        """What was observed is stored: if it was dated as known, so was all that is here."""
        at = self._seen_right.pop(source, None)
        if at is not None and self._doubt(source) is None:
            self._confirm(source, at)

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

    def moved(self, source: Source, seconds: float) -> None:
        """The zone of a list is another one, so much further ahead of UTC; nothing changes while none is known."""
        now = self._store.clock()
        known = self.learned(source)
        if known is None and self._zone is not None:
            known = datetime.fromtimestamp(now, self._zone).utcoffset().total_seconds()  # type: ignore[union-attr]
        if known is not None:
            self._keep_doubt(source, None)
            self._learn(source, known + seconds)
            self._confirm(source, now)

    def _doubt(self, source: Source) -> _Doubt | None:
        """It outlives the program: the second word may come after an absence, and tells of the first row, too."""
        written = self._store.facts.get(f"zone.doubt.{source}")
        return None if written is None else _Doubt(*json.loads(written))

    def _keep_doubt(self, source: Source, doubt: _Doubt | None) -> None:
        if doubt is not None or self._doubt(source) is not None:
            self._store.facts.set(f"zone.doubt.{source}", None if doubt is None else json.dumps(doubt))

    def _right(self, source: Source) -> _Right | None:
        """When the offset was last seen to be right, and the last row by then."""
        written = self._store.facts.get(f"zone.right.{source}")
        return None if written is None else _Right(*json.loads(written))

    def _confirm(self, source: Source, moment: float) -> None:
        before = self._right(source)
        if before is None or abs(moment - before.at) >= _CONFIRM_EVERY:
            right = _Right(moment, self._store.gateway_rows.last_id())
            self._store.facts.set(f"zone.right.{source}", json.dumps(right))

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
