"""The rows of a table that are not simply sent, each with its reason: mended, left out or taken along in a file."""

from __future__ import annotations

import asyncio
import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from voipe_tui.text.import_table import CELLS, EMPTY, GOOD, NAMES, OPTED_OUT, REPEATED, SKIPPED, TO_DECIDE, Check
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

_EXPORTED_AT_ONCE = 500


class ProblemPage(Vertical):
    """Shows the check of the import form; what is mended here is mended there."""

    BINDINGS: ClassVar = bindings("problems")
    DEFAULT_CSS = """
    ProblemPage { height: 1fr; padding: 1 1 0 1; display: none; }
    ProblemPage RowList { margin: 1 0; }
    """
    context = "problems"

    def __init__(self, session: Session) -> None:
        super().__init__(id="problems")
        self._session = session
        self.check: Check | None = None
        self._problems: list[int] = []
        self.title = Lines(session.colors, most=3, reorder=session.reorder)
        self.rows = RowList(session.colors, lambda: len(self._problems), self._draw, lambda: ("No problems left.",))
        self.detail = Lines(session.colors, most=4, reorder=session.reorder)

    def compose(self) -> ComposeResult:
        yield self.title
        yield self.rows
        yield self.detail

    def look_at(self, check: Check) -> None:
        """The problems of a table as they stand; those that are mended meanwhile stay in the list until it is left."""
        self.check = check
        self._problems = sorted(check.problems(), key=lambda index: (check.status[index] not in TO_DECIDE, index))
        self.rows.cursor = 0
        self.show()

    def show(self) -> None:
        palette, check = self._session.palette, self.check
        if check is None:
            return
        totals = check.totals()
        left = f"{count(totals.undecided, 'row')} to decide" if totals.undecided else "Nothing left to decide"
        self.title.say(
            [
                [(left, palette.bad if totals.undecided else palette.good)],
                [
                    (
                        f"{count(totals.recipients, 'message')} would be sent · {len(self._problems):,} listed",
                        palette.muted,
                    )
                ],
            ]
        )
        self.rows.show()
        self._show_detail()

    def _draw(self, index: int, width: int) -> list[Piece]:
        palette, check, row = self._session.palette, self.check, self._problems[index]
        assert check is not None
        status = check.status[row]
        number = (f"{check.table.numbers[row]}".rjust(6) + "  ", palette.muted)
        if status == GOOD:
            entry = check.preview(row)
            text = safe_line(f"{entry.number}  {entry.text[:200]}") if entry is not None else ""
            return [number, (fit("✓ will be sent", 26), palette.good), (fit(text, max(width - 34, 0)), palette.text)]
        sign = "✗" if status in TO_DECIDE else "–" if status in (SKIPPED, REPEATED, OPTED_OUT) else "!"
        tone = "bad" if status in TO_DECIDE else "muted" if sign == "–" else "warn"
        why = check.reason(row)
        return [
            number,
            (fit(f"{sign} {NAMES[status]}", 26), palette.tone(tone)),
            (fit(safe_line(why[:300]), max(width - 34, 0)), palette.text if sign == "✗" else palette.muted),
        ]

    @on(RowList.Moved)
    def _moved(self, event: RowList.Moved) -> None:
        event.stop()
        self._show_detail()

    def _show_detail(self) -> None:
        """The row as it stands in the table."""
        palette, check, row = self._session.palette, self.check, self._current
        if check is None or row is None:
            self.detail.say([])
            return
        cells = check.table.cells(row)
        pairs = [
            f"{safe_line(name) or 'column'}: {safe_line(cells[place][:80]) if place < len(cells) else ''}"
            for place, name in enumerate(check.table.columns)
        ]
        self.detail.say([[(" · ".join(pairs), palette.muted)]])

    @property
    def _current(self) -> int | None:
        return self._problems[self.rows.cursor] if self.rows.cursor < len(self._problems) else None

    # Keys

    def action_close(self) -> None:
        self.post_message(Steer("import", 0))

    @on(RowList.Opened)
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        self.action_edit()

    def action_edit(self) -> None:
        """Asks for the value that should stand there."""
        check, row = self.check, self._current
        if check is None or row is None:
            return
        if check.status[row] in (CELLS, EMPTY):
            self.post_message(Notice("This row has no single value to mend: leave it out, or mend the file.", "warn"))
            return
        from voipe_tui.ui.widgets.prompt import Heard, Prompt

        column = self._column(check, row)
        cells = check.table.cells(row)
        value = cells[column] if column < len(cells) else ""
        title = f"Row {check.table.numbers[row]}, {safe_line(check.table.columns[column])}"

        def hear(typed: str) -> Heard:
            before = check.table.cells(row)
            check.table.change(row, column, typed)
            found = check.judged_faults(row)
            check.table.restore(row, before)
            wrong = [each.what for each in found if each.column == check.table.columns[column]]
            return Heard(f"✗ {safe_line(wrong[0])}", True) if wrong else Heard("✓ That will do.")

        def take(typed: str | None) -> None:
            if typed is not None:
                check.skipped.discard(row)
                check.table.change(row, column, typed)
                check.look_again(row)
                self.show()

        self.app.push_screen(Prompt(self._session.colors, title, hear, value=value), take)

    @staticmethod
    def _column(check: Check, row: int) -> int:
        named = [each.column for each in check.judged_faults(row) if each.column]
        return check.table.columns.index(named[0]) if named else check.phone

    def action_skip(self) -> None:
        check, row = self.check, self._current
        if check is None or row is None:
            return
        check.skip(row, row not in check.skipped)
        self.show()
        self.rows.action_step(1)

    def action_skip_all(self) -> None:
        if self.check is not None:
            left = self.check.skip_undecided()
            self.post_message(Notice(f"{count(len(left), 'row')} left out; s takes one in again."))
            self.show()

    def action_export(self) -> None:
        """Asks for a file, then writes the problems with their reasons."""
        from voipe_tui.ui.messages.export import path_of, path_problem
        from voipe_tui.ui.widgets.prompt import Heard, Prompt

        check = self.check
        if check is None or not self._problems:
            return

        def hear(typed: str) -> Heard:
            problem = path_problem(typed)
            return Heard(problem, good=False) if problem else Heard(f"Writes {path_of(typed)}")

        def write(typed: str | None) -> None:
            if typed is not None:
                self.run_worker(self._write(check, path_of(typed)), name="problems", exit_on_error=False)

        title = f"Export {count(len(self._problems), 'problem')} to"
        value = f"{Path(check.table.name).stem or 'rows'}-problems.csv"
        self.app.push_screen(Prompt(self._session.colors, title, hear, value=value), write)

    async def _write(self, check: Check, path: Path) -> None:
        from voipe_tui.text.spreadsheet import plain_cell

        rows = [row for row in self._problems if check.status[row] != GOOD]
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["row", "problem", "reason", *map(plain_cell, check.table.columns)])
                for done, row in enumerate(rows, 1):
                    cells = [plain_cell(cell) for cell in (check.reason(row), *check.table.cells(row))]
                    writer.writerow([check.table.numbers[row], NAMES[check.status[row]], *cells])
                    if done % _EXPORTED_AT_ONCE == 0:
                        await asyncio.sleep(0)
        except OSError as error:
            self.post_message(Notice(f"{path.name} cannot be written: {error.strerror}.", "bad"))
            return
        self.post_message(Notice(f"{count(len(rows), 'problem')} exported to {path.name}.", "good"))
