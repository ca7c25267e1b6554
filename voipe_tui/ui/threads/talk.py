"""One conversation whole: who it is on top, the messages, the reply box below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from voipe_tui.errors import VoipeError
from voipe_tui.store.models import Draft, Key, Message, View
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.events import Notice
from voipe_tui.ui.look.cells import Piece, fit
from voipe_tui.ui.look.words import count
from voipe_tui.ui.terminal.type_ahead import focus_now
from voipe_tui.ui.threads.conversation import ConversationLog
from voipe_tui.ui.threads.list import number_of
from voipe_tui.ui.threads.painter import TranscriptPainter
from voipe_tui.ui.threads.reply import ReplyBox
from voipe_tui.ui.threads.transcript import PAGE, Transcript
from voipe_tui.ui.widgets.bars import Bar

if TYPE_CHECKING:
    from textual.timer import Timer

    from voipe_tui.ui.look.hits import Hits
    from voipe_tui.ui.services import Session

_MARKED_AT_ONCE = 100
_REST_SECONDS = 0.1


class Talk(Widget):
    """Shows the conversation with one number at a time; holds no messages of its own."""

    DEFAULT_CSS = """
    Talk { height: 1fr; layout: vertical; }
    Talk ConversationLog { height: 1fr; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.key = ""
        self.number = ""
        self.opened = False
        """A person went into it; false while it is only looked at beside the list."""
        self._marking: Timer | None = None
        self.head = Bar(session.colors)
        self.head.keep_right = 1
        self.painter = TranscriptPainter(session.colors, session.times, session.reorder)
        self.model = Transcript(self._fetch, self.painter.lines, self._look_up)
        self.log_view = ConversationLog(self.model, self.painter, session.colors)
        self.reply = ReplyBox(session)

    def compose(self) -> ComposeResult:
        yield self.head
        yield self.log_view
        yield self.reply

    @property
    def current(self) -> Message | None:
        return self.model.current

    def _fetch(
        self, *, before: Key | None = None, after: Key | None = None, limit: int = PAGE, including: bool = False
    ) -> list[Message]:
        if not self.key or self._session.store is None:
            return []
        view = View(number_key=self.key, include_archived=True)
        return self._session.store.page(view, before=before, after=after, limit=limit, including=including)

    def _look_up(self, message_id: int) -> Message | None:
        found = self._session.opened.get([message_id]).get(message_id)
        return found if found is not None and found.key == self.key else None

    # Which conversation

    def look_at(self, key: str, number: str, *, hits: Hits | None = None) -> None:
        """Shows a conversation from its end; nothing is marked as read by it."""
        self.opened = False
        if (key, hits) == (self.key, self.painter.hits):
            return
        self.key, self.number = key, number
        self.painter.hits = hits
        self.painter.first_new = None
        self.painter.configure(self.log_view.size.width)
        self.log_view.show_newest()
        self.reply.load(key, number)
        self._say_who()

    def open(self, message_id: int | None = None, *, writing: bool = False) -> None:
        """A person goes into it: what came in counts as read; the cursor to ``message_id`` if there is one."""
        first_new = next((m.id for m in self.model.messages if m.direction == "in" and not m.read), None)
        if not self.opened and first_new != self.painter.first_new:
            self.painter.first_new = first_new
            self.log_view.repaint_all()
        self.opened = True
        if message_id is not None:
            self.log_view.select(message_id)
        if writing:
            self.reply.focus_text()
        else:
            focus_now(self.log_view)
        self._mark_read()

    def close(self) -> None:
        """Left: the draft is kept."""
        self.opened = False
        self.keep()

    def keep(self) -> None:
        if self.key:
            self.reply.keep()

    def take_draft(self, draft: Draft) -> None:
        self.reply.take(draft)
        self.reply.focus_text()

    def _mark_read(self, before: Key | None = None) -> None:
        """From the newest on, a piece at a time, each after where the last one ended: no message is looked at twice."""
        store = self._session.opened
        known = store.conversations.get(self.key)
        if self._marking is not None:
            return  # it is at it, and looks at the newest again in the end
        if known is None or not known.unread or not self.opened:
            return
        unread = View(direction="in", number_key=self.key, unread=True)
        # Never more than there are: looking for another one would go through all that was read.
        limit = min(known.unread, _MARKED_AT_ONCE)
        found = store.page(unread, before=before, limit=limit)
        try:
            store.triage.seen([message.id for message in found])
        except VoipeError as error:
            self.post_message(Notice(f"It could not be marked as read: {error}", "bad"))
            return
        if found and (before is not None or known.unread > len(found)):
            on = found[-1].position if len(found) == limit else None
            key = self.key
            self._marking = self.set_timer(_REST_SECONDS, lambda: self._go_on_marking(key, on))

    def _go_on_marking(self, key: str, before: Key | None) -> None:
        self._marking = None
        if key != self.key:
            return
        if self._session.typing:
            # Each piece is a look at the screen, too: it can wait until the fingers rest.
            self._marking = self.set_timer(_REST_SECONDS, lambda: self._go_on_marking(key, before))
        else:
            self._mark_read(before)

    def _say_who(self) -> None:
        palette = self._session.palette
        it = self._session.opened.conversations.get(self.key)
        number = number_of(self.key, it.number if it is not None else self.number, self._session.profile.region)
        name = safe_line(it.name[:80]) if it is not None and it.name else ""
        if self._session.reorder is not None:
            name = self._session.reorder(name)
        left: list[Piece] = [(f" {fit(name or number, 40).rstrip()} ", palette.bar_key)]
        if name:
            left.append((f"{number}  ", palette.bar))
        total = it.total - (1 if self.reply.draft_id else 0) if it is not None else 0
        if total > 0:
            left.append((count(total, "message"), palette.bar_muted))
        right: list[Piece] = []
        if self.model.fresh:
            shown = "99+" if self.model.fresh >= 100 else str(self.model.fresh)
            right.append((f" {shown} new, press {self._session.keys.shown('talk-newest')} ", palette.bar_warn))
        self.head.say(left, right)

    def on_conversation_log_scrolled(self) -> None:
        self._say_who()

    def on_conversation_log_writing(self) -> None:
        self.reply.focus_text()

    def on_submitted(self) -> None:
        # To the messages, where one sees it go and can still take it back.
        self.log_view.show_newest()
        focus_now(self.log_view)

    def on_reply_box_left(self) -> None:
        focus_now(self.log_view)

    # Following the store

    def follow(self) -> None:
        """Something changed: new messages come in at the bottom, states change in place."""
        if not self.key:
            return
        self.log_view.reload()
        self.reply.follow()
        self._say_who()
        if self.opened and self.model.at_bottom and self.app.app_focus:
            self._mark_read()

    def repaint_all(self) -> None:
        self.log_view.repaint_all()
        self._say_who()
