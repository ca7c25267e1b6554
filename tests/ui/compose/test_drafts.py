"""What one writes stays, whatever one does next."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.ui.conftest import World, opened
from voipe_tui.store import Draft, NewMessage, Store
from voipe_tui.ui.compose.review import Review
from voipe_tui.ui.compose.view import ComposeView

HELD = frozenset({"held"})


async def test_a_draft_is_kept_on_leaving_and_comes_back(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text = "0521110001", "Half a"
        await run.press("escape")
        await run.until(lambda: run.screen.view == "inbox")
    async with world.running() as run:
        form = await opened(run)
        assert (form.to.text, form.text.text) == ("", ""), "nothing old is under the cursor of who starts anew"
        assert "1 draft kept: ctrl+o opens it." in run.lines()[-2]
        await run.press("ctrl+o", "enter")
        assert (form.to.text, form.text.text) == ("0521110001", "Half a")
        assert len(world.store.drafts.all()) == 1
        form.text.text = "Half a thought"
        await run.press("escape")
        await run.until(lambda: run.screen.view == "inbox")
        [draft] = world.store.drafts.all()
        assert draft.text == "Half a thought"


async def test_what_was_written_last_is_there_again_and_not_what_another_window_writes(
    world: World, tmp_path: Path
) -> None:
    killed, other = (Store(tmp_path / "shop.db", clock=world.clock) for _ in range(2))
    killed.drafts.save(Draft(0, "0521110001", "Half a"))
    world.clock.now += 10
    theirs = other.drafts.save(Draft(0, "0521110002", "In the other window"))
    killed.close()
    world.store = Store(tmp_path / "shop.db", clock=world.clock)
    async with world.running() as run:
        await run.press("3")
        await run.until(lambda: run.screen.view == "compose")
        form = run.screen.query_one(ComposeView)
        assert (form.to.text, form.text.text) == ("0521110001", "Half a")
        assert "What was written last is here again; ctrl+n begins another." in run.lines()[-2]
        await run.press("escape", "c")
        assert form.text.text == ""
        # A draft that is open in two windows goes out from one of them.
        form.load(other.drafts.get(theirs))  # type: ignore[arg-type]
        other.journal.submit([NewMessage("+972521110002", "In the other window")], draft=theirs)
        await run.press("f5")
        await run.until(lambda: "Another window has sent this draft already" in run.text())
        assert form.text.text == "In the other window"
        assert len(world.messages(direction="out", statuses=frozenset({"queued", "held"}))) == 1
    other.close()


async def test_a_draft_that_is_here_again_is_looked_at_before_it_leaves(world: World) -> None:
    """Who types blindly and presses F5 must not send what an earlier day left; the settings here ask for no review."""
    world.store.drafts.save(Draft(0, "0521110001", "Of an earlier day"))
    async with world.running() as run:
        await run.press("3")
        await run.until(lambda: run.screen.view == "compose")
        await run.type(" hello")
        await run.press("f5")
        assert isinstance(run.app.screen, Review)
        assert "│ Of an earlier day hello" in run.app.screen.said
        await run.press("escape", "ctrl+n")
        await run.paste("0521110002")
        await run.press("tab", "h", "i", "f5")
        await run.until(lambda: [each.text for each in world.messages(direction="out", statuses=HELD)] == ["hi"])


async def test_replying_keeps_the_draft_that_was_there(world: World) -> None:
    world.sandbox.gateway.arrive("0521110009", "Question?")
    await world.read()
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text = "0521110001", "Unfinished"
        await run.press("escape")
        await run.until(lambda: run.screen.view == "inbox")
        await run.press("r")
        await run.until(lambda: run.screen.view == "compose")
        assert form.to.text == "0521110009"
        assert form.text.text == ""
        assert [draft.text for draft in world.store.drafts.all()] == ["Unfinished"]


async def test_sending_uses_the_draft_up(world: World) -> None:
    world.store.drafts.save(Draft(0, "0521110001", "From a draft"))
    async with world.running() as run:
        await opened(run)
        await run.press("ctrl+o", "enter")
        await run.press("f5")
        await run.until(lambda: run.screen.view == "outbox")
        assert world.store.drafts.all() == []
        assert [message.status for message in world.messages(direction="out")] == ["held"]


async def test_a_draft_in_the_outbox_opens_for_writing(world: World) -> None:
    world.store.drafts.save(Draft(0, "0521110001", "One"))
    async with world.running() as run:
        await run.press("2")
        await run.until(lambda: run.screen.view == "outbox")
        await run.press("enter")
        await run.until(lambda: run.screen.view == "compose")
        assert run.screen.query_one(ComposeView).text.text == "One"


async def test_another_message_leaves_this_one_a_draft(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text = "0521110001", "First"
        await run.press("ctrl+n")
        assert form.to.text == ""
        assert [draft.text for draft in world.store.drafts.all()] == ["First"]


async def test_throwing_a_draft_away_asks_first(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text = "0521110001", "Rubbish"
        await run.press("f8")
        await run.until(lambda: len(run.app.screen_stack) == 2)
        await run.press("n")
        await run.until(lambda: len(run.app.screen_stack) == 1)
        assert form.text.text == "Rubbish"
        await run.press("f8")
        await run.until(lambda: len(run.app.screen_stack) == 2)
        await run.press("y")
        await run.until(lambda: run.screen.view == "inbox")
        assert world.store.drafts.all() == []


async def test_a_copy_that_was_never_changed_leaves_no_draft(world: World) -> None:
    world.store.journal.submit([NewMessage("+972521110001", "Once")])
    [intent] = world.store.journal.claim()
    world.store.journal.accept(intent, [])
    async with world.running() as run:
        for key in ("S", "f"):
            await run.press("2")
            await run.until(lambda: run.screen.view == "outbox")
            await run.press(key)
            await run.until(lambda: run.screen.view == "compose")
            form = run.screen.query_one(ComposeView)
            assert form.text.text == "Once"
            await asyncio.sleep(5)  # of the app's own time: drafts are saved after two
            await run.press("escape")
            await run.until(lambda: run.screen.view == "outbox")
            assert world.store.drafts.all() == []
            assert "Kept as a draft" not in run.text()
        await run.press("S")
        await run.until(lambda: run.screen.view == "compose")
        await run.press("ctrl+n")
        assert world.store.drafts.all() == []
        await run.press("escape")
        await run.until(lambda: run.screen.view == "outbox")
        await run.press("S")
        await run.until(lambda: run.screen.view == "compose")
        await run.press("!", "escape")
        await run.until(lambda: run.screen.view == "outbox")
        assert [draft.text for draft in world.store.drafts.all()] == ["Once!"]


async def test_the_first_copy_is_not_called_what_was_written_last(world: World) -> None:
    world.store.journal.submit([NewMessage("+972521110001", "Once")])
    [intent] = world.store.journal.claim()
    world.store.journal.accept(intent, [])
    world.store.drafts.save(Draft(0, "0521110002", "Half a"))
    world.clock.now += 10
    async with world.running() as run:
        await run.press("2", "down", "S")
        await run.until(lambda: run.screen.view == "compose")
        form = run.screen.query_one(ComposeView)
        assert form.text.text == "Once"
        await run.settled()
        assert "Ready to be sent again as a new message" in run.lines()[-2]
