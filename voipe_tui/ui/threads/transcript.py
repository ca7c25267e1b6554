"""The part of a conversation that is in memory: a window of messages, oldest first, laid out in lines.

Like :mod:`voipe_tui.ui.lists.model`, but what is on the screen is measured in lines, the newest message is at the
bottom, and new ones push up what is above them only while one is reading the last one. Nothing here knows the terminal;
time and memory do not grow with the length of a conversation.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from voipe_tui.store.models import Key, Message
from voipe_tui.ui.lists.model import FRESH_LIMIT, Fetch
from voipe_tui.ui.look.cells import Piece

PAGE = 64
KEEP = 256
"""Messages kept in memory before far ones are dropped."""


class Line(NamedTuple):
    """One line of the screen: cells from ``indent`` on; the message it belongs to, None for a separator."""

    message_id: int | None
    indent: int
    pieces: tuple[Piece, ...]


class Transcript:
    """A window of a conversation, a cursor (a message, not a place) and ``top``, the line at the top of the screen.

    ``top`` is negative where a short conversation stands at the bottom of a tall screen.
    """

    def __init__(
        self,
        fetch: Fetch,
        lay_out: Callable[[Message, Message | None], Sequence[Line]],
        look_up: Callable[[int], Message | None],
    ) -> None:
        self._fetch = fetch
        self._lay_out = lay_out
        self._look_up = look_up
        self.height = 1
        self.messages: list[Message] = []
        self.lines: list[Line] = []
        self.top = 0
        self.cursor = 0
        self.fresh = 0
        self._starts: list[int] = []
        self._at_oldest = True
        self._at_newest = True
        self._seen: Key | None = None

    # What is there

    @property
    def current(self) -> Message | None:
        return self.messages[self.cursor] if self.messages else None

    @property
    def at_bottom(self) -> bool:
        """The newest message is on the screen, whole."""
        return self._at_newest and self.top >= self._last_top

    @property
    def more_above(self) -> bool:
        return not self._at_oldest or self.top > 0

    def at(self, y: int) -> Line | None:
        """What stands on a line of the screen."""
        index = self.top + y
        return self.lines[index] if 0 <= index < len(self.lines) else None

    @property
    def _last_top(self) -> int:
        return len(self.lines) - self.height

    def _end(self, index: int) -> int:
        return self._starts[index + 1] if index + 1 < len(self._starts) else len(self.lines)

    # Moving

    def resize(self, height: int) -> None:
        """Another number of lines; whoever is at the bottom stays there."""
        bottom = self.at_bottom
        self.height = max(height, 1)
        if bottom:
            self.top = self._last_top
        self._settle()
        self._hold_cursor()

    def lay_out_again(self) -> None:
        """Another width, theme or clock: the same messages in new lines."""
        bottom, anchor = self.at_bottom, self._anchor()
        self._flatten()
        self._restore(anchor)
        if bottom:
            self.top = self._last_top
        self._settle()
        self._hold_cursor()

    def newest(self) -> None:
        """To the end, read afresh."""
        limit = self.height + PAGE
        raw = self._fetch(limit=limit)
        self._take(raw, at_oldest=len(raw) < limit, at_newest=True)
        self.cursor = max(len(self.messages) - 1, 0)
        self.top = self._last_top
        self._settle()

    def oldest(self) -> None:
        """To the beginning, read afresh."""
        limit = self.height + PAGE
        raw = self._fetch(after=(float("-inf"), 0), limit=limit)
        self._take(raw, at_oldest=True, at_newest=len(raw) < limit)
        self.cursor = self.top = 0
        self._settle()

    def move(self, by: int) -> bool:
        """The cursor to the next or previous message; one taller than the screen is scrolled through first."""
        if not self.messages:
            return False
        if self._scroll_within(by):
            return True
        self._reach(by)
        target = self.cursor + by
        if not 0 <= target < len(self.messages):
            return False
        self.cursor = target
        self._show_cursor()
        self._settle()
        return True

    def _scroll_within(self, by: int) -> bool:
        start, end = self._starts[self.cursor], self._end(self.cursor)
        step = max(self.height - 1, 1)
        if by > 0 and end > self.top + self.height > start:
            self.top = min(self.top + step, end - self.height)
        elif by < 0 and start < self.top < end:
            self.top = max(self.top - step, start)
        else:
            return False
        self._settle()
        return True

    def page(self, direction: int) -> bool:
        """A screenful down (1) or up (-1); the cursor comes along."""
        before = self.top, self.cursor
        self.scroll(direction * max(self.height - 1, 1))
        if (self.top, self.cursor) == before and self.messages:
            self.cursor = 0 if direction < 0 else len(self.messages) - 1
        return (self.top, self.cursor) != before

    def scroll(self, by: int) -> None:
        """Shifts the screen; the cursor is taken along at its edges."""
        self._reach(by)
        self.top += by
        self._settle()
        self._cursor_into_sight()

    def select(self, message_id: int) -> bool:
        """The cursor to a message, wherever it is; False when this conversation does not have it."""
        for index, message in enumerate(self.messages):
            if message.id == message_id:
                self.cursor = index
                self._show_cursor()
                self._settle()
                return True
        found = self._look_up(message_id)
        if found is None or not self._around(found.position):
            return False
        index = next((i for i, message in enumerate(self.messages) if message.id == message_id), -1)
        if index < 0:
            return False
        self.cursor = index
        self.top = self._starts[index] - self.height // 3
        self._settle()
        return True

    def select_line(self, y: int) -> bool:
        """The cursor to the message on a line of the screen."""
        line = self.at(y)
        if line is None or line.message_id is None:
            return False
        return self.select(line.message_id)

    # Following the store

    def reload(self) -> None:
        """Reads the window again. The cursor stays on its message and the screen on its lines; only with the cursor
        on the newest message, and that on the screen, do new ones come into sight."""
        current = self.current
        if current is None:
            self.newest()
            return
        if self.at_bottom and self.cursor == len(self.messages) - 1:
            self._reread()
            self.cursor = max(len(self.messages) - 1, 0)
            self.top = self._last_top
            self._settle()
            return
        bottom, anchor = self.at_bottom, self._anchor()
        self._reread()
        if not self._restore(anchor):
            self._around(current.position)
            self._restore((current.id, 0))
        self._cursor_to(current)
        if bottom and self.messages and self._seen == self.messages[-1].position:
            self.top = self._last_top
        self._settle()
        self._hold_cursor()
        self.fresh = (
            0 if self._seen is None or self.at_bottom else len(self._fetch(after=self._seen, limit=FRESH_LIMIT))
        )

    def _reread(self) -> None:
        if not self._at_newest:
            limit = max(len(self.messages), 1)
            raw = self._fetch(before=self.messages[-1].position, limit=limit, including=True)
            self._take(raw, at_oldest=len(raw) < limit, at_newest=False)
            return
        limit, oldest = len(self.messages) + PAGE, self.messages[0].position
        raw = self._fetch(limit=limit)
        # What came is at the newer end; at the older one nothing is added, or each reading would be a longer one.
        full = self.height + PAGE
        size = max(sum(message.position >= oldest for message in raw), full)
        if self.at_bottom:
            size = min(size, max(KEEP, full))
        self._take(raw[:size], at_oldest=len(raw) < limit and len(raw) <= size, at_newest=True)

    def _cursor_to(self, message: Message) -> None:
        """To a message, or to the one after the place where it was."""
        ids = [each.id for each in self.messages]
        if message.id in ids:
            self.cursor = ids.index(message.id)
        else:
            places = [each.position for each in self.messages]
            self.cursor = min(bisect_right(places, message.position), max(len(places) - 1, 0))

    # The window

    def _take(self, raw: Sequence[Message], *, at_oldest: bool, at_newest: bool) -> None:
        """These messages, newest first as they were read, are the window now. Drafts are in the reply box."""
        self.messages = [message for message in reversed(raw) if message.status != "draft"]
        self._at_oldest, self._at_newest = at_oldest, at_newest
        self._flatten()

    def _around(self, position: Key) -> bool:
        older = self._fetch(before=position, limit=PAGE, including=True)
        newer = self._fetch(after=position, limit=PAGE)
        self._take([*newer, *older], at_oldest=len(older) < PAGE, at_newest=len(newer) < PAGE)
        return bool(self.messages)

    def _flatten(self) -> None:
        self.lines, self._starts = [], []
        before: Message | None = None
        for message in self.messages:
            self._starts.append(len(self.lines))
            self.lines += self._lay_out(message, before)
            before = message

    def _anchor(self) -> tuple[int, int] | None:
        """The message on the top line of the screen, and which of its lines that is."""
        if not self.messages:
            return None
        index = max(bisect_right(self._starts, self.top) - 1, 0)
        return self.messages[index].id, self.top - self._starts[index]

    def _restore(self, anchor: tuple[int, int] | None) -> bool:
        if anchor is None:
            return True
        for index, message in enumerate(self.messages):
            if message.id == anchor[0]:
                self.top = self._starts[index] + min(anchor[1], max(self._end(index) - self._starts[index] - 1, 0))
                return True
        return False

    def _reach(self, by: int) -> None:
        """Makes sure that the lines are there for moving so far."""
        if by < 0:
            while not self._at_oldest and (self.top + by < self.height or self.cursor + by < 0):
                self._extend_older()
        else:
            while not self._at_newest and (
                self.top + by + 2 * self.height > len(self.lines) or self.cursor + by >= len(self.messages)
            ):
                self._extend_newer()

    def _extend_older(self) -> None:
        raw = self._fetch(before=self.messages[0].position, limit=PAGE) if self.messages else []
        anchor = self._anchor()
        older = [message for message in reversed(raw) if message.status != "draft"]
        self.messages[:0] = older
        self.cursor += len(older)
        self._at_oldest = len(raw) < PAGE
        if len(self.messages) > KEEP and self.cursor < KEEP:
            del self.messages[KEEP:]
            self._at_newest = False
        self._flatten()
        self._restore(anchor)

    def _extend_newer(self) -> None:
        raw = self._fetch(after=self.messages[-1].position, limit=PAGE) if self.messages else []
        anchor = self._anchor()
        self.messages += [message for message in reversed(raw) if message.status != "draft"]
        self._at_newest = len(raw) < PAGE
        drop = len(self.messages) - KEEP
        if drop > 0 and self.cursor >= drop and self._starts[min(drop, len(self._starts) - 1)] <= self.top:
            del self.messages[:drop]
            self.cursor -= drop
            self._at_oldest = False
        self._flatten()
        self._restore(anchor)

    def _show_cursor(self) -> None:
        """Scrolls so far that the cursor's message is on the screen, its beginning above all."""
        start, end = self._starts[self.cursor], self._end(self.cursor)
        if end > self.top + self.height:
            self.top = min(end - self.height, start)
        elif start < self.top:
            self.top = max(end - self.height, 0) if end - start > self.height else start

    def _hold_cursor(self) -> None:
        """Scrolls, if nothing of the cursor's message is on the screen."""
        if self.messages and not (
            self._starts[self.cursor] < self.top + self.height and self._end(self.cursor) > self.top
        ):
            self._show_cursor()
            self._settle()

    def _cursor_into_sight(self) -> None:
        if not self.messages:
            return
        first = max(bisect_right(self._starts, max(self.top, 0)) - 1, 0)
        last = max(bisect_right(self._starts, self.top + self.height - 1) - 1, first)
        if self._starts[first] < self.top and first < last:
            first += 1
        self.cursor = min(max(self.cursor, first), last)

    def _settle(self) -> None:
        last_top = self._last_top
        self.top = last_top if last_top < 0 else min(max(self.top, 0), last_top)
        self.cursor = min(max(self.cursor, 0), max(len(self.messages) - 1, 0))
        if self.at_bottom:
            self._seen = self.messages[-1].position if self.messages else None
            self.fresh = 0
