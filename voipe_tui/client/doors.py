"""The two doors of a gateway, its JSON front (``api.php``) and playSMS's own (``index.php?app=ws``): which to try."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

from voipe_tui.client.models import Transport
from voipe_tui.errors import MalformedReplyError, UnsupportedError

Answer = TypeVar("Answer")
_FILES: dict[str, Transport] = {"api.php": "json", "index.php": "form"}


def doors_of(url: str) -> tuple[Transport, ...]:
    """The door that an address names; both, the likelier first, where it names only the folder."""
    last = urlsplit(url).path.rpartition("/")[2].lower()
    return (_FILES[last],) if last in _FILES else ("json", "form")


async def through_a_door(
    doors: Sequence[Transport], attempt: Callable[[Transport], Awaitable[Answer]]
) -> tuple[Transport, Answer]:
    """The first door that answers as a gateway does, and its answer. Where none is one, the first one's error is the
    one to explain."""
    problem: MalformedReplyError | UnsupportedError | None = None
    for door in doors:
        try:
            return door, await attempt(door)
        except (MalformedReplyError, UnsupportedError) as error:
            problem = problem or error
    assert problem is not None, "there is a door"
    raise problem
