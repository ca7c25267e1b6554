"""Between SQL rows and the shapes of :mod:`voipe_tui.store.models`: one list of columns each, read in one place."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from voipe_tui.store.models import Intent, Message

MESSAGE_COLUMNS = (
    "m.id, m.direction, m.source, m.epoch, m.gateway_id, m.queue, m.number, m.key, c.name, m.sender, m.text, "
    "m.sent_text, m.encoding, m.parts, m.status, m.status_at, m.created_at, m.gateway_time, m.sort_at, m.batch, "
    "m.read, m.archived, m.starred, m.labels, m.note, m.intent_id, m.snoozed_until, m.woken_at"
)
MESSAGE_FROM = "message m LEFT JOIN contact c ON c.key = m.key"

INTENT_COLUMNS = (
    "id, message_id, state, kind, number, text, sender, flash, footer, nofooter, gateway_schedule, batch, bulk, "
    "created_at, not_before, attempts, owner, lease_until, started_at, floor_id, epoch, code, note"
)

_MESSAGE_FLAGS = (20, 21, 22)
_LABELS = 23
_INTENT_FLAGS = (7, 9)


@lru_cache(maxsize=256)
def labels_of(joined: str) -> tuple[str, ...]:
    """Labels are kept as one string, "|a|b|", so that one LIKE finds a label whole."""
    return tuple(label for label in joined.split("|") if label)


def message_of(row: tuple[Any, ...]) -> Message:
    columns = list(row)
    for flag in _MESSAGE_FLAGS:
        columns[flag] = bool(columns[flag])
    columns[_LABELS] = labels_of(columns[_LABELS])
    return Message(*columns)


def intent_of(row: tuple[Any, ...]) -> Intent:
    columns = list(row)
    for flag in _INTENT_FLAGS:
        columns[flag] = bool(columns[flag])
    return Intent(*columns)
