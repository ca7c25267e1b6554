"""A list that is looked for little by little, so that no key waits for a search through a million messages.

Places that fit are remembered as far as was looked; what changes in that stretch is checked as it changes. A page that
is short because the rest was not looked at yet makes this ``pending``: somebody calls :meth:`step` until it is not.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from voipe_tui.store.models import Changed, Key, Message, View, Walk

if TYPE_CHECKING:
    from voipe_tui.store import Store

_AT_ONCE: Final = 256
_PATIENCE: Final = 5  # walks for one page of a stretch that nobody looked at in order


class Stretch:
    """What was found from the newest message back to ``reached``; ``found`` has the oldest first."""

    def __init__(self) -> None:
        self.found: list[Key] = []
        self.reached: Key | None = None
        self.complete = False

    def take(self, walk: Walk, limit: int) -> None:
        """What a walk for so many messages found, from ``reached`` on."""
        self.found[:0] = [message.position for message in reversed(walk.messages)]
        self.complete = walk.reached is None and len(walk.messages) < limit
        self.reached = walk.reached or (walk.messages[-1].position if walk.messages else self.reached)

    def has(self, place: Key) -> bool:
        """Whether it was looked there."""
        return self.complete or (self.reached is not None and place >= self.reached)

    def between(self, before: Key | None, after: Key | None, including: bool) -> tuple[int, int]:
        start = 0 if after is None else bisect_left(self.found, (after[0], after[1] + (not including)))
        end = len(self.found) if before is None else bisect_left(self.found, (before[0], before[1] + including))
        return start, max(start, end)


class Finding:
    """What a view with a filter or a search shows. Ends with :meth:`close`."""

    def __init__(self, store: Store, view: View) -> None:
        self.view = view
        self._store = store
        self._looked = Stretch()
        self._anew: Stretch | None = None  # everything may have changed: looked through once more behind the scenes
        self._short = False
        self._changed: set[int] = set()
        self._unsubscribe = store.subscribe(self._hear)

    def close(self) -> None:
        self._short, self._anew = False, None
        self._unsubscribe()

    @property
    def pending(self) -> bool:
        """The list could show more, or something else, after another :meth:`step`."""
        return self._short or self._anew is not None

    @property
    def reached(self) -> float | None:
        """Back to which moment was looked, while a page waits for more."""
        return self._looked.reached[0] if self._short and self._looked.reached is not None else None

    # What the list asks for

    def begin(self, walk: Walk, limit: int) -> list[Message]:
        """What somebody found from the newest message on, up to ``limit``; the rest is looked for from there."""
        self._looked.take(walk, limit)
        self._short = len(walk.messages) < limit and not self._looked.complete
        return walk.messages

    def fetch(
        self, *, before: Key | None = None, after: Key | None = None, limit: int, including: bool = False
    ) -> list[Message]:
        """As :meth:`voipe_tui.store.Store.page`, but what was not looked at yet may be missing at the old end."""
        self._absorb()
        upward, looked = before is None and after is not None, self._looked
        place = before if before is not None else after
        if looked.reached is not None and place is not None and not looked.has(place):
            found = self._directly(before, after, limit, including)
            if found is not None:
                return found
        start, end = looked.between(before, after, including)
        if not upward and end - start < limit and not looked.complete:
            if self._anew is None:
                self.step()
            start, end = looked.between(before, after, including)
            self._short = end - start < limit and not looked.complete
        places = looked.found[start:end]
        chosen = [row_id for _, row_id in (places[:limit] if upward else places[-limit:])]
        if self._anew is not None:
            shown = set(self._store.messages.which(self.view, chosen))
            chosen = [row_id for row_id in chosen if row_id in shown]
        rows = self._store.get(chosen)
        return [rows[row_id] for row_id in reversed(chosen) if row_id in rows]

    def _directly(self, before: Key | None, after: Key | None, limit: int, including: bool) -> list[Message] | None:
        """A page out of order; None where it is not found at once."""
        found: list[Message] = []
        upward = before is None
        for _ in range(_PATIENCE):
            walk = self._store.messages.walk(
                self.view, before=before, after=after, limit=limit - len(found), including=including
            )
            found = walk.messages + found if upward else found + walk.messages
            if walk.reached is None or len(found) >= limit:
                return found
            before, after, including = (None, walk.reached, False) if upward else (walk.reached, after, False)
        return None

    # Looking further

    def step(self) -> bool:
        """Looks a little further back; True where the list is to be read again."""
        stretch = self._anew or self._looked
        if stretch.complete:
            self._short = False
            return False
        walk = self._store.messages.walk(self.view, before=stretch.reached, limit=_AT_ONCE)
        stretch.take(walk, _AT_ONCE)
        if stretch is self._looked:
            self._short = self._short and not stretch.complete
            return bool(walk.messages) or stretch.complete
        if not stretch.complete and (self._looked.complete or not stretch.has(self._looked.reached or _NEWEST)):
            return False
        self._looked, self._anew = stretch, None
        return True

    # Following the store

    def _hear(self, changed: Changed) -> None:
        if changed.everything:
            self._anew = Stretch()
        self._changed |= changed.ids | changed.inserted | changed.removed

    def _absorb(self) -> None:
        """Takes in what changed where it was looked already."""
        if not self._changed:
            return
        changed, self._changed = self._changed, set()
        fitting = self._store.get(self._store.messages.which(self.view, changed)).values()
        for stretch in (self._looked, self._anew):
            if stretch is not None:
                stretch.found = [place for place in stretch.found if place[1] not in changed]
                for message in fitting:
                    if stretch.has(message.position):
                        stretch.found.insert(bisect_left(stretch.found, message.position), message.position)


_NEWEST: Final[Key] = (float("inf"), 0)
