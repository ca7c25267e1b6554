"""The filter language: what is understood, what is still being typed, what is wrong and where."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voipe_tui.store import Status as State
from voipe_tui.text import filter_tree as tree
from voipe_tui.text.filter_words import STATUSES
from voipe_tui.text.filters import FilterError, Known, complete, parse

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=ZoneInfo("Asia/Jerusalem"))


def read(text: str, cursor: int | None = None) -> tree.Node | None:
    found = parse(text, NOW, cursor=cursor)
    return None if found is None else found.root


def typing(text: str) -> tree.Node | None:
    return read(text, cursor=len(text))


def word(text: str, **more: object) -> tree.Text:
    return tree.Text(text, tuple(text.split()), **more)  # type: ignore[arg-type]


def number(text: str, digits: str, key: str | None) -> tree.Text:
    return tree.Text(text, tuple("".join(c if c.isalnum() else " " for c in text).split()), digits=digits, key=key)


def day(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=NOW.tzinfo).timestamp()


def states(*names: str) -> tree.Status:
    return tree.Status(frozenset(names))


def test_it_reads_as_it_is_written():
    assert read('from:dana status:failed since:yesterday is:unread has:link "text"') == tree.And((
        tree.Who("from", "dana"),
        states("failed"),
        tree.Between(since=day("2026-11-21")),
        tree.Flag("unread"),
        tree.Has("link"),
        word("text", phrase=True),
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("שלום", word("שלום")),
        ("status:failed or status:refused", states("failed", "refused")),
        ("is:failed", states("failed", "refused")),
        ("STATUS:Failed,Sent", states("failed", "sent")),
        ("-is:read", tree.Not(tree.Flag("read"))),
        ("not not is:read", tree.Flag("read")),
        ("- is:read", tree.Flag("read")),
        ("a and b", tree.And((word("a"), word("b")))),
        ("a or b c", tree.Or((word("a"), tree.And((word("b"), word("c")))))),
        ("(a or b) c", tree.And((tree.Or((word("a"), word("b"))), word("c")))),
        ("-(a b)", tree.Not(tree.And((word("a"), word("b"))))),
        ("with:052-1110001", tree.Who("with", "052-1110001", "0521110001", "+972521110001")),
        ("to:4567", tree.Who("to", "4567", "4567")),
        ('from:"Dana Cohen"', tree.Who("from", "dana cohen")),
        ("052-111 0001", number("052-111 0001", "0521110001", "+972521110001")),
        ("052 111 0001 is:read", tree.And((number("052 111 0001", "0521110001", "+972521110001"), tree.Flag("read")))),
        ("+972 (0)52 111 0001", number("+972 0 52 111 0001", "9720521110001", "+972521110001")),
        ("on:2026-11-01", tree.Between(day("2026-11-01"), day("2026-11-02"))),
        ("until:yesterday", tree.Between(until=day("2026-11-22"))),
        ('since:"yesterday 9:00"', tree.Between(since=day("2026-11-21 09:00"))),
        ('since:"3 d ago"', tree.Between(since=day("2026-11-19 15:00"))),
        ("since:2h", tree.Between(since=day("2026-11-22 13:00"))),
        ("label:VIP", tree.Label("vip")),
        ("parts:>1", tree.Parts(">", 1)),
        ("parts:2", tree.Parts("=", 2)),
        ("batch:b7 sender:VipInv", tree.And((tree.Batch("b7"), tree.Sender("vipinv")))),
        ("10:30 http://x.y", tree.And((tree.Text("10:30", ("10", "30")), tree.Text("http://x.y", ("http", "x", "y"))))),
        ('from:"ד"ר כהן" is:unread', tree.And((tree.Who("from", 'ד"ר כהן'), tree.Flag("unread")))),
        ('"צה״ל מודיע"', tree.Text("צה״ל מודיע", ("צה", "ל", "מודיע"), phrase=True)),
        ("from:(052) 111-0001 is:unread",
         tree.And((tree.Who("from", "(052) 111-0001", "0521110001", "+972521110001"), tree.Flag("unread")))),
        ("from:+972 52 111 0001", tree.Who("from", "+972 52 111 0001", "972521110001", "+972521110001")),
        ("", None),
        ("()", None),
    ],
)  # fmt: skip
def test_each_term_and_how_they_combine(text: str, meaning: tree.Node | None):
    assert read(text) == meaning


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("is:unread stats:x", "stats:", "“stats:” is no field; did you mean “status:”?"),
        ("status:fai", "fai", "“fai” is no status; did you mean “failed”?"),
        ("status:failed,sennt", "sennt", "“sennt” is no status; did you mean “sent”?"),
        ("is:unraed x", "unraed", "“unraed” is no state that can be asked for; did you mean “unread”?"),
        ("has:", "has:", "“has:” needs a value."),
        ("since:foo x", "foo", "“foo” is no date or time that is understood."),
        ("parts:many", "many", "“many” is no number of parts."),
        ('hello "wor', '"wor', "This quote is not closed."),
        ("(a or b", "(", "This “(” is not closed."),
        ("a ) b", ")", "This “)” closes nothing."),
        ("a or", "or", "“or” needs something after it."),
        ("or b", "or", "“or” needs something before it."),
        ("a not", "not", "“not” needs something after it."),
        ("(" * 60 + "a" + ")" * 60, "(", "Too many parentheses in one another."),
    ],
)
def test_what_is_wrong_is_said_at_its_place(text: str, place: str, message: str):
    with pytest.raises(FilterError) as caught:
        read(text)
    assert text[caught.value.start : caught.value.end] == place
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("status:fai", states("failed")),
        ("status:", None),
        ("is:unr", tree.Flag("unread")),
        ("is:unread from:", tree.Flag("unread")),
        ('"open phr', word("open phr")),
        ("(a or", word("a")),
        ("a -", word("a")),
        ("a not", word("a")),
        ("since:yes", tree.Between(since=day("2026-11-21"))),
        ("since:2026-1", None),
        ('since:"3 d', tree.Between(since=day("2026-11-19 15:00"))),
        ("label:v", tree.Label("v", whole=False)),
        ("since:אתמ", None),
        ("parts:>", None),
    ],
)
def test_what_is_still_being_typed_narrows_to_what_it_could_become(text: str, meaning: tree.Node | None):
    assert typing(text) == meaning


def test_only_the_place_of_the_cursor_may_be_unfinished():
    assert read("status:fai is:read", cursor=10) == tree.And((states("failed"), tree.Flag("read")))
    with pytest.raises(FilterError):
        read("status:fai is:read", cursor=18)
    with pytest.raises(FilterError):
        typing("stats:x")


def test_equal_meanings_are_equal_and_words_alone_are_a_search():
    assert parse("is:unread", NOW) == parse(" is:UNREAD ", NOW)
    assert parse("a", NOW) != parse("a or b", NOW)
    assert parse("hello  wor", NOW).only_words == "hello wor"
    assert parse('"hello wor"', NOW).only_words is None
    assert parse("hello is:read", NOW).only_words is None


def test_the_states_are_those_of_the_store():
    assert list(STATUSES) == [state.value for state in State]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([
    "a", "שלום", "is:", "unread", "status:", "fai", '"', "(", ")", "-", "or", "not", " ", " ", "since:", "3d", ",", ":",
    "from:", "\x1b", "|", "|", "\u202e", "parts:", ">", "1",
]), max_size=14).map("".join))  # fmt: skip
def test_anything_typed_is_read_or_named_at_its_place(text: str):
    for cursor in (None, len(text), len(text) // 2):
        problem = None
        try:
            read(text, cursor)
        except FilterError as error:
            problem = error
        if problem is not None:
            assert 0 <= problem.start <= problem.end <= len(text)
            assert "\x1b" not in problem.message
    for found in complete(text, len(text)):
        assert 0 <= found.start <= found.end == len(text)


@pytest.mark.parametrize(
    ("text", "first", "said"),
    [
        ("st", "status:", "the state of what went out"),
        ("is:unread -ha", "is:unread -has:", "link, number, emoji, label …"),
        ("status:fai", "status:failed ", "not delivered"),
        ("status:failed,re", "status:failed,refused ", "the gateway said no"),
        ("from:co", 'from:"Dana Cohen" ', "contact"),
        ('from:"dana c', 'from:"Dana Cohen" ', "contact"),
        ("label:", "label:vip ", "label"),
        ("since:y", "since:yesterday ", "the day before"),
        ("x o", "x on:", "on that day"),
    ],
)
def test_completions_say_what_they_mean(text: str, first: str, said: str):
    known = Known(lambda typed: [name for name in ("Dana Cohen",) if typed in name.casefold()], labels=["vip"])
    found = complete(text, len(text), known)[0]
    assert (text[: found.start] + found.insert + text[found.end :], found.said) == (first, said)


def test_nothing_more_to_complete():
    assert complete("status:failed", 13) == []
    assert complete("nonsense:x", 10) == []
    assert len(complete("", 0)) == 13
