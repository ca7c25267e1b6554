"""Reading one list of the gateway so that no row is ever missed.

Three facts shape this. A page is the newest rows that fit, never "the next ones" (trap 15): a full page proves a gap.
IDs are given when a message is accepted, but a row appears when it is processed, so a lower ID may come after a higher
one, days after for a scheduled message: only time tells what is new for certain. And time can be cut into slices.

So a list is known by a *mark* in the gateway's own time: every row up to it is in the store. Looking at what is above
the highest known ID is the quick way between two sweeps; a sweep reads the newest page, fills what lies between it and
the mark with slices, and moves the mark.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

from voipe_tui.client.models import IncomingRow, Listing, OutgoingRow
from voipe_tui.errors import MalformedReplyError
from voipe_tui.store import Store
from voipe_tui.store.models import Source
from voipe_tui.sync import slices
from voipe_tui.sync.zones import earlier, parse

PAGE = 100
SMALLEST_PAGE = 6
SLICE_PAGE = 2_000
LARGEST_PAGE = 10_000
"""10,000 rows answer in 0.2 s; 100,000 kill the server's PHP (trap 17)."""

_LAG_SECONDS = 180.0  # a row may turn up with a date a little in the past
_STEP = 96  # rows stored before the screen gets a turn
_OLDEST_YEAR = 2003  # playSMS did not exist before


RowT = TypeVar("RowT", bound=OutgoingRow | IncomingRow)
FetchedT = TypeVar("FetchedT", bound=OutgoingRow | IncomingRow, covariant=True)


class Fetch(Protocol[FetchedT]):
    """Asks the gateway for a page of a list."""

    def __call__(
        self, *, count: int | None = None, last: int | None = None, dt: str | None = None
    ) -> Awaitable[Listing[FetchedT]]: ...


