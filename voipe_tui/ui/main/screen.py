"""The one screen: views in the middle, one at a time, a bar above, state and keys below."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen

from voipe_tui.ui.commands import COMMANDS, Command, bindings, show_key
from voipe_tui.ui.commands.views import VIEWS
from voipe_tui.ui.events import Notice, ShowSent
from voipe_tui.ui.look.words import count
from voipe_tui.ui.main.layout import ToldCompositor
from voipe_tui.ui.main.status import StatusLine
from voipe_tui.ui.terminal.painting import SeeThrough
from voipe_tui.ui.widgets.bars import Bar, KeyBar, TabBar

if TYPE_CHECKING:
    from textual.timer import Timer

    from voipe_tui.store.models import Changed, Draft
    from voipe_tui.store.triage_work import Done
    from voipe_tui.ui.events import Asked, GoTo, MakeBatch, Submitted, Underway, Write
    from voipe_tui.ui.lists.messages import MessageList
    from voipe_tui.ui.mail.view import MailView
    from voipe_tui.ui.main.news import News
    from voipe_tui.ui.pane import Pane
    from voipe_tui.ui.services import Session

_OURS = ("held", "scheduled", "queued")
_TICK_SECONDS = 20.0
_COALESCE_SECONDS = 0.05
_COALESCE_BUSY_SECONDS = 0.5


class Host(SeeThrough, Container):
    """Where the views are."""


class MainScreen(Screen[None]):
    """Everything but the first-start form happens here."""

    BINDINGS: ClassVar = bindings("main")
    AUTO_FOCUS = ""
    context = "main"
    DEFAULT_CSS = """
    MainScreen { layout: vertical; overflow: hidden; }
    MainScreen > Host { height: 1fr; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._compositor = ToldCompositor()
        self._session = session
        self._view = "inbox"
        self._came_from = "inbox"
        self._changed: Changed | None = None
        self._pending_change = False
        self._hold: list[int] = []
        self._news: News | None = None
        self._woken = 0
        self._told_of: set[int] = set()
        self._hold_timer: Timer | None = None
        self.tabs = TabBar(session.colors, id="tabs")
        self.key_bar = KeyBar(session.colors, id="keys")
        self.status = StatusLine(session, self.key_bar.over)
        self.host = Host()

    def compose(self) -> ComposeResult:
        yield self.tabs
        with self.host:
            if self._session.store is not None:
                yield self._make(self._view)
        yield self.status
        yield self.key_bar

    def on_mount(self) -> None:
        if self.filled:
            self._current().take_focus()
        self.refresh_bars()
        self.show_keys("list")

    async def fill(self) -> None:
        """The store is open: the inbox, where the first frame did not have it yet."""
        if not self.filled:
            await self.host.mount(self._make(self._view))
            self._current().take_focus()
            self.refresh_bars()
        self.set_interval(_TICK_SECONDS, self._tick)

    @property
    def filled(self) -> bool:
        """False in the first moment, when there is a frame and nothing in it yet; no key arrives before."""
        return bool(self.host.children)

    # Views

    def mail(self, name: str) -> MailView:
        return self.query_one(f"#{name}")  # type: ignore[return-value]

    @property
    def panes(self) -> list[Pane]:
        """The views that were visited."""
        return list(self.host.children)  # type: ignore[arg-type]

    @property
    def view(self) -> str:
        """The id of the view that is shown."""
        return self._view

    def _current(self) -> Pane:
        return self.query_one(f"#{self._view}")  # type: ignore[return-value]

    async def goto(self, name: str) -> None:
        """Shows a view; it is mounted at the first visit."""
        if name == self._view:
            self.refresh_bars()
            return
        with self.app.batch_update():  # one layout and one painting, with both changes
            self._current().display = False
            if not self.query(f"#{name}"):
                await self.host.mount(self._make(name))
            if self._view != "compose":
                self._came_from = self._view
            self._view = name
            view = self._current()
            view.display = True
            view.shown()
            view.take_focus()
            self.refresh_bars()
        self.check_idle()

    def _make(self, name: str) -> Pane:
        spec = next(spec for spec in VIEWS if spec.id == name)
        made: Pane = spec.make()(self._session, id=name)
        return made

    async def action_goto(self, name: str) -> None:
        if name == self._view:
            await self._current().home()
        await self.goto(name)

    async def on_tab_bar_chosen(self, event: TabBar.Chosen) -> None:
        await self.goto(event.view)

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        await self._run(event.action)

    # Commands by name, for the palette

    @property
    def session(self) -> Session:
        return self._session

    def context_here(self) -> str:
        """The context (see :mod:`voipe_tui.ui.commands`) of what has the focus."""
        node = self.focused
        for ancestor in node.ancestors_with_self if node is not None else ():
            context = getattr(ancestor, "context", None)
            if isinstance(context, str):
                return context
        return "main"

    async def run_command(self, command: Command) -> None:
        await self._run(command.action)

    async def _run(self, action: str) -> None:
        name = f"action_{action.partition('(')[0]}"
        node = self.focused
        for ancestor in node.ancestors_with_self if node is not None else (self,):
            if hasattr(ancestor, name) and getattr(ancestor, "context", None):
                await self.app.run_action(action, ancestor)
                return

    def choose_theme(self, name: str) -> None:
        for problem in self.app.use_theme(name):  # type: ignore[attr-defined]
            self.post_message(Notice(problem, "warn"))

    # Bars

    def refresh_bars(self) -> None:
        session = self._session
        counts = session.store.counts() if session.store is not None else None
        views = [
            (
                view.id,
                f"{session.keys.shown(view.id)} {view.title}".strip(),
                "" if counts is None else view.mark(counts),
            )
            for view in VIEWS
        ]
        self.tabs.show(views, self._view, session.profile.name)
        self.status.marked(self._current().said if self.filled else "")
        self.status.update_from(counts)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.show_keys(self.context_here())

    def on_screen_suspend(self) -> None:
        # A dialog stands over this screen: its keys work now, ours do not.
        if footer := getattr(self.app.screen, "footer", ()):
            self.key_bar.show([(key, word, "") for key, word in footer])

    def on_screen_resume(self) -> None:
        if self.filled:
            self.show_keys(self.context_here())

    def show_keys(self, context: str) -> None:
        """The key bar for a place; in text fields only keys that are not typed as text."""
        typing = context in ("compose", "search", "reply", "import")
        chosen = sorted(
            (command for command in COMMANDS if command.context in (context, "main") and command.footer),
            key=lambda command: command.rank,
        )
        shown = []
        for command in chosen:
            keys = [
                key for key in self._session.keys.by_command[command.id] if not (typing and len(show_key(key)) == 1)
            ]
            if keys:
                shown.append((show_key(keys[0]), command.footer, command.action))
        if context == "search":
            shown.insert(0, ("Enter", "to the results", ""))
            shown.insert(1, ("Esc", "show everything", ""))
        self.key_bar.show(shown)

    # Following the store, the engine and the clock

    def store_changed(self, changed: Changed) -> None:
        """Called by the store after each commit; many in a row become one look."""
        if changed.woken:
            self._woken += len(changed.woken)
            back = count(len(changed.woken), "snoozed message")
            self.post_message(Notice(f"{back} {'is' if len(changed.woken) == 1 else 'are'} back, on top of the list."))
        if not self._pending_change:
            self._pending_change = True
            # In the middle of a long work every look would show a list that is old in a moment.
            busy = self._session.opened.triage.busy
            self.set_timer(_COALESCE_BUSY_SECONDS if busy else _COALESCE_SECONDS, self.look_again)

    def look_again(self) -> None:
        """Reads again what is on the screen."""
        self._pending_change = False
        for view in self.panes:
            view.follow(None)
        self.refresh_bars()
        self._watch_hold()
        woken, self._woken = self._woken, 0
        if self._news is not None:
            self._news.look(woken, self.app.bell, self.send_to_terminal)

    def engine_started(self) -> None:
        """The traffic runs; what was ordered before may go out, and what was held stays until a person says."""
        self.health_changed()
        from voipe_tui.ui.main.left_behind import left_behind

        if said := left_behind(self, self._session, self._told_of):
            self.status.notice(said, "warn")

    def send_to_terminal(self, sequence: str) -> None:
        self.app.send_to_terminal(sequence)  # type: ignore[attr-defined]

    def _listen_for_news(self) -> None:
        """From the first answer on: what that look found is not worth a bell."""
        if self._news is None and self._session.services.settings.notify != "none":
            from voipe_tui.ui.main.news import News

            self._news = News(self._session)

    def health_changed(self) -> None:
        engine = self._session.engine
        if engine is not None and engine.health.link in ("online", "partly online"):
            self._listen_for_news()
        self.status.refresh_health()
        for view in self.panes:
            view.health_changed()

    def _tick(self) -> None:
        session = self._session
        if session.engine is not None:
            from voipe_tui.ui.main.left_behind import waiting_for_a_word

            if said := waiting_for_a_word(session, self._told_of):
                self.status.notice(said, "warn")
        if session.times.tick(session.services.clock()):
            for view in self.panes:
                view.tick()

    def repaint_all(self) -> None:
        """Another theme."""
        for view in self.panes:
            view.repaint_all()
        for bar in self.query(Bar):
            bar.refresh()
        self.refresh_bars()

    # Notices

    def on_notice(self, event: Notice) -> None:
        self.status.notice(event.text, event.tone, lasting=event.lasting)

    def on_underway(self, event: Underway) -> None:
        self.status.going(event.text)

    def on_message_list_fresh(self, event: MessageList.Fresh) -> None:
        self.status.fresh(event.count)

    def on_marked_list_marked(self) -> None:
        self.status.marked(self._current().said)

    # Messages

    async def on_asked(self, event: Asked) -> None:
        from voipe_tui.ui.messages.actions import act

        event.stop()
        await act(self, self._session, event)

    async def write(self, draft: Draft | None = None) -> None:
        """Opens compose, with a draft if there is one to go on with."""
        await self.goto("compose")
        if draft is not None:
            from voipe_tui.ui.compose.view import ComposeView

            self.query_one("#compose", ComposeView).load(draft)

    async def action_new(self) -> None:
        from voipe_tui.ui.compose.view import ComposeView

        await self.goto("compose")
        self.query_one("#compose", ComposeView).begin()

    async def on_write(self, event: Write) -> None:
        await self.write(event.draft)

    async def on_go_to(self, event: GoTo) -> None:
        await self.goto(event.view)

    async def on_make_batch(self, event: MakeBatch) -> None:
        from voipe_tui.ui.batches.view import BatchesView

        await self.goto("batches")
        await self.query_one(BatchesView).import_table(event.text, event.sender)

    async def action_conversation(self) -> None:
        """All messages with the number of the message under the cursor."""
        message = self._current().current
        if message is None:
            self.status.notice("There is no message here to show the conversation of.")
        elif self._session.opened.conversations.get(message.key) is None:
            self.status.notice("There is no conversation with that yet: no message came or went.")
        elif self._view != "threads":
            from voipe_tui.ui.threads.view import ThreadsView

            came_from, hits = self._view, self._current().hits
            await self.goto("threads")
            threads = self.query_one(ThreadsView)
            await threads.open(message.key, message.number, message_id=message.id, back=came_from, hits=hits)

    async def on_left(self) -> None:
        await self.goto(self._came_from)

    async def on_submitted(self, event: Submitted) -> None:
        """New orders: to the outbox, the first one under the cursor, and the way back named."""
        self._session.wake()
        self._hold = event.ids
        if not event.stay:
            await self.on_show_sent(ShowSent(event.ids[0]))
        self._watch_hold()
        if self._hold_timer is None:
            self._hold_timer = self.set_interval(1.0, self._watch_hold)

    async def on_show_sent(self, event: ShowSent) -> None:
        await self.goto("outbox")
        await self.mail("outbox").find(event.message_id)

    def _watch_hold(self) -> None:
        """Counts down what is held; silent when nothing is."""
        if not self._hold:
            return
        session = self._session
        held = [message for message in session.opened.get(self._hold).values() if message.status == "held"]
        if not held:
            self._hold = []
            if self._hold_timer is not None:
                self._hold_timer.stop()
                self._hold_timer = None
            self.status.notice("")
            return
        intent = session.opened.journal.of_message(held[0].id)
        left = 0 if intent is None else max(int(intent.not_before - session.services.clock() + 0.999), 0)
        what = "" if len(held) == 1 else f"{count(len(held), 'message')} "
        key = session.keys.shown("undo")
        self.status.notice(f"Sending {what}in {left} s, press {key} to undo", "warn", lasting=True)

    async def action_undo(self) -> None:
        """Takes back what is held (the last order, else the one under the cursor) and opens it for writing; with
        nothing held the last triage action."""
        from voipe_tui.ui.messages.triage import undo

        if any(pane.take_back() for pane in self.panes):
            return
        session, current = self._session, self._current().current
        ids = list(self._hold) or ([current.id] if current is not None and current.status in _OURS else [])
        draft_id, cancelled = session.opened.journal.call_back(ids) if ids else (None, ())
        self._hold = []
        if draft_id is None and cancelled:
            self.status.notice(
                f"{count(len(cancelled), 'message')} taken back, nothing was sent: see the outbox.", "good"
            )
            return
        if draft_id is None:
            if not undo(self, session):
                gone = "Too late to take back: it has gone out." if ids else "There is nothing to take back."
                self.status.notice(gone, "warn")
            return
        draft = self._session.opened.drafts.get(draft_id)
        if draft is None or not self._current().take_draft(draft):
            await self.write(draft)
        self.status.notice("Taken back; nothing was sent. It is a draft again.", "good")

    def action_redo(self) -> None:
        from voipe_tui.ui.messages.triage import undo

        if not undo(self, self._session, again=True):
            self.status.notice("Nothing was taken back that could be done again.")

    def undone(self, done: Done) -> None:
        """Something was taken back or done again."""
        self._current().undone(done)

    # Commands that work everywhere

    async def action_search(self) -> None:
        if not await self._current().start_search():
            await self.goto("inbox")
            await self._current().start_search()

    async def action_view(self, by: int) -> None:
        if not await self._current().step_view(by):
            self.status.notice("Views are in the inbox and in the outbox.")

    def action_views(self) -> None:
        if not self._current().manage_views():
            self.status.notice("Views are in the inbox and in the outbox.")

    def action_refresh_now(self) -> None:
        self._session.refresh_now()
        self.status.notice("Asking the gateway …")

    def action_times(self) -> None:
        self._session.times.ages = not self._session.times.ages
        for view in self.panes:
            view.tick()

    def action_help(self) -> None:
        from voipe_tui.ui.main.help import HelpScreen

        self.app.push_screen(HelpScreen(self._session, self.context_here()))

    def action_palette(self) -> None:
        from voipe_tui.ui.lean import whole

        whole()
        from voipe_tui.ui.main.palette import open_palette

        open_palette(self.app)

    def action_redraw(self) -> None:
        """Something else wrote into the terminal: every line is painted anew."""
        self.refresh()

    async def action_leave(self) -> None:
        from voipe_tui.ui.main.leaving import held_back

        said = " ".join(filter(None, (held_back(self._session), *(pane.parting for pane in self.panes))))
        if any(worker.group == "triage" and not worker.is_finished for worker in self.workers):
            said = f"{said} What was begun with many messages is still going on: its rest would not be done.".strip()
        if not said:
            await self.app.action_quit()
            return
        from voipe_tui.ui.widgets.confirm import Confirm, ask

        def leave() -> None:
            self.call_later(self.app.action_quit)

        ask(self.app, Confirm("Leave now?", (said,), "leave"), leave)

    def keep_draft(self) -> None:
        """Saves what is being written, at once; for leaving in any way."""
        for view in self.panes:
            view.keep()
