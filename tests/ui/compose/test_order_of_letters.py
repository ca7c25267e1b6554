"""``bidi = "app"``: in a terminal that draws letters as they come, Hebrew can be read while it is written."""

from __future__ import annotations

from tests.ui.conftest import World, opened
from voipe_tui.config.settings import Settings
from voipe_tui.text.bidi import visual_order
from voipe_tui.ui.compose.review import Review

HEBREW = "שלום דנה, נפגש מחר"


async def test_what_is_written_stands_below_in_the_order_of_reading(world: World) -> None:
    world.settings = Settings(bidi="app")
    async with world.running() as run:
        form = await opened(run)
        form.to.text = "0521110001"
        form.text.focus()
        await run.paste("Hello")
        assert not form.drawn.text, "nothing to order"
        await run.paste(f"\n{HEBREW}")
        await run.settled()
        assert f"│ {visual_order(HEBREW)}" in run.text()
        assert form.text.text.endswith(HEBREW), "kept, and sent, in the order of the letters"
        await run.press("up")
        assert not form.drawn.text, "the line of the cursor has none"
        await run.press("f5")
        await run.until(lambda: isinstance(run.app.screen, Review))
        assert f"│ {visual_order(HEBREW)}" in run.text()
        assert HEBREW not in run.text().split("Review before sending")[1].split("F5")[0]


async def test_a_long_paragraph_is_followed_to_its_end(world: World) -> None:
    world.settings = Settings(bidi="app")
    async with world.running(60, 24) as run:
        form = await opened(run)
        form.text.focus()
        await run.paste(f"{'מילה ' * 60}סוף")
        assert "ףוס" in run.text()


async def test_a_terminal_that_orders_letters_itself_is_left_to_it(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        form.text.focus()
        await run.paste(HEBREW)
        assert not form.drawn.text
        assert visual_order(HEBREW) not in run.text()
