"""Keys that come faster than the screen: each still reaches what it was meant for."""

from __future__ import annotations

from textual import events
from textual.events import Key

from tests.ui.conftest import Run, World
from voipe_tui.ui.compose.view import ComposeView
from voipe_tui.ui.terminal.type_ahead import focus_now


async def test_what_is_pasted_right_after_typing_lands_where_it_was_meant(world: World) -> None:
    async with world.running() as run:
        await run.online()
        await run.press("c")
        await run.until(lambda: run.screen.view == "compose")
        for key in (*"0521110001", "tab"):
            run.app.post_message(events.Key(key, key if len(key) == 1 else None))
        run.app.post_message(events.Paste("line one\nline two"))
        run.app.post_message(events.Key("f5", None))
        await run.until(lambda: run.screen.view == "outbox")
        [message] = world.messages(direction="out")
        assert (message.number, message.text) == ("+972521110001", "line one\nline two")


async def test_keys_typed_before_the_first_screen_is_filled_are_not_lost(world: World) -> None:
    app = world.app()
    async with app.run_test() as pilot:
        run = Run(world, app, pilot)
        for key in "c0521":
            app.simulate_key(key)
        await run.until(lambda: run.screen.view == "compose" and "0521" in run.text())


async def test_a_key_of_the_first_moment_finds_the_first_message(world: World) -> None:
    """Pressed while the store was still to be opened: the list has its rows before it has its size."""
    world.sandbox.gateway.arrive("0521110001", "שלום")
    await world.read()
    app = world.app()
    world.before_store = lambda: app.post_message(Key("y", "y"))
    written: list[str] = []
    app.send_to_terminal = written.append  # type: ignore[method-assign]
    async with app.run_test() as pilot:
        run = Run(world, app, pilot)
        await run.until(lambda: "sent to the terminal's clipboard" in run.text())
    assert len(written) == 1


async def test_a_thousand_keys_at_once_are_a_few_edits_and_end_where_they_were_meant(world: World) -> None:
    """What a terminal without bracketed paste makes of one; the keys that are no characters keep their places."""
    typed = "shalom שלום 😀 " * 80
    async with world.running() as run:
        await run.press("slash")
        edits: list[str] = []
        run.app.watch(run.app.focused, "value", lambda value: edits.append(value), init=False)  # type: ignore[arg-type]
        for character in typed:
            run.app.post_message(Key("space" if character == " " else character, character))
        for key in ("home", "x", "y", "escape", "escape", "c"):
            run.app.post_message(Key(key, key if len(key) == 1 else None))
        await run.until(lambda: run.screen.view == "compose")
        assert edits[-1] == f"xy{typed}"
        assert len(edits) < 10
        compose = run.screen.query_one(ComposeView)
        focus_now(compose.text)
        for character in typed:
            run.app.post_message(Key("space" if character == " " else character, character))
        run.app.post_message(Key("backspace", None))
        await run.until(lambda: compose.text.text == typed[:-1])


async def test_the_first_visit_of_a_list_answers_the_next_key_too(world: World) -> None:
    world.sandbox.gateway.add_outgoing("0521110001", "Hello there", world.clock.now - 60, 3)
    await world.read()
    async with world.running() as run:
        for key in ("2", "enter"):
            run.app.post_message(Key(key, key if key == "2" else None))
        await run.until(lambda: run.screen.view == "outbox" and run.screen.mail("outbox").reading)
