"""The wire over HTTP(S): long-lived httpx clients, and a precise account of how far a request had come.

Only this module of the package imports httpx (and its httpcore), and ``gateway`` imports it in a thread at the first
request: neither start-up nor an embedded gateway pays for it.

No httpx exception leaves this module, not even as a cause: its ``request`` holds the body, and with it the token.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import re
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import httpcore

from voipe_tui.client.address import Address
from voipe_tui.client.exchange import (
    MAX_ANSWER_BYTES,
    Answer,
    Payload,
    Progress,
    Timeouts,
    Trouble,
    WireFailure,
    seconds_of,
)
from voipe_tui.client.httpx_alone import httpx
from voipe_tui.errors import ConfigError

KEEPALIVE_SECONDS = 0.8
"""Idle connections are given up before a hasty server (1 s; usual are 5) does it: a request that meets the server's
goodbye half way gets no answer, and a ``pv`` without an answer is an unknown outcome. Sends that follow one another
leave none idle for longer."""

SHORTEST_PATIENCE = 2.0
"""A server that keeps connections for less than that, as it says or shows, gets a new one for each send."""

KEPT_SECONDS = 12.0
"""Those of requests that may be asked again have connections of their own, kept from one poll to the next: a new one is
a third of what a quiet poll costs, and much more with TLS."""

MAX_CONNECTIONS = 10

NEVER_CONNECTED: frozenset[Trouble] = frozenset(
    {"dns", "refused", "network", "tls", "connect_timeout", "busy", "proxy"}
)
"""Troubles from before there was a connection that a request could be written to."""


if find_spec("sniffio") is None:
    # httpcore asks for it several times a request, and Python would look through its whole path each time.
    sys.modules["sniffio"] = None  # type: ignore[assignment]


def open_wire(address: Address, ca_file: str, timeouts: Timeouts, user_agent: str) -> HttpWire:
    """Builds the httpx client; slow (certificates are read), so meant for a thread. Raises ``ConfigError``."""
    context = _tls_context(ca_file) if address.secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with contextlib.suppress(ImportError):
        # anyio would import it with the first request, and the event loop would stand still for 40 ms.
        import_module("anyio._backends._asyncio")
    make = partial(_client, context, address, timeouts, user_agent)
    lanes: tuple[Lanes, Lanes, Lanes] | None = None
    with contextlib.suppress(ValueError, ImportError, httpx.InvalidURL):
        lanes = (
            Lanes(partial(make, KEEPALIVE_SECONDS), KEEPALIVE_SECONDS, timeouts.pool),
            Lanes(partial(make, 0.0), 0.0, timeouts.pool),
            Lanes(partial(make, KEPT_SECONDS), KEPT_SECONDS, timeouts.pool),
        )
    if lanes is None:
        raise ConfigError(
            "The proxy that the environment names (HTTPS_PROXY, HTTP_PROXY or ALL_PROXY) cannot be used. "
            "Nothing was sent.",
            hint="Correct it, or name the gateway's host in NO_PROXY.",
        )
    return HttpWire(*lanes, address)


def _client(
    context: ssl.SSLContext, address: Address, timeouts: Timeouts, user_agent: str, keep: float
) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=context,
        # A proxy of the environment has no business between this machine and itself.
        trust_env=not address.loopback,
        follow_redirects=False,
        # PHP hands out a session with every answer; kept, it would make the server serve us one by one.
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": user_agent, "Accept": "application/json"},
        limits=httpx.Limits(
            max_connections=1,
            max_keepalive_connections=1 if keep else 0,
            keepalive_expiry=keep,
        ),
        timeout=httpx.Timeout(connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.pool),
    )


def _tls_context(ca_file: str) -> ssl.SSLContext:
    try:
        context = httpx.create_ssl_context()
    except OSError:
        raise ConfigError(
            "The certificates that the environment names (SSL_CERT_FILE or SSL_CERT_DIR) cannot be read. "
            "Nothing was sent.",
            hint="Correct or unset these variables.",
        ) from None
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError as error:  # ssl.SSLError is one: a file without a certificate in it
            why = (
                error.strerror if error.strerror and not isinstance(error, ssl.SSLError) else "it holds no certificate"
            )
            raise ConfigError(
                f"The certificate file {ca_file} cannot be used: {why}. Nothing was sent.",
                hint="ca_file in the profile names a PEM file with the private CA's certificate.",
            ) from None
    return context


class Lanes:
    """Connections of one kind, each with an httpx client of its own and one request at a time.

    A pool that several requests share looks through all its connections at the begin and at the end of each, and hands
    one idle connection to all that begin together, of which all but one must ask anew: a third of what a send costs.
    The lane that was used last is taken first. ``keep``: seconds after which an idle one is closed; ``wait``: seconds
    to wait for one when all are taken.
    """

    def __init__(self, make: Callable[[], httpx.AsyncClient], keep: float, wait: float) -> None:
        self._make, self._keep, self._wait = make, keep, wait
        self._free: list[tuple[float, httpx.AsyncClient]] = [(0.0, make())]
        self._all = {client for _, client in self._free}
        self._room = asyncio.Semaphore(MAX_CONNECTIONS)

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[httpx.AsyncClient]:
        """Raises ``TimeoutError`` where none came free in time."""
        if self._room.locked():
            async with asyncio.timeout(self._wait):
                await self._room.acquire()
        else:
            await self._room.acquire()
        clock = asyncio.get_running_loop().time
        try:
            client = self._free.pop()[1] if self._free else self._another()
            try:
                await self._forget_idle(clock() - self._keep)
                yield client
            finally:
                self._free.append((clock(), client))
        finally:
            self._room.release()

    def _another(self) -> httpx.AsyncClient:
        client = self._make()
        self._all.add(client)
        return client

    async def _forget_idle(self, before: float) -> None:
        """Closes what nobody needed since that moment; the longest idle ones stand first."""
        while self._free and self._free[0][0] < before:
            client = self._free.pop(0)[1]
            self._all.discard(client)
            await client.aclose()

    async def aclose(self) -> None:
        for client in tuple(self._all):
            await client.aclose()


class HttpWire:
    """See ``exchange.Wire``."""

    def __init__(self, careful: Lanes, fresh: Lanes, kept: Lanes, address: Address) -> None:
        self._careful, self._fresh, self._kept = careful, fresh, kept
        self._address = address
        self._impatient = False

    def __repr__(self) -> str:
        return f"HttpWire({self._address.host!r})"

    async def aclose(self) -> None:
        for lanes in (self._careful, self._fresh, self._kept):
            await lanes.aclose()

    async def post(self, payload: Payload, *, repeatable: bool, progress: Progress) -> Answer:
        """One request; a second one on a new connection only where the first cannot have been carried out.

        That is so when a kept connection was already dead (not a byte could be written), and for a ``repeatable``
        request also when it died before the answer began.
        """
        outcome = await self._attempt(self._lanes_for(repeatable), payload, progress)
        if isinstance(outcome, WireFailure) and outcome.trouble in ("disconnected", "stray") and not progress.connected:
            if not repeatable and not progress.answered:
                self._impatient = True
            died_unheard = not outcome.left or (repeatable and not progress.answered)
            if died_unheard:
                outcome = await self._attempt(self._lanes_for(repeatable), payload, progress)
        if isinstance(outcome, WireFailure):
            raise outcome
        return outcome

    def _lanes_for(self, repeatable: bool) -> Lanes:
        if repeatable:
            return self._kept
        return self._fresh if self._impatient else self._careful

    async def _attempt(self, lanes: Lanes, payload: Payload, progress: Progress) -> Answer | WireFailure:
        """Failures are returned: raised from within an ``except`` they would drag httpx's exception along."""
        progress.left = progress.answered = progress.connected = progress.stray = False
        begun = False
        try:
            async with lanes.one() as client:
                begun = True
                return await self._exchange(client, payload, progress)
        except TimeoutError:
            if begun:
                raise
            return WireFailure("busy", left=False)
        except (httpx.TransportError, httpx.StreamError, httpx.DecodingError) as error:
            return _explain(error, progress)
        except (httpx.InvalidURL, UnicodeError):  # a host name that no resolver accepts
            return WireFailure("dns", left=False)

    async def _exchange(self, client: httpx.AsyncClient, payload: Payload, progress: Progress) -> Answer | WireFailure:
        request = client.build_request(
            "POST",
            self._address.url,
            content=payload.content,
            headers={"Content-Type": payload.content_type},
            extensions={"trace": _Tracer(progress)},
        )
        response = await client.send(request, stream=True)
        progress.answered = True
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    return WireFailure("too_large", left=True)
        finally:
            await response.aclose()
        if _patience(response.headers.get("keep-alive", "")) < SHORTEST_PATIENCE:
            self._impatient = True
        return Answer(
            status=response.status_code,
            content_type=response.headers.get("content-type", ""),
            body=bytes(body),
            location=response.headers.get("location", ""),
            retry_after=seconds_of(response.headers.get("retry-after", ""), response.headers.get("date", "")),
        )


