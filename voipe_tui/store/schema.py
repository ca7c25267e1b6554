"""The database's shape, as numbered steps that are only ever added to.

``PRAGMA user_version`` is the number of the last step taken. A step runs in one transaction; a database from the
future is refused, never touched.

Why it looks so: a list is read by key (sort_at, id) through a partial index, so a page costs the same at a thousand and
at a million rows. Totals live in ``tally``, kept by triggers (and, for new rows, by the one place that makes them: a
trigger per row took a third of the time of a first sync), so nothing is ever counted. Search goes through FTS5 over
folded text, ordered by rowid. A message's ID is never given to another one: scripts and screens remember it.
"""

from __future__ import annotations

from voipe_tui.store import schema_conversations, schema_counting, schema_search

STEPS: tuple[str, ...] = (
    """
    CREATE TABLE message (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        direction TEXT NOT NULL CHECK (direction IN ('out', 'in')),
        source TEXT NOT NULL CHECK (source IN ('outgoing', 'incoming', 'inbox')),
        epoch INTEGER NOT NULL DEFAULT 1,
        gateway_id INTEGER,
        queue TEXT,
        number TEXT NOT NULL,
        key TEXT NOT NULL,
        sender TEXT,
        text TEXT NOT NULL,
        sent_text TEXT,
        encoding TEXT NOT NULL,
        parts INTEGER NOT NULL,
        status TEXT,
        status_at REAL,
        created_at REAL,
        gateway_time TEXT,
        sort_at REAL NOT NULL,
        batch TEXT,
        intent_id INTEGER,
        note TEXT,
        read INTEGER NOT NULL DEFAULT 0,
        archived INTEGER NOT NULL DEFAULT 0,
        starred INTEGER NOT NULL DEFAULT 0,
        deleted INTEGER NOT NULL DEFAULT 0,
        labels TEXT NOT NULL DEFAULT '',
        keyword TEXT,
        twin_id INTEGER
    ) STRICT;

    CREATE UNIQUE INDEX message_gateway ON message (source, epoch, gateway_id) WHERE gateway_id IS NOT NULL;
    CREATE INDEX message_list ON message (direction, sort_at, id) WHERE archived = 0 AND deleted = 0;
    CREATE INDEX message_number ON message (key, sort_at, id) WHERE deleted = 0;
    CREATE INDEX message_deleted ON message (key, sort_at, id) WHERE deleted = 1;
    CREATE INDEX message_status ON message (status, sort_at, id)
        WHERE status IS NOT NULL AND status <> 'delivered' AND deleted = 0;
    CREATE INDEX message_unread ON message (sort_at, id) WHERE direction = 'in' AND read = 0 AND deleted = 0;
    CREATE INDEX message_starred ON message (sort_at, id) WHERE starred = 1 AND deleted = 0;
    CREATE INDEX message_batch ON message (batch, status, id) WHERE batch IS NOT NULL;
    CREATE INDEX message_intent ON message (intent_id) WHERE intent_id IS NOT NULL;
    CREATE INDEX message_queue ON message (queue) WHERE queue IS NOT NULL AND status IN ('scheduled', 'accepted');
    CREATE INDEX message_zone ON message (source) WHERE created_at IS NULL AND gateway_time IS NOT NULL;

    CREATE TABLE tally (
        direction TEXT NOT NULL,
        status TEXT NOT NULL,
        unread INTEGER NOT NULL,
        archived INTEGER NOT NULL,
        n INTEGER NOT NULL,
        PRIMARY KEY (direction, status, unread, archived)
    ) STRICT, WITHOUT ROWID;

    CREATE TRIGGER message_tally_delete AFTER DELETE ON message WHEN old.deleted = 0 BEGIN
        INSERT INTO tally VALUES (old.direction, ifnull(old.status, ''), 1 - old.read, old.archived, -1)
            ON CONFLICT DO UPDATE SET n = n - 1;
    END;
    CREATE TRIGGER message_tally_update AFTER UPDATE OF status, read, archived, deleted ON message
        WHEN old.status IS NOT new.status OR old.read <> new.read OR old.archived <> new.archived
            OR old.deleted <> new.deleted
    BEGIN
        INSERT INTO tally SELECT old.direction, ifnull(old.status, ''), 1 - old.read, old.archived, -1
            WHERE old.deleted = 0
            ON CONFLICT DO UPDATE SET n = n - 1;
        INSERT INTO tally SELECT new.direction, ifnull(new.status, ''), 1 - new.read, new.archived, 1
            WHERE new.deleted = 0
            ON CONFLICT DO UPDATE SET n = n + 1;
    END;

    CREATE VIRTUAL TABLE message_search USING fts5 (
        text, who, content = '', tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3'
    );

    CREATE TABLE intent (
        id INTEGER PRIMARY KEY,
        message_id INTEGER NOT NULL,
        state TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('number', 'user', 'group')),
        number TEXT NOT NULL,
        key TEXT NOT NULL,
        text TEXT NOT NULL,
        sender TEXT,
        flash INTEGER NOT NULL DEFAULT 0,
        footer TEXT,
        nofooter INTEGER NOT NULL DEFAULT 0,
        gateway_schedule TEXT,
        batch TEXT,
        bulk INTEGER,
        created_at REAL NOT NULL,
        not_before REAL NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        owner INTEGER,
        lease_until REAL,
        started_at REAL,
        floor_id INTEGER NOT NULL DEFAULT 0,
        epoch INTEGER NOT NULL DEFAULT 1,
        code INTEGER,
        note TEXT
    ) STRICT;
    CREATE INDEX intent_open ON intent (state, not_before, id)
        WHERE state IN ('held', 'scheduled', 'queued', 'sending', 'unknown');
    CREATE INDEX intent_queue ON intent (bulk, not_before, id) WHERE state = 'queued';
    CREATE INDEX intent_message ON intent (message_id);

    CREATE TABLE journal_event (
        id INTEGER PRIMARY KEY,
        intent_id INTEGER NOT NULL,
        at REAL NOT NULL,
        before TEXT NOT NULL,
        event TEXT NOT NULL,
        after TEXT NOT NULL,
        actor TEXT NOT NULL,
        note TEXT
    ) STRICT;
    CREATE INDEX journal_event_intent ON journal_event (intent_id, id);

    CREATE TABLE bulk (
        id INTEGER PRIMARY KEY,
        label TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('filling', 'held', 'running', 'paused', 'done', 'cancelled')),
        reason TEXT NOT NULL DEFAULT '',
        total INTEGER NOT NULL DEFAULT 0,
        rate REAL,
        created_at REAL NOT NULL,
        not_before REAL NOT NULL,
        owner INTEGER,
        started_at REAL,
        ended_at REAL
    ) STRICT;

    CREATE TABLE owner (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        label TEXT NOT NULL,
        started_at REAL NOT NULL
    ) STRICT;

    CREATE TABLE draft (
        message_id INTEGER PRIMARY KEY,
        to_text TEXT NOT NULL,
        sender TEXT,
        flash INTEGER NOT NULL DEFAULT 0,
        schedule_text TEXT NOT NULL DEFAULT ''
    ) STRICT;

    CREATE TABLE contact (
        key TEXT PRIMARY KEY,
        number TEXT NOT NULL,
        name TEXT NOT NULL,
        gateway_id INTEGER,
        email TEXT NOT NULL DEFAULT '',
        tags TEXT NOT NULL DEFAULT '',
        seen_at REAL NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE credit (
        at REAL PRIMARY KEY,
        amount TEXT NOT NULL
    ) STRICT;

    CREATE TABLE fact (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
    # Triage beyond read, starred and archived; what composing and batches remember.
    # A snoozed message is archived until its time comes: lists and totals need to know nothing of it.
    """
    ALTER TABLE message ADD COLUMN snoozed_until REAL;
    CREATE INDEX message_snoozed ON message (snoozed_until, id) WHERE snoozed_until IS NOT NULL;

    CREATE TABLE message_label (
        label TEXT NOT NULL,
        message_id INTEGER NOT NULL,
        PRIMARY KEY (label, message_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE saved_view (
        name TEXT PRIMARY KEY,
        direction TEXT NOT NULL DEFAULT '',
        query TEXT NOT NULL,
        place INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE contact_group (
        code TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        gateway_id INTEGER,
        seen_at REAL NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE opt_out (
        key TEXT PRIMARY KEY,
        number TEXT NOT NULL,
        at REAL NOT NULL,
        message_id INTEGER,
        reason TEXT NOT NULL DEFAULT ''
    ) STRICT, WITHOUT ROWID;

    ALTER TABLE draft ADD COLUMN nofooter INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE draft ADD COLUMN at_gateway INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE bulk ADD COLUMN retry_of INTEGER;
    """,
    # What a batch says, and who was left out of it; numbers that asked to be left out, until a person has decided.
    """
    ALTER TABLE bulk ADD COLUMN text TEXT NOT NULL DEFAULT '';
    ALTER TABLE bulk ADD COLUMN sender TEXT;
    ALTER TABLE bulk ADD COLUMN opted_out INTEGER NOT NULL DEFAULT 0;

    CREATE TABLE opt_out_proposal (
        key TEXT PRIMARY KEY,
        message_id INTEGER NOT NULL,
        declined INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    """,
    # Names and groups under each of their words, so that a beginning is found as a range of an index.
    """
    CREATE TABLE contact_word (
        word TEXT NOT NULL,
        key TEXT NOT NULL,
        PRIMARY KEY (word, key)
    ) STRICT, WITHOUT ROWID;
    DELETE FROM fact WHERE name = 'contacts.at';
    """,
    # Places in lists are whole seconds from here on; see the module for the rest.
    schema_conversations.STEP,
    schema_search.STEP,
    # Where a message in one list is looked for in the other; see store/twins.py.
    """
    CREATE INDEX message_twin ON message (key, source, unixepoch(gateway_time) % 900)
        WHERE direction = 'in' AND twin_id IS NULL;
    """,
    # What is unread in the inbox: what was archived unread would stand between.
    """
    DROP INDEX message_unread;
    CREATE INDEX message_unread ON message (sort_at, id)
        WHERE direction = 'in' AND read = 0 AND archived = 0 AND deleted = 0;
    """,
    # What a batch has in it, as a digest: the same one again is noticed.
    """
    ALTER TABLE bulk ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';
    """,
    # Who writes a draft: what a program that ended was writing comes back, what another window writes does not.
    """
    ALTER TABLE draft ADD COLUMN owner INTEGER;
    """,
    # What can be taken back outlives the program: see store/undo_log.py. ``woken_at`` is the place that a snoozed
    # message woke up in; ``woken`` keeps what taking the snooze back needs.
    """
    CREATE TABLE triage_entry (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        owner INTEGER NOT NULL,
        kind TEXT NOT NULL,
        detail TEXT NOT NULL,
        at REAL NOT NULL,
        state TEXT NOT NULL DEFAULT 'doing' CHECK (state IN ('doing', 'done', 'undoing')),
        rows INTEGER NOT NULL DEFAULT 0,
        total INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX triage_entry_owner ON triage_entry (owner, id);

    CREATE TABLE triage_rows (
        id INTEGER PRIMARY KEY,
        entry INTEGER NOT NULL,
        step TEXT NOT NULL,
        ids TEXT NOT NULL
    ) STRICT;
    CREATE INDEX triage_rows_entry ON triage_rows (entry);

    CREATE TABLE woken (
        id INTEGER PRIMARY KEY,
        message_id INTEGER NOT NULL,
        until REAL NOT NULL,
        place REAL NOT NULL,
        sort_at REAL NOT NULL,
        woken_at REAL
    ) STRICT;
    CREATE INDEX woken_message ON woken (message_id, id);
    ALTER TABLE message ADD COLUMN woken_at REAL;
    """,
    # Nothing was read by it, and a first sync had every row in it.
    """
    DROP INDEX message_zone;
    """,
    schema_counting.STEP,
)

VERSION = len(STEPS)
