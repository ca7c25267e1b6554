"""What goes to the terminal is less, and looks the same: both are fed to a terminal and its cells compared."""

from __future__ import annotations

from typing import Any

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.drivers import headless_driver
from textual.strip import Strip

from tests.ui.conftest import World
from voipe_tui.store import IncomingRecord
from voipe_tui.ui.app import VoipeApp
from voipe_tui.ui.mail.view import MailView
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


async def test_lines_moved_by_the_terminal_stand_where_a_whole_painting_would_put_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()

    class Driver(ThriftyDriver, Sink):
        is_headless = False  # type: ignore[assignment]

    Driver.terminal = terminal

    monkeypatch.setattr(headless_driver, "HeadlessDriver", Driver)
    monkeypatch.setattr(VoipeApp, "_watch_the_terminal", lambda app: None)
    store, start = world.store, world.clock() - 90_000
    store.gateway_rows.take_incoming(records(1, 60, start))
    world.sandbox.faults.on("down")
    async with world.running(WIDTH, HEIGHT) as run:
        mail = run.screen.query_one("#inbox", MailView)
        assert mail.model.by_lines
        run.app._save_bytes()

        async def looks_right(after: str) -> None:
            await run.settled()
            whole = Terminal()
            update = run.screen._compositor.render_full_update()
            whole.feed(update.render_segments(run.app.console))
            assert terminal.cells() == whole.cells(), after

        for keys in ("j" * 9, "jj", "k" * 9, "kk", "Gkk", "gjjjj", "a", "xxx", "e", "u", "z"):
            await run.press(*keys)
            if keys == "z":
                await run.press("escape")
            await looks_right(keys)
        before = terminal.bytes
        await run.press(*"jjjjjjjjjj")
        assert (terminal.bytes - before) / 10 < 330
        await run.press("g")
        await looks_right("g")
        before = terminal.bytes
        store.gateway_rows.take_incoming(records(100, 1, start))
        await looks_right("a new one on top")
        assert 0 < terminal.bytes - before < 700  # not the whole list
        rows = [message.id for message in mail.model.rows]
        for message_id, most in ((rows[5], 60), (rows[50], 0)):
            before = terminal.bytes
            store.triage.star([message_id])
            await looks_right("a star")
            assert terminal.bytes - before <= most
        await run.press("pagedown", "j", "j")
        store.gateway_rows.take_incoming(records(200, 2, start))
        await looks_right("new ones out of sight")
