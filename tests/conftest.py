"""What concerns all tests: those that take minutes run only when asked for (``-m long``), and the plain run tries the
same examples every time (``VOIPE_TESTS_RANDOM=1`` looks for new ones)."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.register_profile("random", deadline=None)
settings.load_profile("random" if os.environ.get("VOIPE_TESTS_RANDOM") else "repeatable")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "long" in config.getoption("-m"):
        return
    skip = pytest.mark.skip(reason="takes minutes; runs with -m long")
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(skip)
