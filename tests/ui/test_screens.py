"""Each screen as a picture, at the two sizes that matter. Time stands still; the demo's account is always the same.

``pytest tests/ui/test_screens.py --snapshot-update`` takes the pictures anew; look at each before it is committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.timeless import TimelessLoop
from tests.ui.conftest import Run, World, profile
from voipe_tui.config.settings import Settings
from voipe_tui.errors import StoreError
from voipe_tui.ui.app import VoipeApp
from voipe_tui.ui.mail.saved_views import ViewsScreen
from voipe_tui.ui.mail.view import MailView
from voipe_tui.ui.main.screen import MainScreen

Compare = Callable[..., bool]
Steps = Callable[[Run], Awaitable[None]]
WIDE = pytest.param((120, 40), id="120x40", marks=pytest.mark.long)
"""The wide pictures are compared with ``-m long``: each starts the app once more."""

SIZES = pytest.mark.parametrize("size", [pytest.param((80, 24), id="80x24"), WIDE])


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    world = World(
        demo=True, profile=profile(name="demo", sender="Workshop", senders=("Workshop", "Galgal"), sender_max=11)
    )
    asyncio.run(world.read())
    yield world
    world.store.close()


def shot(compare: Compare, world: World, size: tuple[int, int], steps: Steps | None = None) -> bool:
    app = world.app()

    async def before(pilot: Pilot[Any]) -> None:
        run = Run(world, app, pilot)
        if world.profile is not None and world.before_store is None:
            await run.until(lambda: isinstance(app.screen, MainScreen) and app.screen.filled)
            await run.online()
        if steps is not None:
            await steps(run)
        await run.until(lambda: counted(app))

    with asyncio.Runner(loop_factory=TimelessLoop) as runner:
        app.run = lambda **how: runner.run(app.run_async(**how))  # type: ignore[method-assign]
        return compare(app, terminal_size=size, run_before=before)


def counted(app: VoipeApp) -> bool:
    """The numbers on the tabs of views are what they will be: they follow a little later."""
    if not isinstance(app.screen_stack[0], MainScreen):
        return True
    mails = [pane for pane in app.screen_stack[0].panes if isinstance(pane, MailView) and pane.display]
    return all(
        mail.views_bar.has_class("-none") or (not mail.counting and len(mail.views.counts) == len(mail.views.saved) > 0)
        for mail in mails
    )


async def goto_outbox(run: Run) -> None:
    await run.press("2")
    await run.until(lambda: run.screen.view == "outbox")


async def saved(run: Run) -> None:
    """The draft is in the store, as it would be by itself two seconds later, and the tab says so."""
    run.screen.keep_draft()
    await run.until(lambda: "Compose ~" in run.lines()[0])


async def compose(run: Run, to: str, text: str) -> None:
    await run.press("c")
    await run.until(lambda: run.screen.view == "compose")
    await run.paste(to)
    await run.press("tab")
    await run.paste(text)
    await saved(run)


@SIZES
def test_inbox(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    assert shot(snap_compare, demo, size)


@SIZES
def test_outbox(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    assert shot(snap_compare, demo, size, goto_outbox)


@SIZES
def test_reader(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await run.press("j", "enter")
        await run.until(lambda: "Esc" in run.lines()[-1])

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_marks_labels_and_chosen_columns(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await run.press("s", "l")
        await run.paste("vip, to call")
        await run.press("enter", "x", "j", "x", "p", "G", *"jjjj", "space", "K", "K", "K", "enter")
        await run.press("j", "v", "j", "j")
        await run.until(lambda: "2 marked" in run.text())

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_sent_message_with_its_story(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await compose(run, "0521110001", "On my way")
        await run.press("f5")
        await run.until(lambda: "undo" in run.text())
        await run.press("enter")
        await run.until(lambda: "What happened" in run.text())

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_conversation(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await run.press("5")
        await run.until(lambda: run.screen.view == "threads")
        await run.press("j", "j", "j", "j", "j", "enter")
        await run.until(lambda: "writes a reply" in run.text())
        await run.press("i")
        await run.paste("Yes, 10:00 is fine – see you then.")
        await saved(run)

    assert shot(snap_compare, demo, size, steps)


def test_conversations_found(snap_compare: Compare, demo: World) -> None:
    async def steps(run: Run) -> None:
        await run.press("5")
        await run.until(lambda: run.screen.view == "threads")
        await run.press("slash")
        await run.paste("bike")
        await run.press("enter", "j")

    assert shot(snap_compare, demo, (80, 24), steps)


def test_no_conversations(snap_compare: Compare) -> None:
    world = World()

    async def steps(run: Run) -> None:
        await run.press("5")
        await run.until(lambda: "No conversations yet." in run.text())

    try:
        assert shot(snap_compare, world, (80, 24), steps)
    finally:
        world.store.close()


@SIZES
def test_no_messages(snap_compare: Compare, size: tuple[int, int]) -> None:
    world = World()
    try:
        assert shot(snap_compare, world, size)
    finally:
        world.store.close()


def test_no_messages_yet_and_no_gateway(snap_compare: Compare) -> None:
    world = World()
    world.sandbox.faults.on("down")
    app = world.app()

    async def before(pilot: Pilot[Any]) -> None:
        run = Run(world, app, pilot)
        await run.until(lambda: "Nothing here yet." in run.text() and "could not be reached" in run.text())

    try:
        assert snap_compare(app, terminal_size=(80, 24), run_before=before)
    finally:
        world.store.close()


@SIZES
def test_a_message_back_from_a_snooze(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await run.press("j", "j", "l")
        await run.paste("vip")
        await run.press("enter")
        demo.store.triage.snooze([run.screen.mail("inbox").model.rows[2].id], demo.clock() + 60)
        demo.clock.now += 3600
        demo.store.triage.wake_due()
        await run.settled()
        run.screen._tick()
        await run.press("g")
        await run.until(lambda: "↺ woke" in run.text())

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_nothing_found(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await run.press("slash")
        await run.paste("no such words")
        await run.until(lambda: "Nothing found." in run.text())

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_search_completes(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await run.press("slash")
        await run.paste("האופניים is:")
        await run.press("down", "down")

    assert shot(snap_compare, demo, size, steps)


def test_search_says_what_is_wrong(snap_compare: Compare, demo: World) -> None:
    async def steps(run: Run) -> None:
        await run.press("slash")
        await run.paste("bike fro:dana is:unread")
        await run.until(lambda: "did you mean" in run.text())

    assert shot(snap_compare, demo, (80, 24), steps)


@SIZES
def test_views_of_a_list(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await run.press("slash")
        await run.paste("from:dana")
        await run.press("enter", "V")
        await run.until(lambda: isinstance(run.app.screen, ViewsScreen) and "s keep" in run.lines()[-1])

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_compose_empty(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await run.press("3")
        await run.until(lambda: run.screen.view == "compose")

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_compose_latin(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await compose(run, "0521110001", "Hi Dana, it’s ready – we’re open until 19:00. " * 4)
        await saved(run)

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_review(snap_compare: Compare, demo: World, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voipe_tui.ui.compose.review.Review.SETTLE_SECONDS", 0.01)

    async def steps(run: Run) -> None:
        await compose(
            run, "0521110001, 0541110004, 0521110001, #TEAM", "Your bikes are ready.\nWe’re open until 19:00. 😀"
        )
        await run.press("f5")
        await run.until(lambda: "F5 sends" in run.text())

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_compose_hebrew(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await compose(run, "0521110001", "שלום דנה, האופניים מוכנים – נתראה מחר")

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_compose_with_everything_wrong(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await run.press("c")
        await run.until(lambda: run.screen.view == "compose")
        await run.paste("0521110001, dana, 03-5551234, 12345678901234567")
        await run.press("enter")
        await run.type("!שלום")
        await run.press("tab", "tab")
        await run.type("someday")
        await run.press("f5")
        await run.until(lambda: "Nothing was sent" in run.text())
        await saved(run)

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_account(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await run.press("4")
        await run.until(lambda: "Galgal Bikes" in run.text())

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_search(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await goto_outbox(run)
        await run.press("slash")
        await run.type("status:failed")

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_help(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await run.press("question_mark")
        await run.until(lambda: "you are here" in run.text())

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_palette(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await run.press("colon")
        await run.type("theme")
        await run.until(lambda: "Theme: day" in run.text())

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_question_before_an_unknown_is_sent_again(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    demo.profile = profile(name="demo", hold_seconds=0.0)
    demo.sandbox.faults.on("lost-before:pv:1")

    async def steps(run: Run) -> None:
        await compose(run, "0521110001", "Maybe")
        await run.press("f5")
        await run.until(lambda: "unknown" in run.lines()[2])
        await run.press("S")
        await run.until(lambda: "gets it twice" in run.text())

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_offline(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    demo.sandbox.faults.on("down")
    app = demo.app()

    async def before(pilot: Pilot[Any]) -> None:
        run = Run(demo, app, pilot)
        await run.until(lambda: "offline" in run.text())
        engine = app.session.engine
        assert engine is not None
        # The wait before the next try is a matter of chance.
        await run.press("4")
        await run.until(lambda: "what to do" in run.text())

    assert snap_compare(app, terminal_size=size, run_before=before)


@SIZES
def test_first_start(snap_compare: Compare, size: tuple[int, int]) -> None:
    world = World(profile=None)
    try:
        assert shot(snap_compare, world, size)
    finally:
        world.store.close()


@SIZES
def test_first_start_explains_a_failed_try(snap_compare: Compare, size: tuple[int, int]) -> None:
    world = World(profile=None)

    async def steps(run: Run) -> None:
        await run.paste("https://sandbox.invalid/playsms/api.php")
        await run.press("tab")
        await run.type("demo")
        await run.press("tab")
        await run.type("wrong")
        await run.press("f5")
        await run.until(lambda: "ERR 100" in run.text())

    try:
        assert shot(snap_compare, world, size, steps)
    finally:
        world.store.close()


@SIZES
def test_a_store_that_does_not_open(snap_compare: Compare, size: tuple[int, int]) -> None:
    world = World()

    def fail() -> None:
        raise StoreError(
            "The message store /home/me/.local/share/voipe-tui/shop.db cannot be written. Nothing was sent.",
            hint="Check the permissions of the file and its folder.",
        )

    world.before_store = fail

    async def steps(run: Run) -> None:
        await run.until(lambda: "has a problem" in run.text())

    try:
        assert shot(snap_compare, world, size, steps)
    finally:
        world.store.close()


@pytest.mark.parametrize("theme", ["day", "ansi"])
def test_other_themes(snap_compare: Compare, demo: World, theme: str) -> None:
    demo.settings = Settings(theme=theme)
    assert shot(snap_compare, demo, (80, 24), goto_outbox)


def test_without_colour(snap_compare: Compare, demo: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    demo.no_color = True
    assert shot(snap_compare, demo, (80, 24), goto_outbox)


def test_forty_columns(snap_compare: Compare, demo: World) -> None:
    assert shot(snap_compare, demo, (40, 16), goto_outbox)
