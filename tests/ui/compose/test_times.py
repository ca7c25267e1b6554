"""Messages that wait for their time: here, or at the gateway."""

from __future__ import annotations

from tests.ui.conftest import World, opened, profile, review
from voipe_tui.config.settings import Settings


async def test_the_hour_that_comes_twice_is_said(world: World) -> None:
    async with world.running(120, 40) as run:
        form = await opened(run)
        form.when.value = "2027-10-31 01:30"
        await run.pilot.pause()
        assert "01:30 IDT" in form.hints.text
        assert "! The clock goes back then: 01:30 comes twice, and the first one is meant." in form.hints.text
        form.when.value = "2027-10-31T01:30+02:00"
        await run.pilot.pause()
        assert "the second one is meant" in form.hints.text


async def test_a_time_waits_here_and_says_what_that_means(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text, form.when.value = "0521110001", "Later", "tomorrow 9:00"
        await run.pilot.pause()
        assert "Mon 23 Nov 2026, 09:00" in form.hints.text
        assert "running then" in form.hints.text
        await run.press("f5")
        await run.until(lambda: run.screen.view == "outbox")
        [message] = world.messages(direction="out")
        assert (message.status, message.note) == ("scheduled", "To be sent Mon 23 Nov, 09:00.")
        assert "To be sent Mon 23 Nov, 09:00.  Later" in run.text()


async def test_a_message_that_waits_here_is_changed_and_scheduled_anew(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text, form.when.value = "0521110001", "Later", "tomorrow 9:00"
        await run.press("f5")
        await run.until(lambda: run.screen.view == "outbox")
        await run.press("u")
        await run.until(lambda: run.screen.view == "compose")
        assert (form.text.text, form.when.value) == ("Later", "2026-11-23 09:00")
        form.text.text = "Later still"
        await run.press("f5")
        await run.until(lambda: run.screen.view == "outbox")
        [message] = world.messages(direction="out")
        assert (message.text, message.status) == ("Later still", "scheduled")


async def test_a_time_is_said_by_the_clock_of_the_gateway_too_and_its_day(world: World) -> None:
    world.profile = profile(timezone="America/Los_Angeles")
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text, form.when.value = "0521110001", 'A "path\\"', "tomorrow 9:00"
        await run.pilot.pause()
        assert "09:00 IST (Sun 22 Nov, 23:00 at the gateway): sent from here" in form.hints.text
        form.when.value = "tomorrow 20:00"
        await run.pilot.pause()
        assert "20:00 IST (10:00 at the gateway)" in form.hints.text
        form.when.value = "soonish"
        await run.pilot.pause()
        assert "“soonish” is no date or time that is understood. Type " in form.hints.text
        form.when.value = "tomorrow 9:00"
        run.app.session.services = run.app.session.services._replace(settings=Settings())
        await run.press("f5")
        said = review(run).said
        assert "09:00 IST = Sun 22 Nov, 23:00 at the gateway" in said
        assert "A backslash may vanish or double." in said
        assert "! A backslash" not in said, "said, but no reason to ask"


async def test_the_gateway_can_wait_instead_and_is_told_its_own_time(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text, form.when.value = "0521110001", "Later", "tomorrow 9:00"
        form.at_gateway.focus()
        await run.press("space")
        assert "09:00 IST (07:00 at the gateway)" in form.hints.text
        assert "neither listed nor changed nor cancelled" in form.hints.text
        await run.press("f5")
        assert "2026-11-23 07:00:00 on the gateway's clock" in review(run).said
        assert "playSMS may read it by another one" in review(run).said
        review(run)._ready()
        await run.press("f5")
        await run.until(lambda: len(run.app.screen_stack) == 1 and run.screen.view == "outbox")
        [message] = world.messages(direction="out")
        intent = world.store.journal.of_message(message.id)
        assert intent is not None
        assert intent.gateway_schedule == "2026-11-23 07:00:00"
        await run.press("u")
        await run.until(lambda: run.screen.view == "compose")
        assert (form.when.value, form.at_gateway.value) == ("2026-11-23 09:00", True)
