"""The search index: a late step of the schema.

``message_search`` holds the words of texts, without the texts. Its rowid is a message's place in the lists (second,
then ID: see :func:`place_id`), so what matches comes out in the order of a list, a page at a time; ordering by anything
else would gather every match first. Prefix indexes make the beginning of a word as cheap as a word.

``number_search`` holds three-letter pieces of each distinct number, once for a conversation and not for each message.
``search_word`` knows every longer word: the beginning of one becomes the few words that begin so.

All three are filled behind the messages, a little at a time; how far is in ``fact``. ``search_todo`` keeps what a
message was when it was changed or removed since: the index holds no texts, and must be told what to take out.

The index grows in segments that are merged now and then. SQLite left to itself would merge whole levels of them at some
unlucky moment, for a third of a second; here each step of filling merges a little.
"""

from __future__ import annotations

_ID_BITS = 26
_ID_MASK = (1 << _ID_BITS) - 1


def place_id(sort_at: float, message_id: int) -> int:
    """The rowid in ``message_search``: in the order of the lists, whose places are whole seconds."""
    return (int(sort_at) << _ID_BITS) + message_id


def place_of(rowid: int) -> tuple[float, int]:
    """Which place of a list that is: (sort_at, id)."""
    return float(rowid >> _ID_BITS), rowid & _ID_MASK


STEP = """
    DROP TABLE message_search;
    CREATE VIRTUAL TABLE message_search USING fts5 (
        text, content = '', tokenize = 'unicode61 remove_diacritics 0', prefix = '1 2 3 4'
    );
    INSERT INTO message_search (message_search, rank) VALUES ('automerge', 0);
    INSERT INTO message_search (message_search, rank) VALUES ('crisismerge', 1000);
    INSERT INTO message_search (message_search, rank) VALUES ('usermerge', 8);
    CREATE VIRTUAL TABLE number_search USING fts5 (number, content = '', tokenize = 'trigram');
    CREATE TABLE search_word (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

    CREATE TABLE search_todo (id INTEGER PRIMARY KEY, sort_at REAL NOT NULL, text TEXT NOT NULL) STRICT;
    CREATE TRIGGER search_changed AFTER UPDATE OF sort_at, text ON message
        WHEN old.sort_at <> new.sort_at OR old.text <> new.text
    BEGIN
        INSERT OR IGNORE INTO search_todo VALUES (old.id, old.sort_at, old.text);
    END;
    CREATE TRIGGER search_removed AFTER DELETE ON message BEGIN
        INSERT OR IGNORE INTO search_todo VALUES (old.id, old.sort_at, old.text);
    END;

    DROP INDEX message_batch;
    CREATE INDEX message_batch ON message (batch, status, sort_at, id) WHERE batch IS NOT NULL;
    CREATE INDEX message_batch_list ON message (batch, sort_at, id) WHERE batch IS NOT NULL;
    CREATE INDEX message_archived ON message (direction, sort_at, id) WHERE archived = 1 AND deleted = 0;
"""
