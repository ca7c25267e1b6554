"""The recorded exchanges, and the call of the public client that each of them stands for."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from voipe_tui.client import GatewayClient

FOLDER = Path(__file__).parent.parent / "recordings"
VERSIONS = ("1.4.3", "1.4.7", "1.4.8")

# Requests that the client refuses to make or has no method for; the answer is replayed to the nearest one it makes.
STAND_INS = {
    "op.unknown": {"op": "query"},
    "op.missing": {"op": "cr"},
    "creditadd.bad_amount": {"data_amount": "7"},
    "pv.schedule_bad": {"schedule": "2026-11-24 10:20:15"},
    "x.ds_after_credit_for_one": {"queue": None},
    "ds.by_id_list": {"smslog_id": "1"},
}


@dataclass(frozen=True)
class Exchange:
    version: str
    name: str
    params: dict[str, str]
    status: int
    content_type: str
    location: str
    body: bytes

    @property
    def id(self) -> str:
        return f"{self.version}-{self.name}"

    @property
    def op(self) -> str:
        return self.params.get("op", "")

    def json(self) -> Any:
        """Read with the standard library alone: what the client's own reading is compared with."""
        return json.loads(self.body, parse_float=Decimal)


@cache
def exchanges(version: str) -> tuple[Exchange, ...]:
    document = json.loads((FOLDER / f"playsms-{version}.json").read_text(encoding="utf-8"))
    found = []
    for one in document["exchanges"]:
        params = {name: str(value) for name, value in one["params"].items() if name not in ("u", "h", "format")}
        for name, value in STAND_INS.get(one["name"], {}).items():
            if value is None:
                del params[name]
            else:
                params[name] = value
        if params.get("op") == "pv":
            params["to"] = params["to"].replace("\n", ",").lstrip(",").split(",")[0]
        body = one["body"].encode("utf-8")
        found.append(
            Exchange(version, one["name"], params, one["http_status"], one["content_type"], one["location"] or "", body)
        )
    return tuple(found)


def everything() -> list[Exchange]:
    return [exchange for version in VERSIONS for exchange in exchanges(version)]


def _date(text: str | None) -> str | None:
    return text and datetime.strptime(text, "%Y-%m-%d %H:%M:%S").strftime("%Y-%m-%d %H:%M:%S")


def replay(client: GatewayClient, params: dict[str, str]) -> Awaitable[Any]:
    """Makes the call of the public client that sends these parameters."""
    p = dict(params)
    op = p.pop("op")
    for name in ("c", "last", "smslog_id"):
        if name in p:
            p["count" if name == "c" else name] = int(p.pop(name))  # type: ignore[assignment]
    keyword = {"keyword": p.pop("kwd")} if "kwd" in p else {}
    user = p.get("data_username", "")
    data: dict[str, Any] = {name.removeprefix("data_"): v for name, v in p.items() if name != "data_username"}
    match op:
        case "pv":
            unicode = p.get("unicode") == "1"
            flash = p.get("type") == "flash"
            return client.send(
                p["to"], p["msg"], sender=p.get("from"), flash=flash, unicode=unicode, schedule=_date(p.get("schedule"))
            )
        case "ds":
            return client.outgoing(**p)  # type: ignore[arg-type]
        case "in":
            return client.incoming(**keyword, **p)  # type: ignore[arg-type]
        case "ix":
            return client.inbox(**p)  # type: ignore[arg-type]
        case "sx":
            return client.unhandled(**p)  # type: ignore[arg-type]
        case "cr":
            return client.credit()
        case "query":
            return client.query()
        case "get_token":
            return client.get_token(p["p"])
        case "set_token":
            return client.set_token()
        case "get_contact":
            return client.contacts(**keyword, **p)  # type: ignore[arg-type]
        case "get_contact_group":
            return client.contact_groups(**keyword, **p)  # type: ignore[arg-type]
        case "inject":
            return client.inject(p["from"], p["msg"], p["recvnum"], p["smsc"])
        case "stoplist":
            return client.stoplist_add(p["from"])
        case "creditview":
            return client.credit_view(user)
        case "creditadd":
            return client.credit_add(user, Decimal(p["data_amount"]))
        case "creditdeduct":
            return client.credit_deduct(user, Decimal(p["data_amount"]))
        case "accountadd":
            needed = [data.pop(name, "") for name in ("password", "name", "email")]
            data["status"] = int(data.get("status", 3))
            return client.account_add(user, *needed, **data)
        case "accountremove":
            return client.account_remove(user)
        case "accountban":
            return client.account_ban(user)
        case "accountunban":
            return client.account_unban(user)
        case "accountpref":
            return client.account_preferences(user, **data)
        case "accountconf":
            return client.account_configure(user, **data)
        case "parentset":
            return client.parent_set(user, data.get("parent", ""))
        case "parentget":
            return client.parent_get(user)
        case "loginkeyset":
            return client.login_key_set(user)
    raise AssertionError(f"no method for {op}")
