"""Conversations: their list, and beside or before it the one that is open."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.app import ComposeResult

from voipe_tui.store.models import Changed, Draft, Key, Message, View
from voipe_tui.ui.events import Asked, GoTo, Notice
from voipe_tui.ui.lists.model import PAGE, ListModel
from voipe_tui.ui.look.words import count
from voipe_tui.ui.search.narrowing import Narrowing
from voipe_tui.ui.search.pane import SearchedPane
from voipe_tui.ui.terminal.painting import SeeThrough, SideBySide
from voipe_tui.ui.terminal.type_ahead import focus_now
from voipe_tui.ui.threads.finding import ABOUT_ONE, ThreadFinding, choose_for, choose_marked, page_of
from voipe_tui.ui.threads.list import Thread, ThreadList, ThreadPainter, thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from voipe_tui.store.triage_work import Done
    from voipe_tui.ui.look.hits import Hits
    from voipe_tui.ui.messages.reader import Reader
    from voipe_tui.ui.services import Session
    from voipe_tui.ui.threads.talk import Talk

SPLIT_FROM = 110
_EVERYTHING = View(include_archived=True)


class ThreadsView(SeeThrough, SearchedPane):
    """The list alone, a conversation alone, or on wide screens both."""

    DEFAULT_CSS = """
    ThreadsView { height: 1fr; layout: vertical; }
    ThreadsView SideBySide { height: 1fr; }
    ThreadsView ThreadList { width: 1fr; height: 1fr; }
    ThreadsView Talk { display: none; width: 1fr; height: 1fr; }
    ThreadsView Reader { display: none; width: 1fr; height: 1fr; }
    ThreadsView.-talking ThreadList { display: none; }
    ThreadsView.-talking Talk { display: block; }
    ThreadsView.-split ThreadList { display: block; width: 40%; }
    ThreadsView.-split Talk { display: block; border-left: solid $panel; }
    ThreadsView.-split Reader { border-left: solid $panel; }
    ThreadsView.-details Talk { display: none; }
    ThreadsView.-details Reader { display: block; }
    """

    def __init__(self, session: Session, *, id: str) -> None:
        super().__init__(id=id)
        self._session = session
        self._back: str | None = None
        self._stale = False
        self._talk: Talk | None = None
        self._details: Reader | None = None
        self.search = Narrowing(session, _EVERYTHING)
        self._found: list[Thread] = []
        self._finding: ThreadFinding | None = None
        self.model = ListModel(cast(Any, self._fetch), cast(Any, self._look_up))
        self.list = ThreadList(
            self.model,
            ThreadPainter(session.colors, session.times, session.reorder, session.profile.region),
            session.colors,
            self._empty_words,
        )

    def compose(self) -> ComposeResult:
        with SideBySide():
            yield self.list

    def _fetch(
        self, *, before: Key | None = None, after: Key | None = None, limit: int = PAGE, including: bool = False
    ) -> list[Thread]:
        if self._session.store is None:
            return []
        if self.search.narrowed:
            return page_of(self._found, before, after, limit, including=including)
        conversations = self._session.store.conversations
        found = conversations.page(before=before, after=after, limit=limit, including=including)
        return [thread(each) for each in found]

    def _look_up(self, key: str) -> Thread | None:
        if self.search.narrowed:
            return next((row for row in self._found if row.id == key), None)
        found = self._session.opened.conversations.get(key)
        return None if found is None else thread(found)

    def _empty_words(self) -> tuple[str, ...]:
        if self._session.store is None:
            return ()
        if self.search.problem:
            return ("That filter cannot be read.", self.search.problem)
        if self._finding is not None and not self._finding.done:
            return ("Searching …",)
        if self.search.narrowed:
            return ("Nothing found.", "Escape shows everything again.")
        return ("No conversations yet.", "Whoever you write to, or who writes to you, is a line here.")

    # Opening and leaving

    @property
    def talking(self) -> bool:
        """A conversation is open, and not only looked at."""
        return self.has_class("-talking")

    @property
    def split(self) -> bool:
        return self.has_class("-split")

    @property
    def current(self) -> Message | None:
        if self._talk is not None and self.talking:
            return self._talk.current
        row = self.list.current
        return None if row is None else self._session.opened.get([row.message_id]).get(row.message_id)

    async def talk(self) -> Talk:
        """The conversation's place on the screen, made when it is first needed."""
        if self._talk is None:
            from voipe_tui.ui.threads.talk import Talk

            self._talk = Talk(self._session)
            await self.query_one(SideBySide).mount(self._talk)
        return self._talk

    async def open(
        self,
        key: str,
        number: str,
        *,
        message_id: int | None = None,
        back: str | None = None,
        writing: bool = False,
        hits: Hits | None = None,
    ) -> None:
        """Goes into a conversation; Escape leads to the view ``back``, or to the list. ``hits`` stand out in it."""
        talk = await self.talk()
        self._back = back
        self.remove_class("-details")
        self.add_class("-talking")
        self.list.select(key)
        talk.look_at(key, number, hits=hits)
        talk.open(message_id, writing=writing)

    def close(self) -> None:
        """From the conversation to the list."""
        self.remove_class("-talking", "-details")
        if self._talk is not None:
            self._talk.close()
        self._back = None
        focus_now(self.list)

    async def home(self) -> None:
        self.close()

    def on_conversation_log_closed(self) -> None:
        back = self._back
        if self.talking and back is not None:
            self.close()
            self.post_message(GoTo(back))
        else:
            self.close()

    async def on_thread_list_opened(self, event: ThreadList.Opened) -> None:
        row = event.row
        found = row.message_id if self.search.narrowed else None
        await self.open(row.id, row.it.number, message_id=found, writing=event.writing, hits=self.hits)

    async def on_thread_list_moved(self, event: ThreadList.Moved) -> None:
        if self.split and not self.talking and event.row is not None:
            (await self.talk()).look_at(event.row.id, event.row.it.number, hits=self.hits)

    # Searching: conversations in which something is found; each row shows where

    @property
    def narrowed(self) -> ThreadList:
        return self.list

    def to_the_list(self) -> None:
        self.remove_class("-talking", "-details")

    def way_back(self) -> Callable[[], object]:
        row = self.list.current
        return lambda: row is not None and self.list.select(row.id, afresh=True)

    async def on_thread_list_closed(self) -> None:
        await self.end_search()

    def show_found(self) -> None:
        self._found, self._finding = [], None
        if self.search.narrowed and not self.search.problem:
            self._find()
        else:
            self.search.say("")
        self.list.look_for(self.hits)
        self.list.show_newest()

    def _find(self) -> None:
        """Begins to look; what was found before stays on the screen until there is as much again."""
        finding = self._finding = ThreadFinding(self._session.opened, self.search.view)
        finding.step()
        self._take_found(finding)
        if not finding.done:
            self.run_worker(self._find_on(finding), group="finding", exclusive=True, exit_on_error=False)

    async def _find_on(self, finding: ThreadFinding) -> None:
        while finding is self._finding and not finding.done:
            await asyncio.sleep(0)
            if finding is self._finding and finding.step():
                self._take_found(finding)
                self.list.reload()
                if not self.model.rows:
                    self.list.refresh()

    def _take_found(self, finding: ThreadFinding) -> None:
        if finding.done or len(finding.rows) >= len(self._found):
            self._found = list(finding.rows)
        self.search.say(finding.said)

    def on_resize(self, event: events.Resize) -> None:
        wide = event.size.width >= SPLIT_FROM
        if wide != self.split:
            self.call_after_refresh(self._set_split, wide)

    async def _set_split(self, wide: bool) -> None:
        row = self.list.current
        if wide and row is not None and not self.talking:
            (await self.talk()).look_at(row.id, row.it.number)
        self.set_class(wide and (self._talk is not None), "-split")
        self.list.says_moves = self.split

    # The details of one message

    async def on_asked(self, event: Asked) -> None:
        if event.what in ("next_unread", "previous_unread"):
            event.stop()
            await self._next_unread(down=event.what == "next_unread")
        elif event.what == "open" and self.talking and event.message is not None:
            event.stop()
            await self._show_details(event.message)
        elif not self.talking:
            await self._choose(event)

    async def _choose(self, event: Asked) -> None:
        """What is marked and on view, else the conversation under the cursor."""
        marks = self.list.marks
        if marks.anchor is not None:
            await self.list.end_range()
            self.list.marks_changed()
        event.after = self._dealt_with
        row, store = self.list.current, self._session.opened
        if not marks.any:
            if row is not None:
                choose_for(store, event, row)
            return
        if event.what in ABOUT_ONE:
            event.stop()
            self.post_message(Notice("That is done to one message: Esc unmarks, or open the conversation.", "warn"))
            return
        keys = self._marked_on_view()
        if not keys:
            event.stop()
            self.post_message(Notice("Nothing was done: the search hides what is marked. Esc unmarks.", "warn"))
            return
        await choose_marked(store, event, keys, len(marks.ids) - len(keys))

    def _marked_on_view(self) -> list[str]:
        """The conversations that are marked and in the list as it is narrowed; what is in none any more is unmarked."""
        marks, there = self.list.marks, self._session.opened.conversations.get_many(self.list.marks.ids)
        marks.ids.intersection_update(there)
        shown = {row.id for row in self._found} if self.search.narrowed else there.keys()
        return [key for key in there if key in shown]

    def _dealt_with(self, done: Done) -> None:
        """A triage action was done: what left the list is marked no longer."""
        if done.kind in ("archive", "delete") and self.list.marks.any:
            self.list.marks.drop(self._marked_on_view())
            self.list.marks_changed()
        self.list.reload()

    @property
    def said(self) -> str:
        marks = self.list.marks
        said = []
        if marks.ids:
            found = self._session.opened.conversations.get_many(marks.ids).values()
            said.append(f"{count(len(found), 'conversation')} marked, {count(sum(e.total for e in found), 'message')}")
        if marks.anchor is not None:
            said.append("range: move, v ends it")
        return "; ".join(said)

    def _unread(self, before: Key | None = None, after: Key | None = None) -> list[Thread]:
        """The nearest conversation of the list with something unread."""
        if self.search.narrowed:
            return page_of([row for row in self._found if row.it.unread], before, after, 1, including=False)
        found = self._session.opened.conversations.page(before=before, after=after, limit=1, unread_only=True)
        return [thread(each) for each in found]

    async def _next_unread(self, *, down: bool) -> None:
        """The cursor, or whoever reads a conversation, to the next unread one; from the end it begins anew."""
        here = self.list.current
        place = None if here is None else here.position
        found = self._unread(before=place) if down else self._unread(after=place)
        if not found:
            found = self._unread() if down else self._unread(after=(float("-inf"), 0))
            if found and here is not None and found[0].id != here.id:
                self.post_message(Notice("Begun anew from the other end."))
        if not found or (here is not None and found[0].id == here.id):
            self.post_message(Notice("Nothing else is unread." if found else "Nothing is unread."))
        elif self.talking and self._talk is not None:
            self._talk.close()
            await self.open(found[0].id, found[0].it.number, back=self._back, hits=self.hits)
        else:
            self.list.select(found[0].id)

    async def _show_details(self, message: Message) -> None:
        from voipe_tui.ui.messages.reader import Reader

        session = self._session
        if self._details is None:
            history = session.opened.journal.history
            self._details = Reader(session.colors, session.times, history, session.keys.shown, session.reorder)
            await self.query_one(SideBySide).mount(self._details)
        self.add_class("-details")
        self._details.read(message)
        focus_now(self._details)

    def on_reader_closed(self) -> None:
        self.remove_class("-details")
        if self._talk is not None:
            focus_now(self._talk.log_view)

    def on_reader_step(self, event: Reader.Step) -> None:
        talk = self._talk
        if talk is None or self._details is None:
            return
        if talk.log_view.step(event.by) and talk.current is not None:
            self._details.read(talk.current)
        else:
            self.post_message(Notice("That was the last one." if event.by > 0 else "That was the first one."))

    # Following the store and the clock

    def follow(self, changed: Changed | None) -> None:
        if not self.display:
            self._stale = True
            return
        if self.search.narrowed and not self.search.problem:
            self._find()
        self.list.reload()
        if self._talk is not None:
            self._talk.follow()
            self._follow_details(self._talk.current)

    def _follow_details(self, current: Message | None) -> None:
        shown = self._details if self.has_class("-details") else None
        if shown is not None and current is not None and current != shown.message:
            shown.read(current)

    def undone(self, done: Done) -> None:
        """The cursor goes to the conversation that came back, where it was one: the next key should hit that one."""
        self.list.reload()
        if not self.talking and done.count:
            ends = self._session.opened.get({done.ids[0], done.ids[-1]}).values()
            keys = {message.key for message in ends}
            if len(keys) == 1:
                self.list.select(keys.pop())

    def shown(self) -> None:
        self._back = None
        if self._stale:
            self._stale = False
            self.follow(None)

    def tick(self) -> None:
        self.repaint_all()

    def repaint_all(self) -> None:
        self.list.repaint_all()
        if self._talk is not None:
            self._talk.repaint_all()
        if self._details is not None:
            self._details.repaint_all()

    def take_focus(self) -> None:
        if self._details is not None and self.has_class("-details"):
            focus_now(self._details)
        elif self._talk is not None and self.talking:
            focus_now(self._talk.log_view)
        else:
            focus_now(self.list)

    def keep(self) -> None:
        if self._talk is not None:
            self._talk.keep()

    def take_draft(self, draft: Draft) -> bool:
        from voipe_tui.text.numbers import number_key

        if self._talk is None or not self.talking:
            return False
        if number_key(draft.to_text, self._session.profile.region) != self._talk.key:
            return False
        self._talk.take_draft(draft)
        return True
