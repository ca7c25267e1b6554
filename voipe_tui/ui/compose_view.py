"""Writing a message: recipients, text, a live count of parts; nothing typed is ever lost."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label, TextArea

from voipe_tui.errors import InputError, VoipeError
from voipe_tui.store.models import Draft
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.commands import bindings
from voipe_tui.ui.compose_says import meter_line, recipient_blocks, sender_says, when_says
from voipe_tui.ui.events import Left, Notice, Submitted
from voipe_tui.ui.fields import Area, Field
from voipe_tui.ui.lines import Lines
from voipe_tui.ui.order import Order, Typed, check
from voipe_tui.ui.pane import Pane
from voipe_tui.ui.type_ahead import focus_now

if TYPE_CHECKING:
    from textual.timer import Timer

    from voipe_tui.ui.services import Session

_SAVE_AFTER_SECONDS = 2.0


class ToArea(Area):
    """Recipients: several lines may be pasted; Enter goes on to the text."""

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.prevent_default()
            event.stop()
            self.screen.focus_next()


class SenderField(Field):
    """The sender ID: typed, or chosen from the profile's with the arrow keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "choose(1)", show=False),
        Binding("up", "choose(-1)", show=False),
    ]

    def __init__(self, senders: tuple[str, ...], value: str, id: str) -> None:
        super().__init__(value=value, placeholder="the account's own", id=id)
        self._senders = senders

    def action_choose(self, by: int) -> None:
        choices = list(dict.fromkeys((*self._senders, "")))
        index = choices.index(self.value) if self.value in choices else -by
        self.value = choices[(index + by) % len(choices)]
        self.cursor_position = len(self.value)


