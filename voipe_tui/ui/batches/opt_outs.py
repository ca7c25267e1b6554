"""Who must not be written to, and above them who asks for it and waits for a decision."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical

from voipe_tui.store.opt_outs import OptOut, Proposal
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.batches.steering import Steer
from voipe_tui.ui.commands import bindings
from voipe_tui.ui.events import Notice
from voipe_tui.ui.lists.plain import RowList
from voipe_tui.ui.look.cells import Piece, fit
from voipe_tui.ui.look.words import count
from voipe_tui.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from voipe_tui.ui.services import Session

_BY_HAND = "added by hand"


class OptOutPage(Vertical):
    """Proposals first, then the list; a key settles one and goes on to the next."""

    BINDINGS: ClassVar = bindings("opt-outs")
    DEFAULT_CSS = """
    OptOutPage { height: 1fr; padding: 1 1 0 1; display: none; }
    OptOutPage RowList { margin: 1 0 0 0; }
    """
    context = "opt-outs"

    def __init__(self, session: Session) -> None:
        super().__init__(id="opt-outs")
        self._session = session
        self._lines: list[Proposal | OptOut] = []
        self._left = 0
        self.title = Lines(session.colors, most=3, reorder=session.reorder)
        self.rows = RowList(session.colors, lambda: len(self._lines), self._draw, self._nothing)

    def compose(self) -> ComposeResult:
        yield self.title
        yield self.rows

    def on_mount(self) -> None:
        self.run_worker(self._look(), name="look for opt-outs", exclusive=True, exit_on_error=False)

    async def _look(self) -> None:
        """Looks through the incoming messages that were not looked at yet, beside the keys."""
        opt_outs, words = self._session.opened.opt_outs, self._session.profile.opt_out_words
        while left := opt_outs.look(words):
            self._left = left
            self.show()
            await asyncio.sleep(0)
        self._left = 0
        self.show()

    def show(self) -> None:
        """Reads both lists again."""
        if not self.is_mounted:
            return
        palette, opt_outs = self._session.palette, self._session.opened.opt_outs
        if not self._left:
            self._left = opt_outs.look(self._session.profile.opt_out_words)
        proposals, listed = opt_outs.proposals(), opt_outs.all()
        self._lines = [*proposals, *listed]
        words = ", ".join(safe_line(word) for word in self._session.profile.opt_out_words)
        asks = f"{len(proposals):,} ask to be left out" if proposals else "Nobody asks to be left out"
        looking = f" · {self._left:,} messages still to look at" if self._left else ""
        self.title.say(
            [
                [(f"{count(len(listed), 'number')} not written to · {asks}{looking}", palette.strong)],
                [(f"Proposed are numbers whose message is, or begins with: {words}", palette.muted)],
            ]
        )
        self.rows.show()

    def _nothing(self) -> tuple[str, ...]:
        return ("Nobody is on the list.", f"{self._session.keys.shown('opt-outs-add')} adds a number.")

    def _draw(self, index: int, width: int) -> list[Piece]:
        palette, each = self._session.palette, self._lines[index]
        who = safe_line(each.name or each.number)
        when = self._session.times.short(each.at, None)
        if isinstance(each, Proposal):
            return [
                (fit("? asks", 10), palette.warn),
                (fit(who, 20), palette.text),
                (fit(when, 11), palette.muted),
                (fit(safe_line(each.text[:200]), max(width - 41, 0)), palette.strong),
            ]
        return [
            (fit("– out", 10), palette.muted),
            (fit(who, 20), palette.text),
            (fit(when, 11), palette.muted),
            (fit(safe_line(each.reason[:200]), max(width - 41, 0)), palette.muted),
        ]

    @property
    def _current(self) -> Proposal | OptOut | None:
        return self._lines[self.rows.cursor] if self.rows.cursor < len(self._lines) else None

    # Keys

    def action_close(self) -> None:
        self.post_message(Steer("close", 0))

    def action_accept(self) -> None:
        each = self._current
        if not isinstance(each, Proposal):
            self.post_message(Notice("That number is on the list already." if each else "There is nobody here."))
            return
        reason = f"wrote “{each.text[:60]}”"
        self._session.opened.opt_outs.add(each.number, message_id=each.message_id, reason=reason)
        self.post_message(Notice(f"{each.number} is not written to any more.", "good"))
        self.show()

    def action_decline(self) -> None:
        each = self._current
        if not isinstance(each, Proposal):
            self.post_message(Notice("Only what is proposed can be declined; d takes a number off the list."))
            return
        self._session.opened.opt_outs.decline(each.key)
        self.show()

    def action_add(self) -> None:
        from voipe_tui.text.numbers import e164
        from voipe_tui.ui.widgets.prompt import Heard, Prompt

        region = self._session.profile.region

        def hear(typed: str) -> Heard:
            number = e164(typed, region)
            return Heard(f"Not written to any more: {number}") if number else Heard("A phone number.", good=False)

        def take(typed: str | None) -> None:
            if typed is not None and (number := e164(typed, region)):
                self._session.opened.opt_outs.add(number, reason=_BY_HAND)
                self.show()

        self.app.push_screen(Prompt(self._session.colors, "Number", hear), take)

    def action_remove(self) -> None:
        from voipe_tui.ui.widgets.confirm import Confirm, ask

        each = self._current
        if not isinstance(each, OptOut):
            self.post_message(Notice("That number is not on the list; n declines what is proposed."))
            return

        def remove() -> None:
            self._session.opened.opt_outs.remove([each.key])
            self.show()

        question = Confirm(
            f"Take {safe_line(each.name or each.number)} off the list?",
            ("It may be written to again. Do it only if that person asked for it.", each.reason),
            "take it off",
        )
        ask(self.app, question, remove)

    def action_gateway(self) -> None:
        """Puts the number on the gateway's own stop list, where the account may."""
        each, client = self._current, self._session.client
        if not isinstance(each, OptOut):
            self.post_message(Notice("First put it on the list here (y), then tell the gateway."))
        elif client is None:
            self.post_message(Notice("There is no connection to the gateway yet.", "warn"))
        else:
            from voipe_tui.ui.widgets.confirm import Confirm, ask

            lines = (
                "Nobody who sends through this gateway can write to it then, and it cannot be taken off from here.",
                "Some gateways allow it to administrators only.",
            )
            question = Confirm(f"Put {each.number} on the gateway's own stop list?", lines, "tell the gateway")
            number = each.number
            ask(self.app, question, lambda: self._tell(number))

    def _tell(self, number: str) -> None:
        self.run_worker(self._tell_gateway(number), name="stop list", exit_on_error=False)

    async def _tell_gateway(self, number: str) -> None:
        from voipe_tui.errors import VoipeError
        from voipe_tui.text.numbers import e164

        client = self._session.client
        assert client is not None
        try:
            await client.stoplist_add(e164(number, self._session.profile.region) or number)
        except VoipeError as error:
            self.post_message(Notice(f"The gateway did not take it: {error.message} {error.hint}", "warn"))
        else:
            self.post_message(Notice(f"{number} is on the gateway's stop list, too.", "good"))
