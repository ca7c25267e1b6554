"""The life of an outgoing message as one table: state, event, next state, and who may cause it.

The statuses are the only words used for an outgoing row, here, on the screens and in JSON. Everything that changes
one goes through :func:`next_state`; a step that is not in the table raises.

Two rules give the table its shape. Nothing leads from ``unknown`` to ``queued`` but a person's word: an uncertain
outcome is looked up, never sent again by itself. And ``sending`` is left backwards, to ``queued``, only when it is
certain that not one byte of the request had been written.
"""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """The words for the state of an outgoing message; a promise to scripts."""

    DRAFT = "draft"
    HELD = "held"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    PENDING = "pending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What can happen to an outgoing message."""

    HOLD = "hold"
    SCHEDULE = "schedule"
    QUEUE = "queue"
    UNDO = "undo"
    RELEASE = "release"
    CLAIM = "claim"
    NOT_SENT = "not-sent"
    LOST = "lost"
    ORPHANED = "orphaned"
    ACCEPT = "accept"
    ACCEPT_LATER = "accept-later"
    REFUSE = "refuse"
    FOUND = "found"
    CANCEL = "cancel"
    SEND_AGAIN = "send-again"
    REPORT_PENDING = "report-pending"
    REPORT_SENT = "report-sent"
    REPORT_FAILED = "report-failed"
    REPORT_DELIVERED = "report-delivered"


class Actor(StrEnum):
    """Who may cause a step."""

    PERSON = "person"
    CLOCK = "clock"
    SENDER = "sender"
    GATEWAY = "gateway"
    RECONCILER = "reconciler"


class ImpossibleTransition(RuntimeError):
    """A step that the table does not know: a bug, never a user's doing."""


_S, _E, _A = Status, Event, Actor

TABLE: dict[tuple[Status, Event], tuple[Status, frozenset[Actor]]] = {
    # From a draft on, a person decides.
    (_S.DRAFT, _E.HOLD): (_S.HELD, frozenset({_A.PERSON})),
    (_S.DRAFT, _E.SCHEDULE): (_S.SCHEDULED, frozenset({_A.PERSON})),
    (_S.DRAFT, _E.QUEUE): (_S.QUEUED, frozenset({_A.PERSON})),
    # Held and scheduled messages are still ours: they can be taken back.
    (_S.HELD, _E.RELEASE): (_S.QUEUED, frozenset({_A.CLOCK, _A.PERSON})),
    (_S.HELD, _E.UNDO): (_S.DRAFT, frozenset({_A.PERSON})),
    (_S.HELD, _E.CANCEL): (_S.CANCELLED, frozenset({_A.PERSON})),
    (_S.SCHEDULED, _E.RELEASE): (_S.QUEUED, frozenset({_A.CLOCK, _A.PERSON})),
    (_S.SCHEDULED, _E.UNDO): (_S.DRAFT, frozenset({_A.PERSON})),
    (_S.SCHEDULED, _E.CANCEL): (_S.CANCELLED, frozenset({_A.PERSON})),
    (_S.QUEUED, _E.UNDO): (_S.DRAFT, frozenset({_A.PERSON})),
    (_S.QUEUED, _E.CANCEL): (_S.CANCELLED, frozenset({_A.PERSON})),
    # The one way out: a claim, durable before the first byte.
    (_S.QUEUED, _E.CLAIM): (_S.SENDING, frozenset({_A.SENDER})),
    (_S.SENDING, _E.NOT_SENT): (_S.QUEUED, frozenset({_A.SENDER})),
    (_S.SENDING, _E.ACCEPT): (_S.ACCEPTED, frozenset({_A.SENDER})),
    (_S.SENDING, _E.ACCEPT_LATER): (_S.SCHEDULED, frozenset({_A.SENDER})),
    (_S.SENDING, _E.REFUSE): (_S.REFUSED, frozenset({_A.SENDER})),
    (_S.SENDING, _E.LOST): (_S.UNKNOWN, frozenset({_A.SENDER})),
    (_S.SENDING, _E.ORPHANED): (_S.UNKNOWN, frozenset({_A.CLOCK})),
    # An unknown outcome ends by being found, or by a person's word.
    (_S.UNKNOWN, _E.FOUND): (_S.ACCEPTED, frozenset({_A.RECONCILER})),
    # A gateway that said no and lists the message all the same did take it: what it shows counts more.
    (_S.REFUSED, _E.FOUND): (_S.ACCEPTED, frozenset({_A.RECONCILER})),
    (_S.UNKNOWN, _E.SEND_AGAIN): (_S.QUEUED, frozenset({_A.PERSON})),
    (_S.UNKNOWN, _E.CANCEL): (_S.CANCELLED, frozenset({_A.PERSON})),
}

_REPORTS = {
    _E.REPORT_PENDING: _S.PENDING,
    _E.REPORT_SENT: _S.SENT,
    _E.REPORT_FAILED: _S.FAILED,
    _E.REPORT_DELIVERED: _S.DELIVERED,
}
# A delivery report is the gateway's word and may come in any order: late, doubled, a failure that turns out delivered.
for _event, _after in _REPORTS.items():
    for _before in (_S.ACCEPTED, _S.SCHEDULED, _S.PENDING, _S.SENT, _S.DELIVERED, _S.FAILED):
        TABLE[(_before, _event)] = (_after, frozenset({_A.GATEWAY}))

REPORT_EVENTS: dict[int, Event] = {
    0: _E.REPORT_PENDING,
    1: _E.REPORT_SENT,
    2: _E.REPORT_FAILED,
    3: _E.REPORT_DELIVERED,
}
"""playSMS's delivery status codes (``ds.statuses``). Others may exist: they are shown, and change nothing."""

MOVING = frozenset({_S.QUEUED, _S.SENDING, _S.ACCEPTED, _S.PENDING, _S.SENT})
"""On their way: worth asking about, counted as pending."""

OURS = frozenset({_S.DRAFT, _S.HELD, _S.SCHEDULED, _S.QUEUED})
"""Not handed over yet (a scheduled one only if it has no queue code): can be taken back."""

FINAL = frozenset({_S.DELIVERED, _S.FAILED, _S.REFUSED, _S.CANCELLED})


def next_state(before: str, event: Event, actor: Actor) -> Status:
    """The state after ``event``, or :class:`ImpossibleTransition`."""
    step = TABLE.get((Status(before), event))
    if step is None:
        raise ImpossibleTransition(f"a message that is {before} knows no {event.value}")
    after, allowed = step
    if actor not in allowed:
        raise ImpossibleTransition(f"{actor.value} may not cause {event.value} on a message that is {before}")
    return after