class Toggle(Widget, can_focus=True):
    """``[x] flash``: on or off with Space or Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space,enter", "flip", show=False)]
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, label: str, id: str) -> None:
        super().__init__(id=id)
        self._label = label
        self._on = False

    @property
    def value(self) -> bool:
        return self._on

    @value.setter
    def value(self, on: bool) -> None:
        if on != self._on:
            self._on = on
            self.refresh()

    def render(self) -> Content:
        return Content(f"[{'x' if self._on else ' '}] {self._label}")

    def action_flip(self) -> None:
        self.value = not self._on

    def on_click(self) -> None:
        self.action_flip()


class ComposeView(Pane):
    """The form. What stands in it is the truth; the draft in the store follows it."""

    BINDINGS: ClassVar = bindings("compose")
    DEFAULT_CSS = """
    ComposeView { height: 1fr; layout: vertical; padding: 1 1 0 1; }
    ComposeView Label { width: 6; color: $muted; }
    ComposeView > Horizontal { height: auto; }
    ComposeView Area, ComposeView Field { background: $surface; border: none; padding: 0 1; }
    ComposeView Field.-textual-compact { padding: 0 1; }
    ComposeView Area:focus, ComposeView Field:focus { background: $panel; }
    ComposeView #to { height: auto; min-height: 1; max-height: 4; width: 1fr; }
    ComposeView #options { margin: 1 0 0 0; }
    ComposeView #sender { width: 20; margin: 0 2 0 0; }
    ComposeView #when { width: 22; margin: 0 2 0 0; }
    ComposeView #flash { width: 11; height: 1; }
    ComposeView #flash:focus { text-style: reverse; }
    ComposeView #text { height: 1fr; min-height: 3; max-height: 16; margin: 1 0 0 0; }
    """
    context = "compose"

    def __init__(self, session: Session, *, id: str) -> None:
        super().__init__(id=id)
        self._session = session
        self._draft = 0
        self._saved: Typed | None = None
        self._asked: Order | None = None
        self._save_timer: Timer | None = None
        profile = session.profile
        senders = tuple(dict.fromkeys(sender for sender in (profile.sender, *profile.senders) if sender))
        self.to = ToArea(id="to", soft_wrap=True)
        self.sender = SenderField(senders, profile.sender, id="sender")
        self.when = Field(placeholder="now", id="when")
        self.flash = Toggle("flash", id="flash")
        self.text = Area(id="text", soft_wrap=True)
        self.whom = Lines(session.colors, id="whom", flow=True, indent=7, most=5)
        self.hints = Lines(session.colors, id="hints", indent=7, most=4)
        self.says = Lines(session.colors, id="says", most=6)
        self.meter = Lines(session.colors, id="meter", most=3)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Label("To")
            yield self.to
        yield self.whom
        yield self.text
        yield self.says
        yield self.meter
        # Below, so that one Tab leads from the recipients to the text.
        with Horizontal(id="options"):
            yield Label("From")
            yield self.sender
            yield Label("When")
            yield self.when
            yield self.flash
        yield self.hints

    def on_mount(self) -> None:
        drafts = self._session.opened.drafts.all(1)
        if drafts and not self._draft and not self._is_written():
            self.load(drafts[0])
            when = self._session.times.short(drafts[0].updated_at, None)
            self.post_message(Notice(f"Your draft from {when} is back. ctrl+n starts another one."))
        self._refresh_all()

    def take_focus(self) -> None:
        focus_now(self.text if self.to.text.strip() else self.to)

    # What stands in the form

    @property
    def typed(self) -> Typed:
        return Typed(self.to.text, self.text.text, self.sender.value.strip(), self.when.value, self.flash.value)

    def _is_written(self) -> bool:
        return bool(self.to.text.strip() or self.text.text.strip())

    def load(self, draft: Draft) -> None:
        """Puts a draft into the form; what stood there before is kept as a draft of its own."""
        if draft.id != self._draft or not draft.id:
            self.keep()
        self._fill(draft)

    def _fill(self, draft: Draft) -> None:
        self._draft = draft.id
        self.to.text = draft.to_text
        self.text.text = draft.text
        self.sender.value = draft.sender or ""
        self.when.value = draft.schedule_text
        self.flash.value = draft.flash
        self.text.move_cursor(self.text.document.end)
        self.to.move_cursor(self.to.document.end)
        self._saved = self.typed if draft.id else None
        self._asked = None
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
        if typed == self._saved or not (self._draft or self._is_written()):
            return
        self._draft = self._session.opened.drafts.save(
            Draft(self._draft, typed.to, typed.text, typed.sender or None, typed.flash, typed.when)
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
            self._refresh_whom()
        self._refresh_meter()

    @on(Input.Changed)
    def _field_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._changed()
        self._refresh_hints()

    @on(Input.Submitted)
    def _field_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    def _changed(self) -> None:
        if self._asked is not None:
            self._asked = None
            self.says.say([])
        if self.typed != self._saved:
            self._keep_soon()

    def _now(self) -> datetime:
        services = self._session.services
        return datetime.fromtimestamp(services.clock(), services.zone)

    def _refresh_all(self) -> None:
        self._refresh_whom()
        self._refresh_hints()
        self._refresh_meter()

    def _refresh_whom(self) -> None:
        self.whom.say(recipient_blocks(self.to.text, self._session))

    def _refresh_hints(self) -> None:
        palette = self._session.palette
        says = [*sender_says(self.sender.value.strip(), self._session), *when_says(self.when.value, self._now())]
        self.hints.say([[(text, palette.tone(tone))] for tone, text in says])

    def _refresh_meter(self) -> None:
        self.meter.say(meter_line(self.text.text, self.to.text, self._session))

    # Keys

    def action_send(self) -> None:
        """First the checks, then (for several people) the question, then the journal."""
        typed = self.typed
        try:
            order = check(typed, self._session.profile, self._now())
        except InputError as error:
            self._asked = None
            self._complain(error)
            return
        needs_word = len(order.recipients) > 1 or bool(order.warnings)
        if needs_word and self._asked != order:
            self._asked = order
            self._ask(order)
            return
        self._submit(order)

    def _complain(self, error: VoipeError) -> None:
        palette = self._session.palette
        blocks = [[(f"✗ {safe_line(text)}", palette.bad)] for text in error.message.split("\n")]
        self.says.say([*blocks, [("Nothing was sent; everything you typed is still here.", palette.muted)]])

    def _ask(self, order: Order) -> None:
        palette = self._session.palette
        key = self._session.keys.shown("compose-send")
        self.says.say(
            [
                *([(f"! {safe_line(warning)}", palette.warn)] for warning in order.warnings[:3]),
                [(safe_line(order.summary()), palette.strong)],
                [(f"{key} sends, Escape goes back.", palette.warn)],
            ]
        )

    def _submit(self, order: Order) -> None:
        session = self._session
        try:
            self.keep()
            ids = session.opened.journal.submit(
                order.messages(session.profile),
                hold_seconds=session.profile.hold_seconds,
                draft=self._draft or None,
            )
        except VoipeError as error:
            self._complain(error)
            return
        self._empty()
        self.post_message(Submitted(ids))

    def _empty(self) -> None:
        if self._save_timer is not None:
            self._save_timer.stop()
            self._save_timer = None
        self._fill(Draft(0, "", "", self._session.profile.sender or None))
        self._saved = self.typed

    def action_leave(self) -> None:
        if self._asked is not None:
            self._asked = None
            self.says.say([])
            return
        written = self._is_written()
        try:
            self.keep()
        except VoipeError as error:
            self._complain(error)
            return
        if written:
            self.post_message(Notice("Kept as a draft."))
        self.post_message(Left())

    def action_another(self) -> None:
        """Keeps this one as a draft and starts an empty one."""
        self.keep()
        self._empty()
        focus_now(self.to)

    def action_discard(self) -> None:
        from voipe_tui.ui.confirm import Confirm, ask

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
