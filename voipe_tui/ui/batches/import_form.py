"""A table and a text on their way to a batch: read, corrected, checked and shown before anything is sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message as Event
from textual.widgets import Input, Label, TextArea

from voipe_tui.errors import InputError, VoipeError
from voipe_tui.store.bulks import RepeatedError
from voipe_tui.text.import_table import NAMES, OPTED_OUT, REPEATED, SKIPPED, Check, Stopped, Table
from voipe_tui.text.numbers import delivery_warning
from voipe_tui.text.sheet import DELIMITERS, ENCODINGS
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.batches.import_says import questions, ready_words, repeated_words, row_pieces, summary
from voipe_tui.ui.batches.import_work import (
    HEADERS,
    Mailshot,
    Source,
    check_all,
    common_start,
    completions,
    fill,
    read_table,
    twin_of,
    woken_by,
)
from voipe_tui.ui.batches.steering import Steer
from voipe_tui.ui.commands import bindings
from voipe_tui.ui.events import Notice
from voipe_tui.ui.lists.plain import RowList
from voipe_tui.ui.look.cells import Piece
from voipe_tui.ui.look.words import count
from voipe_tui.ui.terminal.type_ahead import focus_now
from voipe_tui.ui.widgets.fields import Area, Field
from voipe_tui.ui.widgets.lines import Block, Lines
from voipe_tui.ui.widgets.pick import Pick

if TYPE_CHECKING:
    from textual.timer import Timer

    from voipe_tui.ui.services import Session

_PAUSE_SECONDS = 0.3  # after the last key in the text, before all rows are looked at again


class FileField(Field):
    """The name of a file: Tab completes it, and rows may be pasted instead."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", show=False)]

    class Pasted(Event):
        """Several lines, or cells, were pasted: they are the table."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Offers(Event):
        """What the name could become."""

        def __init__(self, names: list[str]) -> None:
            super().__init__()
            self.names = names

    def _on_paste(self, event: events.Paste) -> None:
        if "\n" in event.text.strip() or "\t" in event.text.strip():
            event.prevent_default()
            event.stop()
            self.post_message(self.Pasted(event.text))
            return
        super()._on_paste(event)

    def action_complete(self) -> None:
        names = completions(self.value) if self.value else []
        whole = common_start(names)
        if len(whole) > len(self.value):
            self.value = whole
            self.cursor_position = len(whole)
            self.post_message(self.Offers(names if len(names) > 1 else []))
        elif len(names) > 1:
            self.post_message(self.Offers(names))
        else:
            self.screen.focus_next()


class ImportForm(Vertical):
    """What stands in it stays until it is sent or dropped; nothing of it is in the store before."""

    BINDINGS: ClassVar = bindings("import")
    DEFAULT_CSS = """
    ImportForm { height: 1fr; padding: 1 1 0 1; }
    ImportForm Label { width: 8; color: $muted; }
    ImportForm Label.-short { width: auto; padding: 0 1 0 0; }
    ImportForm > Horizontal { height: auto; }
    ImportForm Area, ImportForm Field { background: $surface; border: none; padding: 0 1; }
    ImportForm Field.-textual-compact { padding: 0 1; }
    ImportForm Area:focus, ImportForm Field:focus { background: $panel; }
    ImportForm #import-file { width: 1fr; }
    ImportForm #import-text { height: 4; width: 1fr; }
    ImportForm #import-sender { width: 16; margin: 0 2 0 0; }
    ImportForm #import-rate { width: 12; margin: 0 1 0 0; }
    ImportForm #import-rows { margin: 1 0 0 0; min-height: 3; }
    """
    context = "import"

    def __init__(self, session: Session) -> None:
        super().__init__(id="import")
        self._session = session
        self._source = Source()
        self._reading = [True]
        self.table: Table | None = None
        self.check: Check | None = None
        self._problem: InputError | None = None
        self._busy = ""
        self._sent: tuple[Table, Check, str] | None = None
        self._soon: Timer | None = None
        profile = session.profile
        self.file = FileField(id="import-file", placeholder="a CSV or TSV file (Tab completes), or paste rows here")
        self.encoding = Pick(lambda value: ENCODINGS.get(value, value), id="import-encoding")
        self.delimiter = Pick(lambda value: DELIMITERS.get(value, value), id="import-delimiter")
        self.header = Pick(lambda value: HEADERS.get(value, value), id="import-header")
        self.phone = Pick(self._column_name, id="import-phone")
        self.text = Area(id="import-text", soft_wrap=True)
        self.sender = Field(id="import-sender", value=profile.sender, placeholder="the account's own")
        self.rate = Field(id="import-rate", value=f"{profile.rate:g}" if profile.rate else "", placeholder="no limit")
        self.says = Lines(session.colors, indent=8, most=5, reorder=session.reorder)
        self.rows = RowList(session.colors, self._rows_count, self._draw, id="import-rows")
        self.whole = Lines(session.colors, most=4, ground="text", reorder=session.reorder)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Label("File")
            yield self.file
        with Horizontal():
            yield Label("Read as")
            yield self.encoding
            yield self.delimiter
            yield self.header
            yield Label("phone", classes="-short")
            yield self.phone
        with Horizontal():
            yield Label("Text")
            yield self.text
        with Horizontal():
            yield Label("From")
            yield self.sender
            yield Label("at most", classes="-short")
            yield self.rate
            yield Label("a second", classes="-short")
        yield self.says
        yield self.rows
        yield self.whole

    def on_mount(self) -> None:
        self.show()

    def take_focus(self) -> None:
        focus_now(self.file if self.table is None else self.text if not self.text.text.strip() else self.rows)

    def write(self, text: str, sender: str | None) -> None:
        """A text that was begun in the compose form."""
        self.text.text = text
        self.text.move_cursor(self.text.document.end)
        if sender is not None:
            self.sender.value = sender

    # Reading the table

    @on(Input.Submitted, "#import-file")
    def _file_named(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.read(Source(path=event.value.strip()))

    @on(FileField.Pasted)
    def _rows_pasted(self, event: FileField.Pasted) -> None:
        event.stop()
        self.file.value = ""
        self.read(Source(pasted=event.text))

    @on(FileField.Offers)
    def _file_offered(self, event: FileField.Offers) -> None:
        event.stop()
        names = "  ".join(
            safe_line(name.rstrip("/").rpartition("/")[2] + name[len(name.rstrip("/")) :]) for name in event.names
        )
        self.says.say_text(names, "muted")

    @on(Input.Submitted, "#import-sender")
    @on(Input.Submitted, "#import-rate")
    def _field_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    @on(Pick.Picked)
    def _corrected(self, event: Pick.Picked) -> None:
        """A person knows better what was found."""
        event.stop()
        if event.pick is self.phone:
            self._check_soon(0.0)
            return
        if self.table is not None or self._problem is not None:
            self.read(
                self._source._replace(
                    encoding=self.encoding.value, delimiter=self.delimiter.value, header=self.header.value
                )
            )

    def read(self, source: Source) -> None:
        """Reads another table, or this one otherwise; what was read before is given up."""
        self._source = source
        self.table = self.check = None
        self._reading[0] = False
        self.run_worker(self._read(source), name="read", group="import", exclusive=True, exit_on_error=False)

    async def _read(self, source: Source) -> None:
        self._reading = wanted = [True]
        region = self._session.profile.region
        loop = asyncio.get_running_loop()

        def tick(rows: int) -> bool:
            loop.call_soon_threadsafe(self._say_busy, f"Reading {safe_line(source.name)}: {count(rows, 'row')} …")
            return wanted[0]

        self._say_busy(f"Reading {safe_line(source.name)} …")
        try:
            self.table = await asyncio.to_thread(read_table, source, region, tick)
            self._problem = None
        except InputError as error:
            self._problem = error
        except (asyncio.CancelledError, Stopped):
            wanted[0] = False
            return
        finally:
            self._busy = ""
        self._offer()
        self.show()
        if self.table is not None:
            if self.file.has_focus:
                focus_now(self.text if not self.text.text.strip() else self.rows)
            await self._check()

    def _offer(self) -> None:
        """What was found, to be corrected."""
        table = self.table
        if table is None:
            if self._source.path or self._source.pasted:
                self.encoding.offer(tuple(ENCODINGS), self._source.encoding or "utf-8-sig")
                self.delimiter.offer(tuple(DELIMITERS), self._source.delimiter or ",")
                self.header.offer(tuple(HEADERS), self._source.header or "yes")
            return
        self.encoding.offer(tuple(ENCODINGS), table.encoding)
        self.delimiter.offer(tuple(DELIMITERS), table.delimiter)
        self.header.offer(tuple(HEADERS), "yes" if table.has_header else "no")
        places = [str(place) for place in range(len(table.columns))]
        guessed = str((table.phone_guesses or [0])[0])
        self.phone.offer(places, self.phone.value if self.phone.value in places and self._source.header else guessed)

    def _column_name(self, value: str) -> str:
        if self.table is None or not value:
            return value
        return self.table.columns[int(value)] or f"column {int(value) + 1}"

    # Checking it

    @on(TextArea.Changed, "#import-text")
    def _text_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._check_soon(_PAUSE_SECONDS)

    @on(Input.Changed)
    def _field_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input is not self.file:
            self.show()

    def _check_soon(self, seconds: float) -> None:
        if self._soon is not None:
            self._soon.stop()
        self._soon = self.set_timer(seconds, self._check_again) if seconds else None
        if not seconds:
            self._check_again()

    def _check_again(self) -> None:
        self._soon = None
        if self.table is not None:
            self.run_worker(self._check(), name="check", group="import", exclusive=True, exit_on_error=False)

    async def _check(self) -> None:
        table, store = self.table, self._session.opened
        if table is None:
            return
        skipped = self.check.skipped if self.check is not None and self.check.table is table else ()
        try:
            self.check = Check(
                table,
                self.text.text,
                int(self.phone.value or 0),
                footer=self._session.profile.footer,
                opted_out=store.opt_outs.has,
                skipped=skipped,
            )
            self._problem = None
        except InputError as error:
            self.check, self._problem = None, error
        self.show()
        if self.check is not None:
            await check_all(self.check, self.show)
            self.show()

    @property
    def ready(self) -> Check | None:
        """The judgement of the whole table for the text as it stands; None while it is not known."""
        checked = self.check is not None and self.check.complete and self._soon is None
        return self.check if checked else None

    # Saying how it stands

    def _say_busy(self, what: str) -> None:
        self._busy = what
        self.show()

    def show(self) -> None:
        """Says how it stands, and shows the rows."""
        if not self.is_mounted:
            return
        self.says.say(self._blocks())
        self.rows.show()
        self._show_whole()

    def _blocks(self) -> list[Block]:
        palette = self._session.palette
        if self._busy:
            return [[(self._busy, palette.busy)]]
        if self._problem is not None:
            said: list[Block] = [[(f"✗ {safe_line(text)}", palette.bad)] for text in self._problem.message.split("\n")]
            return said + ([[(safe_line(self._problem.hint), palette.muted)]] if self._problem.hint else [])
        if self.table is None:
            return [
                [("Each row becomes a message; {name} in the text is what the row has in that column.", palette.muted)]
            ]
        return summary(self._session, self.table, self.check, self.text.text)

    def _rows_count(self) -> int:
        return len(self.table) if self.table is not None else 0

    def _draw(self, index: int, width: int) -> list[Piece]:
        assert self.table is not None
        written = self.check if self.text.text.strip() else None
        return row_pieces(self._session, self.table, written, index, width)

    @on(RowList.Moved, "#import-rows")
    def _row_moved(self, event: RowList.Moved) -> None:
        event.stop()
        self._show_whole()

    def _show_whole(self) -> None:
        """The row under the cursor as it will be sent."""
        palette, check = self._session.palette, self.check
        index = self.rows.cursor
        entry = check.preview(index) if check is not None and index < len(check.table) else None
        if check is None or entry is None or not entry.text:
            self.whole.say([])
            return
        footer = self._session.profile.footer
        text = safe_line(f"{entry.text} {footer}" if footer else entry.text)
        status = check.status[index]
        left_out = f", not sent ({NAMES[status]})" if status in (REPEATED, OPTED_OUT, SKIPPED) else ""
        said = (f"Row {entry.row} to {entry.number}{left_out}: ", palette.muted)
        blocks: list[Block] = [[said, (text, palette.muted if left_out else palette.strong)]]
        if odd := delivery_warning(entry.number):
            blocks.insert(0, [(f"! {entry.number}: {odd}", palette.warn)])
        self.whole.say(blocks)

    # Keys

    def action_file(self) -> None:
        focus_now(self.file)

    def action_close(self) -> None:
        self.post_message(Steer("close", 0))

    def action_problems(self) -> None:
        if self.check is None or not self.check.problems():
            self.post_message(Notice("There is no row with a problem."))
            return
        self.post_message(Steer("problems", 0))

    def action_drop(self) -> None:
        from voipe_tui.ui.widgets.confirm import Confirm, ask

        if self.table is None and not self.text.text.strip() and not self._busy:
            self._empty()
            return
        ask(self.app, Confirm("Drop this table and its text?", ("Nothing was sent.",), "drop it"), self._empty)

    def _empty(self) -> None:
        self.workers.cancel_node(self)
        self.post_message(Steer("clear", 0))
        self._source, self.table, self.check, self._problem, self._busy = Source(), None, None, None, ""
        self.file.value = ""
        self.text.text = ""
        for pick in (self.encoding, self.delimiter, self.header, self.phone):
            pick.offer((), "")
        self.show()
        self.post_message(Steer("close", 0))

    def action_send(self) -> None:
        """The review; then the batch is made."""
        try:
            shot = self._checked()
        except InputError as error:
            self.post_message(Notice(error.message, "warn"))
            return
        self.run_worker(self._ask(shot), name="ask", group="import", exclusive=True, exit_on_error=False)

    async def _ask(self, shot: Mailshot) -> None:
        from voipe_tui.ui.widgets.confirm import Confirm, ask

        self._busy = "Looking whether it was sent before …"
        try:
            twin = await twin_of(self._session.opened, shot)
            woken = await woken_by(shot, self._session.profile, self._session.now())
        finally:
            self._busy = ""
        lines, many = ready_words(self._session, shot, woken), count(shot.check.totals().recipients, "message")
        if twin is None:
            ask(self.app, Confirm(f"Send {many}?", lines, "send them"), lambda: self._fill(shot))
            return
        again = repeated_words(self._session, twin)
        question = Confirm(f"Send {many}?", [again, *lines], "send them")
        sure = Confirm("Really once more?", (f"{again} Who got it gets it twice.",), "send all of it again")
        ask(self.app, question, lambda: ask(self.app, sure, lambda: self._fill(shot, again=True)))

    def _checked(self) -> Mailshot:
        """What would be sent; InputError with what is still missing."""
        check = self.ready
        if self._busy:
            raise InputError("One moment: it is still at work.")
        if self.table is None:
            raise InputError("There is no table yet: name a file, or paste rows.")
        if self._problem is not None:
            raise InputError(self._problem.message.split("\n")[0])
        if not self.text.text.strip():
            raise InputError("There is no text yet.")
        if check is None:
            raise InputError("One moment: the rows are still being checked.")
        return questions(self._session, check, self._source.name, self.text.text, self.sender.value, self.rate.value)

    def _fill(self, shot: Mailshot, *, again: bool = False) -> None:
        # From here on the table belongs to the batch: what is changed in the form must not change it.
        # And the text is not there for the next table, to be sent to others by mistake.
        self._sent, self.table, self.check = (shot.check.table, shot.check, shot.text), None, None
        self.text.text = ""
        self.run_worker(self._make(shot, again), name="fill", group="fill", exclusive=True, exit_on_error=False)

    def bring_back(self) -> None:
        """What was sent last is in the form again: it was taken back."""
        if self._sent is not None and self.table is None:
            self.table, self.check, text = self._sent
            if not self.text.text.strip():
                self.text.text = text
            self._check_soon(0.0)

    async def _make(self, shot: Mailshot, again: bool) -> None:
        session, total = self._session, shot.check.totals().recipients
        self._busy = "Preparing …"
        tell = lambda done: self._say_busy(f"Preparing {done:,} of {total:,} …")  # noqa: E731
        try:
            bulk_id = await fill(session.opened, session.profile, shot, tell, again=again)
        except RepeatedError as error:
            self.bring_back()
            self.post_message(Notice(f"Another window has just begun it: batch {error.bulk.id}.", "warn"))
        except VoipeError as error:
            self.bring_back()
            self.post_message(Notice(f"The batch could not be made: {error} Nothing was sent.", "bad"))
        else:
            session.wake()
            self.post_message(Steer("begun", bulk_id))
        finally:
            self._busy = ""
            self.show()
