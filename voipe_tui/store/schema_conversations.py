# ruff: noqa: S608 - our own words, no values from outside
"""How the ``conversation`` table is kept right: step 3 of the schema.

One row for each ``message.key``, so that a list of conversations is read by key (last_at, last_id) like any other list
and never gathered from messages. Changes and removals of messages are followed by triggers, whoever makes them; new
messages are added by the one place that makes them, a page at a time, for a trigger per row would double the time of a
first sync.

A row stays when its last message went, with ``n`` 0: its ``id`` names the number in the search index for good.
"""

from __future__ import annotations

LONG_AGO = -1e18
"""What stands in ``last_in_at`` and ``last_out_at`` where there is no such message: the comparison stays plain."""

NOT_GONE = "('draft', 'cancelled', 'refused')"
"""Outgoing messages in these states answered nobody: they did not go out."""


def member(row: str) -> str:
    """Whether a message belongs to a conversation: a draft does only when a whole number was typed."""
    return (
        f"({row}.deleted = 0 AND {row}.key <> '' AND ({row}.status IS NOT 'draft' OR ({row}.key GLOB '+[0-9]*' "
        f"AND length({row}.key) >= 8 AND {row}.key NOT GLOB '+*[^0-9]*')))"
    )


def unread(row: str) -> str:
    return f"({row}.direction = 'in' AND {row}.read = 0 AND {row}.archived = 0)"


def answer(row: str) -> str:
    """Whether an outgoing message counts as an answer."""
    return f"({row}.direction = 'out' AND {row}.status NOT IN {NOT_GONE})"


def came_at(row: str) -> str:
    return f"CASE WHEN {row}.direction = 'in' THEN {row}.sort_at ELSE {LONG_AGO!r} END"


def went_at(row: str) -> str:
    return f"CASE WHEN {answer(row)} THEN {row}.sort_at ELSE {LONG_AGO!r} END"


UPSERT = """ON CONFLICT (key) DO UPDATE SET
    n = n + excluded.n, shown = shown + excluded.shown, unread = unread + excluded.unread,
    last_id = CASE WHEN last_id IS NULL OR (excluded.last_at, excluded.last_id) > (last_at, last_id)
        THEN excluded.last_id ELSE last_id END,
    last_at = CASE WHEN last_at IS NULL OR excluded.last_at > last_at THEN excluded.last_at ELSE last_at END,
    last_in_at = max(last_in_at, excluded.last_in_at), last_out_at = max(last_out_at, excluded.last_out_at)"""
"""Adds what is new to what is known of a number."""

COLUMNS = "key, n, shown, unread, last_at, last_id, last_in_at, last_out_at"

GATHER = f"""
    SELECT m.key, count(*), sum(m.archived = 0), sum({unread("m")}), max(m.sort_at), 0,
        max({came_at("m")}), max({went_at("m")})
    FROM message m WHERE {member("m")} GROUP BY m.key
"""
"""All conversations as the messages say, without ``last_id``."""

_LAST = f"""(
    SELECT m.sort_at, m.id FROM message m WHERE m.key = {{key}} AND m.deleted = 0 AND {member("m")}
    ORDER BY m.sort_at DESC, m.id DESC LIMIT 1)"""
_LAST_IN = f"""ifnull((
            SELECT m.sort_at FROM message m WHERE m.key = {{key}} AND m.direction = 'in' AND m.deleted = 0
            ORDER BY m.sort_at DESC LIMIT 1), {LONG_AGO!r})"""
_LAST_OUT = f"""ifnull((
            SELECT m.sort_at FROM message m WHERE m.key = {{key}} AND m.deleted = 0 AND {answer("m")}
            ORDER BY m.sort_at DESC LIMIT 1), {LONG_AGO!r})"""

