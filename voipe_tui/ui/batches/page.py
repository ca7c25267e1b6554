"""One batch: how far it is, how fast, what came of it, and those that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical

from voipe_tui.store.bulks import BulkState, Progress
from voipe_tui.store.models import Message, View
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.batches.steering import Steered
from voipe_tui.ui.batches.words import Speed, bar, gone, outcome_words, state_look, time_left
from voipe_tui.ui.commands import bindings
from voipe_tui.ui.lists.plain import RowList
from voipe_tui.ui.look.cells import Piece, fit
from voipe_tui.ui.look.words import count, status_look
from voipe_tui.ui.widgets.lines import Block, Lines

if TYPE_CHECKING:
    from voipe_tui.ui.services import Session

_FAILED = frozenset({"failed", "refused", "unknown"})
_MOST_LISTED = 1_000
_GOING = (BulkState.RUNNING, BulkState.HELD)


class BatchPage(Steered, Vertical):
    """Reads the store again whenever it is told to; keeps nothing but how fast it went of late."""

    BINDINGS: ClassVar = bindings("batch")
    DEFAULT_CSS = """
    BatchPage { height: 1fr; padding: 1 2 0 2; display: none; }
    BatchPage #batch-listed { margin: 1 0 0 0; }
    BatchPage #batch-outcomes { margin: 1 0; }
    """
    context = "batch"

    def __init__(self, session: Session) -> None:
        super().__init__(id="batch-page")
        self._session = session
        self._speed = Speed()
        self._rows: list[Message] = []
        self._of_failures = True
        self.bulk_id = 0
        self.facts = Lines(session.colors, most=6, reorder=session.reorder)
        self.outcomes = Lines(session.colors, id="batch-outcomes", flow=True, most=4, reorder=session.reorder)
        self.more = Lines(session.colors, most=6, reorder=session.reorder)
        self.title = Lines(session.colors, id="batch-listed", most=2, reorder=session.reorder)
        self.rows = RowList(session.colors, lambda: len(self._rows), self._draw, self._nothing)

    def compose(self) -> ComposeResult:
        yield self.facts
        yield self.outcomes
        yield self.more
        yield self.title
        yield self.rows

    def on_resize(self) -> None:
        self.show()

    def look_at(self, bulk_id: int) -> None:
        """Another batch."""
        if bulk_id != self.bulk_id:
            self._speed = Speed()
        self.bulk_id = bulk_id
        self._of_failures = True
        self.rows.cursor = 0
        self.show()

    def show(self) -> None:
        """Reads it again."""
        progress = self._session.opened.bulks.progress(self.bulk_id) if self.bulk_id else None
        if progress is None:
            return
        self._speed.note(self._session.services.clock(), progress.handed_over)
        self.facts.say(self._facts(progress))
        self.outcomes.say(self._outcomes(progress))
        self.more.say(self._more(progress))
        statuses = _FAILED if self._of_failures else frozenset()
        view = View(batch=progress.bulk.batch, statuses=statuses, include_archived=True)
        self._rows = self._session.opened.page(view, limit=_MOST_LISTED)
        self.title.say([[(self._listed_words(progress), self._session.palette.primary)]])
        self.rows.show()

    def _listed_words(self, progress: Progress) -> str:
        if not self._of_failures:
            return f"All messages{' (the first thousand)' if progress.bulk.total > _MOST_LISTED else ''}"
        failed = sum(progress.by_status.get(status, 0) for status in _FAILED)
        return f"Failures and uncertain ones: {failed:,}" if failed else "Failures"

    def _nothing(self) -> tuple[str, ...]:
        return ("None so far.",) if self._of_failures else ("There is no message in it.",)

    # Words

    def _facts(self, progress: Progress) -> list[Block]:
        palette, bulk, store = self._session.palette, progress.bulk, self._session.opened
        word, look = state_look(bulk, store)
        blocks: list[Block] = [
            [
                (f"Batch {bulk.id}  ", palette.strong),
                (safe_line(bulk.label), palette.text),
                (f"  {look.sign} {word}", palette.tone(look.tone)),
            ],
            self._bar(progress),
            [(self._going(progress, look.meaning), palette.tone("warn" if bulk.reason else "text"))],
        ]
        return blocks

    def _more(self, progress: Progress) -> list[Block]:
        palette, bulk, times = self._session.palette, progress.bulk, self._session.times
        blocks: list[Block] = []
        if bulk.text:
            blocks.append([("Text    ", palette.muted), (safe_line(bulk.text[:300]), palette.text)])
        facts = [f"from {safe_line(bulk.sender)}" if bulk.sender else "", f"begun {times.long(bulk.created_at)}"]
        facts.append(f"at most {bulk.rate:g} a second" if bulk.rate else "")
        facts.append(f"{count(bulk.opted_out, 'number')} left out: opted out" if bulk.opted_out else "")
        facts.append(f"the failed ones of batch {bulk.retry_of}" if bulk.retry_of else "")
        blocks.append([(" · ".join(filter(None, facts)), palette.muted)])
        return blocks

    def _bar(self, progress: Progress) -> Block:
        palette, total = self._session.palette, progress.bulk.total
        done, rest = bar(gone(progress), total, max(min(self.size.width - 32, 60), 10))
        share = f" {100 * gone(progress) // total:3d} %" if total else ""
        return [
            (done, palette.good if progress.bulk.state is BulkState.DONE else palette.busy),
            (rest, palette.muted),
            (f"{share}  {gone(progress):,} of {total:,}", palette.text),
        ]

    def _going(self, progress: Progress, meaning: str) -> str:
        bulk, store, keys = progress.bulk, self._session.opened, self._session.keys
        go_on = keys.shown("batch-pause")
        if bulk.state is BulkState.HELD and store.bulks.is_mine(bulk):
            seconds = max(int(bulk.not_before - self._session.services.clock() + 0.999), 0)
            return f"It begins in {seconds} s; {keys.shown('undo')} takes it back."
        if bulk.state is BulkState.HELD:
            cancels = keys.shown("batch-cancel")
            return f"Held when voipe-tui ended, and nothing was sent. {go_on} sends it, {cancels} cancels."
        if bulk.state is BulkState.PAUSED:
            return f"{bulk.reason} {go_on} goes on with the {progress.waiting:,} that wait."
        if bulk.state is BulkState.RUNNING:
            open_ones = progress.waiting + progress.in_flight
            elsewhere = "" if store.bulks.is_mine(bulk) else " · sent by another voipe-tui"
            left = time_left(self._speed.seconds_left(open_ones))
            return f"{self._speed.per_second:.1f} a second · time left {left} · {open_ones:,} to go{elsewhere}"
        if bulk.state is BulkState.CANCELLED and bulk.reason:
            return bulk.reason
        return meaning

    def _outcomes(self, progress: Progress) -> list[Block]:
        palette = self._session.palette
        blocks: list[Block] = []
        for status, words in outcome_words(progress):
            look = status_look(status)
            blocks.append([(f"{look.sign} ", palette.tone(look.tone)), (words, palette.tone(look.tone))])
        return blocks or [[("Nothing in it yet.", palette.muted)]]

    def _draw(self, index: int, width: int) -> list[Piece]:
        palette, row = self._session.palette, self._rows[index]
        look = status_look(row.status)
        why = row.note if self._of_failures and row.note else row.text
        who = row.name or row.number
        return [
            (fit(f"{look.sign} {row.status}", 12), palette.tone(look.tone)),
            (fit(self._session.drawn(fit(safe_line(who[:60]), 18).rstrip()), 18), palette.text),
            (self._session.drawn(fit(safe_line((why or "")[:400]), max(width - 30, 0)).rstrip()), palette.muted),
        ]

    def message_at(self, index: int) -> Message | None:
        return self._rows[index] if index < len(self._rows) else None

    def repaint_all(self) -> None:
        for lines in (self.facts, self.outcomes, self.more, self.title):
            lines.say([])
        self.show()
        self.rows.repaint_all()

    @property
    def chosen_batch(self) -> int:
        return self.bulk_id

    def action_failures(self) -> None:
        self._of_failures = not self._of_failures
        self.rows.cursor = 0
        self.show()
