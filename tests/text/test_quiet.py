"""Quiet hours by the recipient's clock."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from voipe_tui.errors import InputError
from voipe_tui.text.quiet import is_quiet, parse_quiet


def test_over_midnight_and_within_a_day() -> None:
    night = parse_quiet("21:00-08:00")
    assert night is not None
    assert [night.covers(time(h)) for h in (20, 21, 0, 7, 8)] == [False, True, True, True, False]
    noon = parse_quiet(" 13:00 - 15:30 ")
    assert noon is not None
    assert [noon.covers(time(h, m)) for h, m in ((12, 59), (13, 0), (15, 29), (15, 30))] == [False, True, True, False]
    assert str(night) == "21:00-08:00"
    assert parse_quiet("") is None


@pytest.mark.parametrize("bad", ["21-8", "25:00-08:00", "8:00-8:00", "night", "21:00"])
def test_bad_ones_are_refused(bad: str) -> None:
    with pytest.raises(InputError):
        parse_quiet(bad)


def test_the_clock_is_the_recipients() -> None:
    night = parse_quiet("21:00-08:00")
    assert night is not None
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert not is_quiet(noon, "+972521110001", night, ZoneInfo("UTC"))[0]
    quiet, there = is_quiet(noon, "+12125550123", night, ZoneInfo("UTC"))
    assert (quiet, f"{there:%H:%M}") == (True, "07:00")
    assert is_quiet(noon, None, night, ZoneInfo("Pacific/Auckland"))[0], "groups: by the clock here"
