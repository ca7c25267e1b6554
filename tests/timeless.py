"""An event loop whose time passes only when nobody has anything to do: an hour of a running program takes a moment.

Whoever waits for a time gets it as soon as everybody waits, so a test never sleeps, and the same steps always happen in
the same order. ``Clock`` is the wall clock beside it: it goes with the loop and can be set, as when a laptop wakes up.

How quick the machine is makes no difference: a timer never runs out because somebody was slow, be it a thread.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

Result = TypeVar("Result")

BEGINNING = 1_795_342_800.0


class _Selector(selectors.SelectSelector):
    """Waits for threads alone; any other time that would be waited for goes by at once."""

    def __init__(self, loop: TimelessLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._loop.elapsed += self._loop.seconds_per_turn
        if self._loop.threads_at_work and timeout != 0:
            return super().select(None)
        events = super().select(0)
        if not events and timeout is None:
            raise RuntimeError("everybody waits for somebody else, and nobody for a time")
        if not events and timeout:
            self._loop.elapsed += timeout
        return events


class TimelessLoop(asyncio.SelectorEventLoop):
    """``elapsed``: seconds since the loop was made. ``seconds_per_turn``: what a slow machine takes for each turn."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.seconds_per_turn = 0.0
        self.threads_at_work = 0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self.elapsed

    def run_in_executor(
        self, executor: Executor | None, func: Callable[..., Result], *args: Any
    ) -> asyncio.Future[Result]:
        """As usual; time stands still until ``func`` is done."""
        self.threads_at_work += 1
        done = super().run_in_executor(executor, func, *args)
        done.add_done_callback(self._one_thread_less)
        return done

    def _one_thread_less(self, _: object) -> None:
        self.threads_at_work -= 1

    async def shutdown_default_executor(self, *timeout: float | None) -> None:
        self.threads_at_work += 1
        try:
            await super().shutdown_default_executor(*timeout)
        finally:
            self.threads_at_work -= 1

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Runs ``work`` to its end; tasks that go on in the background go on with the next one."""
        return self.run_until_complete(work)

    def turns(self, number: int) -> None:
        """Gives everybody so many turns, without letting time pass."""

        async def take() -> None:
            for _ in range(number):
                await asyncio.sleep(0)

        self.do(take())

    def finish(self) -> None:
        """Ends what still runs, and the loop."""

        async def end() -> None:
            me = asyncio.current_task()
            left = [task for task in asyncio.all_tasks() if task is not me]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

        try:
            self.do(end())
            self.do(self.shutdown_asyncgens())
        finally:
            self.close()


class Clock:
    """Epoch seconds. ``jump`` sets it forward while nothing ran."""

    def __init__(self, loop: TimelessLoop) -> None:
        self._loop = loop
        self._beginning = BEGINNING

    def __call__(self) -> float:
        return self._beginning + self._loop.elapsed

    def jump(self, seconds: float) -> None:
        self._beginning += seconds
