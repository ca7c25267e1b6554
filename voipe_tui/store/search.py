"""The search index: kept a little behind the messages. What it finds is read in :mod:`voipe_tui.store.search_ways`.

New messages are not indexed as they come: that costs more than all else about them. :meth:`SearchIndex.index_some` does
it when there is time, a few milliseconds at a time, and before a search for the last few. Whatever the index says of a
message is checked against the message, so an entry that is out of date only wastes a look.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from voipe_tui.errors import StoreError
from voipe_tui.store.database import Database
from voipe_tui.store.facts import Facts
from voipe_tui.store.schema_search import place_id
from voipe_tui.store.search_numbers import who_is
from voipe_tui.store.search_ways import LONGEST_WORD, PREFIX_INDEXES, Search
from voipe_tui.store.search_words import parse, who_of
from voipe_tui.text.search_fold import WORD, fold_loosely

STEP_ROWS: Final = 64
"""Messages indexed at once: 2 ms, now and then 10."""
_STEP_NUMBERS: Final = 256
_SMALL_REST: Final = 300  # so many messages are indexed before a search; more are left to those who have time
_REMEMBERED_WORDS: Final = 20_000


class SearchIndex:
    """Fills the index and reads it."""

    def __init__(self, database: Database, facts: Facts) -> None:
        self._db = database
        self._facts = facts
        self._seen_words: set[str] = set()

    # Filling

    def left(self) -> int:
        """About how many messages are not indexed yet, or not as they are now; 0 only where all are."""
        row = self._db.row(
            "SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'message'), 0), "
            "(SELECT count(*) FROM (SELECT 1 FROM search_todo LIMIT 1000)), "
            "ifnull((SELECT max(id) FROM conversation), 0)"
        )
        assert row is not None
        messages, changed, numbers = (int(str(each)) for each in row)
        return max(0, messages - self._upto()) + changed + max(0, numbers - self._numbers_upto())

    def index_some(self, limit: int = STEP_ROWS) -> int:
        """Indexes up to ``limit`` messages that are not yet, in the order in which they came. Returns about how many
        are left; 0: all are."""
        if not self.left():
            return 0
        with self._db.write():
            upto = self._upto()
            changed = self._index_changed(upto, limit)
            rows: list[Any] = []
            if changed < limit:
                rows = self._db.rows(
                    "SELECT id, sort_at, text FROM message WHERE id > ? ORDER BY id LIMIT ?", (upto, limit - changed)
                )
                self._enter(rows)
                last = self._db.row("SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'message'), 0)")
                done = rows[-1][0] if len(rows) == limit - changed else last[0] if last else 0
                self._facts.set("search.messages", str(done))
            self._index_numbers()
            self._db.connection.execute(
                "INSERT INTO message_search (message_search, rank) VALUES ('merge', ?)", (limit,)
            )
        return self.left()

    def _index_changed(self, upto: int, limit: int) -> int:
        """Messages that were changed or removed after they had been indexed. Returns how many."""
        before: list[Any] = self._db.rows("SELECT id, sort_at, text FROM search_todo ORDER BY id LIMIT ?", (limit,))
        if not before:
            return 0
        ids = f"[{','.join(str(row[0]) for row in before)}]"
        self._db.connection.executemany(
            "INSERT INTO message_search (message_search, rowid, text) VALUES ('delete', ?, ?)",
            [(place_id(at, row_id), " ".join(_words(text))) for row_id, at, text in before if row_id <= upto],
        )
        self._enter(
            self._db.rows(
                "SELECT id, sort_at, text FROM message WHERE id <= ? AND id IN (SELECT value FROM json_each(?))",
                (upto, ids),
            )
        )
        self._db.connection.execute("DELETE FROM search_todo WHERE id IN (SELECT value FROM json_each(?))", (ids,))
        return len(before)

    def _index_numbers(self) -> None:
        upto = self._numbers_upto()
        rows = self._db.rows("SELECT id, key FROM conversation WHERE id > ? ORDER BY id LIMIT ?", (upto, _STEP_NUMBERS))
        if rows:
            self._db.connection.executemany(
                "INSERT INTO number_search (rowid, number) VALUES (?, ?)",
                [(row_id, who_of(str(key))) for row_id, key in rows],
            )
            self._facts.set("search.numbers", str(rows[-1][0]))

    def _enter(self, rows: Sequence[Any]) -> None:
        execute = self._db.connection.executemany
        found = [(place_id(at, row_id), _words(text)) for row_id, at, text in rows]
        execute("INSERT INTO message_search (rowid, text) VALUES (?, ?)", [(at, " ".join(each)) for at, each in found])
        if len(self._seen_words) > _REMEMBERED_WORDS:
            self._seen_words.clear()
        new = {word[:LONGEST_WORD] for _, words in found for word in words if len(word) > PREFIX_INDEXES}
        new -= self._seen_words
        execute("INSERT OR IGNORE INTO search_word VALUES (?)", [(word,) for word in new])
        self._seen_words |= new

    def _upto(self) -> int:
        return self._facts.get_int("search.messages")

    def _numbers_upto(self) -> int:
        return self._facts.get_int("search.numbers")

    def _knows_all_numbers(self) -> bool:
        row = self._db.row("SELECT ifnull((SELECT max(id) FROM conversation), 0)")
        return row is not None and int(str(row[0])) <= self._numbers_upto()

    def catch_up(self) -> None:
        """Before a search: the last few messages are indexed. Where that cannot be (the disk is full, another program
        is writing) the search finds what is there."""
        try:
            if 0 < self.left() <= _SMALL_REST:
                self.index_some(_SMALL_REST)
        except StoreError:
            return

    def begin_again(self) -> None:
        """Every place has changed: the index is filled anew; the caller holds the transaction."""
        self._db.connection.execute("INSERT INTO message_search (message_search) VALUES ('delete-all')")
        self._db.connection.execute("DELETE FROM search_todo")
        self._facts.set("search.messages", None)

    # Asking

    def prepare(self, typed: str) -> Search | None:
        """What is needed to find ``typed``; None where there is nothing in it that could be found."""
        asked = parse(typed)
        if not asked:
            return None
        complete = self._knows_all_numbers()
        return Search(self._db, typed, asked, [who_is(self._db, each, complete=complete) for each in asked])


def _words(text: str) -> list[str]:
    return WORD.findall(fold_loosely(text))
