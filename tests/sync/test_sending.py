"""Sending through a real gateway's habits: true states, nothing doubled, nothing lost."""

from __future__ import annotations

import pytest

from tests.sync.conftest import World
from voipe_tui.sandbox import Sandbox
from voipe_tui.store import NewMessage
from voipe_tui.sync import Link

UNCERTAIN_TAKEN = ["lost-after:pv", "http500-after:pv", "empty-after:pv", "html-after:pv", "broken-json:pv"]
UNCERTAIN_NOT_TAKEN = ["lost-before:pv", "http500:pv", "empty:pv", "html:pv"]


async def test_a_message_is_accepted_then_delivered(world: World):
    message_id = await world.send()
    assert world.message(message_id).status == "accepted"
    seen = []
    for _ in range(20):
        await world.pass_time(1, step=1)
        if world.message(message_id).status not in seen:
            seen.append(world.message(message_id).status)
    assert seen[-1] == "delivered"
    assert set(seen) <= {"accepted", "pending", "sent", "delivered"}
    assert len(world.outbox()) == 1
    assert len(world.sandbox.gateway.accepted) == 1


@pytest.mark.parametrize("version", ["1.4.3", "1.4.7", "1.4.8"])
@pytest.mark.parametrize(
    "text", ['He said "hi" \\o/ <b>bold</b> & 5<6', "שלום עולם", "line1\nline2", "א" * 300, "x" * 500, "🎉 party"]
)
async def test_whatever_the_gateway_makes_of_the_text_it_stays_one_message(world: World, version, text):
    world.use(Sandbox(version, seed=3, clock=world.clock))
    message_id = await world.send(text=text)
    await world.pass_time(30)
    [message] = world.outbox()
    assert (message.id, message.text, message.status) == (message_id, text, "delivered")


@pytest.mark.parametrize("fault", UNCERTAIN_TAKEN)
@pytest.mark.parametrize("version", ["1.4.3", "1.4.7", "1.4.8"])
async def test_a_lost_answer_to_a_message_that_was_taken_is_found(world: World, fault, version):
    world.use(Sandbox(version, seed=3, clock=world.clock))
    world.sandbox.faults.on(fault + ":1")
    message_id = await world.send(text='שלום "עולם" \\ <b>!</b>')
    assert world.message(message_id).status == "unknown"
    await world.pass_time(30)
    message = world.message(message_id)
    assert message.status == "delivered"
    assert len(world.outbox()) == 1
    assert len(world.sandbox.gateway.accepted) == 1


@pytest.mark.parametrize("fault", UNCERTAIN_NOT_TAKEN)
async def test_a_lost_request_stays_unknown_and_is_never_sent_by_itself(world: World, fault):
    world.sandbox.faults.on(fault + ":1")
    message_id = await world.send()
    assert world.message(message_id).status == "unknown"
    await world.pass_time(700, step=5)
    message = world.message(message_id)
    assert message.status == "unknown"
    assert message.note is not None
    assert message.note.startswith("Not seen at the gateway after")
    assert world.sandbox.gateway.accepted == []


async def test_ten_equal_messages_with_lost_answers_are_all_found_once(world: World):
    world.sandbox.faults.on("lost-after:pv:10")
    for _ in range(10):
        await world.send(text="same")
    await world.pass_time(60)
    assert [message.status for message in world.outbox()] == ["delivered"] * 10
    assert len({message.gateway_id for message in world.outbox()}) == 10


async def test_answers_that_came_together_are_stored_with_the_next_claims(world: World):
    """Waiting for the disk is most of what sending costs here."""
    await world.engine.poll()
    world.store.journal.submit([NewMessage(f"+97252111{n:04d}", "Hello") for n in range(40)])
    said: list[str] = []
    world.store._db.connection.set_trace_callback(said.append)
    await world.engine.drain()
    world.store._db.connection.set_trace_callback(None)
    assert sum(each == "COMMIT" for each in said) <= 40 / world.engine.settings.concurrency + 1
    assert [message.status for message in world.outbox()] == ["accepted"] * 40
    assert len(world.sandbox.gateway.accepted) == 40


async def test_an_answer_that_cannot_be_stored_takes_no_other_along(world: World):
    await world.engine.poll()
    first, second = world.store.journal.submit([NewMessage(f"+97252111000{n}", "Hello") for n in (1, 2)])
    world.engine.sender.start_due()
    intent = world.store.journal.of_message(first)
    assert intent is not None
    world.store.journal.refuse(intent, 1, "Another program was quicker, against all rules.")
    await world.engine.drain()
    assert (world.message(first).status, world.message(second).status) == ("refused", "accepted")


