"""Holds under a clock that was set back."""

from __future__ import annotations

from voipe_tui.store.database import Database

_SET_BACK = (
    "state = 'held' AND owner = ?2 AND created_at > ?1 + 1 AND not_before > created_at "
    "AND state IN ('held', 'scheduled', 'queued', 'sending', 'unknown')"  # so the index of open intents is used
)

TOO_LATE_SECONDS = 3_600.0
"""What was to leave so long ago may do harm now: a person decides."""


def shorten(database: Database, owner: int) -> None:
    """A hold is never further away than the seconds it was to last."""
    now = database.clock()
    if not database.rows(f"SELECT 1 FROM intent WHERE {_SET_BACK} LIMIT 1", (now, owner)):  # noqa: S608
        return
    with database.write() as changes:
        ids = database.rows(f"SELECT message_id FROM intent WHERE {_SET_BACK}", (now, owner))  # noqa: S608
        database.connection.execute(
            f"UPDATE intent SET not_before = ?1 + not_before - created_at WHERE {_SET_BACK}",  # noqa: S608
            (now, owner),
        )
        changes.ids.update(int(str(row[0])) for row in ids)
