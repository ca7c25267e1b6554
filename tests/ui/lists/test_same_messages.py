"""Through the real app and its screen: whatever arrives, changes, is filtered or pressed, the cursor and the marks stay
on the same messages, what is drawn is what is there, and a key hits these messages and no others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.ui.conftest import Run, World
from voipe_tui.store import IncomingRecord, View
from voipe_tui.ui.lists.rows import MARK
from voipe_tui.ui.mail.view import MailView

INBOX = View(direction="in")
FILTERS = ("number 1", "is:unread", "-number", "is:starred or number 2")


class Watched:
    """An inbox on the screen, and what should be true of it."""

    def __init__(self, world: World, run: Run) -> None:
        self.world = world
        self.run = run
        self.mail = run.screen.query_one("#inbox", MailView)
        self.next = 1
        self.marks: set[int] = set()

    def arrive(self, count: int, at: float) -> None:
        records = []
        for _ in range(count):
            text = f"Number {self.next}."
            records.append(IncomingRecord("inbox", self.next, "+972521110001", "", "", text, "", at, at))
            self.next += 1
        self.world.store.gateway_rows.take_incoming(records)

    @property
    def here(self) -> int | None:
        current = self.mail.model.current
        return None if current is None else current.id

    def shown(self) -> list[int]:
        """The whole list as the store has it now."""
        return [message.id for message in self.world.store.page(self.mail.shown_view, limit=1_000)]

    def look(self) -> None:
        """The screen is a gapless piece of the list, drawn as it is, with the cursor and the marks on their rows."""
        order, visible = self.shown(), self.mail.model.visible
        ids = [message.id for message in visible]
        assert len(ids) == min(len(order), self.mail.model.height)
        if not order:
            assert self.here is None
            return
        start = order.index(ids[0])
        assert ids == order[start : start + len(ids)]
        assert self.here in ids
        top = self.mail.list.region.y
        strips = self.run.app.screen._compositor.render_strips()
        grounds = []
        for y, message in enumerate(visible, top):
            drawn = strips[y].text
            assert message.text in drawn
            assert drawn.startswith(MARK) == (message.id in self.marks)
            assert ("★" in drawn) == message.starred
            assert ("●" in drawn) == (not message.read)
            grounds.append({segment.style.bgcolor for segment in strips[y] if segment.style})
        others = grounds[: self.mail.model.cursor_line] + grounds[self.mail.model.cursor_line + 1 :]
        assert grounds[self.mail.model.cursor_line] not in others, "the cursor is drawn on its row alone"

    def check_marks(self) -> None:
        assert self.mail.list.marks.ids == self.marks


Step = Callable[[Watched], Awaitable[None]]


def key(*keys: str) -> Step:
    async def step(watched: Watched) -> None:
        await watched.run.press(*keys)

    return step


async def mark(watched: Watched) -> None:
    if watched.here is not None:
        watched.marks ^= {watched.here}
    await watched.run.press("x")


async def mark_range(watched: Watched) -> None:
    first = watched.here
    await watched.run.press("v", "j", "j")
    order = watched.shown()
    if first is not None and watched.here is not None:
        watched.marks |= set(order[order.index(first) : order.index(watched.here) + 1])
    await watched.run.press("v")
    if first is None:
        watched.mail.list.marks.anchor = None


def filtered(text: str) -> Step:
    async def step(watched: Watched) -> None:
        await watched.run.press("slash", "ctrl+u")
        await watched.run.paste(text)
        await watched.run.press("enter")

    return step


async def unfiltered(watched: Watched) -> None:
    """Everything again; the cursor is where it was put among what was found, or where it had been before."""
    here = watched.here
    await watched.mail.end_search()
    await watched.run.pilot.pause()
    if here is not None and watched.mail.list.has_focus:
        assert watched.here == here


KEYS: list[Step] = [
    *map(key, ("j", "k", "g", "G", "pagedown", "pageup", "tab")),
    mark,
    mark_range,
    *map(filtered, FILTERS),
    unfiltered,
]


def change(what: Callable[[Watched], object]) -> Step:
    """Something happens in the store by itself: the message under the cursor stays under it, if it is still listed."""

    async def step(watched: Watched) -> None:
        here = watched.here
        what(watched)
        await watched.run.settled()
        await watched.run.pilot.pause()
        if here is not None and here in watched.shown():
            assert watched.here == here

    return step


def nth(watched: Watched, *places: int) -> list[int]:
    order = [message.id for message in watched.world.store.page(INBOX, limit=1_000)]
    return [order[place] for place in places if place < len(order)]


CHANGES: list[Step] = [
    change(lambda w: w.arrive(1, w.world.clock())),
    change(lambda w: w.arrive(9, w.world.clock())),
    change(lambda w: w.arrive(3, w.world.clock() - 50_000)),
    change(lambda w: w.world.store.triage.set_read(nth(w, 0, 1, 5))),
    change(lambda w: w.world.store.triage.set_read(nth(w, 0, 2), False)),
    change(lambda w: w.world.store.triage.star(nth(w, 1, 3))),
    change(lambda w: w.world.store.triage.archive(nth(w, 1, 4, 6))),
    change(lambda w: w.world.store.triage.delete(nth(w, 2))),
    change(lambda w: w.world.store.triage.undo()),
    change(lambda w: w.world.store.triage.redo()),
]


async def run_through(steps: list[Step], rows: int) -> None:
    world = World()
    world.sandbox.faults.on("down")
    async with world.running(80, 14) as run:
        watched = Watched(world, run)
        for n in range(rows):
            watched.arrive(1, world.clock() - 90_000 + n * 60)
        await run.settled()
        for step in steps:
            world.clock.now += 1
            await step(watched)
            await run.pilot.pause()
            watched.look()
            watched.check_marks()
        before = {m.id for m in world.messages(direction="in", starred=True, include_archived=True)}
        everything = {m.id for m in world.messages(direction="in", include_archived=True)}
        meant = watched.marks & set(watched.shown()) if watched.marks & everything else {watched.here} - {None}
        await run.press("s")
        await run.pilot.pause()
        after = {m.id for m in world.messages(direction="in", starred=True, include_archived=True)}
        assert before ^ after <= meant, "a message was hit that is not marked, or that the filter hides"
        if meant:
            assert meant <= after or not meant & after
    world.store.close()


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.integers(0, 40), steps=st.lists(st.sampled_from(KEYS + CHANGES), min_size=6, max_size=14))
@example(rows=15, steps=[mark, mark, mark, filtered("number 14")])
@example(rows=15, steps=[mark, mark, filtered("is:starred"), CHANGES[1]])
async def test_any_order_of_things_leaves_cursor_and_marks_on_the_same_messages(rows: int, steps: list[Step]) -> None:
    await run_through(steps, rows)


@pytest.mark.long
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.integers(0, 60), steps=st.lists(st.sampled_from(KEYS + CHANGES), max_size=30))
async def test_any_longer_order_of_things_does_the_same(rows: int, steps: list[Step]) -> None:
    await run_through(steps, rows)
