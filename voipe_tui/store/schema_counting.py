# ruff: noqa: S608 - our own words, no values from outside
"""Rows that change many at once are counted once for all: a late step of the schema.

Triggers keep ``tally`` and ``conversation`` right whoever changes a message, at several writes for each row. Who
changes thousands says so for the length of a transaction, by a row in ``counting_apart``, and counts them itself
(:mod:`voipe_tui.store.counting`). The row is gone before the transaction ends, so nobody else ever sees it.
"""

from __future__ import annotations

from voipe_tui.store.schema_conversations import IN, MOVED, OUT, member, unread

_EACH = "NOT EXISTS (SELECT 1 FROM counting_apart)"

STEP = f"""
    CREATE TABLE counting_apart (id INTEGER PRIMARY KEY) STRICT;

    DROP TRIGGER message_tally_update;
    CREATE TRIGGER message_tally_update AFTER UPDATE OF status, read, archived, deleted ON message
        WHEN (old.status IS NOT new.status OR old.read <> new.read OR old.archived <> new.archived
            OR old.deleted <> new.deleted) AND {_EACH}
    BEGIN
        INSERT INTO tally SELECT old.direction, ifnull(old.status, ''), 1 - old.read, old.archived, -1
            WHERE old.deleted = 0
            ON CONFLICT DO UPDATE SET n = n - 1;
        INSERT INTO tally SELECT new.direction, ifnull(new.status, ''), 1 - new.read, new.archived, 1
            WHERE new.deleted = 0
            ON CONFLICT DO UPDATE SET n = n + 1;
    END;

    DROP TRIGGER conversation_flags;
    CREATE TRIGGER conversation_flags AFTER UPDATE OF read, archived ON message
        WHEN (old.read <> new.read OR old.archived <> new.archived) AND {_EACH} AND {member("new")} AND NOT {MOVED}
    BEGIN
        UPDATE conversation SET shown = shown + old.archived - new.archived,
            unread = unread - {unread("old")} + {unread("new")} WHERE key = new.key;
    END;

    DROP TRIGGER conversation_moved;
    CREATE TRIGGER conversation_moved AFTER UPDATE OF key, sort_at, deleted, status ON message
        WHEN {MOVED} AND {_EACH}
    BEGIN
        {OUT} {IN}
    END;
"""
