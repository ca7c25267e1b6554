"""A real engine on a real store, talking to a sandbox in the same process; time moves only when a test says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from voipe_tui.client import Endpoint, GatewayClient
from voipe_tui.sandbox import Sandbox
from voipe_tui.store import Message, NewMessage, Store, View
from voipe_tui.sync import Engine, SyncSettings


class Clock:
    def __init__(self, now: float = 1_795_342_800.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """A program and its gateway."""

    clock: Clock
    sandbox: Sandbox
    path: Path
    store: Store
    client: GatewayClient
    engine: Engine

    async def pass_time(self, seconds: float, step: float = 2.0) -> None:
        """Lets time go by, polling as a running program does."""
        end = self.clock.now + seconds
        while self.clock.now < end:
            self.clock.now = min(end, self.clock.now + step)
            await self.engine.poll()

    async def send(self, number: str = "+972521110001", text: str = "Hello", **more: object) -> int:
        [message_id] = self.store.journal.submit([NewMessage(number=number, text=text, **more)])  # type: ignore[arg-type]
        await self.engine.drain()
        return message_id

    def message(self, message_id: int) -> Message:
        found = self.store.messages.one(message_id)
        assert found is not None
        return found

    def outbox(self, limit: int = 100_000) -> list[Message]:
        return self.store.page(View(direction="out"), limit=limit)

    def inbox(self, limit: int = 100_000) -> list[Message]:
        return self.store.page(View(direction="in"), limit=limit)

    def new_engine(self, **settings: object) -> Engine:
        self.engine = Engine(self.store, self.client, SyncSettings(**settings), random=Random(1))  # type: ignore[arg-type]
        return self.engine

    def restart(self) -> None:
        """The program ends and is started again on the same database."""
        self.store.close()
        self.store = Store(self.path, clock=self.clock)
        self.new_engine()

    def use(self, sandbox: Sandbox) -> None:
        """Another server, a new database."""
        self.sandbox = sandbox
        self.client = client_for(sandbox)
        self.store.close()
        self.path = self.path.with_name(f"{self.path.stem}x.db")
        self.store = Store(self.path, clock=self.clock)
        self.new_engine()


def client_for(sandbox: Sandbox) -> GatewayClient:
    facts = sandbox.describe()
    return GatewayClient(Endpoint(facts.json_url, "json", facts.username, facts.token), asgi_app=sandbox.app)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def world(tmp_path: Path, clock: Clock) -> AsyncIterator[World]:
    sandbox = Sandbox("1.4.7", seed=1, clock=clock)
    store = Store(tmp_path / "vip.db", clock=clock)
    client = client_for(sandbox)
    world = World(clock, sandbox, tmp_path / "vip.db", store, client, Engine(store, client, random=Random(1)))
    yield world
    await world.client.aclose()
    world.store.close()
