"""A second with more rows than the gateway gives at once: no slice of time is smaller.

Where its rows stand with the lowest ID first, ``last`` leads on to the next ones. Else the numbers differ: ``dst`` and
``src`` match the end of a number (trap 19), so each digit at the end names a tenth of the rows, and each two a
hundredth. What is left where many rows have one number, or where those filters do not work, cannot be asked for: it is
written down and said.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from string import ascii_lowercase, digits
from typing import Generic

from voipe_tui.client.models import Listing
from voipe_tui.store.facts import Facts
from voipe_tui.store.models import Source
from voipe_tui.sync.paging import LARGEST_PAGE, SMALLEST_PAGE, Page, Pages, RowT, id_of, number_of

log = logging.getLogger(__name__)

_MOST_REQUESTS = 200  # for one second
_LONGEST_ENDING = 9
_REST_SECONDS = 600.0  # rows may still turn up in it
_HOPELESS_SECONDS = 86_400.0


class Crowds(Generic[RowT]):
    """Reads the crowded seconds of one list, as far as it goes. ``store_rows`` returns how many were new."""

    def __init__(
        self,
        source: Source,
        facts: Facts,
        clock: Callable[[], float],
        pages: Pages[RowT],
        store_rows: Callable[[Listing[RowT]], Awaitable[int]],
    ) -> None:
        self._source = source
        self._facts = facts
        self._clock = clock
        self._pages = pages
        self._store_rows = store_rows
        self._requests = 0

    async def read(self, second: str, above: int = 0) -> int:
        """All rows of a second that has more of them than were given. Returns how many were new."""
        page = await self._pages.slice(second, LARGEST_PAGE, above)
        new = await self._store_rows(page.listing)
        if page.whole or self._rests(second):
            return new
        self._requests = 0
        more, whole = await self._walk(page, partial(self._pages.slice, second, LARGEST_PAGE))
        if not whole:
            further, whole = await self._read_ending(second, "", above)
            more += further
        if not whole:
            log.warning("%s: not all rows of %s can be read", self._source, second)
        self._facts.note_crowd(self._source, second, self._clock(), whole=whole)
        return new + more

    def _rests(self, second: str) -> bool:
        known = self._facts.crowds(self._source).get(second)
        if known is None:
            return False
        at, whole = known
        return abs(self._clock() - at) < (_REST_SECONDS if whole else _HOPELESS_SECONDS)

    async def _walk(self, page: Page[RowT], ask: Callable[[int], Awaitable[Page[RowT]]]) -> tuple[int, bool]:
        """On from a page whose rows stand with the lowest ID first. Returns how many were new, and whether these are
        all."""
        new = 0
        while not page.whole:
            ids = [id_of(row) for row in page.listing.rows]
            if len(ids) < SMALLEST_PAGE or ids != sorted(ids):
                return new, False
            self._requests += 1
            page = await ask(ids[-1])
            new += await self._store_rows(page.listing)
            if not page.listing.rows:
                break
        return new, True

    async def _read_ending(self, second: str, ending: str, above: int) -> tuple[int, bool]:
        """The rows of a second whose numbers end so, an ending by one longer each. Returns how many were new, and
        whether these are all."""
        new, all_whole = 0, True
        outgoing = self._source == "outgoing"
        # Senders may have names, recipients never.
        first = digits if outgoing or ending[:1].isdigit() else digits + ascii_lowercase
        for sign in first:
            if self._requests >= _MOST_REQUESTS:
                return new, False
            self._requests += 1
            longer = sign + ending
            page = await self._pages.ending(second, longer, above, outgoing=outgoing)
            rows = page.listing.rows
            if any(not number_of(row).lower().endswith(longer) for row in rows):
                return new + await self._store_rows(page.listing), False  # it looks at something else
            new += await self._store_rows(page.listing)
            if not page.whole:
                if len({number_of(row) for row in rows}) < 2 or len(longer) >= _LONGEST_ENDING:
                    ask = partial(self._pages.ending, second, longer, outgoing=outgoing)
                    more, whole = await self._walk(page, ask)
                else:
                    more, whole = await self._read_ending(second, longer, above)
                new, all_whole = new + more, all_whole and whole
        return new, all_whole


_SAID = 3
_NAMES: dict[Source, str] = {
    "outgoing": "what was sent",
    "inbox": "the inbox (ix)",
    "incoming": "messages with a keyword (in)",
}


def missing_words(facts: Facts, sources: Sequence[Source] = ("outgoing", "inbox", "incoming")) -> str:
    """Which messages the gateway has and does not show, in a sentence or two; empty where there are none."""
    found = [(_NAMES[source], second) for source, second in facts.unreadable() if source in sources]
    if not found:
        return ""
    named = ", ".join(f"{second} ({name})" for name, second in sorted(found, reverse=True)[:_SAID])
    more = f" and {len(found) - _SAID} more" if len(found) > _SAID else ""
    return (
        f"More messages than the gateway shows at once came within one second: {named}{more}, by its clock. "
        "Some of them are missing here; nothing in its protocol asks for them."
    )
