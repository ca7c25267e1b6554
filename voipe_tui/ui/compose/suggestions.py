"""The list below the recipients: who may be meant by what is being typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.message import Message as Event
from textual.strip import Strip
from textual.widget import Widget

from voipe_tui.text.search_fold import fold_for_search
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.look.cells import Piece, two_sided

if TYPE_CHECKING:
    from voipe_tui.store.people import Person
    from voipe_tui.text.numbers import Recipient
    from voipe_tui.ui.services import Session

_MOST = 6
_MOST_CHOSEN = 20
"""So many of the recipients are not offered once more."""


class Suggestions(Widget):
    """Drawn over what is below it, so that the form does not jump while one types."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    Suggestions { layer: popup; display: none; width: 58; height: auto; max-height: 6; background: $panel; }
    """

    class Taken(Event):
        """One was clicked."""

        def __init__(self, person: Person) -> None:
            super().__init__()
            self.person = person

    class Closed(Event):
        """There is nothing to choose from any more."""

    def __init__(self, session: Session) -> None:
        super().__init__(id="suggestions")
        self._session = session
        self._people: list[Person] = []
        self._cursor = 0
        self._recent: dict[str, Person] | None = None

    @property
    def is_open(self) -> bool:
        return bool(self._people)

    @property
    def chosen(self) -> Person:
        return self._people[self._cursor]

    @property
    def offered(self) -> list[Person]:
        return self._people

    def forget(self) -> None:
        """Who was written to lately is asked for anew when one types next."""
        self._recent = None

    def offer(self, typed: str, *, anyone: bool = False, without: Sequence[Recipient] = ()) -> None:
        """Shows who may be meant by ``typed``; nobody where it is whole already. ``anyone``: with nothing typed too.
        ``without`` are those who are among the recipients already."""
        if not (typed.strip() or anyone) or self._is_whole(typed):
            self.close()
            return
        people = self._session.opened.people
        if self._recent is None:
            self._recent = people.recent()
        chosen = {each.wire for each in without[:_MOST_CHOSEN]}
        found = people.complete(typed, self._recent, _MOST + len(chosen))
        found = [each for each in found if each.to not in chosen][:_MOST]
        whole = fold_for_search(typed)
        if whole and any(whole in (fold_for_search(each.name), each.to.casefold()) for each in found):
            found = []  # there is nothing to complete, and Tab leads on to the text
        if found:
            self._show(found)
        else:
            self.close()

    def _is_whole(self, typed: str) -> bool:
        from voipe_tui.text.numbers import e164

        return bool(typed.strip()) and e164(typed, self._session.profile.region) is not None

    def close(self) -> None:
        if self._people:
            self._show([])
            self.post_message(self.Closed())

    def _show(self, people: list[Person]) -> None:
        if people == self._people:
            return
        resized = len(people) != len(self._people)
        self._people, self._cursor = people, 0
        self.display = bool(people)
        self.refresh(layout=resized)

    def move(self, by: int) -> None:
        self._cursor = (self._cursor + by) % len(self._people)
        self.refresh()

    def get_content_height(self, *_: object) -> int:
        return len(self._people)

    def render_line(self, y: int) -> Strip:
        palette = self._session.palette
        if y >= len(self._people):
            return Strip.blank(self.size.width, palette.bar)
        person = self._people[y]
        at = self._session.times.short(person.last_at, None) if person.last_at is not None else ""
        ground = palette.cursor if y == self._cursor else palette.bar
        who: list[Piece] = [(f" {self._session.drawn(safe_line(person.name or person.to))}", ground)]
        if person.name:
            who.append((f"  {safe_line(person.to)}", ground if y == self._cursor else palette.bar_muted))
        return two_sided(who, [(f"{at} ", ground if y == self._cursor else palette.bar_muted)], self.size.width, ground)

    def on_click(self, event: events.Click) -> None:
        if event.y < len(self._people):
            self.post_message(self.Taken(self._people[event.y]))
