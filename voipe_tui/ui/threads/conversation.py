"""The messages of a conversation on the screen: Textual's line API over :class:`Transcript`, nothing mounted per
message, only changed lines painted again."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.message import Message as Event
from textual.strip import Strip

from voipe_tui.ui.commands import bindings
from voipe_tui.ui.events import Asked
from voipe_tui.ui.lists.virtual import VirtualList, differing
from voipe_tui.ui.look.cells import line
from voipe_tui.ui.look.themes import Palette
from voipe_tui.ui.threads.painter import TranscriptPainter
from voipe_tui.ui.threads.transcript import Line, Transcript

_CURSOR = "▌"
_Drawn = tuple[Line, bool] | None


class ConversationLog(VirtualList):
    """Says what happened with events; does nothing to messages by itself."""

    BINDINGS: ClassVar = bindings("conversation")
    context = "conversation"
    model: Transcript

    class Closed(Event):
        """Back to where one came from."""

    class Writing(Event):
        """The reply box is wanted."""

    class Scrolled(Event):
        """Another part of the conversation is on the screen; ``fresh`` new messages wait below it."""

        def __init__(self, fresh: int) -> None:
            super().__init__()
            self.fresh = fresh

        def can_replace(self, message: Event) -> bool:
            return isinstance(message, ConversationLog.Scrolled)

    def __init__(self, model: Transcript, painter: TranscriptPainter, palette: Callable[[], Palette]) -> None:
        super().__init__()
        self.model = model
        self.painter = painter
        self._palette = palette
        self._drawn: list[_Drawn] = []
        self._sized = False
        self._told = (0, False)

    @property
    def text(self) -> str:
        """What is on the screen, line by line."""
        return "\n".join(
            "" if drawn is None else " " * drawn[0].indent + "".join(text for text, _ in drawn[0].pieces)
            for drawn in self._drawn
        )

    # Drawing

    def line_at(self, y: int) -> Strip:
        return self.filtered(self._line_at(y))

    def _line_at(self, y: int) -> Strip:
        palette, width = self._palette(), self.size.width
        drawn = self._drawn[y] if y < len(self._drawn) else None
        if drawn is None:
            if not self.model.messages and y == max(self.size.height // 3, 0):
                return line([("  No messages with this number yet.", palette.muted)], width, palette.text)
            return Strip.blank(width, palette.text)
        row, marked = drawn
        if not marked:
            return line([(" " * row.indent, palette.text), *row.pieces], width, palette.text)
        mark = (_CURSOR, palette.accent if self.has_focus else palette.muted)
        return line(
            [(" " * max(row.indent - 2, 0), palette.text), mark, (" ", palette.text), *row.pieces], width, palette.text
        )

    def _wanted(self) -> list[_Drawn]:
        model = self.model
        current = model.current
        cursor = current.id if current is not None else None
        wanted: list[_Drawn] = []
        for y in range(model.height):
            row = model.at(y)
            wanted.append(None if row is None else (row, row.message_id is not None and row.message_id == cursor))
        return wanted

    def show(self) -> None:
        """Brings the screen up to the model, painting only what differs."""
        if not self._sized:
            return
        before, self._drawn = self._drawn, self._wanted()
        if len(before) != len(self._drawn) or not self.model.messages:
            self.refresh()
        else:
            self.paint_lines(differing(before, self._drawn))
        told = (self.model.fresh, self.model.at_bottom)
        if told != self._told:
            self._told = told
            self.post_message(self.Scrolled(self.model.fresh))

    def repaint_all(self) -> None:
        """Another theme, clock or search: every line is made anew."""
        self.learn_ground()
        self.painter.configure(self.size.width)
        self.model.lay_out_again()
        self._drawn = []
        self.show()

    def on_resize(self, event: events.Resize) -> None:
        self._sized = True
        self.learn_ground()
        self.painter.configure(event.size.width)
        self.model.resize(event.size.height)
        self.model.lay_out_again()
        self._drawn = []
        self.show()

    @property
    def cursor_lines(self) -> list[int]:
        return [y for y, drawn in enumerate(self._drawn) if drawn is not None and drawn[1]]

    # Following the store

    def reload(self) -> None:
        """Messages may have changed, come or gone."""
        self.model.reload()
        self.show()

    def select(self, message_id: int) -> bool:
        found = self.model.select(message_id)
        self.show()
        return found

    # Keys

    def action_close(self) -> None:
        self.post_message(self.Closed())

    def action_reply(self) -> None:
        self.post_message(self.Writing())

    def _ask(self, what: str) -> None:
        if (current := self.model.current) is not None:
            self.post_message(Asked(what, current))

    def action_open(self) -> None:
        self._ask("open")

    def action_ask(self, what: str) -> None:
        """A command for the message under the cursor."""
        self._ask(what)

    # Mouse

    def on_click(self, event: events.Click) -> None:
        if self.model.select_line(event.y):
            self.show()
            if event.chain > 1:
                self.action_open()
