"""Who is working on a profile, and is he still alive?

An intent that is being sent belongs to one program (its owner). When that program dies, even by SIGKILL or a power
cut, another must be able to tell at once: each owner holds a lock on a small file of its own beside the database,
which the operating system lets go of with the process. Where there are no such locks (or no file: the demo), only the
lease in the journal tells.
"""

from __future__ import annotations

import contextlib
import glob
import os
from pathlib import Path
from typing import IO

from voipe_tui.store.database import Database

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class Owner:
    """This program's own name tag: a number never used before in this database, and its lock."""

    def __init__(self, database: Database, kind: str) -> None:
        self._path = database.path
        with database.write(durable=True):
            cursor = database.connection.execute(
                "INSERT INTO owner (label, started_at) VALUES (?, ?)", (f"{kind} {os.getpid()}", database.clock())
            )
        self.id = int(cursor.lastrowid or 0)
        self._file: IO[bytes] | None = None
        if self._path is not None and fcntl is not None:
            self._bury_the_dead()
            tag = self._tag(self.id)
            made = tag.with_name(f"{tag.name}.new")
            handle = made.open("wb")
            made.chmod(0o600)
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Only now under its name: a tag that nobody holds is that of a program that died.
            made.replace(tag)
            self._file = handle

    def _bury_the_dead(self) -> None:
        """Removes the tags of programs that were killed."""
        assert self._path is not None
        beginning = f"{self._path.name}-owner-"
        for tag in self._path.parent.glob(f"{glob.escape(beginning)}*"):
            number = tag.name.removeprefix(beginning)
            if number.isdecimal() and int(number) != self.id:
                self.is_held(tag)

    def _tag(self, owner: int) -> Path:
        assert self._path is not None
        return self._path.with_name(f"{self._path.name}-owner-{owner}")

    def is_alive(self, owner: int, lease_until: float | None, now: float) -> bool:
        """Whether the program with number ``owner`` still runs; without locks, whether its lease still holds."""
        if owner == self.id:
            return True
        if self._file is None or fcntl is None:
            return lease_until is not None and lease_until > now
        return self.is_held(self._tag(owner))

    @staticmethod
    def is_held(tag: Path) -> bool:
        """Whether a living program holds the tag; one that nobody holds is removed."""
        assert fcntl is not None
        try:
            with tag.open("rb") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                tag.unlink(missing_ok=True)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        return False

    def close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(FileNotFoundError):
                self._tag(self.id).unlink()
            self._file.close()
            self._file = None
