"""Connections that break at every point, on real loopback sockets: was anything sent, may it be asked again?"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.client.support import (
    OK_SEND,
    PASSWORD,
    TOKEN,
    Connection,
    Handler,
    RawGateway,
    always,
    close_after_reading,
    close_in_body,
    embedded,
    failure,
    http_answer,
)
from voipe_tui.client import Endpoint, GatewayClient, Timeouts, http_wire
from voipe_tui.errors import (
    GatewayError,
    MalformedReplyError,
    OutcomeUnknownError,
    UnreachableError,
)

SHORT = 0.05

Ask = Callable[[GatewayClient], Awaitable[Any]]

CHANGING: dict[str, Ask] = {
    "pv": lambda client: client.send("0521112223", "hello there"),
    "set_token": lambda client: client.set_token(),
    "creditadd": lambda client: client.credit_add("vipuser", 5),
    "creditdeduct": lambda client: client.credit_deduct("vipuser", 5),
    "loginkeyset": lambda client: client.login_key_set("vipuser"),
    "inject": lambda client: client.inject("0541234567", "hello there", "1234", "dev"),
    "stoplist": lambda client: client.stoplist_add("0529999999"),
    "accountadd": lambda client: client.account_add("new", PASSWORD, "New", "new@example.com"),
    "accountremove": lambda client: client.account_remove("old"),
    "accountban": lambda client: client.account_ban("old"),
    "accountunban": lambda client: client.account_unban("old"),
    "accountpref": lambda client: client.account_preferences("old", password=PASSWORD),
    "accountconf": lambda client: client.account_configure("old", footer="x"),
    "parentset": lambda client: client.parent_set("sub", "vipuser"),
}
READING: dict[str, Ask] = {
    "ds": lambda client: client.outgoing(),
    "in": lambda client: client.incoming(),
    "ix": lambda client: client.inbox(),
    "sx": lambda client: client.unhandled(),
    "cr": lambda client: client.credit(),
    "query": lambda client: client.query(),
    "get_token": lambda client: client.get_token(PASSWORD),
    "get_contact": lambda client: client.contacts("dana"),
    "get_contact_group": lambda client: client.contact_groups("team"),
    "creditview": lambda client: client.credit_view("vipuser"),
    "parentget": lambda client: client.parent_get("sub"),
}

EVERY = [
    *((ask, OutcomeUnknownError) for ask in CHANGING.values()),
    *((ask, UnreachableError) for ask in READING.values()),
]
EVERY_ID = [*CHANGING, *READING]
every_operation = pytest.mark.parametrize(("ask", "kind"), EVERY, ids=EVERY_ID)


def said_nothing_happened(error: GatewayError) -> bool:
    return "Nothing was sent." in error.message or "Nothing was changed." in error.message


# ---- the request was never written


@pytest.mark.parametrize("ask", [*CHANGING.values(), *READING.values()], ids=EVERY_ID)
async def test_a_refused_connection(ask: Ask, unused_tcp_port: int) -> None:
    endpoint = Endpoint(f"http://127.0.0.1:{unused_tcp_port}/", "json", "vipuser", TOKEN)
    async with GatewayClient(endpoint) as client:
        error = await failure(ask(client))
    assert type(error) is UnreachableError
    assert "127.0.0.1 refused the connection." in error.message
    assert said_nothing_happened(error) == (ask in CHANGING.values())


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (socket.gaierror(socket.EAI_NONAME, "no such name"), "The name gateway.example was not found."),
        (OSError(errno.ENETUNREACH, "unreachable"), "No connection to gateway.example could be made."),
        (UnicodeError("label too long"), "The name gateway.example was not found."),
    ],
    ids=["dns", "network", "bad-name"],
)
async def test_a_name_that_leads_nowhere(reason: Exception, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(*_: Any, **__: Any) -> Any:
        raise reason

    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    endpoint = Endpoint("https://gateway.example/", "json", "vipuser", TOKEN)
    async with GatewayClient(endpoint) as client:
        error = await failure(client.send("0521112223", "hello there"))
    assert type(error) is UnreachableError
    assert words in error.message
    assert said_nothing_happened(error)


async def test_a_connection_that_is_not_taken_in_time() -> None:
    async def silent(connection: Connection) -> None:
        await connection.reader.read()

    timeouts = Timeouts(connect=SHORT)
    # A TLS greeting without an answer: the connection stands, but is not ready for a request.
    async with RawGateway(silent) as gateway, gateway.client(scheme="https", timeouts=timeouts) as client:
        error = await failure(client.send("0521112223", "hello there"))
    assert type(error) is UnreachableError
    assert "did not take the connection in time" in error.message
    assert said_nothing_happened(error)


async def test_waiting_for_a_free_connection_in_vain() -> None:
    release = asyncio.Event()

    async def slow(connection: Connection) -> None:
        await connection.read_request()
        await release.wait()
        await connection.answer(http_answer(OK_SEND, close=True))

    timeouts = Timeouts(pool=SHORT, read=30, total=60)
    async with RawGateway(slow) as gateway, gateway.client(timeouts=timeouts) as client:
        sends = [asyncio.create_task(client.send("0521112223", "hello there")) for _ in range(11)]
        done, waiting = await asyncio.wait(sends, return_when=asyncio.FIRST_COMPLETED)
        (late,) = done
        error = await failure(late)
        release.set()
        replies = await asyncio.gather(*waiting)
    assert type(error) is UnreachableError
    assert said_nothing_happened(error)
    assert len(replies) == len(gateway.requests) == gateway.connections == http_wire.MAX_CONNECTIONS


# ---- the request left, no certain answer came


async def close_unread(connection: Connection) -> None:
    """Accepts and says goodbye at once."""


async def close_in_status_line(connection: Connection) -> None:
    await connection.read_request()
    await connection.answer(b"HTTP/1.1 20")


async def close_in_headers(connection: Connection) -> None:
    await connection.read_request()
    await connection.answer(b"HTTP/1.1 200 OK\r\nContent-Type: applica")


async def close_before_body(connection: Connection) -> None:
    await connection.read_request()
    await connection.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n")


async def close_in_chunk(connection: Connection) -> None:
    await connection.read_request()
    await connection.answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" + OK_SEND[:30])


async def close_between_chunks(connection: Connection) -> None:
    await connection.read_request()
    chunk = b"%x\r\n%s\r\n" % (len(OK_SEND), OK_SEND)
    await connection.answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk)


async def not_http(connection: Connection) -> None:
    await connection.read_request()
    await connection.answer(b"220 mail.example ESMTP\r\n\r\n")


BREAKS = [
    close_unread,
    close_after_reading,
    close_in_status_line,
    close_in_headers,
    close_in_body,
    close_before_body,
    close_in_chunk,
    close_between_chunks,
    not_http,
]


@pytest.mark.parametrize("transport", ["json", "form"])
@pytest.mark.parametrize("handler", BREAKS, ids=lambda handler: handler.__name__)
async def test_a_connection_that_ends_too_soon(handler: Handler, transport: str) -> None:
    async with RawGateway(handler) as gateway, gateway.client(transport) as client:
        error = await failure(client.send("0521112223", "hello there"))
        assert type(error) is OutcomeUnknownError
        assert "not known whether the message was accepted" in error.message
        assert "outbox" in error.hint
        assert gateway.connections == 1, "a send must never be repeated"
        assert len(gateway.requests) <= 1
        assert type(await failure(client.credit())) is UnreachableError


@every_operation
async def test_no_answer_for_any_operation(ask: Ask, kind: type[GatewayError]) -> None:
    async with RawGateway(close_after_reading) as gateway, gateway.client() as client:
        error = await failure(ask(client))
    assert type(error) is kind
    assert len(gateway.requests) == 1
    assert not said_nothing_happened(error)


@every_operation
async def test_an_answer_that_does_not_come_in_time(ask: Ask, kind: type[GatewayError]) -> None:
    async def silent(connection: Connection) -> None:
        await connection.read_request()
        await connection.reader.read()

    timeouts = Timeouts(read=SHORT)
    async with RawGateway(silent) as gateway, gateway.client(timeouts=timeouts) as client:
        error = await failure(ask(client))
        await gateway.closed.wait()
    assert type(error) is kind
    assert "did not answer in time" in error.message


def let_pass(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Time goes by at once for whoever waits on this loop."""
    loop = asyncio.get_running_loop()
    later = loop.time
    monkeypatch.setattr(loop, "time", lambda: later() + seconds)


