"""One message, whole: text, who, when, and what became of it and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.message import Message as Event
from textual.strip import Strip
from textual.widget import Widget

from voipe_tui.store.models import TO_BE_SENT, JournalEvent, Message
from voipe_tui.text.untrusted import safe_line, safe_text
from voipe_tui.ui.commands import bindings
from voipe_tui.ui.events import Asked
from voipe_tui.ui.lists.rows import tags_of, who_is
from voipe_tui.ui.look.cells import Piece, fit, line, pieces_width, two_sided, wrap
from voipe_tui.ui.look.hits import Hits, hit_pieces
from voipe_tui.ui.look.themes import Palette
from voipe_tui.ui.look.words import WOKEN, Times, count, status_look

_MARGIN = 2
_WIDEST = 76
"""Lines longer than this are hard to read, whatever the screen has."""

_STEPS = {
    "hold": "you sent it",
    "schedule": "you set a time for it",
    "queue": "you sent it",
    "undo": "you took it back",
    "release": "its time came",
    "claim": "the request went out",
    "not-sent": "nothing left: no connection",
    "lost": "no certain answer came",
    "orphaned": "the program ended while it was being sent",
    "accept": "the gateway took it",
    "accept-later": "the gateway took it for later",
    "refuse": "the gateway said no",
    "found": "it was found at the gateway",
    "cancel": "cancelled",
    "send-again": "you sent it again",
    "report-pending": "the gateway is working on it",
    "report-sent": "handed to the carrier",
    "report-failed": "the report says: not delivered",
    "report-delivered": "the report says: delivered",
}
_SOURCES = {"outgoing": "sent messages", "incoming": "keyword messages", "inbox": "inbox"}
_ENCODINGS = {"gsm7": "GSM 7-bit", "ucs2": "UCS-2"}

Lines = list[list[Piece]]


class Reader(Widget, can_focus=True):
    """The message under the cursor in full. Scrolls when it is longer than the screen."""

    BINDINGS: ClassVar = bindings("reader")
    ALLOW_SELECT: ClassVar[bool] = False
    context = "reader"

    class Closed(Event):
        """Back to the list."""

    class Step(Event):
        """To the next (1) or the previous (-1) message of the list."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def __init__(
        self,
        palette: Callable[[], Palette],
        times: Times,
        history: Callable[[int], Sequence[JournalEvent]],
        key: Callable[[str], str],
        reorder: Callable[[str], str] | None = None,
    ) -> None:
        """``history``: what happened to a message; ``key``: the one of a command, as people write it."""
        super().__init__()
        self._palette = palette
        self._times = times
        self._key = key
        self._history = history
        self._reorder = reorder
        self._hits: Hits | None = None
        self._lines: Lines = []
        self._top = 0
        self.message: Message | None = None

    @property
    def text(self) -> str:
        """Everything that can be read here, line by line."""
        return "\n".join("".join(text for text, _ in pieces).rstrip() for pieces in self._lines)

    def read(self, message: Message | None) -> None:
        """Shows another message, or the same one as it stands now."""
        if message is None or self.message is None or message.id != self.message.id:
            self._top = 0
        self.message = message
        self._lay_out()
        self.refresh()

    def look_for(self, hits: Hits | None) -> None:
        """What a search found stands out."""
        if hits != self._hits:
            self._hits = hits
            self.repaint_all()

    def repaint_all(self) -> None:
        self._lay_out()
        self.refresh()

    def on_resize(self) -> None:
        self._lay_out()
        self.refresh()

    def _lay_out(self) -> None:
        width = min(self.size.width - 2 * _MARGIN, _WIDEST)
        self._lines = [] if self.message is None or width < 1 else self._describe(self.message, width)
        self._top = min(self._top, self._last_top)

    @property
    def _last_top(self) -> int:
        return max(len(self._lines) - self.size.height, 0)

    def render_line(self, y: int) -> Strip:
        palette = self._palette()
        width = self.size.width
        index = self._top + y
        if index >= len(self._lines):
            return Strip.blank(width, palette.text)
        left = [(" " * _MARGIN, palette.text), *self._lines[index]]
        if y == self.size.height - 1 and self._top < self._last_top:
            return two_sided(left, [(" more ↓ ", palette.muted)], width, palette.text)
        return line(left, width, palette.text)

    # What is said

    def _describe(self, message: Message, width: int) -> Lines:
        palette = self._palette()
        lines: Lines = [[], *self._head(message, width, palette), []]
        for text in wrap(safe_text(message.text) or "(no text)", width):
            lines.append([*hit_pieces(text, palette.text, self._hits, self._reorder)])
        lines.append([])
        lines += self._note(message, width, palette)
        lines += self._sent_text(message, width, palette)
        lines += self._facts(message, width, palette)
        lines += self._trail(message, width, palette)
        return lines

    def _head(self, message: Message, width: int, palette: Palette) -> Lines:
        who = who_is(message)
        number = safe_line(message.number[:80])
        if self._reorder:
            who = self._reorder(who)
        incoming = message.direction == "in"
        way = "from" if incoming else "to"
        second = number if number != who else ""
        if not incoming and message.sender:
            second += f"{' · ' if second else ''}as {safe_line(message.sender[:40])}"
        name: list[Piece] = [(f"{way} ", palette.muted), (fit(who, width - len(way) - 1).rstrip(), palette.strong)]
        look = status_look(message.status)
        status = f"{look.sign} {safe_line(message.status or '')}"
        if message.status and pieces_width(name) + len(status) + 2 <= width:
            gap = width - pieces_width(name) - len(status)
            head: Lines = [[*name, (" " * gap, palette.text), (status, palette.tone(look.tone))]]
        else:
            head = [name]
            if message.status:
                head.append([(status, palette.tone(look.tone))])
        if second:
            head.append([(second, palette.muted)])
        when = self._times.long(message.created_at, message.gateway_time)
        head += [[(text, palette.muted)] for text in wrap(when, width)]
        return [*head, *([(text, palette.busy)] for text in wrap(self._triaged(message), width) if text)]

    def _triaged(self, message: Message) -> str:
        """What a person did to it: star, labels, away or not."""
        said = ["★ starred"] if message.starred else []
        if message.labels:
            tags = tags_of(message)
            said.append(self._reorder(tags) if self._reorder else tags)
        if message.snoozed_until is not None:
            said.append(f"snoozed until {self._times.long(message.snoozed_until)}")
        elif message.archived:
            said.append("archived")
        elif message.is_woken:
            said.append(f"{WOKEN} back since {self._times.long(message.woken_at)}: it was snoozed")
        return "  ".join(said)

    def _note(self, message: Message, width: int, palette: Palette) -> Lines:
        look = status_look(message.status)
        waits_here = (message.note or "").startswith(TO_BE_SENT)  # and says when
        said = [look.meaning] if look.meaning and not waits_here else []
        if message.note:
            said.append(safe_text(message.note))
        if message.status == "unknown":
            again = f"{self._key('reader-again')} sends it again if you say so."
            said.append(f"It is looked up at the gateway and never sent again by itself. {again}")
        elif message.status in ("failed", "refused"):
            again, others, export = map(self._key, ("reader-again", "reader-forward", "reader-export"))
            said.append(
                f"{again}: send it again as a new message. {others}: the same text to others. {export}: export."
            )
        tone = palette.tone(look.tone)
        lines: Lines = [[(text, tone)] for sentence in said for text in wrap(sentence, width)]
        return [*lines, []] if lines else []

    def _sent_text(self, message: Message, width: int, palette: Palette) -> Lines:
        if message.sent_text is None or message.sent_text == message.text:
            return []
        lines: Lines = [[("The gateway's copy reads differently:", palette.warn)]]
        for text in wrap(safe_text(message.sent_text) or "(empty)", width):
            lines.append([(self._reorder(text) if self._reorder else text, palette.muted)])
        return [*lines, []]

    def _facts(self, message: Message, width: int, palette: Palette) -> Lines:
        facts = [f"{count(message.parts, 'part')}, {_ENCODINGS.get(message.encoding, safe_line(message.encoding))}"]
        if message.gateway_id is not None:
            facts.append(f"ID {message.gateway_id} in the gateway's {_SOURCES[message.source]}")
        if message.queue:
            facts.append(f"queue code {safe_line(message.queue[:64])}")
        if message.batch:
            facts.append(f"batch {safe_line(message.batch[:64])}")
        if message.created_at is not None and message.gateway_time:
            facts.append(f"the gateway's clock said {safe_line(message.gateway_time[:32])}")
        return [[(text, palette.muted)] for fact in facts for text in wrap(fact, width)]

    def _trail(self, message: Message, width: int, palette: Palette) -> Lines:
        steps = self._history(message.id)
        if not steps:
            return []
        lines: Lines = [[], [("What happened", palette.strong)]]
        for step in steps:
            what = _STEPS.get(step.event, safe_line(step.event))
            text = f"{what}{': ' + safe_line(step.note) if step.note else ''}"
            stamp = self._times.long(step.at).rsplit(", ", 1)[-1].split(" ")[0]
            look = status_look(step.after)
            first, *rest = wrap(text, max(width - 24, 16))
            lines.append(
                [
                    (f"{stamp}  ", palette.muted),
                    (fit(f"{look.sign} {step.after}", 13), palette.tone(look.tone)),
                    (first, palette.text),
                ]
            )
            lines += [[(" " * 23, palette.text), (more, palette.text)] for more in rest]
        return lines

    # Keys

    def action_scroll_text(self, screens: int) -> None:
        top = min(max(self._top + screens * max(self.size.height - 2, 1), 0), self._last_top)
        if top != self._top:
            self._top = top
            self.refresh()

    def action_close(self) -> None:
        self.post_message(self.Closed())

    def action_older(self) -> None:
        self.post_message(self.Step(1))

    def action_newer(self) -> None:
        self.post_message(self.Step(-1))

    def action_ask(self, what: str) -> None:
        """A command for this message; see :class:`Asked`."""
        if self.message is not None:
            self.post_message(Asked(what, self.message))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._top = min(self._top + 2, self._last_top)
        self.refresh()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._top = max(self._top - 2, 0)
        self.refresh()
