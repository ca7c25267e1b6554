"""The command palette: Textual's, fed from the one list of commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from voipe_tui.ui.commands import COMMANDS, CONTEXTS
from voipe_tui.ui.look.themes import theme_names

if TYPE_CHECKING:
    from voipe_tui.ui.services import Session

Entry = tuple[str, str, Callable[[], Any]]
"""Title, help, what it does."""


class Commands(Provider):
    """The commands of the place one comes from, those that work everywhere, and the themes."""

    def _entries(self) -> Iterator[Entry]:
        screen: Any = self.screen
        session: Session = screen.session
        here = screen.context_here()
        for command in COMMANDS:
            if command.palette and command.context in ("main", here):
                key = session.keys.shown(command.id)
                where = "" if command.context == "main" else f" ({CONTEXTS[command.context].lower()})"
                yield f"{command.title}{where}", f"{command.help}  {key}", partial(screen.run_command, command)
        for name in theme_names(session.services.themes_dir):
            yield f"Theme: {name}", "For this run; config.toml keeps it: theme = …", partial(screen.choose_theme, name)

    async def discover(self) -> Hits:
        for title, help_text, run in self._entries():
            yield DiscoveryHit(Content(title), run, text=title, help=help_text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, help_text, run in self._entries():
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), run, text=title, help=help_text)


def open_palette(app: App[Any]) -> None:
    """Opens it over the main screen."""
    app.push_screen(CommandPalette(providers=[Commands], placeholder="A command, a view, a theme …"))
