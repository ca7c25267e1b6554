"""A text as it will be read, while it is written in a terminal that draws Hebrew in the order of its letters.

Such a terminal shows the field itself in the order in which it was typed, which is the order of its cursor; what stands
here is in the order of reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipe_tui.text.bidi import has_right_to_left
from voipe_tui.text.untrusted import safe_text
from voipe_tui.ui.look.cells import wrap
from voipe_tui.ui.widgets.lines import BAR, Lines

if TYPE_CHECKING:
    from voipe_tui.ui.compose.fields import MessageArea
    from voipe_tui.ui.services import Session

_BEFORE = 1
_SHOWN = 3
"""Lines: the one with the cursor, one before it, one behind it."""


class Drawn(Lines):
    """Nothing where the terminal orders the letters itself, or where there is nothing to order."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.colors, id="drawn", most=_SHOWN, reorder=session.reorder)
        self._wanted = session.reorder is not None

    def follow(self, area: MessageArea) -> None:
        """What stands around the cursor of ``area``."""
        if not self._wanted:
            return
        row, column = area.cursor_location
        paragraph = str(area.document.get_line(row))
        if not has_right_to_left(paragraph):
            self.say([])
            return
        lines = wrap(safe_text(paragraph), max(self.size.width or area.size.width, 20) - len(BAR) - 1)
        at, passed = 0, 0
        for index, line in enumerate(lines):
            at, passed = index, passed + len(line) + 1
            if passed > column:
                break
        first = max(min(at - _BEFORE, len(lines) - _SHOWN), 0)
        muted = self._palette().muted
        self.say([[(BAR, muted), (line, muted)] for line in lines[first : first + _SHOWN]])
