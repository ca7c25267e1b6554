"""Textual's DataTable with so many rows, for comparison: ``python tests/bench/data_table.py [ROWS]``."""

import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable


class Rows(App[None]):
    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("When", "Number", "Text", "Status")
        for number in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000):
            table.add_row("10:15", f"+9725211{number:05d}", f"Benchmark message {number}", "delivered")
        table.focus()


if __name__ == "__main__":
    Rows().run()
