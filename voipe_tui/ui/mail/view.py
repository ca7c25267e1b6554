"""Inbox and outbox: a list, beside or before it the message under the cursor, above it a search line."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult

from voipe_tui.store.models import Changed, Direction, Key, Message, View
from voipe_tui.ui.events import Asked, Notice
from voipe_tui.ui.lists.columns import default_columns
from voipe_tui.ui.lists.messages import MessageList
from voipe_tui.ui.lists.model import PAGE, ListModel
from voipe_tui.ui.lists.rows import RowPainter
from voipe_tui.ui.mail.empty import empty_words
from voipe_tui.ui.mail.tabs import ALL, ListViews, ViewsBar
from voipe_tui.ui.search.narrowing import Narrowing
from voipe_tui.ui.search.pane import SearchedPane
from voipe_tui.ui.services import Session
from voipe_tui.ui.terminal.painting import SeeThrough, SideBySide
from voipe_tui.ui.terminal.type_ahead import focus_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from voipe_tui.store import Store
    from voipe_tui.store.models import JournalEvent
    from voipe_tui.store.saved_views import SavedView
    from voipe_tui.store.triage_work import Done
    from voipe_tui.ui.look.themes import Palette
    from voipe_tui.ui.messages.reader import Reader

SPLIT_FROM = 110
"""Columns from which list and message stand side by side."""

VIEWS_FROM = 20
"""Lines of the terminal from which the saved views have one of their own."""

_COUNT_AFTER_SECONDS = 0.5


class MailView(SeeThrough, SearchedPane):
    """One direction of the mail."""

    DEFAULT_CSS = """
    MailView { height: 1fr; layout: vertical; }
    MailView SideBySide { height: 1fr; }
    MailView MessageList { width: 1fr; height: 1fr; }
    MailView Reader { display: none; width: 1fr; height: 1fr; }
    MailView.-split Reader { display: block; width: 45%; border-left: solid $panel; }
    MailView.-reading MessageList { display: none; }
    MailView.-reading ViewsBar { display: none; }
    MailView.-split.-reading ViewsBar { display: block; }
    MailView.-reading Reader { display: block; }
    MailView.-split.-reading MessageList { display: block; }
    """

    def __init__(self, session: Session, direction: Direction, *, id: str) -> None:
        super().__init__(id=id)
        self._session = session
        self._base = View(direction=direction)
        self.search = Narrowing(session, self._base)
        self.views = ListViews(session, direction)
        self.views_bar = ViewsBar(session.colors)
        self._views_read = False
        self._count_timer: Timer | None = None
        self._counting = False
        self._cursors: dict[str, int] = {}
        self._stale = False
        self._changed_while_hidden = False
        stored = session.store.facts.get(f"columns.{id}") if session.store is not None else None
        self._chosen_columns = tuple(stored.split()) if stored else ()
        self.model = ListModel(self._fetch, self._look_up)
        self.list = MessageList(
            self.model,
            RowPainter(session.palette, session.times, session.reorder),
            with_status=direction == "out",
            palette=session.colors,
            empty=lambda: empty_words(session, self.search, self.views.shown),
            view=lambda: self.search.view,
            columns=lambda: self._chosen_columns,
        )

    def compose(self) -> ComposeResult:
        self._show_or_hide_tabs()
        yield self.views_bar
        with SideBySide():
            yield self.list

    def _fetch(
        self, *, before: Key | None = None, after: Key | None = None, limit: int = PAGE, including: bool = False
    ) -> list[Message]:
        found = self.search.fetch(before=before, after=after, limit=limit, including=including)
        if self.search.pending and not self.search.looking:
            from voipe_tui.ui.mail.further import look_further

            self.search.looking = True
            self.run_worker(look_further(self), group="finding", exit_on_error=False)
        return found

    def _look_up(self, message_id: int) -> Message | None:
        return self._session.opened.get([message_id]).get(message_id)

    # What the list's commands need to know

    @property
    def session(self) -> Session:
        return self._session

    @property
    def store(self) -> Store:
        return self._session.opened

    @property
    def palette(self) -> Callable[[], Palette]:
        return self._session.colors

    @property
    def base_view(self) -> View:
        """Everything in this list, without a search."""
        return self._base

    @property
    def shown_view(self) -> View:
        """What the list shows now."""
        return self.search.view

    @property
    def auto_advance(self) -> str:
        """Where the cursor goes after a message was dealt with; see the settings."""
        return self._session.services.settings.auto_advance

    @property
    def on_screen(self) -> bool:
        return self.display

    @property
    def reader_has_focus(self) -> bool:
        return any(reader.has_focus for reader in self._readers())

    @property
    def said(self) -> str:
        if not self.list.marks.any and self.list.marks.anchor is None:
            return "searching further back …" if self.search.pending and self.model.rows else ""
        from voipe_tui.ui.lists.choice import said_of

        return said_of(self.list.marks, self.store, self.search.view, self._base)

    # Columns

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns from left to right, as chosen or as they come."""
        return self._chosen_columns or default_columns(with_status=self._base.direction == "out")

    def choose_columns(self, chosen: tuple[str, ...]) -> None:
        """Keeps these columns for this list; none for the default."""
        self._chosen_columns = chosen
        self.store.facts.set(f"columns.{self.id}", " ".join(chosen) or None)
        self.list.repaint_all()

    # The message beside or before the list

    @property
    def split(self) -> bool:
        return self.has_class("-split")

    @property
    def reading(self) -> bool:
        return self.has_class("-reading")

    def on_resize(self, event: events.Resize) -> None:
        self._show_or_hide_tabs()
        wide = event.size.width >= SPLIT_FROM
        if wide != self.split:
            # The list is painted first; what stands beside it follows.
            self.call_after_refresh(self._set_split, wide)

    async def _set_split(self, wide: bool) -> None:
        reader = await self._reader() if wide else None
        self.set_class(wide, "-split")
        self.list.says_moves = wide
        if reader is not None and not self.reading:
            reader.read(self.model.current)

    async def _reader(self) -> Reader:
        from voipe_tui.ui.messages.reader import Reader

        found = self.query(Reader)
        if found:
            return found.first()
        session = self._session
        reader = Reader(session.colors, session.times, self._history, session.keys.shown, session.reorder)
        await self.query_one(SideBySide).mount(reader)
        return reader

    def _history(self, message_id: int) -> list[JournalEvent]:
        return self._session.opened.journal.history(message_id)

    def _readers(self) -> list[Reader]:
        # By its name: it is loaded when the first one is made.
        return list(self.query("Reader"))  # type: ignore[arg-type]

    async def open(self, message: Message) -> None:
        """Shows the whole message and marks it as read."""
        reader = await self._reader()
        self.add_class("-reading")
        reader.read(message)
        focus_now(reader)
        if message.direction == "in" and not message.read:
            self._session.opened.triage.seen([message.id])

    def close_reader(self) -> None:
        self.remove_class("-reading")
        focus_now(self.list)

    def on_reader_closed(self) -> None:
        self.close_reader()

    async def on_reader_step(self, event: Reader.Step) -> None:
        current, shown = self.model.current, self._readers()[0].message
        # Once read, a message may have left the list (of unread ones, say): the next one is under the cursor by then.
        left = current is not None and shown is not None and current.id != shown.id
        if not (left and event.by > 0) and not self.list.step(event.by):
            self.post_message(Notice("That was the last one." if event.by > 0 else "That was the first one."))
        elif (current := self.model.current) is not None:
            await self.open(current)

    async def on_message_list_moved(self, event: MessageList.Moved) -> None:
        event.stop()  # nobody above asks, and it comes with every key
        if self.split and (not self.reading or self.list.has_focus):
            for reader in self._readers():
                reader.read(event.message)

    async def on_asked(self, event: Asked) -> None:
        from voipe_tui.ui.mail.actions import asked

        await asked(self, event)

    def undone(self, done: Done) -> None:
        from voipe_tui.ui.mail.actions import undone

        undone(self, done)

    def go_on(self, *, stay: bool) -> None:
        """What was being read was dealt with: on to the message under the cursor, or back to the list."""
        if not self.reading:
            return
        if stay or self.model.current is None:
            self.close_reader()
        else:
            self.run_worker(self.open(self.model.current), group="open", exclusive=True)

    # Views

    def _show_or_hide_tabs(self) -> None:
        has_tabs = not self._views_read or bool(self.views.saved)
        self.views_bar.set_class(not has_tabs or self.app.size.height < VIEWS_FROM, "-none")

    def on_mount(self) -> None:
        if self._session.engine is not None:
            self.call_after_refresh(self._read_views)

    def health_changed(self) -> None:
        # The first sign that the start is over: what is shown at once does not wait for this.
        if not self._views_read:
            self._read_views()
        self.list.say_why_empty()

    def _read_views(self) -> None:
        self._views_read = True
        shown = self.views.shown
        if self.views.read():
            self._show_or_hide_tabs()
            self._start_count()
        if shown is not None and self.views.shown != shown:
            self._show_view()
        self._say_views()

    def _say_views(self) -> None:
        named = [(ALL, ""), *((saved.name, self.views.said(saved)) for saved in self.views.saved)]
        self.views_bar.show(named, self.views.place)

    @property
    def counting(self) -> bool:
        """The numbers on the tabs are about to be looked at again."""
        return self._count_timer is not None or self._counting

    def _count_soon(self) -> None:
        if self._count_timer is None and self.views.saved and not self.views_bar.has_class("-none"):
            self._count_timer = self.set_timer(_COUNT_AFTER_SECONDS, self._start_count)

    def _start_count(self) -> None:
        self._count_timer = None
        if self._counting:
            self._count_soon()  # what changed meanwhile may have been counted already
            return
        self._counting = True
        self.run_worker(self._count(), group="counts", exit_on_error=False)

    async def _count(self) -> None:
        """Each takes a few milliseconds: keys come in between."""
        changed = False
        try:
            for place in range(1, len(self.views.saved) + 1):
                if place <= len(self.views.saved):
                    changed |= self.views.count(place)
                await asyncio.sleep(0)
        finally:
            self._counting = False
        if changed:
            self._say_views()

    async def step_view(self, by: int) -> bool:
        if not self._views_read:
            self._read_views()
        if not self.views.saved:
            self.post_message(Notice("There are no views here: search with /, then V keeps the search as one."))
            return True
        await self.show_view((self.views.place + by) % (len(self.views.saved) + 1))
        return True

    async def show_view(self, place: int) -> None:
        """Another view of this list; each keeps its place."""
        current = self.model.current
        if current is not None:
            self._cursors[self.views.shown.name if self.views.shown else ALL] = current.id
        if self.reading:
            self.close_reader()
        self.views.go(place)
        self._show_view()
        before = self._cursors.get(self.views.shown.name if self.views.shown else ALL)
        if before is not None:
            self.list.select(before, afresh=True)
        self._say_views()

    def _show_view(self) -> None:
        self.search.rebase(self.views.base())
        if self.views.problem:
            self.search.problem = self.views.problem
        self.show_found()

    async def on_views_bar_chosen(self, event: ViewsBar.Chosen) -> None:
        await self.show_view(event.place)

    def manage_views(self) -> bool:
        from voipe_tui.ui.mail.saved_views import ViewsScreen

        if not self._views_read:
            self._read_views()

        async def after(chosen: SavedView | None) -> None:
            self.search.kept()
            self._show_or_hide_tabs()
            self._say_views()
            if chosen in self.views.saved:
                await self.end_search()
                await self.show_view(self.views.saved.index(chosen) + 1)
            elif self.views.base() != self.search.base:
                self._show_view()  # the one that was shown is gone
            self._start_count()

        query = self.search.text if not self.search.problem else ""
        self.app.push_screen(ViewsScreen(self._session, self.views, query), after)
        return True

    # Search

    @property
    def narrowed(self) -> MessageList:
        return self.list

    def to_the_list(self) -> None:
        self.remove_class("-reading")
        if self.search.line is None:
            self.search.before = self.model.current.id if self.model.current else None

    def way_back(self) -> Callable[[], object]:
        """Where the cursor was, or the message found, if it was moved."""
        chosen = self.model.current.id if self.model.current and self.list.has_focus else self.search.before
        return lambda: chosen is not None and self.list.select(chosen, afresh=True)

    def show_found(self) -> None:
        """The list shows another part of the mail: from its newest message on, hits standing out."""
        self._marks_may_hide()
        self.list.look_for(self.search.hits)
        for reader in self._readers():
            reader.look_for(self.search.hits)
        self.model.newest(ahead=0)  # what is beyond the screen is read when somebody goes there
        self.list.show()

    async def on_message_list_closed(self) -> None:
        await self.end_search()

    def _marks_may_hide(self) -> None:
        """The list shows something else now: what is said about marks may read differently."""
        if self.list.marks.any:
            self.post_message(MessageList.Marked())

    async def find(self, message_id: int) -> None:
        """The cursor to a message, whatever is being filtered or read."""
        self.remove_class("-reading")
        await self.end_search()
        self.list.reload()
        if not self.list.select(message_id) and self.views.shown is not None:
            await self.show_view(0)
            self.list.select(message_id)
        focus_now(self.list)

    # Following the store and the clock

    def follow(self, changed: Changed | None) -> None:
        """Rows changed in the store (None: look at everything); hidden views look when they are shown again."""
        if not self.display:
            self._stale = True
            return
        if self._views_read and changed is None:
            self._count_soon()
        if self.model.refilled and self.store.triage.busy:
            self.list.show_newest()  # an undo fills it again, from any end
        else:
            self.list.reload()
        for reader in self._readers() if self.split or self.reading else ():
            current = self.model.current
            if self.reading and reader.message is not None:
                # It may have left the list: whoever reads it goes on reading it.
                current = self._look_up(reader.message.id)
            if current is not None and current != reader.message:
                reader.read(current)

    def shown(self) -> None:
        """This view is on the screen now."""
        if self._stale:
            self._stale = False
            self.follow(None)

    def tick(self) -> None:
        if self.views.shown is not None and self.views.base() != self.search.base:
            self._show_view()  # another day
        self.list.tick()

    def repaint_all(self) -> None:
        self.list.repaint_all()
        self.views_bar.repaint()
        for reader in self._readers():
            reader.repaint_all()

    @property
    def current(self) -> Message | None:
        return self.model.current

    def take_focus(self) -> None:
        readers = self._readers()
        if self.reading and readers:
            focus_now(readers[0])
        else:
            focus_now(self.list)


def inbox(session: Session, *, id: str) -> MailView:
    return MailView(session, "in", id=id)


def outbox(session: Session, *, id: str) -> MailView:
    return MailView(session, "out", id=id)
