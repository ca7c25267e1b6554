"""The send journal: durable orders, exclusive claims, true states after a death."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.store.conftest import Clock
from voipe_tui.store import Acceptance, NewMessage, OutgoingRecord, Status, Store, View
from voipe_tui.store.states import TABLE, Actor, Event, ImpossibleTransition, next_state


def order(number: str = "+972521110001", text: str = "Hello", **more: object) -> NewMessage:
    return NewMessage(number=number, text=text, **more)  # type: ignore[arg-type]


def row(store: Store, message_id: int):
    message = store.messages.one(message_id)
    assert message is not None
    return message


def outgoing(gateway_id: int, number: str, text: str, at: float, status: int = 0) -> OutgoingRecord:
    return OutgoingRecord(gateway_id, "1234", number, text, f"2026-01-01 00:00:{gateway_id:02d}", at, at, at, status)


def test_the_table_knows_every_status_and_nothing_else_is_possible():
    assert {state for state, _ in TABLE} | {after for after, _ in TABLE.values()} == set(Status)
    for state, event in itertools.product(Status, Event):
        for actor in Actor:
            step = TABLE.get((state, event))
            if step is not None and actor in step[1]:
                assert next_state(state, event, actor) is step[0]
            else:
                with pytest.raises(ImpossibleTransition):
                    next_state(state, event, actor)


def test_only_a_person_leads_from_unknown_back_to_the_queue():
    ways = [(event, actors) for (state, event), (after, actors) in TABLE.items()
            if state is Status.UNKNOWN and after in (Status.QUEUED, Status.SENDING)]  # fmt: skip
    assert ways == [(Event.SEND_AGAIN, frozenset({Actor.PERSON}))]


def test_an_order_without_hold_is_queued_and_claimed_once(store: Store):
    [first] = store.journal.submit([order()])
    assert row(store, first).status == "queued"
    [claimed] = store.journal.claim(5)
    assert (claimed.message_id, claimed.state, claimed.attempts) == (first, "sending", 1)
    assert store.journal.claim(5) == []
    assert row(store, first).status == "sending"


def test_the_claim_is_on_the_disk_for_another_program(store: Store, tmp_path: Path, clock: Clock):
    store.journal.submit([order()])
    store.journal.claim()
    other = Store(tmp_path / "vip.db", clock=clock)
    try:
        assert [intent.state for intent in other.journal.in_state(Status.SENDING)] == ["sending"]
        assert other.journal.claim() == []
        assert other.journal.take_over() == 0, "its owner lives"
    finally:
        other.close()


def test_a_held_order_waits_and_can_be_taken_back_as_a_draft(store: Store, clock: Clock):
    ids = store.journal.submit([order(), order("+972521110002")], hold_seconds=5)
    assert store.journal.claim() == []
    assert store.journal.next_due() == clock.now + 5
    draft_id = store.journal.take_back([ids[0]])
    assert draft_id is not None
    draft = store.drafts.get(draft_id)
    assert draft is not None
    assert (draft.to_text, draft.text) == ("+972521110001, +972521110002", "Hello")
    clock.now += 10
    assert store.journal.release_due() == 0
    assert [message.status for message in store.page(View(direction="out"))] == ["draft"]


def test_a_held_order_leaves_when_its_time_has_come(store: Store, clock: Clock):
    [message_id] = store.journal.submit([order()], hold_seconds=5)
    clock.now += 5
    assert store.journal.release_due() == 1
    assert [intent.message_id for intent in store.journal.claim()] == [message_id]
    assert store.journal.take_back([message_id]) is None, "it is on its way"


def test_what_was_held_while_the_machine_slept_for_hours_waits_for_a_word(store: Store, clock: Clock):
    [message_id] = store.journal.submit([order()], hold_seconds=5)
    clock.now += 8 * 3600
    store.journal.release_due()
    assert store.journal.claim() == []
    message = row(store, message_id)
    assert message.status == "queued"
    assert "waits for your word" in (message.note or "")
    assert store.journal.send_waiting([message_id]) == [message_id]
    assert len(store.journal.claim()) == 1


def test_what_was_held_when_the_program_ended_stays_held(tmp_path: Path, clock: Clock):
    first = Store(tmp_path / "vip.db", clock=clock)
    [message_id] = first.journal.submit([order()], hold_seconds=5)
    first.close()
    clock.now += 3600
    second = Store(tmp_path / "vip.db", clock=clock)
    try:
        assert second.journal.release_due() == 0
        assert [intent.message_id for intent in second.journal.kept_from_before()] == [message_id]
        assert second.journal.send_now([message_id]) == [message_id]
        assert len(second.journal.claim()) == 1
    finally:
        second.close()


def test_a_scheduled_order_waits_for_its_time(store: Store, clock: Clock):
    [message_id] = store.journal.submit([order(schedule_at=clock.now + 3600)])
    assert row(store, message_id).status == "scheduled"
    clock.now += 3599
    assert store.journal.release_due() == 0
    clock.now += 1
    assert store.journal.release_due() == 1


def test_an_accepted_order_gets_its_id_and_every_step_is_in_its_history(store: Store):
    [message_id] = store.journal.submit([order()])
    [intent] = store.journal.claim()
    store.journal.accept(intent, [Acceptance(7, "abc", "0521110001")])
    message = row(store, message_id)
    assert (message.status, message.gateway_id, message.queue) == ("accepted", 7, "abc")
    assert [(e.before, e.event, e.after) for e in store.journal.history(message_id)] == [
        ("draft", "queue", "queued"),
        ("queued", "claim", "sending"),
        ("sending", "accept", "accepted"),
    ]


def test_a_row_that_a_poll_brought_before_the_answer_is_merged(store: Store, clock: Clock):
    [message_id] = store.journal.submit([order()])
    [intent] = store.journal.claim()
    store.gateway_rows.take_outgoing([outgoing(7, "0521110001", "Hello", clock.now, status=3)])
    assert len(store.page(View(direction="out"))) == 2
    store.journal.accept(intent, [Acceptance(7, "abc", "0521110001")])
    [message] = store.page(View(direction="out"))
    assert (message.id, message.status, message.gateway_id) == (message_id, "delivered", 7)


def test_a_group_becomes_a_row_per_member(store: Store):
    [message_id] = store.journal.submit([order("#TEAM", kind="group")])
    [intent] = store.journal.claim()
    store.journal.accept(intent, [Acceptance(1, "q", "0521110001"), Acceptance(2, "q", "0521110002")])
    rows = store.page(View(direction="out"))
    assert sorted((each.number, each.gateway_id, each.status) for each in rows) == [
        ("0521110001", 1, "accepted"), ("0521110002", 2, "accepted"),
    ]  # fmt: skip
    assert len({each.batch for each in rows}) == 1
    assert message_id in {each.id for each in rows}


def test_an_id_that_was_given_before_opens_a_new_history(store: Store, clock: Clock):
    store.gateway_rows.take_outgoing([outgoing(50, "0521110009", "old", clock.now)])
    [message_id] = store.journal.submit([order()])
    [intent] = store.journal.claim()
    assert intent.floor_id == 50
    store.journal.accept(intent, [Acceptance(1, "q", "0521110001")])
    assert row(store, message_id).epoch == 2
    assert store.facts.seen_id("outgoing") == 0
    assert [each.text for each in store.messages.by_gateway_id(50)] == ["old"]


def test_nothing_that_left_is_queued_again_without_a_person(store: Store, clock: Clock):
    [message_id] = store.journal.submit([order()])
    [intent] = store.journal.claim()
    store.journal.lost(intent, "No answer.")
    clock.now += 10_000
    assert store.journal.claim() == []
    assert row(store, message_id).status == "unknown"
    assert store.journal.send_again([message_id]) == [message_id]
    assert [each.attempts for each in store.journal.claim()] == [2]


def test_what_certainly_did_not_leave_is_tried_again_later(store: Store, clock: Clock):
    store.journal.submit([order()])
    [intent] = store.journal.claim()
    store.journal.not_sent(intent, "no connection", clock.now + 4)
    assert store.journal.claim() == []
    clock.now += 4
    assert len(store.journal.claim()) == 1


def test_a_killed_sender_leaves_unknown_never_queued(tmp_path: Path, clock: Clock):
    path = tmp_path / "vip.db"
    script = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from voipe_tui.store import NewMessage, Store
        store = Store(Path(sys.argv[1]), clock=lambda: 1_000_000.0)
        store.journal.submit([NewMessage("+972521110001", "a"), NewMessage("+972521110002", "b")])
        store.journal.claim(1)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    ended = subprocess.run([sys.executable, "-c", script, str(path)], env=dict(os.environ), check=False)
    assert ended.returncode == -9
    store = Store(path, clock=clock)
    try:
        assert store.journal.take_over() == 1
        assert sorted(message.status or "" for message in store.page(View())) == ["queued", "unknown"]
    finally:
        store.close()
    assert not list(tmp_path.glob("*-owner-*"))


def test_ten_equal_messages_in_flight_are_found_one_by_one(store: Store, clock: Clock):
    ids = store.journal.submit([order() for _ in range(10)])
    for intent in store.journal.claim(10):
        store.journal.lost(intent, "No answer.")
    clock.now += 2
    store.gateway_rows.take_outgoing([outgoing(n, "0521110001", "Hello", clock.now) for n in range(1, 8)])
    assert store.reconciler.run(complete_since=None) == 7
    found = [row(store, message_id) for message_id in ids]
    assert sorted(each.gateway_id for each in found if each.gateway_id) == [1, 2, 3, 4, 5, 6, 7]
    assert [each.status for each in found].count("unknown") == 3
    assert len(store.page(View(direction="out"), limit=50)) == 10
    assert store.reconciler.run(complete_since=None) == 0


def test_nobody_guesses_while_an_equal_message_waits_for_its_answer(store: Store, clock: Clock):
    store.journal.submit([order(), order()])
    lost, waiting = store.journal.claim(2)
    store.journal.lost(lost, "No answer.")
    store.gateway_rows.take_outgoing([outgoing(n, "0521110001", "Hello", clock.now) for n in (1, 2)])
    assert store.reconciler.run(complete_since=None) == 0
    store.journal.accept(waiting, [Acceptance(1, "q", "0521110001")])
    assert store.reconciler.run(complete_since=None) == 1
    assert row(store, lost.message_id).gateway_id == 2


@pytest.mark.parametrize(
    ("gateway_id", "number", "text", "seconds"),
    [
        pytest.param(5, "0521110001", "Hello", 2, id="known before the request left"),
        pytest.param(11, "0521110002", "Hello", 2, id="another number"),
        pytest.param(11, "0521110001", "Hullo", 2, id="another text"),
        pytest.param(11, "0521110001", "Hello", 300_000, id="days later"),
    ],
)
def test_a_row_that_cannot_be_ours_is_not_claimed(store, clock, gateway_id, number, text, seconds):
    store.gateway_rows.take_outgoing([outgoing(10, "0529999999", "x", clock.now - 50)])
    [message_id] = store.journal.submit([order()])
    [intent] = store.journal.claim()
    store.journal.lost(intent, "No answer.")
    store.gateway_rows.take_outgoing([outgoing(gateway_id, number, text, clock.now + seconds)])
    clock.now += 300
    assert store.reconciler.run(complete_since=clock.now) == 0
    message = row(store, message_id)
    assert message.status == "unknown"
    assert message.note is not None
    assert message.note.startswith("Not seen at the gateway after 300 s")
    assert ("#11 to this number" in message.note) == (text == "Hullo")
    assert ("“Hullo”" in message.note) == (text == "Hullo")


def test_a_footer_that_the_gateway_adds_hides_no_message(store, clock):
    """Learned from a message whose ID is known, then used for one whose answer was lost."""
    for text in ("First", "Second"):
        store.journal.submit([order(text=text)])
    first, second = store.journal.claim(2)
    store.journal.accept(first, [Acceptance(21, "q", first.number)])
    store.journal.lost(second, "No answer.")
    store.gateway_rows.take_outgoing([outgoing(21, "0521110001", "First\nGalgal Bikes", clock.now + 2)])
    store.gateway_rows.take_outgoing([outgoing(22, "0521110001", "Second Galgal Bikes", clock.now + 2)])
    assert store.reconciler.run(complete_since=None) == 1
    assert store.facts.epoch("outgoing") == first.epoch
    assert row(store, second.message_id).gateway_id == 22


def test_name_tags_of_killed_programs_are_removed_those_of_living_ones_stay(tmp_path: Path, clock: Clock):
    path = tmp_path / "vip.db"
    alive, other = Store(path, clock=clock), Store(path, clock=clock)
    living = alive.journal.owner.id
    dead = path.with_name(f"{path.name}-owner-999")
    dead.touch()
    other.journal.owner  # noqa: B018 - takes part
    assert not dead.exists()
    assert path.with_name(f"{path.name}-owner-{living}").exists()
    alive.close()
    other.close()
    assert [each.name for each in tmp_path.glob("*owner*")] == []
