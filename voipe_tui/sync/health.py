"""How the connection stands, for the status line: a state, a sentence, and when it will be tried again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from voipe_tui.errors import AuthenticationError, VoipeError


class Link(StrEnum):
    """The connection's states."""

    CONNECTING = "connecting"
    ONLINE = "online"
    PARTLY = "partly online"
    """Something is answered, but one of the lists (or another part) is not."""
    OFFLINE = "offline"
    LOCKED_OUT = "locked out"


@dataclass(frozen=True, slots=True)
class Health:
    """``since`` and ``next_try`` are epoch seconds; ``problem`` holds title, message and hint while there is one."""

    link: Link
    since: float
    problem: VoipeError | None = None
    next_try: float | None = None
    working: str = ""

    @property
    def sentence(self) -> str:
        return "" if self.problem is None else str(self.problem)


def link_of(problem: VoipeError) -> Link:
    """Wrong credentials wait for a person (trap 30); everything else is tried again."""
    return Link.LOCKED_OUT if isinstance(problem, AuthenticationError) else Link.OFFLINE
