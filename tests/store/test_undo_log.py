"""What can be taken back outlives the program that did it, also one that died in the middle."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.store.conftest import Clock
from tests.store.test_lists import incoming
from tests.store.test_triage import COMMANDS, everything, triaged
from voipe_tui.store import Store, View
from voipe_tui.store.triage import REMEMBERED
from voipe_tui.store.triage_work import PIECE
from voipe_tui.store.undo_log import KEPT_SECONDS


class Program:
    """One start of the program after another, on one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = Clock()
        self.store = self.another()

    def another(self) -> Store:
        return Store(self.path, clock=self.clock, kind="app")

    def again(self) -> Store:
        """The last start ended, by a kill or otherwise: nothing of it is left but the file."""
        self.store.close()
        self.store = self.another()
        return self.store

    def logged(self) -> int:
        return sum(len(self.store._db.rows(f"SELECT 1 FROM {table}")) for table in ("triage_entry", "triage_rows"))


@pytest.fixture
def program(tmp_path: Path):
    started = Program(tmp_path / "vip.db")
    yield started
    started.store.close()


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_undone_by_the_next_start_and_done_again(program: Program, name: str):
    program.store.gateway_rows.take_incoming([incoming(n, at=100.0 + n) for n in range(1, 11)])
    before = everything(triaged(program.store))
    done = COMMANDS[name][0](program.store.triage, range(1, 11))
    after = everything(program.store)
    program.clock.now += 60
    undone = program.again().triage.undo()
    assert undone is not None
    assert (undone.count, undone.done_at, undone.kind) == (done.count, program.clock.now - 60, done.kind)
    assert everything(program.store) == before
    assert program.store.triage.redo() is not None
    assert everything(program.store) == after
    program.again().triage.undo()
    assert everything(program.store) == before


def test_what_is_taken_back_leaves_the_log(program: Program):
    program.store.gateway_rows.take_incoming([incoming(n, at=float(n)) for n in range(1, 4)])
    for _ in range(3):
        program.store.triage.star([1, 2])
        program.store.triage.star([2], False)
    while program.store.triage.undo():
        pass
    assert program.logged() == 0
    assert program.again().triage.can_undo is None


def test_nobody_takes_back_what_another_window_did_while_it_is_open(program: Program):
    program.store.gateway_rows.take_incoming([incoming(n, at=float(n)) for n in range(1, 4)])
    other = program.another()
    other.triage.archive([2])
    assert program.store.triage.undo() is None
    other.close()
    assert program.again().triage.undo().ids == (2,)


@pytest.mark.parametrize("way", ["archive", "delete", "label"])
def test_an_action_that_was_broken_off_is_said_once_and_taken_back(program: Program, way: str):
    many = 3 * PIECE
    program.store.gateway_rows.take_incoming([incoming(n, at=float(n)) for n in range(1, many + 1)])
    before = everything(program.store)
    triage = program.store.triage
    triage.star([5])
    starred = everything(program.store)
    action = {
        "archive": triage.archiving(True),
        "delete": triage.deleting(True),
        "label": triage.labelling(add=["vip"]),
    }[way]
    work = triage.work(action, View(direction="in"))
    while (progress := next(work)).total is None or progress.done == 0:
        pass
    said = program.again().triage.broken_off()
    verb = {"archive": "Archiving", "delete": "Deleting here", "label": "Labelling"}[way]
    assert said == f"{verb} broke off after {progress.done:,} of 1,200"
    assert program.store.triage.broken_off() == ""
    assert program.again().triage.broken_off() == "", "once, over all starts"
    undone = program.store.triage.undo()
    assert undone.count == progress.done
    assert everything(program.store) == starred
    assert program.store.triage.undo().kind == "star"
    assert everything(program.store) == before


def test_taking_back_that_was_broken_off_goes_on(program: Program):
    program.store.gateway_rows.take_incoming([incoming(n, at=float(n)) for n in range(1, 2 * PIECE + 1)])
    before = everything(program.store)
    program.store.triage.star(range(1, 2 * PIECE + 1))
    next(program.store.triage.undo_work())
    assert program.again().triage.broken_off() == "Taking back broke off (starring, 800)"
    program.store.triage.undo()
    assert everything(program.store) == before
    assert program.logged() == 0


def test_only_so_much_is_kept_and_not_for_ever(program: Program):
    program.store.gateway_rows.take_incoming([incoming(1, at=1.0)])
    for turn in range(REMEMBERED + 20):
        program.store.triage.star([1], turn % 2 == 0)
    assert program.logged() <= 2 * (REMEMBERED + 1)
    program.clock.now += KEPT_SECONDS + 1
    assert program.again().triage.can_undo is None
    assert program.logged() == 0


def test_a_failure_leaves_no_trace_in_the_log(program: Program):
    program.store.gateway_rows.take_incoming([incoming(n, at=float(n)) for n in range(1, 4)])
    program.store._db.connection.execute(
        "CREATE TEMP TRIGGER full BEFORE UPDATE ON message WHEN new.id = 3 BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    with pytest.raises(Exception, match="no"):
        program.store.triage.archive([1, 2, 3])
    assert program.logged() == 0


def test_snoozed_and_woken_twice_each_undo_goes_one_place_back(program: Program):
    program.store.gateway_rows.take_incoming([incoming(n, at=float(n)) for n in range(1, 4)])
    program.store.triage.set_read([1])
    before = everything(program.store)
    places = []
    for _ in range(2):
        program.store.triage.snooze([1], program.clock.now + 60)
        program.clock.now += 61
        program.again().triage.wake_due()
        message = program.store.messages.one(1)
        assert message.is_woken
        places.append(message.position)
    program.store.triage.snooze([1], program.clock.now + 60)  # not awake again when it is taken back
    program.again().triage.undo()
    assert program.store.messages.one(1).position == places[1]
    program.again().triage.undo()
    assert program.store.messages.one(1).position == places[0]
    assert program.store.messages.one(1).is_woken
    program.again().triage.undo()
    assert everything(program.store) == before
    assert not program.store.messages.one(1).is_woken
