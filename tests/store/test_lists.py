"""Lists by key, totals, search, and what a person does to messages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.conftest import Clock
from voipe_tui.store import Changed, Draft, IncomingRecord, NewMessage, OutgoingRecord, Store, View
from voipe_tui.store.gateway_rows import IdsRestarted


def incoming(
    gateway_id: int, text: str = "hi", number: str = "+972541234567", at: float = 0.0, **more
) -> IncomingRecord:
    values = {"source": "inbox", "receiver": "", "keyword": "", "created_at": at, "sort_at": at}
    day, second = divmod(gateway_id, 86_400)
    moment = f"2026-01-{1 + day:02d} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return IncomingRecord(gateway_id=gateway_id, number=number, text=text, gateway_time=moment, **{**values, **more})


def outgoing(gateway_id: int, text: str = "hi", status: int = 3, at: float = 0.0) -> OutgoingRecord:
    return OutgoingRecord(gateway_id, "1234", "0521110001", text, f"t{gateway_id}", at, at, at, status)


def all_pages(store: Store, view: View, limit: int) -> list[int]:
    found, before = [], None
    while page := store.page(view, before=before, limit=limit):
        found += [message.id for message in page]
        before = page[-1].position
    return found


@settings(max_examples=25, deadline=None)
@given(times=st.lists(st.integers(0, 5), max_size=40), limit=st.integers(1, 7))
def test_pages_by_key_give_every_row_once_also_at_equal_times(times, limit):
    store = Store(None, clock=Clock())
    store.gateway_rows.take_incoming([incoming(n, at=float(at)) for n, at in enumerate(times, 1)])
    whole = [message.id for message in store.page(View(), limit=1000)]
    assert len(whole) == len(times)
    assert all_pages(store, View(), limit) == whole
    for message in store.page(View(), limit=1000):
        newer = store.page(View(), after=message.position, limit=3)
        index = whole.index(message.id)
        assert [each.id for each in newer] == whole[max(0, index - 3) : index]
        assert store.page(View(), before=message.position, limit=1, including=True)[0].id == message.id
    store.close()


def test_a_page_never_scans(store: Store):
    """Every list that a screen shows is read through an index that is already in its order."""
    for view in (
        View(direction="in"),
        View(direction="out"),
        View(number_key="+972"),
        View(unread=True),
        View(starred=True),
    ):
        plan = store.messages.explain(view, before=(1.0, 1))
        assert not any("SCAN m" in line or "TEMP B-TREE" in line for line in plan), (view, plan)


def test_totals_follow_every_change(store: Store):
    store.gateway_rows.take_incoming([incoming(n) for n in range(1, 6)])
    store.gateway_rows.take_outgoing([outgoing(1), outgoing(2, status=2), outgoing(3, status=1)])
    [draft] = [store.drafts.save(Draft(0, "052", "half"))]
    counts = store.counts()
    assert (counts.inbox, counts.unread, counts.outbox, counts.failed, counts.pending, counts.drafts) == (
        5,
        5,
        4,
        1,
        1,
        1,
    )
    ids = [message.id for message in store.page(View(direction="in"))]
    store.triage.set_read(ids[:2])
    store.triage.archive(ids[2:3])
    store.triage.delete(ids[3:4])
    store.drafts.discard(draft)
    counts = store.counts()
    assert (counts.inbox, counts.unread, counts.outbox, counts.drafts) == (3, 1, 3, 0)
    store.triage.delete(ids[3:4], False)
    store.triage.archive(ids[2:3], False)
    store.triage.set_read(ids[:2], False)
    assert (store.counts().inbox, store.counts().unread) == (5, 5)


@pytest.mark.parametrize(
    ("search", "hits"),
    [
        ("appoint", {1}),
        ("APPOINTMENT tomorrow", {1}),
        ("שלום", {2}),
        ("שָׁלוֹם", {2}),
        ("של", {2}),
        ("0541234567", {1, 2}),
        ("054-123 4567", {1, 2}),
        ("+972 54 1234567", {1, 2}),
        ("4567", {1, 2}),
        ("0529998888", {3}),
        ("dana", {3}),
        ("nothing", set()),
        ('"quote* AND (', set()),
        ("-", set()),
        ("", {1, 2, 3}),
    ],
)
def test_search_finds_words_numbers_in_any_form_and_names(store: Store, search, hits):
    store.gateway_rows.take_incoming([
        incoming(1, "Your appointment is tomorrow"), incoming(2, "שָׁלוֹם לכולם"), incoming(3, "x", "+972529998888"),
    ])  # fmt: skip
    store.people.remember([("0529998888", "Dana Cohen", 1, "", "")])
    assert {message.gateway_id for message in store.page(View(search=search))} == hits


def test_filters_combine(store: Store):
    store.gateway_rows.take_outgoing([outgoing(n, status=n % 4, at=float(n)) for n in range(1, 21)])
    failed = View(direction="out", statuses=frozenset({"failed"}), since=5.0, until=15.0)
    assert [message.gateway_id for message in store.page(failed)] == [14, 10, 6]


def test_a_listing_that_comes_twice_changes_and_tells_nothing(store: Store):
    rows = [incoming(n) for n in range(1, 4)]
    assert store.gateway_rows.take_incoming(rows) == 3
    told: list[Changed] = []
    store.subscribe(told.append)
    assert store.gateway_rows.take_incoming(rows) == 0
    assert told == []


def test_listeners_hear_which_rows_changed(store: Store):
    told: list[Changed] = []
    unsubscribe = store.subscribe(told.append)
    store.gateway_rows.take_outgoing([outgoing(1, status=1), outgoing(2, status=1)])
    first, second = sorted(told[0].inserted)
    store.gateway_rows.take_outgoing([outgoing(1, status=3), outgoing(2, status=1)])
    assert (told[1].ids, told[1].inserted) == (frozenset({first}), frozenset())
    unsubscribe()
    store.triage.star([second])
    assert len(told) == 2


def test_a_known_id_with_another_date_is_not_written(store: Store):
    store.gateway_rows.take_incoming([incoming(1, "old")])
    other = incoming(1, "new")._replace(gateway_time="2027-01-01 00:00:00")
    with pytest.raises(IdsRestarted):
        store.gateway_rows.take_incoming([incoming(2), other])
    assert [message.text for message in store.page(View())] == ["old"]


def test_an_unknown_delivery_status_is_shown_and_not_fatal(store: Store):
    store.gateway_rows.take_outgoing([outgoing(1, status=9)])
    [message] = store.page(View())
    assert message.status == "accepted"
    assert message.note is not None
    assert "9" in message.note


def test_a_draft_is_kept_as_typed_and_goes_when_it_is_sent(store: Store, clock: Clock):
    draft_id = store.drafts.save(
        Draft(0, "052 111; abc", "שלום", sender="Vip", flash=True, schedule_text="tomorrow 9:00")
    )
    clock.now += 5
    assert store.drafts.save(Draft(draft_id, "0521110001", "שלום לך")) == draft_id
    [draft] = store.drafts.all()
    assert (draft.to_text, draft.text, draft.updated_at) == ("0521110001", "שלום לך", clock.now)
    assert [message.id for message in store.page(View(search="לך"))] == [draft_id]
    assert store.page(View(search="abc")) == []
    [sent] = store.journal.submit([NewMessage("+972521110001", "שלום לך")], draft=draft_id)
    assert store.drafts.all() == []
    assert [message.id for message in store.page(View())] == [sent]


def test_an_empty_draft_is_not_kept(store: Store):
    assert store.drafts.save(Draft(0, " ", "\n")) == 0
    draft_id = store.drafts.save(Draft(0, "x", "y"))
    assert store.drafts.save(Draft(draft_id, "", "")) == 0
    assert store.page(View()) == []


def test_what_is_still_to_be_sent_cannot_be_deleted(store: Store):
    ids = store.journal.submit([NewMessage("+972521110001", "a")])
    assert store.triage.delete(ids).count == 0
    store.journal.cancel(ids)
    assert list(store.triage.delete(ids).ids) == ids


def test_contacts_give_their_names_to_messages(store: Store):
    store.gateway_rows.take_incoming([incoming(1, number="054-123-4567")])
    store.people.remember([("+972541234567", "Dana", 1, "", "")])
    assert [message.name for message in store.page(View())] == ["Dana"]


@pytest.mark.parametrize("first", ["inbox", "incoming"])
def test_a_message_in_both_lists_is_shown_once_and_both_ids_are_kept(store: Store, first: str):
    """``in`` cuts the keyword off and may live in another zone (in.some and ix.some of 1.4.3)."""
    inbox = incoming(7, "INFO price of 2 tickets", at=1000.0)
    listed = incoming(4, "price of 2 tickets", source="incoming", keyword="INFO", at=1000.0)
    listed = listed._replace(gateway_time="2026-01-01 07:00:08")
    for record in (inbox, listed) if first == "inbox" else (listed, inbox):
        store.gateway_rows.take_incoming([record])
        store.gateway_rows.take_incoming([record])
    assert len(store.page(View())) == 1
    assert store.counts().unread == 1
    assert store.facts.seen_id("inbox") == 7
    assert store.facts.seen_id("incoming") == 4


def test_two_equal_messages_of_one_list_are_two(store: Store):
    same = incoming(8, "ok", at=5.0)._replace(gateway_time=incoming(7).gateway_time)
    store.gateway_rows.take_incoming([incoming(7, "ok", at=5.0), same])
    listed = incoming(3, "ok", at=5.0, source="incoming")._replace(gateway_time=incoming(7).gateway_time)
    store.gateway_rows.take_incoming([listed])
    store.gateway_rows.take_incoming([listed._replace(gateway_id=4)])
    assert len(store.page(View())) == 2
    store.gateway_rows.take_incoming([listed._replace(gateway_id=5)])
    assert len(store.page(View())) == 3


def test_a_repeated_word_is_no_twin_where_it_is_known_how_far_the_lists_are_apart(store):
    def arrive(source: str, gateway_id: int, hour: int, seconds: int = 0) -> int:
        record = incoming(gateway_id, "Yes", source=source)
        record = record._replace(gateway_time=f"2026-11-22 {hour}:00:0{seconds}")
        return store.gateway_rows.take_incoming([record])

    assert arrive("inbox", 1, 17) == 1
    assert arrive("incoming", 1, 10) == 0, "nothing is known: seven hours to the second can be two zones"
    assert arrive("inbox", 2, 18) == 1
    assert arrive("incoming", 2, 12) == 1, "six hours are not seven"
    assert arrive("incoming", 3, 11, 2) == 0, "this is the one of 18:00"
    store.facts.set("offset.inbox", "0.0")
    store.facts.set("offset.incoming", "0.0")
    assert arrive("inbox", 3, 19) == 1, "learned since: there is no difference, and so no twin at 12:00"
    assert arrive("incoming", 4, 19, 3) == 0
