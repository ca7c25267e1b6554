"""Whose turn it is: work of our own is done in short pieces, and a person's keys come in between.

A piece holds the event loop, and a key waits for its end. A turn of the loop alone is not enough for a key: it goes
through several, and a piece would slip in between any two of them. So while somebody types, pieces are followed by a
pause in which a key is dealt with from end to end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter, thread_time
from typing import Final

TYPING_PIECE_SECONDS: Final = 0.0012
QUIET_PIECE_SECONDS: Final = 0.008
"""Larger pieces are less work in all; the first key after a silence waits for one of them."""
_PAUSE_SECONDS: Final = 0.002  # longer than a key takes from the terminal and back
_SHARED: Final = 4
"""So many programs may want the processor at a time before a piece counts as longer than the work in it."""
_TYPING_SECONDS: Final = 0.5  # from one key to the next
_FIRST_GUESS: Final = 50e-6  # seconds a row


class Turns:
    """Of one event loop. Nobody types until :meth:`key` says so: then there is work all the time."""

    def __init__(self, clock: Callable[[], float] = perf_counter, worked: Callable[[], float] = thread_time) -> None:
        self.clock = clock
        self.worked = worked
        self._typing_until = float("-inf")

    def key(self) -> None:
        """A key was pressed."""
        self._typing_until = self.clock() + _TYPING_SECONDS

    @property
    def typing(self) -> bool:
        """Whether somebody is at the keys."""
        return self.clock() < self._typing_until

    def pause(self) -> float:
        """Seconds between two pieces."""
        return _PAUSE_SECONDS if self.typing else 0.0

    async def give(self) -> None:
        """After a piece: whatever waits comes first."""
        await asyncio.sleep(self.pause())


class Pieces:
    """How much of one kind of work is a piece: learned from the work that was in the last ones.

    What others do with the processor meanwhile makes no piece smaller, for more pieces are more work; a disk that lets
    us wait does.
    """

    def __init__(self, turns: Turns, least: int, most: int) -> None:
        self._turns = turns
        self._least, self._most = least, most
        self._each = _FIRST_GUESS
        self._begun = self._worked = 0.0

    @property
    def size(self) -> int:
        seconds = TYPING_PIECE_SECONDS if self._turns.typing else QUIET_PIECE_SECONDS
        return max(self._least, min(self._most, round(seconds / self._each)))

    def begin(self) -> None:
        self._begun, self._worked = self._turns.clock(), self._turns.worked()

    def end(self, done: int) -> None:
        """So much was done since :meth:`begin`; a short rest of something tells nothing."""
        if done >= self._least:
            took = max(self._turns.worked() - self._worked, (self._turns.clock() - self._begun) / _SHARED)
            # Halfway there: one slow look at the disk is no reason to crawl.
            self._each = max((self._each + took / done) / 2, 1e-9)
