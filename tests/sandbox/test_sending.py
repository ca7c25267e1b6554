"""``pv`` and what becomes of a message: the queue, the carriers, credit, recipients (traps 6 to 14)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.sandbox.conftest import Clock, Wire
from tests.sandbox.recorded import VERSIONS
from voipe_tui.sandbox import Sandbox
from voipe_tui.sandbox.model import Pace
from voipe_tui.sandbox.texts import Version

MakeWire = Callable[..., Wire]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_message_goes_from_the_queue_to_delivered(version: Version, wire: MakeWire, clock: Clock) -> None:
    w = wire(version, pace=Pace(queue=(2, 2), carrier=(1, 1), report=(3, 3)))
    entry = await w.send(msg="שלום", unicode=1)
    assert (await w.ask("ds", queue=entry["queue"]))["error"] == "401"
    seen = []
    for _ in range(7):
        clock.pass_by(1)
        seen += [int(row["status"]) for row in await w.rows(queue=entry["queue"])]
    assert seen == [0, 1, 1, 1, 3, 3]
    (row,) = await w.rows()
    assert row["smslog_id"] == entry["smslog_id"]
    assert row["msg"] == "שלום"
    assert (row["dt"], row["update"]) == ("2026-11-22 03:20:02", "2026-11-22 03:20:06")


async def test_a_pending_row_was_never_updated(wire: MakeWire, clock: Clock) -> None:
    w = wire(pace=Pace(queue=(1, 1), carrier=(60, 60)))
    await w.send()
    clock.pass_by(2)
    (row,) = await w.rows()
    assert (row["status"], row["update"]) == (0, "0000-00-00 00:00:00")


@pytest.mark.parametrize(
    ("number", "status"), [("0521110404", 2), ("0521110408", 1), ("0521110400", 0), ("0521110001", 3)]
)
async def test_some_numbers_always_end_the_same_way(number: str, status: int, wire: MakeWire, clock: Clock) -> None:
    w = wire(pace=Pace(failures=0.0))
    await w.send(to=number)
    clock.pass_by(60)
    assert [row["status"] for row in await w.rows()] == [status]


async def test_some_of_many_fail_as_often_as_the_pace_says(wire: MakeWire, clock: Clock) -> None:
    w = wire(pace=Pace(failures=0.5))
    for index in range(40):
        await w.send(to=f"05211{index:05d}")
    clock.pass_by(60)
    statuses = [row["status"] for row in await w.rows()]
    assert 8 < statuses.count(2) < 32
    assert statuses.count(2) + statuses.count(3) == 40


async def test_the_same_requests_at_the_same_times_make_the_same_history(clock: Clock) -> None:
    def history(seed: int) -> Sandbox:
        return Sandbox(seed=seed, clock=clock, pace=Pace(failures=0.5))

    async def live(sandbox: Sandbox) -> list[object]:
        w = Wire(sandbox, clock)
        for index in range(10):
            await w.send(to=f"052111000{index}")
        return [entry.queue for entry in sandbox.gateway.accepted]

    one, two, other = history(1), history(1), history(2)
    assert await live(one) == await live(two) != await live(other)
    clock.pass_by(60)
    for sandbox in (one, two, other):
        sandbox.gateway.advance()
    assert one.gateway.outgoing_rows() == two.gateway.outgoing_rows() != other.gateway.outgoing_rows()


async def test_messages_leave_the_queue_out_of_the_order_of_their_ids(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    for _ in range(20):
        await w.send()
    clock.pass_by(10)
    ids = [row["smslog_id"] for row in await w.rows()]
    assert sorted(ids) == list(range(1, 21))
    assert ids != sorted(ids, reverse=True)


async def test_a_scheduled_message_waits_for_its_time(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    entry = await w.send(schedule="2026-11-22 12:20:00")  # two hours on
    clock.pass_by(7100)
    assert (await w.ask("ds", queue=entry["queue"]))["error"] == "401"
    clock.pass_by(110)
    assert [row["dt"][:13] for row in await w.rows(queue=entry["queue"])] == ["2026-11-22 05"]


@pytest.mark.parametrize("schedule", ["sometime", "2026-13-01 10:00:00", "24/12/2026"])
async def test_a_schedule_that_cannot_be_read_never_comes_out(schedule: str, wire: MakeWire, clock: Clock) -> None:
    w = wire()
    entry = await w.send(schedule=schedule)
    clock.pass_by(10 * 86_400)
    assert (await w.ask("ds", queue=entry["queue"]))["error"] == "401"


@pytest.mark.parametrize(("version", "hours"), [("1.4.3", 14), ("1.4.7", None), ("1.4.8", None)])
async def test_tomorrow_is_the_next_midnight_or_never(
    version: Version, hours: int | None, wire: MakeWire, clock: Clock
) -> None:
    w = wire(version)
    await w.send(schedule="tomorrow")
    clock.pass_by(13 * 3600)
    assert await w.rows() == []
    clock.pass_by(3600)
    assert len(await w.rows()) == (1 if hours else 0)


async def test_credit_is_charged_by_part_when_the_queue_runs(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    account = w.sandbox.gateway.main_account
    account.credit, account.rate = Decimal(10), Decimal("0.25")
    for text, unicode in (("x" * 160, 0), ("x" * 161, 0), ("א" * 70, 1), ("א" * 71, 1), ("א" * 81, 0)):
        await w.send(msg=text, unicode=unicode)
    assert (await w.ask("cr"))["credit"] == 10
    clock.pass_by(10)
    assert (await w.ask("cr"))["credit"] == 10 - 0.25 * (1 + 2 + 1 + 2 + 2)  # bytes of UTF-8 without unicode=1


@pytest.mark.parametrize("version", VERSIONS)
async def test_without_credit_each_version_fails_in_its_own_way(version: Version, wire: MakeWire, clock: Clock) -> None:
    w = wire(version)
    w.sandbox.gateway.main_account.credit = Decimal(0)
    response = await w.raw("pv", to="0521110001", msg="poor")
    if version == "1.4.7":
        assert (response.status_code, response.text) == (500, "")
    else:
        (entry,) = response.json()["data"]
        assert entry["status"] == ("ERR" if version == "1.4.3" else "OK")
    clock.pass_by(10)
    assert await w.rows() == []
    assert len(w.sandbox.gateway.accepted) == (1 if version == "1.4.8" else 0)


async def test_accepted_is_the_truth_in_order(wire: MakeWire) -> None:
    w = wire()
    await w.send(to="0521110001", msg='He said "hi"')
    await w.raw("pv", to="letters", msg="nobody")
    await w.send(to="@admin", msg="to you")
    await w.ask("pv", to="#team", msg="all")
    truth = [(a.number, a.text, a.smslog_id) for a in w.sandbox.gateway.accepted]
    team = w.sandbox.gateway.main_account.groups[0].numbers
    assert truth == [
        ("0521110001", 'He said "hi"', 1),
        ("@admin", "to you", None),
        *((number, "all", 2 + index) for index, number in enumerate(team)),
    ]


async def test_a_message_to_a_user_reaches_the_inbox_and_never_ds(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    entry = await w.send(to="@admin", msg="Hello")
    assert entry["smslog_id"] is None
    clock.pass_by(10)
    assert await w.rows() == []
    (row,) = (await w.admin("ix"))["data"]
    assert (row["src"], row["msg"]) == ("@demo", "Hello")


async def test_only_own_sender_ids_are_used(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    for sender in ("Sales", "Stranger", ""):
        await w.ask("pv", to="0521110001", msg="x", **{"from": sender})
    clock.pass_by(10)
    assert {row["smslog_id"]: row["src"] for row in await w.rows()} == {1: "Sales", 2: "DemoShop", 3: "DemoShop"}


@pytest.mark.parametrize("version", ["1.4.7", "1.4.8"])
async def test_an_account_made_by_a_crash_can_be_used(version: Version, wire: MakeWire) -> None:
    w = wire(version)
    data = {"data_status": 3, "data_username": "new", "data_password": "pw", "data_name": "N", "data_email": "n@e.x"}
    response = await w.raw("accountadd", user="admin", token="admin-token", **data)
    assert response.status_code == 500
    assert (await w.ask("get_token", user="new", p="pw"))["error"] == "104"


async def test_credit_added_counts_half_a_minute_later(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    answer = await w.admin("creditadd", data_username="demo", data_amount="0.125")
    assert (answer["amount"], answer["balance"]) == (0.125, 1000)
    assert (await w.ask("cr"))["credit"] == 1000
    clock.pass_by(30)
    assert (await w.ask("cr"))["credit"] == 1000.125


async def test_daemons_that_stand_still_make_up_for_it_later(wire: MakeWire, clock: Clock) -> None:
    w = wire(queue_running=False)
    entry = await w.send()
    await w.admin("inject", **{"from": "+972541234567"}, msg="INFO please", recvnum="1234")
    clock.pass_by(3600)
    assert (await w.ask("ds", queue=entry["queue"]))["error"] == "401"
    w.sandbox.gateway.queue_running = True
    clock.pass_by(10)
    assert len(await w.rows()) == 1
    assert [row["kwd"] for row in await w.rows("in")] == ["INFO"]


async def test_the_queue_and_reports_of_a_reset_server_are_gone(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    for _ in range(3):
        await w.send()
    clock.pass_by(2)
    await w.ask("query")
    w.sandbox.gateway.restart_ids()
    clock.pass_by(60)
    assert (await w.ask("query"))["data"]["last_id"] == {"user_inbox": 0, "user_incoming": 0, "user_outgoing": 0}
    assert (await w.send())["smslog_id"] == 1
    assert len(w.sandbox.gateway.accepted) == 4
