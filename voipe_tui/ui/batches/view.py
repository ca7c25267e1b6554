"""Batches: their list, one of them, and on the way to a new one the table, its problems and the opt-out list."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from voipe_tui.store.bulks import BulkState, Progress
from voipe_tui.store.models import Changed
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.batches.page import BatchPage
from voipe_tui.ui.batches.steering import Steer, Steered, cancel, steer
from voipe_tui.ui.batches.words import bar, gone, state_look
from voipe_tui.ui.commands import bindings
from voipe_tui.ui.events import Left, ShowSent, Underway
from voipe_tui.ui.lists.plain import RowList
from voipe_tui.ui.look.cells import Piece, fit
from voipe_tui.ui.pane import Pane
from voipe_tui.ui.terminal.type_ahead import focus_now
from voipe_tui.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from textual.timer import Timer

    from voipe_tui.ui.batches.import_form import ImportForm
    from voipe_tui.ui.services import Session

_MOST = 200
_SECOND = 1.0
_SOON_SECONDS = 0.3
_GOING = (BulkState.RUNNING, BulkState.HELD, BulkState.FILLING)


class BatchList(Steered, Vertical):
    """The batches, the newest first."""

    BINDINGS: ClassVar = bindings("batches")
    DEFAULT_CSS = "BatchList { height: 1fr; padding: 1 1 0 1; }"
    context = "batches"

    def __init__(self, session: Session) -> None:
        super().__init__(id="batch-list")
        self._session = session
        self._batches: list[Progress] = []
        self.asking = Lines(session.colors, most=2, indent=1)
        self.rows = RowList(session.colors, lambda: len(self._batches), self._draw, self._nothing)

    def compose(self) -> ComposeResult:
        yield self.asking
        yield self.rows

    def show(self) -> None:
        """Reads them again; those that have ended are counted once."""
        bulks = self._session.opened.bulks
        known = {each.bulk.id: each for each in self._batches}
        found = []
        for bulk in bulks.recent(_MOST):
            old = known.get(bulk.id)
            settled = old is not None and old.bulk == bulk and old.settled == bulk.total
            progress = old if settled else bulks.progress(bulk.id)
            if progress is not None:
                found.append(progress)
        self._batches = found
        self.rows.show()
        self._say_who_asks()

    def _say_who_asks(self) -> None:
        opt_outs = self._session.opened.opt_outs
        opt_outs.look(self._session.profile.opt_out_words)
        asking = opt_outs.asking()
        key = self._session.keys.shown("batches-opt-outs")
        who = "One number asks" if asking == 1 else f"{asking:,} numbers ask"
        self.asking.say_text(f"! {who} to be left out: {key} decides." if asking else "", "warn")

    @property
    def chosen_batch(self) -> int:
        return self._batches[self.rows.cursor].bulk.id if self.rows.cursor < len(self._batches) else 0

    def select(self, bulk_id: int) -> None:
        places = [index for index, each in enumerate(self._batches) if each.bulk.id == bulk_id]
        self.rows.move_to(places[0] if places else 0)

    def _nothing(self) -> tuple[str, ...]:
        key = self._session.keys.shown("batches-new")
        return ("No batches yet.", f"{key} makes one from a file or from rows that you paste: one text, many numbers.")

    def _draw(self, index: int, width: int) -> list[Piece]:
        palette, progress = self._session.palette, self._batches[index]
        bulk = progress.bulk
        word, look = state_look(bulk, self._session.opened)
        done, rest = bar(gone(progress), bulk.total, 12 if width >= 70 else 6)
        failed = sum(progress.by_status.get(status, 0) for status in ("failed", "refused"))
        unknown = progress.by_status.get("unknown", 0)
        pieces: list[Piece] = [
            (fit(f"{bulk.id}", 4), palette.muted),
            (fit(f"{look.sign} {word}", 13), palette.tone(look.tone)),
            (done, palette.good if bulk.state is BulkState.DONE else palette.busy),
            (rest, palette.muted),
            (f" {gone(progress):,} of {bulk.total:,}".ljust(21), palette.text),
            (f"✗ {failed:,}".ljust(9) if failed else " " * 9, palette.bad),
            (f"? {unknown:,}  " if unknown else "", palette.warn),
        ]
        when = self._session.times.short(bulk.created_at, None)
        return [*pieces, (f"{when}  ", palette.muted), (safe_line(bulk.label), palette.text)]

    def action_new(self) -> None:
        self.post_message(Steer("new", 0))

    def action_opt_outs(self) -> None:
        self.post_message(Steer("opt-outs", 0))

    def action_open(self) -> None:
        self.rows.action_open()


class BatchesView(Pane):
    """One page at a time; what is on a page stays there until it is dropped or sent."""

    DEFAULT_CSS = "BatchesView { height: 1fr; layout: vertical; }"

    def __init__(self, session: Session, *, id: str) -> None:
        super().__init__(id=id)
        self._session = session
        self._page = "batch-list"
        self._held = 0
        self._was_going = False
        self._timer: Timer | None = None
        self.list = BatchList(session)
        self.one = BatchPage(session)

    def compose(self) -> ComposeResult:
        yield self.list
        yield self.one

    def on_mount(self) -> None:
        self.look_again()
        self._timer = self.set_interval(_SECOND, self._each_second)

    # Pages

    @property
    def page(self) -> Widget:
        return self.query_one(f"#{self._page}")

    def turn_to(self, name: str) -> None:
        """Shows a page of this view and gives it the focus."""
        self.page.display = False
        self._page = name
        self.page.display = True
        if self.display:
            self.take_focus()
        self.look_again()

    def take_focus(self) -> None:
        page = self.page
        take = getattr(page, "take_focus", None)
        if take is not None:
            take()
        else:
            focus_now(page.query(RowList).first())

    async def home(self) -> None:
        self.turn_to("batch-list")

    def shown(self) -> None:
        self.look_again()

    # Following the store

    def follow(self, changed: Changed | None) -> None:
        # A running batch changes twenty times a second; a look each second is enough for reading.
        if not self._is_going():
            self.look_again()

    def _is_going(self) -> bool:
        return bool(self._session.opened.bulks.open(*_GOING))

    def _each_second(self) -> None:
        going = self._is_going()
        if going or self._was_going:
            self.post_message(Underway(self._going_words() if going else ""))
            self.look_again()
        self._was_going = going

    def _going_words(self) -> str:
        """For the status line: how far what is sent from here is."""
        bulks = self._session.opened.bulks
        said = []
        for bulk in bulks.open(BulkState.HELD):
            if bulks.is_mine(bulk):
                seconds = max(int(bulk.not_before - self._session.services.clock() + 0.999), 0)
                said.append(f"batch {bulk.id} in {seconds} s, {self._session.keys.shown('undo')} takes it back")
        for bulk in bulks.open(BulkState.RUNNING):
            progress = bulks.progress(bulk.id)
            if progress is not None and bulk.total:
                said.append(f"batch {bulk.id}: {100 * gone(progress) // bulk.total} %")
        return ", ".join(said)

    def look_again(self) -> None:
        """Reads what the page shows again."""
        if not self.is_mounted or not self.display:
            return
        show = getattr(self.page, "show", None)
        if show is not None:
            show()

    def tick(self) -> None:
        self.look_again()

    def repaint_all(self) -> None:
        self.look_again()
        for rows in self.query(RowList):
            rows.repaint_all()
        self.one.repaint_all()

    @property
    def parting(self) -> str:
        bulks = self._session.opened.bulks
        mine = [bulk for bulk in bulks.open(*_GOING) if bulks.is_mine(bulk)]
        if not mine:
            return ""
        named = " and ".join(f"Batch {bulk.id}" for bulk in mine)
        return f"{named} is not through: it stops here, and waits for your word at the next start."

    def keep(self) -> None:
        """The program ends: what it is sending waits for a person. Nothing else is lost: a table is a file."""
        self._session.opened.bulks.pause_mine("voipe-tui was closed.")

    # Opening, making, ending

    @on(RowList.Opened)
    def _opened(self, event: RowList.Opened) -> None:
        if event.rows is self.list.rows:
            event.stop()
            self.open_batch(self.list.chosen_batch)
        elif event.rows is self.one.rows and (message := self.one.message_at(event.index)) is not None:
            event.stop()
            self.post_message(ShowSent(message.id))  # where it can be read whole and dealt with

    def open_batch(self, bulk_id: int) -> None:
        if bulk_id:
            self.one.look_at(bulk_id)
            self.turn_to("batch-page")

    def begun(self, bulk_id: int) -> None:
        """A new batch waits its moment, or runs."""
        self._held = bulk_id
        self.open_batch(bulk_id)

    def take_back(self) -> bool:
        """The undo key: a batch that still waits its moment is called off. False if there is none."""
        bulks = self._session.opened.bulks
        bulk = bulks.get(self._held) if self._held else None
        if bulk is None or bulk.state is not BulkState.HELD or not bulks.is_mine(bulk):
            return False
        cancel(self, self._session, bulk.id, "is taken back; nothing of it was sent")
        if self.query("#import"):
            self.turn_to("import")
            self.query_one("#import").bring_back()  # type: ignore[attr-defined]
        return True

    async def on_steer(self, event: Steer) -> None:
        event.stop()
        if event.what == "close":
            self._close()
        elif event.what == "new":
            await self.import_table()
        elif event.what == "opt-outs":
            await self._open_opt_outs()
        elif event.what == "import":
            await self._back_to_import()
        elif event.what == "problems":
            await self._open_problems()
        elif event.what == "clear":
            self.set_timer(_SOON_SECONDS, self._clear_up)
        elif event.what == "begun":
            self.begun(event.bulk_id)
        else:
            steer(self, self._session, event.what, event.bulk_id)

    def _clear_up(self) -> None:
        """Marks what is left of a batch that was dropped while it was prepared."""
        for bulk_id in self._session.opened.bulks.half_cancelled():
            cancel(self, self._session, bulk_id, "was dropped while it was prepared; nothing was sent")

    def _close(self) -> None:
        if self._page == "batch-list":
            self.post_message(Left())
            return
        came_from = self.one.bulk_id
        self.turn_to("batch-list")
        if came_from:
            self.list.select(came_from)

    async def import_table(self, text: str = "", sender: str | None = None) -> None:
        """To the form for a new batch; with a text, for that one."""
        form = await self._import_form()
        if text:
            form.write(text, sender)
        self.turn_to("import")

    async def _import_form(self) -> ImportForm:
        from voipe_tui.ui.batches.import_form import ImportForm

        if not self.query("#import"):
            await self.mount(ImportForm(self._session))
        return self.query_one("#import", ImportForm)

    async def _open_problems(self) -> None:
        from voipe_tui.ui.batches.problems import ProblemPage

        form = await self._import_form()
        if form.check is None:
            return
        if not self.query("#problems"):
            await self.mount(ProblemPage(self._session))
        self.query_one("#problems", ProblemPage).look_at(form.check)
        self.turn_to("problems")

    async def _back_to_import(self) -> None:
        form = await self._import_form()
        self.turn_to("import")
        focus_now(form.rows)

    async def _open_opt_outs(self) -> None:
        from voipe_tui.ui.batches.opt_outs import OptOutPage

        if not self.query("#opt-outs"):
            await self.mount(OptOutPage(self._session))
        self.turn_to("opt-outs")
