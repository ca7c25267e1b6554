"""Conversations in which something is found, and which messages a command for a whole conversation means."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

from voipe_tui.store.models import Key, View
from voipe_tui.ui.choice import Chosen
from voipe_tui.ui.thread_list import Thread

if TYPE_CHECKING:
    from voipe_tui.store import Store
    from voipe_tui.ui.events import Asked

MOST_FOUND: Final = 100
"""Conversations that a search shows; more than that is narrowed by typing on."""
_PAGE: Final = 128
_MOST_PAGES: Final = 12
_MOST_WALKS: Final = 4
"""Of about 10 ms each, where a filter has no index of its own: the next letter must not wait."""


def find_threads(store: Store, view: View) -> list[Thread]:
    """The conversations with messages of ``view``, the newest hit first; each row shows that message."""
    found: dict[str, Thread] = {}
    before: Key | None = None
    for _ in range(_MOST_PAGES if view.filter is None else _MOST_WALKS):
        walk = store.messages.walk(view, before=before, limit=_PAGE)
        for message in walk.messages:
            if message.key in found or message.status == "draft":
                continue
            it = store.conversations.get(message.key)
            if it is not None:
                shown = it._replace(
                    last_text=message.text,
                    last_direction=message.direction,
                    last_status=message.status,
                    last_at=message.sort_at,
                )
                found[message.key] = Thread(message.key, message.position, shown)
        if len(found) >= MOST_FOUND or (walk.reached is None and len(walk.messages) < _PAGE):
            break
        before = walk.reached or walk.messages[-1].position
    return list(found.values())


def page_of(rows: list[Thread], before: Key | None, after: Key | None, limit: int, *, including: bool) -> list[Thread]:
    """A page of rows that are all at hand, newest first."""
    places = [(-row.position[0], -row.position[1]) for row in rows]
    if before is not None:
        at = (-before[0], -before[1])
        start = bisect_left(places, at) if including else bisect_right(places, at)
        return rows[start : start + limit]
    if after is not None:
        at = (-after[0], -after[1])
        end = bisect_right(places, at) if including else bisect_left(places, at)
        return rows[max(end - limit, 0) : end]
    return rows[:limit]


def choose_for(store: Store, event: Asked, row: Thread) -> None:
    """Which messages of a conversation are meant by what is asked of it in the list."""
    key = row.id
    everything = View(number_key=key, include_archived=True)
    latest = next(iter(store.page(everything, limit=1)), None)
    if latest is None:
        return
    event.message = latest
    if event.what == "toggle_read":
        if row.it.unread:
            event.message = latest._replace(direction="in", read=False)
            event.chosen = Chosen(View(direction="in", number_key=key, unread=True))
        else:
            came = store.page(everything._replace(direction="in"), limit=1)
            event.message = came[0] if came else latest
            event.chosen = Chosen([event.message.id])
    elif event.what == "archive":
        event.message = latest._replace(archived=False)
        event.chosen = Chosen(View(number_key=key))
    elif event.what in ("delete", "label", "export"):
        event.chosen = Chosen(everything)
