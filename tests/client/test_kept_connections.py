"""Connections that are kept from one request to the next, and what it means when they die: on real loopback sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.client.support import (
    OK_CREDIT,
    OK_SEND,
    Connection,
    Handler,
    RawGateway,
    always,
    close_after_reading,
    close_in_body,
    failure,
    http_answer,
)
from voipe_tui.client import http_wire
from voipe_tui.errors import OutcomeUnknownError, UnreachableError


def twice(end: Callable[[Connection], Awaitable[None]], body: bytes = OK_CREDIT) -> Handler:
    """The first connection answers one request and then ends in its own way; later ones answer everything."""

    async def handler(connection: Connection) -> None:
        request = await connection.read_request()
        await connection.answer(http_answer(OK_SEND if request.fields["op"] == "pv" else body))
        if connection.number == 1:
            await end(connection)
            return
        while True:
            request = await connection.read_request()
            await connection.answer(http_answer(OK_SEND if request.fields["op"] == "pv" else body))

    return handler


async def close_quietly(connection: Connection) -> None:
    return None


async def reset(connection: Connection) -> None:
    connection.writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
    )


@pytest.mark.parametrize("end", [close_quietly, reset], ids=lambda end: end.__name__)
async def test_a_connection_closed_between_requests_does_not_make_a_send_unknown(
    end: Callable[[Connection], Awaitable[None]],
) -> None:
    async def handler(connection: Connection) -> None:
        request = await connection.read_request()
        await connection.answer(http_answer(OK_SEND if request.fields["op"] == "pv" else OK_CREDIT))
        await end(connection)

    async with RawGateway(handler) as gateway, gateway.client() as client:
        for _ in range(5):
            gateway.closed.clear()
            await client.credit()
            await gateway.closed.wait()
            gateway.closed.clear()
            assert (await client.send("0521112223", "hello there")).entries[0].ok
            await gateway.closed.wait()
    assert [request.fields["op"] for request in gateway.requests] == ["cr", "pv"] * 5


async def test_a_kept_connection_that_dies_under_a_listing_is_replaced_and_asked_again() -> None:
    async with RawGateway(twice(close_after_reading)) as gateway, gateway.client() as client:
        await client.credit()
        assert (await client.credit()).amount
    assert gateway.connections == 2
    assert len(gateway.requests) == 3


async def test_a_kept_connection_that_dies_under_a_send_leaves_it_unknown() -> None:
    async with RawGateway(twice(close_after_reading, OK_SEND)) as gateway, gateway.client() as client:
        assert (await client.send("0521112223", "hello there")).entries[0].ok
        assert type(await failure(client.send("0521112223", "hello again"))) is OutcomeUnknownError
        assert gateway.connections == 1
        assert (await client.send("0521112223", "and once more")).entries[0].ok
    assert [request.fields["msg"] for request in gateway.requests] == ["hello there", "hello again", "and once more"]


async def test_a_send_never_goes_over_the_connection_that_polls_keep() -> None:
    """It may be so old that the server says goodbye to it just then."""
    async with RawGateway(twice(close_after_reading)) as gateway, gateway.client() as client:
        await client.credit()
        assert (await client.send("0521112223", "hello there")).entries[0].ok
    assert gateway.connections == 2


async def test_a_server_that_says_goodbye_early_costs_one_send_its_certainty_and_no_more() -> None:
    """Who closed a kept connection under a send does so again: from then on each send has a new one."""

    async def handler(connection: Connection) -> None:
        await connection.read_request()
        await connection.answer(http_answer(OK_SEND))
        await connection.read_request()

    async with RawGateway(handler) as gateway, gateway.client() as client:
        sends = [await asyncio.gather(client.send("0521112223", "hello"), return_exceptions=True) for _ in range(6)]
    assert [type(result) for [result] in sends].count(OutcomeUnknownError) == 1
    assert len(gateway.requests) == 6


async def test_a_server_that_names_a_short_patience_gets_a_new_connection_for_each_send() -> None:
    async with (
        RawGateway(always(http_answer(OK_SEND, extra="Keep-Alive: timeout=1, max=100\r\n"))) as gateway,
        gateway.client() as client,
    ):
        for _ in range(3):
            assert (await client.send("0521112223", "hello there")).entries[0].ok
        assert gateway.connections == 3
    async with (
        RawGateway(always(http_answer(OK_SEND, extra="Keep-Alive: timeout=5, max=100\r\n"))) as gateway,
        gateway.client() as client,
    ):
        for _ in range(3):
            assert (await client.send("0521112223", "hello there")).entries[0].ok
        assert gateway.connections == 1


@pytest.mark.parametrize("apart", [False, True])
async def test_an_answer_from_before_the_request_is_no_answer_to_it(apart: bool) -> None:
    """A proxy that answers twice: the second answer must not confirm the next message, to the same number."""
    read, doubled = asyncio.Event(), asyncio.Event()

    async def handler(connection: Connection) -> None:
        request = await connection.read_request()
        answer = http_answer(OK_SEND if request.fields["op"] == "pv" else OK_CREDIT)
        await connection.answer(answer if apart or connection.number > 1 else answer * 2)
        if apart and connection.number == 1:
            await read.wait()
            await connection.answer(answer)
            doubled.set()
        await always(answer)(connection)

    async with RawGateway(handler) as gateway, gateway.client() as client:
        assert (await client.send("0521112223", "hello there")).entries[0].ok
        if apart:
            read.set()
            await doubled.wait()
            assert (await client.send("0521112223", "hello again")).entries[0].ok
        else:
            assert type(await failure(client.send("0521112223", "hello again"))) is OutcomeUnknownError
        assert (await client.send("0521112223", "and once more")).entries[0].ok
    assert gateway.connections >= 2


async def test_a_listing_is_asked_again_where_an_answer_stood_before_it() -> None:
    async def handler(connection: Connection) -> None:
        first = connection.number == 1
        await always(http_answer(OK_CREDIT) * 2 if first else http_answer(b'{"status":"OK","credit":99}'))(connection)

    async with RawGateway(handler) as gateway, gateway.client() as client:
        assert (await client.credit()).amount == Decimal("12.50")
        assert (await client.credit()).amount == 99
    assert gateway.connections == 2


async def test_a_listing_whose_answer_broke_off_is_not_asked_again_by_itself() -> None:
    async with RawGateway(twice(close_in_body)) as gateway, gateway.client() as client:
        await client.credit()
        assert type(await failure(client.credit())) is UnreachableError
    assert gateway.connections == 1


async def test_a_dead_connection_is_found_out_before_the_send_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails put no byte on the way: a new connection takes the same request, once."""
    import httpcore

    dead = False
    backend_connect = httpcore.AnyIOBackend.connect_tcp

    async def connect(self: Any, *args: Any, **named: Any) -> Any:
        stream = await backend_connect(self, *args, **named)
        write = stream.write

        async def writing(*args: Any, **named: Any) -> None:
            nonlocal dead
            if dead:
                dead = False
                await stream.aclose()
                raise httpcore.WriteError
            await write(*args, **named)

        monkeypatch.setattr(stream, "write", writing)
        return stream

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    answer = http_answer(OK_SEND)
    async with RawGateway(always(answer)) as gateway, gateway.client() as client:
        await client.send("0521112223", "first")
        dead = True
        assert (await client.send("0521112224", "second")).entries[0].ok
    assert [request.fields["msg"] for request in gateway.requests] == ["first", "second"]
    assert gateway.connections == 2


