"""The last look before anything leaves: who, what exactly, from whom, when, how many parts, what it costs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen

from voipe_tui.errors import VoipeError
from voipe_tui.text.untrusted import safe_line, safe_text
from voipe_tui.ui.commands.layout import typed
from voipe_tui.ui.compose.order import Order, Typed, check, gateway_clock, submit
from voipe_tui.ui.look.cells import Piece
from voipe_tui.ui.look.words import amount, count
from voipe_tui.ui.widgets.lines import BAR, Block, Lines

if TYPE_CHECKING:
    from datetime import datetime

    from textual.timer import Timer

    from voipe_tui.text.numbers import Recipient
    from voipe_tui.ui.services import Session

_SMALL_LINES = 20
"""Of the whole terminal."""
_MOST_WHOM = 4
_MOST_TEXTS = 8
_NAMES = {"gsm7": "GSM 7-bit", "ucs2": "UCS-2"}


class Review(ModalScreen[bool]):
    """The send key sends, Escape goes back; everything else only scrolls.

    The key that opened this also sends, so one that is held down or pressed twice by a nervous finger must not: it
    counts, and is named, once it has been let alone for :attr:`SETTLE_SECONDS`.
    """

    SETTLE_SECONDS: ClassVar[float] = 0.4
    context = "review"
    DEFAULT_CSS = """
    Review { align: center middle; }
    Review > Vertical {
        width: 76; max-width: 96%; height: auto; max-height: 92%;
        background: $background; border-left: thick $primary; padding: 1 1 0 2;
    }
    Review VerticalScroll { height: auto; max-height: 74vh; scrollbar-size-vertical: 1; background: $background; }
    Review #verdict { margin: 1 0; }
    Review.-small > Vertical { padding: 0 1 0 1; max-width: 100%; max-height: 100%; }
    Review.-small VerticalScroll { max-height: 70vh; }
    Review.-small #verdict { margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(typed("escape,q"), "back", show=False),
        Binding(typed("down,j"), "scroll_by(1)", show=False),
        Binding(typed("up,k"), "scroll_by(-1)", show=False),
        Binding("pagedown,space", "scroll_by(10)", show=False),
        Binding("pageup", "scroll_by(-10)", show=False),
    ]

    def __init__(self, session: Session, order: Order) -> None:
        super().__init__()
        self._session = session
        self._order = order
        self._settled = False
        self._settling: Timer | None = None
        self.body = Lines(session.colors, most=10_000, reorder=session.reorder)
        self.verdict = Lines(session.colors, id="verdict", most=2)

    def compose(self) -> ComposeResult:
        with Vertical():
            with VerticalScroll(can_focus=False):
                yield self.body
            yield self.verdict

    def on_mount(self) -> None:
        self.body.say(review_blocks(self._order, self._session))
        self._settle()

    def on_resize(self) -> None:
        self.set_class(self.app.size.height < _SMALL_LINES, "-small")

    def _settle(self) -> None:
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(self.SETTLE_SECONDS, self._ready)
        self._say()

    def _ready(self) -> None:
        self._settled = True
        self._say()

    def _say(self) -> None:
        palette, order = self._session.palette, self._order
        what = "sends" if order.at is None else "hands it over" if order.gateway_schedule else "schedules it"
        key = self._session.keys.shown("compose-send") if self._settled else ""
        sends: list[Piece] = [(key, palette.strong), (f" {what}      ", palette.text)] if key else []
        self.verdict.say([[*sends, ("Esc", palette.strong), (" goes back, nothing is sent", palette.text)]])

    def on_key(self, event: events.Key) -> None:
        if event.key not in self._session.keys.by_command["compose-send"]:
            return
        event.stop()
        if self._settled:
            self.dismiss(True)
        else:
            self._settle()

    def action_back(self) -> None:
        self.dismiss(False)

    def action_scroll_by(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    @property
    def said(self) -> str:
        """Everything that is shown, without its colours."""
        return f"{self.body.text}\n{self.verdict.text}"


def send(
    app: App[Any],
    session: Session,
    typed: Typed,
    *,
    draft: int | None,
    done: Callable[[list[int]], None],
    failed: Callable[[VoipeError], None],
    now: Callable[[], datetime],
    must_look: bool = False,
) -> None:
    """From a form to the journal: the checks, the review where it is wanted, a second question for those who asked not
    to be written to. ``done`` gets the rows; ``failed`` what was wrong, nothing sent then. ``must_look``: a person may
    not know what stands in the form, so it is shown whatever the settings say."""

    def ordered() -> Order | None:
        try:
            return check(typed, session.profile, now(), session.opened)
        except VoipeError as error:
            failed(error)
            return None

    def go() -> None:
        # Time went by while it was looked at: what was in the future may have passed.
        order = ordered()
        if order is None:
            return
        try:
            ids = submit(order, session.profile, session.opened, draft)
        except VoipeError as error:
            failed(error)
            return
        done(ids)

    def ask_again(order: Order) -> None:
        from voipe_tui.ui.widgets.confirm import Confirm, ask

        who = ", ".join(safe_line(each) for each in order.opted_out[:5])
        more = f" and {len(order.opted_out) - 5} more" if len(order.opted_out) > 5 else ""
        lines = (f"{who}{more} asked not to be written to.", "Sending all the same may be against the law.")
        ask(app, Confirm("Send to somebody who opted out?", lines, "send all the same"), go)

    order = ordered()
    if order is None:
        return
    reviewed = order

    def after(yes: bool | None) -> None:
        if yes and reviewed.opted_out:
            ask_again(reviewed)
        elif yes:
            go()

    if session.services.settings.review == "when_needed" and order.is_plain and not must_look:
        after(True)
    else:
        app.push_screen(Review(session, order), after)


def review_blocks(order: Order, session: Session) -> list[Block]:
    """All that a person may want to know before it leaves."""
    palette = session.palette
    blocks: list[Block] = [[("Review before sending", palette.strong)], []]
    blocks += _labelled("To", _whom(order, session), session)
    blocks += _labelled("From", [[(safe_line(order.sender or "the account's own sender ID"), palette.text)]], session)
    blocks += _labelled("When", [[(said, palette.text)] for said in _when(order, session)], session)
    blocks += _labelled("Cost", [[(said, palette.text)] for said in _cost(order, session)], session)
    if order.flash:
        blocks += _labelled(
            "Flash", [[("shown at once on the phone, and mostly not kept there", palette.text)]], session
        )
    blocks += [[], *([(f"! {safe_line(warning)}", palette.warn)] for warning in order.warnings)]
    if order.opted_out:
        blocks.append(
            [(f"! {count(len(order.opted_out), 'recipient')} opted out: you will be asked again.", palette.bad)]
        )
    blocks += [[(f"  {safe_line(note)}", palette.muted)] for note in order.notes]
    if order.warnings or order.opted_out or order.notes:
        blocks.append([])
    blocks += _texts(order, session)
    if len(order.recipients) > _MOST_WHOM:
        blocks += [[], *_labelled("To all", _each(order.recipients, order.opted_out, session), session)]
    return blocks


def _labelled(label: str, lines: list[Block], session: Session) -> list[Block]:
    muted = session.palette.muted
    return [[(f"{label if n == 0 else '':6}", muted), *block] for n, block in enumerate(lines)]


def _whom(order: Order, session: Session) -> list[Block]:
    palette = session.palette
    lines: list[Block] = []
    if len(order.recipients) > 1:
        merged = f", {count(order.merged, 'repeated one')} merged" if order.merged else ""
        lines.append([(count(len(order.recipients), "recipient") + merged, palette.strong)])
    lines += _each(order.recipients[:_MOST_WHOM], order.opted_out, session)
    if len(order.recipients) > _MOST_WHOM:
        rest = f"… and {len(order.recipients) - _MOST_WHOM:,} more, below the text: PgDn"
        lines.append([(rest, palette.muted)])
    return lines


def _each(recipients: Sequence[Recipient], opted_out: Collection[str], session: Session) -> list[Block]:
    from voipe_tui.ui.compose.recipients import who_is

    palette = session.palette
    lines: list[Block] = []
    for each in recipients:
        sign = ("! ", palette.warn) if each.warning or each.e164 in opted_out else ("✓ ", palette.good)
        lines.append([sign, (who_is(each, session), palette.text)])
    return lines


def _when(order: Order, session: Session) -> list[str]:
    undo = session.keys.shown("undo")
    if order.at is None:
        hold = session.profile.hold_seconds
        return [f"now, held here for {hold:g} s ({undo} takes it back)" if hold else "now, at once"]
    moment = f"{order.at:%a} {order.at.day} {order.at:%b %Y, %H:%M} {order.at.tzname() or ''}".rstrip()
    if order.gateway_schedule is None:
        if there := gateway_clock(order.at, session.profile, session.opened):
            moment += f" = {there} at the gateway"
        return [moment, f"This program waits and sends; it must be running then. {undo} takes it back until then."]
    return [
        f"{moment} = {order.gateway_schedule} on the gateway's clock",
        "The gateway waits; it can be neither changed nor cancelled once it is handed over.",
    ]


def _cost(order: Order, session: Session) -> list[str]:
    from voipe_tui.text.parts import measure

    footer = "" if order.nofooter else session.profile.footer
    longest = max(order.texts or (order.text,), key=lambda text: measure(text).parts)
    size = measure(f"{longest} {footer}" if footer else longest)
    said = f"{_NAMES[size.encoding]} · {count(size.characters, 'character')} · {count(size.parts, 'part')}"
    if len(order.recipients) > 1:
        said += f" · {order.total_parts:,} in all"
    price, credit = session.opened.facts.price(), session.opened.facts.credit()
    left = f"; {amount(credit)} of credit left" if credit is not None else ""
    if order.to_groups:
        return [said, f"each member of a group costs as much{left}"]
    if price is None:
        return [said, f"price unknown until a message was charged{left}"]
    return [said, f"about {amount(price * order.total_parts)} of credit{left}"]


def _texts(order: Order, session: Session) -> list[Block]:
    palette = session.palette
    footer = "" if order.nofooter else session.profile.footer
    different = dict.fromkeys(order.texts or (order.text,))
    blocks: list[Block] = []
    for number, text in enumerate(list(different)[:_MOST_TEXTS]):
        if len(different) > 1:
            to = order.recipients[order.texts.index(text)].wire
            blocks.append([(f"{safe_line(to)} gets:", palette.muted)])
        blocks += [[(BAR, palette.text), (line, palette.text)] for line in safe_text(text).split("\n")]
        if footer:
            blocks.append([(BAR, palette.muted), (safe_line(footer), palette.muted), (" (footer)", palette.muted)])
        if len(different) > 1 and number + 1 < len(different):
            blocks.append([])
    if len(different) > _MOST_TEXTS:
        blocks.append([(f"… and {len(different) - _MOST_TEXTS:,} more texts, each with its own fields", palette.muted)])
    return blocks
