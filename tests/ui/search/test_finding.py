"""A filtered list that is found little by little shows what one that is read at once does, whatever comes meanwhile."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.conftest import Clock
from tests.store.test_lists import incoming
from voipe_tui.store import Message, Store, View, filter_pages
from voipe_tui.ui.search.filters import parse_filter
from voipe_tui.ui.search.finding import Finding

ROWS = 60


@pytest.fixture(scope="module", autouse=True)
def few_at_once():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filter_pages, "STRIDE_IN_TEXTS", 10)
        yield


@pytest.fixture
def store(few_at_once: None):
    """Every seventh has a link; ten rows are looked at at once."""
    store = filled()
    yield store
    store.close()


def filled() -> Store:
    store = Store(None, clock=Clock())
    store.gateway_rows.take_incoming([
        incoming(n, "http://x.y" if n % 7 == 0 else "plain", at=float(n)) for n in range(1, ROWS + 1)
    ])  # fmt: skip
    return store


def links(store: Store) -> Finding:
    view, problem = parse_filter("has:link or is:starred", View(direction="in"))
    assert not problem
    return Finding(store, view)


def ids(found: list[Message]) -> list[int]:
    return [message.id for message in found]


def test_a_page_is_short_at_first_and_grows(store: Store):
    finding = links(store)
    assert ids(finding.fetch(limit=5)) == [56]
    assert finding.pending
    assert finding.reached == 50.0
    while finding.pending:
        finding.step()
    assert ids(finding.fetch(limit=5)) == [56, 49, 42, 35, 28]
    assert ids(finding.fetch(before=(42.0, 42), limit=2)) == [35, 28]
    assert ids(finding.fetch(before=(42.0, 42), limit=2, including=True)) == [42, 35]
    assert ids(finding.fetch(after=(35.0, 35), limit=2)) == [49, 42]
    assert finding.fetch(after=(56.0, 56), limit=2) == []
    finding.close()


def test_the_end_is_found_at_once_where_it_is_near(store: Store):
    finding = links(store)
    finding.fetch(limit=1)
    assert ids(finding.fetch(after=(float("-inf"), 0), limit=2)) == [14, 7]
    assert ids(finding.fetch(after=(float("-inf"), 0), limit=50)) == [56], "else what was found so far"
    finding.close()


def test_what_comes_and_changes_is_taken_in(store: Store):
    finding = links(store)
    finding.fetch(limit=2)
    store.gateway_rows.take_incoming([incoming(70, "http://new", at=70.0), incoming(71, "new", at=71.0)])
    store.triage.star([52, 3])
    store.triage.archive([56])
    assert ids(finding.fetch(limit=3)) == [61, 52, 49]
    finding.close()


WHAT = st.sampled_from(["step", "step", "star", "unstar", "archive", "undo", "new", "all", "fetch"])
CHANGES = st.lists(st.tuples(WHAT, st.integers(1, ROWS)), max_size=15)


@settings(max_examples=30, deadline=None)
@given(changes=CHANGES)
def test_in_the_end_it_shows_what_there_is(changes: list[tuple[str, int]]):
    store = filled()
    finding = links(store)
    for what, number in changes:
        if what == "step":
            finding.step()
        elif what in ("star", "unstar"):
            store.triage.star([number], what == "star")
        elif what == "archive":
            store.triage.archive([number, number + 1])
        elif what == "undo":
            store.triage.undo()
        elif what == "new":
            store.gateway_rows.take_incoming([incoming(1_000 + number, "http://z", at=float(number))])
        elif what == "all":
            with store._db.write() as change:  # as when another program wrote
                store._db.connection.execute("UPDATE message SET starred = 1 - starred WHERE id = ?", (number,))
                change.everything = True
        else:
            finding.fetch(before=(float(number), number), limit=3)
    finding.fetch(limit=200)
    while finding.pending:
        finding.step()
    assert ids(finding.fetch(limit=200)) == ids(store.page(finding.view, limit=200))
    finding.close()
    store.close()
