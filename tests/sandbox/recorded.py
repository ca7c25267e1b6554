"""The recorded scenarios, replayed: what the recorder asked, what it did by SQL in between, what came back."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from voipe_tui.sandbox import Sandbox
from voipe_tui.sandbox.model import Account, Contact, ContactGroup, Pace
from voipe_tui.sandbox.texts import Version

RECORDINGS = Path(__file__).parent.parent / "recordings"
VERSIONS: tuple[Version, ...] = ("1.4.3", "1.4.7", "1.4.8")
PASSWORD = "recorded-password"
ADDRESS = "http://127.0.0.1/playsms/"


@dataclass(frozen=True)
class Exchange:
    """One recorded exchange; ``moment`` is the server's clock, taken from a neighbour where the body has none."""

    name: str
    method: str
    params: dict[str, Any]
    http_status: int
    content_type: str
    location: str
    body: str
    moment: int


def exchanges(version: Version) -> list[Exchange]:
    raw = json.loads((RECORDINGS / f"playsms-{version}.json").read_text("utf-8"))["exchanges"]
    stamps = [re.search(r'timestamp(?:":|>|";i:)(\d+)', entry["body"]) for entry in raw]
    moment = next(int(stamp.group(1)) for stamp in stamps if stamp)
    result = []
    for entry, stamp in zip(raw, stamps, strict=True):
        moment = int(stamp.group(1)) if stamp else moment
        fields = {
            key: entry[key] for key in ("name", "method", "params", "http_status", "content_type", "location", "body")
        }
        result.append(Exchange(**fields, moment=moment))
    return result


class Replay:
    """One Sandbox through one scenario. ``door`` is "form" (as recorded) or "json"."""

    def __init__(self, version: Version, door: str = "form") -> None:
        self.version, self.door = version, door
        self.moment = 0.0
        self.codes: dict[str, str] = {}  # recorded queue code or login key -> ours
        self.old_token = ""
        # The dev gateway of the recordings reported delivery within a second or two; no daemon ran on 1.4.7 and 1.4.8.
        self.sandbox = Sandbox(
            version,
            clock=lambda: self.moment,
            bare=True,
            queue_running=version == "1.4.3",
            pace=Pace(queue=(1, 3), carrier=(0, 0.2), report=(0.5, 1.5), credit=(5, 30)),
        )

    async def ask(self, exchange: Exchange) -> httpx.Response:
        """Drives the clock to the exchange, does what the recorder did by SQL, and sends the request."""
        self.moment = exchange.moment
        self._between(exchange.name)
        transport = httpx.ASGITransport(self.sandbox.app)
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            params = self._params(exchange)
            if self.door == "json":
                named = {{"u": "user", "h": "token"}.get(name, name): value for name, value in params.items()}
                return await client.post("api.php", json=named)
            if exchange.method == "POST":
                return await client.post("index.php", params={"app": "ws"}, data=params)
            return await client.get("index.php", params={"app": "ws", **params})

    def learn(self, recorded: object, answered: object) -> None:
        """Remembers which of our codes stands for which recorded one, for the exchanges that use it later."""
        if isinstance(recorded, dict) and isinstance(answered, dict):
            for name in ("queue", "login_key"):
                if recorded.get(name) and answered.get(name):
                    self.codes[recorded[name]] = answered[name]
            for name in recorded.keys() & answered.keys():
                self.learn(recorded[name], answered[name])
        if isinstance(recorded, list) and isinstance(answered, list):
            for one, other in zip(recorded, answered, strict=False):
                self.learn(one, other)

    def _params(self, exchange: Exchange) -> dict[str, Any]:
        params = {}
        for name, value in exchange.params.items():
            if value == "<TOKEN>":
                value = self._token(exchange)
            elif value == "<PASSWORD>":
                value = PASSWORD
            params[name] = self.codes.get(value, value) if isinstance(value, str) else value
        return params

    def _token(self, exchange: Exchange) -> str:
        if exchange.name == "cr.old_token":
            return self.old_token
        account = self.sandbox.gateway.accounts.get(exchange.params["u"])
        if exchange.name == "set_token.ok" and account is not None:
            self.old_token = account.token
        return account.token if account else ""

    def _between(self, name: str) -> None:
        gateway = self.sandbox.gateway
        if name == "y.pv_list_AABC":
            gateway.next_smslog_id = 32  # four messages went out between the parts of the recording
        step = SQL.get(name)
        if step is not None:
            step(gateway.account("vipuser"))
        if name == "ds.statuses" and self.version == "1.4.3":
            for smslog_id, status in ((1, 0), (2, 1), (3, 2)):
                gateway.set_status(smslog_id, status)


