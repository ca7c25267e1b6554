"""``ds``, ``in``, ``ix``, ``sx``, ``query`` and contacts: what is given back, in which order, by which filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.conftest import MOMENT, Clock, Wire
from voipe_tui.sandbox import Sandbox
from voipe_tui.sandbox.answers import Call
from voipe_tui.sandbox.gateway import Gateway
from voipe_tui.sandbox.listing import list_outgoing

MakeWire = Callable[..., Wire]
DELIVERED = 3


@pytest.fixture
def filled(wire: MakeWire) -> Wire:
    """500 rows over ten days, half of the last second's rows out of the order of their IDs."""
    w = wire()
    w.sandbox.gateway.add_outgoing_history(500, days=10)
    return w


async def test_a_page_has_a_hundred_rows_unless_asked_otherwise(filled: Wire) -> None:
    assert len(await filled.rows()) == 100
    assert len(await filled.rows(c=7)) == 7
    assert len(await filled.rows(c="250")) == 250
    assert len(await filled.rows(c=100_000)) == 500
    assert await filled.rows(c="many") == []


async def test_last_with_c_leaves_out_the_rows_in_between(filled: Wire) -> None:
    rows = await filled.rows(last=100, c=10)
    assert [row["smslog_id"] for row in rows] == list(range(500, 490, -1))
    assert [row["smslog_id"] for row in await filled.rows(last=497)] == [500, 499, 498]
    assert await filled.rows(last=500) == []
    assert len(await filled.rows(last="0")) == 100


async def test_dt_matches_any_part_of_the_date(filled: Wire) -> None:
    everything = await filled.rows(c=1000)
    for part in ("2026-11", "2026-11-18", "2026-11-18 1", "2026-11-18 10", "2026-11-18 10:2", "11-18 10:", ":30:"):
        expected = [row for row in everything if part in row["dt"]]
        assert await filled.rows(dt=part, c=1000) == expected, part
    assert await filled.rows(dt="2026-11-18 10:20:00 and more") == []


async def test_number_filters_drop_a_beginning_and_find_strangers(wire: MakeWire) -> None:
    w = wire()
    for number in ("0521110001", "+972521110001", "0999521110001", "0521110002"):
        w.sandbox.gateway.add_outgoing(number, "x", MOMENT, DELIVERED)

    async def found(number: str) -> set[str]:
        return {row["dst"] for row in await w.rows(dst=number)}

    assert await found("0521110001") == {"0521110001", "+972521110001", "0999521110001"}
    assert await found("+972521110001") == {"+972521110001"}
    assert await found("972521110001") == {"0521110001", "+972521110001", "0999521110001"}
    assert await found("521110001") == {"0521110001", "+972521110001", "0999521110001"}
    assert await found("x01") == {"0521110001", "+972521110001", "0999521110001", "0521110002"}  # nothing is left


async def test_filters_add_up(filled: Wire) -> None:
    everything = await filled.rows(c=1000)
    row = everything[77]
    ending, day = row["dst"][1:], row["dt"][:10]
    expected = [r for r in everything if r["dst"].endswith(ending) and r["dt"].startswith(day) and r["smslog_id"] > 400]
    assert row in expected
    assert await filled.rows(dst=row["dst"], dt=day, last=400, src="demoshop") == expected
    assert await filled.rows(dst=row["dst"], dt=day, last=400, src="Sales") == []


async def test_ids_are_read_as_the_database_reads_them(filled: Wire) -> None:
    assert [row["smslog_id"] for row in await filled.rows(smslog_id="3,5")] == [3]
    assert await filled.rows(smslog_id=999_999) == []
    assert len(await filled.rows(smslog_id="0")) == 100


async def test_a_page_too_large_kills_the_server(wire: MakeWire) -> None:
    w = wire(page_limit=50)
    w.sandbox.gateway.add_outgoing_history(51)
    for params, status in (
        ({"c": 50}, 200),
        ({"c": 51}, 500),
        ({}, 500),
        ({"last": 10}, 200),
        ({"dt": "2026-11"}, 200),
    ):
        response = await w.raw("ds", **params)
        assert response.status_code == status, params
        assert status == 200 or response.text == ""


