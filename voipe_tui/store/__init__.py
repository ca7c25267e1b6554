"""The single source of truth: one SQLite database per profile. Nothing else in the program writes SQL."""

from voipe_tui.store.models import (
    Acceptance,
    AccountInfo,
    Changed,
    Counts,
    Draft,
    IncomingRecord,
    Intent,
    Key,
    Message,
    NewMessage,
    OutgoingRecord,
    View,
    Waiting,
)
from voipe_tui.store.states import Status
from voipe_tui.store.store import Store

__all__ = [
    "Acceptance",
    "AccountInfo",
    "Changed",
    "Counts",
    "Draft",
    "IncomingRecord",
    "Intent",
    "Key",
    "Message",
    "NewMessage",
    "OutgoingRecord",
    "Status",
    "Store",
    "View",
    "Waiting",
]
