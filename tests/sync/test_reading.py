"""Reading: nothing is missed, whatever came while we were away, and whatever the server lacks."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.sync.conftest import World
from voipe_tui.store import OutgoingRecord, View
from voipe_tui.sync import Link
from voipe_tui.sync.zones import Zones


def ids(messages) -> set[int]:
    return {message.gateway_id for message in messages}


def truth(world: World) -> set[int]:
    world.sandbox.gateway.advance()
    return {row.smslog_id for row in world.sandbox.gateway.outgoing_rows()}


async def backfill_all(world: World) -> None:
    for reader in world.engine.readers.values():
        while await reader.backfill():
            pass


async def count_requests(world: World) -> list[int]:
    counted = [0]
    app = world.sandbox.app

    async def counting(scope, receive, send):
        counted[0] += scope["type"] == "http"
        await app(scope, receive, send)

    from voipe_tui.client import Endpoint, GatewayClient

    facts = world.sandbox.describe()
    world.client = GatewayClient(Endpoint(facts.json_url, "json", facts.username, facts.token), asgi_app=counting)
    world.new_engine()
    return counted


async def test_the_first_poll_fills_the_screen_and_the_history_follows(world: World):
    world.sandbox.gateway.add_outgoing_history(5_000, days=800)
    assert await world.engine.poll()
    assert len(world.outbox()) == 100
    await backfill_all(world)
    assert ids(world.outbox()) == truth(world)


async def test_a_poll_with_nothing_new_writes_nothing_and_yet_tells_when_the_credit_was_heard(world: World):
    world.sandbox.gateway.add_outgoing_history(50, days=20)
    await world.engine.poll()
    await world.engine.poll()
    written: list[str] = []
    connection = world.store._db.connection
    connection.set_trace_callback(lambda sql: written.append(sql) if sql.startswith(("BEGIN", "INSERT")) else None)
    world.clock.now += 10
    await world.engine.poll()
    connection.set_trace_callback(None)
    assert not written
    assert world.store.facts.account().credit_at == world.clock()
    world.clock.now += 90
    await world.engine.poll()
    assert world.store.facts.get_float("account.credit_at") == world.clock()


async def test_the_history_can_be_interrupted_and_goes_on(world: World):
    world.sandbox.gateway.add_outgoing_history(3_000, days=1_500)
    await world.engine.poll()
    await world.engine.outgoing.backfill()
    world.restart()
    await world.engine.poll()
    await backfill_all(world)
    assert ids(world.outbox()) == truth(world)


@pytest.mark.parametrize("gap", [1, 99, 100, 101, 999, 2_500])
async def test_nothing_is_missed_after_an_absence(world: World, gap: int):
    world.sandbox.gateway.add_outgoing_history(50, days=30)
    world.sandbox.gateway.add_inbox_history(50, days=30)
    await world.pass_time(10)
    world.clock.now += 5 * 86_400
    world.sandbox.gateway.add_outgoing_history(gap, days=5)
    world.sandbox.gateway.add_inbox_history(gap, days=5)
    await world.pass_time(4)
    assert ids(world.outbox()) == truth(world)
    assert len(world.inbox()) == 50 + gap


async def test_a_server_that_chokes_on_large_pages_is_asked_for_less(world: World):
    world.sandbox.gateway.add_outgoing_history(4_000, days=60)
    world.sandbox.faults.on("page-limit=400")
    await world.engine.poll()
    await backfill_all(world)
    assert ids(world.outbox()) == truth(world)


async def test_a_row_with_a_lower_id_that_appears_late_is_not_missed(world: World):
    """IDs are given at acceptance, rows appear when they are processed (ds.all of 1.4.3 is out of order)."""
    from datetime import UTC, datetime

    at = datetime.fromtimestamp(world.clock.now + 400, UTC).strftime("%Y-%m-%d %H:%M:%S")
    other = world.client
    await other.send("0521110005", "from another program", schedule=at)
    for index in range(30):
        await other.send("0521110006", f"later {index}")
    await world.pass_time(350, step=10)
    assert len(world.outbox()) == 30
    await world.pass_time(700, step=10)
    assert len(world.outbox()) == 31
    assert "from another program" in {message.text for message in world.outbox()}


async def test_incoming_messages_of_both_lists_arrive_unread(world: World):
    await world.pass_time(4)
    world.sandbox.gateway.arrive("+972541234567", "תודה רבה!")
    world.sandbox.gateway.arrive("+972541234567", "price of 2 tickets", keyword="INFO")
    await world.pass_time(8)
    assert {(m.source, m.text, m.read) for m in world.inbox()} == {
        ("inbox", "תודה רבה!", False),
        ("incoming", "price of 2 tickets", False),
    }
    assert world.store.counts().unread == 2


async def test_a_quiet_tick_is_one_request_and_changes_nothing(world: World):
    world.sandbox.gateway.add_outgoing_history(50, days=3)
    counted = await count_requests(world)
    await world.pass_time(20)
    changes = []
    world.store.subscribe(changes.append)
    before = counted[0]
    await world.pass_time(20)
    assert counted[0] - before == 10
    assert changes == []


@pytest.mark.parametrize("missing", [["no-query"], ["no-ix"], ["no-query", "no-ix"]])
async def test_a_server_that_lacks_operations_works(world: World, missing):
    for fault in missing:
        world.sandbox.faults.on(fault)
    await world.pass_time(4)
    assert world.engine.health.link is Link.ONLINE
    message_id = await world.send()
    await world.pass_time(30)
    assert world.message(message_id).status == "delivered"
    assert world.store.facts.account().credit == 999
    world.restart()
    await world.pass_time(4)
    assert world.engine.health.link is Link.ONLINE


async def test_an_empty_answer_of_a_known_operation_is_a_passing_fault(world: World):
    await world.pass_time(4)
    world.sandbox.faults.on("empty:ix:1")
    world.engine.refresh_now()
    await world.engine.poll()
    assert world.engine.health.link is Link.PARTLY
    assert await world.engine.poll()
    assert world.store.facts.capability("inbox") is True


async def test_the_zone_of_each_list_is_learned_and_earlier_rows_get_their_time(world: World):
    world.sandbox.gateway.add_inbox_history(3, days=1)
    world.sandbox.gateway.add_outgoing_history(3, days=1)
    await world.pass_time(4)
    assert {message.created_at for message in world.inbox()} == {None}
    await world.send()
    world.sandbox.gateway.arrive("+972541234567", "hi")
    await world.pass_time(10, step=2)
    assert world.engine.zones.learned("outgoing") == -7 * 3600
    assert world.engine.zones.learned("inbox") == -14 * 3600
    assert None not in {message.created_at for message in world.store.page(View())}
    newest = world.inbox()[0]
    assert newest.created_at is not None
    assert abs(newest.created_at - world.clock.now) < 15


async def test_ids_that_restart_open_a_new_history_and_keep_the_old(world: World):
    world.sandbox.gateway.add_outgoing_history(40, days=3)
    world.sandbox.gateway.arrive("+972541234567", "before")
    await world.pass_time(10)
    world.sandbox.gateway.restart_ids()
    world.sandbox.gateway.arrive("+972541234567", "after")
    message_id = await world.send(text="first of the new history")
    await world.pass_time(30)
    assert len(world.outbox()) == 41
    assert world.message(message_id).status == "delivered"
    assert {message.text for message in world.inbox()} == {"before", "after"}


async def test_ids_that_restarted_and_overtook_while_away_are_noticed(world: World):
    world.sandbox.gateway.add_outgoing_history(20, days=3)
    await world.pass_time(10)
    world.sandbox.gateway.restart_ids()
    world.clock.now += 86_400
    world.sandbox.gateway.add_outgoing_history(60, days=0.5)
    await world.pass_time(10)
    assert len(world.outbox()) == 80


async def test_local_state_survives_new_statuses(world: World):
    message_id = await world.send()
    world.store.triage.star([message_id])
    await world.pass_time(30)
    message = world.message(message_id)
    assert (message.starred, message.status) == (True, "delivered")


async def test_a_changed_status_of_an_older_message_is_seen(world: World):
    world.sandbox.gateway.add_outgoing_history(300, days=1)
    await world.pass_time(4)
    await backfill_all(world)
    row = world.sandbox.gateway.outgoing_rows()[150]
    world.sandbox.gateway.set_status(row.smslog_id, 1)
    world.engine.refresh_now()
    slice_of = next(m for m in world.outbox() if m.gateway_id == row.smslog_id)
    await world.engine.outgoing.around((slice_of.gateway_time or "")[:13])
    assert world.message(slice_of.id).status == "sent"
    world.sandbox.gateway.set_status(row.smslog_id, 3)
    await world.pass_time(3_700, step=60)
    assert world.message(slice_of.id).status == "delivered"


async def test_the_credit_is_decimal_and_follows_what_is_sent(world: World):
    await world.engine.poll()
    assert world.store.facts.account().credit == 1000
    await world.send(text="א" * 71)
    await world.pass_time(20)
    assert world.store.facts.account().credit == 998


async def test_history_from_before_this_program_is_not_all_unread(world: World):
    world.sandbox.gateway.add_inbox_history(300, days=300)
    await world.engine.poll()
    await backfill_all(world)
    assert len(world.inbox()) == 300
    assert world.store.counts().unread < 10
    world.clock.now += 30 * 86_400
    world.sandbox.gateway.add_inbox_history(120, days=30)
    await world.pass_time(4)
    assert len(world.inbox()) == 420
    assert world.store.counts().unread >= 120


async def test_the_phone_book_gives_its_names_to_messages(world: World):
    message_id = await world.send("+972521110001")
    assert world.engine.contacts.is_due()
    await world.engine.contacts.refresh()
    assert world.message(message_id).name == "Dana"
    assert not world.engine.contacts.is_due()
    changes: list[object] = []
    world.store.subscribe(changes.append)
    await world.engine.contacts.refresh()
    assert changes == []


async def test_a_gateway_without_contacts_is_asked_once_a_start(world: World):
    world.sandbox.faults.on("no-contacts")
    await world.engine.contacts.refresh()
    assert not world.engine.contacts.is_due()
    assert world.sandbox.app.requests["get_contact"] == 1


async def test_what_was_snoozed_comes_back_while_the_gateway_is_away(world: World):
    world.sandbox.gateway.arrive("+972541234567", "later")
    await world.engine.poll()
    [message] = world.inbox()
    world.sandbox.faults.on("down")
    world.store.triage.snooze([message.id], world.clock.now + 30)
    await world.pass_time(20)
    assert world.inbox() == []
    world.clock.now += 20
    back = asyncio.Event()
    world.store.subscribe(lambda changed: back.set() if changed.woken else None)
    running = asyncio.create_task(world.engine.run())
    await back.wait()
    await world.engine.stop()
    await running
    assert [(row.id, row.read) for row in world.inbox()] == [(message.id, False)]


async def test_a_server_that_bears_no_page_of_a_hundred_is_asked_for_less(world: World):
    world.sandbox.gateway.add_outgoing_history(300, days=5)
    world.sandbox.faults.on("page-limit=40")
    assert not await world.engine.poll()
    assert await world.engine.poll()
    while await world.engine.outgoing.backfill():
        pass
    assert len(world.outbox()) == 300


async def test_a_gateway_that_stays_away_is_news_once(world: World):
    await world.engine.poll()
    heard: list[object] = []
    world.engine.subscribe(heard.append)
    world.sandbox.faults.on("down")
    for _ in range(5):
        await world.engine.poll()
    assert len(heard) == 1
    world.sandbox.faults.clear()
    await world.engine.poll()
    assert len(heard) == 2


async def test_a_history_that_began_anew_and_is_longer_by_now_is_noticed_further_back(world: World):
    """The newest page shows nothing but unknown IDs (trap 25 while nobody looked)."""
    old = OutgoingRecord(150, "", "+972521110009", "Of the old history", "2020-01-01 10:00:00", None, 1.0, None, 3)
    world.store.gateway_rows.take_outgoing([old])
    world.sandbox.gateway.add_outgoing_history(300, days=5)
    running = asyncio.create_task(world.engine.run())
    for _ in range(3_000):
        await asyncio.sleep(0)
        if len(world.outbox()) == 301:
            break
    await world.engine.stop(0)
    await running
    assert len(world.outbox()) == 301
    assert [each.text for each in world.outbox() if each.epoch == 1] == ["Of the old history"]


async def test_a_history_ends_where_it_is_wanted_and_can_be_wanted_longer_later(world: World):
    since = world.clock.now - 60 * 86_400.0
    floor = time.strftime("%Y-%m-%d 00:00:00", time.gmtime(since))
    world.sandbox.gateway.add_outgoing_history(1_500, days=700)
    await world.engine.poll()
    while await world.engine.outgoing.backfill(floor):
        pass
    assert not world.engine.outgoing.lacks_history(floor)
    rows = world.outbox()
    assert min(row.sort_at for row in rows) > since - 40 * 86_400.0
    wanted = sum(each >= since for each in world.sandbox.gateway.main_account.outgoing.times)
    assert len(rows) >= wanted > 100
    while await world.engine.outgoing.backfill():
        pass
    assert len(world.outbox()) == 1_500


@pytest.mark.parametrize("version", ["this", "older"])
def test_when_daylight_saving_begins_no_row_of_the_first_hours_stays_misplaced(world: World, version: str):
    zones, start = Zones(world.store, None), world.clock.now

    def comes(gateway_id: int, after: float, ahead: float) -> None:
        """A row of the moment, as a gateway ``ahead`` seconds of UTC dates it."""
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(start + after + ahead))
        zones.observe("outgoing", moment, start + after)
        stamp = zones.stamp("outgoing", moment)
        world.store.gateway_rows.take_outgoing(
            [OutgoingRecord(gateway_id, "", "+972521110001", "x", moment, stamp.utc, stamp.guess, None, 3)]
        )
        zones.settle("outgoing")

    world.clock.now += 10_000
    for gateway_id, (after, ahead) in enumerate([(0, 7_200), (900, 7_200), (2_000, 10_800), (2_600, 10_800)], 1):
        comes(gateway_id, after, ahead)
        if version == "older":  # it knew the offset, but not the last row for which it was right
            world.store.facts.set("zone.right.outgoing", None)
    zones.observe("outgoing", "2020-01-01 00:00:00", start)  # nobody believes a clock that is years off
    placed = sorted((each.gateway_id, each.created_at) for each in world.outbox())
    assert placed == [(1, start), (2, start + 900), (3, start + 2_000), (4, start + 2_600)]
