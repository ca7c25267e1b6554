"""A conversation over a real store: whatever happens, the cursor stays on its message and the screen on its lines."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from voipe_tui.store import IncomingRecord, Message, Store, View
from voipe_tui.store.models import Key
from voipe_tui.ui.look.themes import ANSI, make_palette
from voipe_tui.ui.threads.transcript import KEEP, PAGE, Line, Transcript

KEY = "+972521110001"
_STYLE = make_palette(ANSI).text


class Talk:
    """A store with one long conversation, and a transcript on it; counts what is read."""

    def __init__(self, rows: int, height: int = 10) -> None:
        self.store = Store(None, clock=lambda: 1_795_342_800.0)
        self.next_id = 1
        self.read_rows = 0
        self.arrive(rows)
        self.script = Transcript(self.fetch, self.lay_out, self.store.messages.one)
        self.script.resize(height)
        self.script.newest()

    def arrive(self, count: int) -> None:
        records = []
        for _ in range(count):
            at = self.next_id * 600.0
            records.append(IncomingRecord("inbox", self.next_id, KEY, "", "", f"no {self.next_id}", "", at, at))
            self.next_id += 1
        self.store.gateway_rows.take_incoming(records)

    def fetch(
        self, *, before: Key | None = None, after: Key | None = None, limit: int = PAGE, including: bool = False
    ) -> list[Message]:
        view = View(number_key=KEY, include_archived=True)
        rows = self.store.page(view, before=before, after=after, limit=limit, including=including)
        self.read_rows += len(rows)
        return rows

    def lay_out(self, message: Message, before: Message | None) -> list[Line]:
        """One to four lines, a starred one is taller."""
        size = 1 + message.id % 3 + message.starred
        return [Line(message.id, 0, ((f"{message.id}/{n}", _STYLE),)) for n in range(size)]

    @property
    def screen(self) -> list[str]:
        rows = [self.script.at(y) for y in range(self.script.height)]
        return ["" if row is None else row.pieces[0][0] for row in rows]

    def order(self) -> list[int]:
        return [m.id for m in reversed(self.store.page(View(number_key=KEY, include_archived=True), limit=1_000_000))]

    def check(self) -> None:
        order = self.order()
        shown = [line for line in self.screen if line]
        if not order:
            assert self.script.current is None
            return
        by_id = self.store.get(order)
        everything = [line.pieces[0][0] for each in order for line in self.lay_out(by_id[each], None)]
        assert shown
        start = everything.index(shown[0])
        assert shown == everything[start : start + len(shown)]
        assert len(shown) == min(self.script.height, len(everything))
        current = self.script.current
        assert current is not None
        assert any(line.startswith(f"{current.id}/") for line in shown)


def test_a_long_conversation_opens_at_its_end_and_reads_no_more_than_it_shows() -> None:
    talk = Talk(3_000)
    talk.read_rows = 0
    talk.script.newest()
    assert talk.script.at_bottom
    assert talk.script.current is not None
    assert talk.script.current.id == 3_000
    assert talk.read_rows <= 2 * PAGE
    talk.script.oldest()
    assert talk.screen[0] == "1/0"
    talk.check()


def test_new_messages_come_into_sight_only_for_who_is_at_the_end() -> None:
    talk = Talk(200)
    talk.arrive(1)
    talk.script.reload()
    assert talk.script.current is not None
    assert talk.script.current.id == 201
    talk.script.page(-1)
    before = talk.screen
    talk.arrive(3)
    talk.script.reload()
    assert talk.screen == before
    assert talk.script.fresh == 3
    talk.script.newest()
    assert talk.script.fresh == 0
    talk.check()


def test_memory_stays_small_through_a_long_walk() -> None:
    talk = Talk(3_000)
    for _ in range(120):
        talk.script.page(-1)
        assert len(talk.script.messages) <= KEEP + PAGE
    talk.check()
    for _ in range(30):
        talk.script.page(1)
    talk.check()


def test_reading_the_window_again_does_not_make_it_longer() -> None:
    """While many are marked as read it is read again many times a second."""
    talk = Talk(3_000)
    kept = len(talk.script.messages)
    for _ in range(50):
        talk.script.reload()
    assert len(talk.script.messages) == kept
    talk.script.page(-1)
    for _ in range(50):
        talk.script.reload()
    assert len(talk.script.messages) == kept
    for _ in range(50):
        talk.arrive(10)
        talk.script.newest()
        talk.script.reload()
    assert len(talk.script.messages) <= KEEP
    talk.check()


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["move", "page", "scroll"]), st.sampled_from([-7, -1, 1, 5])),
        st.tuples(st.sampled_from(["newest", "oldest", "reload"]), st.just(0)),
        st.tuples(st.just("arrive"), st.integers(1, 90)),
        st.tuples(st.sampled_from(["star", "delete", "select"]), st.integers(0, 400)),
        st.tuples(st.just("height"), st.integers(1, 30)),
    ),
    max_size=14,
)


@settings(max_examples=12, deadline=None)
@given(rows=st.integers(0, 400), steps=_STEPS)
def test_whatever_happens_the_screen_is_a_piece_of_the_conversation(rows: int, steps: list[tuple[str, int]]) -> None:
    talk = Talk(rows)
    for what, by in steps:
        script, held = talk.script, talk.script.current
        followed = script.at_bottom and held is not None and held is script.messages[-1]
        order = talk.order()
        if what in ("move", "scroll"):
            getattr(script, what)(by if what == "scroll" else max(min(by, 1), -1))
        elif what == "page":
            script.page(1 if by > 0 else -1)
        elif what in ("newest", "oldest"):
            getattr(script, what)()
        elif what == "height":
            script.resize(by)
        elif order and what == "select":
            assert script.select(order[by % len(order)])
        elif what in ("arrive", "star", "delete", "reload"):
            if what == "arrive":
                talk.arrive(by)
            elif order and what == "star":
                talk.store.triage.star([order[by % len(order)]])
            elif order and what == "delete":
                talk.store.triage.delete([order[by % len(order)]])
            script.reload()
            if held is not None and not followed and held.id in talk.order():
                assert script.current is not None
                assert script.current.id == held.id
        if what != "height":
            talk.check()
