"""The floor for every start-up figure: the smallest Textual app that answers a key."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import Static


class Hello(App[None]):
    BINDINGS: ClassVar = [("x", "pong", "Pong")]

    def compose(self) -> ComposeResult:
        yield Static("READY", id="s")

    def action_pong(self) -> None:
        self.query_one("#s", Static).update("PONG")


if __name__ == "__main__":
    Hello().run()
