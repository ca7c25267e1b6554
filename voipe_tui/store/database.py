"""One SQLite connection, its transactions, and what its failures mean to a person.

The store is synchronous and belongs to one thread: a page of 64 rows takes about 0.1 ms, less than handing it to a
thread would. WAL lets several programs work on one profile; a write takes the lock first (BEGIN IMMEDIATE), so it
never fails half-way for having read too early.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from math import inf
from pathlib import Path

from voipe_tui.errors import StoreError
from voipe_tui.store.models import Changed
from voipe_tui.store.schema import STEPS, VERSION

Clock = Callable[[], float]
Listener = Callable[[Changed], None]

_MANY = 2_000  # beyond so many rows a listener does better to look at its window afresh
_BUSY_MS = 5_000
_LEFTOVERS = ("", "-wal", "-shm")
_AT_ONCE = 64  # rows a statement, a power of 4
_CHECKPOINT_AFTER = 6_000  # rows changed
_CHECKPOINT_HERE = 8_000  # pages of 4 KiB, twice what so many rows are


class Changes:
    """What a transaction touched; becomes one :class:`Changed` when it is committed.

    ``new_rows`` counts rows that came into sight by (direction, status, unread, archived), less those that left it, for
    the totals.
    """

    def __init__(self) -> None:
        self.ids: set[int] = set()
        self.inserted: set[int] = set()
        self.removed: set[int] = set()
        self.woken: set[int] = set()
        self.account = False
        self.everything = False
        self.new_rows: Counter[tuple[str, str, int, int]] = Counter()

    def told(self) -> Changed | None:
        if self.everything or len(self.ids) + len(self.inserted) + len(self.removed) > _MANY:
            return Changed(account=self.account, everything=True, woken=frozenset(self.woken))
        if not (self.ids or self.inserted or self.removed or self.account):
            return None
        return Changed(
            ids=frozenset(self.ids - self.removed),
            inserted=frozenset(self.inserted - self.removed),
            removed=frozenset(self.removed),
            account=self.account,
            woken=frozenset(self.woken),
        )


class Database:
    """The connection. ``path`` None keeps everything in memory (the demo)."""

    def __init__(self, path: Path | None, clock: Clock, *, read_only: bool = False) -> None:
        self.path = path
        self._read_only = read_only
        self.clock = clock
        self.set_aside: Path | None = None
        self._listeners: list[Listener] = []
        self._changes: Changes | None = None
        self._durable: bool | None = None
        self._checkpoint: threading.Thread | None = None
        self._checkpoint_at = float(_CHECKPOINT_AFTER)
        self.connection = self._open()
        self._seen_version = self._data_version()

    # Opening

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if self.path is None or not _is_broken(error):
                raise _explain(error, self.path) from error
            self.set_aside = self._put_aside()
            try:
                return self._connect()
            except sqlite3.Error as again:
                raise _explain(again, self.path) from again

    def _connect(self) -> sqlite3.Connection:
        if self._read_only:
            return self._connect_to_read()
        if self.path is not None:
            try:
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                # SQLite makes a new file readable for all that umask allows: make it ourselves first.
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            except OSError as error:
                raise StoreError(
                    f"The message store {self.path} cannot be opened: {error.strerror}. Nothing was sent.",
                    hint="Check the folder's permissions and that its disk is mounted and not full.",
                ) from error
        connection = sqlite3.connect(
            ":memory:" if self.path is None else self.path,
            isolation_level=None,
            timeout=_BUSY_MS / 1000,
            cached_statements=256,
        )
        try:
            self._refuse_future(connection)
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_HERE}")
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect_to_read(self) -> sqlite3.Connection:
        assert self.path is not None
        # Anything else would make files beside it.
        connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?immutable=1", uri=True, isolation_level=None)
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                raise StoreError(
                    f"The message store {self.path} cannot be brought up to date.", hint="Make room first."
                )
        except BaseException:
            connection.close()
            raise
        return connection

    def _refuse_future(self, connection: sqlite3.Connection) -> None:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise StoreError(
                f"The message store {self.path} was written by a newer voipe-tui (schema {version}, this one knows "
                f"{VERSION}). It was not touched and nothing was sent.",
                hint="Update voipe-tui, or use another profile.",
            )

    @staticmethod
    def _migrate(connection: sqlite3.Connection) -> None:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        while version < VERSION:
            connection.execute("BEGIN EXCLUSIVE")
            try:
                # Another program may have taken the step while we waited for the lock.
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                if version < VERSION:
                    for statement in _statements(STEPS[version]):
                        connection.execute(statement)
                    version += 1
                    connection.execute(f"PRAGMA user_version = {version}")
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    def _put_aside(self) -> Path:
        """A file that is no database is kept under another name, with its journal files: someone may mend it."""
        assert self.path is not None
        stamp = datetime.fromtimestamp(self.clock(), UTC).strftime("%Y%m%d-%H%M%S")
        kept = self.path.with_name(f"{self.path.name}.broken-{stamp}")
        suffix = 0
        while kept.exists():
            suffix += 1
            kept = self.path.with_name(f"{self.path.name}.broken-{stamp}-{suffix}")
        for ending in _LEFTOVERS:
            part = self.path.with_name(self.path.name + ending)
            if part.exists():
                part.rename(kept.with_name(kept.name + ending))
        return kept

    def close(self) -> None:
        self._listeners.clear()
        if self._checkpoint is not None:
            self._checkpoint.join()  # the last connection to be closed tidies up: let that be this one
        self.connection.close()

    @contextmanager
    def roomy(self) -> Iterator[None]:
        """A large cache and rare checkpoints, for writing very much in a program of its own."""
        execute = self.connection.execute
        execute("PRAGMA cache_size = -131072")
        execute("PRAGMA wal_autocheckpoint = 32768")
        self._checkpoint_at = inf
        try:
            yield
        finally:
            self._checkpoint_at = self.connection.total_changes + _CHECKPOINT_AFTER
            execute("PRAGMA cache_size = -2000")
            execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_HERE}")
            execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    # Reading

    def rows(self, sql: str, parameters: tuple[object, ...] | dict[str, object] = ()) -> list[tuple[object, ...]]:
        try:
            return self.connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise _explain(error, self.path) from error

    def row(self, sql: str, parameters: tuple[object, ...] | dict[str, object] = ()) -> tuple[object, ...] | None:
        rows = self.rows(sql, parameters)
        return rows[0] if rows else None

    # Writing

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Changes]:
        """A transaction; listeners are told after the commit. Inside another one it joins that one.

        ``durable``: the commit has reached the disk (synchronous=FULL) when this returns. The rest may be lost to a
        power cut, never torn, and is fetched from the gateway again.
        """
        if self._changes is not None:
            if durable and not self._durable:
                raise RuntimeError("a durable write inside one that is not")
            yield self._changes
            return
        changes = Changes()
        try:
            if durable is not self._durable:
                self.connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise _explain(error, self.path) from error
        self._changes = changes
        try:
            yield changes
            if changes.new_rows:
                self.connection.executemany(
                    "INSERT INTO tally VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
                    [(*kind, n) for kind, n in changes.new_rows.items()],
                )
            self.connection.execute("COMMIT")
        except BaseException as error:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise _explain(error, self.path) from error
            raise
        finally:
            self._changes = None
        if self.connection.total_changes >= self._checkpoint_at:
            self._start_checkpoint()
        self._tell(changes.told())

    def _start_checkpoint(self) -> None:
        """What was written moves from the log into the file in a thread, for that waits for the disk: neither the keys
        nor a sync do. Where the thread lags behind, a commit does the rest of it (``_CHECKPOINT_HERE``)."""
        if self.path is None or (self._checkpoint is not None and self._checkpoint.is_alive()):
            return
        self._checkpoint_at = self.connection.total_changes + _CHECKPOINT_AFTER
        uri = f"{self.path.absolute().as_uri()}?mode=rw"
        thread = threading.Thread(target=_checkpoint, args=(uri,), name="checkpoint", daemon=True)
        with suppress(RuntimeError):  # no more threads are to be had: what was committed is no failure for that
            thread.start()
            self._checkpoint = thread

    def insert(self, into: str, rows: Sequence[Sequence[object]], conflict: str = "") -> None:
        """Writes ``rows`` into a table (with its columns) within a transaction; ``conflict`` ends the statement.

        Many go into one statement, for most of what a statement costs is paid once for them.
        """
        at_once, start = _AT_ONCE, 0
        while start < len(rows):
            while start + at_once > len(rows):
                at_once //= 4
            sql = _inserting(into, len(rows[0]), at_once, conflict)
            self.connection.execute(sql, list(chain.from_iterable(rows[start : start + at_once])))
            start += at_once

    @property
    def changes(self) -> Changes:
        """Of the transaction that is going on."""
        if self._changes is None:
            raise RuntimeError("rows are written within a transaction")
        return self._changes

    def _tell(self, changed: Changed | None) -> None:
        if changed is not None:
            for listener in tuple(self._listeners):
                listener(changed)

    # Listening

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` after each commit that changed rows; the answer ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def _data_version(self) -> int:
        [[version]] = self.rows("PRAGMA data_version")
        return int(str(version))

    def look_around(self) -> bool:
        """Whether another program wrote since the last look; listeners are then told to look afresh."""
        version = self._data_version()
        if version == self._seen_version:
            return False
        self._seen_version = version
        self._tell(Changed(account=True, everything=True))
        return True


def _checkpoint(uri: str) -> None:
    try:
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=0)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except sqlite3.Error as error:
        # Nothing is lost: the log has it all, and what is wrong with the disk the next commit tells a person.
        import logging

        logging.getLogger(__name__).info("the log of the store was not moved into its file: %s", error)


@lru_cache(maxsize=32)
def _inserting(into: str, columns: int, rows: int, conflict: str) -> str:
    marks = f"({', '.join('?' * columns)})"
    return f"INSERT INTO {into} VALUES {', '.join([marks] * rows)} {conflict}"  # noqa: S608 - our own words


def is_current(path: Path) -> bool:
    """Whether a database is there and needs no step of the schema: it opens in a millisecond."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)) as connection:
            return bool(connection.execute("PRAGMA user_version").fetchone()[0] == VERSION)
    except sqlite3.Error:
        return False


