"""What a triage action says to a person when it is done, undone or done again: by count, and what was left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

Kind = Literal[
    "read", "unread", "star", "unstar", "archive", "unarchive", "delete", "restore", "label", "snooze", "unsnooze"
]
Way = Literal["do", "undo", "redo"]
Reason = Literal["gone", "sending", "unknown", "draft", "outgoing", "same"]


class _Words(NamedTuple):
    """``done`` and ``undone`` have ``{n}`` ("12 messages"), ``{place}`` ("inbox") and ``{detail}`` in them; ``nothing``
    says why an action hit no row."""

    done: str
    undone: str
    nothing: str


_WORDS: dict[Kind, _Words] = {
    "read": _Words("Marked as read: {n}.", "Unread again: {n}.", "Nothing to mark: read already."),
    "unread": _Words("Marked as unread: {n}.", "Read again: {n}.", "Nothing to mark: unread already."),
    "star": _Words("Starred {n}.", "Star taken off again: {n}.", "Nothing to star: starred already."),
    "unstar": _Words("Star taken off: {n}.", "Starred again: {n}.", "There is no star to take off."),
    "archive": _Words("Archived {n}.", "Back in the {place}: {n}.", "Nothing to archive: archived already."),
    "unarchive": _Words("Back in the {place}: {n}.", "Archived again: {n}.", "Nothing to bring back: not archived."),
    "delete": _Words("Deleted here: {n}.", "Restored {n}.", "Nothing to delete: deleted already."),
    "restore": _Words("Restored {n}.", "Deleted here again: {n}.", "Nothing to restore."),
    "label": _Words("{detail}: {n}.", "Labels as they were: {n}.", "The labels are like that already."),
    "snooze": _Words("Snoozed {n}{detail}.", "Not snoozed any more: {n}.", "It is snoozed until then already."),
    "unsnooze": _Words("Back in the {place}: {n}.", "Snoozed again: {n}.", "Nothing of this is snoozed."),
}

_LEFT: dict[Reason, Callable[[int], str]] = {
    "sending": lambda n: f"{n:,} {_is(n)} still being sent and {_stays(n)}",
    "unknown": lambda n: f"{n:,} {_is(n)} being looked for at the gateway and {_stays(n)}",
    "draft": lambda n: f"{n:,} {'is a draft' if n == 1 else 'are drafts'} and {_stays(n)}",
    "outgoing": lambda n: f"{n:,} {_is(n)} outgoing: only what came in is read or unread",
    "gone": lambda n: f"{n:,} {_is(n)} gone",
}


_DOING: dict[Kind, str] = {
    "read": "Marking as read",
    "unread": "Marking as unread",
    "star": "Starring",
    "unstar": "Taking stars off",
    "archive": "Archiving",
    "unarchive": "Bringing back",
    "delete": "Deleting here",
    "restore": "Restoring",
    "label": "Labelling",
    "snooze": "Snoozing",
    "unsnooze": "Bringing back",
}


def broken_off(kind: Kind, rows: int, total: int, *, undoing: bool) -> str:
    """What is said of an action (or of taking it back) in the middle of which the program ended."""
    doing = _DOING[kind]
    if undoing:
        return f"Taking back broke off ({doing[:1].lower()}{doing[1:]}, {rows:,})"
    return f"{doing} broke off after {rows:,} of {total:,}"


def messages(n: int) -> str:
    return f"{n:,} message{'' if n == 1 else 's'}"


def sentence_for(
    kind: Kind,
    way: Way,
    count: int,
    *,
    directions: Mapping[str, int],
    left: Counter[Reason],
    changed_since: int = 0,
    detail: str = "",
) -> str:
    """``directions``: how many came in and how many went out; ``left``: rows that were left alone, and why;
    ``changed_since``: rows that were not any more as this action had left them."""
    words = _WORDS[kind]
    rest = [phrase(left[reason]) for reason, phrase in _LEFT.items() if left[reason]]
    if not count:
        return _sentence(rest) if rest else ("There is no message to do this to." if not left else words.nothing)
    text = (words.undone if way == "undo" else words.done).format(
        n=messages(count), place=_place(directions), detail=detail
    )
    if changed_since:
        rest.append(f"{changed_since:,} had changed since")
    return text[:-1] + "; " + "; ".join(rest) + "." if rest else text


def _sentence(parts: list[str]) -> str:
    return "; ".join(parts)[:1].upper() + "; ".join(parts)[1:] + "."


def _place(directions: Mapping[str, int]) -> str:
    came, went = directions.get("in", 0), directions.get("out", 0)
    return "lists" if came and went else "outbox" if went else "inbox"


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


def _stays(n: int) -> str:
    return "stays" if n == 1 else "stay"
