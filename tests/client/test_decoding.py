"""Answers as servers really give them: numbers both ways, PHP's own words around the JSON, damage of every kind."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.client.recorded import Exchange, everything
from tests.client.support import OK_CREDIT, OK_SEND, Scripted, embedded
from voipe_tui.client import Contact, Credit, GatewayClient, IncomingRow, OutgoingRow, SendEntry
from voipe_tui.errors import (
    AuthenticationError,
    GatewayError,
    MalformedReplyError,
    OutcomeUnknownError,
    RefusedError,
    UnsupportedError,
)

NOTICE = b"<br />\n<b>Notice</b>:  Undefined index: queue in <b>/var/www/fn.php</b> on line <b>57</b><br />\n"
PLAIN_NOTICE = b"\nWarning: Undefined array key 3 in /var/www/playsms/plugin/fn.php on line 57\n"


def answering(body: bytes | str | dict[str, Any], **options: Any) -> GatewayClient:
    if isinstance(body, dict):
        body = json.dumps(body)
    return embedded(Scripted(body.encode("utf-8") if isinstance(body, str) else body, **options))


def outgoing_of(*rows: Any) -> GatewayClient:
    return answering({"data": list(rows), "error_string": None})


# ---- numbers, texts and rows


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("0", "0"),
        ('"0"', "0"),
        ("989.5", "989.5"),
        ('"989.50"', "989.50"),
        ("0.1", "0.1"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("12345678901234567890.12345", "12345678901234567890.12345"),
        ("-3", "-3"),
        ('" 7 "', "7"),
        ("1e3", "1E+3"),
    ],
)
async def test_credit_is_decimal_to_the_last_digit(written: str, amount: str) -> None:
    credit = await answering(f'{{"status":"OK","error":"0","credit":{written}}}').credit()
    assert credit == Credit(Decimal(amount), None)
    assert str(credit.amount) == amount


@pytest.mark.parametrize(
    "written", ["null", '""', '"abc"', "NaN", "Infinity", '"NaN"', "1e400", '"1e999999"', "true", "[]"]
)
async def test_credit_that_is_none(written: str) -> None:
    with pytest.raises(MalformedReplyError, match="lacks something: the credit"):
        await answering(f'{{"status":"OK","error":"0","credit":{written}}}').credit()


async def test_ids_and_statuses_are_read_both_ways() -> None:
    listing = await outgoing_of(
        {"smslog_id": "30", "src": "1", "dst": "2", "msg": "m", "dt": "d", "update": "u", "status": "3"},
        {"smslog_id": 31, "src": 1, "dst": 972521112223, "msg": 5.50, "dt": None, "status": 0},
        {"smslog_id": 32.0, "msg": "no status"},
        {"smslog_id": " 33 ", "status": "odd"},
        {"smslog_id": 34, "status": 17},
    ).outgoing()
    assert listing.rows == (
        OutgoingRow(30, "1", "2", "m", "d", "u", 3),
        OutgoingRow(31, "1", "972521112223", "5.5", "", "", 0),
        OutgoingRow(32, "", "", "no status", "", "", -1),
        OutgoingRow(33, "", "", "", "", "", -1),
        OutgoingRow(34, "", "", "", "", "", 17),
    )
    assert listing.skipped == 0


async def test_a_broken_row_does_not_lose_the_others() -> None:
    good = {"smslog_id": 7, "msg": "good"}
    broken: list[Any] = [
        None,
        "text",
        3,
        [],
        {},
        {"smslog_id": None},
        {"smslog_id": "abc"},
        {"smslog_id": 2**63},
        {"smslog_id": "9" * 30},
        {"smslog_id": True},
    ]
    listing = await outgoing_of(*broken, good, *broken).outgoing()
    assert [row.msg for row in listing.rows] == ["good"]
    assert listing.skipped == 2 * len(broken)


@pytest.mark.parametrize(
    ("written", "read"),
    [([], ""), ({}, ""), (["a", "ש"], '["a", "ש"]'), ({"a": 1.5}, '{"a": "1.5"}'), (True, "true"), (False, "false")],
)
async def test_a_field_that_is_no_text_does_not_lose_its_row(written: Any, read: str) -> None:
    names = ("src", "dst", "msg", "dt", "update")
    listing = await outgoing_of({"smslog_id": 8, "status": [], **dict.fromkeys(names, written)}).outgoing()
    assert (listing.rows, listing.skipped) == ((OutgoingRow(8, read, read, read, read, read, -1),), 0)
    fields = {"src": written, "msg": written, "dst": written, "kwd": written, "dt": written, "status": written}
    inbox = await answering({"data": [{"id": 4, **fields}]}).inbox()
    assert (inbox.rows, inbox.skipped) == ((IncomingRow(4, read, read, read, read, read, None),), 0)


async def test_a_number_of_ten_thousand_digits_is_one_broken_row() -> None:
    body = b'{"data":[{"smslog_id":' + b"1" * 10_000 + b'},{"smslog_id":5}],"timestamp":' + b"9" * 5000 + b"}"
    listing = await answering(body).outgoing()
    assert [row.smslog_id for row in listing.rows] == [5]
    assert (listing.skipped, listing.timestamp) == (1, None)


@pytest.mark.parametrize("data", [{"0": {"id": 1}, "2": {"id": 3}}, [{"id": 1}, {"id": 3}]], ids=["gaps", "list"])
async def test_rows_may_come_as_an_object_with_numbers_for_keys(data: Any) -> None:
    listing = await answering({"data": data}).inbox()
    assert [row.id for row in listing.rows] == [1, 3]


async def test_a_lone_row_may_stand_bare() -> None:
    assert (await answering({"data": {"id": "4", "src": "@admin"}}).inbox()).rows == (
        IncomingRow(4, "@admin", "", "", "", "", None),
    )


async def test_a_listing_without_rows() -> None:
    for body in ({"status": "OK", "error": "0", "data": None}, {"data": []}, {"data": {}}):
        listing = await answering(body).contacts("dana")
        assert (listing.rows, listing.code, listing.skipped) == ((), None, 0)


async def test_why_a_listing_has_no_rows() -> None:
    for code in (400, 401, 402, 501):
        listing = await answering({"status": "ERR", "error": str(code)}).outgoing(queue="q")
        assert (listing.rows, listing.code) == ((), code)
        assert (listing.still_queued, listing.left_queue) == (code == 401, code == 402)


@pytest.mark.parametrize("data", ['"text"', "5", "true"])
async def test_a_listing_of_nonsense(data: str) -> None:
    with pytest.raises(MalformedReplyError):
        await answering(f'{{"data":{data}}}').outgoing()


async def test_contacts_of_older_servers() -> None:
    row = {"pid": "13", "gpid": "2", "p_desc": "Dana", "p_num": "052", "email": "", "group_name": "Team", "code": "T"}
    assert (await answering({"status": "OK", "data": [row]}).contacts("d")).rows == (
        Contact(13, "Dana", "052", "", ""),
    )


async def test_an_account_state_without_last_ids_does_not_make_them_up() -> None:
    user = {"username": "vipuser", "uid": "2", "credit": None}
    for last in (None, {}, {"user_inbox": 1, "user_incoming": None, "user_outgoing": 2}):
        state = await answering({"status": "OK", "data": {"user": user, "last_id": last}}).query()
        assert state.last_ids is None
        assert (state.account.uid, state.account.status, state.account.credit) == (2, None, None)
    with pytest.raises(MalformedReplyError, match="the account"):
        await answering({"status": "OK", "data": {"last_id": {}}}).query()


# ---- the answer to pv


async def test_an_entry_that_failed_is_told_not_raised() -> None:
    entry = {"status": "ERR", "error": "200", "smslog_id": "", "queue": "abc", "to": ""}
    reply = await answering({"data": [entry]}).send("0529999999", "hello there")
    assert reply.entries == (SendEntry(False, 200, None, "abc", ""),)
    assert (reply.accepted, reply.queue) == ((), "")


@pytest.mark.parametrize(
    "data",
    [None, [], {}, [None], [{}], [{"status": "OK?"}], ["OK"], [{"status": "ERR", "error": 200}, None]],
    ids=repr,
)
async def test_an_answer_to_pv_that_does_not_say_what_became_of_the_message(data: Any) -> None:
    with pytest.raises(OutcomeUnknownError):
        await answering({"status": "OK", "error": "0", "data": data}).send("0521112223", "hello there")


async def test_an_accepted_entry_counts_beside_a_broken_one() -> None:
    ok = {"status": "ok", "error": 0, "smslog_id": "5", "queue": "q", "to": "052"}
    reply = await answering({"data": [None, ok]}).send("#TEAM", "hello there")
    assert reply.entries == (SendEntry(True, 0, 5, "q", "052"),)


async def test_an_error_that_names_messages_is_unknown() -> None:
    body = {"status": "ERR", "error": "200", "data": json.loads(OK_SEND)["data"]}
    with pytest.raises(OutcomeUnknownError):
        await answering(body).send("0521112223", "hello there")


async def test_a_yes_without_the_new_token_is_unknown() -> None:
    for body in ({"status": "OK", "error": "0"}, {"status": "OK", "token": ""}, {"status": "OK", "token": None}):
        with pytest.raises(OutcomeUnknownError) as caught:
            await answering(body).set_token()
        assert "password" in caught.value.hint


# ---- around the JSON


@pytest.mark.parametrize(
    "wrap",
    [
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: b"\xef\xbb\xbf\xef\xbb\xbf\r\n " + body + b"\r\n\r\n",
        lambda body: NOTICE + body,
        lambda body: b"\xef\xbb\xbf" + NOTICE + PLAIN_NOTICE + NOTICE + body,
        lambda body: PLAIN_NOTICE + body,
        lambda body: body + NOTICE,
        lambda body: NOTICE + body + b"\nFatal error: Uncaught TypeError in /var/www/fn.php:8\n",
        lambda body: b"<br />\n<b>Deprecated</b>:  Function {closure} is deprecated<br />\n" + body,
        lambda body: body.decode().encode("utf-16"),
        lambda body: body.decode().encode("utf-32"),
    ],
    ids=["bom", "boms", "notice", "notices", "plain", "after", "fatal", "braces", "utf-16", "utf-32"],
)
@pytest.mark.parametrize("content_type", ["application/json", "text/html; charset=UTF-8", ""])
async def test_what_php_writes_around_the_answer(wrap: Any, content_type: str) -> None:
    client = answering(wrap(OK_CREDIT), content_type=content_type)
    assert (await client.credit()).amount == Decimal("12.50")
    client = answering(wrap(OK_SEND), content_type=content_type)
    assert (await client.send("0521112223", "hello there")).queue == "q1"


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><body>Login</body></html>",
        b"<html><script>var state = " + OK_SEND + b"</script></html>",
        b"<HTML>\nWarning: not secure " + OK_SEND,
        OK_SEND + OK_SEND,
        NOTICE + OK_SEND + NOTICE + OK_SEND,
        NOTICE + OK_SEND[:-1],
        b"something else " + OK_SEND,
        b"[" + OK_SEND + b"]",
        b'"OK"',
        b"null",
        b"OK 0,afb5f34575e30ec4efe4471cf5d1bee4",
        b"{}",
        b'{"message":"Not Found"}',
        b'{"status":200,"title":"OK"}',
        b'{"status":"","data":null}',
        b'{"status":"QUEUED"}',
        b"[" * 100_000,
        b'{"data":' * 100_000,
        b"\xff\xfe\xfd",
        b"\0\0\0\0",
        b" \r\n\t ",
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
async def test_what_is_no_answer(body: bytes) -> None:
    with pytest.raises(OutcomeUnknownError):
        await answering(body).send("0521112223", "hello there")
    with pytest.raises(MalformedReplyError):
        await answering(body).outgoing()


async def test_the_bare_codes_of_old_servers() -> None:
    with pytest.raises(AuthenticationError) as caught:
        await answering(b"ERR 100\n", content_type="text/html").credit()
    assert caught.value.code == 100
    assert (await answering(b"ERR 400", content_type="text/plain").outgoing()).code == 400


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ('{"data":[{"id":1,"msg":"שלום"}]}'.encode(), "text/html; charset=windows-1255", "שלום"),
        ('{"data":[{"id":1,"msg":"שלום"}]}'.encode("windows-1255"), "text/html; charset=windows-1255", "שלום"),
        ('{"data":[{"id":1,"msg":"שלום"}]}'.encode("iso-8859-8"), 'application/json; charset="ISO-8859-8"', "שלום"),
        ('{"data":[{"id":1,"msg":"é"}]}'.encode("latin-1"), "application/json", "�"),
        ('{"data":[{"id":1,"msg":"é"}]}'.encode("latin-1"), "application/json; charset=utf8", "�"),
        ('{"data":[{"id":1,"msg":"é"}]}'.encode("latin-1"), "application/json; charset=no-such", "�"),
        ('{"data":[{"id":1,"msg":"é"}]}'.encode("latin-1"), "application/json; charset=zlib", "�"),
        ('{"data":[{"id":1,"msg":"é"}]}'.encode("latin-1"), "application/json; charset=idna", "�"),
    ],
)
async def test_character_sets(body: bytes, content_type: str, text: str) -> None:
    (row,) = (await answering(body, content_type=content_type).inbox()).rows
    assert row.msg == text


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"party \ud83c\udf89", "party 🎉"),
        (r"half \ud83c", "half �"),
        (r"half \udf89 of it", "half � of it"),
        (r"\udf89\ud83c", "��"),
        (r"\ud83c\ud83c\udf89", "�🎉"),
        (r"\uD83C\u05d0", "�א"),
        ("raw\ttab\nand\x1besc\0nul", "raw\ttab\nand\x1besc\0nul"),
        (r"\\ud83c", r"\ud83c"),
    ],
)
async def test_escapes(escaped: str, text: str) -> None:
    (row,) = (await answering(f'{{"data":[{{"id":1,"msg":"{escaped}"}}]}}').inbox()).rows
    assert row.msg == text
    row.msg.encode("utf-8")


# ---- statuses and codes


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 429, 500, 502, 503, 504])
async def test_a_web_servers_own_words(status: int) -> None:
    page = b"<html><title>Error</title></html>"
    for body in (b"", page):
        with pytest.raises(MalformedReplyError) as read:
            await answering(body, status=status, content_type="text/html").query()
        assert read.value.http_status == status
        with pytest.raises(OutcomeUnknownError) as sent:
            await answering(body, status=status, content_type="text/html").send("0521112223", "hello there")
        assert sent.value.http_status == status
        assert str(status) in sent.value.message


async def test_a_server_error_is_never_a_yes() -> None:
    with pytest.raises(OutcomeUnknownError):
        await answering(OK_SEND, status=500).send("0521112223", "hello there")


async def test_a_gateways_no_with_the_web_servers_status() -> None:
    with pytest.raises(AuthenticationError) as caught:
        await answering({"status": "ERR", "error": 100}, status=401).send("0521112223", "hello there")
    assert caught.value.code == 100


async def test_an_empty_answer_means_an_unknown_operation_until_it_has_answered_once() -> None:
    app = Scripted(b"")
    client = embedded(app)
    for ask in (client.query, client.inbox, client.unhandled):
        with pytest.raises(UnsupportedError):
            await ask()
    for ask in (client.credit, client.outgoing, client.incoming):
        with pytest.raises(MalformedReplyError):
            await ask()
    app.body = b'{"status":"ERR","error":"501"}'
    await client.inbox()
    assert client.proven == {"ix"}
    app.body = b""
    with pytest.raises(MalformedReplyError):
        await client.inbox()
    with pytest.raises(UnsupportedError):
        await client.query()
    with pytest.raises(MalformedReplyError):
        await embedded(app, proven={"query"}).query()


async def test_an_operation_that_the_gateway_says_it_does_not_know() -> None:
    for ask in (lambda c: c.query(), lambda c: c.stoplist_add("052")):
        with pytest.raises(UnsupportedError) as caught:
            await ask(answering({"status": "ERR", "error": "101"}))
        assert caught.value.code == 101


async def test_a_code_that_is_new() -> None:
    with pytest.raises(RefusedError) as caught:
        await answering({"status": "ERR", "error": "299", "error_string": "\x1b[31mno\u202e"}).send("052", "hello")
    assert caught.value.code == 299
    assert "ERR 299" in caught.value.message
    assert "refuses to send" in caught.value.message
    assert "Nothing was sent." in caught.value.message


async def test_an_error_without_a_code() -> None:
    for error in (None, "", "0", 0, "abc"):
        with pytest.raises(RefusedError) as caught:
            await answering({"status": "ERR", "error": error, "error_string": "no luck today"}).stoplist_add("052")
        assert caught.value.code is None
        assert "no luck today" in caught.value.message
        assert "Nothing was changed." in caught.value.message


async def test_an_error_without_a_code_is_no_word_on_a_message() -> None:
    """No documented refusal is without one; a front that broke on the way may well speak so."""
    for error in (None, "", "0", 0, "abc"):
        with pytest.raises(OutcomeUnknownError) as caught:
            await answering({"status": "ERR", "error": error, "error_string": "no luck"}).send("0521112223", "hello")
        assert "no luck" in caught.value.message
        assert "Nothing was sent" not in caught.value.message
    with pytest.raises(OutcomeUnknownError):
        await answering({"status": "ERR"}).send("0521112223", "hello")


async def test_what_the_gateway_adds_is_made_safe_and_short() -> None:
    info = "taken\x1b[2J\u202e by vipuser " + "x" * 5000 + "5ecret0f7hetoken5ecret0f7hetoken pa55word"
    with pytest.raises(RefusedError) as caught:
        await answering({"status": "ERR", "error": "604", "info": info}).account_add("x", "pa55word", "X", "x@x")
    message = caught.value.message
    assert "taken" in message
    assert not set("\x1b\u202e\n") & set(message)
    assert len(message) < 500
    for secret in ("5ecret0f7hetoken", "pa55word"):
        assert secret not in message
    echo = "token 5ecret0f7hetoken5ecret0f7hetoken, password pa55word"
    with pytest.raises(RefusedError) as caught:
        await answering({"status": "ERR", "error": "604", "info": echo}).account_add("x", "pa55word", "X", "x@x")
    assert "token …, password …" in caught.value.message


# ---- whatever comes


@given(
    body=st.binary(max_size=400), status=st.sampled_from([200, 201, 204, 302, 404, 500]), charset=st.text(max_size=12)
)
@settings(max_examples=100, deadline=None)
async def test_no_bytes_break_the_reader(body: bytes, status: int, charset: str) -> None:
    kind = f"application/json; charset={charset}".encode("ascii", "ignore").decode()
    for ask in (lambda c: c.outgoing(), lambda c: c.query(), lambda c: c.send("052", "hello")):
        with contextlib.suppress(GatewayError):
            await ask(answering(body, status=status, content_type=kind))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["OK", "ERR", "100"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["status", "error", "data", "credit", "user", "smslog_id", "id", "msg", "0"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(value=st.dictionaries(st.sampled_from(["status", "error", "data", "credit", "token", "info"]), JSON, max_size=5))
@example(value={"status": "ERR", "info": []})
@settings(max_examples=100, deadline=None)
async def test_no_json_breaks_the_reader(value: dict[str, Any]) -> None:
    for ask in (
        lambda c: c.outgoing(),
        lambda c: c.contacts("x"),
        lambda c: c.query(),
        lambda c: c.credit(),
        lambda c: c.get_token("pa55word"),
        lambda c: c.parent_get("x"),
        lambda c: c.credit_add("x", 1),
        lambda c: c.send("052", "hello"),
    ):
        with contextlib.suppress(GatewayError):
            await ask(answering(value))


ACCEPTED = [e for e in everything() if e.op == "pv" and e.status == 200 and b'"status":"OK"' in e.body]


@given(exchange=st.sampled_from(ACCEPTED), cut=st.floats(0, 1), noise=st.sampled_from([b"", NOTICE, PLAIN_NOTICE]))
@settings(max_examples=100, deadline=None)
async def test_a_recorded_yes_cut_anywhere_is_unknown(exchange: Exchange, cut: float, noise: bytes) -> None:
    body = noise + exchange.body[: int(cut * (len(exchange.body) - 1))]
    with pytest.raises(OutcomeUnknownError):
        await answering(body).send("0521112223", "hello there")
