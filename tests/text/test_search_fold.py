"""What a search takes for the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voipe_tui.text.search_fold import digits_of, fold_for_search, hit_spans


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Hello  World", "hello world"),
        ("שָׁלוֹם", "שלום"),
        ("בְּרֵאשִׁ֖ית", "בראשית"),
        ("\ufb2a\ufb35", "שו"),  # presentation forms
        ("ם ן ץ ף ך", "ם ן ץ ף ך"),
        ("CAFÉ cafe\u0301", "cafe cafe"),
        ("Straße", "strasse"),
        ("ＡＢＣ１２３", "abc123"),
        ("צה״ל", 'צה"ל'),
        ("צ׳ק", "צ'ק"),
        ("it’s", "it's"),
        ("“x” – y", '"x" - y'),
        ("בן־אדם", "בן-אדם"),
        ("a\u200b\u202eb", "ab"),
        ("ﬁn", "fin"),
        ("İstanbul", "istanbul"),
        ("  a\n\tb ", "a b"),
        ("\ud800x", "x"),
        ("", ""),
        ("مُحَمَّد", "محمد"),
        ("한국", "한국"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold_for_search(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    folded = fold_for_search(text)
    assert fold_for_search(folded) == folded
    assert not any(unicodedata.category(character) in ("Mn", "Cf", "Cs") for character in folded)


@given(st.text(), st.text())
def test_a_word_is_found_wherever_it_stands(word: str, rest: str) -> None:
    assert fold_for_search(word) in fold_for_search(f"{rest} {word}")


@pytest.mark.parametrize(
    ("number", "digits"),
    [("+972 (0)52-111", "972052111"), ("٠٥٢", "052"), ("０５２", "052"), ("VipInv", ""), ("x²", "")],
)
def test_digits(number: str, digits: str) -> None:
    assert digits_of(number) == digits


@pytest.mark.parametrize(
    ("text", "terms", "hits"),
    [
        ("Your order, reorder; ORDERS", ["order"], ["order", "ORDER"]),
        ("שָׁלוֹם לכולם", ["שלום"], ["שָׁלוֹם"]),
        ("cafe\u0301 Café", ["café", "cafe"], ["cafe\u0301", "Café"]),
        ("Straße 12", ["strass", "1"], ["Straß", "1"]),
        ("ﬁne", ["f"], ["ﬁ"]),
        ("a.b*c", [".", "", "c"], ["c"]),
        ("nothing", [], []),
    ],
)
def test_hits_are_marked_in_the_text_as_it_is(text: str, terms: list[str], hits: list[str]) -> None:
    found = [text[start:end] for start, end in hit_spans(text, terms)]
    assert found == hits


def test_a_part_of_a_number_is_marked_anywhere() -> None:
    assert hit_spans("+972521114567", ["4567"]) == []
    assert hit_spans("+972521114567", ["4567"], anywhere=True) == [(9, 13)]


@given(st.text(), st.lists(st.text(max_size=3), max_size=3))
def test_hits_lie_in_order_within_the_text(text: str, terms: list[str]) -> None:
    spans = hit_spans(text, [fold_for_search(term) for term in terms], anywhere=True)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
