"""Dates and times as typed, also where the clock changes."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voipe_tui.errors import InputError
from voipe_tui.text.moments import Lean, from_gateway_time, gateway_time, humanize_age, parse_moment

JERUSALEM = ZoneInfo("Asia/Jerusalem")
BEIRUT = ZoneInfo("Asia/Beirut")  # changes at midnight
NOW = datetime(2026, 11, 22, 14, 30, 15, tzinfo=JERUSALEM)  # a Sunday


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("now", "2026-11-22T14:30:15+02:00"),
        ("2026-03-05", "2026-03-05T00:00:00+02:00"),
        ("2026-03-05 14:30", "2026-03-05T14:30:00+02:00"),
        ("2026-03-05 14:30:20", "2026-03-05T14:30:20+02:00"),
        ("2026-03-05T14:30", "2026-03-05T14:30:00+02:00"),
        ("2026-07-05T14:30", "2026-07-05T14:30:00+03:00"),
        ("2026-03-05t14:30z", "2026-03-05T16:30:00+02:00"),
        ("2026-03-05T14:30:00+05:00", "2026-03-05T11:30:00+02:00"),
        ("today", "2026-11-22T00:00:00+02:00"),
        ("yesterday", "2026-11-21T00:00:00+02:00"),
        ("tomorrow", "2026-11-23T00:00:00+02:00"),
        ("tomorrow 9:00", "2026-11-23T09:00:00+02:00"),
        ("Tomorrow at 09:05:07", "2026-11-23T09:05:07+02:00"),
        ("tomorrow, 9 am", "2026-11-23T09:00:00+02:00"),
        ("today 18:00", "2026-11-22T18:00:00+02:00"),
        ("yesterday 23:59", "2026-11-21T23:59:00+02:00"),
        ("monday 9:00", "2026-11-23T09:00:00+02:00"),
        ("sun", "2026-11-29T00:00:00+02:00"),
        ("thursday", "2026-11-26T00:00:00+02:00"),
        ("9:00", "2026-11-22T09:00:00+02:00"),
        ("18:00", "2026-11-22T18:00:00+02:00"),
        ("9 am", "2026-11-22T09:00:00+02:00"),
        ("12 am", "2026-11-22T00:00:00+02:00"),
        ("12:30 pm", "2026-11-22T12:30:00+02:00"),
        ("in 2 h", "2026-11-22T16:30:15+02:00"),
        ("in 2h", "2026-11-22T16:30:15+02:00"),
        ("in 1.5 hours", "2026-11-22T16:00:15+02:00"),
        ("in 30 min", "2026-11-22T15:00:15+02:00"),
        ("in 45 seconds", "2026-11-22T14:31:00+02:00"),
        ("in 3 days", "2026-11-25T14:30:15+02:00"),
        ("in 2 weeks", "2026-12-06T14:30:15+02:00"),
        ("30 min ago", "2026-11-22T14:00:15+02:00"),
        ("3 days ago", "2026-11-19T14:30:15+02:00"),
        ("tomorrow morning", "2026-11-23T08:00:00+02:00"),
        ("next monday at noon", "2026-11-23T12:00:00+02:00"),
        ("this evening", "2026-11-22T18:00:00+02:00"),
        ("tonight", "2026-11-22T20:00:00+02:00"),
        ("tomorrow 8", "2026-11-23T08:00:00+02:00"),
        ("next week", "2026-11-29T00:00:00+02:00"),
        ("next week 9:00", "2026-11-29T09:00:00+02:00"),
        ("next month", "2026-12-22T00:00:00+02:00"),
        ("in two months", "2027-01-22T14:30:15+02:00"),
        ("in three hours", "2026-11-22T17:30:15+02:00"),
        ("the day after tomorrow 9:00", "2026-11-24T09:00:00+02:00"),
        ("2026-12-24 morning", "2026-12-24T08:00:00+02:00"),
        ("2026-12-24 9:00", "2026-12-24T09:00:00+02:00"),
        ("מחרתיים בבוקר", "2026-11-24T08:00:00+02:00"),
        ("מחר בשעה 9", "2026-11-23T09:00:00+02:00"),
        ("מחר ב 9", "2026-11-23T09:00:00+02:00"),
        ("בשבוע הבא", "2026-11-29T00:00:00+02:00"),
        ("ביום שני הבא", "2026-11-23T00:00:00+02:00"),
        ("בעוד חודשיים", "2027-01-22T14:30:15+02:00"),
        ("in half an hour", "2026-11-22T15:00:15+02:00"),
        ("an hour ago", "2026-11-22T13:30:15+02:00"),
        ("31.12", "2026-12-31T00:00:00+02:00"),
        ("31 dec", "2026-12-31T00:00:00+02:00"),
        ("29 Mar 2027 9:00", "2027-03-29T09:00:00+03:00"),
        ("March 29, 2027 at noon", "2027-03-29T12:00:00+03:00"),
        ("1.2.2027 18:00", "2027-02-01T18:00:00+02:00"),
        ("9am tomorrow", "2026-11-23T09:00:00+02:00"),
        ("9:00 on monday", "2026-11-23T09:00:00+02:00"),
        ("at 18:00", "2026-11-22T18:00:00+02:00"),
        ("in 1h30m", "2026-11-22T16:00:15+02:00"),
        ("in 3 hours and 5 minutes", "2026-11-22T17:35:15+02:00"),
        ("in 1 day 2 h", "2026-11-23T16:30:15+02:00"),
        ("מחר", "2026-11-23T00:00:00+02:00"),
        ("מחר בבוקר", "2026-11-23T08:00:00+02:00"),
        ("מחר ב-9:30", "2026-11-23T09:30:00+02:00"),
        ("היום בערב", "2026-11-22T18:00:00+02:00"),
        ("בעוד 3 שעות", "2026-11-22T17:30:15+02:00"),
        ("בעוד שעה", "2026-11-22T15:30:15+02:00"),
        ("בעוד חצי שעה", "2026-11-22T15:00:15+02:00"),
        ("עוד שעתיים", "2026-11-22T16:30:15+02:00"),
        ("בעוד 20 דקות", "2026-11-22T14:50:15+02:00"),
        ("ביום ראשון 8:00", "2026-11-29T08:00:00+02:00"),
        ("יום חמישי", "2026-11-26T00:00:00+02:00"),
        ("בעוד שבוע", "2026-11-29T14:30:15+02:00"),
        ("  tomorrow   9:00 ", "2026-11-23T09:00:00+02:00"),
        ("ｔｏｍｏｒｒｏｗ ９：００", "2026-11-23T09:00:00+02:00"),
    ],
)
def test_what_is_understood(typed: str, expected: str) -> None:
    moment = parse_moment(typed, NOW)
    assert moment.isoformat() == expected
    assert moment.tzinfo is JERUSALEM


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("31.2", "There is no 31 February 2026: it has 28 days."),
        ("29.2.2027 10:00", "There is no 29 February 2027"),
        ("2026-02-30 10:00", "There is no 30 February 2026"),
        ("20261131", "There is no 31 November 2026"),
        ("2026-13-01", "no date or time"),
        ("99.99", "no date or time"),
        ("in 3", "no date or time"),
        ("in 3 h x", "no date or time"),
        ("in h", "no date or time"),
        ("9:00 9:00", "no date or time"),
        ("שלום", "no date or time"),
    ],
)
def test_a_day_that_a_month_does_not_have_is_said_and_the_rest_is_not_understood(typed: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse_moment(typed, NOW, lean="future")


@pytest.mark.parametrize(
    ("typed", "lean", "expected"),
    [
        ("9:00", "future", "2026-11-23T09:00:00+02:00"),
        ("18:00", "future", "2026-11-22T18:00:00+02:00"),
        ("14:30:15", "future", "2026-11-23T14:30:15+02:00"),
        ("18:00", "past", "2026-11-21T18:00:00+02:00"),
        ("9:00", "past", "2026-11-22T09:00:00+02:00"),
        ("2h", "past", "2026-11-22T12:30:15+02:00"),
        ("2h", "future", "2026-11-22T16:30:15+02:00"),
        ("8", "future", "2026-11-23T08:00:00+02:00"),
        ("31.12", "past", "2025-12-31T00:00:00+02:00"),
        ("dec 31 9:00", "past", "2025-12-31T09:00:00+02:00"),
        ("5 may 8", "future", "2027-05-05T08:00:00+03:00"),
        ("1.2", "future", "2027-02-01T00:00:00+02:00"),
        ("7 d", "past", "2026-11-15T14:30:15+02:00"),
        ("monday", "past", "2026-11-16T00:00:00+02:00"),
        ("saturday", "past", "2026-11-21T00:00:00+02:00"),
        ("sunday", "past", "2026-11-15T00:00:00+02:00"),
    ],
)
def test_a_lean_says_where_a_bare_time_lies(typed: str, lean: Lean, expected: str) -> None:
    assert parse_moment(typed, NOW, lean=lean).isoformat() == expected


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            " ",
            "soon",
            "9",
            "25:00",
            "9:60",
            "13 pm",
            "0 am",
            "2026-13-01",
            "2026-03-05 25:00",
            "05/03/2026",
            "32.13",
        ),
        *(
            "in 2",
            "in h",
            "in 2 fortnights",
            "2 h",
            "in -2 h",
            "tomorrow maybe",
            "t",
            "in 999999 weeks",
            "in 1.5 days",
            "9:00\x1b[",
        ),
        *("next year", "2026", "20260305T", "in 99999999 h", "s", "today today"),
    ],
)
def test_what_is_not_understood_says_what_is(typed: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_moment(typed, NOW)
    assert "“tomorrow 9:00”" in caught.value.hint
    assert "\x1b" not in caught.value.message


def test_a_time_that_the_clock_skips_is_refused() -> None:
    before = datetime(2026, 3, 26, 12, 0, tzinfo=JERUSALEM)
    for typed in ("tomorrow 2:30", "2026-03-27 02:30", "2026-03-27T02:00"):
        with pytest.raises(InputError, match="does not exist") as caught:
            parse_moment(typed, before)
        assert "03:" in caught.value.hint
    assert parse_moment("2026-03-27 03:00", before).isoformat() == "2026-03-27T03:00:00+03:00"


def test_a_day_whose_midnight_is_skipped_begins_at_the_first_moment_after() -> None:
    before = datetime(2026, 3, 28, 12, 0, tzinfo=BEIRUT)
    assert parse_moment("tomorrow", before).isoformat() == "2026-03-29T01:00:00+03:00"
    assert parse_moment("2026-03-29", before).isoformat() == "2026-03-29T01:00:00+03:00"


def test_a_time_that_comes_twice_is_the_first() -> None:
    before = datetime(2026, 10, 24, 12, 0, tzinfo=JERUSALEM)
    assert parse_moment("tomorrow 1:30", before).isoformat() == "2026-10-25T01:30:00+03:00"


def test_days_are_calendar_days_and_hours_are_hours() -> None:
    before = datetime(2026, 3, 26, 12, 0, tzinfo=JERUSALEM)  # the night has 23 hours
    assert parse_moment("in 1 day", before).isoformat() == "2026-03-27T12:00:00+03:00"
    assert parse_moment("in 24 h", before).isoformat() == "2026-03-27T13:00:00+03:00"
    after = datetime(2026, 3, 27, 12, 0, tzinfo=JERUSALEM)
    assert parse_moment("24 h ago", after).isoformat() == "2026-03-26T11:00:00+02:00"
    # A duration of days that ends in the gap goes on to the first moment after it.
    assert parse_moment("in 1 day", before.replace(hour=2, minute=30)).isoformat() == "2026-03-27T03:30:00+03:00"


def test_a_zone_is_needed() -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="zone"):
        parse_moment("now", naive)
    with pytest.raises(ValueError, match="zone"):
        gateway_time(naive, UTC)


def test_gateway_time_is_the_gateways_wall_clock() -> None:
    # playsms-1.4.3.json, ds.one: the reply's timestamp, on the clock that its rows are dated by
    assert gateway_time(datetime.fromtimestamp(1795342812, UTC), timezone(timedelta(hours=-7))) == "2026-11-22 03:20:12"
    assert gateway_time(NOW, UTC) == "2026-11-22 12:30:15"


def test_gateway_time_comes_back() -> None:
    moment = datetime(2026, 7, 1, 9, 5, 7, tzinfo=JERUSALEM)
    assert from_gateway_time(gateway_time(moment, JERUSALEM), JERUSALEM) == moment


@pytest.mark.parametrize(
    "text", ["", "0000-00-00 00:00:00", "2026-02-30 10:00:00", "tomorrow", "2026-03-05", "2026-W10-4T10:00:00+00"]
)
def test_what_is_no_gateway_time(text: str) -> None:
    assert from_gateway_time(text, UTC) is None


@pytest.mark.parametrize(
    ("seconds", "age"),
    [
        *((-5, "now"), (0, "now"), (0.9, "now"), (1, "1 s"), (59.9, "59 s"), (60, "1 m"), (200, "3 m"), (3599, "59 m")),
        *((3600, "1 h"), (86_399, "23 h"), (86_400, "1 d"), (13 * 86_400, "13 d"), (14 * 86_400, "2 w")),
        *((364 * 86_400, "52 w"), (365 * 86_400, "1 y"), (800 * 86_400, "2 y")),
    ],
)
def test_ages(seconds: float, age: str) -> None:
    assert humanize_age(seconds) == age


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.sampled_from([JERUSALEM, BEIRUT, UTC])),
    st.sampled_from(["today", "tomorrow", "yesterday", "monday", "in 3 days", "in 2 h", "5 min ago", "2 weeks ago"]),
)
def test_every_phrase_gives_a_moment_that_exists(now: datetime, typed: str) -> None:
    now = now.astimezone(UTC).astimezone(now.tzinfo)
    moment = parse_moment(typed, now)
    assert moment.astimezone(UTC).astimezone(now.tzinfo).replace(tzinfo=None) == moment.replace(tzinfo=None)
    if typed == "in 2 h":
        assert moment.timestamp() - now.timestamp() == pytest.approx(7200)


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    try:
        moment = parse_moment(text, NOW, lean="future")
    except InputError:
        return
    assert moment.tzinfo is JERUSALEM