def _statements(script: str) -> Iterator[str]:
    """The single statements of a script: ``executescript`` would commit before it starts."""
    pending = ""
    for piece in script.split(";"):
        pending += piece + ";"
        if sqlite3.complete_statement(pending):
            if pending.strip(" \n;"):
                yield pending
            pending = ""


def _is_broken(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def _explain(error: sqlite3.Error, path: Path | None) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    where = path or "in memory"
    if code == sqlite3.SQLITE_FULL:
        return StoreError(
            f"The disk is full: the message store {where} could not be written. What was not saved was not sent.",
            hint="Make room on the disk and try again.",
            title="The disk is full",
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError(
            f"Another program holds the message store {where} for longer than {_BUSY_MS // 1000} s. Nothing was sent.",
            hint="Close the other program, or try again.",
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return StoreError(
            f"The message store {where} cannot be written ({error}). Nothing was sent.",
            hint="Check the permissions of the file and its folder.",
        )
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return StoreError(
            f"The message store {where} is damaged ({error}). Nothing was sent.",
            hint="Start voipe-tui again: it keeps the damaged file aside and begins a new one.",
        )
    if code == sqlite3.SQLITE_IOERR:
        return StoreError(
            f"The disk under the message store {where} gave an error ({error}). What was not saved was not sent.",
            hint="Check the disk's health and free space.",
        )
    return StoreError(f"The message store {where} failed: {error}.", hint="Please report this as a bug.")
