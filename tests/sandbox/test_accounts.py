"""What the recordings leave open about accounts and administration: the ways that only another account would show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sandbox.conftest import Clock, Wire
from tests.sandbox.recorded import VERSIONS
from voipe_tui.sandbox.model import SUBUSER
from voipe_tui.sandbox.texts import Version

MakeWire = Callable[..., Wire]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_subuser_has_a_parent(version: Version, wire: MakeWire) -> None:
    w = wire(version)
    w.sandbox.gateway.add_account("sub", "pw", status=SUBUSER)
    assert (await w.admin("parentget", data_username="sub"))["error"] == "610"
    assert (await w.admin("parentset", data_username="sub", data_parent="demo"))["status"] == "OK"
    answer = await w.admin("parentget", data_username="sub")
    assert (answer["parent_uid"], answer["parent"]) == ("2" if version == "1.4.3" else 2, "demo")


@pytest.mark.parametrize(
    ("op", "params", "code"),
    [
        ("accountban", {"data_username": "nosuch"}, "611"),
        ("accountunban", {"data_username": "nosuch"}, "613"),
        ("accountremove", {"data_username": "admin"}, "606"),
        ("accountpref", {"data_username": "demo"}, "615"),
        ("accountconf", {"data_username": "nosuch", "data_footer": "x"}, "617"),
        ("creditadd", {"data_amount": "5"}, "621"),
        ("creditdeduct", {"data_amount": "5"}, "623"),
        ("creditdeduct", {"data_username": "demo", "data_amount": "-5"}, "624"),
        ("loginkeyset", {"data_username": "nosuch"}, "626"),
        ("stoplist", {"from": ""}, "627"),
        ("parentset", {"data_username": "demo"}, "607"),
    ],
)
async def test_what_an_administrator_is_refused(op: str, params: dict[str, str], code: str, wire: MakeWire) -> None:
    assert (await wire().admin(op, **params))["error"] == code


async def test_an_account_cannot_be_added_twice(wire: MakeWire) -> None:
    data = {"data_status": 3, "data_username": "demo", "data_password": "pw", "data_name": "N", "data_email": "n@e.x"}
    assert (await wire().admin("accountadd", **data))["error"] == "604"


async def test_preferences_and_configuration_change_what_is_given(wire: MakeWire) -> None:
    w = wire()
    await w.admin("accountpref", data_username="demo", data_name="New Name", data_mobile="0529")
    await w.admin("accountconf", data_username="demo", data_footer="by us")
    user = (await w.ask("query"))["data"]["user"]
    assert (user["name"], user["mobile"], user["email"]) == ("New Name", "0529", "demo@example.com")
    assert w.sandbox.gateway.main_account.footer == "by us"


async def test_a_removed_accounts_messages_go_nowhere(wire: MakeWire, clock: Clock) -> None:
    w = wire()
    await w.send()
    gone = w.sandbox.gateway.main_account
    await w.admin("accountremove", data_username="demo")
    clock.pass_by(60)
    assert (await w.ask("cr", user="demo", token="demo-token"))["error"] == "100"
    assert len(gone.outgoing) == 0


@pytest.mark.parametrize(
    ("allowed", "password", "error"),
    [
        ("10.*.*.*", "demo-password", "106"),
        ("*.*.*.*", "wrong", "100"),
        ("192.168.0.1,127.*.*.*", "demo-password", "0"),
    ],
)
async def test_get_token_tells_the_reasons_apart(allowed: str, password: str, error: str, wire: MakeWire) -> None:
    w = wire()
    w.sandbox.gateway.main_account.allowed_addresses = allowed
    assert (await w.ask("get_token", p=password))["error"] == error


async def test_a_banned_account_gets_no_token(wire: MakeWire) -> None:
    w = wire()
    await w.admin("accountban", data_username="demo")
    assert (await w.ask("get_token", p="demo-password"))["error"] == "100"
    assert (await w.ask("set_token"))["error"] == "100"
    await w.admin("accountunban", data_username="demo")
    assert (await w.ask("set_token"))["status"] == "OK"
