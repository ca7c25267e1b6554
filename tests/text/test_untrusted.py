"""Hostile text: nothing that a terminal obeys, that reorders, hides or piles up gets through."""

import re
import sys
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voipe_tui.text.untrusted import MOST_JOINS, MOST_MARKS, safe_line, safe_text

# Everything below is invisible, obeyed or no character. Written as ranges from the Unicode charts, apart from the code.
FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)

TOO_MANY_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u0591-\u05bd]{" + str(MOST_MARKS + 1) + "}")

CORPUS = {
    "colour": ("a\x1b[31mred\x1b[0m", "a·[31mred·[0m"),
    "clear screen": ("\x1b[2J\x1b[H", "·[2J·[H"),
    "window title": ("\x1b]0;owned\x07x", "·]0;owned·x"),
    "clipboard (OSC 52)": ("\x1b]52;c;cm0gLXJm\x1b\\", "·]52;c;cm0gLXJm·\\"),
    "link (OSC 8)": ("\x1b]8;;http://evil\x1b\\bank\x1b]8;;\x1b\\", "·]8;;http://evil·\\bank·]8;;·\\"),
    "device control": ("\x1bP1$r0m\x1b\\", "·P1$r0m·\\"),
    "answerback": ("\x05", "·"),
    "C1 CSI": ("\x9b31mred", "·31mred"),
    "C1 OSC and ST": ("\x9d0;x\x9c", "·0;x·"),
    "C1 next line": ("a\x85b", "a ⏎ b"),
    "backspaces": ("rm\x08\x08ls", "rm··ls"),
    "bell, NUL, DEL": ("\x07\x00\x7f", "···"),
    "shift out": ("\x0e~\x0f", "·~·"),
    "bare return hides": ("evil\rgood", "evil ⏎ good"),
    "override": ("photo_\u202egpj.exe", "photo_gpj.exe"),
    "embeddings": ("\u202aa\u202bb\u202cc\u202d", "abc"),
    "isolates": ("\u2066a\u2067b\u2068c\u2069", "abc"),
    "marks of direction": ("\u200eשלום\u200f!\u061c", "שלום!"),
    "zero width": ("pay\u200bpal\u200c\u2060\ufeff", "paypal"),
    "soft hyphen": ("pay\u00adpal", "paypal"),
    "fillers": ("a\u3164\u115f\uffa0\u2800b", "ab"),
    "tags": ("hi\U000e0001\U000e0041\U000e007f", "hi"),
    "variation selectors": ("a\ufe00\U000e0100b", "ab"),
    "lone surrogates": ("a\ud83db\udc00", "a·b·"),
    "noncharacters": ("\ufffe\uffff\ufdd0\U0001ffff\U0010ffff", "·····"),
    "private use": ("\ue0b0\U000f0000", "··"),
    "unassigned": ("\u0378\u0590", "··"),
    "zalgo": ("Z" + "\u0300\u0316\u0489" * 30, "Z" + "\u0300\u0316\u0489\u0300\u0316"),
    "marks without a base": ("\u0301\u0489x", "x"),
    "marks on a line of their own": ("a\n\u0301b", "a ⏎ \u0301b"),
    "a joiner between letters": ("a\u200db", "ab"),
    "a joiner at the end": ("👨\u200d", "👨"),
    "invisible operators": ("1\u2062\u20642", "12"),
    "interlinear": ("\ufff9a\ufffab\ufffb", "ab"),
    "line and paragraph separators": ("a\u2028b\u2029c", "a ⏎ b ⏎ c"),
    "lines": ("a\n\n\r\n  b\n", "a ⏎ b"),
    "tabs": ("a\tb\t\tc", "a b  c"),
    "vertical tab, form feed": ("a\vb\fc", "a ⏎ b ⏎ c"),
    "file separators": ("a\x1cb\x1dc\x1ed\x1fe", "a ⏎ b ⏎ c ⏎ d·e"),
}

