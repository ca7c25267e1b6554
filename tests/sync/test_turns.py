"""Work in pieces that keys come between."""

from __future__ import annotations

from voipe_tui.sync.turns import QUIET_PIECE_SECONDS, TYPING_PIECE_SECONDS, Pieces, Turns


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_there_are_pauses_as_long_as_somebody_types_and_no_longer() -> None:
    clock = Clock()
    turns = Turns(clock)
    assert turns.pause() == 0.0
    turns.key()
    assert turns.pause() > 0.0
    clock.now += 0.3
    turns.key()
    clock.now += 0.3
    assert turns.pause() > 0.0
    clock.now += 5.0
    assert turns.pause() == 0.0


def _size_after(seconds_each: float, *, typing: bool = False) -> int:
    clock = Clock()
    turns = Turns(clock, clock)
    pieces = Pieces(turns, least=16, most=512)
    for _ in range(30):
        if typing:
            turns.key()
        pieces.begin()
        clock.now += (done := pieces.size) * seconds_each
        pieces.end(done)
    if typing:
        turns.key()
    return pieces.size


def test_a_piece_is_as_large_as_fits_into_its_time_and_smaller_while_somebody_types() -> None:
    assert _size_after(QUIET_PIECE_SECONDS / 100) == 100
    assert _size_after(TYPING_PIECE_SECONDS / 100, typing=True) == 100
    assert TYPING_PIECE_SECONDS < QUIET_PIECE_SECONDS
    assert _size_after(1.0) == 16
    assert _size_after(1e-9) == 512


def test_a_short_rest_says_nothing_about_the_pace() -> None:
    clock = Clock()
    pieces = Pieces(Turns(clock, clock), least=16, most=512)
    before = pieces.size
    pieces.begin()
    clock.now += 5
    pieces.end(3)
    assert pieces.size == before


def test_a_processor_that_is_shared_makes_no_piece_smaller_and_a_slow_disk_does() -> None:
    def size(others: float) -> int:
        clock, worked = Clock(), Clock()
        pieces = Pieces(Turns(clock, worked), least=16, most=512)
        for _ in range(30):
            pieces.begin()
            worked.now += (work := pieces.size * QUIET_PIECE_SECONDS / 100)
            clock.now += work * (1 + others)
            pieces.end(pieces.size)
        return pieces.size

    assert size(others=0.0) == size(others=2.0) == 100
    assert size(others=15.0) == 25