def _patience(header: str) -> float:
    """Seconds that a server keeps idle connections for, by its ``Keep-Alive`` header; endless where it is silent."""
    found = re.search(r"\btimeout\s*=\s*\"?(\d{1,9})", header, re.I)
    return float(found[1]) if found else float("inf")


class _Tracer:
    """Follows one attempt by httpcore's trace events (its documented ``trace`` extension).

    An answer that lies in memory when the request has just been written was there before it: reading one from the
    network takes at least a turn of the loop. (One that waits in the socket makes the pool drop the connection.)
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._greeting = False
        self._turned = True

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        if event == "http11.send_request_headers.started":
            # The greeting to a proxy names the host and nothing else; our request comes after it.
            self._greeting = getattr(info.get("request"), "method", b"") == b"CONNECT"
        if ".connect_" in event and event.endswith(".started"):
            self._progress.connected = True
        elif self._greeting:
            return
        elif event in ("http11.send_request_headers.complete", "http11.send_request_body.started"):
            self._progress.left = True
        elif event == "http11.send_request_headers.failed":
            # A write that fails did not take place; one that timed out or was cancelled may have, in part.
            self._progress.left = not isinstance(info.get("exception"), httpcore.WriteError)
        elif event == "http11.receive_response_headers.started":
            self._turned = False
            asyncio.get_running_loop().call_soon(self._turn)
        elif event == "http11.receive_response_headers.complete":
            if not self._turned:
                self._progress.stray = True
                raise httpcore.RemoteProtocolError("an answer from before the request")  # the connection is closed
            self._progress.answered = True

    def _turn(self) -> None:
        self._turned = True


def _explain(error: Exception, progress: Progress) -> WireFailure:
    if progress.stray:
        return WireFailure("stray", left=True)
    trouble, detail = _trouble(error)
    return WireFailure(trouble, left=progress.left and trouble not in NEVER_CONNECTED, detail=detail)


def _trouble(error: Exception) -> tuple[Trouble, str]:
    if isinstance(error, httpx.ConnectTimeout):
        return "connect_timeout", ""
    if isinstance(error, httpx.PoolTimeout):
        return "busy", ""
    if isinstance(error, httpx.ProxyError):
        return "proxy", ""
    if isinstance(error, httpx.TimeoutException):
        return "read_timeout", ""
    if isinstance(error, httpx.ConnectError):
        return _connect_trouble(error)
    if isinstance(error, httpx.DecodingError | httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return "broken", ""
    return "disconnected", ""


def _connect_trouble(error: Exception) -> tuple[Trouble, str]:
    causes = list(_chain(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "tls", cause.verify_message or "the certificate is not accepted"
        if isinstance(cause, ssl.SSLError):
            return "tls", ""
        if isinstance(cause, socket.gaierror):
            return "dns", ""
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return "refused", ""
    numbers = {cause.errno for cause in causes if isinstance(cause, OSError) and cause.errno}
    if numbers & {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}:
        return "network", "there is no way to it from here"
    return "network", ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and everything behind it, groups included (several addresses were tried), each once."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
