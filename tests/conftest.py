"""What concerns all tests: those that take minutes run only when asked for (``-m long``); new stores are copies; no
verdict hangs on how quick the machine is, nor on what its shell lets through."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from voipe_tui.store.database import Database

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "long" in config.getoption("-m"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("long")]


@pytest.fixture(scope="session", autouse=True)
def signals_get_through() -> None:
    """A job in the background, or one under nohup, ignores some, and the programs that it starts inherit that."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


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
