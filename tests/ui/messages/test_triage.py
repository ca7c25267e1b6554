"""Every key of triage with its undo, on the real app; marks that nothing moves."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.events import Key

from tests.ui.conftest import Run, World
from tests.ui.lists.test_model import Shelf
from voipe_tui.config.settings import Settings
from voipe_tui.store import IncomingRecord, View
from voipe_tui.ui.events import Notice
from voipe_tui.ui.lists.choice import choose
from voipe_tui.ui.lists.marks import Marks
from voipe_tui.ui.mail.view import MailView


def fill(world: World, count: int) -> None:
    """So many incoming messages, the newest first in the list: "Number 0" on top."""
    start = world.clock() - 100_000
    world.store.gateway_rows.take_incoming(
        [
            IncomingRecord("inbox", n + 1, f"+97252111{n % 9000:04d}", "", "", f"Number {count - n - 1}", "", at, at)
            for n, at in ((n, start + n) for n in range(count))
        ]
    )
    world.sandbox.faults.on("down")


def inbox(run: Run) -> MailView:
    return run.screen.query_one("#inbox", MailView)


def texts(run: Run, rows: int = 4) -> list[str]:
    return [message.text for message in inbox(run).model.rows[:rows]]


def rows(run: Run) -> list[str]:
    """The lines of the list as they are on the screen."""
    return run.lines()[inbox(run).list.region.y :]


def current(run: Run) -> str:
    message = inbox(run).model.current
    return "" if message is None else message.text


async def test_each_key_does_what_it_says_to_one_message_and_u_takes_it_back(world: World) -> None:
    fill(world, 6)
    store = world.store

    def first() -> object:
        return store.get([top])[top]

    async with world.running() as run:
        top = inbox(run).model.rows[0].id
        before = first()
        for key, shown in (("s", "★"), ("N", "    "), ("a", "Number 1"), ("e", "Number 1"), ("d", "Number 1")):
            await run.press("g", key)
            assert shown in rows(run)[0], key
            assert "u undoes it" in run.lines()[-2]
            await run.press("u")
            assert first() == before, key
            assert current(run) == "Number 0"
            assert "Undone." in run.lines()[-2]
        await run.press("ctrl+r")
        assert top not in store.get([top])
        await run.press("u", "l")
        await run.paste("vip, to call")
        assert "“vip”, “to call”" in run.text()
        await run.press("enter")
        assert store.get([top])[top].labels == ("vip", "to call")
        assert "#vip" in rows(run)[0]
        await run.press("l")
        await run.paste("-V")
        await run.press("tab", "enter")
        assert store.get([top])[top].labels == ("to call",)
        await run.press("u", "u", "z")
        await run.paste("soon")
        assert "no date or time" in run.text()
        await run.press("enter", "ctrl+u")
        await run.paste("tomorrow")
        assert "08:00" in run.text()
        await run.press("enter")
        assert store.get([top])[top].snoozed_until == world.clock() - 20 * 60 - 12 * 3600 + 32 * 3600
        assert texts(run, 1) == ["Number 1"]
        await run.press("u")
        assert first() == before


async def test_actions_hit_what_is_marked_and_on_the_screen_and_nothing_else(world: World) -> None:
    fill(world, 12)
    async with world.running() as run:
        await run.press("x", "x", "j", "v", "j", "j")
        assert [line[0] for line in rows(run)[:6]] == ["»", "»", "●", "›", "›", "›"]
        await run.press("v")
        assert "5 marked" in run.lines()[-2]
        run.app.screen.post_message(Notice("A sentence that would fill the whole line, " * 2))
        await run.until(lambda: "A sentence" in run.lines()[-2])
        assert "5 marked" in run.lines()[-2]  # a notice never hides what the next key hits
        await run.press("asterisk")
        await run.paste("11")
        assert "1 match" in run.text()
        await run.press("enter")
        await run.until(lambda: "6 marked" in run.lines()[-2])
        await run.press("slash")
        await run.paste("number 1")  # 0 and the others are hidden
        await run.press("enter")
        await run.until(lambda: run.screen.mail("inbox").said == "6 marked (4 hidden)")
        await run.press("a")
        assert "Archived 2 messages" in run.lines()[-2]
        assert "Not the 4 hidden ones." in run.lines()[-2]
        await run.press("escape", "escape")
        await run.until(lambda: "Number 0" in run.text())
        gone = {"Number 1", "Number 11"}
        assert {m.text for m in world.messages(direction="in")} == {f"Number {n}" for n in range(12)} - gone
        # All that match, without those that come later.
        await run.press("A")
        await run.until(lambda: run.screen.mail("inbox").said == "all 10 that match marked")
        late = IncomingRecord("inbox", 99, "+972521119999", "", "", "Late", "", world.clock(), world.clock())
        world.store.gateway_rows.take_incoming([late])
        await run.settled()
        await run.press("G", "x", "d")
        await run.until(lambda: "Delete 9 messages" in run.text())
        await run.press("y")
        assert {m.text for m in world.messages(direction="in")} == {"Late", "Number 10"}
        await run.press("u", "u")
        assert len(world.messages(direction="in")) == 13


async def test_all_that_match_are_counted_before_they_are_labelled_or_snoozed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voipe_tui.store.messages.IDS", 50)
    fill(world, 10_500)
    async with world.running() as run:
        for key, question in (("z", "Snooze 10,500 messages until"), ("l", "Label 10,500 messages")):
            await run.press("A", key)
            await run.until(lambda question=question: question in run.text())
            run.app.screen.post_message(Notice("A sentence that would fill the whole line, " * 2))
            await run.press("escape", "escape")
        await run.press("A", "z")
        await run.until(lambda: "Snooze 10,500" in run.text())
        late = IncomingRecord("inbox", 99_999, "+972521119999", "", "", "Late", "", world.clock(), world.clock())
        world.store.gateway_rows.take_incoming([late])
        await run.paste("2027-01-07")
        assert "08:00" in run.text()  # a bare day is its morning, however it is written
        await run.press("enter")
        await run.until(lambda: world.store.counts().inbox == 1)
        assert [m.text for m in world.messages(direction="in")] == ["Late"]


async def test_all_that_match_are_counted_before_they_are_deleted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voipe_tui.store.messages.IDS", 50)
    fill(world, 10_500)
    async with world.running() as run:
        await run.press("A", "d")
        await run.until(lambda: "Delete 10,500 messages here?" in run.text())
        late = IncomingRecord("inbox", 99_999, "+972521119999", "", "", "Late", "", world.clock(), world.clock())
        world.store.gateway_rows.take_incoming([late])
        await run.press("y")
        await run.until(lambda: world.store.counts().inbox == 1)
        assert [m.text for m in world.messages(direction="in")] == ["Late"]
        await run.press("u")
        await run.until(lambda: world.store.counts().inbox == 10_501)
        # Whoever goes on before they are found does not answer the question with what he types.
        await run.press("A")
        run.app.post_message(Key("d", "d"))
        run.app.post_message(Key("c", "c"))
        await run.until(lambda: run.screen.view == "compose")
        await run.type("y")
        await run.until(lambda: "Nothing was done" in run.text())
        assert world.store.counts().inbox == 10_501


async def test_an_emptied_list_says_where_everything_is_and_an_undo_begins_at_the_newest(world: World) -> None:
    fill(world, 1_500)
    async with world.running() as run:
        await run.press("u")
        assert "There is nothing to take back." in run.lines()[-2]
        await run.press("A", "a")
        await run.until(lambda: "Nothing left here." in run.text() and "Archived 1,500" in run.lines()[-2])
        assert "unread" not in run.lines()[-2]
        for key in ("s", "x", "v", "A", "asterisk", "X"):
            run.screen.status.notice("")
            await run.press(key)
            assert "There is no message here." in run.lines()[-2], key
        await run.press("p")
        assert "Space show or hide" in run.lines()[-1]
        await run.press("escape")
        assert "archive" in run.lines()[-1]
        await run.press("u")
        await run.until(lambda: "Undone." in run.lines()[-2])
        assert current(run) == "Number 0"
        assert inbox(run).model.at_top
        work = run.screen.run_worker(asyncio.sleep(60), group="triage")
        await run.press("q")
        await run.until(lambda: "Leave now?" in run.text() and "still going on" in run.text())
        work.cancel()
        await run.press("escape")


async def test_the_keys_of_a_hebrew_keyboard_do_the_same(world: World) -> None:
    fill(world, 12)
    async with world.running() as run:
        await run.press("ח", "ח", "ד")  # j j s
        assert current(run) == "Number 2"
        assert "★" in rows(run)[2]
        await run.press("ו", "ש")  # u a
        await run.until(lambda: "Archived 1 message" in run.lines()[-2])
        await run.press("A", "ג")  # d
        await run.until(lambda: "Delete 11 messages here?" in run.text())
        await run.press("ט")  # y
        await run.until(lambda: "Deleted here: 11 messages" in run.lines()[-2])
        await run.press("ו", "full_stop")  # u /
        await run.until(lambda: inbox(run).search.line is not None)
        await run.press("ש", "slash")  # typed as what they are
        assert inbox(run).search.text == "ש/"
        await run.press("escape", "p", "slash")  # q leaves a dialog
        await run.until(lambda: len(run.app.screen_stack) == 1)


HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "+972521110001")


async def test_what_is_exported_is_no_formula_and_one_text_can_be_copied_into_a_file(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    world.sandbox.faults.on("down")
    world.store.gateway_rows.take_incoming(
        [
            IncomingRecord("inbox", n + 1, text, "", "", text, "", world.clock() - n, world.clock() - n)
            for n, text in enumerate(HOSTILE)
        ]
    )
    async with world.running() as run:
        await run.press("X", "ctrl+u")
        await run.paste("all.csv")
        await run.press("enter")
        await run.until(lambda: "6 messages exported to all.csv" in run.text())
        await run.press("enter")
        await run.until(lambda: inbox(run).reading)
        await run.press("X", "ctrl+u")
        await run.paste("one.txt")
        assert "The text alone into" in run.text()
        await run.press("enter")
        await run.until(lambda: "1 message exported to one.txt" in run.text())
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        found = [(row["number"], row["text"]) for row in csv.DictReader(file)]
    assert [text for _, text in found] == [*(f"'{text}" for text in HOSTILE[:-1]), HOSTILE[-1]]
    assert not [number for number, _ in found if number.startswith(("=", "@", "-", "+c"))]
    assert (tmp_path / "one.txt").read_text(encoding="utf-8") == "=1+1\n"


async def test_what_came_back_is_in_sight(world: World) -> None:
    fill(world, 60)
    async with world.running() as run:
        await run.press("x", "x", "x", "j", "x", "a")
        await run.until(lambda: "Archived 4 messages" in run.lines()[-2])
        await run.press("G", "u")
        await run.until(lambda: "Back in the inbox: 4 messages." in run.lines()[-2])
        assert current(run) == "Number 0"
        await run.press("x", "j", "x", "s", "u")
        assert current(run) == "Number 3", "they never left the screen"


async def test_a_message_back_from_a_snooze_says_so_wherever_it_stands(world: World) -> None:
    fill(world, 40)
    async with world.running() as run:
        await run.press("G", "z")
        await run.paste("in 3 h")
        await run.press("enter", "g")
        world.clock.now += 3 * 3600 + 1
        world.store.triage.wake_due()
        await run.settled()
        assert "1 snoozed message is back" in run.lines()[-2]
        run.screen._tick()
        await run.press("g")
        assert rows(run)[0].startswith("●")
        assert rows(run)[0].endswith("↺ woke 15:20")
        assert "Number 39" in rows(run)[0]
        assert "↺" not in "\n".join(rows(run)[1:])
        await run.press("enter")
        await run.until(lambda: "↺ back since Sun 22 Nov 2026, 15:20:" in run.text())
        await run.press("escape", "t")
        await run.until(lambda: "↺ woke 15:20  Number 39" in run.text())
        await run.press("escape")
    async with world.running(40, 10) as run:
        await run.until(lambda: "↺ Number 39" in rows(run)[0])


@pytest.mark.parametrize(("advance", "goes_to"), [("next", "Number 3"), ("previous", "Number 1"), ("stay", "Number 3")])
async def test_where_the_cursor_goes_is_a_setting(world: World, advance: str, goes_to: str) -> None:
    world.settings = Settings(auto_advance=advance)  # type: ignore[arg-type]
    fill(world, 6)
    async with world.running() as run:
        await run.press("j", "j", "a")
        assert current(run) == goes_to
        await run.press("u", "enter")
        await run.until(lambda: inbox(run).reading)
        await run.press("e")
        await run.until(lambda: inbox(run).reading == (advance != "stay"))
        assert current(run) == goes_to
        assert advance == "stay" or f"  {goes_to}" in run.text()


async def test_the_next_unread_one_the_columns_and_the_export(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fill(world, 300)
    world.store.triage.set_read(
        [m.id for m in world.messages(direction="in") if m.text not in ("Number 7", "Number 250")]
    )
    async with world.running() as run:
        for key, expected in (("tab", "7"), ("tab", "250"), ("tab", "7"), ("shift+tab", "250")):
            await run.press(key)
            assert current(run) == f"Number {expected}"
        await run.press("g", "p", "j", "j", "j", "j", "space", "K", "K", "K", "K", "enter")
        assert rows(run)[0].startswith("   +972521110")
        assert inbox(run).columns[0] == "number"
        assert world.store.facts.get("columns.inbox") == "number time who text"
        await run.press("slash")
        await run.paste("is:unread")
        await run.press("enter", "X")
        await run.press("enter")
        await run.until(lambda: "2 messages exported" in run.text())
        [name] = (path.name for path in tmp_path.iterdir())
        with (tmp_path / name).open(encoding="utf-8-sig", newline="") as file:
            assert [row["text"] for row in csv.DictReader(file)] == ["Number 7", "Number 250"]
        await run.press("X")
        await run.press("ctrl+u")
        await run.paste(name)
        assert "exists already" in run.text()
        await run.press("enter", "escape")
        # Reading an unread one does not take it away under one's eyes, though it left this list.
        await run.press("g", "enter")
        await run.settled()
        await run.until(lambda: "  Number 7" in run.text())
        await run.press("j")
        await run.until(lambda: "  Number 250" in run.text())


async def test_several_are_copied_at_once_and_what_failed_of_them_is_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = world.sandbox.gateway
    for n, status in enumerate((2, 3, 2)):
        gateway.add_outgoing(f"052111000{n}", f"Text {n}", world.clock() - n - 9, status)
    await world.read()
    copied: list[str] = []
    monkeypatch.setattr("voipe_tui.ui.messages.actions.osc52", lambda text, environ: copied.append(text) or "")
    async with world.running() as run:
        await run.online()
        await run.press("2")
        await run.until(lambda: "Text 2" in run.text())
        await run.press("x", "x", "x", "y", "Y")
        await run.until(lambda: "3 numbers were sent" in run.lines()[-2])
        assert copied == ["Text 2\nText 1\nText 0", "0521110002\n0521110001\n0521110000"]
        await run.press("S")
        await run.until(lambda: len(run.app.screen_stack) == 2)
        assert "2 messages that failed" in run.text()
        assert "1 other did not fail" in run.text()
        await run.press("y")
        await run.until(lambda: "press u to undo" in run.lines()[-2])
        held = world.messages(direction="out", statuses=frozenset({"held"}))
        assert sorted((m.number, m.text) for m in held) == [("+972521110000", "Text 0"), ("+972521110002", "Text 2")]
        await run.press("u")
        await run.until(lambda: not world.messages(direction="out", statuses=frozenset({"held"})))


Step = Callable[["Marked"], None]


class Marked(Shelf):
    """A shelf whose messages are marked, with a plain set of what should be."""

    def __init__(self, rows: int) -> None:
        super().__init__(rows, height=6)
        self.marks = Marks()
        self.expected: set[int] = set()

    def mark(self) -> None:
        if (message := self.list.current) is not None:
            self.marks.toggle(message, self.view)
            self.expected ^= {message.id}
            self.list.move(1)

    def mark_range(self) -> None:
        anchor = self.list.current
        self.list.page(1)
        if anchor is not None and self.list.current is not None:
            ids = [m.id for page in self.list.between(anchor.position, self.list.current.position) for m in page]
            order = self.order()
            assert ids == order[order.index(ids[0]) : order.index(ids[-1]) + 1]
            self.marks.add(ids)
            self.expected |= set(ids)

    def filter(self, view: View) -> None:
        current = self.list.current
        self.view = view
        if current is None or not self.list.select(current.id, afresh=True):
            self.list.newest()


STEPS: list[Step] = [
    Marked.mark,
    Marked.mark_range,
    lambda shelf: shelf.list.move(-1) and None,
    lambda shelf: shelf.list.page(1) and None,
    lambda shelf: shelf.list.oldest(),
    lambda shelf: shelf.filter(View(direction="in", unread=True)),
    lambda shelf: shelf.filter(View(direction="in")),
    lambda shelf: shelf.filter(View(direction="in", include_archived=True)),
]
CHANGES: list[Step] = [
    lambda shelf: shelf.add(3),
    lambda shelf: shelf.add(2, at=2_100.0),
    lambda shelf: shelf.store.triage.archive(shelf.order()[1:4]) and None,
    lambda shelf: shelf.store.triage.set_read(shelf.order()[:2]) and None,
    lambda shelf: shelf.store.triage.undo() and None,
    lambda shelf: shelf.store.triage.redo() and None,
]


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(0, 30), steps=st.lists(st.sampled_from(STEPS + CHANGES), max_size=20))
async def test_nothing_moves_the_cursor_or_the_marks_to_other_messages(rows: int, steps: list[Step]) -> None:
    shelf = Marked(rows)
    try:
        for step in steps:
            before = shelf.list.current
            step(shelf)
            if step in CHANGES:
                shelf.list.reload()
                if before is not None and before.id in shelf.order():
                    assert shelf.list.current is not None
                    assert shelf.list.current.id == before.id
            shelf.check()
            assert shelf.marks.ids == shelf.expected
            chosen = await choose(shelf.marks, shelf.store, shelf.view, shelf.list.current)
            if shelf.expected:
                assert set(chosen.target) == shelf.expected & set(shelf.order())  # type: ignore[arg-type]
                assert chosen.hidden == len(shelf.expected - set(shelf.order()))
            elif shelf.list.current is not None:
                assert chosen.target == [shelf.list.current.id]
    finally:
        shelf.store.close()
