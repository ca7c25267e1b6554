"""A table of incoming messages (``ix`` of an account, or ``in`` and ``sx`` of the gateway), kept in time order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class IncomingRow:
    """A message in ``in`` (``keyword`` matched), ``sx`` (nothing matched, ``username`` empty) or ``ix``."""

    id: int
    source: str
    receiver: str
    text: str
    time: int
    keyword: str = ""
    username: str = ""


class IncomingTable:
    """Rows oldest first; those of one second in the order in which they came."""

    def __init__(self) -> None:
        self.rows: list[IncomingRow] = []
        self.last_id = 0

    def __len__(self) -> int:
        return len(self.rows)

    def clear(self) -> None:
        """Forgets every row (trap 25)."""
        self.rows.clear()
        self.last_id = 0

    def add(self, row: IncomingRow) -> None:
        """Inserts a row at its time."""
        self.last_id = max(self.last_id, row.id)
        if self.rows and row.time < self.rows[-1].time:  # the clock was set back
            self.rows.insert(bisect_right(self.rows, row.time, key=lambda other: other.time), row)
        else:
            self.rows.append(row)

    def newest(self) -> Iterator[IncomingRow]:
        """Newest first, those of one second in insertion order (``ix.limit``)."""
        end = len(self.rows)
        while end:
            start = end - 1
            while start and self.rows[start - 1].time == self.rows[end - 1].time:
                start -= 1
            yield from self.rows[start:end]
            end = start
