"""Batches: bounded, steerable, surviving a death at any point without repeating a recipient."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from tests.sync.conftest import World
from voipe_tui.sandbox import Sandbox
from voipe_tui.store import NewMessage
from voipe_tui.store.bulks import BulkState


def orders(count: int, start: int = 0) -> list[NewMessage]:
    return [NewMessage(f"+97252{index:07d}", f"Hello {index}") for index in range(start, start + count)]


def start(world: World, count: int, **more: float) -> int:
    bulk_id = world.store.bulks.begin("list.csv", rate=more.pop("rate", None))
    for first in range(0, count, 50):
        world.store.bulks.add(bulk_id, orders(min(50, count - first), first))
    world.store.bulks.start(bulk_id, **more)
    return bulk_id


def accepted(world: World) -> Counter[str]:
    return Counter(each.number for each in world.sandbox.gateway.accepted)


def state(world: World, bulk_id: int) -> BulkState:
    bulk = world.store.bulks.get(bulk_id)
    assert bulk is not None
    return bulk.state


async def test_a_batch_goes_out_once_each_and_ends_with_its_counts(world: World):
    bulk_id = start(world, 120)
    await world.engine.drain()
    assert len(accepted(world)) == 120
    assert set(accepted(world).values()) == {1}
    assert state(world, bulk_id) is BulkState.DONE
    await world.pass_time(60)
    progress = world.store.bulks.progress(bulk_id)
    assert progress is not None
    assert (progress.by_status, progress.settled, progress.bulk.total) == ({"delivered": 120}, 120, 120)


async def test_a_batch_that_is_still_being_filled_sends_nothing(world: World):
    bulk_id = world.store.bulks.begin("list.csv")
    world.store.bulks.add(bulk_id, orders(10))
    await world.engine.drain()
    world.restart()
    await world.engine.drain()
    assert accepted(world) == {}
    assert [bulk.id for bulk in world.store.bulks.open()] == [bulk_id]


async def test_the_whole_batch_is_held_once(world: World):
    bulk_id = start(world, 5, hold_seconds=5)
    await world.engine.drain()
    assert accepted(world) == {}
    world.clock.now += 5
    await world.engine.drain()
    assert len(accepted(world)) == 5
    assert state(world, bulk_id) is BulkState.DONE


async def test_a_batch_that_was_held_through_a_long_sleep_waits_for_a_person(world: World):
    bulk_id = start(world, 5, hold_seconds=5)
    world.clock.now += 8 * 3600
    await world.engine.drain()
    assert accepted(world) == {}
    assert state(world, bulk_id) is BulkState.PAUSED
    assert world.store.bulks.resume(bulk_id)
    await world.engine.drain()
    assert len(accepted(world)) == 5


async def test_a_batch_held_by_a_program_that_ended_waits_for_a_person(world: World):
    bulk_id = start(world, 5, hold_seconds=5)
    world.restart()
    world.clock.now += 60
    await world.engine.drain()
    assert accepted(world) == {}
    assert world.store.bulks.resume(bulk_id)
    await world.engine.drain()
    assert len(accepted(world)) == 5


async def test_pause_resume_and_cancel(world: World):
    await world.engine.poll()
    bulk_id = start(world, 40)
    for _ in range(3):
        world.engine.sender.start_due()
        await world.engine.sender.stop(grace=5)
    assert world.store.bulks.pause(bulk_id, "Paused by you.")
    await world.engine.drain()
    before = len(accepted(world))
    assert 0 < before < 40
    assert world.store.bulks.resume(bulk_id)
    world.engine.sender.start_due()
    await world.engine.sender.stop(grace=5)
    assert world.store.bulks.cancel(bulk_id)
    while world.store.bulks.cancel_some(bulk_id, limit=7):
        pass
    await world.engine.drain()
    progress = world.store.bulks.progress(bulk_id)
    assert progress is not None
    sent = len(accepted(world))
    assert progress.by_status.get("cancelled") == 40 - sent
    assert progress.waiting == 0
    assert set(accepted(world).values()) == {1}


async def test_a_batch_goes_on_after_a_restart_without_repeating_anybody(world: World):
    await world.engine.poll()
    bulk_id = start(world, 60)
    world.sandbox.faults.on("lost-after:pv:3")
    for _ in range(5):
        world.engine.sender.start_due()
        await world.engine.sender.stop(grace=5)
        world.restart()
        await world.engine.poll()
        world.engine.sender.start_due()
        assert state(world, bulk_id) is BulkState.PAUSED, "it waits for a person's word"
        assert world.store.bulks.resume(bulk_id)
    await world.engine.drain()
    await world.pass_time(60)
    assert len(accepted(world)) == 60
    assert set(accepted(world).values()) == {1}
    progress = world.store.bulks.progress(bulk_id)
    assert progress is not None
    assert progress.by_status == {"delivered": 60}
    assert progress.bulk.state is BulkState.DONE


async def test_a_clock_that_is_set_back_does_not_hold_a_rated_batch_up(world: World):
    await world.pass_time(4)
    start(world, 20, rate=2.0)
    await world.engine.drain()
    before = len(accepted(world))
    world.clock.now -= 3_600
    await world.engine.drain()
    due = world.engine.sender.next_start()
    assert due is not None
    assert due - world.clock.now <= 0.5, "looked at again as soon as the rate allows"
    for _ in range(4):
        world.clock.now += 0.5
        await world.engine.drain()
    assert before < len(accepted(world)) <= before + 5


async def test_the_rate_is_kept(world: World):
    await world.engine.poll()
    start(world, 50, rate=2.0)
    for second in range(1, 6):
        world.clock.now += 1
        await world.engine.drain()
        assert len(accepted(world)) <= 2 * second + 3
    assert len(accepted(world)) >= 9
    due = world.engine.sender.next_start()
    assert due is not None
    assert 0 < due - world.clock.now <= 0.5


@pytest.mark.parametrize("version", ["1.4.3", "1.4.7"])
async def test_a_batch_stops_by_itself_when_the_credit_runs_out(world: World, version):
    world.use(Sandbox(version, seed=3, clock=world.clock))
    await world.engine.poll()
    bulk_id = start(world, 100)
    world.engine.sender.start_due()
    await world.engine.sender.stop(grace=5)
    world.sandbox.faults.on("no-credit")
    await world.pass_time(2)
    await world.engine.drain()
    bulk = world.store.bulks.get(bulk_id)
    assert bulk is not None
    assert (bulk.state, bulk.reason) == (BulkState.PAUSED, "The account has no credit left.")
    assert world.store.bulks.progress(bulk_id).waiting == 96


@pytest.mark.parametrize("version", ["1.4.3", "1.4.7"])
async def test_the_credit_is_asked_for_when_the_gateway_refuses_without_a_reason(world: World, version):
    world.use(Sandbox(version, seed=3, clock=world.clock))
    await world.engine.poll()
    bulk_id = start(world, 100)
    world.sandbox.faults.on("no-credit")
    await world.engine.drain()
    bulk = world.store.bulks.get(bulk_id)
    assert bulk is not None
    assert (bulk.state, bulk.reason) == (BulkState.PAUSED, "The account has no credit left.")
    assert world.store.bulks.progress(bulk_id).waiting == 96


async def test_credit_that_does_not_pay_for_one_more_message_stops_a_batch(world: World):
    world.use(Sandbox("1.4.3", seed=3, clock=world.clock))
    await world.engine.poll()
    account = next(each for each in world.sandbox.gateway.accounts.values() if each.rate > 0 and each.credit > 0)
    account.credit = account.rate / 2
    world.store.charges.set_price(str(account.rate))
    bulk_id = start(world, 100)
    await world.engine.drain()
    bulk = world.store.bulks.get(bulk_id)
    assert bulk is not None
    assert bulk.state is BulkState.PAUSED
    assert "does not pay for a message" in bulk.reason
    assert world.store.bulks.progress(bulk_id).waiting == 96


@pytest.mark.parametrize("version", ["1.4.3", "1.4.7", "1.4.8"])
async def test_an_account_that_is_not_charged_and_says_0_asks_once_and_sends_its_batches(world: World, version):
    world.use(Sandbox(version, seed=3, clock=world.clock))
    for account in world.sandbox.gateway.accounts.values():
        account.credit = account.rate = Decimal(0)
    await world.engine.poll()
    asked = start(world, 20)
    await world.engine.drain()
    assert (state(world, asked), len(accepted(world))) == (BulkState.PAUSED, 0)
    assert world.store.bulks.resume(asked)
    await world.engine.drain()
    assert (state(world, asked), len(accepted(world))) == (BulkState.DONE, 20)
    await world.pass_time(30)
    again = world.store.bulks.begin("more.csv")
    world.store.bulks.add(again, orders(20, start=100))
    world.store.bulks.start(again)
    await world.engine.drain()
    assert (state(world, again), len(accepted(world))) == (BulkState.DONE, 40)


async def test_a_batch_stops_by_itself_when_the_login_is_refused(world: World):
    await world.engine.poll()
    bulk_id = start(world, 100)
    world.sandbox.faults.on("wrong-token:pv")
    await world.engine.drain()
    bulk = world.store.bulks.get(bulk_id)
    assert bulk is not None
    assert bulk.state is BulkState.PAUSED
    assert world.store.bulks.progress(bulk_id).waiting == 100
    world.sandbox.faults.clear()
    world.engine.refresh_now()
    world.store.bulks.resume(bulk_id)
    world.clock.now += 30
    await world.engine.drain()
    assert len(accepted(world)) == 100


async def test_a_batch_stops_when_one_outcome_after_the_other_is_uncertain(world: World):
    await world.engine.poll()
    bulk_id = start(world, 100)
    world.sandbox.faults.on("http500:pv")
    await world.engine.drain()
    progress = world.store.bulks.progress(bulk_id)
    assert progress is not None
    assert progress.bulk.state is BulkState.PAUSED
    assert 10 <= progress.by_status["unknown"] <= 14


async def test_a_batch_stops_when_one_after_the_other_is_refused(world: World):
    await world.engine.poll()
    bulk_id = start(world, 30)
    guard = world.engine.sender.bulks
    while claimed := world.store.journal.claim(1, bulk=bulk_id):
        world.store.journal.refuse(claimed[0], 200, "no")
        guard.after(claimed[0])
    bulk = world.store.bulks.get(bulk_id)
    assert bulk is not None
    assert (bulk.state, bulk.reason) == (BulkState.PAUSED, "20 in a row were refused; the failures say why.")
    assert world.store.bulks.progress(bulk_id).waiting == 10


async def test_without_a_connection_the_batch_waits_as_a_whole(world: World):
    await world.engine.poll()
    bulk_id = start(world, 100)
    world.sandbox.faults.on("down")
    await world.engine.drain()
    progress = world.store.bulks.progress(bulk_id)
    assert progress is not None
    assert (progress.waiting, progress.bulk.state) == (100, BulkState.RUNNING)
    world.sandbox.faults.clear()
    world.clock.now += 20
    await world.engine.drain()
    assert len(accepted(world)) == 100


async def test_single_messages_do_not_wait_behind_a_batch(world: World):
    await world.engine.poll()
    start(world, 100)
    world.engine.sender.start_due()
    world.store.journal.submit([NewMessage("+972521110001", "urgent")])
    await world.engine.sender.stop(grace=5)
    world.engine.sender.start_due()
    await world.engine.sender.stop(grace=5)
    assert "urgent" in {each.text for each in world.sandbox.gateway.accepted}


async def test_a_batch_whose_last_ones_died_on_the_wire_ends(world: World):
    await world.engine.poll()
    bulk_id = start(world, 3)
    assert len(world.store.journal.claim(3, bulk=bulk_id)) == 3
    world.restart()
    await world.engine.drain()
    assert world.store.bulks.resume(bulk_id)
    await world.engine.drain()
    assert state(world, bulk_id) is BulkState.DONE
    assert accepted(world) == {}
