"""Reading one list of the gateway so that no row is ever missed.

Three facts shape this. A page is the newest rows that fit, never "the next ones" (trap 15): a full page proves a gap.
IDs are given when a message is accepted, but a row appears when it is processed, so a lower ID may come after a higher
one, days after for a scheduled message: only time tells what is new for certain. And time can be cut into slices.

So a list is known by a *mark* in the gateway's own time: every row up to it is in the store, but for the *gaps* that
are written down. Looking at what is above the highest known ID is the quick way between two sweeps; a sweep reads the
newest page, notes what lies between it and the mark as a gap, and moves the mark. Gaps are filled at once, slice by
slice; whatever ends that, the rest is filled later. Where the gateway's clock went back the new rows have old dates:
then IDs tell that some are missing, and a gap is one of IDs.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Generic, NamedTuple

from voipe_tui.client.models import Listing
from voipe_tui.store import Store
from voipe_tui.store.gateway_rows import REDATED_SECONDS, IdsRestarted, ZoneMoved
from voipe_tui.store.models import Source
from voipe_tui.sync import slices
from voipe_tui.sync.convert import said
from voipe_tui.sync.crowds import Crowds
from voipe_tui.sync.paging import LARGEST_PAGE, SLICE_PAGE, Fetch, Limits, Page, Pages, RowT, id_of, oldest_of
from voipe_tui.sync.turns import Pieces, Turns
from voipe_tui.sync.zones import Zones, earlier, parse

_LAG_SECONDS = 180.0  # a row may turn up with a date a little in the past
_LEAST_PIECE, _LARGEST_PIECE = 16, 512  # rows stored before the screen gets a turn
_FITS = LARGEST_PAGE * 0.8  # so many rows, as far as can be told, are likely to fit into the largest page
_FIRST_YEAR = 1970  # what has an older date than a computer's clock can show has none

_DAY = 86_400.0
_WIDE = ((900.0, 7_200.0), (_DAY, 2 * _DAY))
"""Rows may come later than that, however rarely: every so many seconds a sweep goes back by so many."""
_MOST_BACK = 2 * _DAY  # a clock that goes back by more is beyond what IDs are looked through for
_WRONG_MARK = 7 * _DAY  # where the mark cannot be right the last week is read again


class Gap(NamedTuple):
    """Rows between two moments that are not all in the store; only those with a higher ID than ``above``."""

    low: str
    high: str
    above: int = 0


class _Got(NamedTuple):
    """``new`` rows were stored. ``rest``: up to that moment the slice is still unknown, None: not at all."""

    new: int
    rest: str | None
    short: bool


class ListReader(Generic[RowT]):
    """Keeps the store's copy of one list whole."""

    def __init__(
        self,
        store: Store,
        source: Source,
        fetch: Fetch[RowT],
        take: Callable[[Sequence[RowT], int | None], int],
        zones: Zones,
        limits: Limits,
        turns: Turns,
    ) -> None:
        self.source = source
        self.pages = Pages(fetch, limits)
        self._store = store
        self._facts = store.facts
        self._take = take
        self._zones = zones
        self._crowds = Crowds(source, store.facts, store.clock, self.pages, self._store_rows)
        self._turns = turns
        self._piece = Pieces(turns, _LEAST_PIECE, _LARGEST_PIECE)
        self._lock = asyncio.Lock()
        self.in_history = False
        self.on_newest: Callable[[], None] = lambda: None
        """Called when the newest rows are stored, before anything is done about what lies between."""

    # What is known

    @property
    def mark(self) -> str | None:
        """Every row up to this gateway time is in the store (as far back as ``reaches``), but for the gaps."""
        return self._facts.get(f"mark.{self.source}")

    @property
    def reaches(self) -> str | None:
        """How far back the history was read: a gateway time, "" for all of it, None before the first page."""
        return self._facts.get(f"backfill.{self.source}")

    def lacks_history(self, wanted: str | None) -> bool:
        """Whether there is more of the past to read, down to that gateway time; None or "": to the beginning."""
        return bool(self.reaches) and (self.reaches or "") > (wanted or "")

    @property
    def gaps(self) -> list[Gap]:
        """What is known to be missing, the latest last."""
        return [Gap(*each) for each in json.loads(self._facts.get(f"gaps.{self.source}") or "[]")]

    def _keep_gaps(self, gaps: list[Gap]) -> None:
        self._facts.set(f"gaps.{self.source}", json.dumps(gaps) if gaps else None)

    def zone_changed(self, seconds: float) -> None:
        """The gateway's dates are so much further ahead of UTC than they were, those of new rows or of all: who can
        tell? What is known in its time holds for both, and the last days are read again."""
        mark, reaches = self.mark, self.reaches
        if mark is not None:
            oldest = self._store.gateway_rows.unplaced_since(self.source)
            low = earlier(mark, REDATED_SECONDS + abs(seconds))
            self._facts.set(f"mark.{self.source}", low if oldest is None else min(low, oldest))
        if reaches:
            self._facts.set(f"backfill.{self.source}", max(reaches, earlier(reaches, -seconds)))
        self._facts.set(f"crowds.{self.source}", None)
        gaps = [
            gap._replace(low=min(gap.low, earlier(gap.low, -seconds)), high=max(gap.high, earlier(gap.high, -seconds)))
            for gap in self.gaps
        ]
        self._keep_gaps(gaps)

    # Reading

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[None]:
        async with self._lock:
            try:
                yield
            finally:
                await self.pages.forget_ahead()

    async def above(self) -> int:
        """Rows above the highest known ID. Returns how many were new."""
        async with self._reading():
            seen = self._facts.seen_id(self.source)
            page = await self.pages.newest(above=seen)
            if page.whole:
                return await self._store_rows(page.listing)
            # Noted first: once these rows are stored, the highest known ID tells of no gap any more.
            self._note_gap_above(seen, page.listing)
            new = await self._store_rows(page.listing)
            self.on_newest()
            return new + await self._sweep()

    def _note_gap_above(self, seen: int, listing: Listing[RowT]) -> None:
        high = oldest_of(listing.rows)
        mark = self.mark
        if mark is not None and parse(high) is not None:
            self._keep_gaps([Gap(earlier(min(mark, high), _MOST_BACK), high, seen), *self.gaps])

    async def sweep(self) -> int:
        """The newest page, and whatever is missing between it and the mark. Returns how many rows were new."""
        async with self._reading():
            return await self._sweep()

    async def fill(self) -> int:
        """What was left of the gaps when filling them ended early. Returns how many rows were new."""
        async with self._reading():
            return await self._fill_gaps()

    async def look(self) -> int:
        """The newest page alone; what it leaves open is written down, and filled later. Returns how many were new."""
        async with self._reading():
            return await self._look()

    async def _sweep(self) -> int:
        return await self._look() + await self._fill_gaps()

    async def _look(self) -> int:
        page = await self.pages.newest()
        new = await self._store_rows(page.listing)
        self.on_newest()
        times = sorted(row.dt for row in page.listing.rows if parse(row.dt) is not None)
        if not page.listing.rows:
            if page.whole and self.reaches is None:
                self._facts.set(f"backfill.{self.source}", "")
            return new
        limit = self._zones.latest(self.source, page.listing.timestamp)
        newest = max((each for each in times if each <= limit), default=limit)
        self._note_page(page, times[0] if times else limit, newest, limit)
        return new

    def _note_page(self, page: Page[RowT], oldest: str, newest: str, limit: str) -> None:
        """Writes down what the newest page tells: the gap below it, and the mark above that gap."""
        mark = self.mark
        if mark is None:
            self._facts.set(f"backfill.{self.source}", "" if page.whole else oldest)
        elif not page.whole:
            low = earlier(limit, _WRONG_MARK) if mark > limit else min(mark, self._wide(newest))
            if oldest > low:
                self._keep_gaps([*self.gaps, Gap(low, oldest)])
        # A row with a date in the future says nothing about what comes until then.
        to = earlier(newest, _LAG_SECONDS)
        if mark is None or to > mark or mark > limit:
            self._facts.set(f"mark.{self.source}", to)

    def _wide(self, newest: str) -> str:
        """From where this sweep looks for rows that came late; ``newest`` where it does not."""
        now, low = self._store.clock(), newest
        for every, back in _WIDE:
            name = f"wide.{back:.0f}.{self.source}"
            if abs(now - (self._facts.get_float(name) or 0.0)) >= every:
                self._facts.set(name, repr(now))
                low = earlier(newest, back)
        return low

    async def is_same_history(self) -> bool:
        """Whether the newest rows that the gateway shows are ones we know: then its newest were deleted, and its IDs
        have not restarted (trap 25)."""
        async with self._reading():
            listing = (await self.pages.newest()).listing
            return self._store.gateway_rows.knows(self.source, [(id_of(row), said(row.dt)) for row in listing.rows])

    async def around(self, prefix: str) -> int:
        """All rows of one slice of time, for their statuses."""
        async with self._reading():
            return await self._fill(prefix, "", "9")

    async def backfill(self, oldest_wanted: str | None = None) -> bool:
        """One step back into history: at most a year, in as few requests as it takes. False when there is no more.

        Progress is kept after each slice, so it may end anywhere and go on later.
        """
        async with self._reading():
            self.in_history = True
            try:
                return await self._backfill(oldest_wanted or "")
            finally:
                self.in_history = False

    async def _backfill(self, floor: str) -> bool:
        reached = self.reaches
        if not reached or not self.lacks_history(floor):
            return False
        if floor[:4] == reached[:4]:
            return await self._fill_down_to(floor, reached)
        if int(reached[:4]) < _FIRST_YEAR:
            await self._fill(slices.UNDATED, "", "9")
            self._facts.set(f"backfill.{self.source}", "")
            return False
        prefix, got = reached[:4], None
        if prefix.endswith("9") and floor[:3] < prefix[:3]:  # long before the first message a decade is soon read
            prefix = prefix[:3]
            got = await self._page_of(prefix, "", reached, whole_only=True)
            if got.rest is not None:
                prefix, got = reached[:4], None
        low = max(floor, slices.span(prefix)[0])
        if got is None:
            got = await self._page_of(prefix, low, reached)
        if got.rest is not None:
            await self._fill_in_steps(prefix, low, got)
        before = f"{int(slices.span(prefix)[0][:4]) - 1:04d}-12-31 23:59:59"
        self._facts.set(f"backfill.{self.source}", max(before, floor))
        return before > floor

    async def _fill_down_to(self, floor: str, reached: str) -> bool:
        """The last year of a history that ends within it: what is older than that is not wanted."""
        for part, then in pairwise([*slices.cover(floor, reached), ""]):
            await self._fill(part, floor, reached, then=then)
            self._facts.set(f"backfill.{self.source}", max(floor, slices.span(part)[0]))
        return False

    async def _fill_in_steps(self, year: str, low: str, got: _Got) -> None:
        """The rest of a year, newest first, in months where it is too much for a page, so that progress is kept."""
        assert got.rest is not None
        for month, then in pairwise([*_parts(year, low, got.rest, fine=got.short), ""]):
            await self._fill(month, low, got.rest, then=then)
            self._facts.set(f"backfill.{self.source}", max(low, slices.span(month)[0]))

    # Gaps and slices

    async def _fill_gaps(self) -> int:
        """The latest first. A gap shrinks with each slice, so that nothing is read again that was read."""
        new = 0
        while gaps := self.gaps:
            gap = gaps[-1]
            if gap.above and self._has_all_above(gap.above):
                self._keep_gaps(gaps[:-1])
                continue
            parts = slices.cover(gap.low, gap.high) if not gap.above else _years(gap)
            for prefix, then in pairwise([*parts, ""]):
                new += await self._fill(prefix, gap.low, gap.high, gap.above, then)
                left = min(gap.high, earlier(slices.span(prefix)[0], 1))
                self._keep_gaps([*gaps[:-1], gap._replace(high=left)])
            self._keep_gaps(gaps[:-1])
        return new

    def _has_all_above(self, above: int) -> bool:
        """Whether there is no ID between that one and the highest that is not in the store."""
        top = self._facts.seen_id(self.source)
        return self._store.gateway_rows.count_between(self.source, above, top) >= top - above

    async def _fill(self, prefix: str, low: str, high: str, above: int = 0, then: str = "") -> int:
        """All rows of a slice between two moments, in as few requests as it takes. Returns how many were new.
        ``then``: the slice that will be wanted next."""
        got = await self._page_of(prefix, low, high, above, then)
        new = got.new
        if got.rest is None:
            return new
        if not slices.parts(prefix):
            return new + await self._crowds.read(prefix, above)
        for part, following in pairwise([*_parts(prefix, low, got.rest, fine=got.short), then]):
            new += await self._fill(part, low, got.rest, above, following)
        return new

    async def _page_of(
        self, prefix: str, low: str, high: str, above: int = 0, then: str = "", *, whole_only: bool = False
    ) -> _Got:
        """A page of a slice.

        A full page is the newest rows of the slice: whatever is missing is as old as its oldest row or older. Where a
        larger page is likely to hold the whole slice, one more request is cheaper than many small ones. What will be
        wanted next is asked for before the rows are stored: the gateway and the disk are at work at the same time.
        """
        page = await self.pages.slice(prefix, SLICE_PAGE, above)
        new, oldest, stored = 0, oldest_of(page.listing.rows), dict[int, RowT]()
        if not (page.whole or page.short) and len(page.listing.rows) / slices.share(prefix, oldest) < _FITS:
            self.pages.ask_ahead(prefix, LARGEST_PAGE, above)
            stored = {id_of(row): row for row in page.listing.rows}
            new = await self._store_rows(page.listing)
            page = await self.pages.slice(prefix, LARGEST_PAGE, above)
            oldest = min(oldest, oldest_of(page.listing.rows))
        rest = None if page.whole else min(high, oldest)
        if rest is not None:
            then = "" if whole_only else next(iter(_parts(prefix, low, rest, fine=page.short)), "")
        if then:
            self.pages.ask_ahead(then, SLICE_PAGE, above)
        return _Got(new + await self._store_rows(page.listing, stored), rest, page.short)

    async def _store_rows(self, listing: Listing[RowT], stored: dict[int, RowT] | None = None) -> int:
        """Returns how many were new. ``stored``: rows of a moment ago that need not be stored again."""
        rows: Sequence[RowT] = listing.rows
        if stored:
            rows = [row for row in rows if stored.get(id_of(row)) != row]
        self._zones.bound(self.source, (row.dt for row in rows), listing.timestamp)
        new = start = 0
        while start < len(rows):
            if start:
                await self._turns.give()
            some = rows[start : start + self._piece.size]
            self._piece.begin()
            try:
                new += self._take(some, listing.timestamp)
            except (ZoneMoved, IdsRestarted):
                # What moved, and whether anything did, is judged by the page: a piece may hold one known row alone.
                return new + self._take_page(rows, listing.timestamp)
            self._piece.end(len(some))
            start += len(some)
        return new

    def _take_page(self, rows: Sequence[RowT], timestamp: int | None) -> int:
        try:
            return self._take(rows, timestamp)
        except ZoneMoved as moved:
            known = self._store.gateway_rows
            if self._store.clock() - moved.newest <= _MOST_BACK:  # else it tells nothing of what comes now
                known.note_move(self.source, moved.seconds)
                self._zones.moved(self.source, moved.seconds)
                self.zone_changed(moved.seconds)
            with known.zone_moved(self.source):
                return self._take(rows, timestamp)


def _parts(prefix: str, low: str, high: str, *, fine: bool) -> list[str]:
    """The smaller slices of a slice that have to do with ``low`` … ``high``, the newest first."""
    return [part for part in slices.parts(prefix, fine=fine) if slices.touches(part, low, high)]


def _years(gap: Gap) -> list[str]:
    return [f"{year:04d}" for year in range(int(gap.high[:4]), int(gap.low[:4]) - 1, -1)]
