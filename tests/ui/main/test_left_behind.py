"""What an earlier run left behind: nothing is lost, and nothing goes out that nobody wants any more."""

from __future__ import annotations

from pathlib import Path

from tests.ui.conftest import World
from tests.ui.messages.test_triage import fill
from voipe_tui.store import NewMessage, Store, View


async def test_what_an_earlier_run_left_behind_goes_out_once_when_told(world: World, tmp_path: Path) -> None:
    last_run = Store(tmp_path / "shop.db", clock=world.clock)
    last_run.journal.submit([NewMessage("+972521110001", "Kept for later")], hold_seconds=5)
    last_run.journal.submit([NewMessage("+972521110002", "No connection then")])
    last_run.close()
    world.clock.now += 3600
    world.store = Store(tmp_path / "shop.db", clock=world.clock)
    async with world.running() as run:
        await run.online()
        await run.until(lambda: "2 orders wait for your word: in 2, S sends, u takes" in run.lines()[-2])
        assert world.sandbox.gateway.accepted == []
        await run.press("2")
        await run.until(lambda: run.screen.view == "outbox")
        await run.press("S")
        await run.until(lambda: len(world.sandbox.gateway.accepted) == 1)
        await run.press("j", "S")
        await run.until(lambda: len(world.sandbox.gateway.accepted) == 2)
        await run.poll(3)
        assert run.screen.view == "outbox"
        assert len(world.messages(direction="out")) == 2


async def test_what_was_sent_from_the_screen_and_had_no_connection_goes_out_with_the_next_start(
    world: World, tmp_path: Path
) -> None:
    last_run = Store(tmp_path / "shop.db", clock=world.clock, kind="app")
    last_run.journal.submit([NewMessage("+972521110001", "No connection then")])
    last_run.close()
    world.clock.now += 600
    world.store = Store(tmp_path / "shop.db", clock=world.clock, kind="app")
    async with world.running() as run:
        await run.until(lambda: len(world.sandbox.gateway.accepted) == 1)
        assert "1 message of the last run goes out now" in run.lines()[-2]


async def test_what_a_killed_window_held_is_told_by_the_one_that_is_open(world: World, tmp_path: Path) -> None:
    other = Store(tmp_path / "shop.db", clock=world.clock, kind="app")
    other.journal.submit([NewMessage("+972521110001", "Held there")], hold_seconds=5)
    world.store = Store(tmp_path / "shop.db", clock=world.clock, kind="app")
    async with world.running() as run:
        await run.online()
        run.screen._tick()
        assert "wait" not in run.lines()[-2]
        other.close()
        run.screen._tick()
        await run.until(lambda: "1 order waits for your word: in 2, S sends, u takes" in run.lines()[-2])


async def test_a_mass_action_that_was_broken_off_is_told_at_the_next_start_and_taken_back(
    world: World, tmp_path: Path
) -> None:
    last_run = world.store = Store(tmp_path / "shop.db", clock=world.clock, kind="app")
    fill(world, 600)
    work = last_run.triage.work(last_run.triage.archiving(True), View(direction="in"))
    while next(work).total is None:
        pass
    last_run.close()  # a signal, a kill, a closed terminal
    world.clock.now += 600
    world.store = Store(tmp_path / "shop.db", clock=world.clock, kind="app")
    async with world.running() as run:
        await run.until(lambda: "Archiving broke off after" in run.lines()[-2])
        assert "of 600: u takes it back" in run.lines()[-2]
        await run.press("u")
        await run.until(lambda: "Undone (12:20). Back in the inbox:" in run.lines()[-2])
        assert len(world.messages(direction="in")) == 600
        assert "Number 0" in run.text(), "what came back is in sight"
        await run.press("u")
        assert "There is nothing to take back." in run.lines()[-2]
