"""The part of a list that is in memory: a window of rows around the cursor, read by key.

Nothing here knows the terminal. Time and memory do not grow with the number of messages: rows are fetched in pages by
position (sort_at, id) and dropped again far from the screen. The cursor is a message, not a row number: whatever
arrives, changes or disappears, it stays on its message, and that message stays on its line of the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from voipe_tui.store.models import Key, Message

PAGE = 64
"""How many rows are read at once, and kept ready beyond the edges of the screen."""

KEEP = 512
"""Rows kept in memory before far ones are dropped."""

FRESH_LIMIT = 100
"""New rows are counted up to here; beyond it reads "99+"."""


class Fetch(Protocol):
    """A page of the view, newest first: older than ``before``, or the nearest newer than ``after``."""

    def __call__(
        self, *, before: Key | None = None, after: Key | None = None, limit: int = PAGE, including: bool = False
    ) -> list[Message]: ...


class ListModel:
    """A cursor and a screenful over an endless list.

    ``rows`` is a gapless stretch of the list, newest first; ``top`` and ``cursor`` are indexes into it. ``fresh`` is
    how many newer messages came since the top of the list was last on the screen.
    """

    def __init__(self, fetch: Fetch, look_up: Callable[[int], Message | None], height: int = 1) -> None:
        self._fetch = fetch
        self._look_up = look_up
        self.height = max(height, 1)
        self.by_lines = False
        self.rows: list[Message] = []
        self.top = 0
        self.cursor = 0
        self.fresh = 0
        self._at_start = True
        self._at_end = True
        self._seen: Key | None = None
        self._newest_id = 0
        self.refilled = False
        """It was empty, and nobody moved in it since."""

    # What is there

    @property
    def current(self) -> Message | None:
        return self.rows[self.cursor] if self.rows else None

    @property
    def at_top(self) -> bool:
        """The newest row is on the screen."""
        return self._at_start and self.top == 0

    @property
    def visible(self) -> list[Message]:
        """The rows on the screen."""
        return self.rows[self.top : self.top + self.height]

    def at(self, line: int) -> Message | None:
        """The message on a line of the screen."""
        index = self.top + line
        return self.rows[index] if 0 <= line < self.height and index < len(self.rows) else None

    @property
    def cursor_line(self) -> int:
        return self.cursor - self.top

    # Moving

    def resize(self, height: int) -> None:
        """Another number of lines; the cursor stays in sight."""
        self.height = max(height, 1)
        self._settle()

    def newest(self, ahead: int = PAGE) -> None:
        """To the first row, read afresh, with so many rows beyond the screen."""
        self.rows = self._fetch(limit=self.height + ahead)
        self._at_start = True
        self._at_end = len(self.rows) < self.height + ahead
        self.top = self.cursor = 0
        self._settle()

    def oldest(self) -> None:
        """To the last row, read afresh."""
        self.refilled = False
        limit = self.height + PAGE
        self.rows = self._fetch(after=(float("-inf"), 0), limit=limit)
        self._at_end = True
        self._at_start = len(self.rows) < limit
        self.cursor = max(len(self.rows) - 1, 0)
        self.top = max(len(self.rows) - self.height, 0)
        self._settle()

    def move(self, by: int) -> bool:
        """Moves the cursor; leaving the screen shifts it (``by_lines``) or turns a page, as pagers do. False when it
        cannot move."""
        self.refilled = False
        self._reach(by)
        target = min(max(self.cursor + by, 0), max(len(self.rows) - 1, 0))
        if target == self.cursor:
            return False
        self.cursor = target
        if not self.top <= target < self.top + self.height:
            self.top = self._top_for(target, by)
        self._settle()
        return True

    def _top_for(self, cursor: int, by: int) -> int:
        """Where the screen begins when the cursor has left it."""
        on_first_line, on_last_line = cursor, cursor - self.height + 1
        if self.by_lines:
            return on_last_line if by > 0 else on_first_line
        context = 1 if self.height > 2 else 0
        return on_first_line - context if by > 0 else on_last_line + context

    def page(self, direction: int) -> bool:
        """A screenful down (1) or up (-1), one line of it staying in sight."""
        self.refilled = False
        by = direction * max(self.height - 1, 1)
        before = self.cursor, self.current
        self._reach(by)
        self.top += by
        self.cursor = min(max(self.cursor + by, 0), max(len(self.rows) - 1, 0))
        self._settle()
        return (self.cursor, self.current) != before

    def scroll(self, lines: int) -> None:
        """Shifts the screen under the cursor, which is taken along at the edges."""
        self.refilled = False
        self._reach(lines)
        limit = max(len(self.rows) - self.height, 0)
        self.top = min(max(self.top + lines, 0), limit)
        self.cursor = min(max(self.cursor, self.top), self.top + self.height - 1, max(len(self.rows) - 1, 0))
        self._settle()

    def select_line(self, line: int) -> bool:
        """The cursor to a line of the screen; False where there is no message."""
        if self.at(line) is None:
            return False
        self.refilled = False
        self.cursor = self.top + line
        return True

    def select(self, message_id: int, *, afresh: bool = False) -> bool:
        """The cursor to a message, wherever it is; False when this list does not show it.

        ``afresh``: the rows at hand belong to another filter and are not looked at.
        """
        self.refilled = False
        for index, message in enumerate(self.rows):
            if message.id == message_id and not afresh:
                self.cursor = index
                self._settle()
                return True
        found = self._look_up(message_id)
        return found is not None and self._around(found.position, self.height // 3, message_id)

    def between(self, one: Key, other: Key) -> Iterator[list[Message]]:
        """All messages of the list from one place to the other, both included, a page at a time."""
        oldest, newest = sorted((one, other))
        page = self._fetch(before=newest, limit=KEEP, including=True)
        while page:
            yield [message for message in page if message.position >= oldest]
            page = self._fetch(before=page[-1].position, limit=KEEP) if page[-1].position > oldest else []

    # Following the store

    def reload(self, *, hold: bool = False) -> None:
        """Reads the rows around the cursor again.

        The cursor stays on its message and its line; if the message left the list, the next older one takes its
        place. Only with the cursor on the newest row may new rows push the others down, and not with ``hold``: else
        the next key would be meant for another row than the one that stands there.
        """
        current = self.current
        if current is None:
            self.newest()
            self.refilled = True
            return
        on_newest = self._at_start and self.cursor == 0
        line = self.cursor_line
        now = self._look_up(current.id)
        position = now.position if now is not None else current.position
        self._around(position, line, None)
        if on_newest and not hold and self._at_start and self.cursor < self.height:
            self.top = 0
        self._settle()
        self._count_fresh()

    def _around(self, position: Key, line: int, wanted: int | None) -> bool:
        """Rows around a position, its row on screen line ``line``. With ``wanted`` nothing changes if it is not
        there."""
        limit_below = self.height - line + PAGE
        limit_above = line + PAGE
        below = self._fetch(before=position, limit=limit_below, including=True)
        if wanted is not None and (not below or below[0].id != wanted):
            return False
        above = self._fetch(after=position, limit=limit_above)
        self.rows = above + below
        self._at_start = len(above) < limit_above
        self._at_end = len(below) < limit_below
        self.cursor = min(len(above), max(len(self.rows) - 1, 0))
        self.top = max(self.cursor - line, 0)
        self._settle()
        return True

    def _count_fresh(self) -> None:
        if self.at_top or self._seen is None:
            return
        # What was taken back or woke up stands above too, and is not new.
        newer = self._fetch(after=self._seen, limit=FRESH_LIMIT)
        self.fresh = sum(row.position[1] > self._newest_id for row in newer)

    # Keeping the window filled

    def _reach(self, by: int) -> None:
        """Makes sure that the rows are there for moving so far."""
        if by > 0:
            self._extend_down(self.cursor + by + self.height)
        else:
            self._extend_up(self.top - self.height + by)

    def _extend_down(self, index: int) -> None:
        while not self._at_end and index >= len(self.rows):
            limit = max(PAGE, index - len(self.rows) + 1)
            more = self._fetch(before=self.rows[-1].position, limit=limit) if self.rows else self._fetch(limit=limit)
            self._at_end = len(more) < limit
            self.rows += more
        if len(self.rows) > KEEP and (drop := self.top - PAGE) > 0:
            del self.rows[:drop]
            self.top -= drop
            self.cursor -= drop
            self._at_start = False

    def _extend_up(self, index: int) -> None:
        while not self._at_start and index < 0 and self.rows:
            limit = max(PAGE, -index)
            more = self._fetch(after=self.rows[0].position, limit=limit)
            self._at_start = len(more) < limit
            self.rows[:0] = more
            self.top += len(more)
            self.cursor += len(more)
            index += len(more)
        keep = max(self.top + self.height, self.cursor) + PAGE
        if len(self.rows) > KEEP and keep < len(self.rows):
            del self.rows[keep:]
            self._at_end = False

    def _settle(self) -> None:
        """Puts top and cursor where they can be: the screen full if there are rows for it, the cursor in sight."""
        if not self.rows:
            self.top = self.cursor = self.fresh = 0
            self._seen = None
            return
        self._extend_down(self.top + self.height - 1)
        if self.top < 0:
            self._extend_up(self.top)
        last = len(self.rows) - 1
        self.cursor = min(max(self.cursor, 0), last)
        self.top = min(max(self.top, 0), max(last + 1 - self.height, 0))
        if self.cursor < self.top:
            self.top = self.cursor
        elif self.cursor >= self.top + self.height:
            self.top = self.cursor - self.height + 1
        if self.top < 0:
            self.top = 0
        if self.at_top:
            self._seen = self.rows[0].position
            self._newest_id = max(self._newest_id, *(row.position[1] for row in self.rows[: self.height]))
            self.fresh = 0
