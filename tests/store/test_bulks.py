"""Batches and the programs that send them: one at a time, and what a program that ended leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.conftest import Clock
from voipe_tui.store import NewMessage, Store, View
from voipe_tui.store.bulks import BulkState, RepeatedError


@pytest.fixture
def two(tmp_path: Path, clock: Clock) -> Iterator[tuple[Store, Store]]:
    """Two programs on one profile."""
    stores = Store(tmp_path / "vip.db", clock=clock), Store(tmp_path / "vip.db", clock=clock)
    yield stores
    for store in stores:
        store.close()


def begun(store: Store, count: int = 4) -> int:
    bulk_id = store.bulks.begin("list.csv")
    store.bulks.add(bulk_id, [NewMessage(f"+97252111000{n}", f"Hi {n}") for n in range(count)])
    return bulk_id


def state(store: Store, bulk_id: int) -> tuple[BulkState, str]:
    bulk = store.bulks.get(bulk_id)
    assert bulk is not None
    return bulk.state, bulk.reason


def test_one_program_sends_a_batch_and_nobody_takes_it_from_the_living(two: tuple[Store, Store]):
    one, other = two
    bulk_id = begun(one)
    one.bulks.start(bulk_id)
    assert other.journal.claim(2, bulk=bulk_id) == []
    assert not other.bulks.resume(bulk_id)
    assert other.bulks.pause_left_behind() == []
    assert len(one.journal.claim(2, bulk=bulk_id)) == 2
    assert other.bulks.pause(bulk_id, "Paused by you.")
    assert other.bulks.resume(bulk_id), "a paused batch goes on wherever a person says so"
    assert one.journal.claim(2, bulk=bulk_id) == [], "and from then on only there"
    assert len(other.journal.claim(2, bulk=bulk_id)) == 2


def test_a_batch_whose_program_ended_is_paused_or_taken_over(two: tuple[Store, Store]):
    one, other = two
    bulk_id, second = begun(one), begun(one)
    one.bulks.start(bulk_id)
    one.bulks.start(second)
    one.close()
    assert other.journal.claim(2, bulk=bulk_id) == []
    assert other.bulks.resume(second), "a person who looks on said so"
    assert [bulk.id for bulk in other.bulks.pause_left_behind()] == [bulk_id]
    assert state(other, bulk_id) == (BulkState.PAUSED, "voipe-tui ended while it was being sent.")
    assert other.bulks.pause_mine("voipe-tui was closed.") == 1
    assert state(other, second) == (BulkState.PAUSED, "voipe-tui was closed.")


def test_a_batch_is_on_its_way_when_it_is_complete(two: tuple[Store, Store]):
    one, other = two
    one.journal.submit([NewMessage("+972521110009", "Hi")])
    bulk_id, broken_off = begun(one), begun(other)
    assert one.counts().pending == 1
    one.bulks.start(bulk_id)
    assert one.counts().pending == 5
    other.close()
    assert one.counts().pending == 5
    one.bulks.cancel(broken_off)
    while one.bulks.cancel_some(broken_off):
        pass
    assert one.counts().pending == 5


def test_what_waits_in_a_paused_batch_is_not_on_its_way(two: tuple[Store, Store]):
    one, other = two
    one.journal.submit([NewMessage("+972521110009", "Hi")])
    bulk_id, second = begun(one), begun(one, 3)
    one.bulks.start(bulk_id)
    one.bulks.start(second)
    sent = one.journal.claim(1, bulk=bulk_id)
    assert one.counts().pending == 8
    one.bulks.pause(bulk_id, "Paused by you.")
    assert one.counts().pending == other.counts().pending == 5, "the one that is being sent still is"
    one.journal.not_sent(sent[0], "Not sent yet.", 0.0)
    assert one.counts().pending == 4, "back among those that wait"
    one.bulks.resume(bulk_id)
    assert one.counts().pending == other.counts().pending == 8
    one.bulks.pause(second, "Paused by you.")
    one.bulks.cancel(bulk_id)
    while one.bulks.cancel_some(bulk_id):
        pass
    assert one.counts().pending == 1


def test_a_batch_that_was_never_complete_says_so_and_can_only_be_cancelled(two: tuple[Store, Store]):
    one, other = two
    bulk_id = begun(one)
    bulk = other.bulks.get(bulk_id)
    assert bulk is not None
    assert not other.bulks.is_broken_off(bulk), "it is being filled right now"
    one.close()
    assert other.bulks.is_broken_off(bulk)
    assert not other.bulks.resume(bulk_id)
    assert other.bulks.cancel(bulk_id)
    assert other.bulks.half_cancelled() == [bulk_id]
    while other.bulks.cancel_some(bulk_id, 3):
        pass
    assert other.bulks.half_cancelled() == []
    assert other.bulks.progress(bulk_id).by_status == {"cancelled": 4}  # type: ignore[union-attr]


def test_taking_back_keeps_every_text(store: Store):
    one = store.journal.submit([NewMessage("+972521110001", "Hi Dana"), NewMessage("+972521110002", "Hi Avi")])
    draft, cancelled = store.journal.call_back(one[:1])
    assert cancelled == ()
    kept = {(each.to_text, each.text) for each in store.drafts.all()}
    assert kept == {("+972521110001", "Hi Dana"), ("+972521110002", "Hi Avi")}
    assert draft == one[0]
    many = store.journal.submit([NewMessage(f"+97252111{n:04}", f"Hi {n}") for n in range(20)])
    assert store.journal.call_back(many[:1]) == (None, tuple(many))
    assert store.get(many)[many[7]].text == "Hi 7"
    bulk_id = begun(store)
    [row, *_] = store.page(View(batch=f"bulk-{bulk_id}"))
    assert store.journal.take_back([row.id]) is None
    assert store.journal.call_back([row.id]) == (None, (row.id,)), "one of a batch, and no other"


def test_those_that_failed_are_orders_again(store: Store):
    bulk_id = begun(store)
    store.bulks.start(bulk_id)
    for intent in store.journal.claim(3, bulk=bulk_id):
        store.journal.refuse(intent, 200, "no")
    first = store.bulks.failed(bulk_id, limit=2)
    again = [*first, *store.bulks.failed(bulk_id, after=first[-1][0])]
    assert [(order.number, order.text) for _, order in again] == [(f"+97252111000{n}", f"Hi {n}") for n in range(3)]


def test_who_was_tried_again_is_not_retried_from_the_first_batch_once_more(two: tuple[Store, Store]):
    one, other = two
    first = begun(one)
    one.bulks.start(first)
    for intent in one.journal.claim(4, bulk=first):
        one.journal.refuse(intent, 200, "no")
    bulk = one.bulks.get(first)
    assert bulk is not None
    again = one.bulks.begin_retry(bulk)
    with pytest.raises(RepeatedError) as asked_at_once:
        other.bulks.begin_retry(bulk)
    assert asked_at_once.value.bulk.id == again
    one.bulks.add(again, [order for _, order in one.bulks.failed(first)])
    one.bulks.start(again)
    with pytest.raises(RepeatedError) as asked_later:
        other.bulks.begin_retry(bulk)
    assert asked_later.value.bulk.id == again
    one.journal.refuse(one.journal.claim(1, bulk=again)[0], 200, "no")
    assert [order.number for _, order in other.bulks.failed(first)] == ["+972521110000"], "its last attempt failed"
    assert other.bulks.cancel(again)
    assert len(other.bulks.failed(first)) == 4, "nothing of a cancelled one leaves any more"


def test_the_same_batch_again_is_noticed_while_it_matters(two: tuple[Store, Store], clock: Clock):
    one, other = two
    first, second, third = begun(one), begun(one), begun(other)
    one.bulks.start(first, fingerprint="same")
    with pytest.raises(RepeatedError) as noticed:
        one.bulks.start(second, fingerprint="same")
    assert noticed.value.bulk.id == first
    one.bulks.start(second, fingerprint="same", again=True)
    assert one.bulks.may_be_repeated(4, None)
    one.bulks.cancel(first)
    one.bulks.cancel(second)
    assert one.bulks.twin("same") is None, "nothing of it left"
    other.bulks.start(third, fingerprint="same")
    for intent in other.journal.claim(4, bulk=third):
        other.journal.refuse(intent, 200, "no")
    assert other.bulks.finish(third)
    assert one.bulks.twin("same") is not None
    clock.now += 4 * 86_400
    assert one.bulks.twin("same") is None
    assert one.bulks.twin("") is None
