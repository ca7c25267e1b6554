"""A gateway that is down, overloaded or too weak for a page: few requests, and all of it at once when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email.utils import formatdate
from pathlib import Path
from random import Random

import pytest

from tests.sync.conftest import Clock, World
from tests.sync.hostile import HostileGateway
from voipe_tui.client import Endpoint, GatewayClient
from voipe_tui.client.exchange import seconds_of
from voipe_tui.sandbox import Sandbox
from voipe_tui.store import NewMessage, Store
from voipe_tui.sync import Engine, Link

DAY = 86_400.0


@pytest.fixture
def gateway(clock: Clock) -> HostileGateway:
    return HostileGateway(clock)


@pytest.fixture
async def here(tmp_path: Path, clock: Clock, gateway: HostileGateway) -> AsyncIterator[World]:
    store = Store(tmp_path / "h.db", clock=clock)
    client = GatewayClient(Endpoint("https://gateway.invalid/api.php", "json", "u", "t"), asgi_app=gateway)
    yield (
        world := World(
            clock, Sandbox(clock=clock), tmp_path / "h.db", store, client, Engine(store, client, random=Random(1))
        )
    )
    await client.aclose()
    world.store.close()


async def read_all(world: World) -> None:
    await world.engine.poll()
    for reader in world.engine.readers.values():
        while await reader.backfill():
            pass


def known(world: World) -> list[int]:
    return sorted(message.gateway_id or 0 for message in world.outbox())


@pytest.mark.parametrize(("status", "most"), [(503, 2), (429, 2), (502, 2), (504, 2), (500, 5)])
@pytest.mark.parametrize("lacks", [frozenset(), frozenset({"query"})])
async def test_a_whole_day_of_outage_meets_few_requests_and_ends_at_once(
    here: World, gateway, clock, status: int, most: int, lacks: frozenset[str]
):
    gateway.lacks = set(lacks)
    gateway.add_many("ds", 300, clock() - DAY)
    await read_all(here)
    gateway.add_many("ds", 500, clock() + DAY, 100.0)
    gateway.fault = lambda op, parameters: status
    end, polls, before = clock() + DAY, 0, gateway.requests.total()
    while clock() < end:
        assert not await here.engine.poll()
        polls += 1
        if polls == 3:
            settled = gateway.requests.total()
        clock.now += here.engine.pace.next_delay(moving=False)
    assert here.engine.health.link is Link.OFFLINE
    assert settled - before <= 18
    assert 288 <= polls <= 600  # every 300 s at most, with jitter
    assert gateway.requests.total() - settled <= most * (polls - 3) + 8
    gateway.fault = lambda op, parameters: None
    for _ in range(3):
        await here.engine.poll()
    assert here.engine.health.link is Link.ONLINE
    assert known(here) == list(range(1, 801))


async def test_a_gateway_that_asks_to_be_left_alone_is(here: World, gateway, clock):
    await here.engine.poll()
    gateway.fault, gateway.retry_after = lambda op, parameters: 503, "120"
    assert not await here.engine.poll()
    assert here.engine.pace.next_delay(moving=True) == 120.0
    gateway.retry_after = "86400"
    assert not await here.engine.poll()
    assert here.engine.pace.next_delay(moving=True) == 300.0  # a day would be beyond reason
    gateway.fault = lambda op, parameters: None
    here.engine.refresh_now()
    assert await here.engine.poll()
    assert here.engine.pace.next_delay(moving=True) < 5


async def test_a_list_that_asks_for_a_rest_by_itself_gets_one(here: World, gateway, clock):
    await here.engine.poll()
    gateway.add("ds", clock())
    gateway.add("ix", clock())
    gateway.fault, gateway.retry_after = lambda op, parameters: 503 if op == "ds" else None, "60"
    before = gateway.requests["ds"]
    for _ in range(10):
        await here.engine.poll()
        clock.now += 5
    assert gateway.requests["ds"] - before == 1
    assert here.engine.health.link is Link.PARTLY
    assert len(here.inbox()) == 1


def test_a_moment_to_come_back_is_read_by_the_servers_own_clock():
    assert seconds_of("30", "") == 30.0
    assert seconds_of(formatdate(1_000_090, usegmt=True), formatdate(1_000_000, usegmt=True)) == 90.0
    assert seconds_of(formatdate(1_000_000, usegmt=True), formatdate(1_000_090, usegmt=True)) == 0.0
    for nonsense in ("", "soon", "-5", "٣", "9" * 40, formatdate(1_000_090, usegmt=True)):
        assert seconds_of(nonsense, "") is None


async def test_an_overloaded_front_leaves_one_message_in_doubt_and_not_the_queue(here: World, gateway, clock):
    await here.engine.poll()
    gateway.fault, gateway.retry_after = lambda op, parameters: 503 if op == "pv" else None, "30"
    here.engine.sender._concurrency = 1
    here.store.journal.submit([NewMessage(number=f"+97252111000{n}", text="Hello") for n in range(5)])
    await here.engine.drain()
    assert gateway.requests["pv"] == 1
    assert sorted(message.status for message in here.outbox()) == ["queued"] * 4 + ["unknown"]
    gateway.fault = lambda op, parameters: None
    clock.now += 31
    await here.engine.drain()
    assert gateway.requests["pv"] == 5


async def test_a_server_too_weak_for_a_page_is_asked_for_what_it_bears(here: World, gateway, clock):
    gateway.fault = lambda op, parameters: 500 if int(parameters.get("c") or 100) > 300 else None
    gateway.add_many("ds", 3_000, clock(), 3_000.0)
    await read_all(here)
    assert known(here) == list(range(1, 3_001))
    assert gateway.requests["ds"] <= 150


async def test_leaving_while_a_list_is_read_leaves_no_request_behind(tmp_path: Path, clock: Clock, gateway):
    began, never = asyncio.Event(), asyncio.Event()

    async def stuck(scope, receive, send):
        began.set()
        await never.wait()

    store = Store(tmp_path / "h.db", clock=clock)
    client = GatewayClient(Endpoint("https://gateway.invalid/api.php", "json", "u", "t"), asgi_app=stuck)
    engine = Engine(store, client)
    running = asyncio.create_task(engine.run())
    await began.wait()
    await engine.stop()
    await asyncio.sleep(0)
    assert running.done()
    await client.aclose()
    store.close()
