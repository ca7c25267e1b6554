"""Asking for pages of one list, and judging what came: all there is, or all that the gateway gives at once?

A page as long as it was asked for proves a gap (trap 15). A shorter one proves nothing by itself, for a front may have
a limit of its own that nobody knows of. It is whole where its IDs leave no room for others, or where it is shorter
than another page of this gateway was: then no such limit is so low.

HTTP 500 means "too large" (trap 17) only if the smallest question is answered; where it is not, the list is in
trouble, whoever asked is told, and one smallest question at a time tells whether that is over. A gateway that is down
is not made well by being asked for less and less.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from voipe_tui.client.models import IncomingRow, Listing, OutgoingRow
from voipe_tui.errors import OVERLOADED, MalformedReplyError
from voipe_tui.sync.zones import parse

log = logging.getLogger(__name__)

PAGE = 100
SMALLEST_PAGE = 6
SLICE_PAGE = 2_000
LARGEST_PAGE = 10_000
"""10,000 rows answer in 0.2 s; 100,000 kill the server's PHP (trap 17)."""

_SMALLER = 8  # how many times less is asked for when a page was too large
_CALM = 8  # so many good pages later more is asked for again: it may have been a passing fault

RowT = TypeVar("RowT", bound=OutgoingRow | IncomingRow)
FetchedT = TypeVar("FetchedT", bound=OutgoingRow | IncomingRow, covariant=True)


class Fetch(Protocol[FetchedT]):
    """Asks the gateway for a page of a list."""

    def __call__(
        self,
        *,
        count: int | None = None,
        last: int | None = None,
        dt: str | None = None,
        src: str | None = None,
        dst: str | None = None,
    ) -> Awaitable[Listing[FetchedT]]: ...


class Limits:
    """The longest page that a gateway has given, which any limit of its own is not below. One for all its lists."""

    def __init__(self) -> None:
        self._most = SMALLEST_PAGE

    def proves(self, rows: int, asked: int) -> bool:
        """Whether a page of so many rows must be all there is."""
        whole = rows < min(asked, self._most)
        self._most = max(self._most, rows)
        return whole


class Page(NamedTuple, Generic[RowT]):
    """A page as it came. ``whole``: there is nothing beyond it. ``short``: no longer page would show more."""

    listing: Listing[RowT]
    whole: bool
    short: bool


