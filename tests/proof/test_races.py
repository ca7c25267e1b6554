"""Two programs on one profile: whatever the first is about to do, the second has just done it. And a disk that is full.

The second one always gets in at the worst moment, when the first has looked and is about to take the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.proof.seams import Disk
from tests.proof.world import Program, World
from voipe_tui.store import NewMessage, Store
from voipe_tui.sync import Link

DANA = "+972521110001"
Race = tuple[Callable[[World], int], Callable[[Store, int], object], str]


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    disk.put_in(monkeypatch)
    return disk


@pytest.fixture
def world(tmp_path: Path, disk: Disk) -> Iterator[World]:
    world = World(tmp_path / "p.db")
    world.start()
    world.wait(5)
    yield world
    disk.is_full = False
    world.close()


def status(world: World, row_id: int) -> str | None:
    return world.store.get([row_id])[row_id].status


def due_order(world: World) -> int:
    [row_id] = world.store.journal.submit([NewMessage(DANA, "Hello", schedule_at=world.clock() + 3)])
    world.clock.jump(4)
    return row_id


def orphan(world: World) -> int:
    dying = Store(world.path, clock=world.clock)
    [row_id] = dying.journal.submit([NewMessage(DANA, "Hello")])
    assert len(dying.journal.claim()) == 1
    dying.close()
    return row_id


def lost_and_seen(world: World) -> int:
    """Unknown, and its row is in the store: the next look finds it."""
    row_id = orphan(world)
    world.store.journal.take_over()
    world.loop.do(world.other.send(DANA, "Hello"))
    world.clock.jump(5)
    world.loop.do(world.programs[0].engine.outgoing.sweep())
    return row_id


RACES: dict[str, Race] = {
    "release": (due_order, lambda store, _: store.journal.release_due(), "queued"),
    "take over": (orphan, lambda store, _: store.journal.take_over(), "unknown"),
    "reconcile": (lost_and_seen, lambda store, _: store.reconciler.run(complete_since=None), "delivered"),
    "send now": (due_order, lambda store, row: store.journal.send_now([row]), "queued"),
    "take back": (due_order, lambda store, row: store.journal.take_back([row]), "draft"),
    "cancel": (due_order, lambda store, row: store.journal.cancel([row]), "cancelled"),
    "send again": (lost_and_seen, lambda store, row: store.journal.send_again([row]), "queued"),
}


@pytest.mark.parametrize("first", list(RACES))
def test_what_another_program_has_just_done_is_not_done_twice(world: World, disk: Disk, first: str):
    prepare, act, expected = RACES[first]
    other = Store(world.path, clock=world.clock)
    row_id = prepare(world)

    def quicker() -> None:
        act(other, row_id)

    disk.before_write = quicker
    act(world.store, row_id)
    assert disk.before_write is None, "there was a race"
    found = status(world, row_id)
    assert found == expected or (first == "reconcile" and found in ("accepted", "pending", "sent"))
    other.close()


def test_a_scheduled_order_leaves_once_from_two_programs(world: World):
    world.start()
    [row_id] = world.submit(world.programs[0], [NewMessage(DANA, "Hello", schedule_at=world.clock() + 30)])
    world.wait(60)
    assert status(world, row_id) == "delivered"
    assert len(world.gateway.accepted) == 1


def test_an_answer_that_could_not_be_stored_is_found_when_the_disk_has_room(world: World, disk: Disk):
    world.sandbox.faults.on("slow=3:pv:1")
    [row_id] = world.submit(world.programs[0], [NewMessage(DANA, "Hello")])
    world.wait(1)
    assert status(world, row_id) == "sending"
    disk.is_full = True
    world.wait(60)
    assert "disk is full" in world.programs[0].engine.health.sentence
    assert world.programs[0].engine.health.link is Link.PARTLY, "the gateway is there"
    disk.is_full = False
    world.wait(15)
    assert world.programs[0].engine.health.link is Link.ONLINE
    world.mend(100)
    assert status(world, row_id) == "delivered"
    assert len(world.gateway.accepted) == 1
    world.check_mended()


def test_nothing_leaves_that_cannot_be_noted_first(world: World, disk: Disk):
    """The claim is on the disk before the first byte, or the byte does not leave."""
    ids = world.store.journal.submit([NewMessage(DANA, "Hello")])
    disk.is_full = True
    world.programs[0].engine.wake()
    world.wait(60)
    assert world.gateway.accepted == []
    disk.is_full = False
    world.mend(400)
    assert [status(world, row_id) for row_id in ids] == ["delivered"]
    assert len(world.gateway.accepted) == 1


def test_a_program_is_still_there_after_a_full_disk(world: World, disk: Disk):
    program: Program = world.programs[0]
    disk.is_full = True
    world.wait(100)
    disk.is_full = False
    world.other_sends(DANA)
    world.arrive(DANA, None)
    world.mend(100)
    assert not program.ended
    world.check_mended()