HARMLESS = [
    "",
    "Hello, world! {x} [b]not markup[/b] \\ € ₪",
    "שלום עולם, מה שלומך? 12:30",
    "שָׁלוֹם בְּרֵאשִׁ֖ית",
    "مُحَمَّد ١٢٣",
    "Привет Ελλάδα Çağ naïve cafe\u0301",
    "日本語 한국어 ไทยนี้ हिन्दी",
    "🎉 party 👍🏽",
    "👨\u200d👩\u200d👧 👩🏽\u200d⚕\ufe0f 🏳\ufe0f\u200d🌈 ❤\ufe0f\u200d🔥",
    "❤\ufe0f ☎\ufe0e ‼\ufe0f ℹ\ufe0f 1\ufe0f\u20e3 #\ufe0f\u20e3",
    "🇮🇱 \U0001fae8",  # a face that is newer than the tables of Python 3.11
    "“quoted” – dash … \u00a0nbsp",
]


@pytest.mark.parametrize("name", CORPUS)
def test_hostile_text_becomes_harmless(name: str) -> None:
    hostile, harmless = CORPUS[name]
    assert safe_line(hostile) == harmless
    assert not FORBIDDEN.search(safe_text(hostile).replace("\n", ""))


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert safe_line(text) == text
    assert safe_text(text) == text


def test_lines_stay_lines_in_a_text() -> None:
    assert safe_text("a\r\nb\rc\n\nd\te\u2028f\x85g\vh") == "a\nb\nc\n\nd    e\nf\ng\nh"
    assert safe_text("x\n\u0301y\x1b") == "x\ny·"


def test_an_endless_chain_of_joined_emoji_ends() -> None:
    chain = safe_line("\u200d".join("👨" * 1000))
    assert max(run.count("\u200d") for run in re.findall("(?:👨\u200d)+", chain)) <= MOST_JOINS


def code_points() -> Iterator[int]:
    """Every code point of the planes that hold characters, and samples of those that are empty or private."""
    yield from range(0x40000)
    yield from range(0xE0000, 0xE1000)
    yield from range(0x40000, sys.maxunicode + 1, 251)


def test_every_code_point_is_judged() -> None:
    kept = []
    for code in code_points():
        character = chr(code)
        line = safe_line("x" + character + "x")
        if character in line[1:-1]:
            kept.append(character)
        assert not FORBIDDEN.search(line), hex(code)
    drawn = {"L", "M", "N", "P", "S", "Z"}
    odd = {character for character in kept if unicodedata.category(character)[0] not in drawn}
    assert {unicodedata.category(character) for character in odd} <= {"Cf", "Cn"}
    assert all(
        character in "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
        or 0x1F000 <= ord(character) <= 0x1FBFF
        or 0x2A6DE <= ord(character) <= 0x3FFFD
        for character in odd
    )
    letters = {chr(code) for code in range(0x3000) if unicodedata.category(chr(code)) in ("Lu", "Ll", "Lo", "Nd")}
    assert letters - set(kept) == {"\u115f", "\u1160"}, "a letter or digit was lost"


hostile_texts = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\x9b\r\n\t\u202e\u2066\u200d\ufe0f\u20e3\u0301\u0489\u05b8👨🏽❤1 א\U000e0041\ud83d⏎"),
    ),
    max_size=80,
)


@given(hostile_texts)
@example("👨\u200d\u200d👩")
@example("1\ufe0f\u200d\u20e3")
@example("\n\n")
def test_safe_text_is_safe_and_stays_so(text: str) -> None:
    line, lines = safe_line(text), safe_text(text)
    assert not FORBIDDEN.search(line)
    assert not FORBIDDEN.search(lines.replace("\n", ""))
    assert safe_line(line) == line
    assert safe_text(lines) == lines
    line.encode("utf-8")
    for part in (line, *lines.split("\n")):
        assert not part or unicodedata.category(part[0]) not in ("Mn", "Me")
        assert not TOO_MANY_MARKS.search(part)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_plain_ascii_is_never_touched(text: str) -> None:
    assert safe_line(text) is text
    assert safe_text(text) is text
