"""What the package offers: its names, its methods, its arguments, and what importing it costs."""

from __future__ import annotations

import asyncio
import inspect
import logging
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest

import voipe_tui.client
from tests.client.support import (
    OK_CREDIT,
    OK_SEND,
    PASSWORD,
    TOKEN,
    RawGateway,
    Scripted,
    always,
    embedded,
    http_answer,
)
from voipe_tui import __version__
from voipe_tui.client import Endpoint, GatewayClient, LoginKey, TokenReply, describe
from voipe_tui.errors import AuthenticationError, InputError, MalformedReplyError

METHODS = {
    "send": "pv",
    "outgoing": "ds",
    "incoming": "in",
    "inbox": "ix",
    "unhandled": "sx",
    "credit": "cr",
    "query": "query",
    "get_token": "get_token",
    "diagnose": "get_token",
    "set_token": "set_token",
    "contacts": "get_contact",
    "contact_groups": "get_contact_group",
    "inject": "inject",
    "stoplist_add": "stoplist",
    "account_add": "accountadd",
    "account_remove": "accountremove",
    "account_ban": "accountban",
    "account_unban": "accountunban",
    "account_preferences": "accountpref",
    "account_configure": "accountconf",
    "parent_set": "parentset",
    "parent_get": "parentget",
    "credit_view": "creditview",
    "credit_add": "creditadd",
    "credit_deduct": "creditdeduct",
    "login_key_set": "loginkeyset",
}


def test_the_exported_names() -> None:
    assert voipe_tui.client.__all__ == [
        "Account",
        "AccountState",
        "Contact",
        "ContactGroup",
        "Credit",
        "CreditChange",
        "Diagnosis",
        "Done",
        "Endpoint",
        "GatewayClient",
        "IncomingRow",
        "LastIds",
        "Listing",
        "LoginKey",
        "OutgoingRow",
        "Parent",
        "ReturnCode",
        "SendEntry",
        "SendReply",
        "Timeouts",
        "TokenReply",
        "Transport",
        "Verdict",
        "describe",
    ]
    for name in voipe_tui.client.__all__:
        assert getattr(voipe_tui.client, name) is not None
    assert set(voipe_tui.client.__all__) <= set(dir(voipe_tui.client))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        voipe_tui.client.nonsense  # noqa: B018


def test_every_operation_has_a_documented_method() -> None:
    public = {name for name, _ in inspect.getmembers(GatewayClient, inspect.isfunction) if not name.startswith("_")}
    assert public == {*METHODS, "login_link", "aclose"}
    for name in public - {"aclose"}:
        documentation = getattr(GatewayClient, name).__doc__
        assert documentation, name
        assert name in ("diagnose", "login_link") or f"``{METHODS[name]}``" in documentation, name


def in_a_fresh_interpreter(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    "code",
    [
        "import voipe_tui.client",
        "import voipe_tui.client.models",
        "from voipe_tui.client import Endpoint, Listing, SendReply, OutgoingRow",
        "from voipe_tui.client import GatewayClient, Timeouts",
        "import asyncio\nfrom tests.client.support import embedded, Scripted, OK_CREDIT\n"
        "asyncio.run(embedded(Scripted(OK_CREDIT)).credit())",
    ],
)
def test_httpx_loads_for_a_network_only(code: str) -> None:
    heavy = "{'httpx', 'httpcore', 'textual', 'phonenumbers', 'starlette', 'anyio'}"
    assert in_a_fresh_interpreter(f"{code}\nimport sys\nprint(*({heavy} & set(sys.modules)))") == ""


def test_models_load_without_the_client() -> None:
    code = (
        "import voipe_tui.client.models, sys; print('voipe_tui.client.gateway' in sys.modules, 'json' in sys.modules)"
    )
    assert in_a_fresh_interpreter(code) == "False False"


# ---- secrets


async def test_no_repr_holds_a_secret() -> None:
    app = Scripted(OK_SEND)
    endpoint = Endpoint("https://gateway.example/playsms/", "json", "vipuser", TOKEN)
    client = GatewayClient(endpoint, asgi_app=app)
    await client.send("052", "hello there")
    parts: list[Any] = [endpoint, client, vars(client), TokenReply(TOKEN), LoginKey(TOKEN)]
    async with RawGateway(always(http_answer(OK_CREDIT))) as gateway, gateway.client() as over_http:
        await over_http.credit()
        parts += [over_http, vars(over_http)]
        assert TOKEN not in f"{parts}"
    assert (
        str(GatewayClient(endpoint)) == "GatewayClient('https://gateway.example/playsms/api.php', username='vipuser')"
    )
    assert client.host == "gateway.example"


