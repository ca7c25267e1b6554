"""The sandbox on a real socket, on loopback only, with faults that really close connections.

uvicorn's HTTP protocol does the talking, the listening is done here: a server that is down has no listening socket, so
the operating system refuses the client, and a lost answer is a connection that closes without a byte.
"""

from __future__ import annotations

import asyncio
import ipaddress
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from voipe_tui.errors import ConfigError, InputError
from voipe_tui.sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_BACKLOG = 512
_ANSWER_SECONDS = 120.0

Result = TypeVar("Result")
Transports = dict[tuple[str, int], asyncio.Transport]


class Listener:
    """One sandbox on one address. Made within the event loop that serves it; ``call`` and ``stop`` suit any thread."""

    def __init__(self, sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> None:
        self.sandbox, self.host, self.port = sandbox, _loopback(host), port
        self._transports: Transports = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._connection = _connections(self._app, self._transports, self._tasks)
        self._server: asyncio.Server | None = None
        self._stopped = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()

    @property
    def url(self) -> str:
        """The address to point a client at, without a path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Takes the port (any free one for 0) and listens, unless the fault ``down`` is on; ConfigError if taken."""
        await self._listen()
        self.sandbox.faults.subscribe(self._faults_changed)
        await self._follow_faults()

    async def run(self) -> None:
        """Serves until ``stop``, then breaks what is still open."""
        try:
            await self._stopped.wait()
        finally:
            self._stopped.set()
            self._close()
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await asyncio.sleep(0)  # one turn of the loop for the aborted transports to close

    def stop(self) -> None:
        """Ends ``run``."""
        self._loop.call_soon_threadsafe(self._stopped.set)

    def call(self, function: Callable[[], Result]) -> Result:
        """Runs something between two requests, for a test in another thread that touches the gateway."""

        async def run() -> Result:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(_ANSWER_SECONDS)

    async def _listen(self) -> None:
        try:
            self._server = await self._loop.create_server(
                self._connection, self.host, self.port, backlog=_BACKLOG, reuse_address=True
            )
        except OSError as error:
            raise ConfigError(
                f"The sandbox cannot listen on port {self.port} of {self.host}: {error.strerror or 'it is taken'}.",
                hint="Choose another port with --port, or 0 for any free one.",
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for transport in tuple(self._transports.values()):
            transport.abort()

    def _faults_changed(self) -> None:
        """Follows at once: when a test's ``faults.on("down")`` returns, the port is closed."""
        if self._stopped.is_set():
            return
        if threading.get_ident() == self._thread:
            task = self._loop.create_task(self._follow_faults())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            asyncio.run_coroutine_threadsafe(self._follow_faults(), self._loop).result(_ANSWER_SECONDS)

    async def _follow_faults(self) -> None:
        # Only a fault for every request, for good, can be seen without reading one; others are met in the application.
        down = any(f.kind.name == "down" and f.operation is None and f.left is None for f in self.sandbox.faults)
        if down:
            self._close()
        elif self._server is None and not self._stopped.is_set():
            await self._listen()

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The sandbox's application; the connection that it gives up is closed without a byte."""
        try:
            await self.sandbox.app(scope, receive, send)
        except ConnectionError:
            transport = self._transports.get(scope["client"])
            if transport is not None:
                transport.abort()
            while (await receive())["type"] != "http.disconnect":
                pass


def _loopback(host: str) -> str:
    """The host, if it is this machine; the sandbox lets anybody in who knows its well-known token."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        if ipaddress.ip_address(host).is_loopback:
            return host
    except ValueError:
        pass  # a name: answered below like any other address
    raise InputError(f"The sandbox listens on this machine only, not on {host}.", hint="Use 127.0.0.1 or ::1.")


def _connections(
    app: ASGIApp, transports: Transports, tasks: set[asyncio.Task[None]]
) -> Callable[[], asyncio.Protocol]:
    """A maker of connections: uvicorn's protocol that keeps its transport by the name of the peer."""
    try:
        from uvicorn.config import Config
        from uvicorn.protocols.http.h11_impl import H11Protocol
        from uvicorn.server import ServerState
    except ImportError as error:
        raise ConfigError(
            "Serving the sandbox on a port needs uvicorn, which is not installed.",
            hint='Install it with: pip install "voipe-tui[sandbox]"',
        ) from error

    class Connection(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if self.client is not None:
                transports[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client is not None:
                transports.pop(self.client, None)
            super().connection_lost(exc)

    # No access log: with the classic door a GET carries the token in its address.
    config = Config(
        app, interface="asgi3", http="h11", ws="none", lifespan="off", loop="asyncio", log_config=None,
        access_log=False, proxy_headers=False, server_header=False,
        timeout_keep_alive=75,  # as nginx does
    )  # fmt: skip
    config.load()
    state = ServerState()
    state.tasks = tasks
    return partial(Connection, config=config, server_state=state, app_state={})


async def _serve(sandbox: Sandbox, host: str, port: int, ready: Callable[[Listener], Any] | None) -> None:
    listener = Listener(sandbox, host, port)
    await listener.start()
    if ready is not None:
        ready(listener)
    await listener.run()


def serve(
    sandbox: Sandbox,
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[Listener], Any] | None = None,
) -> None:
    """Serves until interrupted or until the listener that ``ready`` was given is stopped. Prints nothing.

    Raises InputError for an address beyond loopback, ConfigError for a port that is taken or a missing uvicorn.
    """
    asyncio.run(_serve(sandbox, host, port, ready))


@contextmanager
def running(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> Iterator[Listener]:
    """Serves in a thread of its own for the length of a ``with`` block; raises what ``serve`` raises."""
    started = threading.Event()
    listeners: list[Listener] = []
    failures: list[BaseException] = []

    def ready(listener: Listener) -> None:
        listeners.append(listener)
        started.set()

    def work() -> None:
        try:
            serve(sandbox, host, port, ready)
        except BaseException as failure:  # noqa: BLE001 - handed over to the thread that asked
            failures.append(failure)
            started.set()

    thread = threading.Thread(target=work, name="sandbox", daemon=True)
    thread.start()
    started.wait()
    if not listeners:
        thread.join()
        raise failures[0]
    try:
        yield listeners[0]
    finally:
        listeners[0].stop()
        thread.join(_ANSWER_SECONDS)
    if failures:
        raise failures[0]
