"""Views that a person keeps: a name, a filter as it was written, and the list it belongs to; shown as tabs.

The filter is kept as text and read anew whenever it is shown: "since:today" means the day on which it is asked.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from voipe_tui.errors import InputError
from voipe_tui.store.database import Database
from voipe_tui.store.facts import Facts
from voipe_tui.store.messages import Messages
from voipe_tui.store.models import Direction, View
from voipe_tui.text.filters import parse
from voipe_tui.text.untrusted import safe_line

LONGEST_NAME = 30
_MADE = "views.made"


class SavedView(NamedTuple):
    """``direction`` None: of both lists together. ``query`` is a filter as typed."""

    name: str
    query: str
    direction: Direction | None = None


DEFAULTS = (
    SavedView("Unread", "is:unread", "in"),
    SavedView("Needs answer", "is:unanswered", "in"),
    SavedView("Failed today", "is:failed since:today", "out"),
)
"""What a new profile begins with; once deleted they do not come back."""


class SavedViews:
    """Names are compared without case; the order is the person's."""

    def __init__(self, database: Database, messages: Messages, facts: Facts) -> None:
        self._db = database
        self._messages = messages
        self._facts = facts

    def all(self) -> list[SavedView]:
        """In the order of the tabs."""
        self._begin()
        return self._all()

    def _all(self) -> list[SavedView]:
        rows = self._db.rows("SELECT name, query, direction FROM saved_view ORDER BY place, name")
        return [SavedView(str(name), str(query), _direction(str(side))) for name, query, side in rows]

    def _begin(self) -> None:
        """The first views of a profile, once."""
        if self._facts.get(_MADE) is not None:
            return
        with self._db.write():
            if self._facts.get(_MADE) is None:  # another program may have been quicker
                self._write(self._all() or list(DEFAULTS))
                self._facts.set(_MADE, "1")

    def get(self, name: str) -> SavedView | None:
        return next((each for each in self.all() if each.name.casefold() == name.strip().casefold()), None)

    def save(self, view: SavedView, *, now: datetime, replace: bool = False) -> SavedView:
        """Keeps a view, the last of the tabs; with ``replace`` in the place of the one with that name.

        Raises InputError for a name that cannot be, one that is taken, and (FilterError) a filter that cannot be read.
        """
        name = clean_name(view.name)
        if parse(view.query, now, self._messages.region) is None:
            raise InputError("That view has no filter: there is nothing to keep.", hint="Type one first, after /.")
        saved = view._replace(name=name, query=view.query.strip())
        with self._db.write():
            views = self.all()
            at = _index(views, name)
            if at is not None and not replace:
                raise InputError(f"There is a view “{views[at].name}” already.", hint="Choose another name.")
            if at is None:
                views.append(saved)
            else:
                views[at] = saved
            self._write(views)
        return saved

    def rename(self, old: str, new: str) -> SavedView:
        """Raises InputError where there is no such view, or one with the new name."""
        name = clean_name(new)
        with self._db.write():
            views = self.all()
            at, taken = self._require(views, old), _index(views, name)
            if taken is not None and taken != at:
                raise InputError(f"There is a view “{views[taken].name}” already.", hint="Choose another name.")
            views[at] = views[at]._replace(name=name)
            self._write(views)
            return views[at]

    def delete(self, name: str) -> SavedView:
        """For good; the answer can be saved again. Raises InputError where there is no such view."""
        with self._db.write():
            views = self.all()
            gone = views.pop(self._require(views, name))
            self._write(views)
            return gone

    def move(self, name: str, place: int) -> list[SavedView]:
        """To a place in the order (0: the first; beyond the end: the last). Returns the new order."""
        with self._db.write():
            views = self.all()
            moved = views.pop(self._require(views, name))
            views.insert(max(place, 0), moved)
            self._write(views)
            return views

    @staticmethod
    def _require(views: list[SavedView], name: str) -> int:
        at = _index(views, name)
        if at is None:
            raise InputError(f"There is no view “{safe_line(name)}”.", hint="It may have been deleted elsewhere.")
        return at

    def _write(self, views: list[SavedView]) -> None:
        self._db.changes.account = True
        self._db.connection.execute("DELETE FROM saved_view")
        self._db.connection.executemany(
            "INSERT INTO saved_view (name, direction, query, place) VALUES (?, ?, ?, ?)",
            [(view.name, view.direction or "", view.query, place) for place, view in enumerate(views)],
        )

    # Showing

    def view_of(self, saved: SavedView, now: datetime) -> View:
        """What it shows now (aware; its zone is that of the days). Raises FilterError where an older or newer version
        wrote what this one cannot read."""
        return View(direction=saved.direction, filter=parse(saved.query, now, self._messages.region))

    def count(self, view: View, limit: int = 1_000) -> tuple[int, bool]:
        """How many messages it has, at least; and whether there may be more. Never takes longer than a keystroke:
        where only a long look would tell, it says that there may be more."""
        if view.filter is None and not view.search:
            n = self._messages.count(view, limit + 1)
            return min(n, limit), n > limit
        return self._messages.filtered.count(view, limit, quick=True)


def clean_name(typed: str) -> str:
    """``typed`` as the name of a view. Raises InputError."""
    name = " ".join(safe_line(typed).split())
    if not name:
        raise InputError("A view needs a name.")
    if len(name) > LONGEST_NAME:
        raise InputError(
            f"That name is too long: {len(name)} characters.", hint=f"At most {LONGEST_NAME} fit on a tab."
        )
    return name


def _direction(stored: str) -> Direction | None:
    return "in" if stored == "in" else "out" if stored == "out" else None


def _index(views: list[SavedView], name: str) -> int | None:
    wanted = name.strip().casefold()
    return next((n for n, view in enumerate(views) if view.name.casefold() == wanted), None)
