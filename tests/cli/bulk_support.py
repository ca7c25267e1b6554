"""What the tests of ``bulk`` share: tables, what the gateway must then have, and a door that tells when to strike."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.cli.support import Gateway, Result
from voipe_tui.sandbox import Sandbox

HI = ("--message", "Hi {name}")


def people(count: int) -> str:
    return "name,phone\n" + "".join(f"Dana {n},052{n:07d}\n" for n in range(count))


def expected(count: int) -> dict[tuple[str, str], int]:
    return {(f"+97252{n:07d}", f"Hi Dana {n}"): 1 for n in range(count)}


def lines(done: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


class Door:
    """The gateway's door: ``do`` is called when the ``nth`` message from now on comes (``after`` it was taken)."""

    def __init__(self, gateway: Gateway | Sandbox, nth: int, do: Callable[[], object], *, after: bool = False) -> None:
        sandbox = gateway if isinstance(gateway, Sandbox) else gateway.sandbox
        self.app, self.left, self.do, self.after = sandbox.app, nth, do, after
        sandbox.app = self  # type: ignore[assignment]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = bytearray()
        while scope["type"] == "http":
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break

        async def again() -> Any:
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        due = False
        if b'"pv"' in body:
            self.left -= 1
            due = self.left == 0
        if due and not self.after:
            self.do()
        await self.app(scope, again, send)
        if due and self.after:
            self.do()