async def test_no_connection_is_a_clean_not_sent_and_is_tried_again(world: World):
    await world.engine.poll()
    world.sandbox.faults.on("down")
    message_id = await world.send()
    message = world.message(message_id)
    assert message.status == "queued"
    assert message.note is not None
    assert message.note.startswith("Not sent yet")
    assert world.engine.health.link is Link.OFFLINE
    world.sandbox.faults.clear()
    world.clock.now += 10
    await world.engine.drain()
    await world.pass_time(30)
    assert world.message(message_id).status == "delivered"
    assert len(world.sandbox.gateway.accepted) == 1


async def test_a_wrong_token_sends_nothing_and_waits_for_a_person(world: World):
    await world.engine.poll()
    world.sandbox.faults.on("wrong-token")
    message_id = await world.send()
    assert world.message(message_id).status == "queued"
    await world.engine.poll()
    assert world.engine.health.link is Link.LOCKED_OUT
    world.clock.now += 1000
    await world.engine.drain()
    assert world.message(message_id).status == "queued"
    world.sandbox.faults.clear()
    world.engine.refresh_now()
    await world.engine.drain()
    assert world.message(message_id).status == "accepted"


@pytest.mark.parametrize(("version", "expected"), [("1.4.3", "refused"), ("1.4.7", "unknown")])
async def test_a_refusal_says_what_is_known(world: World, version, expected):
    world.use(Sandbox(version, seed=3, clock=world.clock))
    world.sandbox.faults.on("no-credit")
    message_id = await world.send()
    message = world.message(message_id)
    assert message.status == expected
    if expected == "refused":
        assert message.note is not None
        assert "no credit" in message.note


async def test_a_group_ends_as_a_row_per_member(world: World):
    await world.send("#TEAM", kind="group")
    await world.pass_time(30)
    assert sorted(message.number for message in world.outbox()) == ["+972521110003", "0521110001", "0521110002"]
    assert {message.status for message in world.outbox()} == {"delivered"}


async def test_a_group_whose_answer_was_lost_is_found_whole(world: World):
    world.sandbox.faults.on("lost-after:pv:1")
    await world.send("#TEAM", kind="group", text="Meeting at nine")
    await world.pass_time(30)
    assert sorted(message.number for message in world.outbox()) == ["+972521110003", "0521110001", "0521110002"]
    assert {message.status for message in world.outbox()} == {"delivered"}


async def test_a_message_to_a_user_ends_as_accepted_with_a_word_why(world: World):
    message_id = await world.send("@admin", kind="user")
    await world.pass_time(60)
    message = world.message(message_id)
    assert message.status == "accepted"
    assert message.note is not None
    assert "no delivery report" in message.note


async def test_a_message_scheduled_at_the_gateway_waits_there_and_is_then_delivered(world: World):
    from datetime import UTC, datetime

    at = datetime.fromtimestamp(world.clock.now + 600, UTC).strftime("%Y-%m-%d %H:%M:%S")
    message_id = await world.send(gateway_schedule=at)
    assert world.message(message_id).status == "scheduled"
    for _ in range(5):
        await world.send("+972521110002", "others come first")
    await world.pass_time(500, step=10)
    assert world.message(message_id).status == "scheduled"
    await world.pass_time(300, step=10)
    assert world.message(message_id).status == "delivered"
    assert len(world.outbox()) == 6


async def test_a_program_that_only_looks_takes_over_what_a_killed_one_was_sending(world: World):
    await world.engine.poll()
    [message_id] = world.store.journal.submit([_order()])
    [intent] = world.store.journal.claim()
    await world.client.send(intent.number, intent.text)
    world.restart()
    await world.pass_time(30)
    assert [(message.id, message.status) for message in world.outbox()] == [(message_id, "delivered")]


