"""The saved views of a list: keep the search as one, rename, delete, put in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from voipe_tui.errors import VoipeError
from voipe_tui.store.saved_views import SavedView, clean_name
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.commands.layout import typed
from voipe_tui.ui.look.cells import fit
from voipe_tui.ui.widgets.lines import Block, Lines
from voipe_tui.ui.widgets.prompt import Heard, Prompt

if TYPE_CHECKING:
    from voipe_tui.ui.mail.tabs import ListViews
    from voipe_tui.ui.services import Session

_NAME = 20


class ViewsScreen(ModalScreen[SavedView | None]):
    """Gives the view that is to be shown; None to go on as before.

    ``query`` is the search as it stands, empty for none: the first line keeps it as a view.
    """

    DEFAULT_CSS = """
    ViewsScreen { align: center middle; }
    ViewsScreen Lines { width: 70; max-width: 100%; background: $panel; padding: 1 2; }
    """
    footer: ClassVar = (
        ("s", "keep"),
        ("r", "rename"),
        ("d", "delete"),
        ("J", "down"),
        ("K", "up"),
        ("Enter", "show"),
        ("Esc", "back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(typed("j,down"), "step(1)", show=False),
        Binding(typed("k,up"), "step(-1)", show=False),
        Binding("J,shift+down", "move(1)", show=False),
        Binding("K,shift+up", "move(-1)", show=False),
        Binding("enter", "take", show=False),
        Binding(typed("s,n"), "save", show=False),
        Binding(typed("r"), "rename", show=False),
        Binding(typed("d,delete"), "delete", show=False),
        Binding(typed("u"), "undo", show=False),
        Binding(typed("escape,q,V"), "drop", show=False),
    ]

    def __init__(self, session: Session, views: ListViews, query: str) -> None:
        super().__init__()
        self._session = session
        self._views = views
        self._query = query.strip()
        self._cursor = max(views.place - 1, 0)
        self._gone: tuple[SavedView, int] | None = None
        self._said = ""
        self._lines = Lines(session.colors, ground="bar", most=40)

    def compose(self) -> ComposeResult:
        yield self._lines

    def on_mount(self) -> None:
        self._show()

    @property
    def text(self) -> str:
        return self._lines.text

    @property
    def _here(self) -> SavedView | None:
        saved = self._views.saved
        return saved[self._cursor] if self._cursor < len(saved) else None

    def _show(self) -> None:
        palette = self._session.palette
        self._cursor = min(self._cursor, max(len(self._views.saved) - 1, 0))
        blocks: list[Block] = [[("Views of this list", palette.bar_key)], [("", palette.bar)]]
        for index, saved in enumerate(self._views.saved):
            here = index == self._cursor
            style = palette.bar_active if here else palette.bar
            name = f"{'▸' if here else ' '} {fit(saved.name, _NAME)} {fit(self._views.said(saved), 6)} "
            blocks.append([(name, style), (safe_line(saved.query), style if here else palette.bar_muted)])
        if not self._views.saved:
            blocks.append([("There is none. Search with / and come back here to keep it.", palette.bar)])
        blocks.append([("", palette.bar)])
        if self._said:
            blocks.append([(safe_line(self._said), palette.bar_warn)])
        if self._query:
            blocks.append([("s ", palette.bar_key), (f"keeps “{safe_line(self._query)}” as a view", palette.bar)])
        keys = "Enter shows it, r renames, d deletes, J and K move it, Esc goes back"
        blocks.append([(keys, palette.bar_muted)])
        self._lines.say(blocks)

    def action_step(self, by: int) -> None:
        self._cursor = min(max(self._cursor + by, 0), max(len(self._views.saved) - 1, 0))
        self._said = ""
        self._show()

    def action_take(self) -> None:
        self.dismiss(self._here)

    def action_drop(self) -> None:
        self.dismiss(None)

    # Changing them

    def _changed(self, said: str) -> None:
        self._views.read()
        self._said = said
        self._show()

    def action_move(self, by: int) -> None:
        here, target = self._here, self._cursor + by
        if here is None or not 0 <= target < len(self._views.saved):
            return
        # The order is that of all lists' views: into the place of the neighbour that is seen here.
        store = self._session.opened.saved_views
        place = [each.name for each in store.all()].index(self._views.saved[target].name)
        try:
            store.move(here.name, place)
        except VoipeError as error:
            self._changed(str(error))
            return
        self._cursor = target
        self._changed("")

    def action_save(self) -> None:
        """Keeps the search under a name."""
        if not self._query:
            self._said = "There is no search to keep: begin one with /."
            self._show()
            return
        direction = self._views.direction

        def save(name: str | None) -> None:
            if name is None:
                return
            saved = SavedView(name, self._query, direction)
            try:
                kept = self._session.opened.saved_views.save(saved, now=self._views.now())
            except VoipeError as error:
                self._changed(str(error))
                return
            self._query = ""
            self._views.read()
            self._cursor = self._views.saved.index(kept) if kept in self._views.saved else 0
            self._changed(f"Kept as “{kept.name}”.")

        self.app.push_screen(Prompt(self._session.colors, "Name of the view", self._hear), save)

    def _hear(self, typed: str) -> Heard:
        if not typed.strip():
            return Heard("A word or two for the tab.", good=False)
        try:
            name = clean_name(typed)
        except VoipeError as error:
            return Heard(str(error), good=False)
        taken = self._session.opened.saved_views.get(name)
        return Heard("There is a view of that name already.", good=False) if taken else Heard(f"“{name}”")

    def action_rename(self) -> None:
        here = self._here
        if here is None:
            return

        def rename(name: str | None) -> None:
            if name is None:
                return
            try:
                renamed = self._session.opened.saved_views.rename(here.name, name)
            except VoipeError as error:
                self._changed(str(error))
                return
            self._views.renamed(here, renamed)
            self._changed(f"It is “{renamed.name}” now.")

        self.app.push_screen(Prompt(self._session.colors, "New name", self._hear, value=here.name), rename)

    def action_delete(self) -> None:
        here = self._here
        if here is None:
            return
        store = self._session.opened.saved_views
        place = [each.name for each in store.all()].index(here.name)
        try:
            store.delete(here.name)
        except VoipeError as error:
            self._changed(str(error))
            return
        self._gone = (here, place)
        self._changed(f"“{here.name}” is deleted; its messages stay. u brings it back.")

    def action_undo(self) -> None:
        if self._gone is None:
            return
        saved, place = self._gone
        store = self._session.opened.saved_views
        try:
            store.save(saved, now=self._views.now())
            store.move(saved.name, place)
        except VoipeError as error:
            self._changed(str(error))
            return
        self._gone = None
        self._changed(f"“{saved.name}” is back.")
