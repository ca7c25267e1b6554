"""A driven clock and a wire to a sandbox without a socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from voipe_tui.sandbox import Sandbox

MOMENT = 1_795_342_800.0  # 2026-11-22 10:20:00 UTC


class Clock:
    """Epoch seconds that pass when a test says so."""

    def __init__(self, moment: float = MOMENT) -> None:
        self.moment = moment
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.moment

    def pass_by(self, seconds: float) -> None:
        self.moment += seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += seconds


class Wire:
    """Asks a sandbox through its JSON door as the demo account, or as whom the call says."""

    def __init__(self, sandbox: Sandbox, clock: Clock) -> None:
        self.sandbox, self.clock = sandbox, clock

    async def raw(self, op: str, **params: Any) -> httpx.Response:
        account = self.sandbox.gateway.main_account
        body = {"user": account.username, "token": account.token, "op": op, **params}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.sandbox.app), base_url="http://sandbox.invalid/playsms/"
        ) as client:
            return await client.post("api.php", content=json.dumps(body))

    async def ask(self, op: str, **params: Any) -> dict[str, Any]:
        response = await self.raw(op, **params)
        assert response.status_code == 200, response.status_code
        answer: dict[str, Any] = response.json()
        return answer

    async def admin(self, op: str, **params: Any) -> dict[str, Any]:
        return await self.ask(op, user="admin", token="admin-token", **params)

    async def send(self, to: str = "0521110001", msg: str = "Hello", **params: Any) -> dict[str, Any]:
        """The one entry of a ``pv``."""
        (entry,) = (await self.ask("pv", to=to, msg=msg, **params))["data"]
        return dict(entry)

    async def rows(self, op: str = "ds", **params: Any) -> list[dict[str, Any]]:
        """The rows of a listing, none where it says that there are none."""
        answer = await self.ask(op, **params)
        if "data" not in answer:
            assert answer["error"] in ("400", "401", "402", "501"), answer
            return []
        return list(answer["data"])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def wire(clock: Clock) -> Callable[..., Wire]:
    def make(version: str = "1.4.7", **settings: Any) -> Wire:
        return Wire(Sandbox(version, clock=clock, sleep=clock.sleep, **settings), clock)  # type: ignore[arg-type]

    return make
