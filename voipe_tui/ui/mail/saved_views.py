"""The saved views of a list: keep the search as one, rename, delete, put in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from voipe_tui.errors import VoipeError
from voipe_tui.store.saved_views import SavedView, clean_name
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.commands.layout import typed
from voipe_tui.ui.look.cells import fit
from voipe_tui.ui.widgets.lines import Block
from voipe_tui.ui.widgets.ordered import Ordered
from voipe_tui.ui.widgets.prompt import Heard, Prompt

if TYPE_CHECKING:
    from voipe_tui.ui.mail.tabs import ListViews
    from voipe_tui.ui.services import Session

_NAME = 20


class ViewsScreen(Ordered[SavedView | None]):
    """Gives the view that is to be shown; None to go on as before.

    ``query`` is the search as it stands, empty for none: the first line keeps it as a view.
    """

    DEFAULT_CSS = "ViewsScreen Lines { width: 70; padding: 1 2; }"
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
        Binding("enter", "take", show=False),
        Binding(typed("s,n"), "save", show=False),
        Binding(typed("r"), "rename", show=False),
        Binding(typed("d,delete"), "delete", show=False),
        Binding(typed("u"), "undo", show=False),
        Binding("V", "drop", show=False),
    ]

    def __init__(self, session: Session, views: ListViews, query: str) -> None:
        super().__init__(session.colors, max(views.place - 1, 0))
        self._session = session
        self._views = views
        self._query = query.strip()
        self._gone: tuple[SavedView, int] | None = None
        self._said = ""

    @property
    def _here(self) -> SavedView | None:
        saved = self._views.saved
        return saved[self._cursor] if self._cursor < len(saved) else None

    def head(self) -> list[Block]:
        palette = self._session.palette
        return [[("Views of this list", palette.bar_key)], [("", palette.bar)]]

    def rows(self) -> list[Block]:
        palette = self._session.palette
        blocks: list[Block] = []
        for index, saved in enumerate(self._views.saved):
            here = index == self._cursor
            style = palette.bar_active if here else palette.bar
            name = f"{'▸' if here else ' '} {fit(saved.name, _NAME)} {fit(self._views.said(saved), 6)} "
            blocks.append([(name, style), (safe_line(saved.query), style if here else palette.bar_muted)])
        return blocks

    def foot(self) -> list[Block]:
        palette = self._session.palette
        blocks: list[Block] = []
        if not self._views.saved:
            blocks.append([("There is none. Search with / and come back here to keep it.", palette.bar)])
        blocks.append([("", palette.bar)])
        if self._said:
            blocks.append([(safe_line(self._said), palette.bar_warn)])
        if self._query:
            blocks.append([("s ", palette.bar_key), (f"keeps “{safe_line(self._query)}” as a view", palette.bar)])
        keys = "Enter shows it, r renames, d deletes, J and K move it, Esc goes back"
        return [*blocks, [(keys, palette.bar_muted)]]

    def action_step(self, by: int) -> None:
        self._said = ""
        super().action_step(by)

    def action_take(self) -> None:
        self.dismiss(self._here)

    # Changing them

    def _changed(self, said: str) -> None:
        self._views.read()
        self._said = said
        self.show()

    def swap(self, place: int, other: int) -> bool:
        # The order is that of all lists' views: into the place of the neighbour that is seen here.
        store = self._session.opened.saved_views
        here, target = self._views.saved[place], self._views.saved[other]
        try:
            store.move(here.name, [each.name for each in store.all()].index(target.name))
        except VoipeError as error:
            self._said = str(error)
            return False
        self._said = ""
        self._views.read()
        return True

    def action_save(self) -> None:
        """Keeps the search under a name."""
        if not self._query:
            self._said = "There is no search to keep: begin one with /."
            self.show()
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
            if kept in self._views.saved:
                self._views.count(self._cursor + 1)
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