async def test_a_restart_while_an_answer_is_out_finds_the_message(world: World):
    import asyncio

    taken = asyncio.Event()

    async def forever(seconds: float) -> None:
        taken.set()
        await asyncio.Event().wait()

    world.use(Sandbox("1.4.7", seed=1, clock=world.clock, sleep=forever))
    world.sandbox.faults.on("slow=30:pv:1")
    world.store.journal.submit([_order()])
    task = asyncio.create_task(world.engine.drain())
    await taken.wait()
    await world.engine.stop(grace=0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [message.status for message in world.outbox()] == ["unknown"]
    world.restart()
    await world.pass_time(30)
    assert [message.status for message in world.outbox()] == ["delivered"]
    assert len(world.sandbox.gateway.accepted) == 1


def _order():
    from voipe_tui.store import NewMessage

    return NewMessage("+972521110001", "Hello")


@pytest.mark.parametrize(
    ("number", "kind", "cause"),
    [
        ("#NOGROUP", "group", "knows no group #NOGROUP"),
        ("@nobody", "user", "knows no user @nobody"),
        ("+972529999999", "number", "stop list"),
    ],
)
async def test_a_refusal_without_a_reason_names_what_is_likely(world: World, number, kind, cause):
    """1.4.7 answers HTTP 500 to all of them (pv.to_unknown_group, pv.to_unknown_user, pv.to_stoplisted)."""
    await world.client.stoplist_add("+972529999999")
    message_id = await world.send(number, kind=kind)
    message = world.message(message_id)
    assert message.status == "unknown"
    assert message.note is not None
    assert cause in message.note


async def test_what_never_got_its_report_is_marked_after_three_days(world: World):
    await world.engine.poll()
    message_id = await world.send("+972521110408")  # the sandbox never delivers numbers that end so
    await world.pass_time(3_600, step=60)
    assert world.message(message_id).status == "sent"
    await world.pass_time(73 * 3_600, step=1_800)
    message = world.message(message_id)
    assert message.status == "sent"
    assert message.note == "No delivery report came within 72 hours; it is no longer asked for."
    requests = world.sandbox.app.requests["ds"]
    await world.pass_time(3_600, step=60)
    assert world.sandbox.app.requests["ds"] - requests <= 15


async def test_numbers_go_out_as_the_profile_wants_and_are_recognised_all_the_same(world: World):
    world.new_engine(number_format="local", region="IL")
    world.sandbox.faults.on("lost-after:pv:1")
    message_id = await world.send("+972521110001")
    [taken] = world.sandbox.gateway.accepted
    assert taken.number == "0521110001"
    assert world.message(message_id).status == "unknown"
    await world.pass_time(30)
    message = world.message(message_id)
    assert (message.status, message.key) == ("delivered", "+972521110001")
    assert len(world.outbox()) == 1


async def test_a_message_that_leaves_a_standing_queue_late_is_bound_to_its_row(world: World):
    await world.send("+972521110009", "something, so that the zone is known")
    await world.pass_time(10)
    world.sandbox.faults.on("stuck-queue")
    world.sandbox.faults.on("lost-after:pv:1")
    message_id = await world.send(text="Late")
    await world.pass_time(600, step=20)
    assert (world.message(message_id).note or "").startswith("Not seen")
    world.sandbox.faults.off("stuck-queue")
    await world.pass_time(700, step=10)
    [message] = [each for each in world.outbox() if each.text == "Late"]
    assert (message.id, message.status) == (message_id, "delivered")


@pytest.mark.parametrize(("texts", "rows", "settled"), [
    (("Late", "Late"), 2, 2),
    (("Late", "Late"), 1, 1),  # equal ones: nobody can tell, nor need to, which of them it was
    (("Late, \"late\"", "Late, 'late'"), 1, 0),
])  # fmt: skip
async def test_rows_that_come_late_are_shared_out_where_it_makes_no_difference(
    world: World, texts: tuple[str, str], rows: int, settled: int
):
    await world.send("+972521110009", "something, so that the zone is known")
    await world.pass_time(10)
    world.sandbox.faults.on("stuck-queue")
    world.sandbox.faults.on(f"lost-after:pv:{rows}")
    ids = []
    for text in texts:
        ids.append(await world.send(text=text))
        world.sandbox.faults.on("lost-before:pv:1" if rows == 1 else "lost-after:pv:1")
    await world.pass_time(600, step=20)
    world.sandbox.faults.off("stuck-queue")
    await world.pass_time(700, step=10)
    assert sorted(world.message(each).status for each in ids) == ["delivered"] * settled + ["unknown"] * (2 - settled)
    assert len(world.outbox()) == 1 + len(ids) + (rows - settled)


async def test_a_late_row_is_found_while_the_zone_is_unknown(world: World):
    """Its ID alone, higher than all from before, tells that it is no older message."""
    world.sandbox.faults.on("stuck-queue")
    world.sandbox.faults.on("lost-after:pv:1")
    message_id = await world.send(text="Late")
    await world.pass_time(600, step=20)
    world.sandbox.faults.off("stuck-queue")
    await world.pass_time(700, step=10)
    [message] = world.outbox()
    assert (message.id, message.status) == (message_id, "delivered")