async def test_an_answer_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless(connection: Connection) -> None:
        await connection.read_request()
        await connection.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        let_pass(monkeypatch, 600)
        await connection.reader.read()

    timeouts = Timeouts(total=600, read=6_000)
    async with RawGateway(endless) as gateway, gateway.client(timeouts=timeouts) as client:
        error = await failure(client.send("0521112223", "hello there"))
        assert type(error) is OutcomeUnknownError
        assert "did not finish its answer in time" in error.message
        assert type(await failure(client.credit())) is UnreachableError


async def test_an_answer_beyond_the_limit_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_wire, "MAX_ANSWER_BYTES", 100_000)

    async def flood(connection: Connection) -> None:
        await connection.read_request()
        await connection.answer(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while True:  # until the client closes
            await connection.answer(b" " * 65536)

    async with RawGateway(flood) as gateway, gateway.client() as client:
        error = await failure(client.outgoing())
        assert type(error) is MalformedReplyError
        assert "too large" in error.message
        await gateway.closed.wait()
        assert type(await failure(client.send("0521112223", "hello there"))) is OutcomeUnknownError


async def test_a_damaged_packing() -> None:
    answer = http_answer(b"this is not gzip", extra="Content-Encoding: gzip\r\n")
    async with RawGateway(always(answer)) as gateway, gateway.client() as client:
        assert type(await failure(client.credit())) is MalformedReplyError
        assert type(await failure(client.send("0521112223", "hello there"))) is OutcomeUnknownError


# ---- an embedded gateway breaks in the same ways


@pytest.mark.parametrize(
    ("reason", "sending", "reading"),
    [
        (ConnectionRefusedError, UnreachableError, UnreachableError),
        (ConnectionResetError, OutcomeUnknownError, UnreachableError),
        (BrokenPipeError, OutcomeUnknownError, UnreachableError),
        (TimeoutError, OutcomeUnknownError, UnreachableError),
        (None, OutcomeUnknownError, UnreachableError),
    ],
)
async def test_an_embedded_gateway_that_breaks(
    reason: type[Exception] | None, sending: type[GatewayError], reading: type[GatewayError]
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if reason is not None:
            raise reason
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": OK_SEND, "more_body": True})

    async with embedded(app) as client:
        error = await failure(client.send("0521112223", "hello there"))
        assert type(error) is sending
        assert said_nothing_happened(error) == (sending is UnreachableError)
        assert type(await failure(client.credit())) is reading


async def test_an_embedded_gateway_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        let_pass(monkeypatch, 600)
        await receive()  # a disconnect, which never comes

    async with embedded(app, timeouts=Timeouts(total=600)) as client:
        assert type(await failure(client.send("0521112223", "hello there"))) is OutcomeUnknownError


async def test_a_bug_of_an_embedded_gateway_is_no_gateway_error() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError

    async with embedded(app) as client:
        with pytest.raises(ZeroDivisionError):
            await client.credit()


async def test_a_closed_client_says_so() -> None:
    client = embedded(lambda *_: None)
    await client.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        await client.credit()
