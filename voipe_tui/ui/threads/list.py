"""The list of conversations: one row for each number, the one with the newest message first."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from rich.style import Style
from textual import events
from textual.message import Message as Event
from textual.strip import Strip

from voipe_tui.store.conversations import Conversation
from voipe_tui.store.models import Key, View
from voipe_tui.text.numbers import local_form
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.commands import bindings
from voipe_tui.ui.events import Asked
from voipe_tui.ui.lists.marking import MarkedList
from voipe_tui.ui.lists.model import ListModel
from voipe_tui.ui.lists.rows import under
from voipe_tui.ui.lists.virtual import differing
from voipe_tui.ui.look.cells import Piece, fit, line, pieces_width
from voipe_tui.ui.look.hits import Hits, from_first_hit, hit_pieces
from voipe_tui.ui.look.themes import Palette
from voipe_tui.ui.look.words import Times, status_look

MOST_MARKED = 500
_LONGEST_SHOWN = 600
_LONGEST_SEARCHED = 4_000


class Thread(NamedTuple):
    """A conversation as a row: known by its number, placed by its newest message, or by the one that was found."""

    id: str
    position: Key
    it: Conversation

    @property
    def message_id(self) -> int:
        """The message that the row shows."""
        return self.position[1]


def thread(conversation: Conversation) -> Thread:
    return Thread(conversation.key, conversation.position, conversation)


def number_of(key: str, number: str, region: str) -> str:
    """The number of a conversation as one safe line: as people in ``region`` dial it, however the newest message has
    it; a name of a sender as it is written (``number``), which its key is not."""
    return safe_line((local_form(key, region) if key.startswith("+") else number or key)[:80])


def name_of(conversation: Conversation, region: str) -> str:
    """The contact's name, else the number, as one safe line."""
    name = conversation.name or number_of(conversation.key, conversation.number, region)
    return safe_line(name[:80]) or "(no number)"


