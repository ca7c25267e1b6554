"""The contract: every recorded request, in order, against one sandbox; the answers equal field by field."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.sandbox.recorded import VERSIONS, Exchange, Replay, exchanges, plain, recorded_rows, seconds
from voipe_tui.sandbox.php import to_json
from voipe_tui.sandbox.texts import Version

CODE_FIELDS = {"queue", "token", "login_key"}
SLOW_PROCESS = 20  # seconds: the recorded 1.4.3 took so long for what a real server does in 3


@pytest.mark.parametrize("door", ["form", "json"])
@pytest.mark.parametrize("version", VERSIONS)
async def test_every_recorded_exchange(version: Version, door: str) -> None:
    replay = Replay(version, door)
    known = recorded_rows(version)
    for exchange in exchanges(version):
        response = await replay.ask(exchange)
        assert response.status_code == exchange.http_status, exchange.name
        assert response.headers["content-type"] == exchange.content_type, exchange.name
        assert response.headers.get("location", "") == exchange.location, exchange.name
        recorded, answered = plain(exchange, exchange.body), plain(exchange, response.text)
        replay.learn(recorded, answered)
        if exchange.params.get("op") == "ds" and isinstance(recorded, dict) and "data" in recorded:
            _compare_outgoing(exchange, recorded, answered, known)
        else:
            _compare(recorded, answered, exchange.name)


def _compare(recorded: Any, answered: Any, place: str) -> None:
    """Same types, same keys in the same order, same values; codes by their length."""
    assert type(answered) is type(recorded), f"{place}: {answered!r} for {recorded!r}"
    if isinstance(recorded, dict):
        assert list(answered) == list(recorded), place
        for name, value in recorded.items():
            if name in CODE_FIELDS and value:
                assert re.fullmatch(rf"[0-9a-f]{{{len(value)}}}", answered[name]), f"{place}.{name}"
            else:
                _compare(value, answered[name], f"{place}.{name}")
    elif isinstance(recorded, list):
        assert len(answered) == len(recorded), place
        for index, (one, other) in enumerate(zip(recorded, answered, strict=True)):
            _compare(one, other, f"{place}[{index}]")
    else:
        assert answered == recorded, place


def _compare_outgoing(exchange: Exchange, recorded: Any, answered: Any, known: dict[str, dict[str, Any]]) -> None:
    """Rows come in the order of their time; in which order the queue took them is chance, so rows compare by ID."""
    _compare({**recorded, "data": []}, {**answered, "data": []}, exchange.name)
    rows, expected = answered["data"], recorded["data"]
    assert len(rows) == len(expected), exchange.name
    assert [row["dt"] for row in rows] == sorted((row["dt"] for row in rows), reverse=True), exchange.name
    if "c" not in exchange.params or int(exchange.params["c"]) > len(expected):
        assert {str(row["smslog_id"]) for row in rows} == {str(row["smslog_id"]) for row in expected}, exchange.name
    statuses = {str(row["smslog_id"]): row["status"] for row in expected}
    for row in rows:
        twin = known[str(row["smslog_id"])]
        times = {name: twin[name] for name in ("dt", "update")}
        shown = {name: value for name, value in row.items() if name != "status"}
        _compare(
            {**twin, **dict.fromkeys(times)}, {**shown, **dict.fromkeys(times)}, f"{exchange.name} {row['smslog_id']}"
        )
        for name, value in times.items():
            assert value is None or abs(seconds(row[name]) - seconds(value)) <= SLOW_PROCESS, f"{exchange.name}.{name}"
        assert type(row["status"]) is type(expected[0]["status"]), exchange.name
        assert row["status"] == statuses.get(str(row["smslog_id"]), row["status"]), exchange.name


@pytest.mark.parametrize("version", VERSIONS)
def test_json_is_written_as_php_writes_it(version: Version) -> None:
    for exchange in exchanges(version):
        if exchange.content_type == "application/json":
            assert to_json(plain(exchange, exchange.body)) == exchange.body, exchange.name


def test_the_scenarios_are_whole() -> None:
    assert [len(exchanges(version)) for version in VERSIONS] == [152, 116, 116]
