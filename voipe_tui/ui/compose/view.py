"""Writing a message: recipients, text, a live count of parts; nothing typed is ever lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Label, TextArea

from voipe_tui.errors import VoipeError
from voipe_tui.store.models import Draft
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.commands import bindings
from voipe_tui.ui.compose.beside import Beside
from voipe_tui.ui.compose.drawn import Drawn
from voipe_tui.ui.compose.fields import MessageArea, SenderField, ToArea, Toggle
from voipe_tui.ui.compose.order import Typed, as_typed
from voipe_tui.ui.compose.recipients import NOBODY, Whom, more_said, recipient_blocks, understand
from voipe_tui.ui.compose.says import marked_characters, meter_blocks, sender_says, when_says
from voipe_tui.ui.compose.suggestions import Suggestions
from voipe_tui.ui.events import Left, MakeBatch, Notice, Submitted
from voipe_tui.ui.look.words import count
from voipe_tui.ui.pane import Pane
from voipe_tui.ui.terminal.type_ahead import focus_now
from voipe_tui.ui.widgets.fields import Field
from voipe_tui.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from textual.timer import Timer

    from voipe_tui.store.models import Changed
    from voipe_tui.ui.services import Session

_SAVE_AFTER_SECONDS = 2.0
_TIGHT_LINES = 31
_SMALL_LINES, _TINY_LINES = 18, 15
_NARROW_COLUMNS = 76
"""Of the whole terminal."""


class ComposeView(Pane):
    """The form. What stands in it is the truth; the draft in the store follows it."""

    BINDINGS: ClassVar = bindings("compose")
    DEFAULT_CSS = """
    ComposeView { height: 1fr; layout: vertical; padding: 1 1 0 1; layers: base popup; }
    ComposeView Label { width: 6; color: $muted; }
    ComposeView > Horizontal { height: auto; }
    ComposeView Area, ComposeView Field { background: $surface; border: none; padding: 0 1; }
    ComposeView Field.-textual-compact { padding: 0 1; }
    ComposeView Area:focus, ComposeView Field:focus { background: $panel; }
    ComposeView #to { height: auto; min-height: 1; max-height: 4; width: 1fr; }
    ComposeView #options { margin: 1 0 0 0; }
    ComposeView #sender { width: 15; margin: 0 2 0 0; }
    ComposeView #when { width: 1fr; max-width: 24; margin: 0 1 0 0; }
    ComposeView Toggle { width: auto; height: 1; margin: 0 0 0 1; }
    ComposeView Toggle:focus { text-style: reverse; }
    ComposeView #text { height: 1fr; min-height: 3; max-height: 16; margin: 1 0 0 0; }
    ComposeView.-tight #to { max-height: 2; }
    ComposeView.-small { padding: 0 1; overflow-y: auto; scrollbar-size-vertical: 0; }
    ComposeView.-small.-tight #to { max-height: 1; }
    ComposeView.-small #options, ComposeView.-small #text { margin: 0; }
    ComposeView.-narrow #options { overflow-x: auto; scrollbar-size-horizontal: 0; }
    ComposeView.-narrow #when { width: 18; }
    """
    context = "compose"

    def __init__(self, session: Session, *, id: str) -> None:
        super().__init__(id=id)
        self._session = session
        self._draft = 0
        self._found = 0
        """The draft that was here again by itself: who types blindly must not send it."""
        self._saved: Typed | None = None
        self._given: Typed | None = None
        """What another screen put into the form (an answer, a copy): while it is unchanged there is nothing to keep."""
        self._save_timer: Timer | None = None
        self._footer = True
        self._was_shown = False
        self._metered: tuple[str, str, Whom] | None = None
        self.whom_now: Whom = NOBODY
        profile = session.profile
        senders = tuple(dict.fromkeys(sender for sender in (profile.sender, *profile.senders) if sender))
        self.suggestions = Suggestions(session)
        self.to = ToArea(self.suggestions, id="to", soft_wrap=True)
        self.sender = SenderField(senders, profile.sender, id="sender")
        self.when = Field(placeholder="now", id="when")
        self.at_gateway = Toggle("at the gateway", id="at_gateway")
        self.flash = Toggle("flash", id="flash")
        self.text = MessageArea(session.colors, self._refresh_meter, id="text", soft_wrap=True)
        self.whom = Lines(session.colors, id="whom", flow=True, indent=7, most=5, reorder=session.reorder)
        self.hints = Lines(session.colors, id="hints", indent=7, most=4, reorder=session.reorder)
        self.says = Lines(session.colors, id="says", most=6, reorder=session.reorder)
        self.meter = Lines(session.colors, id="meter", most=7, reorder=session.reorder)
        self.drawn = Drawn(session)
        self.beside = Beside(session)

    def compose(self) -> ComposeResult:
        # Docked, not in a container of its own: each level is drawn again with every key.
        yield self.beside
        with Horizontal():
            yield Label("To")
            yield self.to
        yield self.whom
        yield self.text
        yield self.drawn
        yield self.says
        yield self.meter
        # Below, so that one Tab leads from the recipients to the text.
        with Horizontal(id="options"):
            yield Label("From")
            yield self.sender
            yield Label("When")
            yield self.when
            yield self.at_gateway
            yield self.flash
        yield self.hints
        yield self.suggestions

    def on_mount(self) -> None:
        self._refresh_all()

    def on_resize(self) -> None:
        self._show_conversation()
        self._make_room()

    def _make_room(self) -> None:
        """Where there is little, the recipients take less of it while something else is written."""
        height, writing_to = self.app.size.height, self.to.has_focus
        tight, small = height < _TIGHT_LINES and not writing_to, height < _SMALL_LINES
        self.set_class(tight, "-tight")
        self.set_class(small, "-small")
        narrow = self.app.size.width < _NARROW_COLUMNS
        self.set_class(narrow, "-narrow")
        self.whom.limit(5 if not tight else 1 if small else 3)
        self.meter.limit(3 if height < _TINY_LINES else 4 if small else 7)
        self.hints.limit(2 if small else 4)
        if (small or narrow) and (focused := self.screen.focused) is not None:
            self.call_after_refresh(focused.scroll_visible, animate=False)

    def take_focus(self) -> None:
        focus_now(self.text if self.to.text.strip() else self.to)

    # What stands in the form

    @property
    def typed(self) -> Typed:
        return Typed(
            self.to.text,
            self.text.text,
            self.sender.value.strip(),
            self.when.value,
            self.flash.value,
            self.at_gateway.value,
            not self._footer,
        )

    @property
    def footer(self) -> str:
        """What goes behind the text; empty where it was switched off or there is none."""
        return self._session.profile.footer if self._footer else ""

    def _is_written(self) -> bool:
        return bool(self.to.text.strip() or self.text.text.strip())

    def _is_changed(self) -> bool:
        """Whether a person wrote anything that is there."""
        return self._is_written() and self.typed != self._given

    def begin(self) -> None:
        """An empty form; what stood in it stays a draft. Nothing old is ever under the cursor of who starts anew."""
        self.keep()
        self._empty()
        focus_now(self.to)
        drafts = self._session.opened.counts().drafts
        if drafts:
            key = self._session.keys.shown("compose-drafts")
            self.post_message(Notice(f"{count(drafts, 'draft')} kept: {key} opens {'it' if drafts == 1 else 'one'}."))

    def load(self, draft: Draft) -> None:
        """Puts a draft into the form; what stood there before is kept as a draft of its own."""
        if draft.id != self._draft or not draft.id:
            self.keep()
        self._fill(draft)

    def _fill(self, draft: Draft) -> None:
        self._draft, self._found = draft.id, 0
        self._footer = not draft.nofooter
        self.to.text = draft.to_text
        self.text.text = draft.text
        self.sender.value = draft.sender or ""
        session = self._session
        self.when.value = as_typed(draft.schedule_text, session.services.zone, session.profile, session.opened)
        self.at_gateway.value = draft.at_gateway
        self.flash.value = draft.flash
        self.text.move_cursor(self.text.document.end)
        self.to.move_cursor(self.to.document.end)
        self.suggestions.forget()
        self.suggestions.close()
        self._saved = self.typed if draft.id else None
        self._given = None if draft.id else self.typed
        self.says.say([])
        self._refresh_all()
        if self.is_mounted and self.display:
            self.take_focus()

    def keep(self) -> None:
        """Saves the draft now, if it differs from what is saved."""
        if self._save_timer is not None:
            self._save_timer.stop()
            self._save_timer = None
        typed = self.typed
        if typed == self._saved or not (self._draft or self._is_changed()):
            return
        self._draft = self._session.opened.drafts.save(
            Draft(
                self._draft,
                typed.to,
                typed.text,
                typed.sender or None,
                typed.flash,
                typed.when,
                nofooter=typed.nofooter,
                at_gateway=typed.at_gateway,
            )
        )
        self._saved = typed

    def _keep_soon(self) -> None:
        if self._save_timer is None:
            self._save_timer = self.set_timer(_SAVE_AFTER_SECONDS, self._keep_quietly)

    def _keep_quietly(self) -> None:
        self._save_timer = None
        try:
            self.keep()
        except VoipeError as error:
            self.post_message(Notice(f"The draft could not be saved: {error}", "bad"))

    # Saying how it stands

    @on(TextArea.Changed)
    def _area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._changed()
        if event.text_area is self.to:
            if self.to.has_focus:
                self._suggest()
            self._refresh_whom()
        self._refresh_meter()

    @on(TextArea.SelectionChanged)
    def _moved(self, event: TextArea.SelectionChanged) -> None:
        event.stop()
        self.drawn.follow(self.text)
        if self.suggestions.is_open and not self.to.piece[2] and self.to.text.strip():
            self.suggestions.close()
            self._say_whom()

    @on(Input.Changed)
    def _field_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._changed()
        self._refresh_hints()

    @on(Toggle.Flipped)
    def _flipped(self, event: Toggle.Flipped) -> None:
        event.stop()
        self._changed()
        self._refresh_hints()

    @on(Input.Submitted)
    def _field_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    @on(Suggestions.Taken)
    def _taken(self, event: Suggestions.Taken) -> None:
        event.stop()
        self.to.accept(event.person.to)
        focus_now(self.to)

    @on(Suggestions.Closed)
    def _offer_ended(self, event: Suggestions.Closed) -> None:
        event.stop()
        self._say_whom()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if event.widget is self.to:
            self.suggestions.forget()
        self._make_room()

    def _changed(self) -> None:
        self.says.say([])
        if self._save_timer is None and self.typed != self._saved:
            self._keep_soon()

    def _suggest(self) -> None:
        self.suggestions.styles.offset = (7, self.to.region.bottom - self.to.region.y or 1)
        # As wide as the field: what it stands over must not look out beside it.
        self.suggestions.styles.width = self.to.outer_size.width
        self.suggestions.offer(self.to.piece[2], without=self.whom_now.good)

    def _refresh_all(self) -> None:
        self._metered = None
        self._refresh_whom()
        self._refresh_hints()
        self._refresh_meter()

    def _refresh_whom(self) -> None:
        self.whom_now = understand(self.to.text, self._session)
        self._say_whom()
        self._show_conversation()

    def _say_whom(self) -> None:
        # What is still being typed and may become one of those offered is no mistake yet.
        unfinished = self.to.piece[2].strip() if self.suggestions.is_open else ""
        whom = self.whom_now
        if unfinished:
            whom = whom._replace(bad=tuple(each for each in whom.bad if each.typed != unfinished))
        blocks = recipient_blocks(whom, self._session) if whom != NOBODY or not unfinished else []
        self.whom.say(blocks, more_said(self.whom_now, self._session))

    def _show_conversation(self) -> None:
        good = self.whom_now.good
        self.beside.show(good[0].e164 if len(good) == 1 else None, self.size.width)

    def _refresh_hints(self) -> None:
        palette = self._session.palette
        says = [
            *sender_says(self.sender.value.strip(), self._session),
            *when_says(self.when.value, self.at_gateway.value, self._session.now(), self._session),
        ]
        self.hints.say([[(text, palette.tone(tone))] for tone, text in says])

    def _refresh_meter(self) -> None:
        text = self.text.text
        metered = (text, self.footer, self.whom_now)
        if metered == self._metered:
            return
        self._metered = metered
        self.text.mark(marked_characters(text))
        self.drawn.follow(self.text)
        self.meter.say(meter_blocks(text, self.footer, self.whom_now, self._session))

    def follow(self, changed: Changed | None) -> None:
        if not self.display:
            return
        if self.beside.display:
            self.beside.look_again()
        # Contacts came, perhaps, or a price was learned.
        if self.whom_now != NOBODY:
            self._refresh_whom()
        self._metered = None
        self._refresh_meter()

    def shown(self) -> None:
        if self._draft and self.typed == self._saved and self._session.opened.drafts.get(self._draft) is None:
            # Sent from a conversation's reply box, or thrown away in the outbox: not to be sent from here once more.
            self._empty()
        if not self._was_shown:
            self._was_shown = True
            self._go_on()
        self._refresh_all()

    def _go_on(self) -> None:
        """The program ended, or was killed, while something was being written: it is here again."""
        if not self._draft and not self._is_written() and (draft := self._session.opened.drafts.last_written()):
            self._fill(draft)
            self._found = draft.id
            key = self._session.keys.shown("compose-another")
            said = Notice(f"What was written last is here again; {key} begins another.")
            self.call_after_refresh(lambda: self.post_message(said) if self._found else None)  # unless a copy took over

    def repaint_all(self) -> None:
        self._refresh_all()
        self.refresh()

    # Keys

    def action_send(self) -> None:
        """The checks, the review, the journal: see :func:`~voipe_tui.ui.compose.review.send`."""
        from voipe_tui.ui.compose.review import send

        try:
            self.keep()
        except VoipeError as error:
            self.complain(error)
            return
        send(
            self.app,
            self._session,
            self.typed,
            draft=self._draft or None,
            done=self._sent,
            failed=self.complain,
            now=self._session.now,
            must_look=bool(self._draft) and self._draft == self._found,
        )

    def complain(self, error: VoipeError) -> None:
        """What is wrong, above the meter."""
        palette = self._session.palette
        blocks = [[(f"✗ {safe_line(text)}", palette.bad)] for text in str(error).split("\n")]
        self.says.say([*blocks, [("Nothing was sent; everything you typed is still here.", palette.muted)]])

    def _sent(self, ids: list[int]) -> None:
        self._empty()
        self.post_message(Submitted(ids))

    def _empty(self) -> None:
        if self._save_timer is not None:
            self._save_timer.stop()
            self._save_timer = None
        self._fill(Draft(0, "", "", self._session.profile.sender or None))
        self._saved = self.typed

    def action_leave(self) -> None:
        try:
            self.keep()
        except VoipeError as error:
            self.complain(error)
            return
        if self._draft and self._is_written():
            self.post_message(Notice("Kept as a draft."))
        elif not self._draft:
            self._empty()
        self.post_message(Left())

    def action_another(self) -> None:
        """Keeps this one as a draft and starts an empty one."""
        self.begin()

    def action_discard(self) -> None:
        from voipe_tui.ui.widgets.confirm import Confirm, ask

        if not self._is_written():
            self._throw_away()
            return
        question = Confirm("Throw this draft away?", ("It is deleted for good; nothing was sent.",), "throw it away")
        ask(self.app, question, self._throw_away)

    def _throw_away(self) -> None:
        if self._draft:
            self._session.opened.drafts.discard(self._draft)
        self._empty()
        self.post_message(Left())

    def action_footer(self) -> None:
        if not self._session.profile.footer:
            self.post_message(Notice("This profile has no footer (footer = “…” in profiles.toml)."))
            return
        self._footer = not self._footer
        self._changed()
        self._refresh_meter()
        said = f"“{safe_line(self.footer)}” goes behind the text." if self._footer else "Sent without the footer."
        self.post_message(Notice(said))

    def action_recipients(self) -> None:
        from voipe_tui.ui.compose.tools import look_through_recipients

        look_through_recipients(self, self._session)

    def action_replace(self) -> None:
        from voipe_tui.ui.compose.tools import replace_costly

        replace_costly(self, self.text, self.footer)

    def action_templates(self) -> None:
        from voipe_tui.ui.compose.tools import pick_template

        pick_template(self, self._session)

    def action_save_template(self) -> None:
        from voipe_tui.ui.compose.tools import save_template

        save_template(self, self._session)

    def action_history(self) -> None:
        from voipe_tui.ui.compose.tools import pick_sent

        pick_sent(self, self._session)

    def action_drafts(self) -> None:
        from voipe_tui.ui.compose.tools import pick_draft

        pick_draft(self, self._session)

    def action_import_table(self) -> None:
        """On to a batch with this text; what is written here stays a draft."""
        self.keep()
        self.post_message(MakeBatch(self.text.text, self.sender.value.strip()))

    def action_editor(self) -> None:
        from voipe_tui.ui.compose.tools import use_editor

        self.run_worker(use_editor(self), group="editor", exclusive=True, exit_on_error=False)