class ThreadPainter:
    """A conversation as cells that fill a width."""

    def __init__(
        self,
        palette: Callable[[], Palette],
        times: Times,
        reorder: Callable[[str], str] | None = None,
        region: str = "IL",
    ) -> None:
        self._region = region
        self._palette = palette
        self._times = times
        self._reorder = reorder
        self._width = 80
        self._made: dict[str, tuple[Conversation, tuple[Piece, ...]]] = {}
        self.hits: Hits | None = None

    def configure(self, width: int) -> None:
        self._width = width
        self._made.clear()

    def cells(self, row: Thread, sign: str = "") -> tuple[Piece, ...]:
        """``sign``: that it is marked."""
        made = self._cells(row)
        return made if not sign else ((fit(sign + made[0][0][:1], 2), self._palette().accent), *made[1:])

    def _cells(self, row: Thread) -> tuple[Piece, ...]:
        known = self._made.get(row.id)
        if known is not None and known[0] == row.it:
            return known[1]
        if len(self._made) > 2_000:
            self._made.clear()
        made = self._make(row.it)
        self._made[row.id] = (row.it, made)
        return made

    def _make(self, it: Conversation) -> tuple[Piece, ...]:
        palette, width = self._palette(), self._width
        narrow = width < 60
        who = min(14, max(width // 4, 6)) if narrow else 17 if width < 100 else 22
        style = palette.strong if it.unread else palette.text
        mark = "●" if it.unread else "↩" if it.needs_answer else " "
        known = it.last_at if it.last_gateway_time is None else None
        when = self._times.short(known, it.last_gateway_time, narrow=narrow)
        unread = f"({min(it.unread, 999)}) " if it.unread > 1 else ""
        name = name_of(it, self._region)
        pieces: list[Piece] = [
            (fit(mark, 2), palette.accent if it.unread else palette.warn),
            (fit(when, 7 if narrow else 11), palette.muted),
            *self._fitted(fit(name, who - 1).rstrip(), who, style),
            (unread, palette.accent),
        ]
        room = width - pieces_width(pieces)
        if it.last_direction == "out":
            look = status_look(it.last_status)
            word = "" if it.last_status in ("delivered", "sent") else f"{safe_line(it.last_status or '')} "
            said = (f"{look.sign} {word}", palette.tone(look.tone))
            pieces.append(said)
            room -= pieces_width([said])
        text = safe_line(it.last_text[: _LONGEST_SHOWN if self.hits is None else _LONGEST_SEARCHED])
        text = from_first_hit(text, room, self.hits)
        pieces += self._fitted(fit(text, room).rstrip(), max(room, 0), style if it.unread else palette.text)
        return tuple(pieces)

    def _fitted(self, text: str, width: int, style: Style) -> list[Piece]:
        pieces = list(hit_pieces(text, style, self.hits, self._reorder))
        gap = width - pieces_width(pieces)
        return [*pieces, (" " * gap, style)] if gap > 0 else pieces


class ThreadList(MarkedList):
    """Says what happened with events; reads nothing but its model."""

    BINDINGS: ClassVar = bindings("threads")
    context = "threads"
    most_marks = MOST_MARKED
    too_many = f"More than {MOST_MARKED:,} conversations cannot be marked."
    model: ListModel

    class Moved(Event):
        """The cursor is on another conversation, or on none."""

        def __init__(self, row: Thread | None) -> None:
            super().__init__()
            self.row = row

        def can_replace(self, message: Event) -> bool:
            return isinstance(message, ThreadList.Moved)

    class Opened(Event):
        """A conversation is wanted; ``writing``: with the cursor in its reply box."""

        def __init__(self, row: Thread, writing: bool = False) -> None:
            super().__init__()
            self.row = row
            self.writing = writing

    class Closed(Event):
        """Escape was pressed: whoever narrows this list may show everything again."""

    def __init__(
        self,
        model: ListModel,
        painter: ThreadPainter,
        palette: Callable[[], Palette],
        empty: Callable[[], tuple[str, ...]],
    ) -> None:
        super().__init__()
        self.model = model
        self.painter = painter
        self.view_shown = View
        self._palette = palette
        self._empty = empty
        self._drawn: list[tuple[tuple[Piece, ...], bool] | None] = []
        self._told: Thread | None = None
        self.says_moves = False
        """Somebody asks for :class:`Moved`; else no key needs more than the list itself."""
        self._sized = False

    @property
    def current(self) -> Thread | None:
        row: Thread | None = self.model.current  # type: ignore[assignment]
        return row

    # Drawing

    def line_at(self, y: int) -> Strip:
        return self.filtered(self._line_at(y))

    def _line_at(self, y: int) -> Strip:
        width, palette = self.size.width, self._palette()
        drawn = self._drawn[y] if y < len(self._drawn) else None
        if drawn is not None:
            cells, marked = drawn
            if not marked:
                return line(cells, width, palette.text)
            cursor = palette.cursor if self.has_focus else palette.cursor_blurred
            return line([(text, under(style, cursor, palette)) for text, style in cells], width, cursor)
        if not self.model.rows:
            return self.empty_line(y, self._empty(), palette)
        return Strip.blank(width, palette.text)

    def show(self) -> None:
        """Brings the screen up to the model, painting only what differs."""
        if not self._sized:
            return
        model, cells = self.model, self.painter.cells
        before = self._drawn
        visible: list[Thread] = model.rows[model.top : model.top + model.height]  # type: ignore[assignment]
        sign = self.sign_of if self.marks.touched else _no_sign
        self._drawn = [(cells(row, sign(row)), index == model.cursor) for index, row in enumerate(visible, model.top)]
        self._drawn += [None] * (model.height - len(visible))
        if len(before) != len(self._drawn) or not model.rows:
            self.refresh()
        else:
            self.paint_lines(differing(before, self._drawn))
        current = self.current
        if self.says_moves and current != self._told:
            self._told = current
            self.post_message(self.Moved(current))

    def look_for(self, hits: Hits | None) -> None:
        """What a search found stands out."""
        if hits != self.painter.hits:
            self.painter.hits = hits
            self.painter.configure(self.size.width)

    def repaint_all(self) -> None:
        self.learn_ground()
        self.painter.configure(self.size.width)
        self._drawn = []
        self.show()

    def on_mount(self) -> None:
        self.model.resize(self.screen.size.height)
        self.model.newest()

    def on_resize(self, event: events.Resize) -> None:
        self.learn_ground()
        self.painter.configure(event.size.width)
        self.model.resize(event.size.height)
        self._sized = True
        self._drawn = []
        self.show()

    @property
    def cursor_lines(self) -> tuple[int, ...]:
        return (self.model.cursor_line,)

    # Following the store

    def reload(self) -> None:
        self.model.reload(hold=self.marks.touched)
        self.show()

    def select(self, key: str, *, afresh: bool = False) -> bool:
        """The cursor to a conversation."""
        found = self.model.select(key, afresh=afresh)  # type: ignore[arg-type]
        self.show()
        return found

    # Keys

    def closed(self) -> None:
        self.post_message(self.Closed())

    def action_open(self) -> None:
        if (row := self.current) is not None:
            self.post_message(self.Opened(row))

    def action_reply(self) -> None:
        if (row := self.current) is not None:
            self.post_message(self.Opened(row, writing=True))

    def action_ask(self, what: str) -> None:
        """A command for what is marked, or for the conversation under the cursor; whoever holds this list says which
        messages are meant."""
        if self.current is not None or self.marks.any:
            self.post_message(Asked(what, None))

    # Mouse

    def on_click(self, event: events.Click) -> None:
        before = self.current
        if self.model.select_line(event.y):
            self.show()
            if event.chain > 1 or self.current is before:
                self.action_open()


def _no_sign(row: Thread) -> str:
    return ""
