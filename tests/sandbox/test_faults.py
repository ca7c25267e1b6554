"""Faults: how they are written, what each does to a request, and what the gateway did meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sandbox.conftest import Clock, Wire
from tests.sandbox.recorded import VERSIONS
from voipe_tui.errors import InputError
from voipe_tui.sandbox.faults import fault_names, parse_fault
from voipe_tui.sandbox.operations import OPERATIONS
from voipe_tui.sandbox.texts import Version

MakeWire = Callable[..., Wire]


@pytest.mark.parametrize(
    ("text", "name", "value", "operation", "left"),
    [
        ("lost-after", "lost-after", None, None, None),
        ("lost-after:pv", "lost-after", None, "pv", None),
        ("lost-after:2", "lost-after", None, None, 2),
        ("lost-after:pv:2", "lost-after", None, "pv", 2),
        ("slow", "slow", 10, None, None),
        ("slow=2.5:ds:1", "slow", 2.5, "ds", 1),
        ("page-limit=50", "page-limit", 50, None, None),
        ("no-query", "no-query", None, None, None),
        ("no-contacts", "no-contacts", None, None, None),
        (" html : ix ", "html", None, "ix", None),
    ],
)
def test_faults_are_read(text: str, name: str, value: float | None, operation: str | None, left: int | None) -> None:
    fault = parse_fault(text, OPERATIONS)
    assert (fault.kind.name, fault.value, fault.operation, fault.left) == (name, value, operation, left)
    assert parse_fault(str(fault), OPERATIONS) == fault


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lost-aftr", "Did you mean lost-after?"),
        ("http-500", "Did you mean http500?"),
        ("no-querry", "Did you mean no-query?"),
        ("html:dss", "Did you mean ds?"),
        ("html:pv:x", "number of times"),
        ("html:pv:0", "number of times"),
        ("html:pv:1:2", "number of times"),
        ("html=3", "takes no value"),
        ("slow=long", "no number"),
        ("slow=-1", "no number"),
        ("slow=nan", "no number"),
        ("", "no fault called"),
    ],
)
def test_a_mistyped_fault_is_explained(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_fault(text, OPERATIONS)
    assert said in str(caught.value)


def test_every_fault_has_a_name_to_choose_from() -> None:
    names = fault_names(OPERATIONS)
    assert {"down", "lost-before", "lost-after", "http500", "empty", "html", "slow", "page-limit", "ids-restart"} <= {
        *names
    }
    assert {"no-query", "no-ix", "no-contacts"} <= {*names}
    for name in names:
        assert parse_fault(name, OPERATIONS).kind.explanation


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("fault", "taken"),
    [
        ("lost-before", 0),
        ("down", 0),
        ("http500", 0),
        ("empty", 0),
        ("html", 0),
        ("redirect", 0),
        ("wrong-token", 0),
        ("no-pv", 0),
        ("lost-after", 1),
        ("http500-after", 1),
        ("empty-after", 1),
        ("html-after", 1),
        ("broken-json", 1),
        ("no-timestamp", 1),
        ("slow", 1),
    ],
)
async def test_a_fault_strikes_once_and_the_gateway_took_the_message_or_not(
    version: Version, fault: str, taken: int, wire: MakeWire
) -> None:
    w = wire(version)
    w.sandbox.faults.on(f"{fault}:pv:1" if not fault.startswith("no-p") else f"{fault}:1")
    await w.ask("cr")
    assert list(w.sandbox.faults), "another operation uses nothing up"
    if fault in ("lost-before", "lost-after"):
        with pytest.raises(ConnectionResetError):
            await w.raw("pv", to="0521110001", msg="once")
    elif fault == "down":
        with pytest.raises(ConnectionRefusedError):
            await w.raw("pv", to="0521110001", msg="once")
    else:
        response = await w.raw("pv", to="0521110001", msg="once")
        assert _looks_like(fault, response.status_code, response.headers["content-type"], response.text)
    assert len(w.sandbox.gateway.accepted) == taken
    assert not list(w.sandbox.faults)
    await w.send()
    assert len(w.sandbox.gateway.accepted) == taken + 1


def _looks_like(fault: str, status: int, content_type: str, text: str) -> bool:
    """What a client sees of each fault that answers."""
    html = content_type == "text/html; charset=UTF-8"
    return {
        "http500": status == 500 and not text,
        "http500-after": status == 500 and not text,
        "empty": status == 200 and not text and html,
        "empty-after": status == 200 and not text and html,
        "no-pv": status == 200 and not text and html,
        "html": status == 502 and "Bad Gateway" in text and html,
        "html-after": status == 502 and "Bad Gateway" in text and html,
        "redirect": status == 302,
        "wrong-token": '"error":"100"' in text,
        "broken-json": text.startswith('{"data"') and not text.endswith("}"),
        "no-timestamp": '"status":"OK"' in text and "timestamp" not in text,
        "slow": '"status":"OK"' in text,
    }[fault]


async def test_slow_sleeps_after_the_work_is_done(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    w.sandbox.faults.on("slow=7:pv")
    await w.send()
    assert clock.slept == [7]
    assert w.sandbox.gateway.accepted[0].time == clock.moment - 7


async def test_an_operation_can_be_missing(wire: MakeWire) -> None:
    w = wire()
    w.sandbox.faults.on("no-contacts", "no-query")
    for op in ("get_contact", "get_contact_group", "query"):
        response = await w.raw(op, kwd="dana")
        assert (response.status_code, response.text) == (200, "")
    assert (await w.ask("cr"))["status"] == "OK"
    w.sandbox.faults.off("no-query")
    assert (await w.ask("query"))["status"] == "OK"


async def test_ids_restart_once(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    w.sandbox.gateway.add_outgoing_history(10)
    w.sandbox.faults.on("ids-restart")
    assert await w.rows() == []
    assert (await w.send())["smslog_id"] == 1
    assert (await w.send())["smslog_id"] == 2


async def test_the_page_limit_can_be_lowered_for_a_while(wire: MakeWire) -> None:
    w = wire()
    w.sandbox.gateway.add_outgoing_history(60)
    w.sandbox.faults.on("page-limit=50:ds:1")
    assert (await w.raw("ds")).status_code == 500
    assert len(await w.rows()) == 60


async def test_the_queue_can_be_stuck_and_freed(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    await w.send()
    w.sandbox.faults.on("stuck-queue")
    await w.send()
    clock.pass_by(600)
    assert await w.rows() == []
    w.sandbox.faults.clear()
    clock.pass_by(10)
    assert len(await w.rows()) == 2


async def test_credit_can_be_gone(wire: MakeWire) -> None:
    w = wire()
    w.sandbox.faults.on("no-credit")
    assert (await w.ask("cr"))["credit"] == "0"
    assert (await w.raw("pv", to="0521110001", msg="x")).status_code == 500


async def test_failed_logins_block_an_address(wire: MakeWire) -> None:
    w = wire()
    w.sandbox.faults.on("block-after=3")
    for _ in range(3):
        assert (await w.ask("cr"))["status"] == "OK"
        assert (await w.ask("cr", token="wrong"))["error"] == "100"
    assert (await w.ask("cr"))["error"] == "100"
    assert w.sandbox.app.requests == {"cr": 7}


async def test_a_text_that_is_no_unicode_harms_nothing(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    await w.send(msg="half \ud83d a pair \x1b[2J")
    await w.admin("inject", **{"from": "0541234567"}, msg="INFO \udc00", recvnum="1234")
    clock.pass_by(10)
    for form in ("json", "xml", "serialize"):
        assert (await w.raw("ds", format=form)).status_code == 200
        assert (await w.raw("in", format=form)).status_code == 200


async def test_requests_outside_the_doors(wire: MakeWire) -> None:
    import httpx

    w = wire()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(w.sandbox.app), base_url="http://x.invalid") as client:
        assert (await client.get("/nothing")).status_code == 404
        assert "Login" in (await client.get("/playsms/index.php")).text
        for body in (b"", b"not json", b"[1]", b"\xff\xfe", b'{"op":{"a":1}}'):
            answer = await client.post("/api.php", content=body)
            assert list(answer.json()) == ["error_string", "timestamp"], body
        typed = {"user": "demo", "token": "demo-token", "op": "DS", "c": 5, "last": None, "x": True}
        assert (await client.post("/any/prefix/api.php", json=typed)).json()["error"] == "400"
        query = "/index.php?app=ws&u=demo&h=wrong&op=cr"
        assert (await client.get(query)).json()["error"] == "100"
        assert (await client.post(query, data={"h": "demo-token"})).json()["status"] == "OK"
