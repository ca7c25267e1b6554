"""What real gateways do to a reader: outages, clocks that jump, pages cut short, rows out of any order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.sync.conftest import Clock, World
from tests.sync.hostile import HostileGateway
from voipe_tui.client import Endpoint, GatewayClient
from voipe_tui.sandbox import Sandbox
from voipe_tui.store import Message, NewMessage, Store
from voipe_tui.sync import Engine, Link

DAY = 86_400.0


@pytest.fixture
def gateway(clock: Clock) -> HostileGateway:
    return HostileGateway(clock)


@pytest.fixture
async def here(tmp_path: Path, clock: Clock, gateway: HostileGateway) -> AsyncIterator[World]:
    store = Store(tmp_path / "h.db", clock=clock)
    client = GatewayClient(Endpoint("https://gateway.invalid/api.php", "json", "u", "t"), asgi_app=gateway)
    yield (world := World(clock, Sandbox(clock=clock), tmp_path / "h.db", store, client, Engine(store, client)))
    await client.aclose()
    world.store.close()


async def read_all(world: World) -> None:
    """A poll, and all of the history."""
    await world.engine.poll()
    for reader in world.engine.readers.values():
        while await reader.backfill():
            pass


def stored(messages: list[Message]) -> list[int]:
    return sorted(message.gateway_id or 0 for message in messages)


def all_of(gateway: HostileGateway, op: str) -> list[int]:
    return list(range(1, gateway.ids[op] + 1))


async def test_an_outage_while_a_gap_is_filled_leaves_nothing_out_and_hammers_nobody(here: World, gateway, clock):
    gateway.add_many("ix", 120, clock() - 9 * DAY)
    await here.engine.poll()
    gateway.add_many("ix", 4_000, clock(), 0.25)
    down = [True]
    gateway.fault = lambda op, parameters: (
        500 if down[0] and (parameters.get("dt") or (op == "ix" and down[1:])) else None
    )
    before = gateway.requests["ix"]
    for _ in range(5):
        clock.now += 5
        assert not await here.engine.poll()
        down.append(True)
    assert gateway.requests["ix"] - before <= 30
    assert here.engine.health.link is Link.PARTLY
    down[0] = False
    await here.pass_time(60, step=20)
    await read_all(here)
    assert stored(here.inbox()) == all_of(gateway, "ix")


@pytest.mark.parametrize("status", [302, 403, 404, 429])
async def test_a_web_server_that_turns_us_away_is_not_asked_more_often_for_less(here: World, gateway, clock, status):
    gateway.add_many("ds", 300, clock() - DAY)
    await read_all(here)
    gateway.add_many("ds", 300, clock())
    gateway.fault = lambda op, parameters: status
    before = gateway.requests["ds"]
    for _ in range(3):
        clock.now += 60
        assert not await here.engine.poll()
    assert gateway.requests["ds"] - before <= 3
    gateway.fault = lambda op, parameters: None
    await here.pass_time(300, step=30)
    assert stored(here.outbox()) == all_of(gateway, "ds")


async def test_an_outage_in_the_history_skips_no_slice(here: World, gateway, clock):
    for days in range(400):
        gateway.add("ds", clock() - days * DAY)
    gateway.add("ds", clock() - 3_000 * DAY)
    await here.engine.poll()
    gateway.fault = lambda op, parameters: 500 if parameters.get("dt") else None
    before = gateway.requests["ds"]
    with pytest.raises(Exception, match="500"):
        await here.engine.outgoing.backfill()
    assert gateway.requests["ds"] - before <= 6
    gateway.fault = lambda op, parameters: None
    await read_all(here)
    assert stored(here.outbox()) == all_of(gateway, "ds")


async def test_rows_from_the_future_hide_nothing_that_comes_until_then(here: World, gateway, clock):
    gateway.add_many("ds", 300, clock())
    gateway.add("ds", clock() + 400 * DAY)
    await read_all(here)
    clock.now += 1_000
    gateway.add_many("ds", 500, clock())
    await here.pass_time(4)
    assert stored(here.outbox()) == all_of(gateway, "ds")


@pytest.mark.parametrize("cap", [10, 50, 100])
async def test_a_gateway_with_a_page_limit_of_its_own_is_read_whole(here: World, gateway, clock, cap: int):
    gateway.cap = cap
    gateway.ids["ds"] = 0
    gateway.add_many("ds", 300, clock(), 1_000.0)
    await read_all(here)
    assert stored(here.outbox()) == all_of(gateway, "ds")
    clock.now += DAY
    gateway.add_many("ds", 60, clock(), 600.0)
    await here.pass_time(4)
    assert stored(here.outbox()) == all_of(gateway, "ds")
    assert gateway.requests["ds"] < 400


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("op", ["ds", "ix"])
async def test_a_second_with_more_rows_than_a_page_is_read_whole(here: World, gateway, clock, op: str, order: int):
    gateway.cap, gateway.order = 50, order
    gateway.add_many(op, 20, clock() - 4_000, 60.0)
    for _ in range(300):
        gateway.add(op, clock() - 1_800)
    gateway.add_many(op, 80, clock() - 100, 10.0)
    await read_all(here)
    messages = here.outbox() if op == "ds" else here.inbox()
    assert stored(messages) == all_of(gateway, op)
    assert not here.store.facts.unreadable()
    asked = gateway.requests[op]
    for _ in range(5):
        await here.pass_time(300, step=10)
    assert gateway.requests[op] - asked < 300


@pytest.mark.parametrize("whole_program", [True, False], ids=["the app", "a command"])
async def test_a_message_leaves_while_a_crowded_second_is_read(here: World, gateway, clock, whole_program: bool):
    gateway.cap, gateway.turns = 50, 20
    gateway.lacks = {"query"}  # which would tell the highest ID before any list is read
    gateway.add_many("ds", 60, clock() - 3_600, 60.0)
    await read_all(here)
    for _ in range(600):
        gateway.add("ds", clock() + 100)
    clock.now += 300
    asked: list[str] = []

    def note(op: str, parameters: dict[str, str]) -> None:
        asked.append("crowd" if parameters.get("dst") else op)

    gateway.fault = note
    engine = here.new_engine()
    [message_id] = here.store.journal.submit([NewMessage("+972521110001", "Hello")])
    if whole_program:
        online = asyncio.Event()
        engine.subscribe(lambda health: online.set() if health.link is Link.ONLINE else None)
        running = asyncio.create_task(engine.run())
        async with asyncio.timeout(30):
            await online.wait()  # the first poll is over, crowd and all
        await engine.stop()
        await running
    else:
        await engine.drain()
        await engine.poll()
    assert here.message(message_id).status == "accepted"
    assert asked[asked.index("pv") :].count("crowd") > 50
    await here.pass_time(4)
    assert stored(here.outbox()) == all_of(gateway, "ds")


async def test_what_nothing_tells_apart_within_a_second_is_said_and_not_asked_for_in_a_loop(
    here: World, gateway, clock
):
    gateway.cap = 50
    for _ in range(120):
        gateway.add("ds", clock() - 1_800, to="+972521110001")
    gateway.add_many("ds", 80, clock() - 100, 10.0)
    await read_all(here)
    assert 80 + 50 <= len(here.outbox()) < 200
    assert here.store.facts.unreadable() == [("outgoing", gateway.shown(clock() - 1_800))]
    asked = gateway.requests["ds"]
    assert asked < 100
    await here.pass_time(7_200, step=10)
    assert gateway.requests["ds"] - asked < 200
    gateway.order = -1  # such rows can be read on from the last one
    clock.now += DAY
    await here.pass_time(20)
    assert stored(here.outbox()) == all_of(gateway, "ds")
    assert not here.store.facts.unreadable()


async def test_a_clock_that_goes_back_an_hour_hides_nothing(here: World, gateway, clock):
    gateway.add_many("ix", 150, clock())
    await read_all(here)
    gateway.offset -= 3_600
    clock.now += 400
    gateway.add_many("ix", 350, clock())
    await here.pass_time(4)
    assert stored(here.inbox()) == all_of(gateway, "ix")


async def test_a_row_that_shows_late_with_an_old_date_is_found(here: World, gateway, clock):
    gateway.add_many("ds", 150, clock() - 3_000)
    await read_all(here)
    gateway.add("ds", clock() - 1_200, visible_at=clock() + 100)
    gateway.add_many("ds", 150, clock())
    await here.pass_time(1_300, step=50)
    assert stored(here.outbox()) == all_of(gateway, "ds")


@pytest.mark.parametrize("op", ["ds", "ix", "in"])
async def test_what_is_no_date_is_never_taken_for_a_moment(here: World, gateway, clock, op: str):
    for odd in ("now", "5", "1.5", "12:30", "tomorrow", "2026-03-05T10:00:00Z", "\x1b[2J"):
        gateway.add(op, odd)
    gateway.add_many(op, 3, clock(), 30.0)
    await read_all(here)
    await here.pass_time(60)
    for source in ("outgoing", "inbox", "incoming"):
        here.store.gateway_rows.restamp(source, 7_200.0)
    messages = here.outbox() if op == "ds" else here.inbox()
    assert stored(messages) == all_of(gateway, op)
    assert {message.created_at for message in messages if message.gateway_id <= 7} == {None}


async def test_rows_without_a_date_are_read_too_and_stand_at_the_end(here: World, gateway, clock):
    for _ in range(3):
        gateway.add("ds", "0000-00-00 00:00:00")
        gateway.add("ds", "1970-01-01 02:00:00")
    gateway.add_many("ds", 250, clock(), 30.0)
    await read_all(here)
    assert stored(here.outbox()) == all_of(gateway, "ds")
    assert sorted(message.gateway_id for message in here.outbox()[-6:]) == [1, 2, 3, 4, 5, 6]


async def test_one_broken_list_keeps_nobody_from_the_others(here: World, gateway, clock):
    await here.pass_time(4)
    gateway.fault = lambda op, parameters: 500 if op == "ix" else None
    gateway.add("in", clock())
    message_id = await here.send()
    clock.now += 5
    gateway.add_many("ix", 1, clock())
    before = gateway.requests["ix"]
    await here.pass_time(60)
    assert stored(here.inbox()) == [1]
    assert here.message(message_id).status == "delivered"
    assert here.engine.health.link is Link.PARTLY, "somebody is told"
    assert here.engine.health.sentence.startswith(
        "The inbox (ix) cannot be read: gateway.invalid had an internal error"
    )
    assert gateway.requests["ix"] - before <= 12
    gateway.fault = lambda op, parameters: None
    await here.pass_time(300, step=30)
    assert here.engine.health.link is Link.ONLINE
    assert len(here.inbox()) == 2


@pytest.mark.parametrize("gone", [{"query"}, {"query", "cr"}])
@pytest.mark.parametrize("known", [True, False])
async def test_operations_that_vanish_keep_nobody_from_reading_and_sending(here: World, gateway, gone, known):
    if known:
        await here.pass_time(4)
    gateway.lacks = gone
    gateway.add("ix", here.clock())
    message_id = await here.send()
    await here.pass_time(10)
    here.restart()
    await here.pass_time(10)
    assert here.engine.health.link is Link.ONLINE
    assert here.message(message_id).status == "delivered"
    assert len(here.inbox()) == 1


@pytest.mark.parametrize("piece", [1, 24, 99])
@pytest.mark.parametrize("hours", [1, -1])
async def test_another_zone_of_the_account_doubles_nothing_and_hides_nothing(
    here: World, gateway, clock, monkeypatch, hours: int, piece: int
):
    for name in ("_LEAST_PIECE", "_LARGEST_PIECE"):
        monkeypatch.setattr(f"voipe_tui.sync.reader.{name}", piece)
    here.new_engine()
    gateway.add_many("ix", 130, clock(), 60.0)
    gateway.add_many("ds", 130, clock(), 60.0)
    await read_all(here)
    gateway.add("ix", clock())
    await here.pass_time(4)  # the zone is learned
    here.store.triage.set_read([message.id for message in here.inbox()], True)
    places = {message.id: message.sort_at for message in here.inbox()}
    gateway.offset += hours * 3_600
    for rows in gateway.rows.values():
        for row in rows:
            moment = datetime.fromisoformat(row["dt"]) + timedelta(hours=hours)
            row["dt"] = moment.isoformat(" ")
    clock.now += 400
    new = gateway.add("ix", clock())
    await here.pass_time(8)
    clock.now += 400
    gateway.add_many("ix", 250, clock())
    await here.pass_time(8)
    assert stored(here.inbox()) == all_of(gateway, "ix")
    assert stored(here.outbox()) == all_of(gateway, "ds")
    assert here.store.counts().unread == 251
    assert {message.epoch for message in here.inbox()} == {1}
    now_at = {message.id: message.sort_at for message in here.inbox()}
    assert {row_id: now_at[row_id] for row_id in places} == places
    [first] = [message for message in here.inbox() if message.gateway_id == new]
    assert first.created_at is not None
    assert abs(first.created_at - (clock() - 416)) < 20


@pytest.mark.parametrize("hours", [9, -1])
async def test_a_list_of_one_message_is_not_doubled_by_another_zone(here: World, gateway, clock, hours: int):
    for op in ("ix", "ds"):
        gateway.add(op, clock() - 2 * DAY)
    await read_all(here)
    places = [(message.id, message.sort_at) for message in (*here.inbox(), *here.outbox())]
    gateway.offset += hours * 3_600
    for rows in gateway.rows.values():
        for row in rows:
            row["dt"] = (datetime.fromisoformat(row["dt"]) + timedelta(hours=hours)).isoformat(" ")
    here.restart()
    clock.now += 400
    await here.pass_time(70)
    assert [(message.id, message.sort_at) for message in (*here.inbox(), *here.outbox())] == places
    gateway.add("ix", clock())
    gateway.add("ds", clock())
    await here.pass_time(70)
    assert stored(here.inbox()) == all_of(gateway, "ix")
    assert stored(here.outbox()) == all_of(gateway, "ds")


async def test_no_row_is_placed_in_the_future_while_the_zone_is_unknown(here: World, gateway, clock):
    gateway.offset = 7 * 3_600
    gateway.add("ds", clock() - 5 * 3_600)
    gateway.add("ds", clock() - 600)
    gateway.add("ds", clock() + 300 * DAY)  # no zone explains that
    await here.engine.poll()
    places = {message.gateway_id: message.sort_at for message in here.outbox()}
    assert places[2] <= clock()
    assert places[1] <= clock() - 4 * 3_600


@pytest.mark.parametrize(
    "answer", [b'{"status":"ERR"}', b'{"data":[{"status":"ERR","to":""}]}'], ids=["whole", "entry"]
)
async def test_an_error_without_a_code_is_looked_up_and_never_called_a_refusal(here: World, gateway, clock, answer):
    gateway.spoil = lambda op, body: answer if op == "pv" else body
    message_id = await here.send()
    message = here.message(message_id)
    assert message.status == "unknown"
    assert message.note is not None
    assert "without a code" in message.note or "no code" in message.note
    await here.pass_time(10)
    assert here.message(message_id).status == "delivered"
    assert len(here.outbox()) == 1
