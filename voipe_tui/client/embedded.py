"""A wire to a gateway within this process: an ASGI application is called directly, no socket, no httpx.

An application that raises stands for a network that breaks: ``ConnectionRefusedError`` nothing was reached, any other
``ConnectionError`` the connection closed after the request had been read, ``TimeoutError`` it never answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

from voipe_tui.client.address import Address
from voipe_tui.client.exchange import MAX_ANSWER_BYTES, Answer, Payload, Progress, WireFailure, seconds_of

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]


class EmbeddedWire:
    """Calls ``app`` once per request, with the scope that a server on a socket would build."""

    def __init__(self, app: AsgiApp, address: Address, user_agent: str) -> None:
        self._app = app
        self._address = address
        self._user_agent = user_agent

    def __repr__(self) -> str:
        return f"EmbeddedWire({self._address.host!r})"

    async def aclose(self) -> None:
        return None

    async def post(self, payload: Payload, *, repeatable: bool, progress: Progress) -> Answer:
        exchange = _Exchange(payload)
        progress.left = True
        failure: WireFailure | None = None
        try:
            await self._app(self._scope(payload), exchange.receive, exchange.send)
        except ConnectionRefusedError:
            progress.left = False
            failure = WireFailure("refused", left=False)
        except ConnectionError:
            failure = WireFailure("disconnected", left=True)
        except TimeoutError:
            failure = WireFailure("read_timeout", left=True)
        if failure is None and not exchange.complete.is_set():
            failure = WireFailure("disconnected", left=True)
        if failure is None and exchange.size > MAX_ANSWER_BYTES:
            failure = WireFailure("too_large", left=True)
        if failure is not None:
            raise failure
        progress.answered = True
        return exchange.answer()

    def _scope(self, payload: Payload) -> Message:
        url = urlsplit(self._address.url)
        headers = {
            "host": url.netloc,
            "user-agent": self._user_agent,
            "accept": "application/json",
            "content-type": payload.content_type,
            "content-length": str(len(payload.content)),
        }
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": url.scheme,
            "path": unquote(url.path),
            "raw_path": url.path.encode("utf-8"),
            "query_string": url.query.encode("ascii"),
            "root_path": "",
            "headers": [(name.encode("ascii"), value.encode("utf-8")) for name, value in headers.items()],
            "server": (url.hostname, url.port or (443 if url.scheme == "https" else 80)),
            "client": ("127.0.0.1", 0),
            "state": {},
        }


class _Exchange:
    """The two callables of ASGI around one request."""

    def __init__(self, payload: Payload) -> None:
        self._payload = payload
        self._read = False
        self._status = 0
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self.size = 0
        self.complete = asyncio.Event()

    async def receive(self) -> Message:
        if not self._read:
            self._read = True
            return {"type": "http.request", "body": self._payload.content, "more_body": False}
        await self.complete.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = int(message["status"])
            pairs: Iterable[tuple[bytes, bytes]] = message.get("headers", ())
            self._headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in pairs}
        elif message["type"] == "http.response.body":
            chunk = message.get("body", b"")
            self.size += len(chunk)
            if self.size <= MAX_ANSWER_BYTES:
                self._body.append(chunk)
            if not message.get("more_body", False):
                self.complete.set()

    def answer(self) -> Answer:
        return Answer(
            status=self._status,
            content_type=self._headers.get("content-type", ""),
            body=b"".join(self._body),
            location=self._headers.get("location", ""),
            retry_after=seconds_of(self._headers.get("retry-after", ""), self._headers.get("date", "")),
        )
