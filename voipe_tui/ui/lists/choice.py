"""What an action hits: what is marked and on view, else the one message under the cursor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from voipe_tui.store import Store
from voipe_tui.store.models import Message, View
from voipe_tui.ui.lists.marks import Marks
from voipe_tui.ui.look.words import count

_PIECE = 500
_TURNS = 10
_COUNTED = 10_000
"""All that match are counted as far as this."""

ANYWHERE = View(include_archived=True)


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


async def choose(marks: Marks, store: Store, view: View, current: Message | None) -> Chosen:
    """``view`` is what the list shows; a marked message that it does not show is never hit."""
    if not marks.any:
        return Chosen([] if current is None else [current.id])
    if marks.every is not None:
        return Chosen(marks.every, True) if marks.covers(view) else Chosen([], True, None)
    ids = list(marks.ids)
    shown: list[int] = []
    for start in range(0, len(ids), _PIECE):
        shown += store.messages.which(view, ids[start : start + _PIECE])
        await breathe()
    hidden = set(ids).difference(shown)
    gone = hidden.difference(store.messages.which(ANYWHERE, hidden))
    marks.drop(gone)
    return Chosen(shown, True, len(hidden) - len(gone))


async def messages_of(store: Store, target: Sequence[int] | View) -> AsyncIterator[list[Message]]:
    """The messages themselves, newest first, in pages that hold nobody up."""
    if isinstance(target, View):
        for page in store.messages.in_pieces(target, _PIECE):
            yield page
            await breathe()
        return
    positions = []
    for start in range(0, len(target), _PIECE):
        found = store.get(target[start : start + _PIECE])
        positions += [(message.position, message.id) for message in found.values()]
        await breathe()
    ordered = [message_id for _, message_id in sorted(positions, reverse=True)]
    for start in range(0, len(ordered), _PIECE):
        found = store.get(ordered[start : start + _PIECE])
        yield [found[message_id] for message_id in ordered[start : start + _PIECE] if message_id in found]
        await breathe()


def how_many(store: Store, target: Sequence[int] | View) -> str:
    """``1 message``, ``12 messages``, ``more than 10,000 messages``."""
    if not isinstance(target, View):
        return count(len(target), "message")
    number, more = store.saved_views.count(target, _COUNTED)
    return f"more than {count(number, 'message')}" if more else count(number, "message")


def said_of(marks: Marks, store: Store, view: View, base: View) -> str:
    """What the status line says about the marks; empty when there are none. ``base``: the list without a filter."""
    if marks.every is not None:
        if not marks.covers(view):
            return "all of another filter marked"
        number, more = store.saved_views.count(marks.every, _COUNTED)
        return f"all {number:,} that match marked" if not more else f"all that match marked ({number:,}+)"
    said = []
    if marks.ids:
        hidden = 0
        if view != base and len(marks.ids) <= _PIECE:
            hidden = len(marks.ids) - len(store.messages.which(view, marks.ids))
        said.append(f"{len(marks.ids):,} marked" + (f" ({hidden:,} hidden)" if hidden else ""))
    if marks.anchor is not None:
        said.append("range: move, v ends it")
    return ", ".join(said)
