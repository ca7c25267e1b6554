"""Large answers, which are read in pieces: the same as at once, and the loop has its turns meanwhile."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.client.test_decoding import outgoing_of
from voipe_tui.client import decode

_text = st.text(st.sampled_from('ab"\\},{[]: \u05e9\ud83d\ude00\n') | st.characters(), max_size=12)
_field = _text | st.integers() | st.none() | st.lists(st.dictionaries(_text, _text, max_size=2), max_size=3)
_rows = st.lists(st.dictionaries(st.sampled_from(["msg", "data", "dt"]), _field, max_size=3), max_size=30)


def _in_pieces(body: bytes) -> tuple[object, int]:
    reading, pieces = decode.read_in_pieces(body), 0
    while True:
        try:
            next(reading)
        except StopIteration as done:
            return done.value, pieces
        pieces += 1


@given(_rows, st.dictionaries(st.sampled_from(["status", "x"]), _field), st.booleans(), st.booleans(), st.data())
def test_a_large_answer_reads_in_pieces_as_it_would_at_once(
    rows: list[dict[str, Any]], more: dict[str, Any], last: bool, tight: bool, data: st.DataObject
) -> None:
    reply = {**more, "data": rows} if last else {"data": rows, **more}
    text = json.dumps(reply, separators=(",", ":") if tight else None, indent=None if tight else 1)
    cut = data.draw(st.integers(0, len(text)))
    body = (text if data.draw(st.booleans()) else text[:cut] + data.draw(_text) + text[cut:]).encode("utf-8", "replace")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(decode, "_PIECE_CHARACTERS", 8)
        assert _in_pieces(body)[0] == decode.read_reply(body)


async def test_a_list_of_thousands_is_whole_and_the_loop_has_many_turns_meanwhile() -> None:
    wrong = {"smslog_id": "none"}
    rows = [outgoing_row_of(n) for n in range(1, 5_001)]
    client = outgoing_of(*rows[:3_000], wrong, *rows[3_000:])
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    listing = await client.outgoing()
    counting.cancel()
    assert [row.smslog_id for row in listing.rows] == list(range(1, 5_001))
    assert listing.skipped == 1
    assert turns > 30


def outgoing_row_of(n: int) -> dict[str, Any]:
    day = "2026-01-01 10:00:00"
    return {"smslog_id": n, "src": "A", "dst": "+972521110001", "msg": f"a }},{{ b {n}", "dt": day, "update": day,
            "status": "1"}  # fmt: skip
