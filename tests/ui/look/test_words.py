from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from voipe_tui.store.states import Status
from voipe_tui.ui.look.cells import fit, wrap
from voipe_tui.ui.look.words import STATUS, Times, age, amount, count, status_look

ZONE = ZoneInfo("Asia/Jerusalem")
NOW = datetime(2026, 11, 22, 14, 0, tzinfo=ZONE).timestamp()


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


def test_every_status_has_a_sign_of_one_cell_and_a_meaning() -> None:
    assert set(STATUS) == {status.value for status in Status}
    for look in STATUS.values():
        assert len(look.sign) == 1
        assert look.meaning
    assert status_look("something new").sign == "·"


@pytest.mark.parametrize(
    ("moment", "wide", "narrow"),
    [
        ("2026-11-22 09:05", "09:05", "09:05"),
        ("2026-11-21 23:59", "Sat 23:59", "Sat"),
        ("2026-11-16 10:00", "Mon 10:00", "Mon"),
        ("2026-11-15 10:00", "15 Nov", "15 Nov"),
        ("2026-01-02 10:00", "2 Jan", "2 Jan"),
        ("2025-12-02 10:00", "Dec 2025", "12/25"),
        ("2025-03-02 10:00", "Mar 2025", "03/25"),
        ("2026-11-23 08:00", "23 Nov", "23 Nov"),
    ],
)
def test_short_times(moment: str, wide: str, narrow: str) -> None:
    times = Times(ZONE, NOW)
    assert times.short(at(moment), None) == wide
    assert times.short(at(moment), None, narrow=True) == narrow


def test_a_gateway_time_of_unknown_zone_is_marked() -> None:
    times = Times(ZONE, NOW)
    assert times.short(None, "2026-11-22 09:05:00") == "~09:05"
    assert "zone is not known" in times.long(None, "2026-11-22 09:05:00")
    assert times.short(None, "0000-00-00 00:00:00") == ""
    assert times.short(None, None) == ""


def test_long_times_name_their_zone() -> None:
    assert Times(ZONE, NOW).long(at("2026-11-22 09:05:07")) == "Sun 22 Nov 2026, 09:05:07 (IST)"


def test_a_tick_says_when_words_may_have_changed() -> None:
    times = Times(ZONE, NOW)
    assert not times.tick(NOW + 3600)
    assert times.tick(NOW + 11 * 3600)  # midnight passed
    times.ages = True
    assert times.tick(NOW + 11 * 3600 + 60)


def test_ages() -> None:
    assert [age(s) for s in (0, 59, 60, 3599, 3600, 86_400, 15 * 86_400, 400 * 86_400, -120)] == [
        "now", "now", "1 m", "59 m", "1 h", "1 d", "2 w", "1 y", "in 2 m",
    ]  # fmt: skip


def test_amounts_and_counts() -> None:
    assert [amount(Decimal(v)) for v in ("1204.5", "88", "0", "0.125", "1E+3", "-3.10", "5.00")] == [
        "1,204.50", "88", "0", "0.125", "1,000", "-3.10", "5",
    ]  # fmt: skip
    assert count(1, "part") == "1 part"
    assert count(1200, "person", "people") == "1,200 people"


def test_fit_cuts_by_cells_and_always_fills_them() -> None:
    from rich.cells import cell_len

    for text in ("short", "exactly ten", "שלום לכולם וגם לך", "日本語のテキスト", "a😀b😀c😀d😀", "", "שָׁלוֹם" * 5):
        for width in range(12):
            assert cell_len(fit(text, width)) == width, (text, width)
    assert fit("abcdef", 4) == "abc…"


def test_wrap_keeps_every_character_and_no_line_is_too_long() -> None:
    from rich.cells import cell_len

    text = "one two three " + "x" * 50 + " 日本語のテキスト שלום\n\nlast"
    for width in range(4, 40):
        lines = wrap(text, width)
        assert all(cell_len(line) <= width for line in lines)
        assert "".join("".join(lines).split()) == "".join(text.split())


def test_wrap_is_quick_with_a_megabyte_without_spaces() -> None:
    assert len(wrap("x" * 1_000_000, 80)) == 12_500
