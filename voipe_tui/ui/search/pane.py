"""A view whose list can be narrowed: its search line opened, followed and closed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipe_tui.ui.pane import Pane
from voipe_tui.ui.search.narrowing import Narrowing
from voipe_tui.ui.terminal.type_ahead import focus_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.widget import Widget

    from voipe_tui.ui.look.hits import Hits
    from voipe_tui.ui.search.line import SearchLine


class SearchedPane(Pane):
    """Its kinds say what stands in the list, and where the cursor goes when everything is shown again."""

    search: Narrowing

    @property
    def narrowed(self) -> Widget:
        """The list."""
        raise NotImplementedError

    def show_found(self) -> None:
        """The list shows another part of what there is: from its newest row on, hits standing out."""
        raise NotImplementedError

    def to_the_list(self) -> None:
        """What stands before the list goes away; the search is about to begin."""
        raise NotImplementedError

    def way_back(self) -> Callable[[], object]:
        """Puts the cursor where it belongs when everything is shown again; asked for before that."""
        raise NotImplementedError

    @property
    def hits(self) -> Hits | None:
        return self.search.hits

    async def start_search(self) -> bool:
        """Opens the search line, or goes back to it."""
        self.to_the_list()
        if self.search.line is None:
            await self.mount(self.search.make_line(self._follow_typing), before=0)
        assert self.search.line is not None
        self.search.line.focus_field()
        return True

    def _follow_typing(self, text: str, cursor: int) -> None:
        with self._context():
            self.search.typed(text, cursor)
            self.show_found()

    def on_search_line_done(self, event: SearchLine.Done) -> None:
        if self.search.finish(event.text):
            focus_now(self.narrowed)
        else:
            self.show_found()
            self.app.bell()

    async def on_search_line_closed(self) -> None:
        await self.end_search()

    async def end_search(self) -> None:
        """Everything again."""
        line, put_cursor = self.search.line, self.way_back()
        if line is None:
            return
        await line.remove()
        self.search.end()
        self.show_found()
        put_cursor()
        focus_now(self.narrowed)
