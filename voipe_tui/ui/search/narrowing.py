"""The search of one list: the line above it, what it is narrowed to, what it found, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipe_tui.errors import StoreError
from voipe_tui.store.models import Key, Message, View
from voipe_tui.ui.look.hits import Hits, hits_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from voipe_tui.text.filters import Completion
    from voipe_tui.ui.search.filters import Known
    from voipe_tui.ui.search.finding import Finding
    from voipe_tui.ui.search.line import SearchLine
    from voipe_tui.ui.services import Session

_RECENT = "searches"
_MOST_RECENT = 30
_LONGEST_RECENT = 500


class Narrowing:
    """Turns what is typed into the view that a list shows. ``base`` is what it shows without a search."""

    def __init__(self, session: Session, base: View) -> None:
        self._session = session
        self.base = base
        self.view = base
        self.text = ""
        self.problem = ""
        self.before: int | None = None
        """The message under the cursor when the search was begun."""
        self.line: SearchLine | None = None
        self._known: Known | None = None
        self.finding: Finding | None = None
        """Where what is not found at once is looked for little by little."""
        self.looking = False

    def fetch(
        self, *, before: Key | None = None, after: Key | None = None, limit: int, including: bool = False
    ) -> list[Message]:
        """A page of what the list shows."""
        store = self._session.store
        if store is None or self.problem:
            return []
        if self.finding is not None and self.finding.view != self.view:
            self.finding.close()
            self.finding = None
        if self.finding is None:
            walk = None
            if self.view.filter is None:
                walk = store.messages.walk(
                    self.view, before=before, after=after, limit=limit, including=including, hasty=True
                )
                if walk.reached is None:
                    return walk.messages
            from voipe_tui.ui.search.finding import Finding

            self.finding = Finding(store, self.view)
            if walk is not None and before is None and after is None:
                return self.finding.begin(walk, limit)
            if walk is not None:
                self.finding.begin(store.messages.walk(self.view, limit=limit, hasty=True), limit)
        return self.finding.fetch(before=before, after=after, limit=limit, including=including)

    @property
    def pending(self) -> bool:
        """Not everything was looked at yet that the list could show."""
        return self.finding is not None and self.finding.pending

    def say_how_far(self) -> None:
        """A word beside the search while it goes on: what is shown is not everything yet."""
        reached = self.finding.reached if self.finding is not None else None
        when = "" if reached is None else self._session.times.short(reached, None)
        self.say(f"searching … back to {when}" if when else "")

    def say(self, word: str) -> None:
        """A word beside the search."""
        if self.line is not None:
            self.line.busy(word)

    @property
    def hits(self) -> Hits | None:
        return hits_of(self.view)

    @property
    def narrowed(self) -> bool:
        return self.view != self.base

    def make_line(self, typed: Callable[[str, int], None]) -> SearchLine:
        """The line, not mounted yet, and who follows what is typed there."""
        from voipe_tui.ui.search.filters import known_to
        from voipe_tui.ui.search.line import SearchLine

        self._known = known_to(self._session)
        self.line = SearchLine(self._session.colors, self._offers, typed, self.recent())
        return self.line

    def _offers(self, text: str, cursor: int) -> list[Completion]:
        from voipe_tui.ui.search.filters import complete

        return complete(text, cursor, self._known)

    def typed(self, text: str, cursor: int | None = None) -> None:
        """Narrows to ``text``; what cannot be read is explained at its place."""
        from voipe_tui.ui.search.filters import parse_filter

        self.text = text
        view, problem = parse_filter(text, self.base, self._session, cursor=cursor)
        self.view, self.problem = view, str(problem)
        if self.line is not None:
            self.line.complain(str(problem), problem.hint, (problem.start, max(problem.end, problem.start + 1)))

    def finish(self, text: str) -> bool:
        """Enter: what was begun must be complete now. False (and said at its place) where it is not."""
        from voipe_tui.ui.search.filters import parse_filter

        view, problem = parse_filter(text, self.base, self._session, finished=True)
        if not problem:
            self.remember(text)
            return True
        self.view, self.problem = view, str(problem)
        if self.line is not None:
            self.line.complain(str(problem), problem.hint, (problem.start, max(problem.end, problem.start + 1)))
        return False

    def rebase(self, base: View) -> None:
        """The list shows another view now; the search stays on top of it."""
        self.base = base
        if self.text:
            self.typed(self.text)
        else:
            self.view, self.problem = base, ""

    def kept(self) -> None:
        """Something may be known by another name now: completions are asked for anew."""
        if self.line is not None:
            from voipe_tui.ui.search.filters import known_to

            self._known = known_to(self._session)

    def end(self) -> None:
        self.line = None
        self.text = self.problem = ""
        self.view = self.base

    # The last searches

    def recent(self) -> list[str]:
        """The latest first."""
        import json

        stored = self._session.opened.facts.get(_RECENT)
        try:
            found = json.loads(stored) if stored else []
        except ValueError:
            return []
        return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []

    def remember(self, text: str) -> None:
        """This one was used."""
        import json

        text = text.strip()
        if not text or len(text) > _LONGEST_RECENT:
            return
        kept = [text, *(each for each in self.recent() if each != text)][:_MOST_RECENT]
        try:
            self._session.opened.facts.set(_RECENT, json.dumps(kept, ensure_ascii=False))
        except StoreError:
            return  # a search that is not remembered is no reason to stop anyone
