"""The list over a real store: whatever happens, the cursor stays on its message."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from voipe_tui.store import IncomingRecord, Message, Store, View
from voipe_tui.store.models import Key
from voipe_tui.ui.lists.model import KEEP, PAGE, ListModel


class Shelf:
    """A store, a view that can be changed, and a list on both; counts what the list asks for."""

    def __init__(self, rows: int = 0, height: int = 10) -> None:
        self.store = Store(None, clock=lambda: 1_795_342_800.0)
        self.view = View(direction="in")
        self.next_id = 1
        self.pages = 0
        self.read_rows = 0
        self.add(rows)
        self.list = ListModel(self.fetch, self.store.messages.one, height)
        self.list.newest()

    def fetch(
        self, *, before: Key | None = None, after: Key | None = None, limit: int = PAGE, including: bool = False
    ) -> list[Message]:
        rows = self.store.page(self.view, before=before, after=after, limit=limit, including=including)
        self.pages += 1
        self.read_rows += len(rows)
        return rows

    def add(self, count: int, at: float | None = None, text: str = "hello") -> None:
        records = []
        for _ in range(count):
            sort_at = self.next_id * 600.0 if at is None else at
            records.append(
                IncomingRecord(
                    "inbox", self.next_id, "+972521110001", "", "", f"{text} {self.next_id}", "", sort_at, sort_at
                )
            )
            self.next_id += 1
        self.store.gateway_rows.take_incoming(records)

    def order(self) -> list[int]:
        return [message.id for message in self.store.page(self.view, limit=1_000_000)]

    @property
    def visible(self) -> list[int]:
        rows = self.list.rows[self.list.top : self.list.top + self.list.height]
        return [message.id for message in rows]

    def check(self) -> None:
        """What is on the screen is a gapless piece of the whole list, with the cursor in it."""
        order = self.order()
        if not order:
            assert self.list.current is None
            return
        assert self.list.current is not None
        assert self.list.current.id in self.visible
        start = order.index(self.visible[0])
        assert self.visible == order[start : start + len(self.visible)]
        assert len(self.visible) == min(self.list.height, len(order))


def test_an_empty_list_has_no_cursor_and_does_not_mind() -> None:
    shelf = Shelf()
    for act in (lambda: shelf.list.move(1), lambda: shelf.list.page(-1), shelf.list.oldest, shelf.list.reload):
        act()
    assert shelf.list.current is None


def test_home_and_end_and_back() -> None:
    shelf = Shelf(10_000)
    newest, oldest = shelf.order()[0], shelf.order()[-1]
    assert shelf.list.current is not None
    assert shelf.list.current.id == newest
    shelf.list.oldest()
    assert shelf.list.current.id == oldest
    shelf.check()
    shelf.list.newest()
    assert shelf.list.current.id == newest
    assert shelf.list.at_top


def test_walking_through_10_000_rows_reads_each_about_once_and_keeps_few() -> None:
    shelf = Shelf(10_000)
    shelf.read_rows = 0
    walked = [shelf.list.current]
    while shelf.list.move(1):
        walked.append(shelf.list.current)
    assert [message.id for message in walked if message] == shelf.order()
    assert shelf.read_rows < 11_000
    assert len(shelf.list.rows) <= KEEP + 2 * PAGE


def test_walking_up_again_meets_the_same_rows() -> None:
    shelf = Shelf(3_000)
    shelf.list.oldest()
    walked = [shelf.list.current]
    while shelf.list.move(-1):
        walked.append(shelf.list.current)
    assert [message.id for message in walked if message] == shelf.order()[::-1]
    assert len(shelf.list.rows) <= KEEP + 2 * PAGE


def test_pages_overlap_by_one_line() -> None:
    shelf = Shelf(100)
    first = shelf.visible
    shelf.list.page(1)
    assert shelf.visible[0] == first[-1]
    shelf.list.page(-1)
    assert shelf.visible == first


def test_stepping_off_the_screen_turns_a_page() -> None:
    shelf = Shelf(100)
    for _ in range(9):
        shelf.list.move(1)
    assert shelf.list.cursor_line == 9
    shelf.list.move(1)
    assert shelf.list.cursor_line == 1
    shelf.check()


def test_where_the_terminal_moves_lines_the_screen_shifts_by_one() -> None:
    shelf = Shelf(100)
    shelf.list.by_lines = True
    first = shelf.visible
    for _ in range(10):
        shelf.list.move(1)
    assert shelf.list.cursor_line == 9
    assert shelf.visible[:-1] == first[1:]
    for _ in range(10):
        shelf.list.move(-1)
    assert shelf.list.cursor_line == 0
    assert shelf.visible == first


def test_new_rows_do_not_move_what_is_under_the_cursor() -> None:
    shelf = Shelf(100)
    shelf.list.page(1)
    current, line, seen = shelf.list.current, shelf.list.cursor_line, shelf.visible
    shelf.add(3)
    shelf.list.reload()
    assert (shelf.list.current, shelf.list.cursor_line, shelf.visible) == (current, line, seen)
    assert shelf.list.fresh == 3
    shelf.list.newest()
    assert shelf.list.fresh == 0
    assert shelf.list.current is not None
    assert shelf.list.current.id == shelf.order()[0]


def test_at_the_top_new_rows_come_into_sight_and_the_cursor_keeps_its_message() -> None:
    shelf = Shelf(100)
    current = shelf.list.current
    shelf.add(2)
    shelf.list.reload()
    assert shelf.list.current == current
    assert shelf.list.cursor_line == 2
    assert shelf.list.fresh == 0


def test_with_the_cursor_below_the_newest_row_arrivals_leave_every_line_where_it_is() -> None:
    shelf = Shelf(100)
    shelf.list.move(3)
    seen = shelf.visible
    shelf.add(3)
    shelf.list.reload()
    assert (shelf.visible, shelf.list.cursor_line, shelf.list.fresh) == (seen, 3, 3)


def test_with_marks_arrivals_leave_even_the_newest_row_where_it_is() -> None:
    shelf = Shelf(100)
    seen = shelf.visible
    shelf.add(1)
    shelf.list.reload(hold=True)
    assert (shelf.visible, shelf.list.cursor_line, shelf.list.fresh) == (seen, 0, 1)


def test_what_an_undo_brings_back_is_not_new() -> None:
    shelf = Shelf(100)
    shelf.store.triage.archive(shelf.order()[:30])
    shelf.list.newest()
    shelf.list.move(5)
    shelf.store.triage.undo()
    shelf.add(2)
    shelf.list.reload()
    assert shelf.list.fresh == 2


def test_a_list_that_was_emptied_and_fills_again_is_known_until_somebody_moves_in_it() -> None:
    shelf = Shelf(30)
    shelf.store.triage.archive(shelf.order())
    shelf.list.reload()
    shelf.list.reload()
    shelf.store.triage.undo()
    shelf.list.reload()
    assert shelf.list.refilled
    shelf.list.move(1)
    assert not shelf.list.refilled


def test_a_flood_at_the_top_leaves_the_cursor_where_it_is() -> None:
    shelf = Shelf(100)
    current = shelf.list.current
    shelf.add(500)
    shelf.list.reload()
    assert shelf.list.current == current
    assert shelf.list.fresh == 100
    shelf.check()


def test_old_history_arriving_below_moves_nothing() -> None:
    shelf = Shelf(50)
    shelf.list.page(1)
    seen = shelf.visible
    shelf.add(200, at=-5.0)
    shelf.list.reload()
    assert shelf.visible == seen


def test_the_next_older_message_takes_the_place_of_one_that_left() -> None:
    shelf = Shelf(100)
    shelf.list.page(1)
    current = shelf.list.current
    assert current is not None
    order = shelf.order()
    line = shelf.list.cursor_line
    shelf.store.triage.archive([current.id])
    shelf.list.reload()
    assert shelf.list.current is not None
    assert shelf.list.current.id == order[order.index(current.id) + 1]
    assert shelf.list.cursor_line == line


def test_a_message_anywhere_can_be_selected() -> None:
    shelf = Shelf(5_000)
    wanted = shelf.order()[4_000]
    assert shelf.list.select(wanted)
    assert shelf.list.current is not None
    assert shelf.list.current.id == wanted
    shelf.check()
    assert not shelf.list.select(10_000_000)
    assert shelf.list.current.id == wanted


def test_equal_times_are_no_trouble() -> None:
    shelf = Shelf(0)
    shelf.add(300, at=5.0)
    shelf.list.reload()
    walked = 1
    while shelf.list.move(1):
        walked += 1
    assert walked == 300


STEPS: list[Callable[[Shelf], object]] = [
    lambda shelf: shelf.list.move(1),
    lambda shelf: shelf.list.move(-1),
    lambda shelf: shelf.list.page(1),
    lambda shelf: shelf.list.page(-1),
    lambda shelf: shelf.list.scroll(3),
    lambda shelf: shelf.list.scroll(-3),
    lambda shelf: shelf.list.newest(),
    lambda shelf: shelf.list.oldest(),
    lambda shelf: shelf.list.resize(4),
    lambda shelf: shelf.list.resize(25),
    lambda shelf: setattr(shelf.list, "by_lines", not shelf.list.by_lines),
]
CHANGES: list[Callable[[Shelf], object]] = [
    lambda shelf: shelf.add(1),
    lambda shelf: shelf.add(7),
    lambda shelf: shelf.add(5, at=2_100.0),
    lambda shelf: shelf.store.triage.archive(shelf.order()[1:3]),
    lambda shelf: shelf.store.triage.set_read(shelf.order()[:2]),
]


@settings(max_examples=30, deadline=None)
@given(
    rows=st.integers(0, 90),
    steps=st.lists(st.one_of(st.sampled_from(STEPS), st.sampled_from(CHANGES)), max_size=25),
)
def test_no_order_of_keys_arrivals_and_changes_loses_the_cursors_message(
    rows: int, steps: list[Callable[[Shelf], object]]
) -> None:
    shelf = Shelf(rows, height=6)
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
    finally:
        shelf.store.close()
