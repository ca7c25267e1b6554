"""Characters with a harmless twin, and what the gateway will do to a text: both said before anything is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voipe_tui.text.bidi import visual_order
from voipe_tui.text.gateway_changes import changes, cut
from voipe_tui.text.harmless import replacing, saving, shown, shown_twin, twin_of, with_twins
from voipe_tui.text.parts import encoding_of, forcing_characters


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("it’s “so” – really…", 'it\'s "so" - really...'),
        ("a\u00a0b\u2009c\td", "a b c d"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("\uff21\uff11 \ufb01ne", "A1 fine"),
        ("one\u2028two", "one\ntwo"),
        ("plain {x} €", "plain {x} €"),
        ("ça 5₪ שלום", "ça 5₪ שלום"),
    ],
)
def test_twins_read_the_same(text: str, plain: str) -> None:
    assert with_twins(text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("don’t 😀 – “so”", 'don\'t 😀 - "so"'),
        ("wait… it’s 😀", "wait… it's 😀"),  # three characters for one would only cost
        ("ג’ירפה – “שלום”\u00a0לך", 'ג\'ירפה - "שלום" לך'),
        ("ד״ר כהן, ג׳ירפה, בית־ספר", "ד״ר כהן, ג׳ירפה, בית־ספר"),
        ("שלום\u200f! (abc)\u200e 3×4", "שלום\u200f! (abc)\u200e 3×4"),
        ("טל’ 03\u00a06123456, 9–5 – עד", "טל' 03\u00a06123456, 9–5 - עד"),
    ],
)
def test_where_ucs_2_is_needed_anyway_twins_cost_nothing_and_leave_the_order_of_reading(text: str, plain: str) -> None:
    assert with_twins(text) == plain
    assert [len(replacing(text)(text[:end])) for end in range(len(text))] == list(range(len(plain)))


@given(st.text("אב 1–5’“\u00a0\u202f×\u200f\u200e\u2212-a.\uff11", min_size=1).map(lambda text: "א" + text))
def test_a_twin_never_changes_the_order_in_which_hebrew_is_drawn(text: str) -> None:
    plain, twins = with_twins(text), str.maketrans({each: twin_of(each) for each in set(text) if twin_of(each)})
    assert visual_order(plain).translate(twins) == visual_order(text).translate(twins)


def test_what_a_footer_needs_counts_for_the_text_too() -> None:
    assert with_twins("wait…") == "wait..."
    assert with_twins("wait…", " גלגל") == "wait…"


@given(st.text(max_size=60))
def test_only_what_costs_is_replaced_and_only_by_gsm(text: str) -> None:
    replaced = with_twins(text)
    assert with_twins(replaced) == replaced
    for _, character in forcing_characters(text):
        twin = twin_of(character)
        assert twin is None or encoding_of(twin) == "gsm7"
    if encoding_of(text) == "gsm7":
        assert replaced == text


def test_the_saving_is_in_parts() -> None:
    found = saving("x" * 159 + "’")
    assert found is not None
    assert (found.named, found.parts, found.parts_after, found.gsm_after) == (("’",), 3, 1, True)
    assert saving("שלום ’") is None, "Hebrew needs UCS-2 anyway"
    assert saving("plain") is None
    assert (shown("’"), shown("\t"), shown("\u2009")) == ("’ U+2019", "tab U+0009", "U+2009")
    assert (shown_twin("’"), shown_twin("\t"), shown_twin("\u200b")) == ("'", "a space", "nothing")


@pytest.mark.parametrize(
    ("text", "said", "serious"),
    [
        ("hi 😀", "😀 will arrive as ?", True),
        ("a <b>c", "“<b>” may be taken out", True),
        ("R&amp;D", "“&amp;” will arrive as “&”", False),
        ("C:\\x", "backslash", False),
        ('ד"ר', "may arrive as '", False),
        ("`x`", "backtick", False),
    ],
)
def test_what_the_gateway_changes_is_said(text: str, said: str, serious: bool) -> None:
    [change] = changes(text)
    assert said in change.said
    assert change.serious is serious


@pytest.mark.parametrize("text", ["", "plain", "שלום", "a < b and c > d", "R&D, AT&T", "5 > 3"])
def test_what_stays_as_it_is_is_not_talked_about(text: str) -> None:
    assert changes(text) == []


def test_a_cut_is_said_as_exactly_as_it_is_known() -> None:
    assert cut("x" * 400, 3, None) is None
    assert "4 parts" in (cut("x" * 500, 4, None) or "")
    assert "the last 50 characters" in (cut("x" * 500, 4, 450) or "")
    # By bytes: half as many Hebrew letters fit.
    assert "the last 275 characters" in (cut("ש" * 500, 8, 450) or "")
    assert cut("x" * 450, 3, 450) is None
