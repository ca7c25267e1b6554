"""The account's phone book and its groups, so that lists show names and recipients complete themselves, offline too.

``get_contact`` finds by a part of a name or a number and knows no "all" (trap 4: an empty keyword finds nothing). But
every number holds a digit: ten questions bring the whole book. A group's code is letters and digits, or its name is in
Hebrew: the commonest letters bring them. That is done once a day.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from voipe_tui.client.models import Contact, ContactGroup, Listing
from voipe_tui.errors import UnsupportedError
from voipe_tui.store import Store

_MOST = 5_000
_CHUNK = 200
_EVERY_SECONDS = 86_400.0
_FACT = "contacts.at"
_IN_GROUPS = "AEIOUYNRSTLC0123456789אהויםלמתרש"
"""A group is found by a part of its code or its name. Hardly one has none of these in either."""


class ContactBook:
    """Keeps the store's copy of the gateway's contacts."""

    def __init__(
        self,
        store: Store,
        search: Callable[[str, int], Awaitable[Listing[Contact]]],
        search_groups: Callable[[str, int], Awaitable[Listing[ContactGroup]]],
    ) -> None:
        self._store = store
        self._search = search
        self._search_groups = search_groups
        self._missing = False

    def is_due(self) -> bool:
        at = self._store.facts.get_float(_FACT)
        return not self._missing and (at is None or self._store.clock() - at >= _EVERY_SECONDS)

    async def refresh(self) -> None:
        """Reads the whole book. A gateway without contacts is asked again at the next start."""
        try:
            for digit in "0123456789":
                listing = await self._search(digit, _MOST)
                await self._remember(
                    [(each.number, each.name, each.pid, each.email, each.tags) for each in listing.rows]
                )
        except UnsupportedError:
            self._missing = True
            self._store.facts.set_capability("contacts", False)
            return
        self._store.facts.set_capability("contacts", True)
        self._store.facts.set(_FACT, repr(self._store.clock()))
        await self._refresh_groups()

    async def _remember(self, contacts: list[tuple[str, str, int | None, str, str]]) -> None:
        for start in range(0, len(contacts), _CHUNK):
            self._store.people.remember(contacts[start : start + _CHUNK])
            await asyncio.sleep(0)  # keys come first

    async def _refresh_groups(self) -> None:
        try:
            for letter in _IN_GROUPS:
                listing = await self._search_groups(letter, _MOST)
                self._store.people.remember_groups((each.code, each.name, each.gpid) for each in listing.rows)
        except UnsupportedError:
            self._store.facts.set_capability("groups", False)
            return
        self._store.facts.set_capability("groups", True)
