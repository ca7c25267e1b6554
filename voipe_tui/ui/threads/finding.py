"""Conversations in which something is found, and which messages a command for a whole conversation means."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

from voipe_tui.store.models import Key, Message, View
from voipe_tui.ui.chosen import Chosen, breathe
from voipe_tui.ui.threads.list import Thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voipe_tui.store import Store
    from voipe_tui.ui.events import Asked

MOST_FOUND: Final = 100
"""Conversations that a search shows; more than that is narrowed by typing on."""
ABOUT_ONE: Final = frozenset({"copy", "forward", "send_again"})
"""What is asked of one message, and not of a whole conversation."""
_PAGE: Final = 64
_MOST_HITS: Final = 200 * _PAGE
"""Beyond so many messages the same few numbers have everything that is found."""


class ThreadFinding:
    """The conversations with messages of a view, the newest hit first; each row shows that message.

    Found a page of messages at a time (:meth:`step`), so that no letter waits for the search of the one before.
    """

    def __init__(self, store: Store, view: View) -> None:
        self.view = view
        self.rows: list[Thread] = []
        self.done = False
        self.all = False
        """Nothing that is found was left out."""
        self._store = store
        self._keys: set[str] = set()
        self._before: Key | None = None
        self._begun = False
        self._hits = 0

    def step(self) -> bool:
        """Looks at another page; True where a conversation was found in it, or the end."""
        walk = self._store.messages.walk(self.view, before=self._before, limit=_PAGE, hasty=not self._begun)
        self._begun = True
        self._hits += len(walk.messages)
        found = len(self.rows)
        for message in walk.messages:
            if message.key not in self._keys and message.status != "draft":
                self._add(message)
        self._before = walk.reached or (walk.messages[-1].position if walk.messages else None)
        self.all = walk.reached is None and len(walk.messages) < _PAGE
        # Of a stretch in which nothing is found there is no end but its own.
        self.done = self.all or len(self.rows) >= MOST_FOUND or self._hits >= _MOST_HITS
        return self.done or len(self.rows) > found

    @property
    def said(self) -> str:
        """A word about what is not shown, or not yet; empty where all is."""
        if not self.done:
            return "searching …"
        return "" if self.all else f"the newest {len(self.rows)}: type on"

    def _add(self, message: Message) -> None:
        self._keys.add(message.key)
        it = self._store.conversations.get(message.key)
        if it is not None:
            shown = it._replace(
                last_text=message.text,
                last_direction=message.direction,
                last_status=message.status,
                last_at=message.sort_at,
                last_gateway_time=message.gateway_time if message.created_at is None else None,
            )
            self.rows.append(Thread(message.key, message.position, shown))


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
    elif event.what in ABOUT_ONE:
        # The message that is seen in the row: of what was found, that one.
        event.message = store.messages.one(row.message_id) or latest


async def choose_marked(store: Store, event: Asked, keys: Sequence[str], hidden: int) -> None:
    """The same for these conversations together; ``hidden`` more are marked but not on view."""
    ids = array("q")
    views: list[tuple[View, int | None]]
    if event.what == "copy_number":
        views = [(View(number_key=key, include_archived=True), 1) for key in keys]
    elif event.what == "archive":
        views = [(View(number_key=key), None) for key in keys]
    elif event.what == "toggle_read":
        unread = [each for each in store.conversations.get_many(keys).values() if each.unread]
        views = [(View(direction="in", number_key=each.key, unread=True), None) for each in unread]
        if not unread:
            views = [(View(direction="in", number_key=key, include_archived=True), 1) for key in keys]
    else:
        views = [(View(number_key=key, include_archived=True), None) for key in keys]
    for view, most in views:
        if most is not None:
            ids.extend(message.id for message in store.page(view, limit=most))
        else:
            for piece in store.messages.ids_in_pieces(view):
                ids.extend(piece)
                await breathe()
    event.message = None
    event.chosen = Chosen(ids, True, hidden)
