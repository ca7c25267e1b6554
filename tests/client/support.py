"""Gateways for the client's tests: an ASGI one that says what it is told, and a raw one on a loopback socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import pytest

from voipe_tui.client import Endpoint, GatewayClient, Timeouts
from voipe_tui.errors import GatewayError

TOKEN = "5ecret0f7hetoken5ecret0f7hetoken"
PASSWORD = "pa55word-0f-the-account"
OK_SEND = b'{"data":[{"status":"OK","error":"0","smslog_id":1,"queue":"q1","to":"0521112223"}],"error_string":null}'
OK_CREDIT = b'{"status":"OK","error":"0","credit":"12.50","error_string":null,"timestamp":1795343329}'
PATIENT = Timeouts(connect=600, write=600, read=600, pool=600, total=600)


@dataclass(frozen=True)
class Request:
    """What arrived at a gateway."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        if self.headers.get("content-type") == "application/json":
            fields = json.loads(self.body)
            assert all(isinstance(value, str) for value in fields.values())
            return fields
        assert self.headers.get("content-type") == "application/x-www-form-urlencoded"
        return dict(parse_qsl(self.body.decode("ascii"), keep_blank_values=True, strict_parsing=True))


@dataclass
class Scripted:
    """An ASGI gateway that answers everything alike and keeps what it was asked."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    location: str = ""
    requests: list[Request] = field(default_factory=list, repr=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        query = scope["query_string"].decode()
        target = scope["raw_path"].decode() + (f"?{query}" if query else "")
        self.requests.append(Request(scope["method"], target, headers, body))
        raw = [(b"content-type", self.content_type.encode())]
        if self.location:
            raw.append((b"location", self.location.encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        half = len(self.body) // 2
        await send({"type": "http.response.body", "body": self.body[:half], "more_body": True})
        await send({"type": "http.response.body", "body": self.body[half:]})


def embedded(app: Any, transport: str = "json", **options: Any) -> GatewayClient:
    """A client of an ASGI gateway in this process."""
    endpoint = Endpoint("https://gateway.example/playsms/", transport, "vipuser", TOKEN)  # type: ignore[arg-type]
    return GatewayClient(endpoint, asgi_app=app, **options)


def http_answer(
    body: bytes, status: str = "200 OK", content_type: str = "application/json", extra: str = "", close: bool = False
) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{extra}"
    return head.encode() + (b"Connection: close\r\n" if close else b"") + b"\r\n" + body


@dataclass
class Connection:
    """One accepted connection, in the hands of a test's handler."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: RawGateway

    async def read_request(self) -> Request:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        method, target, _ = first.split(" ")
        request = Request(method, target, headers, body)
        self.server.requests.append(request)
        return request

    async def answer(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()


Handler = Callable[[Connection], Awaitable[None]]


class RawGateway:
    """A server on a loopback port; the handler of each connection does exactly what a test wants to happen.

    When the handler returns, the connection is closed, and ``closed`` says so.
    """

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None = None) -> None:
        self._handler = handler
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self.requests: list[Request] = []
        self.connections = 0
        self.closed = asyncio.Event()

    async def __aenter__(self) -> RawGateway:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.ensure_future(self._serve(Connection(self.connections, reader, writer, self)))
        self._tasks.add(task)

    async def _serve(self, connection: Connection) -> None:
        try:
            await self._handler(connection)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone
        finally:
            connection.writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await connection.writer.wait_closed()
            self.closed.set()

    def client(
        self,
        transport: str = "json",
        *,
        scheme: str = "http",
        host: str = "127.0.0.1",
        ca_file: str = "",
        timeouts: Timeouts = PATIENT,
    ) -> GatewayClient:
        url = f"{scheme}://{host}:{self.port}/playsms/"
        endpoint = Endpoint(url, transport, "vipuser", TOKEN, ca_file=ca_file)  # type: ignore[arg-type]
        return GatewayClient(endpoint, timeouts=timeouts)


def always(data: bytes) -> Handler:
    """Answers every request on a kept connection alike."""

    async def handler(connection: Connection) -> None:
        while True:
            await connection.read_request()
            await connection.answer(data)

    return handler


async def failure(awaitable: Awaitable[Any]) -> GatewayError:
    """The error, after a look that nothing secret hangs on it, not even in the variables of its frames."""
    with pytest.raises(GatewayError) as caught:
        await awaitable
    error = caught.value
    assert error.__cause__ is None
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    # The test's own frames hold the secrets as constants; the client's must not.
    shown = "".join(f"{frame.filename}{frame.locals}" for frame in frames.stack if "tests" not in frame.filename)
    assert "voipe_tui/client/gateway.py" in shown
    for secret in (TOKEN, PASSWORD):
        assert secret not in f"{shown}{error!r}{error}{error.hint}{error.args}"
    assert "hello there" not in f"{error!r}{error}{error.hint}{error.args}"
    return error


async def close_after_reading(connection: Connection) -> None:
    await connection.read_request()


async def close_in_body(connection: Connection) -> None:
    await connection.read_request()
    await connection.answer(http_answer(OK_SEND)[:-1])
