"""Which row of the gateway's is which message of unknown outcome."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.store.conftest import Clock
from voipe_tui.store import Acceptance, NewMessage, OutgoingRecord, Store
from voipe_tui.store.assignment import assign
from voipe_tui.store.facts import CLOCK_AHEAD
from voipe_tui.store.models import Message

TEXT = "The board meets on Thursday at nine in the large room on the second floor; bring your reports"


def lose(store: Store, *orders: tuple[str, str]) -> list[int]:
    """Messages whose answers were lost, as (number, text)."""
    ids = store.journal.submit(
        [NewMessage(number, text, kind="group" if number.startswith("#") else "number") for number, text in orders]
    )
    for intent in store.journal.claim(len(orders)):
        store.journal.lost(intent, "No answer.")
    return ids


def listed(store: Store, clock: Clock, *rows: tuple[int, str, str], zone: bool = True, gateway: float = 0.0) -> None:
    moment = clock.now + gateway
    plain = datetime.fromtimestamp(moment + (0 if zone else 25_200), UTC).strftime("%Y-%m-%d %H:%M:%S")
    created = moment if zone else None
    store.gateway_rows.take_outgoing(
        [OutgoingRecord(n, "VIP", number, text, plain, created, moment, None, 3) for n, number, text in rows]
    )


def states(store: Store, ids: list[int]) -> list[str | None]:
    return [message(store, each).status for each in ids]


def message(store: Store, message_id: int) -> Message:
    found = store.messages.one(message_id)
    assert found is not None
    return found


def test_a_whole_text_goes_before_the_beginning_of_another(store: Store, clock: Clock):
    """Also where the length is one at which gateways cut; the longer one was ordered first."""
    text = (TEXT * 2)[:153]
    ids = lose(store, ("+972521110001", f"{text} PS: bring cash."), ("+972521110001", text))
    listed(store, clock, (1, "0521110001", text))
    assert store.reconciler.run(complete_since=None) == 1
    assert states(store, ids) == ["unknown", "delivered"]


def test_the_beginning_of_a_text_is_a_cut_only_at_the_end_of_a_part(store: Store, clock: Clock):
    ids = lose(store, ("+972521110001", f"{TEXT} PS: bring cash."), ("+972521110002", TEXT * 6))
    listed(store, clock, (1, "0521110001", TEXT), (2, "0521110002", (TEXT * 6)[:452]))
    store.reconciler.run(complete_since=None)
    assert states(store, ids) == ["unknown", "delivered"]


def test_a_single_message_goes_before_a_group_with_its_text(store: Store, clock: Clock):
    group, single = lose(store, ("#VIP", "Hello all"), ("+972521110007", "Hello all"))
    listed(store, clock, (1, "0521110007", "Hello all"))
    store.reconciler.run(complete_since=None)
    assert states(store, [group, single]) == ["unknown", "delivered"]
    assert message(store, group).number == "#VIP"
    listed(store, clock, (2, "0521110008", "Hello all"), (3, "0521110009", "Hello all"))
    store.reconciler.run(complete_since=None)
    assert message(store, group).status == "delivered"


def test_members_of_a_group_that_turn_up_later_join_it(store: Store, clock: Clock):
    [group] = lose(store, ("#VIP", "Hello all"))
    for member in range(6):
        clock.now += 3
        listed(store, clock, (10 + 2 * member, f"052111001{member}", "Hello all"))
        store.reconciler.run(complete_since=None)
    rows = [each for n in range(6) for each in store.messages.by_gateway_id(10 + 2 * n)]
    intent = message(store, group).intent_id
    assert [(each.intent_id, each.status) for each in rows] == [(intent, "delivered")] * 6
    assert len({each.batch for each in rows}) == 1


def test_different_messages_that_a_row_fits_alike_stay_open_and_say_so(store: Store, clock: Clock):
    ids = lose(store, ("+972521110001", 'say "hi"'), ("+972521110001", "say 'hi'"))
    listed(store, clock, (1, "0521110001", "say \\'hi\\'"))
    assert store.reconciler.run(complete_since=None) == 0
    assert [(message(store, each).note or "").split(":")[0] for each in ids] == ["Not certain"] * 2
    listed(store, clock, (2, "0521110001", "say \\'hi\\'"))  # now there is one for each
    assert store.reconciler.run(complete_since=None) == 2


def test_a_clock_that_is_wrong_by_minutes_hides_nothing(store: Store, clock: Clock):
    for number, zone in ((1, True), (2, False)):
        store.facts.set(CLOCK_AHEAD, "-420.0")
        ids = lose(store, (f"+97252111000{number}", "Hello"))
        listed(store, clock, (number, f"052111000{number}", "Hello"), zone=zone, gateway=-420)
        store.reconciler.run(complete_since=None)
        assert states(store, ids) == ["delivered"]


def test_what_is_scheduled_at_the_gateway_is_looked_for_until_after_its_time(store: Store, clock: Clock):
    store.reconciler.moment = lambda _: clock.now + left
    left = 3_600.0
    [row_id] = store.journal.submit([NewMessage("+972521110001", "Hello", gateway_schedule="2026-11-23 09:00:00")])
    [intent] = store.journal.claim()
    store.journal.lost(intent, "No answer.")
    clock.now += 200
    left -= 200
    store.reconciler.run(complete_since=clock.now)
    assert "goes out at 2026-11-23 09:00:00" in (message(store, row_id).note or "")
    clock.now += 4_000
    left -= 4_000
    store.reconciler.run(complete_since=clock.now)
    assert (message(store, row_id).note or "").startswith("Not seen at the gateway 600 s after its time (2026-11-23")


def test_what_was_taken_without_an_id_is_bound_to_its_row(store: Store, clock: Clock):
    [row_id] = store.journal.submit([NewMessage("+972521110001", "Hello")])
    [intent] = store.journal.claim()
    store.journal.accept(intent, [Acceptance(None, "q1", "0521110001")])
    clock.now += 5
    listed(store, clock, (7, "0521110001", "Hello"))
    store.reconciler.run(complete_since=None)
    [row] = store.messages.by_gateway_id(7)
    assert (row.id, row.status, row.queue) == (row_id, "delivered", "q1")


def test_a_queue_code_binds_whenever_it_is_asked_for(store: Store, clock: Clock):
    [row_id] = store.journal.submit([NewMessage("+972521110001", "Hello")])
    [intent] = store.journal.claim()
    store.journal.accept(intent, [Acceptance(None, "q1", "0521110001")])
    clock.now += 30_000
    listed(store, clock, (7, "0521110001", "Something else"))
    assert store.reconciler.bind(row_id, [7])
    assert [each.id for each in store.messages.by_gateway_id(7)] == [row_id]


def test_what_was_refused_and_is_listed_all_the_same_did_go_out(store: Store, clock: Clock):
    [row_id] = store.journal.submit([NewMessage("+972521110001", "Hello")])
    [intent] = store.journal.claim()
    store.journal.refuse(intent, 200, "No.")
    listed(store, clock, (7, "0521110001", "Hello"))
    store.reconciler.run(complete_since=None)
    [row] = store.messages.by_gateway_id(7)
    assert (row.id, row.status) == (row_id, "delivered")


def test_rows_are_moved_until_everybody_has_one():
    wishes = {"a": [1, 2], "b": [1], "c": [2, 3], "d": [9], "e": [9], "f": list[int]()}
    found, unclear = assign(wishes, same=lambda each: each)
    assert found == {"a": 2, "b": 1, "c": 3}
    assert unclear == {"d", "e"}
    assert len(assign({n: range(300) for n in range(500)}, same=lambda _: 0)[0]) == 300
