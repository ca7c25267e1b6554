"""Columns and clocks of the command line."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voipe_tui.cli.cells import cells, fit, pad, table
from voipe_tui.cli.zone import SystemZone
from voipe_tui.text.untrusted import safe_line

lines = st.text().map(safe_line)


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("שלום", 4), ("שָׁלוֹם", 4), ("漢字", 4), ("cafe\u0301", 4), ("👍", 2), ("", 0)]
)
def test_cells(text: str, width: int):
    assert cells(text) == width


@given(lines, st.integers(1, 40))
def test_fit_never_takes_more_than_it_may_and_keeps_what_fits(text: str, width: int):
    cut = fit(text, width)
    assert cells(cut) <= width
    assert cut == text if cells(text) <= width else cut.endswith("…")
    assert cells(pad(cut, width)) == width


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=5), st.none() | st.integers(1, 100))
def test_a_table_has_a_line_for_each_row_and_its_columns_stand_still(rows: list[tuple[str, ...]], width: int | None):
    drawn = table(("A", "B", "C"), rows, width)
    assert len(drawn) == len(rows) + 1
    assert all(line == safe_line(line) for line in drawn)


@pytest.fixture
def jerusalem(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Asia/Jerusalem")
    time.tzset()
    yield ZoneInfo("Asia/Jerusalem")
    monkeypatch.undo()
    time.tzset()


def test_the_zone_of_this_machine_knows_summer_time(jerusalem: ZoneInfo):
    here = SystemZone()
    # Every half hour around both changes of 2026 and of the year before.
    for start in (datetime(2026, 3, 26, 12), datetime(2026, 10, 24, 12), datetime(2025, 10, 25, 12)):
        for half_hours in range(60):
            moment = datetime.fromtimestamp(start.replace(tzinfo=UTC).timestamp() + 1800 * half_hours, UTC)
            ours, theirs = moment.astimezone(here), moment.astimezone(jerusalem)
            assert (ours.replace(tzinfo=None), ours.fold) == (theirs.replace(tzinfo=None), theirs.fold)
            assert (ours.utcoffset(), ours.tzname(), ours.dst()) == (
                theirs.utcoffset(), theirs.tzname(), theirs.dst(),
            )  # fmt: skip
            assert ours.astimezone(UTC) == moment
