"""Asking what became of messages that are on their way: many in one call, fresh ones first, old ones rarely.

A delivery report changes a row without changing its ID, so ``last`` never shows it (trap 23), and a list of IDs is not
understood (trap 20). What can be asked for together is a page of the newest rows and a slice of time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from voipe_tui.client.models import Listing, OutgoingRow
from voipe_tui.store import Store, Waiting
from voipe_tui.sync.pace import GIVE_UP_SECONDS, refresh_interval
from voipe_tui.sync.reader import ListReader

_FRESH_SECONDS = 300.0
_SLICES_A_TICK = 4
_QUEUES_A_TICK = 4
_UNSEEN_SECONDS = 30.0
_GIVE_UP_EVERY = 600.0


class StatusRefresher:
    """Refreshes waiting rows at the pace of their age."""

    def __init__(
        self,
        store: Store,
        reader: ListReader[OutgoingRow],
        by_queue: Callable[[str], Awaitable[Listing[OutgoingRow]]],
        take: Callable[[tuple[OutgoingRow, ...], int | None], int],
    ) -> None:
        self._store = store
        self._reader = reader
        self._by_queue = by_queue
        self._take = take
        self._asked: dict[str, float] = {}
        self._gave_up_at = float("-inf")

    def fresh(self) -> bool:
        """Whether something handed over in the last minutes still moves: reason to ask quickly."""
        return bool(self._store.gateway_rows.waiting(self._store.clock() - _FRESH_SECONDS, limit=1))

    async def run(self, *, swept: bool) -> None:
        """One round. ``swept``: the newest page has just been read, so what it shows is up to date."""
        now = self._store.clock()
        if now - self._gave_up_at >= _GIVE_UP_EVERY:
            self._gave_up_at = now
            self._store.gateway_rows.give_up(now - GIVE_UP_SECONDS)
        before = self._store.gateway_rows.waiting(now - GIVE_UP_SECONDS)
        if not before:
            self._asked.clear()
            return
        if not swept and any(now - each.sort_at <= _FRESH_SECONDS and each.status != "scheduled" for each in before):
            await self._reader.sweep()
        await self._ask_slices(before, now)
        await self._ask_queues(before, now)

    async def _ask_slices(self, waiting: list[Waiting], now: float) -> None:
        oldest: dict[str, float] = {}
        for each in waiting:
            if each.gateway_time is not None and now - each.sort_at > _FRESH_SECONDS:
                hour = each.gateway_time[:13]
                oldest[hour] = max(oldest.get(hour, 0.0), each.sort_at)
        due = [hour for hour, newest in oldest.items() if self._is_due(hour, now - newest, now)]
        for hour in due[:_SLICES_A_TICK]:
            self._asked[hour] = now
            await self._reader.around(hour)

    async def _ask_queues(self, waiting: list[Waiting], now: float) -> None:
        """What no list has shown yet: scheduled at the gateway, or slow to leave its queue."""
        unseen = [
            each
            for each in waiting
            if each.gateway_time is None and each.queue and now - each.sort_at > _UNSEEN_SECONDS
        ]
        due = [each for each in unseen if each.queue and self._is_due(each.queue, now - each.sort_at, now, 60.0)]
        for each in due[:_QUEUES_A_TICK]:
            assert each.queue is not None
            self._asked[each.queue] = now
            listing = await self._by_queue(each.queue)
            if listing.rows:
                self._take(listing.rows, listing.timestamp)
                if each.gateway_id is None:
                    self._store.reconciler.bind(each.row_id, [row.smslog_id for row in listing.rows])
            elif listing.left_queue:
                self._store.gateway_rows.remark(
                    each.row_id,
                    "It left the gateway's queue without a trace in its list; the number may be on the stop list "
                    "or the credit may have run out.",
                )

    def _is_due(self, what: str, age: float, now: float, at_least: float = 0.0) -> bool:
        interval = refresh_interval(age)
        return interval is not None and now - self._asked.get(what, 0.0) >= max(interval, at_least)
