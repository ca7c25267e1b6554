"""What a person types into the search line, as a :class:`View`."""

from __future__ import annotations

from voipe_tui.store.models import View
from voipe_tui.ui.words import STATUS

HINT = "text, name or number; status:failed, is:unread, is:starred"


def parse_filter(typed: str, base: View) -> tuple[View, str]:
    """The view that ``typed`` asks for, on top of ``base``; and what is wrong with it, or an empty string.

    Words are searched for; ``status:WORD`` and ``is:WORD`` narrow. A half-typed ``status:fai`` narrows to what it
    could become, so that results follow the typing.
    """
    words: list[str] = []
    statuses: set[str] = set()
    unread, starred = base.unread, base.starred
    problem = ""
    for word in typed.split():
        name, colon, value = word.partition(":")
        if not colon or name not in ("is", "status"):
            words.append(word)
            continue
        if not value:
            continue
        value = value.casefold()
        if name == "is" and "unread".startswith(value):
            unread = True
        elif name == "is" and "starred".startswith(value):
            starred = True
        elif meant := {status for status in STATUS if status.startswith(value)}:
            statuses |= meant
        else:
            problem = f"“{value}” is no status; there are: {', '.join(STATUS)}."
    return (
        base._replace(
            search=" ".join(words) or None,
            statuses=frozenset(statuses) or base.statuses,
            unread=unread,
            starred=starred,
        ),
        problem,
    )
