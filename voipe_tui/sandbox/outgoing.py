"""One account's outgoing messages, in columns: a million rows in some 50 MB, a page without a scan.

Rows lie in slots in the order in which they were inserted; two small indexes give them by ID and by time. Times are
epoch seconds; how a list shows them is the gateway's business.
"""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

NO_SLOT = -1


class OutgoingTable:
    """The rows that the queue has processed. Statuses: 0 pending, 1 sent, 2 failed, 3 delivered."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.ids = array("q")
        self.times = array("q")
        self.updates = array("q")  # 0: never updated
        self.statuses = bytearray()
        self.sources: list[str] = []
        self.numbers: list[str] = []
        self.texts: list[str] = []
        self._slot_of_id = array("i")
        self._by_time = array("i")  # slots, by (time, insertion)
        self._slots_of_queue: dict[str, list[int]] = {}

    def clear(self) -> None:
        """Forgets every row, as a reset of the server's database does (trap 25)."""
        self._clear()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def last_id(self) -> int:
        """The highest ID among the rows, 0 without any."""
        return len(self._slot_of_id) - 1 if self._slot_of_id else 0

    def add(self, smslog_id: int, source: str, number: str, text: str, time: int, *, queue: str = "") -> int:
        """Inserts a pending row and returns its slot."""
        slot = len(self.ids)
        self.ids.append(smslog_id)
        self.times.append(time)
        self.updates.append(0)
        self.statuses.append(0)
        self.sources.append(source)
        self.numbers.append(number)
        self.texts.append(text)
        missing = smslog_id + 1 - len(self._slot_of_id)
        if missing > 0:
            self._slot_of_id.extend(array("i", [NO_SLOT]) * missing)
        self._slot_of_id[smslog_id] = slot
        if slot and time < self.times[self._by_time[-1]]:  # the clock was set back
            place = bisect_right(self._by_time, time, key=self.times.__getitem__)
            self._by_time.insert(place, slot)
        else:
            self._by_time.append(slot)
        if queue:
            self._slots_of_queue.setdefault(queue, []).append(slot)
        return slot

    def set_status(self, slot: int, status: int, time: int) -> None:
        """A delivery report: the status changes, the ID and ``dt`` do not (trap 23)."""
        self.statuses[slot] = status
        self.updates[slot] = time

    def slot_of(self, smslog_id: int) -> int:
        """The slot of an ID, NO_SLOT where there is no such row."""
        return self._slot_of_id[smslog_id] if 0 < smslog_id < len(self._slot_of_id) else NO_SLOT

    def slots_of_queue(self, queue: str) -> list[int]:
        """The slots of one queue code, newest first."""
        return self._newest_first(self._slots_of_queue.get(queue, ()))

    def slots_ending(self, ending: str) -> list[int]:
        """The slots whose number ends so, newest first: a plain pass over one column."""
        return self._newest_first(slot for slot, number in enumerate(self.numbers) if number.endswith(ending))

    def newest(self, first: int = 0, last: int | None = None) -> Iterator[int]:
        """Slots newest first, those of one second in insertion order, as the server's listings come (``ds.all``).

        ``first`` and ``last`` bound the positions in time order.
        """
        position = (len(self._by_time) if last is None else last) - 1
        while position >= first:
            time = self.times[self._by_time[position]]
            start = position
            while start > first and self.times[self._by_time[start - 1]] == time:
                start -= 1
            yield from self._by_time[start : position + 1]
            position = start - 1

    def above(self, last_id: int, count: int, keep: Callable[[int], bool] | None = None) -> list[int]:
        """The newest ``count`` slots with an ID above ``last_id`` (trap 15), without a scan of the older ones."""
        if last_id >= self.last_id:
            return []
        if self.last_id - last_id <= max(1000, 4 * count):
            slots = (slot for slot in self._slot_of_id[max(last_id + 1, 0) :] if slot != NO_SLOT)
            chosen = slots if keep is None else filter(keep, slots)
            return heapq.nsmallest(count, chosen, key=lambda slot: (-self.times[slot], slot))
        newer = (slot for slot in self.newest() if self.ids[slot] > last_id and (keep is None or keep(slot)))
        return list(islice(newer, count))

    def positions_with_prefix(self, prefix: str, shown: Callable[[int], str]) -> tuple[int, int]:
        """Positions in time order of the rows whose date-time begins so, for ``newest``; ``shown`` writes a time."""

        def beginning(slot: int) -> str:
            return shown(self.times[slot])[: len(prefix)]

        return bisect_left(self._by_time, prefix, key=beginning), bisect_right(self._by_time, prefix, key=beginning)

    def _newest_first(self, slots: Iterable[int]) -> list[int]:
        return sorted(slots, key=lambda slot: (-self.times[slot], slot))