class Pages(Generic[RowT]):
    """The pages of one list."""

    def __init__(self, fetch: Fetch[RowT], limits: Limits) -> None:
        self.fetch = fetch
        self._limits = limits
        self.top: int | None = None
        """The list's highest ID, where the gateway has just named it (``query``)."""
        self._choked = self._ill = self._said_skipped = False
        self._bears = LARGEST_PAGE
        self._good = 0
        self._ahead: tuple[tuple[str, int, int], asyncio.Task[Page[RowT]]] | None = None

    async def newest(self, above: int | None = None) -> Page[RowT]:
        """The newest rows, of those with a higher ID than ``above``. A server that chokes twice in a row is asked for
        fewer; once can be a passing fault."""
        try:
            listing, count = await self._bearable(
                PAGE, lambda rows: self.fetch(last=above, count=rows), patient=not self._choked
            )
        except MalformedReplyError:
            self._choked = True
            raise
        self._choked = False
        return self._judged(listing, count, above or 0)

    def _judged(self, listing: Listing[RowT], count: int, above: int | None = None) -> Page[RowT]:
        rows = len(listing.rows) + listing.skipped
        if listing.skipped and not self._said_skipped:
            self._said_skipped = True
            log.warning("%d rows of a list have no ID that can be read: they cannot be kept", listing.skipped)
        whole = self._limits.proves(rows, count)
        if above is not None and listing.rows and not whole:
            highest = max(map(id_of, listing.rows))
            # What has a higher ID and an older date may be missing all the same.
            up_to_top = highest >= self.top if self.top is not None else rows < count
            whole = up_to_top and rows >= highest - above
        return Page(listing, whole, rows < count)

    async def slice(self, prefix: str, count: int, above: int = 0) -> Page[RowT]:
        """The newest rows of a slice of time. Raises where the server chokes on the smallest page, too."""
        if self._ahead is not None and self._ahead[0] == (prefix, count, above):
            (_, asked), self._ahead = self._ahead, None
            return await asked
        await self.forget_ahead()
        return await self._ask(prefix, count, above)

    async def ending(self, second: str, numbers: str, above: int = 0, *, outgoing: bool) -> Page[RowT]:
        """The rows of a second whose number ends so, as the gateway compares it: without the leading 0 (trap 19)."""
        return await self._ask(second, LARGEST_PAGE, above, {"dst" if outgoing else "src": f"0{numbers}"})

    async def _ask(
        self, prefix: str, count: int, above: int = 0, numbers: Mapping[str, str] | None = None
    ) -> Page[RowT]:
        listing, asked = await self._bearable(
            count, lambda rows: self.fetch(dt=prefix, count=rows, last=above or None, **(numbers or {}))
        )
        return self._judged(listing, asked)

    async def _bearable(
        self, wanted: int, ask: Callable[[int], Awaitable[Listing[RowT]]], *, patient: bool = False
    ) -> tuple[Listing[RowT], int]:
        """A page of ``wanted`` rows, or of as many as the server bears, and how many that are. ``patient``: a failure
        is not looked into."""
        if self._ill:
            await ask(SMALLEST_PAGE)
            self._ill = False
        asked = min(wanted, self._bears)
        try:
            listing = await ask(asked)
        except MalformedReplyError as error:
            if patient or not _chokes(error) or asked <= SMALLEST_PAGE:
                raise
            listing, asked = await self._less(asked, ask)
        self._note_answer(asked, wanted)
        return listing, asked

    async def _less(self, refused: int, ask: Callable[[int], Awaitable[Listing[RowT]]]) -> tuple[Listing[RowT], int]:
        """The largest page of fewer rows that is answered; raises where not even the smallest one is."""
        try:
            smallest = await ask(SMALLEST_PAGE)
        except MalformedReplyError:
            self._ill = True
            raise
        while (refused := refused // _SMALLER) > SMALLEST_PAGE:
            try:
                return await ask(refused), refused
            except MalformedReplyError as error:
                if not _chokes(error):
                    raise
        return smallest, SMALLEST_PAGE

    def _note_answer(self, asked: int, wanted: int) -> None:
        if asked < min(wanted, self._bears):
            self._bears, self._good = asked, 0
            return
        self._good += asked >= min(self._bears, SLICE_PAGE)  # what is small says nothing of what is larger
        if self._good >= _CALM and self._bears < LARGEST_PAGE:
            self._bears, self._good = min(self._bears * 2, LARGEST_PAGE), 0

    def ask_ahead(self, prefix: str, count: int, above: int = 0) -> None:
        """Asks for a slice that will be wanted next, so that the gateway is at work while rows are stored."""
        self._ahead = ((prefix, count, above), asyncio.create_task(self._ask(prefix, count, above)))

    async def forget_ahead(self) -> None:
        """Nobody wants it any more."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead[1].cancel()
            await asyncio.gather(ahead[1], return_exceptions=True)


def _chokes(error: MalformedReplyError) -> bool:
    """Whether less may be answered: a redirect, a page that is not there, "too many requests" (429) or a front that
    takes nothing now (503) stay what they are, and more requests would be the wrong answer to them."""
    return error.http_status is not None and error.http_status >= 500 and error.http_status not in OVERLOADED


def id_of(row: OutgoingRow | IncomingRow) -> int:
    """A row's ID in its list."""
    return row.smslog_id if isinstance(row, OutgoingRow) else row.id


def number_of(row: OutgoingRow | IncomingRow) -> str:
    """The other side's number."""
    return row.dst if isinstance(row, OutgoingRow) else row.src


def oldest_of(rows: Sequence[OutgoingRow | IncomingRow]) -> str:
    """The oldest date-time of a page; "9" (nothing is older) where none can be read."""
    return min((row.dt for row in rows if parse(row.dt) is not None), default="9")
