"""The real app on a real store and engine, talking to a sandbox in the same process; time moves when a test says so.

The app's timers run on a loop whose time passes only while nobody has anything to do (:mod:`tests.timeless`). A notice
does not go before a slow machine has shown it, and nothing is waited for: a key is 40 ms of that time, not of ours.
The wall clock that the program is given stands beside it and is moved by hand.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import textual._time
import textual.app
import textual.pilot
from textual import events
from textual.pilot import Pilot

from tests.timeless import TimelessLoop
from voipe_tui.client import Endpoint, GatewayClient
from voipe_tui.config.paths import Paths
from voipe_tui.config.profiles import Profile
from voipe_tui.config.settings import Settings
from voipe_tui.sandbox import Sandbox
from voipe_tui.store import Message, Store, View
from voipe_tui.sync import Engine, SyncSettings
from voipe_tui.ui.app import VoipeApp
from voipe_tui.ui.compose.review import Review
from voipe_tui.ui.compose.view import ComposeView
from voipe_tui.ui.main.screen import MainScreen
from voipe_tui.ui.services import Services

URL = "https://sandbox.invalid/playsms/api.php"
NOON = 1_795_342_800.0  # Sunday 22 Nov 2026, 10:20 UTC, 12:20 in Jerusalem
PATIENCE = 60.0
"""Seconds of the app's time for something to happen."""


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"timeless": TimelessLoop}


@pytest.fixture(autouse=True)
def timeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's timers go by the loop, and its pilot does not judge by the processor whether the app has settled."""

    async def a_moment(min_sleep: float = 0.0, max_sleep: float = 0.0) -> None:
        await asyncio.sleep(0.02)  # over when everybody waits, and the screen (60 times a second) was painted

    real = textual._time.get_time

    def loop_time() -> float:
        try:
            return asyncio.get_running_loop().time()
        except RuntimeError:
            return real()  # a message that is made elsewhere

    monkeypatch.setattr(textual._time, "get_time", loop_time)
    monkeypatch.setattr(textual.app, "wait_for_idle", a_moment)
    monkeypatch.setattr(textual.pilot, "wait_for_idle", a_moment)


@dataclass
class Clock:
    now: float = NOON

    def __call__(self) -> float:
        return self.now


def profile(**more: Any) -> Profile:
    values: dict[str, Any] = {
        "name": "shop",
        "url": URL,
        "username": "demo",
        "token": "demo-token",
        "sender": "DemoShop",
        "senders": ("DemoShop", "Sales"),
        "timezone": "UTC",
    }
    return Profile(**{**values, **more})


@dataclass
class World:
    """A sandbox, a store that outlives the app, and the app on both."""

    clock: Clock = field(default_factory=Clock)
    # Most tests are about something else than the last look before a message leaves.
    settings: Settings = field(default_factory=lambda: Settings(review="when_needed"))
    profile: Profile | None = field(default_factory=profile)
    no_color: bool = False
    saved: list[Profile] = field(default_factory=list)
    tries: list[Profile] = field(default_factory=list)
    before_store: Callable[[], None] | None = None

    demo: bool = False
    paths: Paths | None = None

    def __post_init__(self) -> None:
        from voipe_tui.sandbox.demo import demo_sandbox
        from voipe_tui.sandbox.model import Zones

        if self.demo:
            self.sandbox = demo_sandbox(self.clock)
        else:
            self.sandbox = Sandbox("1.4.7", clock=self.clock, zones=Zones(0, 0, 0, 0))
        self.store = Store(None, clock=self.clock)

    def _open_store(self, account: Profile) -> Store:
        if self.before_store is not None:
            self.before_store()
        return self.store

    def client(self, account: Profile) -> GatewayClient:
        endpoint = Endpoint(
            account.url, account.transport, account.username, account.token, allow_plain_http=account.allow_plain_http
        )
        return GatewayClient(endpoint, asgi_app=self.sandbox.app)

    def trial(self, account: Profile) -> GatewayClient:
        self.tries.append(account)
        return self.client(account)

    def engine(self, store: Store, client: GatewayClient, account: Profile) -> Engine:
        return Engine(store, client, SyncSettings(poll_seconds=3600.0, timezone="UTC"), random=Random(1))

    def services(self) -> Services:
        return Services(
            profile=self.profile,
            settings=self.settings,
            paths=self.paths,
            open_store=self._open_store,
            make_client=self.client,
            trial_client=self.trial,
            make_engine=self.engine,
            clock=self.clock,
            zone=ZoneInfo("Asia/Jerusalem"),
            save_profile=self.saved.append,
            open_demo=lambda: self.services().with_profile(profile(name="demo")),
            no_color=self.no_color,
        )

    def app(self) -> VoipeApp:
        return VoipeApp(self.services())

    async def read(self) -> None:
        """Everything that the gateway has goes into the store, before the app starts."""
        account = self.profile or profile()
        client = self.client(account)
        engine = self.engine(self.store, client, account)
        assert await engine.poll(), engine.health
        await engine.contacts.refresh()
        await client.aclose()

    @asynccontextmanager
    async def running(self, width: int = 80, height: int = 24) -> AsyncIterator[Run]:
        app = self.app()
        async with app.run_test(size=(width, height)) as pilot:
            run = Run(self, app, pilot)
            await run.until(lambda: not isinstance(app.screen, MainScreen) or app.screen.filled)
            yield run

    def messages(self, **view: Any) -> list[Message]:
        return self.store.page(View(**view), limit=100_000)


@dataclass
class Run:
    """The app while it runs."""

    world: World
    app: VoipeApp
    pilot: Pilot[int]

    @property
    def screen(self) -> MainScreen:
        screen = self.app.screen
        assert isinstance(screen, MainScreen)
        return screen

    async def until(self, true: Callable[[], object], what: str = "") -> None:
        """Lets the app work until something is so."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while not true():
            assert asyncio.get_running_loop().time() < end, f"{what or 'it'} never came to be:\n{self.text()}"
            await self.pilot.pause()
        await self.pilot.pause()

    async def online(self) -> None:
        engine = lambda: self.app.session.engine  # noqa: E731
        await self.until(lambda: (e := engine()) is not None and e.health.link == "online")

    async def poll(self, seconds: float = 0.0) -> None:
        """Time goes by and the gateway is asked."""
        self.world.clock.now += seconds
        engine = self.app.session.engine
        assert engine is not None
        await engine.poll()
        await self.settled()

    async def settled(self) -> None:
        await self.until(lambda: not self.screen._pending_change)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*("space" if character == " " else character for character in text))

    async def paste(self, text: str) -> None:
        """Much quicker than typing, and what people do with lists of numbers."""
        self.app.post_message(events.Paste(text))
        await self.pilot.pause()
        await self.pilot.pause()

    def lines(self) -> list[str]:
        """The terminal's screen as text."""
        height = self.app.size.height
        strips = self.app.screen._compositor.render_strips()
        return [strip.text.rstrip() for strip in strips][:height]

    def text(self) -> str:
        return "\n".join(self.lines())


async def opened(run: Run) -> ComposeView:
    """The form for a new message."""
    await run.press("c")
    await run.until(lambda: run.screen.view == "compose")
    return run.screen.query_one(ComposeView)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.store.close()


def review(run: Run) -> Review:
    """The question that stands on the screen."""
    screen = run.app.screen
    assert isinstance(screen, Review)
    return screen
