"""What concerns all tests: those that take minutes run only when asked for (``-m long``)."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "long" in config.getoption("-m"):
        return
    skip = pytest.mark.skip(reason="takes minutes; runs with -m long")
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(skip)
