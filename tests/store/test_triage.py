"""What a person does to messages, taking it back, and what is said about it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.store.conftest import Clock
from tests.store.test_lists import incoming, outgoing
from voipe_tui.errors import InputError
from voipe_tui.store import Changed, Draft, NewMessage, Store, View
from voipe_tui.store.triage_work import PIECE


@pytest.fixture
def store(clock: Clock):
    """Six messages that came in (1 to 6) and four that went out (7 to 10), in memory."""
    store = filled(clock)
    yield store
    store.close()


def filled(clock: Clock) -> Store:
    store = Store(None, clock=clock)
    store.gateway_rows.take_incoming([incoming(n, at=100.0 + n) for n in range(1, 7)])
    store.gateway_rows.take_outgoing([outgoing(n, status=n % 4, at=200.0 + n) for n in range(1, 5)])
    return store


def everything(store: Store) -> list[object]:
    """Every row of every table that triage writes, bit for bit."""
    return [
        store._db.rows("SELECT * FROM message ORDER BY id"),
        store._db.rows("SELECT * FROM message_label ORDER BY label, message_id"),
        store._db.rows("SELECT * FROM tally WHERE n <> 0 ORDER BY 1, 2, 3, 4"),
        store._db.rows("SELECT * FROM conversation ORDER BY key"),
    ]


def triaged(store: Store) -> Store:
    """Some of it is not as it came."""
    triage = store.triage
    triage.set_read([1])
    triage.star([2, 7])
    triage.archive([3, 8])
    triage.delete([4])
    triage.label([5, 9], add=["vip"])
    triage.snooze([6, 10], 5_000_000.0)
    return store


COMMANDS = {
    "read": (lambda t, w: t.set_read(w), {2, 3, 5, 6}, "Marked as read: 4 messages; 4 are outgoing"),
    "unread": (lambda t, w: t.set_read(w, False), {1}, "Marked as unread: 1 message; 4 are outgoing"),
    "star": (lambda t, w: t.star(w), {1, 3, 5, 6, 8, 9, 10}, "Starred 7 messages"),
    "unstar": (lambda t, w: t.star(w, False), {2, 7}, "Star taken off: 2 messages"),
    "archive": (lambda t, w: t.archive(w), {1, 2, 5, 6, 7, 9, 10}, "Archived 7 messages"),
    "unarchive": (lambda t, w: t.archive(w, False), {3, 6, 8, 10}, "Back in the lists: 4 messages"),
    "delete": (lambda t, w: t.delete(w), {1, 2, 3, 5, 6, 7, 8, 9, 10}, "Deleted here: 9 messages"),
    "restore": (lambda t, w: t.delete(w, False), {4}, "Restored 1 message"),
    "label": (lambda t, w: t.label(w, add=["to call"]), {1, 2, 3, 5, 6, 7, 8, 9, 10}, "Labelled “to call”: 9 messages"),
    "unlabel": (lambda t, w: t.label(w, remove=["VIP"]), {5, 9}, "Taken off “VIP”: 2 messages"),
    "snooze": (
        lambda t, w: t.snooze(w, 9e6, said="Mon 09:00"),
        {1, 2, 3, 5, 6, 7, 8, 9, 10},
        "Snoozed 9 messages until",
    ),
    "unsnooze": (lambda t, w: t.unsnooze(w), {6, 10}, "Back in the lists: 2 messages"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_changes_what_it_can_is_undone_and_done_again(store: Store, name: str):
    command, expected, sentence = COMMANDS[name]
    before = everything(triaged(store))
    done = command(store.triage, range(1, 11))
    assert (set(done.ids), done.count, done.kind) == (expected, len(expected), name if name != "unlabel" else "label")
    assert done.said.startswith(sentence)
    after = everything(store)
    undone = store.triage.undo()
    assert undone is not None
    assert set(undone.ids) == expected
    assert everything(store) == before
    redone = store.triage.redo()
    assert redone is not None
    assert (set(redone.ids), redone.way) == (expected, "redo")
    assert everything(store) == after
    store.triage.undo()
    assert everything(store) == before


def test_undo_says_what_came_back_and_ends_with_nothing(store: Store):
    store.triage.archive([1, 2])
    store.triage.archive([7])
    assert store.triage.can_undo == "archive"
    assert store.triage.undo().said == "Back in the outbox: 1 message."
    assert store.triage.undo().said == "Back in the inbox: 2 messages."
    assert (store.triage.undo(), store.triage.can_undo) == (None, None)
    assert store.triage.redo().said == "Archived 2 messages."
    store.triage.star([1])
    assert store.triage.redo() is None, "something else was done since"


@pytest.mark.parametrize("way", ["archive", "delete", "snooze"])
def test_what_is_still_to_leave_stays_in_sight(store: Store, way: str):
    held = store.journal.submit([NewMessage("+972521110001", "a")], hold_seconds=60)
    draft = store.drafts.save(Draft(0, "052", "half"))
    ids = [1, *held, draft, 99]
    done = store.triage.snooze(ids, 9e6) if way == "snooze" else getattr(store.triage, way)(ids)
    assert (done.ids, done.left_alone) == ((1,), 3)
    assert "1 is gone" in done.said
    assert "1 is still being sent and stays" in done.said
    assert "1 is a draft and stays" in done.said
    assert store.triage.archive(held).said == "1 is still being sent and stays."


def test_nothing_to_do_says_why(store: Store):
    assert store.triage.star([1], False).said == "There is no star to take off."
    assert store.triage.archive([]).said == "There is no message to do this to."
    assert store.triage.can_undo is None


def test_what_changed_in_between_is_restored_and_said(store: Store):
    store.triage.star([1, 2, 3])
    store._db.connection.execute("UPDATE message SET starred = 0 WHERE id = 2")  # another program
    assert store.triage.undo().said == "Star taken off again: 3 messages; 1 had changed since."


def test_a_view_is_what_it_shows_at_that_moment(store: Store):
    work = store.triage.work(store.triage.archiving(True), View(direction="in"))
    assert next(work).total is None, "first the rows are looked for"
    store.gateway_rows.take_incoming([incoming(50, at=500.0)])
    done = work.run()
    assert done.count == 6
    assert [message.gateway_id for message in store.page(View(direction="in"))] == [50]


def test_work_in_pieces_is_one_entry_and_can_be_stopped(clock: Clock):
    store = Store(None, clock=clock)
    many = 2 * PIECE + 10
    store.gateway_rows.take_incoming([incoming(n, at=float(n)) for n in range(1, many + 1)])
    before = everything(store)
    told: list[Changed] = []
    store.subscribe(told.append)
    work = store.triage.work(store.triage.starring(True), range(1, many + 1))
    assert [progress.done for progress in work] == [PIECE, 2 * PIECE, many]
    assert len(told) == 3
    undo = store.triage.undo_work()
    next(undo)
    assert store.triage.busy
    with pytest.raises(InputError, match="still going on"):
        store.triage.star([1])
    assert undo.stop().count == PIECE
    assert not store.triage.busy
    assert len(store.page(View(starred=True), limit=5_000)) == many - PIECE
    assert store.triage.undo().count == many - PIECE
    assert everything(store) == before
    assert store.triage.redo().count == many - PIECE
    assert store.triage.redo().count == PIECE
    store.close()


def test_a_failure_changes_nothing_and_forgets_nothing(store: Store):
    store.triage.star([1])
    before = everything(store)
    store._db.connection.execute(
        "CREATE TEMP TRIGGER full BEFORE UPDATE ON message WHEN new.id = 3 BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    with pytest.raises(Exception, match="no"):
        store.triage.archive([1, 2, 3])
    assert everything(store) == before
    assert store.triage.undo().ids == (1,)


def test_more_than_a_hundred_actions_can_be_taken_back(store: Store):
    before = everything(store)
    for turn in range(120):
        store.triage.star([1], turn % 2 == 0)
    assert sum(store.triage.undo() is not None for _ in range(130)) == 120
    assert everything(store) == before


def test_what_was_only_seen_is_nothing_to_undo(store: Store):
    store.triage.archive([1])
    store.triage.seen([2, 7, 99])
    assert store.messages.one(2).read
    assert store.triage.undo().kind == "archive"
    assert store.messages.one(2).read


# Labels


def test_labels_are_the_same_in_any_case_and_both_places_agree(store: Store):
    store.triage.label([1, 2], add=["To  Call", "שלום"])
    store.triage.label([2, 3], add=["to call"])
    assert store.triage.labels() == ["To Call", "שלום"]
    assert store.messages.one(3).labels == ("To Call",), "as it is spelled already"
    assert store.messages.one(2).labels == ("To Call", "שלום")
    done = store.triage.label([1, 2, 3], add=["vip"], remove=["TO CALL"])
    assert done.said == "Labelled “vip”, taken off “TO CALL”: 3 messages."
    assert store.triage.labels() == ["vip", "שלום"]
    assert store.messages.one(1).labels == ("שלום", "vip")


@pytest.mark.parametrize("typed", ["", "  ", "a|b", 'a"b', "x" * 41])
def test_what_can_be_no_label_is_said(store: Store, typed: str):
    with pytest.raises(InputError):
        store.triage.label([1], add=[typed])


# Snoozing


def test_a_snoozed_message_comes_back_unread_and_on_top(store: Store, clock: Clock):
    before = everything(store)
    store.triage.set_read([1, 2])
    store.triage.snooze([1, 9], clock.now + 60)
    store.triage.snooze([2], clock.now + 90)
    assert [m.archived for m in store.get([1]).values()] == [True]
    assert (store.triage.next_wake(), store.triage.wake_due()) == (clock.now + 60, 0)
    clock.now += 61.5
    told: list[Changed] = []
    store.subscribe(told.append)
    assert store.triage.wake_due() == 2
    assert (told[0].woken, told[0].inserted) == (frozenset({1, 9}), frozenset({1, 9}))
    back = store.page(View(direction="in"))[0]
    assert (back.id, back.read, back.archived, back.snoozed_until) == (1, False, False, None)
    assert back.created_at == 101.0, "when it was written stays what it was"
    assert store.page(View(direction="out"))[0].id == 9
    assert store.triage.wake_due() == 0
    for _ in range(3):
        store.triage.undo()
    assert everything(store) == before, "undone after its time it also goes back to its place"


def test_a_deleted_message_does_not_come_back_by_itself(store: Store, clock: Clock):
    store.triage.snooze([1], clock.now + 60)
    store.triage.delete([1])
    clock.now += 61
    assert (store.triage.next_wake(), store.triage.wake_due()) == (None, 0)
    store.triage.undo()
    assert store.triage.wake_due() == 1


# Any order of things

ACTIONS = st.tuples(
    st.sampled_from([*COMMANDS, "wake", "seen", "undo", "redo"]),
    st.sets(st.integers(1, 10), min_size=1, max_size=6),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(ACTIONS, max_size=12))
@example([("snooze", {1}), ("read", {1}), ("wake", {1})])
def test_any_sequence_is_undone_bit_for_bit(actions: list[tuple[str, set[int]]]):
    clock = Clock(8_000_000.0)
    store = triaged(filled(clock))
    while store.triage.undo():
        pass
    before = everything(store)
    for name, ids in actions:
        clock.now += 500_000.0
        if name == "wake":
            store.triage.wake_due()
        elif name in ("undo", "redo"):
            getattr(store.triage, name)()
        elif name != "seen":
            COMMANDS[name][0](store.triage, sorted(ids))
    while store.triage.undo():
        pass
    assert everything(store) == before
    while store.triage.redo():
        pass
    while store.triage.undo():
        pass
    assert everything(store) == before
    store.close()
