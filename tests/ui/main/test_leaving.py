"""Leaving while something has not gone out: nothing is kept silent, and a key always leads out."""

from __future__ import annotations

from tests.ui.conftest import Run, World, opened, profile


async def sent(run: Run) -> None:
    form = await opened(run)
    form.to.text, form.text.text = "0521110001", "Hi"
    await run.press("f5")
    await run.until(lambda: run.screen.view == "outbox")


async def test_who_leaves_while_a_message_is_held_is_told_that_it_was_not_sent(world: World) -> None:
    async with world.running() as run:
        await run.online()
        await sent(run)
        await run.press("q")
        said = " ".join(run.text().replace("█", " ").split())
        assert "1 message is still held, not sent: it waits for your word at the next start." in said
        await run.press("escape")
        world.clock.now += 5
        run.app.session.wake()
        await run.until(lambda: world.sandbox.gateway.accepted)
        await run.until(lambda: not world.store.counts().held)
        await run.press("q")
        await run.until(lambda: run.app._exit)
    assert [message.status for message in world.messages(direction="out")] == ["accepted"]


async def test_an_answer_is_waited_for_and_a_key_leaves_without_it(world: World) -> None:
    world.profile = profile(hold_seconds=0.0)
    world.sandbox.faults.on("slow=12:pv")
    async with world.running() as run:
        await run.online()
        await sent(run)
        await run.until(lambda: "sending" in run.text())
        await run.press("q")
        await run.until(lambda: "Waiting for the gateway's answer to 1 message" in run.text())
        await run.until(lambda: run.app._exit)
    assert [message.status for message in world.messages(direction="out")] == ["accepted"]


async def test_a_key_leaves_at_once_and_the_outcome_is_unknown(world: World) -> None:
    world.profile = profile(hold_seconds=0.0)
    world.sandbox.faults.on("slow=12:pv")
    async with world.running(60, 15) as run:
        await run.online()
        await sent(run)
        await run.until(lambda: "sending" in run.text())
        await run.press("ctrl+q")
        await run.until(lambda: "q leaves at once" in run.text())
        await run.press("q")
        await run.until(lambda: run.app._exit)
    [message] = world.messages(direction="out")
    assert message.status == "unknown"
    assert "closed before the gateway answered" in (message.note or "")
