"""What the proofs count is said when they are over, over all processes that took part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

FIGURE = "figure: "

Count = Callable[[str, int], None]


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Count:
    """Adds to a figure that is printed in the end."""

    def add(name: str, number: int) -> None:
        record_property(FIGURE + name, number)

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    sums: Counter[str] = Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, number in getattr(report, "user_properties", ()):
                if name.startswith(FIGURE) and report.when == "call":
                    sums[name.removeprefix(FIGURE)] += int(str(number))
    if sums:
        terminalreporter.section("figures of the proofs")
        for name, number in sums.items():
            terminalreporter.write_line(f"{number:9,} {name}")
