"""A connection to SQLite at which a test can do something just before a transaction begins, or let the disk be full."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest


class Disk:
    """What the connections made under it meet."""

    def __init__(self) -> None:
        self.is_full = False
        self.before_write: Callable[[], None] | None = None
        """Called once, when a transaction is about to take the lock: another program can be quicker."""

    def put_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        disk = self

        class Connection(sqlite3.Connection):
            def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
                if sql == "BEGIN IMMEDIATE" and disk.before_write is not None:
                    quicker, disk.before_write = disk.before_write, None
                    quicker()
                if sql == "COMMIT" and disk.is_full:
                    full = sqlite3.OperationalError("database or disk is full")
                    full.sqlite_errorcode = sqlite3.SQLITE_FULL
                    raise full
                return super().execute(sql, parameters)

        monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Connection))
