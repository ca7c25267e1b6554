"""What goes to the terminal is less, and looks the same: both are fed to a terminal and its cells compared."""

from __future__ import annotations

from typing import Any, cast

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.drivers import headless_driver
from textual.geometry import Region
from textual.strip import Strip

from tests.ui.conftest import Run, World
from voipe_tui.store import IncomingRecord
from voipe_tui.ui.app import VoipeApp
from voipe_tui.ui.mail.view import MailView
from voipe_tui.ui.main.screen import MainScreen
from voipe_tui.ui.terminal.driver import ThriftyDriver
from voipe_tui.ui.terminal.thrift import Thrift

WIDTH, HEIGHT = 60, 12


class Terminal:
    def __init__(self, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.screen = pyte.Screen(width, height)
        self.stream = pyte.Stream(self.screen)
        self.bytes = 0

    def feed(self, data: str) -> None:
        self.bytes += len(data.encode())
        self.stream.feed(data.replace("\n", "\r\n"))

    def cells(self) -> list[list[tuple[Any, ...]]]:
        """What is seen: the colour of a blank is not."""
        return [
            [
                (char.data, char.bg, char.underscore, char.reverse, *(() if char.data == " " else (char.fg, char.bold)))
                for char in (self.screen.buffer[y][x] for x in range(self.screen.columns))
            ]
            for y in range(self.screen.lines)
        ]


class Sink(headless_driver.HeadlessDriver):
    terminal: Terminal

    def write(self, data: str) -> None:
        self.terminal.feed(data)


class Thrifty(ThriftyDriver, Sink):
    """A driver that is thrifty from its first frame on."""

    def __init__(self, terminal: Terminal, colour: bool) -> None:
        self.terminal = terminal
        self._thrift = Thrift(lambda: (30, 6), erases_in_colour=colour)


CONSOLE = Console(color_system="truecolor", force_terminal=True)
STYLES = st.builds(
    Style,
    color=st.sampled_from([None, "#112233", "red", "color(200)"]),
    bgcolor=st.sampled_from([None, "#445566", "#101010", "blue"]),
    bold=st.sampled_from([None, True]),
    dim=st.sampled_from([None, True]),
    underline=st.sampled_from([None, True]),
    reverse=st.sampled_from([None, True]),
)
TEXTS = st.sampled_from(["a", "two words", "   ", " " * 9, "x" + " " * 12, "שלום", "日本", "end "])


LINES = st.dictionaries(st.integers(1, 6), st.lists(st.tuples(TEXTS, STYLES), min_size=1, max_size=5), min_size=1)
MOVES = st.one_of(st.none(), st.tuples(st.integers(0, 2), st.integers(3, 5), st.sampled_from([1, 2, -1])))


def frame_of(lines: dict[int, list[tuple[str, Style]]]) -> str:
    """As Textual writes one; some lines end before the edge."""
    frame = ""
    for y, pieces in sorted(lines.items()):
        strip = Strip([Segment(text, style) for text, style in pieces])
        frame += f"\x1b[{y};1H{strip.adjust_cell_length(12 if y == 6 else 30, pieces[-1][1]).render(CONSOLE)}\n"
    return frame.removesuffix("\n") + "\x1b[1;1H"


@settings(max_examples=12, deadline=None)
@given(frames=st.lists(st.tuples(LINES, MOVES), min_size=1, max_size=4), colour=st.booleans())
def test_less_is_written_and_looks_the_same(frames: list[tuple[Any, Any]], colour: bool) -> None:
    plain, spared = Terminal(30, 6), Terminal(30, 6)
    for terminal in (plain, spared):
        terminal.feed("\x1b[1;1Hwhat stood here before\x1b[2;1H" + "#" * 30)
    plain.bytes = spared.bytes = 0
    driver = Thrifty(spared, colour)
    for lines, move in frames:
        if move is not None:
            driver.move_lines(*move)
            plain.feed(driver._moves)
        plain.feed(frame_of(lines))
        driver.write(frame_of(lines))
        assert spared.cells() == plain.cells()
        assert spared.bytes <= plain.bytes
        assert spared.screen.cursor.attrs == plain.screen.cursor.attrs


def records(first: int, count: int, start: float) -> list[IncomingRecord]:
    return [
        IncomingRecord(
            "inbox", n, f"+9725211100{n % 90 + 10}", "", "", f"Text number {n} שלום", "", start + n, start + n
        )
        for n in range(first, first + count)
    ]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """What the app writes in a terminal of its own, thrifty and moving lines."""
    terminal = Terminal()

    class Driver(ThriftyDriver, Sink):
        is_headless = False  # type: ignore[assignment]

    Driver.terminal = terminal

    monkeypatch.setattr(headless_driver, "HeadlessDriver", Driver)
    monkeypatch.setattr(VoipeApp, "_watch_the_terminal", lambda app: None)
    return terminal


async def looks_right(run: Run, terminal: Terminal, after: str) -> None:
    """What was written bit by bit is what a painting of the whole would be."""
    app, main = run.app, cast(MainScreen, run.app.screen_stack[0])
    await run.until(lambda: not main._pending_change)
    whole = Terminal()
    update: Any = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    whole.feed(update.render_segments(app.console))
    assert terminal.cells() == whole.cells(), after


async def test_lines_moved_by_the_terminal_stand_where_a_whole_painting_would_put_them(
    world: World, terminal: Terminal
) -> None:
    store, start = world.store, world.clock() - 90_000
    store.gateway_rows.take_incoming(records(1, 60, start))
    world.sandbox.faults.on("down")
    async with world.running(WIDTH, HEIGHT) as run:
        mail = run.screen.query_one("#inbox", MailView)
        assert mail.model.by_lines
        run.app._save_bytes()

        for keys in ("j" * 9, "jj", "k" * 9, "kk", "Gkk", "gjjjj", "a", "xxx", "e", "u", "z"):
            await run.press(*keys)
            if keys == "z":
                await run.press("escape")
            await looks_right(run, terminal, keys)
        before = terminal.bytes
        await run.press(*"jjjjjjjjjj")
        assert (terminal.bytes - before) / 10 < 330
        await run.press("g")
        await looks_right(run, terminal, "g")
        before = terminal.bytes
        store.gateway_rows.take_incoming(records(100, 1, start))
        await looks_right(run, terminal, "a new one on top")
        assert 0 < terminal.bytes - before < 700  # not the whole list
        rows = [message.id for message in mail.model.rows]
        for message_id, most in ((rows[5], 60), (rows[50], 0)):
            before = terminal.bytes
            store.triage.star([message_id])
            await looks_right(run, terminal, "a star")
            assert terminal.bytes - before <= most
        await run.press("pagedown", "j", "j")
        store.gateway_rows.take_incoming(records(200, 2, start))
        await looks_right(run, terminal, "new ones out of sight")


async def test_lines_painted_at_once_stand_where_textual_would_put_them(world: World, terminal: Terminal) -> None:
    store, start = world.store, world.clock() - 90_000
    store.gateway_rows.take_incoming(records(1, 60, start))
    store.gateway_rows.take_incoming(
        [
            IncomingRecord("inbox", n, "+972521110012", "", "", f"So {n}", "", start + n, start + n)
            for n in range(70, 99)
        ]
    )
    world.sandbox.faults.on("down")
    async with world.running(WIDTH, HEIGHT) as run:
        run.app._save_bytes()
        frames: list[str] = []
        write_frame = run.app._display

        def noted(screen: Any, frame: Any) -> None:
            frames.append(type(frame).__name__)
            write_frame(screen, frame)

        run.app._display = noted  # type: ignore[method-assign]
        rows = [message.id for message in run.screen.query_one("#inbox", MailView).model.rows]
        for keys in ("jjk", "5jjk", "g\rkkj", "\x1b\x1b1j"):
            await run.press(*({"\r": "enter", "\x1b": "escape"}.get(key, key) for key in keys))
            await looks_right(run, terminal, keys)
            frames.clear()
            await run.press("k" if "\r" in keys else "j")
            assert frames == ["_Painting"], keys
            await looks_right(run, terminal, f"one more after {keys}")
        await run.press("g", "slash", *"so", "enter", *"jjjjjjjjjjjj")
        await looks_right(run, terminal, "a search, scrolled")
        before = terminal.bytes
        await run.press(*"jjjj")
        assert (terminal.bytes - before) / 4 < 330
        await run.press("escape", "g")
        await looks_right(run, terminal, "everything again")
        frames.clear()
        await run.press("question_mark")
        await looks_right(run, terminal, "help")
        store.triage.star(rows[:2])
        await looks_right(run, terminal, "a star behind the help")
        assert "_Painting" not in frames
        await run.press("escape", "j")
        await looks_right(run, terminal, "without help")


async def test_what_an_empty_list_says_goes_away_with_the_first_rows(world: World, terminal: Terminal) -> None:
    store, start = world.store, world.clock() - 90_000
    world.sandbox.faults.on("down")
    async with world.running(WIDTH, HEIGHT) as run:
        mail = run.screen.query_one("#inbox", MailView)
        await run.until(lambda: "could not be reached" in run.text())
        run.app._save_bytes()
        before = terminal.bytes
        mail.list.tick()
        await looks_right(run, terminal, "a tick")
        assert terminal.bytes == before
        store.gateway_rows.take_incoming(records(1, 2, start))
        await looks_right(run, terminal, "two came")
        assert "here" not in "\n".join(terminal.screen.display)
        await run.press("A", "d", "y")
        await looks_right(run, terminal, "both deleted")


async def test_what_textual_painted_without_noticing_keeps_no_key_from_being_painted_at_once(
    world: World, terminal: Terminal
) -> None:
    world.store.gateway_rows.take_incoming(records(1, 60, world.clock() - 90_000))
    world.sandbox.faults.on("down")
    async with world.running(WIDTH, HEIGHT) as run:
        run.app._save_bytes()
        await run.press(*"jjjjjjjjjjjj")
        # A search typed at once leaves it so: parts of the list that a frame of the whole screen has painted already.
        messages = run.screen.query_one("#inbox", MailView).list
        messages._repaint_regions.update(Region(0, y, WIDTH, 1) for y in range(messages.size.height))
        before = terminal.bytes
        await run.press(*"jjj")
        assert not messages._repaint_regions
        await looks_right(run, terminal, "scrolled")
        assert (terminal.bytes - before) / 3 < 330
