"""What a person's word, the start without a gateway, and clocks that jump do to what is to be sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.sync.conftest import World
from voipe_tui.client.models import SendEntry, SendReply
from voipe_tui.errors import RefusedError
from voipe_tui.store import NewMessage
from voipe_tui.store.bulks import BulkState


async def test_going_on_lifts_the_lock_of_a_refused_login(world: World):
    await world.engine.poll()
    world.sandbox.faults.on("wrong-token")
    bulk = world.store.bulks.begin("list.csv")
    world.store.bulks.add(bulk, [NewMessage(f"+97252111000{n}", "Hi") for n in range(3)])
    world.store.bulks.start(bulk)
    await world.engine.drain()
    assert world.store.bulks.get(bulk).state is BulkState.PAUSED  # type: ignore[union-attr]
    world.sandbox.faults.clear()
    world.store.bulks.resume(bulk)
    world.engine.go_on()
    await world.engine.drain()
    assert len(world.sandbox.gateway.accepted) == 3


async def test_a_batch_that_is_begun_while_locked_out_says_why_it_waits(world: World):
    world.engine.sender.lock_out()
    bulk = world.store.bulks.begin("list.csv")
    world.store.bulks.add(bulk, [NewMessage("+972521110001", "Hi")])
    world.store.bulks.start(bulk)
    world.engine.sender.start_due()
    found = world.store.bulks.get(bulk)
    assert found is not None
    assert (found.state, found.reason) == (BulkState.PAUSED, "The gateway does not let this account in.")


async def test_offline_at_the_start_a_hold_passes_and_it_is_queued(world: World):
    world.sandbox.faults.on("down")
    [row] = world.store.journal.submit([NewMessage("+972521110001", "Hi")], hold_seconds=5)
    await world.engine.poll()
    world.clock.now += 6
    await world.engine._start_due()
    assert world.message(row).status == "queued"
    world.sandbox.faults.clear()
    await world.engine.poll()
    await world.engine._start_due()
    await world.engine.sender.drain()
    assert world.message(row).status == "accepted"


async def test_a_clock_that_is_set_back_keeps_nothing_waiting(world: World):
    await world.engine.poll()
    [row] = world.store.journal.submit([NewMessage("+972521110001", "Hi")], hold_seconds=5)
    world.sandbox.faults.on("down")
    other = await world.send("+972521110002")
    world.sandbox.faults.clear()
    world.clock.now -= 7_200
    world.engine.sender.start_due()
    intent = world.store.journal.of_message(row)
    assert intent is not None
    assert intent.not_before == world.clock.now + 5
    world.clock.now += 5
    await world.engine.drain()
    assert {world.message(each).status for each in (row, other)} == {"accepted"}


@pytest.mark.parametrize(("code", "status"), [(999, "unknown"), (501, "unknown"), (203, "refused")])
async def test_an_error_code_that_says_nothing_of_sending_leaves_it_unknown(world: World, monkeypatch, code, status):
    async def answer(*_: object, **__: object) -> SendReply:
        if status == "unknown":
            return SendReply((SendEntry(False, code, None, "", ""),), None)
        raise RefusedError("No. Nothing was sent.", code=code)

    monkeypatch.setattr(world.engine.sender, "_transmit", answer)
    message = world.message(await world.send())
    assert message.status == status
    assert message.note is not None
    assert ("Nothing was sent" in message.note) == (status == "refused")


async def test_an_answer_without_an_id_makes_no_second_row(world: World, monkeypatch):
    transmit = world.engine.sender._transmit

    async def answer(*values: object, **more: object) -> SendReply:
        reply = await transmit(*values, **more)  # type: ignore[arg-type]
        return replace(reply, entries=tuple(replace(each, smslog_id=None) for each in reply.entries))

    monkeypatch.setattr(world.engine.sender, "_transmit", answer)
    row = await world.send()
    assert world.message(row).status == "accepted"
    for _ in range(10):
        await world.pass_time(2)
        assert [each.id for each in world.outbox()] == [row]
    assert world.message(row).status == "delivered"


async def test_the_clock_of_the_gateway_is_learned_from_its_answers(world: World):
    await world.engine.poll()
    world.engine._lookup.heard(int(world.clock.now) - 420)
    world.sandbox.faults.on("lost-after:pv:1")
    row = await world.send()
    await world.pass_time(30)
    assert world.message(row).status == "delivered"  # the sandbox's clock is right: the next answer says so
    assert world.store.facts.get("clock.ahead") is None
