"""The words of the filter language and what each means: one table for the parser, the completions and the help."""

from __future__ import annotations

from typing import Final, NamedTuple

STATUSES: Final[dict[str, str]] = {
    "draft": "not sent, still a draft",
    "held": "waiting here, can be taken back",
    "scheduled": "to be sent at a set time",
    "queued": "waiting here for its turn",
    "sending": "on its way to the gateway",
    "unknown": "nobody knows whether the gateway took it",
    "accepted": "the gateway took it",
    "pending": "the gateway is working on it",
    "sent": "with the carrier, no delivery report yet",
    "delivered": "the phone has it",
    "failed": "not delivered",
    "refused": "the gateway said no",
    "cancelled": "taken back",
}
"""The words for the state of an outgoing message, the same as everywhere."""

IS: Final[dict[str, str]] = {
    "unread": "came in and was not read",
    "read": "came in and was read",
    "starred": "has a star",
    "archived": "in the archive",
    "snoozed": "away until a set time",
    "unanswered": "came in, and nothing was sent there since",
    "failed": "failed or refused",
    "sent": "with the carrier or delivered",
    "delivered": "the phone has it",
    "pending": "still on its way",
    "scheduled": "to be sent at a set time",
    "unknown": "nobody knows whether the gateway took it",
    "draft": "not sent, still a draft",
    "in": "came in",
    "out": "went out",
    "flash": "sent as a flash message",
}
IS_STATUSES: Final[dict[str, frozenset[str]]] = {
    "failed": frozenset({"failed", "refused"}),
    "sent": frozenset({"sent", "delivered"}),
    "delivered": frozenset({"delivered"}),
    "pending": frozenset({"queued", "sending", "accepted", "pending", "sent"}),
    "scheduled": frozenset({"scheduled"}),
    "unknown": frozenset({"unknown"}),
    "draft": frozenset({"draft"}),
}
HAS: Final[dict[str, str]] = {
    "link": "a web address in the text",
    "number": "digits in the text",
    "label": "any label",
    "note": "a remark about its state",
    "emoji": "an emoji in the text",
    "hebrew": "Hebrew letters in the text",
}
DAYS: Final[dict[str, str]] = {
    "today": "from midnight on",
    "yesterday": "the day before",
    "monday": "the last one",
    "tuesday": "the last one",
    "wednesday": "the last one",
    "thursday": "the last one",
    "friday": "the last one",
    "saturday": "the last one",
    "sunday": "the last one",
    "2h": "two hours ago; also 30min, 3d, 2w",
    '"3 d ago"': "with spaces: in quotes",
}


class FieldWord(NamedTuple):
    """``values`` are those that can be listed; ``kind`` is what one such value is called in an error."""

    meaning: str
    kind: str = ""
    values: dict[str, str] | None = None


FIELDS: Final[dict[str, FieldWord]] = {
    "from": FieldWord("came from a name or number"),
    "to": FieldWord("went to a name or number"),
    "with": FieldWord("to or from a name or number"),
    "status": FieldWord("the state of what went out", "status", STATUSES),
    "is": FieldWord("unread, starred, failed, archived …", "state that can be asked for", IS),
    "has": FieldWord("link, number, emoji, label …", "thing a message can have", HAS),
    "label": FieldWord("has that label"),
    "since": FieldWord("from then on: today, 3d, 2026-11-01"),
    "until": FieldWord("up to then; a day counts whole"),
    "on": FieldWord("on that day"),
    "batch": FieldWord("of that batch"),
    "sender": FieldWord("went out under that sender ID"),
    "parts": FieldWord("how many parts: 2, >1, <=3"),
}

JOINERS: Final[dict[str, str]] = {"or": "one of both sides is enough", "not": "the opposite of what follows", "and": ""}


def nearest(word: str, words: dict[str, object] | dict[str, str]) -> str | None:
    """The word that was most likely meant."""
    from difflib import get_close_matches

    close = get_close_matches(word.casefold(), list(words), n=1, cutoff=0.55)
    return close[0] if close else None
