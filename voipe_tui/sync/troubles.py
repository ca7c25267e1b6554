"""What of a gateway's operations fails, each by itself: one broken list keeps nobody from reading the others.

A part that fails again rests, longer each time; asking a sick server at every tick would not make it well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from voipe_tui.errors import AuthenticationError, GatewayError, UnreachableError

_LONGEST = 300.0


class Troubles:
    """The parts that failed when they were last asked, and what each of them said."""

    def __init__(self, clock: Callable[[], float], poll_seconds: float) -> None:
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._failures: dict[str, int] = {}
        self._until: dict[str, float] = {}
        self._errors: dict[str, GatewayError] = {}
        self._silent = False
        self.answered = False
        """Whether any part was answered in this round."""

    def begin(self) -> None:
        """A new round."""
        self.answered = self._silent = False

    def clear(self) -> None:
        """A person asks: nothing rests any more."""
        self._failures.clear()
        self._until.clear()
        self._errors.clear()

    def rests(self, part: str) -> bool:
        """Whether it is too early to ask for it again. Begins at the second failure: one may be a passing fault."""
        return self._clock() < self._until.get(part, 0.0)

    async def part(self, part: str, step: Callable[[], Awaitable[object]]) -> bool:
        """Does a step unless the part rests. True if it went well; its error is kept.

        What concerns all parts is raised: a refused login, and no answer at all before anything was answered or twice.
        """
        if self.rests(part):
            return False
        try:
            await step()
        except AuthenticationError:
            raise
        except GatewayError as error:
            if isinstance(error, UnreachableError) and (self._silent or not self.answered):
                raise
            self._silent = self._silent or isinstance(error, UnreachableError)
            self._fail(part, error)
            return False
        self.answered = True
        self.mend(part)
        return True

    def fails(self, part: str) -> bool:
        """Whether it failed when it was last asked."""
        return part in self._errors

    def mend(self, part: str) -> None:
        """It works, or is not wanted any more."""
        for kept in (self._failures, self._until, self._errors):
            kept.pop(part, None)

    def _fail(self, part: str, error: GatewayError) -> None:
        failures = self._failures[part] = self._failures.get(part, 0) + 1
        self._errors[part] = error
        if failures > 1:
            self._until[part] = self._clock() + min(_LONGEST, self._poll_seconds * 2.0 ** min(failures - 1, 10))

    def end(self) -> None:
        """Ends a round: raises the error of a part that is in trouble still, the one that began first."""
        for error in self._errors.values():
            raise error