async def test_rows_keep_their_order_when_the_clock_is_set_back(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    for step in (0, 0, -7200, 10_800):
        clock.pass_by(step)
        w.sandbox.gateway.arrive("0541234567", f"at {clock.moment - MOMENT:+.0f}")
        await w.send()
        clock.pass_by(20)
        await w.ask("query")
    times = [row["dt"] for row in await w.rows()]
    assert times == sorted(times, reverse=True)
    assert len(times) == 4
    times = [row["dt"] for row in await w.rows("ix")]
    assert times == sorted(times, reverse=True)


async def test_each_list_has_its_own_zone_and_ids(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    w.sandbox.gateway.arrive("+972541234567", "to you")
    w.sandbox.gateway.arrive("+972541234567", "price?", "info")
    (in_ix,), (in_in,) = await w.rows("ix"), await w.rows("in")
    assert (in_ix["id"], in_ix["dt"]) == (1, "2026-11-21 20:20:00")
    assert (in_in["id"], in_in["dt"]) == (1, "2026-11-22 03:20:00")
    assert (in_in["kwd"], in_in["status"]) == ("INFO", 1)
    assert (await w.ask("query"))["data"]["last_id"] == {"user_inbox": 1, "user_incoming": 1, "user_outgoing": 0}


async def test_incoming_lists_filter_as_ds_does(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    for index in range(30):
        w.sandbox.gateway.arrive(f"05411100{index:02d}", f"text {index}")
        clock.pass_by(3600)
    assert [row["id"] for row in await w.rows("ix", last=27)] == [30, 29, 28]
    assert [row["id"] for row in await w.rows("ix", last=5, c=2)] == [30, 29]
    assert await w.rows("ix", last=30) == []
    assert [row["msg"] for row in await w.rows("ix", src="0541110007")] == ["text 7"]
    assert [row["id"] for row in await w.rows("ix", dt="2026-11-22 0")] == list(range(14, 4, -1))
    assert len(await w.rows("ix", dst="1234", c=5)) == 5
    assert await w.rows("ix", dst="999") == []


async def test_what_matches_no_keyword_is_for_administrators(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    for text in ("info how much?", "hello there"):
        await w.admin("inject", **{"from": "0541234567"}, msg=text, recvnum="1234")
    clock.pass_by(10)
    assert [row["msg"] for row in await w.rows("in")] == ["how much?"]
    assert [row["msg"] for row in (await w.admin("sx"))["data"]] == ["hello there"]
    assert (await w.ask("sx"))["error"] == "501"


async def test_contacts_are_found_by_a_part_and_only_by_a_part(wire: MakeWire) -> None:
    w = wire("1.4.3")
    names = [contact["p_desc"] for contact in (await w.ask("get_contact", kwd="05211"))["data"]]
    assert names == ["Dana", "Yossi"]
    assert len((await w.ask("get_contact", kwd="05211", c=1))["data"]) == 1
    assert (await w.ask("get_contact", kwd=""))["data"] is None
    assert (await w.ask("get_contact_group", kwd="tea"))["data"] == [
        {"gpid": "1", "group_name": "Team", "code": "TEAM", "flag_sender": "0"}
    ]


class Naive:
    """``ds`` written down as the trap list says it, over plain rows: the reference for the indexes."""

    def __init__(self, gateway: Gateway) -> None:
        rows, offset = gateway.outgoing_rows(), gateway.zones.outgoing
        self.rows: list[dict[str, Any]] = [
            {
                "id": row.smslog_id,
                "dst": row.number,
                "dt": gateway.local_time(row.time, offset),
                "at": (-row.time, place),
            }
            for place, row in enumerate(rows)
        ]

    def ids(self, last: int, c: int, dt: str, dst: str) -> list[int]:
        ending = (dst[1:] if dst.startswith("0") else dst[3:]) if dst else ""
        found = [r for r in self.rows if r["id"] > last and dt in r["dt"] and r["dst"].endswith(ending)]
        return [row["id"] for row in sorted(found, key=lambda row: row["at"])][: c or 100]


NUMBERS = ["0521110001", "+972521110001", "0521110012", "0541110001"]
ROWS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(NUMBERS)), max_size=60)
DT = st.sampled_from(["", "2026-11-22", "2026-11-22 03", "2026-11-22 03:20:0", "2026-11-22 03:20:1", ":20:2", "2025"])


@settings(max_examples=150, deadline=None)
@given(
    rows=ROWS,
    last=st.integers(0, 70),
    c=st.integers(0, 70),
    dt=DT,
    dst=st.sampled_from(["", *NUMBERS, "01"]),
)
def test_the_indexes_find_what_a_plain_search_finds(
    rows: list[tuple[int, str]], last: int, c: int, dt: str, dst: str
) -> None:
    gateway = Sandbox(clock=Clock()).gateway
    for second, number in rows:  # in any order of time, as after a clock was set back
        gateway.add_outgoing(number, "x", MOMENT + second, DELIVERED)
    params: dict[str, Any] = {"last": str(last), "c": str(c), "dt": dt, "dst": dst}
    answer = list_outgoing(Call(gateway, params), gateway.main_account).fields
    assert answer is not None
    data: Any = answer.get("data", [])
    assert [row["smslog_id"] for row in data] == Naive(gateway).ids(last, c, dt, dst)


async def test_a_large_history_is_there_and_in_order(wire: MakeWire) -> None:
    w = wire()
    w.sandbox.gateway.add_outgoing_history(20_000, days=300)
    rows = await w.rows(c=20_000)
    assert len({row["smslog_id"] for row in rows}) == 20_000
    assert [row["dt"] for row in rows] == sorted((row["dt"] for row in rows), reverse=True)
    assert {row["status"] for row in rows} == {2, 3}
    assert len({row["msg"] for row in rows}) > 5_000
    for last in (19_990, 100):  # few rows above, and many
        assert [row["smslog_id"] for row in await w.rows(last=last, c=4)] == [20_000, 19_999, 19_998, 19_997]
    number = rows[9_000]["dst"]
    assert await w.rows(last=100, c=9, dst=number) == [row for row in rows if row["dst"].endswith(number[1:])][:9]
    day = [row for row in rows if row["dt"].startswith("2026-06-01")]
    assert 50 < len(day) < 90
    assert await w.rows(dt="2026-06-01", c=20_000) == day


async def test_history_can_be_added_to_the_inbox_too(wire: MakeWire) -> None:
    w = wire()
    w.sandbox.gateway.add_inbox_history(300)
    assert [row["id"] for row in await w.rows("ix", c=500)] == list(range(300, 0, -1))
