"""The application: paints first, connects afterwards, leaves cleanly however it has to leave."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from rich.segment import Segments
from rich.text import Text
from textual import events
from textual.constants import DEFAULT_THEME
from textual.screen import Screen

from voipe_tui.errors import VoipeError
from voipe_tui.ui.events import Notice
from voipe_tui.ui.look.themes import load_theme, make_textual_theme
from voipe_tui.ui.main.screen import MainScreen
from voipe_tui.ui.services import Services, begin
from voipe_tui.ui.terminal.driver import ThriftyDriver, thrifty
from voipe_tui.ui.terminal.straight import StraightDriver, straight
from voipe_tui.ui.terminal.type_ahead import OneKeyAtATime

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.theme import Theme

    from voipe_tui.client import GatewayClient
    from voipe_tui.config.profiles import Profile
    from voipe_tui.sync import Engine

log = logging.getLogger(__name__)

_CONNECT_AFTER = 0.1
"""Seconds between the first paint and the first import for the network: a key pressed at once is answered before."""

_TIDY_AFTER = 1.5
_SAVE_AFTER = 0.6
_TTY_CHECK_SECONDS = 2.0
_LAST_RESORT_SECONDS = 3.0
_ANSWER_SECONDS = 15.0
"""So long an answer is waited for before the program leaves; a key leaves at once."""


class VoipeApp(OneKeyAtATime):
    """One profile's console, or the first-start form when there is no profile."""

    TITLE = "voipe-tui"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, services: Services, **kwargs: Any) -> None:
        self.session = begin(services)
        self._look = make_textual_theme(self.session.theme)
        super().__init__(**kwargs)
        if self.session.keys.keymap:
            self.set_keymap(self.session.keys.keymap)
        self._leaving = False
        self._parting_code = 0
        self._hurry = asyncio.Event()
        """A person who leaves waits for no answer."""
        self._early_keys: list[events.Key] | None = []

    # Starting

    async def on_event(self, event: events.Event) -> None:
        if self._early_keys is not None and isinstance(event, events.Key):
            # Typed while the first screen is being filled: it goes where it would go a moment later.
            self._early_keys.append(event)
            return
        if isinstance(event, events.Key):
            self.session.key()
        await super().on_event(event)

    def _take_early_keys(self) -> None:
        early, self._early_keys = self._early_keys or [], None
        for key in early:
            self.post_message(key)

    def get_default_screen(self) -> Screen[Any]:
        services = self.session.services
        if services.profile is None:
            return Screen()
        if services.opens_at_once is not None and services.opens_at_once(services.profile):
            # What goes wrong goes wrong again when the frame stands, and is said on it then.
            with suppress(VoipeError):
                self.session.store = services.open_store(services.profile)
        return MainScreen(self.session)

    def on_mount(self) -> None:
        if self.session.services.profile is None:
            from voipe_tui.ui.start.setup import SetupScreen

            # Over an empty one: the screen that an app begins with cannot be switched for another.
            self.push_screen(SetupScreen(self.session))
        self._watch_the_terminal()

    async def on_ready(self) -> None:
        # Garbage is looked for again, once nobody waits for us any more.
        self.set_timer(_TIDY_AFTER, _tidy)
        self.set_timer(_SAVE_AFTER, self._save_bytes)
        # Sent right after the first frame; call_after_refresh would sit out the next two.
        await self._painted()

    async def _painted(self) -> None:
        """The frame stands: now the store is opened and the list filled, then the network's turn comes."""
        try:
            if isinstance(self.screen, MainScreen):
                await self._fill(self.screen)
        finally:
            self._take_early_keys()

    async def _fill(self, screen: MainScreen) -> None:
        session = self.session
        try:
            if session.store is None:
                session.store = session.services.open_store(session.profile)
        except VoipeError as error:
            from voipe_tui.ui.start.trouble import TroubleScreen

            log.error("the store did not open: %s", type(error).__name__)
            await self.push_screen(TroubleScreen(error))
            return
        session.store.subscribe(screen.store_changed)
        await screen.fill()
        self._say_problems(screen)
        self.set_timer(_CONNECT_AFTER, self.connect)

    def _say_problems(self, screen: MainScreen) -> None:
        session = self.session
        if session.store is not None and session.store.set_aside is not None:
            session.problems.insert(
                0,
                f"The message store was damaged; it is kept as {session.store.set_aside.name} and a new one was begun.",
            )
        for problem in session.problems:
            log.warning("%s", problem)
        if session.problems:
            more = (
                f" tells this and {len(session.problems) - 1} more" if len(session.problems) > 1 else " tells it whole"
            )
            screen.post_message(Notice(f"{session.keys.shown('help')}{more}: {session.problems[0]}", "warn"))

    def connect(self) -> None:
        """Starts the traffic with the gateway; its failures become the status line's."""
        self.run_worker(self._traffic(), name="traffic", group="traffic", exclusive=True, exit_on_error=False)

    async def _traffic(self) -> None:
        session = self.session
        services = session.services
        try:
            # Importing the network code, or asking a keyring, takes longer than a key press may wait.
            client = await asyncio.to_thread(_make_client, services, session.profile)
            session.client = client
            # What is loaded by now stays until the end: looking through it again and again would only cost key presses.
            gc.freeze()
            session.engine = engine = services.make_engine(session.opened, client, session.profile)
            engine.subscribe(lambda health: self._main(lambda screen: screen.health_changed()))
            self._main(MainScreen.engine_started)
            await engine.run()
        except VoipeError as error:
            log.warning("no traffic: %s (%s)", type(error).__name__, error.title)
            session.trouble = error
            self._main(MainScreen.health_changed)
        except Exception as error:
            log.exception("the traffic with the gateway ended unexpectedly")
            session.trouble = VoipeError(
                f"Unexpected: {type(error).__name__}; nothing is sent or fetched until the next start.",
                hint="The log has the details.",
            )
            self._main(MainScreen.health_changed)

    def _main(self, call: Any) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen):
                call(screen)

    async def begin_with(self, profile: Profile, services: Services | None = None) -> None:
        """From the first-start form to the app, with the profile that was just made or with the demo's."""
        self.session.services = (services or self.session.services).with_profile(profile)
        await self.switch_screen(MainScreen(self.session))
        self.call_after_refresh(self._painted)

    # Looks

    def get_theme(self, theme_name: str) -> Theme | None:
        # Textual's default name stands for ours, so that the style sheet is worked out once at the start, not twice.
        return self._look if theme_name in (DEFAULT_THEME, self._look.name) else super().get_theme(theme_name)

    def use_theme(self, name: str) -> tuple[str, ...]:
        """Changes the theme for this run; what was wrong with it is the answer."""
        services = self.session.services
        spec, problems = load_theme(name, services.themes_dir)
        self.session.use_theme(spec)
        self._look = make_textual_theme(spec)
        self.register_theme(self._look)
        self.theme = self._look.name
        self._main(MainScreen.repaint_all)
        return problems

    def get_driver_class(self) -> type[Driver]:
        return thrifty(straight(super().get_driver_class()))

    def _save_bytes(self) -> None:
        if isinstance(self._driver, ThriftyDriver):
            self._driver.begin_to_save()

    def move_lines(self, top: int, bottom: int, by: int) -> None:
        """Has the terminal move whole lines with the next frame; see :attr:`moves_lines`."""
        assert isinstance(self._driver, ThriftyDriver)
        self._driver.move_lines(top, bottom, by)

    @property
    def moves_lines(self) -> bool:
        """Whether the terminal can be asked to move lines, instead of painting them anew."""
        return isinstance(self._driver, ThriftyDriver) and not self._driver.is_inline

    @property
    def paints_at_once(self) -> bool:
        """Whether frames of our own making may go to the terminal; see :mod:`terminal.painting`."""
        return isinstance(self._driver, ThriftyDriver) and not self._driver.is_inline and not self._driver.is_headless

    def send_to_terminal(self, sequence: str) -> None:
        """Writes a control sequence of our own making (the clipboard) between two frames."""
        # Textual has no public way to write; its own clipboard call cannot be wrapped for tmux.
        if self._driver is not None:
            self._driver.write(sequence)
            self._driver.flush()

    def bell(self) -> None:
        # While an editor has the terminal, nothing of ours may be written to it.
        if not self._batch_count:
            super().bell()

    def on_app_focus(self) -> None:
        self._set_active(True)

    def on_app_blur(self) -> None:
        self._set_active(False)

    def _set_active(self, active: bool) -> None:
        if self.session.engine is not None:
            self.session.engine.set_active(active)

    # Leaving

    def action_help_quit(self) -> None:
        self._main(lambda screen: screen.post_message(Notice("ctrl+q leaves the program.")))

    async def action_quit(self) -> None:
        """Keeps what is being written, ends the traffic, leaves. Asked for again, no answer is waited for any more."""
        if self._leaving:
            self._hurry.set()
            return
        self._leaving = True
        self._keep_drafts()
        engine = self.session.engine
        if engine is None or not engine.sender.in_flight:
            await self._end()
            return
        from voipe_tui.ui.main.leaving import Leaving

        self.push_screen(Leaving(self.session, len(engine.sender.in_flight), _ANSWER_SECONDS))
        # In a worker, so that it is painted and keys are heard.
        self.run_worker(self._end(), name="leave", group="leave", exit_on_error=False)

    async def _end(self) -> None:
        session = self.session
        try:
            if session.engine is not None:
                await self._last_answers(session.engine)
            if session.client is not None:
                await session.client.aclose()
        except Exception:
            # What is in the journal is true all the same: the next start looks for what was being sent.
            log.exception("the traffic did not end well")
        finally:
            self.exit(self._parting_code, return_code=self._parting_code)

    async def _last_answers(self, engine: Engine) -> None:
        """Waits for the answers to what is being sent, until a person will not; what is cut off becomes unknown."""
        ended = asyncio.create_task(engine.stop(_ANSWER_SECONDS))
        hurry = asyncio.create_task(self._hurry.wait())
        await asyncio.wait((ended, hurry), return_when=asyncio.FIRST_COMPLETED)
        hurry.cancel()
        if not ended.done():
            ended.cancel()
            await asyncio.gather(ended, return_exceptions=True)
            await engine.stop(0.0)
        else:
            await ended

    def _keep_drafts(self) -> None:
        try:
            self._main(MainScreen.keep_draft)
        except VoipeError:
            log.exception("the draft could not be kept")

    def _watch_the_terminal(self) -> None:
        """A closed connection ends the program: by its signal, or by a look at the terminal where it is ignored."""
        if self.is_headless or sys.platform == "win32":
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, self._hang_up, 128 + number)
        if isinstance(self._driver, StraightDriver) and self._driver.reads_in_loop:
            self._driver.when_input_ends = self._check_terminal
        else:
            self.set_interval(_TTY_CHECK_SECONDS, self._check_terminal)

    def _check_terminal(self) -> None:
        import select

        poll = select.poll()
        stdin = sys.__stdin__
        if stdin is None:
            return
        poll.register(stdin.fileno(), 0)
        if any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0)):
            self._hang_up(128 + signal.SIGHUP)

    def _hang_up(self, code: int) -> None:
        """Nobody is there any more: drafts first, then out; a terminal that swallows nothing must not hold us."""
        if self._parting_code:
            return
        self._parting_code = code
        log.info("the terminal is gone; leaving")
        watchdog = threading.Timer(_LAST_RESORT_SECONDS, os._exit, (code,))
        watchdog.daemon = True
        watchdog.start()
        if self._leaving:
            # A person was leaving; drafts are kept, and no answer is waited for any more.
            self._hurry.set()
            return
        self._leaving = True
        self._keep_drafts()
        self.exit(code, return_code=code)

    def _fatal_error(self) -> None:
        """An unexpected error: logged whole, shown short. Textual would print local variables, message texts and
        secrets among them."""
        error = sys.exc_info()[1]
        log.error("the app ended unexpectedly", exc_info=error)
        said = Text(
            f"voipe-tui ended unexpectedly ({type(error).__name__}). What you were writing is kept as a draft; "
            "nothing is lost. The log has the details."
        )
        self._keep_drafts()
        self._exit_renderables.append(Segments(self.console.render(said, self.console.options)))
        self._close_messages_no_wait()


def _make_client(services: Services, profile: Profile) -> GatewayClient:
    """Loads what the traffic needs first as well: an import that takes 50 ms is nothing for the thread of the keys."""
    import voipe_tui.store.saved_views
    import voipe_tui.sync
    import voipe_tui.ui.main.left_behind  # noqa: F401

    return services.make_client(profile)


def _tidy() -> None:
    """What is loaded by now stays until the end: looking through it again and again would only cost key presses."""
    gc.freeze()
    gc.enable()


def run(services: Services) -> int:
    """Runs the app in this terminal and answers its exit code."""
    app = VoipeApp(services)
    try:
        app.run()
    finally:
        if app.session.store is not None:
            app.session.store.close()
        _let_go_of_a_dead_terminal()
    return app.return_code or 0


def _let_go_of_a_dead_terminal() -> None:
    """What could not be written to a terminal that is gone would be tried again at the very end, and fail the exit."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is None:
            continue
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
