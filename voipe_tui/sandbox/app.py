"""The doors of the gateway as an ASGI application: playSMS's ``index.php?app=ws`` and the provider's JSON ``api.php``.

A fault that breaks a connection is raised out of the application: ConnectionRefusedError where the request never
arrived, ConnectionResetError where the answer is lost. A server turns both into closed sockets (``serve.py``).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from voipe_tui.sandbox.answers import CRASH, ERROR_STRINGS, NOTHING, Answer, Call, err
from voipe_tui.sandbox.faults import Fault, Faults
from voipe_tui.sandbox.gateway import Gateway
from voipe_tui.sandbox.operations import perform
from voipe_tui.sandbox.php import Value, as_text, serialize, to_json, to_xml

_HTML = "text/html; charset=UTF-8"
_LOGIN_PAGE = "<!DOCTYPE html><html><head><title>playSMS</title></head><body><h1>Login</h1></body></html>"
_PROXY_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
_MAXIMUM_BODY = 8_000_000


class GatewayApp:
    """The ASGI callable. Every request brings the model up to the clock, then is carried out at once."""

    def __init__(self, gateway: Gateway, faults: Faults, sleep: Callable[[float], Awaitable[None]]) -> None:
        self.gateway, self.faults, self._sleep = gateway, faults, sleep
        self.requests: Counter[str] = Counter()
        """How many requests came for each operation, whatever became of them."""
        self._failed_logins: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"the gateway speaks HTTP only, not {scope['type']}")
        request = Request(scope, receive)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        path = request.url.path.rsplit("/", 1)[-1]
        if path == "api.php":
            params = await _json_params(request)
        elif path in ("index.php", ""):
            params = await _form_params(request)
            if params.get("app") != "ws":
                return _page(_LOGIN_PAGE, 200)
        else:
            return _page("<html><body><h1>Not Found</h1></body></html>", 404)
        return await self._answer(params, request.client.host if request.client else "127.0.0.1")

    async def _answer(self, params: Mapping[str, str], address: str) -> Response:
        operation = params.get("op", "").strip().lower()
        self.requests[operation] += 1
        if self.faults.take("connection", operation) is not None:
            raise ConnectionRefusedError("the sandbox is down")
        if (fault := self.faults.take("before", operation)) is not None:
            return self._fail_before(fault, params)
        page_limit = self.gateway.page_limit
        try:
            blocked_after = self._change_state(operation)
            self.gateway.advance()
            blocked = self._failed_logins[address] >= blocked_after
            answer = err(100) if blocked else perform(Call(self.gateway, params, address))
        finally:
            self.gateway.page_limit = page_limit
        self._failed_logins[address] += answer.fields is not None and answer.fields.get("error") == "100"
        if (fault := self.faults.take("after", operation)) is not None:
            return await self._fail_after(fault, answer, params)
        return self._write(answer, params)

    def _change_state(self, operation: str) -> float:
        """Lets the faults change the gateway; gives the number of failed logins that blocks an address."""
        blocked_after = float("inf")
        for fault in self.faults.take_states(operation):
            name = fault.kind.name
            if name == "page-limit" and fault.value is not None:
                self.gateway.page_limit = int(fault.value)
            elif name == "no-credit":
                self.gateway.drain_credit()
            elif name == "ids-restart":
                self.gateway.restart_ids()
                self.faults.off(name)
            elif name == "block-after" and fault.value is not None:
                blocked_after = fault.value
        return blocked_after

    def _fail_before(self, fault: Fault, params: Mapping[str, str]) -> Response:
        match fault.kind.name:
            case "lost-before":
                raise ConnectionResetError("the sandbox lost the request")
            case "http500":
                return self._write(CRASH, params)
            case "html":
                return _page(_PROXY_PAGE, 502)
            case "redirect":
                return self._write(Answer(None, 302, "https://elsewhere.invalid/playsms/"), params)
            case "wrong-token":
                return self._write(err(100), params)
            case _:  # empty, and an operation that this server does not have
                return self._write(NOTHING, params)

    async def _fail_after(self, fault: Fault, answer: Answer, params: Mapping[str, str]) -> Response:
        match fault.kind.name:
            case "lost-after":
                raise ConnectionResetError("the sandbox lost the answer")
            case "http500-after":
                return self._write(CRASH, params)
            case "empty-after":
                return self._write(NOTHING, params)
            case "html-after":
                return _page(_PROXY_PAGE, 502)
            case "broken-json":
                whole = self._write(answer, params)
                return Response(bytes(whole.body)[: len(whole.body) // 2], media_type="application/json")
            case "no-timestamp":
                return self._write(answer, params, with_timestamp=False)
            case _:
                await self._sleep(fault.value or 0.0)
                return self._write(answer, params)

    def _write(self, answer: Answer, params: Mapping[str, str], *, with_timestamp: bool = True) -> Response:
        """The answer in the format asked for, with its sentence and the server's clock (trap 3)."""
        if answer.fields is None:
            headers = {"content-type": _HTML}
            if answer.location:
                headers["location"] = answer.location
            return Response(b"", answer.status, headers)
        fields: dict[str, Value] = dict(answer.fields)
        fields["error_string"] = ERROR_STRINGS.get(str(fields.get("error")))
        if with_timestamp:
            fields["timestamp"] = int(self.gateway.now())
        match params.get("format", "").strip().lower():
            case "xml":
                version = self.gateway.version
                last = version == "1.4.8"
                return _raw(to_xml(fields, final_newline=not last, ampersand_empties=last), "text/xml;charset=UTF-8")
            case "serialize":
                return _raw(serialize(fields), "text/plain;charset=UTF-8")
        return _raw(to_json(fields), "application/json")


def _raw(body: str, content_type: str) -> Response:
    return Response(body.encode("utf-8", "replace"), 200, {"content-type": content_type})


def _page(body: str, status: int) -> Response:
    return Response(body.encode(), status, {"content-type": _HTML})


async def _json_params(request: Request) -> dict[str, str]:
    """The JSON door: ``user`` for ``u`` and ``token`` for ``h``, everything else as in playSMS."""
    try:
        body = json.loads(await _body(request))
    except ValueError:
        return {}
    if not isinstance(body, dict):
        return {}
    renamed = {"user": "u", "token": "h"}
    params = {renamed.get(str(name), str(name)): as_text(value) for name, value in body.items()}
    return {name: value for name, value in params.items() if value is not None}


async def _form_params(request: Request) -> dict[str, str]:
    """The classic door: query and form fields, the form winning, the last of a repeated field winning."""
    params = _fields(request.scope.get("query_string", b""))
    if request.method == "POST":
        params.update(_fields(await _body(request)))
    return params


def _fields(encoded: bytes) -> dict[str, str]:
    return dict(parse_qsl(encoded.decode("latin-1"), keep_blank_values=True, errors="replace"))


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAXIMUM_BODY:
            return b""
    return bytes(body)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            await send({"type": "lifespan.shutdown.complete"})
            return
