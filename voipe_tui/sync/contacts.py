"""The account's phone book, so that lists show names.

``get_contact`` finds by a part of a name or a number and knows no "all" (trap 4: an empty keyword finds nothing). But
every number holds a digit: ten questions bring the whole book. That is done once a day.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from voipe_tui.client.models import Contact, Listing
from voipe_tui.errors import UnsupportedError
from voipe_tui.store import Store

_MOST = 5_000
_EVERY_SECONDS = 86_400.0
_FACT = "contacts.at"


class ContactBook:
    """Keeps the store's copy of the gateway's contacts."""

    def __init__(self, store: Store, search: Callable[[str, int], Awaitable[Listing[Contact]]]) -> None:
        self._store = store
        self._search = search
        self._missing = False

    def is_due(self) -> bool:
        at = self._store.facts.get_float(_FACT)
        return not self._missing and (at is None or self._store.clock() - at >= _EVERY_SECONDS)

    async def refresh(self) -> None:
        """Reads the whole book. A gateway without contacts is asked again at the next start."""
        try:
            for digit in "0123456789":
                listing = await self._search(digit, _MOST)
                self._store.facts.remember_contacts(
                    (each.number, each.name, each.pid, each.email, each.tags) for each in listing.rows
                )
        except UnsupportedError:
            self._missing = True
            self._store.facts.set_capability("contacts", False)
            return
        self._store.facts.set_capability("contacts", True)
        self._store.facts.set(_FACT, repr(self._store.clock()))
