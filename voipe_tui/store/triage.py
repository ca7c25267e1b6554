"""What a person does to messages here: read, star, archive, delete. All local, at once, also without a gateway."""

from __future__ import annotations

from collections.abc import Iterable

from voipe_tui.store.database import Database
from voipe_tui.store.messages import Messages
from voipe_tui.store.states import OURS, Status


class Triage:
    """Local state; it survives everything the gateway does. Each call is one transaction and tells the rows that
    really changed, so that an undo hits those and no others."""

    def __init__(self, database: Database, messages: Messages) -> None:
        self._db = database
        self._messages = messages

    def set_read(self, ids: Iterable[int], read: bool = True) -> list[int]:
        return self._flag("read", ids, read)

    def set_starred(self, ids: Iterable[int], starred: bool = True) -> list[int]:
        return self._flag("starred", ids, starred)

    def set_archived(self, ids: Iterable[int], archived: bool = True) -> list[int]:
        return self._flag("archived", ids, archived)

    def set_deleted(self, ids: Iterable[int], deleted: bool = True) -> list[int]:
        """Hides rows here; the gateway keeps its own. What is still to be sent is not deleted but cancelled first."""
        allowed = [
            message.id
            for message in self._messages.get(ids).values()
            if message.status not in OURS | {Status.SENDING, Status.UNKNOWN}
        ] if deleted else list(ids)  # fmt: skip
        return self._flag("deleted", allowed, deleted)

    def _flag(self, column: str, ids: Iterable[int], on: bool) -> list[int]:
        done: list[int] = []
        with self._db.write() as changes:
            for message_id in ids:
                cursor = self._db.connection.execute(
                    f"UPDATE message SET {column} = ?1 WHERE id = ?2 AND {column} <> ?1",  # noqa: S608 - our own names
                    (int(on), message_id),
                )
                if cursor.rowcount:
                    done.append(message_id)
            leaves = column in ("archived", "deleted")
            (changes.removed if leaves and on else changes.inserted if leaves else changes.ids).update(done)
        return done
