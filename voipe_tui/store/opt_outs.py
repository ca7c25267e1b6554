"""Who must not be written to: the opt-out list of a profile, and who asked for it and waits for a decision.

Incoming messages are looked through once, a stretch at a time; where the words change, from the beginning. A proposal
that was declined does not come back; only a newer message of the same number is a new question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.store.facts import Facts
from voipe_tui.text.numbers import number_key
from voipe_tui.text.opt_out import Asking

STRETCH = 500
"""Rows looked through at once: 3 ms."""

_AT_ONCE = 500
_SEEN, _WORDS = "opt_out.seen", "opt_out.words"


class OptOut(NamedTuple):
    """A number that is not written to. ``message_id`` is the message that asked for it, if one did."""

    key: str
    number: str
    at: float
    message_id: int | None
    reason: str
    name: str | None = None


class Proposal(NamedTuple):
    """A number whose message asks to be left out."""

    key: str
    number: str
    name: str | None
    message_id: int
    text: str
    at: float


class OptOuts:
    """The list and its proposals. Keys are those of conversations: E.164 for phone numbers."""

    def __init__(self, database: Database, facts: Facts, region: str) -> None:
        self._db = database
        self._facts = facts
        self._region = region

    # The list

    def all(self) -> list[OptOut]:
        """The newest first."""
        rows = self._db.rows(
            "SELECT o.key, o.number, o.at, o.message_id, o.reason, c.name FROM opt_out o "
            "LEFT JOIN contact c ON c.key = o.key ORDER BY o.at DESC, o.key"
        )
        return [OptOut(*row) for row in rows]  # type: ignore[arg-type]

    def count(self) -> int:
        row = self._db.row("SELECT count(*) FROM opt_out")
        return 0 if row is None else int(str(row[0]))

    def has(self, keys: Collection[str]) -> set[str]:
        """Those of the keys that are on the list."""
        found: set[str] = set()
        wanted = list(keys)
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            rows = self._db.rows(f"SELECT key FROM opt_out WHERE key IN ({marks})", tuple(some))  # noqa: S608
            found.update(str(key) for (key,) in rows)
        return found

    def add(self, number: str, *, message_id: int | None = None, reason: str = "") -> str:
        """Puts a number on the list and settles what was proposed of it. Returns its key."""
        key = number_key(number, self._region)
        with self._db.write(durable=True) as changes:
            self._db.connection.execute(
                "INSERT INTO opt_out VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (key, number, self._db.clock(), message_id, reason),
            )
            self._db.connection.execute("DELETE FROM opt_out_proposal WHERE key = ?", (key,))
            changes.account = True
        return key

    def remove(self, keys: Iterable[str]) -> int:
        """Takes numbers off the list. Returns how many were on it."""
        with self._db.write(durable=True) as changes:
            gone = sum(
                self._db.connection.execute("DELETE FROM opt_out WHERE key = ?", (key,)).rowcount for key in keys
            )
            changes.account = gone > 0
        return gone

    # Proposals

    def look(self, words: Iterable[str], rows: int = STRETCH) -> int:
        """Looks through the next stretch of incoming messages. Returns how many rows may still be unseen."""
        asking = Asking(words)
        row = self._db.row("SELECT ifnull(max(id), 0) FROM message")
        top = int(str(row[0])) if row is not None else 0
        same = self._facts.get(_WORDS) == asking.identity
        seen = self._facts.get_int(_SEEN) if same else 0
        if same and seen >= top:
            return 0
        until = min(seen + rows, top)
        found = self._db.rows(
            "SELECT key, id, text FROM message WHERE id > ? AND id <= ? AND direction = 'in' AND deleted = 0 "
            "ORDER BY id",
            (seen, until),
        )
        asked = [(key, row_id) for key, row_id, text in found if asking.asks(str(text))]
        with self._db.write() as changes:
            if not same:
                self._db.connection.execute("DELETE FROM opt_out_proposal WHERE declined = 0")
                self._facts.set(_WORDS, asking.identity)
            self._db.connection.executemany(
                "INSERT INTO opt_out_proposal (key, message_id) VALUES (?, ?) ON CONFLICT DO UPDATE SET "
                "message_id = excluded.message_id, declined = 0 WHERE excluded.message_id > message_id",
                asked,
            )
            self._facts.set(_SEEN, str(until))
            changes.account = changes.account or bool(asked)
        return top - until

    def proposals(self, limit: int = 1_000) -> list[Proposal]:
        """Who asks to be left out and is not yet, the newest first; of what was looked through so far."""
        rows = self._db.rows(
            "SELECT p.key, m.number, c.name, m.id, m.text, m.sort_at FROM opt_out_proposal p "
            "JOIN message m ON m.id = p.message_id LEFT JOIN contact c ON c.key = p.key "
            "WHERE p.declined = 0 AND p.key NOT IN (SELECT key FROM opt_out) "
            "ORDER BY m.sort_at DESC, m.id DESC LIMIT ?",
            (limit,),
        )
        return [Proposal(*row) for row in rows]  # type: ignore[arg-type]

    def asking(self) -> int:
        """How many proposals wait for a decision, of what was looked through so far."""
        row = self._db.row(
            "SELECT count(*) FROM opt_out_proposal p WHERE p.declined = 0 AND p.key NOT IN (SELECT key FROM opt_out)"
        )
        return 0 if row is None else int(str(row[0]))

    def undecided(self) -> set[str]:
        """The keys of those proposals."""
        rows = self._db.rows(
            "SELECT p.key FROM opt_out_proposal p WHERE p.declined = 0 AND p.key NOT IN (SELECT key FROM opt_out)"
        )
        return {str(row[0]) for row in rows}

    def decline(self, key: str) -> None:
        """This message does not ask for it: it is not proposed again."""
        with self._db.write() as changes:
            self._db.connection.execute("UPDATE opt_out_proposal SET declined = 1 WHERE key = ?", (key,))
            changes.account = True
