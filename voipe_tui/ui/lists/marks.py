"""Which messages of a list are marked: by identity, so that nothing that happens to the list moves a mark.

All that match a view are marked without being read: the view itself is the mark, as it stood at that moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from voipe_tui.store.models import Key, View

MOST_MARKS = 50_000
"""Single messages that can be marked; more than that only as all that match."""
TOO_MANY = f"More than {MOST_MARKS:,} cannot be marked one by one: narrow the list with / and mark all with A."


class Markable(Protocol):
    """A message, or a conversation."""

    @property
    def id(self) -> Any: ...

    @property
    def position(self) -> Key: ...


class Marks:
    """Either single rows (``ids``) or everything in a view (``every``) but for a few; and a range being drawn."""

    def __init__(self) -> None:
        self.ids: set[Any] = set()
        self.every: View | None = None
        self.anchor: Markable | None = None
        """Where an open range begins."""

    @property
    def any(self) -> bool:
        return bool(self.ids) or self.every is not None

    @property
    def touched(self) -> bool:
        """Something is marked, or a range is open."""
        return self.any or self.anchor is not None

    def clear(self) -> None:
        self.ids.clear()
        self.every = self.anchor = None

    def covers(self, view: View) -> bool:
        """Everything in ``view`` is marked, as far as it was there by then."""
        return self.every is not None and _bare(self.every) == view

    def has(self, message: Markable, view: View) -> bool:
        every = self.every
        if every is None:
            return message.id in self.ids
        return (
            every.newest_id is not None
            and message.id <= every.newest_id
            and message.id not in every.without
            and self.covers(view)
        )

    def mark_every(self, view: View, newest_id: int) -> None:
        """All of ``view`` up to the newest message there is; those that come later are not marked."""
        self.clear()
        self.every = view._replace(newest_id=newest_id)

    def toggle(self, message: Markable, view: View) -> None:
        if self.every is None:
            self.ids ^= {message.id}
        elif self.covers(view) and self.every.newest_id is not None and message.id <= self.every.newest_id:
            self.every = self.every._replace(without=self.every.without ^ {message.id})

    def add(self, ids: Iterable[Any]) -> None:
        """Marks more; with everything marked it only takes back exceptions."""
        if self.every is None:
            self.ids.update(ids)
        else:
            self.every = self.every._replace(without=self.every.without - set(ids))

    def done_with(self, ids: Iterable[Any]) -> None:
        """What was marked has left the list; marks that a filter hides stay."""
        self.every = None
        self.drop(ids)

    def drop(self, ids: Iterable[Any]) -> None:
        self.ids.difference_update(ids)

    def in_range(self, position: Key, cursor: Markable | None) -> bool:
        """Between the beginning of the open range and the cursor."""
        if self.anchor is None or cursor is None:
            return False
        low, high = sorted((self.anchor.position, cursor.position))
        return low <= position <= high


def _bare(view: View) -> View:
    return view._replace(newest_id=None, without=frozenset())
