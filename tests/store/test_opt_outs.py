"""Who asked to be left out: found in the inbox, proposed once, decided by a person."""

from __future__ import annotations

import pytest

from tests.store.conftest import Clock
from voipe_tui.store import IncomingRecord, Store
from voipe_tui.text.opt_out import Asking

WORDS = ("הסר", "הסרה", "STOP", "unsubscribe")


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("הסר", True), ("  הסרה. ", True), ("Stop", True), ("STOP!", True), ("stop please", True),
        ("הֶסֵר", True), ("Unsubscribe me now", True), ("\u200fהסר", True), ("'stop'", True),
        ("\\'הסר\\'", True), ("“הסר”", True), ("״הסר״", True),
        ("please stop", False), ("הסרט מתחיל", False), ("stopping by", False), ("", False), ("…", False),
    ],
)  # fmt: skip
def test_what_asks_to_be_left_out(text: str, asks: bool):
    assert Asking(WORDS).asks(text) is asks


def came(store: Store, row: int, number: str, text: str) -> None:
    at = 1000.0 + row
    store.gateway_rows.take_incoming(
        [IncomingRecord("inbox", row, number, "", "", text, "2026-11-22 10:00:00", at, at)]
    )


def proposed(store: Store, words: tuple[str, ...] = WORDS) -> list[str]:
    while store.opt_outs.look(words, 3):
        pass
    return [each.key for each in store.opt_outs.proposals()]


def test_proposals_are_decided_once(store: Store, clock: Clock):
    for row, text in enumerate(("hello", "stop", "remove me", "הסר", "thanks"), 1):
        came(store, row, f"052111000{row}", text)
    assert proposed(store) == ["+972521110004", "+972521110002"]
    store.opt_outs.add("0521110004", reason="asked")
    store.opt_outs.decline("+972521110002")
    assert proposed(store) == []
    assert store.opt_outs.has(["+972521110004", "+972521110002"]) == {"+972521110004"}
    assert [each.number for each in store.opt_outs.all()] == ["0521110004"]
    assert proposed(store, (*WORDS, "remove")) == ["+972521110003"], "other words: everything is looked at again"
    assert store.opt_outs.remove(["+972521110004"]) == 1
    assert store.opt_outs.count() == 0
    came(store, 9, "0521110002", "STOP")
    assert "+972521110002" in proposed(store), "a newer message is a new question"