@pytest.mark.parametrize("transport", ["json", "form"])
async def test_nothing_secret_is_logged_or_in_a_url(transport: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answer = http_answer(f'{{"status":"OK","error":"0","token":"{TOKEN[::-1]}"}}'.encode())
    async with RawGateway(always(answer)) as gateway, gateway.client(transport) as client:
        assert (await client.get_token(PASSWORD)).token == TOKEN[::-1]
        assert (await client.set_token()).token == TOKEN[::-1]
        await client.account_add("x", PASSWORD, "X", "x@example.com")
        await client.inject("0541234567", "a very private text", "1234", "dev")
    assert len(gateway.requests) == 4
    for request in gateway.requests:
        assert PASSWORD not in request.target
        assert "u=" not in request.target
    logged = "".join(f"{record.getMessage()}{record.args}" for record in caplog.records)
    assert "HTTP Request: POST" in logged
    for secret in (TOKEN, TOKEN[::-1], PASSWORD, "private text"):
        assert secret not in logged
        assert secret not in caplog.text


async def test_requests_name_the_program() -> None:
    app = Scripted(OK_CREDIT)
    await embedded(app).credit()
    assert app.requests[0].headers["user-agent"] == f"voipe-tui/{__version__}"
    assert app.requests[0].headers["host"] == "gateway.example"


# ---- arguments


async def sent(ask: Any, body: bytes = b'{"status":"OK","error":"0"}', transport: str = "form") -> dict[str, str]:
    app = Scripted(body)
    await ask(embedded(app, transport))
    (request,) = app.requests
    fields = request.fields
    return {name: value for name, value in fields.items() if name not in ("u", "h", "user", "token", "op", "format")}


@pytest.mark.parametrize("transport", ["json", "form"])
async def test_every_option_of_a_message(transport: str) -> None:
    fields = await sent(
        lambda c: c.send(
            "@admin",
            "Line 1\nשורה & 2 + %20 🎉",
            sender="VipInv",
            flash=True,
            schedule="2028-02-29 23:59:59",
            footer="bye",
            nofooter=True,
        ),
        OK_SEND,
        transport,
    )
    assert fields == {
        "to": "@admin",
        "msg": "Line 1\nשורה & 2 + %20 🎉",
        "from": "VipInv",
        "type": "flash",
        "unicode": "1",
        "schedule": "2028-02-29 23:59:59",
        "footer": "bye",
        "nofooter": "1",
    }


async def test_a_plain_message_is_plain() -> None:
    assert await sent(lambda c: c.send("052", "hello"), OK_SEND) == {"to": "052", "msg": "hello"}
    assert "unicode" not in await sent(lambda c: c.send("052", "שלום", unicode=False), OK_SEND)
    assert (await sent(lambda c: c.send("052", "hello", unicode=True), OK_SEND))["unicode"] == "1"
    assert (await sent(lambda c: c.send("052", "€"), OK_SEND))["unicode"] == "1"


@pytest.mark.parametrize("to", ["0521112223,0521112224", "052;053", "052\n053", ",052", "052,", "@admin,052"])
async def test_a_list_of_recipients_is_refused(to: str) -> None:
    app = Scripted(OK_SEND)
    with pytest.raises(InputError, match="one recipient at a time"):
        await embedded(app).send(to, "hello")
    assert not app.requests


@pytest.mark.parametrize(
    "schedule", ["", "tomorrow", "2026-03-05", "2026-02-30 10:00:00", "2026-03-05 25:00:00", "2026-03-05T10:00:00"]
)
async def test_a_malformed_schedule_never_leaves(schedule: str) -> None:
    app = Scripted(OK_SEND)
    with pytest.raises(InputError, match="2026-03-05 09:30:00"):
        await embedded(app).send("052", "hello", schedule=schedule)
    assert not app.requests


async def test_half_a_character_never_leaves() -> None:
    app = Scripted(OK_SEND)
    with pytest.raises(InputError) as caught:
        await embedded(app).send("052", "שלום \ud83c world")
    assert "Character 6 of “msg”" in caught.value.message
    assert "world" not in caught.value.message
    assert not app.requests


async def test_every_filter_of_a_listing() -> None:
    nothing = b'{"status":"ERR","error":"400"}'
    names = {"src": "1", "dst": "2", "dt": "2026-03-05 10", "count": 500, "last": 0}
    wire = {"src": "1", "dst": "2", "dt": "2026-03-05 10", "c": "500", "last": "0"}
    assert await sent(lambda c: c.outgoing(queue="q", **names), nothing) == {"queue": "q", **wire}
    assert await sent(lambda c: c.outgoing(smslog_id=7), nothing) == {"smslog_id": "7"}
    assert await sent(lambda c: c.incoming(keyword="INFO", **names), nothing) == {"kwd": "INFO", **wire}
    assert await sent(lambda c: c.inbox(**names), nothing) == wire
    assert await sent(lambda c: c.unhandled(**names), nothing) == wire
    assert await sent(lambda c: c.contacts("", 5), nothing) == {"kwd": "", "c": "5"}


async def test_an_empty_filter_would_list_everything() -> None:
    for filters in ({"queue": ""}, {"smslog_id": 0}):
        app = Scripted(OK_SEND)
        with pytest.raises(ValueError, match="leave it out"):
            await embedded(app).outgoing(**filters)  # type: ignore[arg-type]
        assert not app.requests


async def test_an_administrators_arguments() -> None:
    add = await sent(
        lambda c: c.account_add(
            "sub", "pw", "Sub", "s@x", status=4, mobile="052", parent="vipuser", timezone="+0200", language="en_US"
        )
    )
    assert add == {
        "data_status": "4",
        "data_username": "sub",
        "data_password": "pw",
        "data_name": "Sub",
        "data_email": "s@x",
        "data_mobile": "052",
        "data_parent": "vipuser",
        "data_datetime_timezone": "+0200",
        "data_language_module": "en_US",
    }
    configure = await sent(
        lambda c: c.account_configure("x", footer="", forward_to_inbox=True, forward_to_email=False, local_length=9)
    )
    assert configure == {
        "data_username": "x",
        "data_footer": "",
        "data_fwd_to_inbox": "1",
        "data_fwd_to_email": "0",
        "data_local_length": "9",
    }
    assert await sent(lambda c: c.account_preferences("x", zipcode="0")) == {"data_username": "x", "data_zipcode": "0"}
    amounts = {Decimal("10.50"): "10.50", Decimal("1E+3"): "1000", Decimal("0.000001"): "0.000001", 7: "7"}
    for amount, written in amounts.items():
        fields = await sent(lambda c, amount=amount: c.credit_deduct("x", amount))
        assert fields == {"data_username": "x", "data_amount": written}


@pytest.mark.parametrize("amount", [0, -1, Decimal("NaN"), Decimal("Infinity"), Decimal("-0.5")])
async def test_an_amount_that_is_none(amount: Any) -> None:
    app = Scripted(OK_SEND)
    for change in (embedded(app).credit_add, embedded(app).credit_deduct):
        with pytest.raises(InputError):
            await change("vipuser", amount)
    assert not app.requests


async def test_the_parent_of_a_subuser() -> None:
    body = b'{"status":"OK","error":"0","parent_uid":"2","parent":"vipuser","error_string":null,"timestamp":5}'
    parent = await embedded(Scripted(body)).parent_get("sub")
    assert (parent.username, parent.uid, parent.timestamp) == ("vipuser", 2, 5)


# ---- why a token is refused


@pytest.mark.parametrize(
    ("body", "verdict", "code"),
    [
        ({"status": "OK", "error": "0", "token": TOKEN}, "ok", None),
        ({"status": "OK", "error": "0", "token": "another"}, "token_differs", None),
        ({"status": "ERR", "error": "100"}, "password", 100),
        ({"status": "ERR", "error": "104"}, "no_token", 104),
        ({"status": "ERR", "error": "105"}, "disabled", 105),
        ({"status": "ERR", "error": "106"}, "address", 106),
    ],
)
async def test_get_token_tells_the_causes_apart(body: dict[str, str], verdict: str, code: int | None) -> None:
    import json

    app = Scripted(json.dumps(body).encode())
    diagnosis = await embedded(app).diagnose(PASSWORD)
    assert (diagnosis.verdict, diagnosis.code) == (verdict, code)
    assert diagnosis.token == body.get("token", "")
    assert diagnosis.sentence
    assert diagnosis.hint or verdict == "ok"
    assert TOKEN not in repr(diagnosis)
    assert PASSWORD not in repr(diagnosis)
    assert len(app.requests) == 1, "a failed login is never repeated by itself"


async def test_other_failures_of_a_diagnosis_are_raised() -> None:
    with pytest.raises(MalformedReplyError):
        await embedded(Scripted(b"")).diagnose(PASSWORD)


async def test_a_refused_token_is_asked_about_once() -> None:
    app = Scripted(b'{"status":"ERR","error":"100","error_string":"authentication failed"}')
    with pytest.raises(AuthenticationError) as caught:
        await embedded(app).outgoing()
    assert len(app.requests) == 1
    assert "profile check" in caught.value.hint


def test_every_documented_code_has_words() -> None:
    codes = [*range(100, 107), 200, 201, 400, 401, 402, 501, *range(600, 628)]
    for code in codes:
        assert describe(code).sentence.endswith("."), code
        assert "new to this program" not in describe(code).hint, code
    for code in (107, 299, 499, 599, 699, 999, 1):
        assert describe(code).sentence
        assert "new to this program" in describe(code).hint


async def test_many_requests_at_once_open_one_client() -> None:
    async with RawGateway(always(http_answer(OK_CREDIT))) as gateway, gateway.client() as client:
        await asyncio.gather(*(client.credit() for _ in range(8)))
        assert len(gateway.requests) == 8
    with pytest.raises(RuntimeError, match="closed"):
        await client.credit()
