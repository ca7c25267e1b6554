"""A gateway that does what no sandbox does: rows with any date and any ID, pages cut short, faults by any rule."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
LISTS = {"ds": "outgoing", "ix": "inbox", "in": "incoming"}


class HostileGateway:
    """An ASGI application. ``fault(op, parameters)`` answers a body (or b"" and 500) in place of the gateway.

    ``order`` -1: rows of one second stand with the lowest ID first. ``rewrite`` is what it makes of a text,
    ``renumber`` of a number, ``spoil(op, answer)`` of an answer.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.offset = 0.0
        self.cap = 10_000
        self.turns = 0  # of the event loop that an answer takes: others get on meanwhile, as over a network
        self.order = 1
        self.rows: dict[str, list[Row]] = {op: [] for op in LISTS}
        self.ids: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self.lacks: set[str] = set()
        self.fault: Callable[[str, Row], int | None] = lambda op, parameters: None
        self.rewrite: Callable[[str], str] = lambda text: text
        self.renumber: Callable[[str], str] = lambda number: number
        self.spoil: Callable[[str, bytes], bytes] = lambda op, answer: answer
        self.retry_after = ""  # what comes with a fault

    def shown(self, moment: float) -> str:
        return datetime.fromtimestamp(moment + self.offset, UTC).strftime("%Y-%m-%d %H:%M:%S")

    def add(
        self, op: str, moment: float | str, text: str | None = None, *, visible_at: float = 0.0, to: str | None = None
    ) -> int:
        self.ids[op] += 1
        dt = moment if isinstance(moment, str) else self.shown(moment)
        number = self.ids[op]
        row = {"id": number, "text": f"{op} {number}" if text is None else text, "dt": dt, "visible_at": visible_at}
        row["number"] = f"+97252{number % 50:07d}" if to is None else to
        self.rows[op].append(row)
        return number

    def add_many(self, op: str, rows: int, until: float, every: float = 1.0) -> None:
        for index in range(rows):
            self.add(op, until - every * (rows - 1 - index))

    def _visible(self, op: str) -> list[Row]:
        return [row for row in self.rows[op] if row["visible_at"] <= self.clock()]

    def _answer(self, op: str, parameters: Row) -> Row | None:
        self.requests[op] += 1
        if op in self.lacks:
            return None
        if op in LISTS:
            return self._list(op, parameters)
        if op == "query":
            last = {
                f"user_{name}": max((row["id"] for row in self._visible(o)), default=0) for o, name in LISTS.items()
            }
            user = {"username": "u", "uid": 2, "status": 3, "name": "", "email": "", "mobile": "", "credit": 9}
            return {"status": "OK", "error": "0", "data": {"user": user, "last_id": last}}
        if op == "cr":
            return {"status": "OK", "error": "0", "credit": 9}
        if op == "pv":
            text = self.rewrite(parameters["msg"])
            number = self.renumber(parameters["to"])
            new = self.add("ds", self.clock(), text, visible_at=self.clock() + 1, to=number)
            return {"data": [{"status": "OK", "error": "0", "smslog_id": new, "queue": f"q{new}", "to": number}]}
        return None

    def _list(self, op: str, parameters: Row) -> Row:
        last, part = int(parameters.get("last") or 0), parameters.get("dt") or ""
        found = [row for row in self._visible(op) if row["id"] > last and part in row["dt"]]
        if queue := parameters.get("queue"):
            found = [row for row in found if queue == f"q{row['id']}"]
        if number := parameters.get("dst" if op == "ds" else "src"):
            ending = number[1:] if number[0] == "0" else number[3:]
            found = [row for row in found if row["number"].endswith(ending)]
        found.sort(key=lambda row: (row["dt"], row["id"] * self.order), reverse=True)
        page = found[: min(int(parameters.get("c") or 100), self.cap)]
        if not page:
            return {"status": "ERR", "error": "501"}
        return {"data": [self._shape(op, row) for row in page]}

    @staticmethod
    def _shape(op: str, row: Row) -> Row:
        number = row["number"]
        if op == "ds":
            return {"smslog_id": row["id"], "src": "X", "dst": number, "msg": row["text"], "dt": row["dt"],
                    "update": "0000-00-00 00:00:00", "status": 3}  # fmt: skip
        return {
            "id": row["id"],
            "src": number,
            "dst": "1",
            "kwd": "KW",
            "msg": row["text"],
            "dt": row["dt"],
            "status": 1,
        }

    async def __call__(self, scope: Row, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        for _ in range(self.turns):
            await asyncio.sleep(0)
        body = b""
        more = True
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        parameters = json.loads(body)
        op = parameters["op"]
        status = self.fault(op, parameters)
        if status is not None:
            self.requests[op] += 1
            answer = b""
        else:
            reply = self._answer(op, parameters)
            answer = b"" if reply is None else json.dumps({**reply, "timestamp": int(self.clock())}).encode()
            answer = self.spoil(op, answer)
        headers = [(b"content-type", b"text/json")]
        if status is not None and self.retry_after:
            headers.append((b"retry-after", self.retry_after.encode()))
        await send({"type": "http.response.start", "status": status or 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})
