"""Conversations: the table always says what the messages say, whatever was done to them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.conftest import Clock
from tests.store.test_lists import incoming, outgoing
from voipe_tui.store import Acceptance, Draft, NewMessage, Store, View
from voipe_tui.store.schema import STEPS, VERSION
from voipe_tui.store.schema_conversations import COLUMNS, GATHER, STEP

NUMBERS = ("0521110001", "0521110002", "0521110003")


def stored(store: Store) -> list[tuple[object, ...]]:
    return store._db.rows(f"SELECT {COLUMNS} FROM conversation WHERE n <> 0 ORDER BY key")


def gathered(store: Store) -> list[tuple[object, ...]]:
    """The same from the messages alone, the slow way."""
    last = (
        "SELECT m.id FROM message m WHERE m.key = g.key AND m.sort_at = g.last_at AND m.deleted = 0 ORDER BY m.id DESC"
    )
    return store._db.rows(
        f"WITH g ({COLUMNS}) AS ({GATHER}) "
        f"SELECT key, n, shown, unread, last_at, ({last} LIMIT 1), last_in_at, last_out_at FROM g ORDER BY key"
    )


def act(store: Store, clock: Clock, what: str, which: int, more: int) -> None:
    ids = [message.id for message in store.page(View(include_archived=True), limit=100)]
    some = ids[which % len(ids) :: 3][: 1 + more % 4] if ids else []
    on = bool(more % 2)
    match what:
        case "in":
            store.gateway_rows.take_incoming([
                incoming(which + 1, number=NUMBERS[more % 3], at=float(more * 7 % 20)),
                incoming(which + 2, number=NUMBERS[which % 3], at=float(which % 20)),
            ], read_before=5.0)  # fmt: skip
        case "out":
            record = outgoing(which + 1, status=more % 4, at=float(more * 5 % 20))
            store.gateway_rows.take_outgoing([record._replace(number=NUMBERS[which % 3])])
        case "read":
            store.triage.set_read(some, on)
        case "archive":
            store.triage.archive(some, on)
        case "delete":
            store.triage.delete(some, on)
        case "snooze":
            store.triage.snooze(some, clock.now + more + 1)
        case "untriage":
            store.triage.undo()
        case "send":
            orders = [NewMessage(NUMBERS[(which + n) % 3], "hi") for n in range(1 + more % 3)]
            store.journal.submit(orders, hold_seconds=5.0 if on else 0.0)
        case "claim":
            for intent in store.journal.claim(1):
                if on:
                    store.journal.accept(intent, [Acceptance(100 + intent.id, "q", NUMBERS[more % 3])])
                else:
                    store.journal.refuse(intent, 200, "no")
        case "cancel":
            store.journal.cancel(some)
        case "undo":
            store.journal.take_back(some)
        case "draft":
            drafts = store.drafts.all()
            draft_id = drafts[which % len(drafts)].id if drafts and on else 0
            store.drafts.save(Draft(draft_id, ("", "052", *NUMBERS, "0521110001, 0521110002")[which % 6], "x"))
        case "discard":
            for draft in store.drafts.all()[:1]:
                store.drafts.discard(draft.id)
        case "later":
            clock.now += which
            store.journal.release_due()
            store.triage.wake_due()
        case "zone":
            store.gateway_rows.restamp("inbox", 900.0 * more)


ACTS = (
    "in", "out", "read", "archive", "delete", "snooze", "untriage", "send", "claim", "cancel", "undo", "draft",
    "discard", "later", "zone",
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 40), st.integers(0, 40)), max_size=25))
def test_after_anything_the_table_says_what_the_messages_say(acts):
    clock = Clock(10.5)
    store = Store(None, clock=clock)
    for what, which, more in acts:
        act(store, clock, what, which, more)
    assert stored(store) == gathered(store)
    store.close()


def test_the_list_runs_from_the_newest_and_pages_both_ways(store: Store):
    store.gateway_rows.take_incoming([incoming(n, number=f"05211100{n:02d}", at=float(n % 7)) for n in range(1, 21)])
    whole = store.conversations.page(limit=100)
    assert [each.position for each in whole] == sorted((each.position for each in whole), reverse=True)
    assert len(whole) == 20
    for index, each in enumerate(whole):
        below = store.conversations.page(before=each.position, limit=3)
        above = store.conversations.page(after=each.position, limit=3, including=True)
        assert below == whole[index + 1 : index + 4]
        assert above == whole[max(0, index - 2) : index + 1]


def test_a_conversation_needs_an_answer_until_one_really_went_out(store: Store):
    store.gateway_rows.take_incoming([incoming(1, "when?", "0521110001", at=10.0)])
    store.people.remember([("0521110001", "Dana", 1, "", "")])
    [asked] = store.conversations.page(needs_answer=True)
    assert (asked.name, asked.last_text, asked.unread, asked.last_in_at, asked.last_out_at) == (
        "Dana", "when?", 1, 10.0, None,
    )  # fmt: skip
    draft = store.drafts.save(Draft(0, "0521110001", "at five"))
    assert store.conversations.waiting_count() == 1, "a draft is no answer"
    [sent] = store.journal.submit([NewMessage("+972521110001", "at five")], draft=draft)
    assert store.conversations.page(needs_answer=True) == []
    store.journal.cancel([sent])
    assert [each.key for each in store.conversations.page(needs_answer=True)] == ["+972521110001"]


def test_an_archived_conversation_comes_back_with_its_next_message(store: Store):
    store.gateway_rows.take_incoming([incoming(1, number="0521110001"), incoming(2, number="0521110002")])
    store.triage.archive([message.id for message in store.page(View(number_key="+972521110001"))])
    assert [each.key for each in store.conversations.page()] == ["+972521110002"]
    assert [each.key for each in store.conversations.page(archived=True)] == ["+972521110001"]
    assert store.conversations.unread_count() == 1
    store.gateway_rows.take_incoming([incoming(3, number="0521110001", at=5.0)])
    assert [each.key for each in store.conversations.page()] == ["+972521110001", "+972521110002"]


def test_a_half_written_draft_makes_no_conversation(store: Store):
    for to in ("", "052", "0521110001, 0521110002", "@dana"):
        store.drafts.save(Draft(0, to, "x"))
    assert store.conversations.page() == []
    store.drafts.save(Draft(0, "052-111-0001", "x"))
    assert [(each.key, each.last_status) for each in store.conversations.page()] == [("+972521110001", "draft")]


def test_no_list_of_conversations_is_scanned(store: Store):
    for where in (
        "shown > 0",
        "shown = 0 AND n > 0",
        "unread > 0 AND shown > 0",
        "shown > 0 AND last_in_at > last_out_at",
    ):
        order = "(last_at, last_id) < (1, 1) ORDER BY last_at DESC, last_id DESC"
        sql = f"SELECT 1 FROM conversation WHERE {where} AND {order}"
        plan = [str(row[3]) for row in store._db.rows(f"EXPLAIN QUERY PLAN {sql}")]
        assert len(plan) == 1
        assert "USING INDEX" in plan[0], plan


@pytest.mark.parametrize("version", range(1, VERSION))
def test_a_store_of_any_earlier_version_opens_with_all_that_is_in_it(tmp_path: Path, version: int):
    path = tmp_path / "vip.db"
    raw = sqlite3.connect(path)
    conversations = STEPS.index(STEP)
    for step in STEPS[: min(version, conversations)]:
        raw.executescript(step)
    for n, (direction, status, at) in enumerate([("in", None, 5.25), ("out", "delivered", 3.5), ("in", None, 1.0)], 1):
        raw.execute(
            "INSERT INTO message (id, direction, source, gateway_id, number, key, text, encoding, parts, status, "
            "sort_at, read) VALUES (?, ?, ?, ?, '0521110001', '+972521110001', ?, 'gsm7', 1, ?, ?, ?)",
            (n, direction, "inbox" if direction == "in" else "outgoing", n, f"hello {n}", status, at, n - 1),
        )
        raw.execute(
            "INSERT INTO tally VALUES (?, ?, ?, 0, 1) ON CONFLICT DO UPDATE SET n = n + 1",
            (direction, status or "", 1 - min(n - 1, 1)),
        )
    raw.execute("UPDATE message SET read = min(read, 1)")
    raw.commit()
    for step in STEPS[conversations:version]:
        raw.executescript(step)
    raw.execute(f"PRAGMA user_version = {version}")
    raw.commit()
    raw.close()
    store = Store(path, clock=Clock())
    try:
        assert [message.id for message in store.page(View())] == [1, 2, 3]
        assert [message.id for message in store.page(View(search="hello"))] == [1, 2, 3]
        assert [message.id for message in store.page(View(search="052-111 0001", direction="out"))] == [2]
        [conversation] = store.conversations.page()
        assert (conversation.last_id, conversation.unread, conversation.needs_answer) == (1, 1, True)
        assert stored(store) == gathered(store)
        store.triage.delete([1])
        assert store.conversations.page()[0].needs_answer is False
    finally:
        store.close()