async def test_a_busy_gateway_is_served_over_kept_connections() -> None:
    async with RawGateway(always(http_answer(OK_SEND))) as gateway, gateway.client() as client:
        for _ in range(5):
            await asyncio.gather(*(client.send("0521112223", "hello there") for _ in range(20)))
    assert len(gateway.requests) == 100
    assert gateway.connections <= http_wire.MAX_CONNECTIONS


async def test_what_a_burst_of_sends_opened_is_closed_when_only_single_ones_follow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server would close them later; until then each is a socket that nobody needs, here and there."""
    monkeypatch.setattr(http_wire, "KEEPALIVE_SECONDS", 0.0001)
    open_now: set[int] = set()
    together = asyncio.Barrier(4)

    async def handler(connection: Connection) -> None:
        open_now.add(connection.number)
        try:
            while True:
                request = await connection.read_request()
                if request.fields["msg"] == "burst":
                    await together.wait()
                await connection.answer(http_answer(OK_SEND))
        finally:
            open_now.discard(connection.number)

    async with RawGateway(handler) as gateway, gateway.client() as client:
        await asyncio.gather(*(client.send("0521112223", "burst") for _ in range(4)))
        assert gateway.connections == 4
        for _ in range(200):
            await client.send("0521112223", "single")
            if len(open_now) == 1:
                break
        assert len(open_now) == 1
