"""What can be taken back, on the disk: it outlives the program, and one that died in the middle of an action.

An entry is written in the transactions that change the messages, so that both are there or neither is. It belongs to
the program that did the action; when that has ended, the next one takes it over. Nobody takes back what another
window did.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable
from typing import NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.store.owners import Owner
from voipe_tui.store.triage_words import Kind
from voipe_tui.store.triage_work import Groups

KEPT_SECONDS = 7 * 86_400.0
"""So long after it was done an action of an earlier run can be taken back."""


class Logged(NamedTuple):
    """An action of an earlier run. ``state``: ``done``, or ``doing`` or ``undoing`` where the program ended in the
    middle; ``rows`` are changed of ``total`` that were meant; ``at``: when it began (epoch seconds)."""

    key: int
    kind: Kind
    detail: str
    at: float
    state: str
    rows: int
    total: int


class UndoLog:
    """The entries of this program. All but :meth:`adopt` and :meth:`groups` are called within a transaction."""

    def __init__(self, database: Database, owner: Callable[[], Owner]) -> None:
        self._db = database
        self._owner = owner

    def begin(self, kind: Kind, detail: str, total: int) -> int:
        """A new entry, under way; the answer is its key."""
        cursor = self._db.connection.execute(
            "INSERT INTO triage_entry (owner, kind, detail, at, total) VALUES (?, ?, ?, ?, ?)",
            (self._owner().id, kind, detail, self._db.clock(), total),
        )
        return int(cursor.lastrowid or 0)

    def add(self, key: int, groups: Groups) -> None:
        """Rows that changed, by what happened to them."""
        self._db.connection.executemany(
            "INSERT INTO triage_rows (entry, step, ids) VALUES (?, ?, ?)",
            [(key, json.dumps(step), json.dumps(ids.tolist())) for step, ids in groups.items()],
        )
        self._db.connection.execute(
            "UPDATE triage_entry SET rows = rows + ? WHERE id = ?", (sum(map(len, groups.values())), key)
        )

    def mark(self, key: int, state: str) -> None:
        self._db.connection.execute("UPDATE triage_entry SET state = ? WHERE id = ?", (state, key))

    def drop(self, key: int) -> None:
        """Taken back, or too old."""
        self._db.connection.execute("DELETE FROM triage_rows WHERE entry = ?", (key,))
        self._db.connection.execute("DELETE FROM triage_entry WHERE id = ?", (key,))

    def groups(self, key: int) -> Groups:
        """The rows of an entry."""
        found: Groups = {}
        for step, ids in self._db.rows("SELECT step, ids FROM triage_rows WHERE entry = ? ORDER BY id", (key,)):
            before, after = json.loads(str(step))
            found.setdefault((tuple(before), tuple(after)), array("q")).extend(json.loads(str(ids)))
        return found

    def adopt(self) -> list[Logged]:
        """What programs that have ended left behind, oldest first: from now on it is ours."""
        owner = self._owner()
        now = self._db.clock()
        if not self._of_others(owner.id):
            return []
        with self._db.write():
            for other in self._of_others(owner.id):
                if owner.is_alive(other, None, now):
                    continue
                old = "SELECT id FROM triage_entry WHERE owner = ? AND at < ?"
                for (key,) in self._db.rows(old, (other, now - KEPT_SECONDS)):
                    self.drop(int(str(key)))
                self._db.connection.execute("UPDATE triage_entry SET owner = ? WHERE owner = ?", (owner.id, other))
            self._db.connection.execute("DELETE FROM woken WHERE place < ?", (now - KEPT_SECONDS,))
        rows = self._db.rows(
            "SELECT id, kind, detail, at, state, rows, total FROM triage_entry WHERE owner = ? ORDER BY id", (owner.id,)
        )
        return [Logged(*row) for row in rows]  # type: ignore[arg-type]

    def _of_others(self, owner: int) -> list[int]:
        rows = self._db.rows("SELECT DISTINCT owner FROM triage_entry WHERE owner <> ?", (owner,))
        return [int(str(row[0])) for row in rows]