class ListReader(Generic[RowT]):
    """Keeps the store's copy of one list whole."""

    def __init__(
        self, store: Store, source: Source, fetch: Fetch[RowT], take: Callable[[Sequence[RowT], int | None], int]
    ) -> None:
        self.source = source
        self._store = store
        self._facts = store.facts
        self._fetch = fetch
        self._take = take
        self._lock = asyncio.Lock()
        self._page = PAGE
        self._choked = False
        self._next: list[str] = []
        self._ahead: tuple[str, asyncio.Task[Listing[RowT] | None]] | None = None
        self.in_history = False

    # What is known

    @property
    def mark(self) -> str | None:
        """Every row up to this gateway time is in the store (as far back as ``reaches``)."""
        return self._facts.get(f"mark.{self.source}")

    @property
    def reaches(self) -> str | None:
        """How far back the history was read: a gateway time, "" for all of it, None before the first page."""
        return self._facts.get(f"backfill.{self.source}")

    # Reading

    async def above(self) -> int:
        """Rows above the highest known ID. Returns how many were new."""
        async with self._lock:
            listing = await self._newest(last=self._facts.seen_id(self.source))
            new = await self._store_rows(listing)
            if self._is_full(listing, self._page):
                new += await self._sweep()
            return new

    async def sweep(self) -> int:
        """The newest page, and whatever is missing between it and the mark. Returns how many rows were new."""
        async with self._lock:
            return await self._sweep()

    async def _sweep(self) -> int:
        listing = await self._newest()
        new = await self._store_rows(listing)
        times = sorted(row.dt for row in listing.rows if parse(row.dt) is not None)
        full = self._is_full(listing, self._page)
        if not times:
            if not full and self.reaches is None:
                self._facts.set(f"backfill.{self.source}", "")
            return new
        oldest, newest = times[0], times[-1]
        mark = self.mark
        if mark is None:
            self._facts.set(f"backfill.{self.source}", oldest if full else "")
        elif full and oldest > mark:
            new += await self._fill_between(mark, oldest)
        self._move_mark(earlier(newest, _LAG_SECONDS))
        return new

    async def _newest(self, last: int | None = None) -> Listing[RowT]:
        """The newest page. A server that chokes on it twice in a row is asked for half of it, and so on (trap 17);
        once can be a passing fault."""
        count = self._page
        while True:
            try:
                listing = await self._fetch(last=last, count=count)
            except MalformedReplyError as error:
                if getattr(error, "http_status", None) is None or count <= SMALLEST_PAGE:
                    raise
                if not self._choked:
                    self._choked = True
                    raise
                count //= 2
            else:
                self._page, self._choked = count, False
                return listing

    def _move_mark(self, to: str) -> None:
        mark = self.mark
        if mark is None or to > mark:
            self._facts.set(f"mark.{self.source}", to)

    async def is_same_history(self) -> bool:
        """Whether the newest rows that the gateway shows are ones we know: then its newest were deleted, and its IDs
        have not restarted (trap 25)."""
        async with self._lock:
            listing = await self._newest()
            return self._store.gateway_rows.knows(self.source, [(_id_of(row), row.dt) for row in listing.rows])

    async def around(self, prefix: str) -> int:
        """All rows of one slice of time, for their statuses."""
        async with self._lock:
            return await self._fill(prefix, "", "9")

    async def backfill(self, oldest_wanted: str | None = None) -> bool:
        """One step back into history: at most a year, in as few requests as it takes. False when there is no more.

        Progress is kept after each slice, so it may end anywhere and go on later.
        """
        async with self._lock:
            self.in_history = True
            try:
                return await self._backfill(oldest_wanted)
            finally:
                self.in_history = False
                self._next = []
                await self._forget_ahead()

    async def _backfill(self, oldest_wanted: str | None) -> bool:
        reached = self.reaches
        if reached is None or not reached:
            return False
        floor = oldest_wanted or f"{_OLDEST_YEAR}-01-01 00:00:00"
        year = int(reached[:4])
        low = max(floor, f"{year:04d}-01-01 00:00:00")
        # Newest first, in whole months where the year is too much for a page, so that progress can be kept.
        _, rest = await self._page_of(f"{year:04d}", low, reached)
        months = [] if rest is None else [m for m in slices.parts(f"{year:04d}") if slices.touches(m, low, rest)]
        for index, month in enumerate(months):
            self._next = months[index + 1 : index + 2]
            await self._fill(month, low, rest or reached)
            self._facts.set(f"backfill.{self.source}", max(low, slices.span(month)[0]))
        before = f"{year - 1:04d}-12-31 23:59:59"
        self._facts.set(f"backfill.{self.source}", before if before > floor else "")
        return before > floor

    # Slices

    async def _fill_between(self, low: str, high: str) -> int:
        return sum([await self._fill(prefix, low, high) for prefix in slices.cover(low, high)])

    async def _fill(self, prefix: str, low: str, high: str) -> int:
        """All rows of a slice between two moments, in as few requests as it takes. Returns how many were new."""
        new, rest = await self._page_of(prefix, low, high)
        if rest is None:
            return new
        smaller = slices.parts(prefix)
        if not smaller:
            # One second with more rows than a page: the last resort is the largest page that servers bear.
            listing = await self._slice(prefix, LARGEST_PAGE)
            return new + (await self._store_rows(listing) if listing is not None else 0)
        for part in smaller:
            if slices.touches(part, low, rest):
                new += await self._fill(part, low, rest)
        return new

    async def _page_of(self, prefix: str, low: str, high: str) -> tuple[int, str | None]:
        """A page of a slice. Returns how many rows were new, and up to which moment the slice is still unknown (None:
        not at all).

        A full page is the newest rows of the slice: whatever is missing is as old as its oldest row or older. Where a
        larger page is likely to hold the whole slice, one more request is cheaper than many small ones.
        """
        listing = await self._slice(prefix, SLICE_PAGE)
        if listing is None:
            return 0, high
        if not self._is_full(listing, SLICE_PAGE):
            self._ask_ahead()
            return await self._store_rows(listing), None
        new = await self._store_rows(listing)
        oldest = _oldest(listing.rows)
        if len(listing.rows) / slices.share(prefix, oldest) < LARGEST_PAGE * 0.8:
            larger = await self._slice(prefix, LARGEST_PAGE)
            if larger is not None:
                if not self._is_full(larger, LARGEST_PAGE):
                    self._ask_ahead()
                stored = {_id_of(row): row for row in listing.rows}
                new += await self._store_rows(larger, stored)
                if not self._is_full(larger, LARGEST_PAGE):
                    return new, None
                oldest = _oldest(larger.rows)
        return new, min(high, oldest)

    def _ask_ahead(self) -> None:
        """Asks for the slice after this one, so that the gateway is at work while these rows are stored."""
        if self._next:
            prefix, self._next = self._next[0], []
            self._ahead = (prefix, asyncio.create_task(self._ask(prefix, SLICE_PAGE)))

    async def _forget_ahead(self) -> None:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead[1].cancel()
            await asyncio.gather(ahead[1], return_exceptions=True)

    async def _slice(self, prefix: str, count: int) -> Listing[RowT] | None:
        """The rows of a slice, or None where the server choked on it (trap 17)."""
        if self._ahead is not None and self._ahead[0] == prefix and count == SLICE_PAGE:
            (_, asked), self._ahead = self._ahead, None
            return await asked
        await self._forget_ahead()
        return await self._ask(prefix, count)

    async def _ask(self, prefix: str, count: int) -> Listing[RowT] | None:
        try:
            return await self._fetch(dt=prefix, count=count)
        except MalformedReplyError as error:
            if getattr(error, "http_status", None) is None:
                raise
            return None

    @staticmethod
    def _is_full(listing: Listing[RowT], count: int) -> bool:
        return len(listing.rows) + listing.skipped >= count

    async def _store_rows(self, listing: Listing[RowT], stored: dict[int, RowT] | None = None) -> int:
        """Returns how many were new. ``stored``: rows of a moment ago that need not be stored again."""
        rows: Sequence[RowT] = listing.rows
        if stored:
            rows = [row for row in rows if stored.get(_id_of(row)) != row]
        new = 0
        for start in range(0, len(rows), _STEP):
            if start:
                await asyncio.sleep(0)
            new += self._take(rows[start : start + _STEP], listing.timestamp)
        return new


def _oldest(rows: Sequence[OutgoingRow | IncomingRow]) -> str:
    """The oldest date-time of a page; "9" (nothing is older) where none can be read."""
    return min((row.dt for row in rows if parse(row.dt) is not None), default="9")


def _id_of(row: OutgoingRow | IncomingRow) -> int:
    return row.smslog_id if isinstance(row, OutgoingRow) else row.id
