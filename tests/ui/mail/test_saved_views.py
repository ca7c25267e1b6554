"""Searching as one types, and saved views as tabs, through the app."""

from __future__ import annotations

from datetime import datetime

from textual import events

from tests.ui.conftest import Run, World
from voipe_tui.store.saved_views import SavedView
from voipe_tui.ui.mail.saved_views import ViewsScreen
from voipe_tui.ui.mail.view import MailView


async def filled(world: World) -> None:
    for number, text in (("0521110001", "Shalom Dana"), ("0521110002", "שלום יוסי"), ("0521110003", "Other words")):
        world.sandbox.gateway.arrive(number, text)
    await world.read()


def inbox(run: Run) -> MailView:
    return run.screen.mail("inbox")


async def test_a_filter_completes_explains_itself_and_comes_back(world: World) -> None:
    await filled(world)
    async with world.running() as run:
        await run.press("slash")
        await run.paste("stat")
        assert "status:" in run.lines()[2]
        await run.press("right")
        await run.press("down", "down", "enter")
        assert inbox(run).search.text == "status:held "
        line = inbox(run).search.line
        assert line is not None
        # Wrong: the place is underlined, a sentence says why, and Enter does not act on it.
        line._field.put("")
        await run.paste("fro:dana ")
        await run.until(lambda: "did you mean “from:”?" in run.text())
        marked = [segment.text for segment in line._field.render_line(0) if segment.style and segment.style.underline]
        assert marked == ["fro:"]
        await run.press("enter")
        assert line._field.has_focus
        # What is only begun is no complaint while it is typed; Enter wants it whole.
        for begun, said in (("from:", "needs a value"), ("since:32.13", "no date"), ("(a or b", "not closed")):
            line._field.put("")
            await run.paste(begun)
            assert said not in run.text()
            await run.press("enter")
            assert said in run.text()
            assert line._field.has_focus
        line._field.put("")
        await run.paste("oth")
        await run.until(lambda: "Other words" in run.text() and "Dana" not in run.text())
        await run.press("enter")
        await run.until(lambda: not line._field.has_focus)
        drawn = inbox(run).list.render_line(0)
        assert [segment.text for segment in drawn if segment.style and segment.style.underline] == ["Oth"]
        await run.press("escape")
        await run.until(lambda: "Dana" in run.text())
        await run.press("slash", "up")
        await run.until(lambda: "Dana" not in run.text())
        assert inbox(run).search.text == "oth"


async def test_views_are_tabs_that_can_be_kept_named_and_deleted(world: World) -> None:
    await filled(world)
    async with world.running() as run:
        await run.online()
        await run.until(lambda: "Unread 3" in run.lines()[1])
        await run.press("right_square_bracket", "enter")
        await run.until(lambda: "ID 3" in run.text())
        await run.press("escape")
        await run.until(lambda: "Unread 2" in run.lines()[1])
        assert "Other words" not in run.text()
        await run.press("left_square_bracket")
        await run.until(lambda: "Other words" in run.text())
        # What was searched for becomes a view.
        await run.press("slash")
        await run.paste("dana")
        await run.press("enter", "V")
        await run.until(lambda: isinstance(run.app.screen, ViewsScreen))
        await run.press("s")
        await run.paste("Dana")
        await run.press("enter")
        await run.until(lambda: isinstance(run.app.screen, ViewsScreen) and "Kept as" in run.app.screen.text)
        assert "Dana                 1 " in run.text()
        await run.press("enter")
        await run.until(lambda: "Dana 1" in run.lines()[1])
        assert "Other words" not in run.text()
        assert [view.name for view in world.store.saved_views.all()] == [
            "Unread",
            "Needs answer",
            "Failed today",
            "Dana",
        ]
        await run.press("V", "d", "escape")
        await run.until(lambda: "Dana 1" not in run.lines()[1] and "Other words" in run.text())
        # A message that a view does not show is found all the same.
        await run.press("right_square_bracket", "right_square_bracket")
        await inbox(run).find(world.messages(direction="in")[-1].id)
        await run.until(lambda: inbox(run).views.place in (0, 2))
        current = inbox(run).model.current
        assert current is not None
        assert current.text == "Shalom Dana"


async def test_more_views_than_a_low_screen_has_lines_for_are_gone_through_in_sight(world: World) -> None:
    await filled(world)
    for number in range(20):
        world.store.saved_views.save(SavedView(f"View {number}", "dana", "in"), now=datetime.now().astimezone())
    async with world.running(60, 15) as run:
        await run.press("V")
        await run.until(lambda: isinstance(run.app.screen, ViewsScreen))
        for place in range(1, 23):
            shown = next(line for line in run.lines() if "▸" in line)
            assert ("View" in shown) is (place > 2), place
            assert f"{place} of 22" in run.text()
            assert "Esc goes" in run.text()
            await run.press("j")
        await run.press("K", "K", "k")
        assert "▸ View 16" in run.text()
        assert [each.name for each in world.store.saved_views.all()][-3:] == ["View 19", "View 17", "View 18"]


async def test_the_list_follows_a_letter_with_its_key_and_nothing_is_arranged_anew(world: World) -> None:
    await filled(world)
    async with world.running() as run:
        await run.press("slash", "o")
        arranged: list[object] = []
        run.screen.screen_layout_refresh_signal.subscribe(run.screen, arranged.append)
        found = []
        for letter in "ther":
            await run.app.on_event(events.Key(letter, letter))
            found.append((inbox(run).search.text, [each.text for each in inbox(run).model.rows]))
            await run.pilot.pause()
        assert found == [(typed, ["Other words"]) for typed in ("ot", "oth", "othe", "other")]
        assert arranged == []
        # More keys than the screen follows: the last of them is what is looked for.
        for letter in "xyz":
            run.app.post_message(events.Key(letter, letter))
        await run.until(lambda: inbox(run).search.text == "otherxyz" and not inbox(run).model.rows)
        assert inbox(run).search.line.value == "otherxyz"