def _set(**fields: object) -> Callable[[Account], None]:
    def step(account: Account) -> None:
        for name, value in fields.items():
            setattr(account, name, value)

    return step


def _phone_book(account: Account) -> None:
    account.contacts = [Contact(1, "Dana", "0521110001"), Contact(2, "Yossi", "0521110002")]
    account.groups = [ContactGroup(1, "Team", "TEAM", ["0521110001", "0521110002", "+972521110003"])]


SQL: dict[str, Callable[[Account], None]] = {
    "get_token.token_emptied": _set(token=""),
    "get_token.disabled": _set(token="b" * 32, webservices_enabled=False),
    "get_token.ip_refused": _set(webservices_enabled=True, allowed_addresses="10.9.9.9"),
    "get_token.ip_refused_range": _set(allowed_addresses="192.168.*.*"),
    "get_token.ok": _set(allowed_addresses="*.*.*.*"),
    "pv.to_group": _phone_book,
    "inject.keyword": _set(keywords=["INFO"]),
    "accountpref.ok": _set(webservices_enabled=True, allowed_addresses="*.*.*.*"),
    "pv.no_credit": _set(rate=Decimal(1), credit=Decimal(0)),
    "set_token.ok": _set(rate=Decimal(0)),
    "x.pv_list_credit_for_one": _set(rate=Decimal(1), credit=Decimal("1.5")),
}
"""What the recorder did in the database before an exchange, as the notes of the recordings tell."""


def recorded_rows(version: Version) -> dict[str, dict[str, Any]]:
    """What the recording tells about each outgoing row, by ID, without status: that one the recorder changed.

    Rows that no ``ds`` happened to show are known by their ``pv``, without times; their texts are plain.
    """
    rows: dict[str, dict[str, Any]] = {}
    for exchange in exchanges(version):
        if exchange.params.get("op") == "pv" and exchange.body:
            for entry in json.loads(exchange.body).get("data") or []:
                row = {
                    "smslog_id": entry["smslog_id"],
                    "src": "1234",
                    "dst": entry["to"],
                    "msg": exchange.params["msg"],
                }
                rows[str(entry["smslog_id"])] = {**row, "dt": None, "update": None}
        if exchange.params.get("op") == "ds" and exchange.content_type == "application/json":
            for row in json.loads(exchange.body).get("data") or []:
                rows[str(row["smslog_id"])] = {key: value for key, value in row.items() if key != "status"}
    return rows


def plain(exchange: Exchange, body: str) -> Any:
    """A body in any of the formats as plain data, for comparing field by field."""
    if exchange.content_type.startswith("text/xml"):
        return _from_xml(ElementTree.fromstring(body))
    if exchange.content_type.startswith("text/plain"):
        value, rest = _unserialize(body.encode())
        assert not rest
        return value
    return json.loads(body) if body else None


def _from_xml(element: ElementTree.Element) -> Any:
    children = list(element)
    if not children:
        return element.text
    if all(child.tag == "item" for child in children):
        return [_from_xml(child) for child in children]
    return {child.tag: _from_xml(child) for child in children}


def _unserialize(data: bytes) -> tuple[Any, bytes]:
    kind = data[:1]
    if kind == b"N":
        return None, data[2:]
    if kind == b"i":
        number, _, rest = data[2:].partition(b";")
        return int(number), rest
    length, _, rest = data[2:].partition(b":")
    if kind == b"s":
        size = int(length)
        return rest[1 : size + 1].decode(), rest[size + 3 :]
    assert kind == b"a", data[:20]
    rest, items = rest[1:], {}
    for _ in range(int(length)):
        key, rest = _unserialize(rest)
        items[key], rest = _unserialize(rest)
    whole: Any = list(items.values()) if list(items) == list(range(len(items))) else items
    return whole, rest[1:]


def seconds(date_time: str) -> float:
    return (datetime.fromisoformat(date_time) - datetime(1970, 1, 1)).total_seconds()
