"""What an action hits: some messages, or all that a view shows; and the way through them that holds no key up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from voipe_tui.store import Store
from voipe_tui.store.models import Message, View
from voipe_tui.ui.look.words import count

PIECE = 500
"""Messages that are read at once."""

MOST_COUNTED = 10_000
"""All that match are counted as far as this."""

_TURNS = 10


class Chosen(NamedTuple):
    """``target``: row IDs, or all that a view shows. ``hidden``: marked ones that are not on view and are left alone;
    None: all of them."""

    target: Sequence[int] | View
    marked: bool = False
    hidden: int | None = 0

    @property
    def several(self) -> bool:
        return isinstance(self.target, View) or len(self.target) > 1

    @property
    def empty(self) -> bool:
        return not isinstance(self.target, View) and not self.target

    @property
    def left_alone(self) -> str:
        """What is said about marks that the filter hides."""
        if not self.hidden:
            return ""
        return f"Not the {self.hidden:,} hidden {'one' if self.hidden == 1 else 'ones'}."


async def breathe() -> None:
    """Between two pieces of a long work: a key that came meanwhile gets several turns, as many as it goes through."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


async def messages_of(store: Store, target: Sequence[int] | View) -> AsyncIterator[list[Message]]:
    """The messages themselves, newest first, in pages that hold nobody up."""
    if isinstance(target, View):
        for page in store.messages.in_pieces(target, PIECE):
            yield page
            await breathe()
        return
    positions = []
    for start in range(0, len(target), PIECE):
        found = store.get(target[start : start + PIECE])
        positions += [(message.position, message.id) for message in found.values()]
        await breathe()
    ordered = [message_id for _, message_id in sorted(positions, reverse=True)]
    for start in range(0, len(ordered), PIECE):
        found = store.get(ordered[start : start + PIECE])
        yield [found[message_id] for message_id in ordered[start : start + PIECE] if message_id in found]
        await breathe()


def how_many(store: Store, target: Sequence[int] | View) -> str:
    """``1 message``, ``12 messages``, ``more than 10,000 messages``."""
    if not isinstance(target, View):
        return count(len(target), "message")
    number, more = store.saved_views.count(target, MOST_COUNTED)
    return f"more than {count(number, 'message')}" if more else count(number, "message")
