"""Which labels there are."""

from __future__ import annotations

from voipe_tui.store.database import Database
from voipe_tui.text.labels import label_key


def all_labels(database: Database) -> list[str]:
    """Every label in use, in alphabetical order. One look-up per label, however many messages have it."""
    rows = database.rows(
        "WITH RECURSIVE each (label) AS (SELECT min(label) FROM message_label UNION ALL "
        "SELECT (SELECT min(label) FROM message_label WHERE label > each.label) FROM each WHERE label IS NOT NULL) "
        "SELECT label FROM each WHERE label IS NOT NULL"
    )
    return sorted((str(label) for (label,) in rows), key=label_key)
