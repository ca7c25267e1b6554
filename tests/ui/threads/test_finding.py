"""Conversations in which something is found: also while the messages wait to be indexed, however far back it is."""

from __future__ import annotations

import pytest

from tests.store.conftest import Clock
from tests.store.test_lists import incoming
from voipe_tui.store import Store, View, searching
from voipe_tui.ui.threads.finding import MOST_FOUND, ThreadFinding


def found(store: Store, typed: str) -> ThreadFinding:
    finding = ThreadFinding(store, View(search=typed, include_archived=True))
    while not finding.done:
        finding.step()
    return finding


def test_what_was_said_long_ago_is_found_before_it_is_indexed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_PATIENT", 2)
    monkeypatch.setattr(searching, "_FIRST", 2)
    store = Store(None, clock=Clock(2_000.0))
    rows = [incoming(n, "other words", at=float(n)) for n in range(2, 1_000)]
    store.gateway_rows.take_incoming([*rows, incoming(1, "the needle", number="0521113333", at=0.0)])
    assert store.search.left() > 900
    finding = found(store, "needle")
    assert [row.id for row in finding.rows] == ["+972521113333"]
    assert finding.said == ""
    store.close()


def test_that_there_are_more_is_said() -> None:
    store = Store(None, clock=Clock(2_000.0))
    rows = [incoming(n, "order", number=f"0521110{n:03}", at=float(n)) for n in range(MOST_FOUND + 40)]
    store.gateway_rows.take_incoming(rows)
    finding = found(store, "order")
    assert finding.said == f"the newest {len(finding.rows)}: type on"
    assert found(store, "nothing").said == ""
    store.close()
