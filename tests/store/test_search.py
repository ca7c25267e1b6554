"""Search: what comes out is what a person would find by reading every message, in the order of the list."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.conftest import Clock
from tests.store.test_lists import incoming, outgoing
from voipe_tui.store import Draft, Message, Store, View, search_numbers, search_ways, searching
from voipe_tui.store.search_words import parse
from voipe_tui.text.search_fold import fold_for_search

WORDS = ("order", "orders", "Ordinary", "your", "שלום", "שָׁלוֹם", "של", "12", "1234", "4567", "appointment", "appoint")
NUMBERS = ("0521114567", "0521112222", "0547774567", "+12125551234", "VoipeBank", "4567")
TYPED = (
    "order", "ord", "o", "your order", '"your order"', "שלום", "של", "ש", "appointm", "appointment 12", "1234", "12",
    "4567", "052-111", "+972 52 1114567", "+972 (0)52 111 4567", '"052 111 4567"',
    "00972521112222", "2125551234", "114567 order", "dana", "dana order",
    "dan levi", "bank", "ord bank", "nothing", "עם", "1",
)  # fmt: skip


def brute(store: Store, typed: str, message: Message) -> bool:
    text = fold_for_search(message.text).split()
    name = fold_for_search(message.name or "").split()
    digits = "".join(filter(str.isdigit, message.key))
    dialled = "0" + digits.removeprefix("972").removeprefix("1")
    for asked in parse(typed):
        in_text = all(any(each.startswith(word) for each in text) for word in asked.words)
        if asked.phrase:
            in_text = f" {' '.join(asked.words)} " in f" {' '.join(text)} "
        in_name = bool(asked.who) and any(each.startswith(asked.who) for each in name)
        found = len(asked.who) >= 3 and any(asked.who in each for each in (digits, dialled, message.key))
        if not (in_text or in_name or found):
            return False
    return True


VIEWS = st.builds(
    View,
    direction=st.sampled_from([None, "in", "out"]),
    statuses=st.sampled_from([frozenset(), frozenset({"failed"}), frozenset({"failed", "delivered"})]),
    unread=st.booleans(),
    number_key=st.sampled_from([None, None, "+972521114567"]),
    since=st.sampled_from([None, 3.0]),
    until=st.sampled_from([None, 9.0]),
    include_archived=st.booleans(),
)
MESSAGES = st.lists(
    st.tuples(
        st.booleans(), st.lists(st.sampled_from(WORDS), max_size=4), st.sampled_from(NUMBERS), st.integers(0, 12)
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(MESSAGES, VIEWS, st.sampled_from(TYPED), st.integers(1, 7), st.integers(0, 3))
def test_what_is_found_is_what_reading_everything_would_find(messages, view, typed, limit, touched):
    store = Store(None, clock=Clock(20.0))
    for n, (is_in, words, number, at) in enumerate(messages, 1):
        record = incoming(n, " ".join(words), number=number, at=at) if is_in else outgoing(n, " ".join(words), at=at)
        if is_in:
            store.gateway_rows.take_incoming([record])
        else:
            store.gateway_rows.take_outgoing([record._replace(number=number, status_code=2 + n % 2)])
        if n == 10:
            store.search.index_some()
    store.people.remember([("0521112222", "Dana Levi", 1, "", ""), ("+12125551234", "דנה עם", 2, "", "")])
    ids = [message.id for message in store.page(View(), limit=100)]
    store.triage.archive(ids[:touched])
    store.triage.snooze(ids[touched : 2 * touched], 19.0)
    store.triage.wake_due()
    found = view._replace(search=typed)
    expected = [message.id for message in store.page(view, limit=100) if brute(store, typed, message)]
    assert [message.id for message in store.page(found, limit=100)] == expected
    assert store.messages.count(found, 1_000) == len(expected)
    assert sorted(store.messages.which(found, ids)) == sorted(expected)
    down, before = [], None
    while page := store.page(found, before=before, limit=limit):
        down += [message.id for message in page]
        before = page[-1].position
    up, after = [], (float("-inf"), 0)
    while page := store.page(found, after=after, limit=limit):
        up[:0] = [message.id for message in page]
        after = page[0].position
    assert down == up == expected
    for hasty in (True, False):
        assert walked(store, found, limit, hasty=hasty, upward=False) == expected
        assert walked(store, found, limit, hasty=hasty, upward=True) == expected
    store.close()


@pytest.fixture(scope="module", autouse=True)
def few_at_once():
    """Walks stop after a few messages, words are apart soon, and a few numbers are many."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in (
            (searching, "_HASTY", 2), (searching, "_PATIENT", 5), (searching, "_FIRST", 2), (search_ways, "_PROBE", 2),
            (search_ways, "_FEW", 2), (search_numbers, "MOST_KEYS", 2), (search_numbers, "_MOST_DEEP", 1),
            (search_numbers, "_AT_ONCE", 1),
        ):  # fmt: skip
            patch.setattr(module, name, value)
        yield


