"""What a person types into the search line, as a :class:`View`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from voipe_tui.store.models import View
from voipe_tui.text.filter_complete import Completion, Known, complete
from voipe_tui.text.filter_tree import Filter, all_of
from voipe_tui.text.filters import FilterError, parse

if TYPE_CHECKING:
    from voipe_tui.ui.services import Session

__all__ = ["HINT", "Completion", "Known", "Problem", "complete", "known_to", "parse_filter"]

HINT = "text, name or number; from:dana is:unread since:today"


class Problem(str):
    """A sentence about what is wrong (empty where nothing is), and where: ``start`` to ``end`` of what was typed."""

    start: int
    end: int
    hint: str

    def __new__(cls, said: str = "", start: int = 0, end: int = 0, hint: str = "") -> Problem:
        problem = super().__new__(cls, said)
        problem.start, problem.end, problem.hint = start, end, hint
        return problem


def parse_filter(
    typed: str, base: View, session: Session | None = None, *, cursor: int | None = None, finished: bool = False
) -> tuple[View, Problem]:
    """The view that ``typed`` asks for, on top of ``base``; and what is wrong with it.

    The term at ``cursor`` (None: at the end) may be half-typed and narrows to what it could become, so that results
    follow the typing; when it is ``finished`` (to be kept, say) nothing may be. What cannot be read shows nothing.
    """
    now, region = _here(session)
    at = None if finished else len(typed) if cursor is None else cursor
    try:
        wanted = parse(typed, now, region, cursor=at)
    except FilterError as error:
        return base._replace(newest_id=0), Problem(error.message, error.start, error.end, error.hint)
    if wanted is None:
        return base, Problem()
    if base.filter is None and base.search is None and (words := wanted.only_words):
        return base._replace(search=words), Problem()
    if base.filter is not None:
        both = all_of([base.filter.root, wanted.root])
        assert both is not None
        wanted = Filter(both, f"{base.filter.source} {wanted.source}")
    return base._replace(filter=wanted), Problem()


def _here(session: Session | None) -> tuple[datetime, str]:
    if session is None:
        return datetime.now().astimezone(), "IL"
    profile = session.services.profile
    now = datetime.fromtimestamp(session.services.clock(), session.services.zone)
    return now, profile.region if profile is not None else "IL"


def known_to(session: Session) -> Known:
    """What can be completed from this account's store."""
    store = session.store
    if store is None:
        return Known()
    return Known(
        names=lambda typed: [person.name for person in store.people.complete(typed, {}) if person.name],
        labels=store.triage.labels(),
        senders=session.profile.senders,
        batches=[bulk.label for bulk in store.bulks.recent(20) if bulk.label],
    )
