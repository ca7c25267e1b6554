"""Right-to-left lines in the order of drawing."""

import re
import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voipe_tui.text.bidi import has_right_to_left, visual_order
from voipe_tui.text.untrusted import safe_line


@pytest.mark.parametrize("line", ["", "plain", "café 日本 🎉", "12:30"])
def test_left_to_right_lines_stay(line: str) -> None:
    assert visual_order(line) is line
    assert not has_right_to_left(line)


@pytest.mark.parametrize(
    ("logical", "visual"),
    [
        ("שלום", "םולש"),
        ("שלום abc", "abc םולש"),
        ("abc שלום", "abc םולש"),
        ("מחיר 120 ש״ח", "ח״ש 120 ריחמ"),
        ("(שלום)", "(םולש)"),
        ("abc (שלום) def", "abc (םולש) def"),
    ],
)
def test_hebrew_is_drawn_from_the_right(logical: str, visual: str) -> None:
    assert has_right_to_left(logical)
    assert visual_order(logical) == visual


def test_points_stay_with_their_letter() -> None:
    assert visual_order("שָׁלוֹם") == "םוֹלשָׁ"
    assert visual_order("שלום cafe\u0301") == "cafe\u0301 םולש"


def test_joined_emoji_stay_joined() -> None:
    family = "👨\u200d👩\u200d👧"
    assert visual_order(f"שלום {family}") == f"{family} םולש"
    assert visual_order("שלום 👍🏽 ❤\ufe0f") == "❤\ufe0f 👍🏽 םולש"


def test_a_whole_line_of_pointed_words_keeps_its_points() -> None:
    assert visual_order("שָׁלוֹם " * 30) == " םוֹלשָׁ" * 30


def test_more_kinds_of_pointed_letters_than_substitutes_lose_nothing() -> None:
    line = "".join(chr(letter) + chr(point) for letter in range(0x5D0, 0x5EA) for point in range(0x5B0, 0x5B8))
    assert Counter(visual_order(line)) == Counter(line)


@given(
    st.text(st.one_of(st.sampled_from("אבגדשׁ\u05b8 ab(1)[2]👨\u200d❤\ufe0fعربي\u064b"), st.characters()), max_size=60)
)
def test_reordering_loses_and_adds_nothing(text: str) -> None:
    line = safe_line(text)
    mirrored = re.compile("[" + re.escape("".join(c for c in set(line) if unicodedata.mirrored(c)) or "(") + "]")
    assert Counter(mirrored.sub("", visual_order(line))) - Counter(line) == Counter()
    assert len(visual_order(line)) == len(line)
