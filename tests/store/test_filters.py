"""Filters on a store: what they find, through which index, and that no page takes long."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.conftest import Clock
from tests.store.test_lists import incoming, outgoing
from voipe_tui.errors import InputError
from voipe_tui.store import Message, NewMessage, Store, View, filter_pages
from voipe_tui.store.saved_views import DEFAULTS, SavedView
from voipe_tui.text import filter_tree as tree
from voipe_tui.text.filters import FilterError, parse

NOW = datetime(1970, 1, 12, 12, 0, tzinfo=UTC)  # a little before the clock of these tests
DANA, YOSSI = "+972541234567", "+972529998888"


def filled() -> Store:
    """Ten that came in, from the newest: 1 to 5 from Dana, 6 to 9 from Yossi, 10 from a bank; ten that went out."""
    store = Store(None, clock=Clock())
    texts = ["see https://x.yz/a", "call 100", "שָׁלוֹם לך", "what a day 🎉"]
    texts += ["Plain", "again plain", "x" * 200, "o", "p", "q"]
    numbers = [DANA] * 5 + [YOSSI] * 4 + ["MyBank"]
    at = NOW.timestamp()
    came = enumerate(zip(texts, numbers, strict=True), 1)
    store.gateway_rows.take_incoming([
        incoming(n, text, number, at=at - n * 7_200) for n, (text, number) in came
    ])  # fmt: skip
    store.gateway_rows.take_outgoing([
        outgoing(n, f"out {n}", status=n % 4, at=at - n * 7_200)._replace(number=YOSSI if n > 5 else DANA)
        for n in range(1, 11)
    ])  # fmt: skip
    store.people.remember([(DANA, "Dana Cohen", 1, "", ""), (YOSSI, "יוסי לוי", 2, "", "")])
    triage = store.triage
    triage.set_read([2, 3, 6])
    triage.star([1, 12])
    triage.archive([4, 13])
    triage.snooze([5], 9e9)
    triage.label([1, 6, 11], add=["VIP"])
    triage.label([6], add=["to call"])
    triage.delete([9])
    return store


@pytest.fixture(scope="module")
def store():
    store = filled()
    yield store
    store.close()


def view_of(query: str, direction: str | None = None) -> View:
    found = parse(query, NOW)
    assert found is not None
    return View(direction=direction, filter=found)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("is:unread", {1, 7, 8, 10}),
        ("is:read", {2, 3, 6}),
        ("-is:read", {1, 7, 8, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20}),
        ("is:starred", {1, 12}),
        ("is:archived", {4, 13}),
        ("-is:archived is:in", {1, 2, 3, 5, 6, 7, 8, 10}),
        ("is:snoozed", {5}),
        ("is:in -is:unread", {2, 3, 6}),
        ("is:unanswered", {10}),
        ("status:delivered", {17}),
        ("status:failed", {12, 16, 20}),
        ("is:failed since:yesterday", {12, 16, 20}),
        ("is:failed since:today", {12, 16}),
        ("is:pending", {11, 14, 15, 18, 19}),
        ("status:failed,sent", {11, 12, 15, 16, 19, 20}),
        ("from:dana", {1, 2, 3}),
        ("from:cohen is:unread", {1}),
        ("from:יוסי", {6, 7, 8}),
        ("to:054-123-4567", {11, 12, 14, 15}),
        ("with:9998", {6, 7, 8, 16, 17, 18, 19, 20}),
        ("from:mybank", {10}),
        ("from:nobody", set()),
        ("label:vip", {1, 6, 11}),
        ('label:"To Call"', {6}),
        ("label:vip -label:\"to call\"", {1, 11}),
        ("label:none", set()),
        ("has:link", {1}),
        ("has:number is:in", {1, 2} - {1}),
        ("has:emoji or is:archived", {4, 13}),
        ("has:label", {1, 6, 11}),
        ("has:hebrew", {3}),
        ("parts:>1", {7}),
        ("sender:1234 to:dana", {11, 12, 14, 15}),
        ("שלום", {3}),
        ('"plain"', {6}),
        ('"again plain"', {6}),
        ('"plain again"', set()),
        ("pla is:in", {6}),
        ("out -status:failed to:dana", {11, 14, 15}),
        ("dana has:link", {1}),
        ("on:1970-01-12 is:in", {1, 2, 3, 6}),
        ("until:1970-01-11", {7, 8, 10, 17, 18, 19, 20}),
        ("since:3h", {1, 11}),
        ("is:starred or label:vip", {1, 6, 11, 12}),
        ("(is:starred or label:vip) is:in", {1, 6}),
        ("is:in is:out", set()),
        ("status:failed status:sent", set()),
        ("is:flash", set()),
        ("has:note", set()),
    ],
)  # fmt: skip
def test_what_a_filter_finds(store: Store, query: str, found: set[int]):
    view = view_of(query)
    assert {message.id for message in store.page(view)} == found
    assert store.messages.count(view, 100) == len(found)
    assert set(store.messages.which(view, range(1, 21))) == found
    assert store.saved_views.count(view) == (len(found), False)


def test_a_search_besides_a_filter_is_one_more_condition(store: Store):
    view = view_of("is:in")._replace(search="pla again")
    assert [message.id for message in store.page(view)] == [6]
    assert store.messages.which(view, range(1, 21)) == [6]


def test_flash_and_batches_are_known_by_their_orders():
    store = Store(None, clock=Clock())
    ids = store.journal.submit([NewMessage(DANA, "a", flash=True), NewMessage(YOSSI, "b")])
    assert [message.id for message in store.page(view_of("is:flash"))] == ids[:1]
    [batch] = {message.batch for message in store.page(View())}
    assert {message.id for message in store.page(view_of(f"batch:{batch}"))} == set(ids)
    store.close()


# Against an oracle


def holds(node: tree.Node, message: Message) -> bool:
    """The same, said once more in other words."""
    match node:
        case tree.And(nodes):
            return all(holds(each, message) for each in nodes)
        case tree.Or(nodes):
            return any(holds(each, message) for each in nodes)
        case tree.Not(inner):
            return not holds(inner, message)
        case tree.Status(names):
            return message.status in names
        case tree.Flag(name):
            return {
                "unread": message.direction == "in" and not message.read,
                "starred": message.starred,
                "archived": message.archived and message.snoozed_until is None,
                "snoozed": message.snoozed_until is not None,
                "out": message.direction == "out",
            }[name]
        case tree.Label(key):
            return key in [label.casefold() for label in message.labels]
        case tree.Between(since, until):
            return (since is None or message.sort_at >= since) and (until is None or message.sort_at < until)
        case tree.Text():
            return "plain" in message.text.casefold()
    raise AssertionError(node)


TERMS = ("is:unread", "is:starred", "is:archived", "is:snoozed", "is:out", "status:failed", "status:failed,delivered",
         "label:vip", "since:12h", "until:6h", "plain")  # fmt: skip
QUERIES = st.recursive(
    st.sampled_from(TERMS),
    lambda inner: st.one_of(
        inner.map("-({})".format),
        st.tuples(inner, inner).map("({0[0]} {0[1]})".format),
        st.tuples(inner, inner).map("({0[0]} or {0[1]})".format),
    ),
    max_leaves=5,
)


@settings(max_examples=120, deadline=None)
@given(query=QUERIES, direction=st.sampled_from(["in", "out", None]), stride=st.integers(1, 6), limit=st.integers(1, 5))
def test_any_filter_in_steps_of_any_size_finds_each_message_once(
    store: Store, query: str, direction: str | None, stride: int, limit: int
):
    view = view_of(query, direction)
    speaks = "is:archived" in query or "is:snoozed" in query
    expected = [
        message.id
        for message in store.page(View(direction=direction, include_archived=True), limit=100)
        if (speaks or not message.archived) and holds(view.filter.root, message)
    ]
    for upward in (False, True):
        found: list[int] = []
        place = (float("-inf"), 0) if upward else None
        for _ in range(200):
            before, after = (None, place) if upward else (place, None)
            walk = store.messages.filtered.walk(view, before, after, limit, False, stride)
            ids = [message.id for message in walk.messages]
            found = ids + found if upward else found + ids
            if walk.reached is None and len(ids) < limit:
                break
            place = walk.reached or walk.messages[0 if upward else -1].position
        assert found == expected
    assert [message.id for message in store.page(view, limit=100)] == expected


# Through which index


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("is:unread has:link", "message_unread"),
        ("is:unread is:archived", "message_archived"),
        ("is:starred", "message_starred"),
        ("status:failed,refused x", "message_status"),
        ("from:dana x", "message_number"),
        ("with:9998", "message_number"),
        ("is:archived", "message_archived"),
        ("has:link", "message_list"),
        ("label:vip", "INTEGER PRIMARY KEY"),
        ("is:unanswered", "INTEGER PRIMARY KEY"),
        ("is:snoozed", "INTEGER PRIMARY KEY"),
    ],
)
def test_each_filter_is_read_through_the_index_that_fits(store: Store, query: str, index: str):
    plan = store.messages.explain(view_of(query, None), before=(1e9, 1))
    messages = [line for line in plan if " m " in f"{line} " and "SUBQUERY" not in line]
    assert messages
    assert all(index in line and "SCAN" not in line for line in messages), plan
    assert index == "INTEGER PRIMARY KEY" or not any("TEMP B-TREE" in line for line in plan), plan


def test_a_walk_for_something_rare_stops_soon_and_goes_on(clock: Clock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(filter_pages, "STRIDE_IN_TEXTS", 800)
    store = Store(None, clock=clock)
    store.gateway_rows.take_incoming([incoming(n, f"text {n}", at=float(n)) for n in range(1, 1_801)])
    steps: list[int] = []
    store._db.connection.set_progress_handler(lambda: steps.append(1), 100)
    view = view_of("has:link", "in")
    walk = store.messages.walk(view)
    once = len(steps)
    assert (walk.messages, walk.reached is None) == ([], False)
    assert store.saved_views.count(view) == (0, True)
    steps.clear()
    again = store.messages.walk(view, before=walk.reached)
    last = store.messages.walk(view, before=again.reached)
    assert last.reached is None
    assert len(steps) < 3 * once
    work = store.triage.work(store.triage.starring(True), view)
    assert [progress.done for progress in work] == [0, 0, 0], "what triage does to a view is looked for likewise"
    assert work.stop().said == "There is no message to do this to."
    store._db.connection.set_progress_handler(None, 0)
    store.close()


# Kept views


def test_a_new_profile_has_views_and_what_is_deleted_stays_deleted(store: Store):
    views = store.saved_views
    assert tuple(views.all()) == DEFAULTS
    assert [views.count(views.view_of(each, NOW)) for each in views.all()] == [(4, False), (1, False), (2, False)]
    for each in views.all():
        views.delete(each.name)
    assert views.all() == []


def test_views_are_kept_renamed_moved_and_replaced():
    views = Store(None, clock=Clock()).saved_views
    mine = views.save(SavedView("  My  VIP ", "label:vip is:unread", "in"), now=NOW)
    assert (mine.name, views.all()[-1]) == ("My VIP", mine)
    with pytest.raises(InputError, match="already"):
        views.save(SavedView("my vip", "is:read"), now=NOW)
    assert views.save(SavedView("MY vip", "is:read"), now=NOW, replace=True) == views.all()[-1]
    assert [view.name for view in views.move("my VIP", 0)][:2] == ["MY vip", "Unread"]
    assert views.rename("unread", "New").query == "is:unread"
    for old, new in (("new", "my vip"), ("nowhere", "x"), ("new", "  "), ("new", "x" * 40)):
        with pytest.raises(InputError):
            views.rename(old, new)
    with pytest.raises(FilterError):
        views.save(SavedView("Bad", "stats:x"), now=NOW)
    with pytest.raises(InputError, match="nothing to keep"):
        views.save(SavedView("Empty", " "), now=NOW)
    assert [view.name for view in views.all()] == ["MY vip", "New", "Needs answer", "Failed today"]


@pytest.mark.parametrize("size", [3, 4, 100])
@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(direction="in"),
        View(include_archived=True),
        View(direction="out", search="out"),
        view_of("is:unread"),
        view_of("-is:read"),
        view_of("out or plain", "out"),
        view_of("with:dana"),
    ],
)
def test_ids_alone_are_those_of_the_messages(store: Store, view: View, size: int, monkeypatch: pytest.MonkeyPatch):
    """However many there are in a piece, and also where a piece ends with the list."""
    monkeypatch.setattr("voipe_tui.store.messages.IDS", size)
    pieces = list(store.messages.ids_in_pieces(view))
    assert all(len(piece) <= size for piece in pieces)
    shown = [message.id for page in store.messages.in_pieces(view, 64) for message in page]
    assert shown
    assert [row_id for piece in pieces for row_id in piece] == shown
