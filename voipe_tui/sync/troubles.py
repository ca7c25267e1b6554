"""What of a gateway's operations fails, each by itself: one broken list keeps nobody from reading the others.

A part that fails again rests, longer each time; asking a sick server at every tick would not make it well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from voipe_tui.errors import BUSY, AuthenticationError, GatewayError, UnreachableError

_LONGEST = 300.0
_NAMES = {
    "query": "The state of the account",
    "cr": "The credit",
    "outgoing": "The list of what was sent",
    "inbox": "The inbox (ix)",
    "incoming": "The list of messages with a keyword (in)",
    "statuses": "What became of the messages on their way",
    "history.outgoing": "The history of what was sent",
    "history.inbox": "The history of the inbox (ix)",
    "history.incoming": "The history of messages with a keyword (in)",
}


class Troubles:
    """The parts that failed when they were last asked, and what each of them said."""

    def __init__(self, clock: Callable[[], float], poll_seconds: float) -> None:
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._failures: dict[str, int] = {}
        self._until: dict[str, float] = {}
        self._errors: dict[str, GatewayError] = {}
        self._said: dict[str, str] = {}
        self._silent = self._dark = self._asked = False
        self.answered = False
        """Whether any part was answered in this round."""

    def begin(self) -> None:
        """A new round."""
        self._dark = bool(self._errors) and not self.answered
        self._asked = False
        self.answered = self._silent = False

    def clear(self) -> None:
        """A person asks: nothing rests any more."""
        self._failures.clear()
        self._until.clear()
        self._errors.clear()
        self._said.clear()

    def rests(self, part: str) -> bool:
        """Whether it is too early to ask for it again. Begins at the second failure: one may be a passing fault."""
        if self._dark and not self._asked:
            return False  # something has to tell whether the gateway is back
        return self._clock() < self._until.get(part, 0.0)

    async def part(self, part: str, step: Callable[[], Awaitable[object]]) -> bool:
        """Does a step unless the part rests. True if it went well; its error is kept.

        What concerns all parts is raised: a refused login, and no answer at all before anything was answered or twice.
        What stands before the gateway and turns us away twice, before anything was answered, does it for all parts.
        """
        if self.rests(part):
            return False
        self._asked = True
        try:
            await step()
        except AuthenticationError:
            raise
        except GatewayError as error:
            if isinstance(error, UnreachableError) and (self._silent or not self.answered):
                raise
            self._fail(part, error)
            busy = error.http_status in BUSY
            if busy and self._silent and not self.answered:
                raise
            self._silent = self._silent or busy or isinstance(error, UnreachableError)
            return False
        if self._dark and not self.answered:
            self._until.clear()  # it was all of the gateway that failed, and it is back
        self.answered = True
        self.mend(part)
        return True

    def fails(self, part: str) -> bool:
        """Whether it failed when it was last asked."""
        return part in self._errors

    def mend(self, part: str) -> None:
        """It works, or is not wanted any more."""
        for kept in (self._failures, self._until, self._errors, self._said):
            kept.pop(part, None)

    def _fail(self, part: str, error: GatewayError) -> None:
        failures = self._failures[part] = self._failures.get(part, 0) + 1
        self._errors[part], self._said[part] = error, error.message
        wait = self._poll_seconds * 2.0 ** min(failures - 1, 10) if failures > 1 else 0.0
        if wait := min(_LONGEST, max(wait, error.retry_after or 0.0)):
            self._until[part] = self._clock() + wait

    def of_a_part(self, error: Exception) -> bool:
        """Whether an error is that of a part, while others are answered."""
        return self.answered and any(error is each for each in self._errors.values())

    def error(self, apart_from: Collection[str] = ()) -> GatewayError | None:
        """The error of a part that is in trouble still, the one that began first. Where others are answered it says
        which part it is."""
        for part, error in self._errors.items():
            if part not in apart_from:
                said = self._said[part]
                error.message = f"{_NAMES[part]} cannot be read: {said} The rest works." if self.answered else said
                return error
        return None

    def end(self) -> None:
        """Ends a round: raises the :meth:`error` of any part."""
        if (error := self.error()) is not None:
            raise error
