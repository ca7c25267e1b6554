"""The box below a conversation: a text, its parts, and a draft that belongs to the number."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.message import Message as Event
from textual.widget import Widget
from textual.widgets import TextArea

from voipe_tui.errors import VoipeError
from voipe_tui.store.models import Draft
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.commands import bindings
from voipe_tui.ui.compose.drawn import Drawn
from voipe_tui.ui.compose.fields import MessageArea
from voipe_tui.ui.compose.order import Typed
from voipe_tui.ui.events import Notice, Submitted
from voipe_tui.ui.look.words import count
from voipe_tui.ui.terminal.type_ahead import focus_now
from voipe_tui.ui.widgets.lines import Block, Lines

if TYPE_CHECKING:
    from textual.timer import Timer

    from voipe_tui.ui.services import Session

_SAVE_AFTER_SECONDS = 2.0


class ReplyBox(Widget):
    """What is being written to one number. The draft in the store follows it; another number has another one."""

    BINDINGS: ClassVar = bindings("reply")
    DEFAULT_CSS = """
    ReplyBox { height: auto; layout: vertical; }
    ReplyBox Area { height: auto; min-height: 1; max-height: 6; background: $surface; border: none; padding: 0 1; }
    ReplyBox Area:focus { background: $panel; }
    ReplyBox Lines { padding: 0 1; }
    """
    context = "reply"

    class Left(Event):
        """Back to the messages."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._key = self._number = ""
        self._draft = Draft(0, "", "")
        self._saved = ""
        self._save_timer: Timer | None = None
        self.area = MessageArea(session.colors, self._refresh_meter, soft_wrap=True, placeholder="")
        self.drawn = Drawn(session)
        self.says = Lines(session.colors, most=4, reorder=session.reorder)
        self.meter = Lines(session.colors, most=3, reorder=session.reorder)

    def compose(self) -> ComposeResult:
        yield self.says
        yield self.area
        yield self.drawn
        yield self.meter

    # Which number, which draft

    @property
    def draft_id(self) -> int:
        return self._draft.id

    def load(self, key: str, number: str) -> None:
        """Another conversation: what stood here is kept for its number, that number's draft comes back."""
        self.keep()
        draft = self._session.opened.drafts.of(key)
        self._key = key
        self._fill(draft or Draft(0, number, "", self._session.profile.sender or None), number)

    def follow(self) -> None:
        """The draft may have been gone on with, or sent, in the big form: it must not be sent from here once more."""
        if not self._draft.id or self.area.text != self._saved:
            return
        stored = self._session.opened.drafts.get(self._draft.id)
        if stored is None:
            self.load(self._key, self._number)
        elif stored.text != self._saved:
            self._fill(stored, self._number)

    def take(self, draft: Draft) -> None:
        """A message that was taken back is a draft again: on with it, after what was written meanwhile."""
        self.keep()
        self._fill(draft, self._number)

    def _fill(self, draft: Draft, number: str) -> None:
        self._number, self._draft, self._saved = number, draft, draft.text
        self.says.say([])
        self.area.text = draft.text
        self.area.move_cursor(self.area.document.end)
        self._refresh_meter()

    def focus_text(self) -> None:
        focus_now(self.area)

    def keep(self) -> None:
        """Saves the draft now, if it differs from what is saved."""
        if self._save_timer is not None:
            self._save_timer.stop()
            self._save_timer = None
        text = self.area.text
        if text == self._saved:
            return
        drafts = self._session.opened.drafts
        if text.strip():
            self._draft = self._draft._replace(id=drafts.save(self._draft._replace(text=text)))
        elif self._draft.id:
            drafts.discard(self._draft.id)
            self._draft = self._draft._replace(id=0)
        self._saved = text

    def _keep_quietly(self) -> None:
        self._save_timer = None
        try:
            self.keep()
        except VoipeError as error:
            self.post_message(Notice(f"The draft could not be saved: {error}", "bad"))

    # Saying how it stands

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.says.say([])
        if self.area.text != self._saved and self._save_timer is None:
            self._save_timer = self.set_timer(_SAVE_AFTER_SECONDS, self._keep_quietly)
        self._refresh_meter()

    def _refresh_meter(self) -> None:
        self.drawn.follow(self.area)
        palette = self._session.palette
        if not self.area.text:
            keys = self._session.keys
            hint = f"{keys.shown('talk-reply')} writes a reply, {keys.shown('reply-send')} sends it"
            self.meter.say([[(hint, palette.muted)]])
            return
        from voipe_tui.text.parts import measure
        from voipe_tui.ui.compose.says import marked_characters, text_says

        text, footer = self.area.text, self._footer
        self.area.mark(marked_characters(text))
        size = measure(f"{text} {footer}" if footer else text)
        name = "GSM 7-bit" if size.encoding == "gsm7" else "UCS-2"
        said = f"{count(size.parts, 'part')} · {size.room} left in this one · {name}"
        more = " · with footer" if footer else ""
        if self._draft.sender:
            more += f" · from {safe_line(self._draft.sender)}"
        blocks: list[Block] = [[(said, palette.warn if size.parts > 3 else palette.busy), (more, palette.muted)]]
        says = text_says(text, footer, size, self._session, replace_by="reply-replace")
        self.meter.say(blocks + [[(each, palette.tone(tone))] for tone, each in says])

    @property
    def _footer(self) -> str:
        return "" if self._draft.nofooter else self._session.profile.footer

    # Keys

    def action_send(self) -> None:
        """The checks, the review, the journal, as for any message: see :func:`review.send`."""
        from voipe_tui.ui.compose.review import send

        try:
            self.keep()
        except VoipeError as error:
            self._complain(error)
            return
        draft = self._draft.id or None
        send(
            self.app,
            self._session,
            self._typed,
            draft=draft,
            done=self._sent,
            failed=self._complain,
            now=self._session.now,
        )

    def action_replace(self) -> None:
        from voipe_tui.ui.compose.tools import replace_costly

        replace_costly(self, self.area, self._footer)

    @property
    def _typed(self) -> Typed:
        draft = self._draft
        return Typed(
            to=self._number,
            text=self.area.text,
            sender=draft.sender or "",
            when="",
            flash=draft.flash,
            nofooter=draft.nofooter,
        )

    def _sent(self, ids: list[int]) -> None:
        self._fill(Draft(0, self._number, "", self._draft.sender), self._number)
        self.post_message(Submitted(ids, stay=True))

    def _complain(self, error: VoipeError) -> None:
        palette = self._session.palette
        blocks = [[(f"✗ {safe_line(text)}", palette.bad)] for text in error.message.split("\n")]
        self.says.say([*blocks, [("Nothing was sent.", palette.muted)]])

    def action_leave(self) -> None:
        self._keep_quietly()
        self.post_message(self.Left())
