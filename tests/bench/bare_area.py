"""The floor for a keystroke in the composer: a bare TextArea of the same size with the same text."""

import sys
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import TextArea


class Bare(App[None]):
    CSS = "TextArea { height: 12; border: none; padding: 0 1; }"
    ENABLE_COMMAND_PALETTE: ClassVar = False

    def compose(self) -> ComposeResult:
        area = TextArea(sys.argv[1], soft_wrap=True)
        area.cursor_blink = False
        yield area

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.focus()
        area.move_cursor(area.document.end)


if __name__ == "__main__":
    Bare().run()
