"""What concerns all tests: those that take minutes run only when asked for (``-m long``); new stores are copies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from voipe_tui.store.database import Database


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "long" in config.getoption("-m"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("long")]


@pytest.fixture(scope="session", autouse=True)
def new_stores_are_copies() -> Iterator[None]:
    """The steps to the schema are taken once, not for each of a thousand stores: 23 ms each.

    Stores of older versions, and those that other processes make, take their steps as always.
    """
    take_steps = Database._migrate
    made = sqlite3.connect(":memory:", isolation_level=None)
    take_steps(made)

    def copy(connection: sqlite3.Connection) -> None:
        if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
            made.backup(connection)
        take_steps(connection)

    Database._migrate = staticmethod(copy)  # type: ignore[method-assign]
    yield
    Database._migrate = staticmethod(take_steps)  # type: ignore[method-assign]
    made.close()
