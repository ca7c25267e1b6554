"""What a search takes for the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voipe_tui.text.search_fold import digits_of, fold_for_search


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