def walked(store: Store, view: View, limit: int, *, hasty: bool, upward: bool) -> list[int]:
    """All that is found by going on from where each walk stopped."""
    found: list[int] = []
    place = (float("-inf"), 0) if upward else None
    while True:
        before, after = (None, place) if upward else (place, None)
        walk = store.messages.walk(view, before=before, after=after, limit=limit, hasty=hasty)
        ids = [message.id for message in walk.messages]
        found = ids + found if upward else found + ids
        if walk.reached is None and len(ids) < limit:
            return found
        reached = walk.reached or walk.messages[0 if upward else -1].position
        assert reached != place
        place = reached


def test_words_that_never_meet_are_looked_for_later(store: Store):
    texts = ("order one", "courier two")
    store.gateway_rows.take_outgoing([outgoing(n, texts[n % 2], at=float(n)) for n in range(1, 41)])
    store.gateway_rows.take_outgoing([outgoing(41, "courier order", at=0.0)])
    view = View(search="order courier")
    first = store.messages.walk(view, hasty=True)
    assert (first.messages, first.reached is None) == ([], False), "a key is answered"
    rest = store.messages.walk(view, before=first.reached)
    assert [message.gateway_id for message in rest.messages] == [41]


def test_the_index_follows_in_small_steps_and_a_search_waits_for_the_last_few(store: Store):
    store.gateway_rows.take_outgoing([outgoing(n, f"order {n}", at=float(n)) for n in range(1, 701)])
    assert store.search.left() >= 700
    assert store.search.index_some(100) == 600
    assert [message.gateway_id for message in store.page(View(search="order"), limit=1)] == [700]
    assert store.search.left() == 600, "which are found all the same"
    while store.search.index_some(100) > 200:
        pass
    assert [message.gateway_id for message in store.page(View(search="order"), limit=1)] == [700]
    assert store.search.left() == 0


def test_an_edited_a_moved_and_a_removed_message_are_found_as_they_are_now(store: Store, clock: Clock):
    draft = store.drafts.save(Draft(0, "0521112222", "before"))
    assert [message.id for message in store.page(View(search="before"))] == [draft]
    clock.now += 60
    store.drafts.save(Draft(draft, "0521112222", "after"))
    assert store.page(View(search="before")) == []
    assert [message.id for message in store.page(View(search="after"))] == [draft]
    store.drafts.discard(draft)
    assert store.page(View(search="after")) == []
    assert store.search.left() == 0


def test_a_zone_that_is_learned_late_keeps_everything_to_be_found(store: Store):
    store.gateway_rows.take_incoming([incoming(n, f"word {n}")._replace(created_at=None) for n in range(1, 5)])
    assert len(store.page(View(search="word"))) == 4
    store.gateway_rows.restamp("inbox", 7200.0)
    assert [message.gateway_id for message in store.page(View(search="word"))] == [4, 3, 2, 1]


@pytest.mark.parametrize("typed", ['"', '" "', "*", "(", "NEAR(a b)", "a AND", "-", "^a", "a:b", "'", "\\"])
def test_signs_are_never_a_language(store: Store, typed: str):
    store.gateway_rows.take_incoming([incoming(1, "x")])
    assert store.page(View(search=typed)) in ([], store.page(View()))


def by_hand(store: Store, view: View, typed: str) -> list[int]:
    return [message.id for message in store.page(view, limit=1_000) if brute(store, typed, message)]


@pytest.mark.parametrize("typed", ["order", "order 7", '"order 70"', "0521", "052-1000", "9725", "dana", "dana order"])
@pytest.mark.parametrize("rest", [340, 600, 700])
def test_nothing_is_missed_while_messages_wait_to_be_indexed(store: Store, typed: str, rest: int):
    """The newest come first when a history is read, so what waits lies at the end, and what came since at the top."""
    store.people.remember([("0521000650", "Dana Levi", 1, "", "")])
    rows = [outgoing(n, f"order {n}", at=float(n if n > 350 else 1_000 - n)) for n in range(1, 701)]
    store.gateway_rows.take_outgoing([row._replace(number=f"0521000{row.gateway_id:03}") for row in rows])
    while store.search.left() > rest:
        store.search.index_some(20)
    edited = store.page(View(), limit=700)[-1].id
    with store._db.write():
        store._db.connection.execute("UPDATE message SET text = 'an order 70 now' WHERE id = ?", (edited,))
    found, expected = View(search=typed), by_hand(store, View(), typed)
    assert expected
    assert [message.id for message in store.page(found, limit=1_000)] == expected
    assert [message.id for message in store.page(found, limit=3)] == expected[:3]
    assert store.messages.count(found, 1_000) == len(expected)
    assert sorted(store.messages.which(found, expected)) == sorted(expected)
    assert walked(store, found, 7, hasty=True, upward=False) == expected
    assert walked(store, found, 7, hasty=False, upward=True) == expected
    ids = [row_id for piece in store.messages.ids_in_pieces(found) for row_id in piece]
    assert ids == expected
    number, more = store.saved_views.count(found, 1_000)
    assert number == len(expected) or more
