"""A list whose rows can be marked, one by one or as a range: messages, and conversations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from textual.message import Message as Event

from voipe_tui.store.models import View
from voipe_tui.ui.events import Notice
from voipe_tui.ui.lists.marks import MOST_MARKS, TOO_MANY, Markable, Marks
from voipe_tui.ui.lists.model import ListModel
from voipe_tui.ui.lists.rows import MARK, RANGE
from voipe_tui.ui.lists.virtual import VirtualList

NOTHING_HERE = "There is no message here."


class MarkedList(VirtualList):
    """The keys that mark. Its kinds show the marks, and say when the list is to show everything again."""

    model: ListModel
    view_shown: Callable[[], View]
    """What the rows are taken from."""
    most_marks: ClassVar[int] = MOST_MARKS
    too_many: ClassVar[str] = TOO_MANY

    class Marked(Event):
        """Other rows are marked than before; or a range was begun or ended."""

        def can_replace(self, message: Event) -> bool:
            return isinstance(message, MarkedList.Marked)

    def __init__(self) -> None:
        super().__init__()
        self.marks = Marks()

    def closed(self) -> None:
        """Escape was pressed, and nothing is marked."""
        raise NotImplementedError

    def sign_of(self, row: Markable) -> str:
        """What stands before a row that is marked, or will be with the range; else nothing."""
        if self.marks.has(row, self.view_shown()):
            return MARK
        return RANGE if self.marks.in_range(row.position, self.model.current) else ""

    async def action_mark(self) -> None:
        """Marks the row under the cursor, or not any more, and goes on to the next."""
        await self.end_range()
        if (current := self.model.current) is not None:
            self.marks.toggle(current, self.view_shown())
            self.model.move(1)
            self.marks_changed()
        else:
            self.post_message(Notice(NOTHING_HERE))

    async def action_range(self) -> None:
        """Begins a range at the cursor; the second time all from there to the cursor are marked."""
        if self.marks.anchor is not None:
            await self.end_range()
        elif self.model.current is None:
            self.post_message(Notice(NOTHING_HERE))
        else:
            self.marks.anchor = self.model.current
        self.marks_changed()

    async def end_range(self) -> None:
        """An open range becomes marks."""
        anchor, current = self.marks.anchor, self.model.current
        self.marks.anchor = None
        if anchor is None or current is None:
            return
        found: list[Any] = []
        for page in self.model.between(anchor.position, current.position):
            found += [row.id for row in page]
            if len(found) > self.most_marks:
                self.post_message(Notice(self.too_many, "warn"))
                return
            await asyncio.sleep(0)
        self.marks.add(found)

    def marks_changed(self) -> None:
        """Shows the marks as they are now."""
        self.show()
        # From here, not from whoever called: an event goes up no further than its sender.
        self.call_later(lambda: self.post_message(self.Marked()))

    def action_close(self) -> None:
        """First an open range, then the marks, then the search."""
        if self.marks.anchor is not None:
            self.marks.anchor = None
            self.marks_changed()
        elif self.marks.any:
            self.marks.clear()
            self.marks_changed()
        else:
            self.closed()
