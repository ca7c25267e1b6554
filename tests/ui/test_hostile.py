"""Whatever comes in, the terminal sees nothing that it would obey, and nothing is taken for markup."""

from __future__ import annotations

import unicodedata

import pytest
from textual import events

from tests.ui.conftest import Run, World
from voipe_tui.store import Draft
from voipe_tui.ui.compose.view import ComposeView
from voipe_tui.ui.widgets.fields import drawn, harmless

HOSTILE = [
    "\x1b[2J\x1b]0;owned\x07 cleared?",
    "\x1b]52;c;c3RvbGVu\x07",
    "\x9b31mC1 red\x9d0;title\x9c",
    "bell\x07 back\x08\x08space \x0b\x0c vt",
    "[bold]stray [/bold] [/] [@click=app.quit]go[/] \\[x]",
    "[link=https://evil.invalid]bank[/link] {{x}} $foo %s",
    "\u202eevil gnp.exe\u202c \u2066isolated\u2069",
    "zero\u200bwidth\u2060join\ufeffer",
    "z̸̨̛̗̟͙̼̊̃å̵̡̛̗̟͙̼̃l̷̨̛̗̟͙̼̊̃g̸̨̛̗̟͙̼̊̃o" + "\u0301" * 200,
    "line\r\nbreaks\n\n\u2028and\u2029 more\x85",
    "\U000e0041tags\U000e0042",
    "x" * 5_000,
    "שָׁלוֹם עולם 😀👨‍👩‍👧 日本語",
    "",
]


REORDERING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def dangerous(text: str) -> list[str]:
    bad = []
    for character in text:
        category = unicodedata.category(character)
        if (
            category in ("Cc", "Cs", "Co", "Cn")
            or character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        ):
            bad.append(f"U+{ord(character):04X}")
    return bad


def assert_harmless(run: Run) -> None:
    for line in run.lines():
        assert not dangerous(line), (dangerous(line), line)
    width = run.app.size.width
    for strip in run.app.screen._compositor.render_strips():
        assert strip.cell_length == width


@pytest.mark.parametrize(
    "width", [pytest.param(40, marks=pytest.mark.long), pytest.param(80, marks=pytest.mark.long), 120]
)
async def test_lists_reader_and_form_draw_it_harmlessly(world: World, width: int) -> None:
    for text in HOSTILE:
        world.sandbox.gateway.arrive("\x1b[31mBank\x1b[0m", text)
    await world.read()
    messages = world.messages(direction="in")
    assert len(messages) == len(HOSTILE)
    async with world.running(width) as run:
        assert_harmless(run)
        await run.press("enter")
        await run.until(lambda: "Esc" in run.lines()[-1])
        for message in messages:
            mail = run.screen.mail("inbox")
            assert mail.model.current is not None
            assert mail.model.current.id == message.id
            assert_harmless(run)
            await run.press("j")
        await run.press("escape", "t")
        await run.until(lambda: run.screen.view == "threads")
        for _ in range(6):
            assert_harmless(run)
            await run.press("pageup")
        await run.press("escape", "5")
        await run.until(lambda: run.screen.view == "threads")
        assert_harmless(run)
        await run.press("1", "r")
        await run.until(lambda: run.screen.view == "compose")
        form = run.screen.query_one(ComposeView)
        for message in messages:
            form.load(Draft(0, message.number, message.text, message.text[:20]))
            await run.pilot.pause()
            assert_harmless(run)
            await run.press("f5")
            assert_harmless(run)


async def test_search_and_notices_survive_markup(world: World) -> None:
    async with world.running() as run:
        await run.press("slash")
        await run.type("[/bold] [")
        assert_harmless(run)
        run.screen.status.notice("[/x] \x1b[31m [bold")
        await run.pilot.pause()
        assert "[/x]" in run.text()
        assert_harmless(run)


async def test_names_from_the_gateway_are_data(world: World) -> None:
    world.sandbox.gateway.main_account.name = "\x1b[31m[/bold] Shop \u202e"
    await world.read()
    async with world.running() as run:
        await run.press("4")
        await run.until(lambda: "[/bold] Shop" in run.text())
        assert_harmless(run)


async def test_pasted_control_characters_stay_outside(world: World) -> None:
    async with world.running() as run:
        await run.press("c", "tab")
        await run.until(lambda: run.screen.view == "compose")
        run.app.post_message(events.Paste("one\x1b[31m\r\ntwo\x00\x9b\tthree"))
        await run.until(lambda: "three" in run.screen.query_one(ComposeView).text.text)
        assert run.screen.query_one(ComposeView).text.text == "one[31m\ntwo\tthree"


async def test_a_hostile_draft_can_be_opened_and_thrown_away(world: World) -> None:
    world.store.drafts.save(Draft(0, "\x1b[31m[/x]", "\x1b[2J[/bold]\u202e"))
    async with world.running() as run:
        await run.press("3")
        await run.until(lambda: run.screen.view == "compose")
        assert_harmless(run)
        await run.press("f5")
        assert_harmless(run)


def test_what_is_drawn_has_a_character_for_every_character() -> None:
    for text in HOSTILE:
        for line in text.splitlines():
            assert len(drawn(line)) == len(line)


def test_points_under_hebrew_letters_stay_beside_hostile_neighbours() -> None:
    assert drawn("שָׁלוֹם\x1b") == "שָׁלוֹם·"


def test_harmless_keeps_lines_and_tabs_only() -> None:
    assert harmless("a\r\nb\rc\td\x00\x1b\x7f\x9b") == "a\nb\nc\td"
