"""What was written and not sent. A draft is a row of the outbox; what was typed as recipients is kept as typed."""

from __future__ import annotations

from voipe_tui.store.database import Database
from voipe_tui.store.facts import Facts
from voipe_tui.store.journal import Journal
from voipe_tui.store.messages import Messages
from voipe_tui.store.models import Draft
from voipe_tui.store.new_rows import whole
from voipe_tui.store.states import Status

_COLUMNS = "m.id, d.to_text, m.text, d.sender, d.flash, d.schedule_text, m.status_at, d.nofooter, d.at_gateway"


class Drafts:
    """Saves often and cheaply; a draft that became empty goes."""

    def __init__(self, database: Database, messages: Messages, journal: Journal, facts: Facts) -> None:
        self._db = database
        self._messages = messages
        self._journal = journal
        self._facts = facts

    def save(self, draft: Draft) -> int:
        """Writes a draft (``id`` 0: a new one). Returns its ID, or 0 where there is nothing to keep."""
        if not (draft.to_text.strip() or draft.text.strip()):
            if draft.id:
                self.discard(draft.id)
            return 0
        now = self._db.clock()
        with self._db.write(durable=True) as changes:
            draft_id = draft.id if self._is_draft(draft.id) else self._begin(draft, now)
            self._messages.replace_text(draft_id, draft.to_text, draft.text)
            self._db.connection.execute(
                "UPDATE message SET sender = ?, sort_at = ?, status_at = ? WHERE id = ?",
                (draft.sender, whole(now), now, draft_id),
            )
            self._db.connection.execute(
                "INSERT OR REPLACE INTO draft (message_id, to_text, sender, flash, schedule_text, nofooter, "
                "at_gateway, owner) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    draft_id,
                    draft.to_text,
                    draft.sender,
                    int(draft.flash),
                    draft.schedule_text,
                    int(draft.nofooter),
                    int(draft.at_gateway),
                    self._journal.owner.id,
                ),
            )
            (changes.ids if draft_id == draft.id else changes.inserted).add(draft_id)
        return draft_id

    def _begin(self, draft: Draft, now: float) -> int:
        rows = self._messages.batch()
        draft_id = rows.add(
            "out", "outgoing", draft.to_text, draft.text, now, epoch=self._facts.epoch("outgoing"),
            status=Status.DRAFT.value, status_at=now, created_at=now, read=1,
        )  # fmt: skip
        rows.write()
        return draft_id

    def _is_draft(self, draft_id: int) -> bool:
        row = self._db.row("SELECT status FROM message WHERE id = ?", (draft_id,))
        return row is not None and row[0] == Status.DRAFT

    def get(self, draft_id: int) -> Draft | None:
        found = self._read("m.id = ?", (draft_id,), 1)
        return found[0] if found else None

    def of(self, key: str) -> Draft | None:
        """The newest one to that number; the plus keeps SQLite from going through all messages of the number."""
        return next(iter(self._read("+m.key = ?", (key,), 1)), None)

    def all(self, limit: int = 100) -> list[Draft]:
        """The newest first."""
        return self._read("1", (), limit)

    def last_written(self) -> Draft | None:
        """The newest one, of those that no other living program is writing."""
        for owner in self._db.rows(
            "SELECT m.id, d.owner FROM message m JOIN draft d ON d.message_id = m.id "
            "WHERE m.status = 'draft' AND m.deleted = 0 ORDER BY m.sort_at DESC, m.id DESC LIMIT 20"
        ):
            by = None if owner[1] is None else int(str(owner[1]))
            if by == self._journal.owner.id or not self._journal.is_alive(by):
                return self.get(int(str(owner[0])))
        return None

    def _read(self, where: str, parameters: tuple[object, ...], limit: int) -> list[Draft]:
        rows = self._db.rows(
            f"SELECT {_COLUMNS} FROM message m JOIN draft d ON d.message_id = m.id "  # noqa: S608
            f"WHERE m.status = 'draft' AND m.deleted = 0 AND {where} ORDER BY m.sort_at DESC, m.id DESC LIMIT ?",
            (*parameters, limit),
        )
        return [
            Draft(*row[:4], bool(row[4]), *row[5:7], bool(row[7]), bool(row[8]))  # type: ignore[arg-type, call-arg]
            for row in rows
        ]

    def discard(self, draft_id: int) -> None:
        self._journal.discard_draft(draft_id)