OUT = f"""
    UPDATE conversation SET n = n - 1, shown = shown - (1 - old.archived), unread = unread - {unread("old")}
        WHERE key = old.key AND {member("old")};
    UPDATE conversation SET (last_at, last_id) = {_LAST.format(key="old.key")} WHERE key = old.key AND last_id = old.id;
    UPDATE conversation SET last_in_at = {_LAST_IN.format(key="old.key")}
        WHERE key = old.key AND old.direction = 'in' AND last_in_at <= old.sort_at;
    UPDATE conversation SET last_out_at = {_LAST_OUT.format(key="old.key")}
        WHERE key = old.key AND old.direction = 'out' AND last_out_at <= old.sort_at;
"""

IN = f"""
    INSERT INTO conversation ({COLUMNS})
        SELECT new.key, 1, 1 - new.archived, {unread("new")}, new.sort_at, new.id, {came_at("new")}, {went_at("new")}
        WHERE {member("new")} {UPSERT};
"""

MOVED = f"""((old.key <> new.key OR old.sort_at <> new.sort_at OR old.deleted <> new.deleted
    OR old.status IS NOT new.status)
    AND (old.key <> new.key OR old.sort_at <> new.sort_at OR {member("old")} <> {member("new")}
    OR {answer("old")} IS NOT {answer("new")}))"""
"""What is plain to see comes first: to archive ten thousand messages takes half as long."""

TAKE = f"""UPDATE conversation SET n = n - ?2, shown = shown - ?3, unread = unread - ?4,
    (last_at, last_id) = {_LAST.format(key="?1")},
    last_in_at = CASE WHEN ?7 > {LONG_AGO!r} AND last_in_at <= ?7 THEN {_LAST_IN.format(key="?1")} ELSE last_in_at END,
    last_out_at = CASE WHEN ?8 > {LONG_AGO!r} AND last_out_at <= ?8 THEN {_LAST_OUT.format(key="?1")}
        ELSE last_out_at END
    WHERE key = ?1"""
"""Takes what has gone already off what is known of a number; values as in ``COLUMNS``."""

STEP = f"""
    CREATE TABLE conversation (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        n INTEGER NOT NULL,
        shown INTEGER NOT NULL,
        unread INTEGER NOT NULL,
        last_at REAL,
        last_id INTEGER,
        last_in_at REAL NOT NULL,
        last_out_at REAL NOT NULL
    ) STRICT;

    CREATE INDEX message_incoming ON message (key, sort_at, id) WHERE direction = 'in' AND deleted = 0;
    UPDATE message SET sort_at = CAST(sort_at AS INTEGER) WHERE sort_at <> CAST(sort_at AS INTEGER);
    INSERT INTO conversation ({COLUMNS}) {GATHER};
    UPDATE conversation SET (last_at, last_id) = {_LAST.format(key="conversation.key")};

    CREATE INDEX conversation_list ON conversation (last_at, last_id) WHERE shown > 0;
    CREATE INDEX conversation_archived ON conversation (last_at, last_id) WHERE shown = 0 AND n > 0;
    CREATE INDEX conversation_unread ON conversation (last_at, last_id) WHERE unread > 0;
    CREATE INDEX conversation_waiting ON conversation (last_at, last_id) WHERE shown > 0 AND last_in_at > last_out_at;

    CREATE TRIGGER conversation_flags AFTER UPDATE OF read, archived ON message
        WHEN (old.read <> new.read OR old.archived <> new.archived) AND {member("new")} AND NOT {MOVED}
    BEGIN
        UPDATE conversation SET shown = shown + old.archived - new.archived,
            unread = unread - {unread("old")} + {unread("new")} WHERE key = new.key;
    END;
    CREATE TRIGGER conversation_moved AFTER UPDATE OF key, sort_at, deleted, status ON message WHEN {MOVED} BEGIN
        {OUT} {IN}
    END;
    CREATE TRIGGER conversation_removed AFTER DELETE ON message WHEN {member("old")} BEGIN
        {OUT}
    END;
"""
