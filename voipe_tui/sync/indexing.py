"""Makes what came in searchable, in steps so small that keys come first."""

from __future__ import annotations

import asyncio
from typing import Final

from voipe_tui.store import Store
from voipe_tui.sync.turns import Pieces, Turns

_LEAST, _MOST = 8, 256  # messages at once
_PAUSE_SECONDS: Final = 0.004
_CAN_WAIT: Final = 3  # times the pause of other work while somebody types


class Indexer:
    """Belongs to the thread of its store."""

    def __init__(self, store: Store, turns: Turns) -> None:
        self._store = store
        self._turns = turns
        self._pieces = Pieces(turns, _LEAST, _MOST)

    async def run(self, stop: asyncio.Event) -> None:
        """Until nothing is left, or ``stop``."""
        left = 1
        while left and not stop.is_set():
            some = self._pieces.size
            self._pieces.begin()
            left = self._store.search.index_some(some)
            self._pieces.end(some if left else 0)
            await asyncio.sleep(max(_PAUSE_SECONDS, _CAN_WAIT * self._turns.pause()))
