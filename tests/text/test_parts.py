"""Parts as 3GPP TS 23.038 and TS 23.040 cut them: the alphabet, a table of hand-checked cases, and properties."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voipe_tui.text.parts import (
    ESCAPE,
    GSM_BASIC,
    GSM_EXTENSION,
    Measure,
    encoding_of,
    forcing_characters,
    measure,
    split_parts,
)

# TS 23.038, 6.2.1, row by row as code points (the mapping that Unicode publishes as GSM0338.TXT; 0x09 is Ç).
DEFAULT_ALPHABET = [
    *(0x40, 0xA3, 0x24, 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, 0x0A, 0xD8, 0xF8, 0x0D, 0xC5, 0xE5),
    *(0x394, 0x5F, 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E, 0x1B, 0xC6, 0xE6, 0xDF, 0xC9),
    *(0x20, 0x21, 0x22, 0x23, 0xA4, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x2C, 0x2D, 0x2E, 0x2F),
    *range(0x30, 0x40),
    *(0xA1, *range(0x41, 0x50)),
    *(*range(0x50, 0x5B), 0xC4, 0xD6, 0xD1, 0xDC, 0xA7),
    *(0xBF, *range(0x61, 0x70)),
    *(*range(0x70, 0x7B), 0xE4, 0xF6, 0xF1, 0xFC, 0xE0),
]
EXTENSION_TABLE = {0x0C: 0x0A, 0x5E: 0x14, 0x7B: 0x28, 0x7D: 0x29, 0x5C: 0x2F, 0x5B: 0x3C, 0x7E: 0x3D, 0x5D: 0x3E}
EXTENSION_TABLE |= {0x7C: 0x40, 0x20AC: 0x65}

G, U = "gsm7", "ucs2"
EMOJI = "\U0001f389"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"

# text, encoding, characters, units, lengths of the parts in code points, room left in the last part
HAND_CHECKED = [
    # nothing and little
    ("", G, 0, 0, [], 160),
    ("a", G, 1, 1, [1], 159),
    ("\n", G, 1, 1, [1], 159),
    ("\r\n", G, 2, 2, [2], 158),
    ("\f", G, 1, 2, [1], 158),
    ("@", G, 1, 1, [1], 159),
    # one part of GSM, full and overfull
    ("a" * 159, G, 159, 159, [159], 1),
    ("a" * 160, G, 160, 160, [160], 0),
    ("a" * 161, G, 161, 161, [153, 8], 145),
    ("a" * 305, G, 305, 305, [153, 152], 1),
    ("a" * 306, G, 306, 306, [153, 153], 0),
    ("a" * 307, G, 307, 307, [153, 153, 1], 152),
    ("a" * 459, G, 459, 459, [153, 153, 153], 0),
    ("a" * 460, G, 460, 460, [153, 153, 153, 1], 152),
    ("0123456789" * 50, G, 500, 500, [153, 153, 153, 41], 112),  # the text of the recording pv.long
    # every member of the extension table takes two septets
    ("^", G, 1, 2, [1], 158),
    ("{", G, 1, 2, [1], 158),
    ("}", G, 1, 2, [1], 158),
    ("\\", G, 1, 2, [1], 158),
    ("[", G, 1, 2, [1], 158),
    ("~", G, 1, 2, [1], 158),
    ("]", G, 1, 2, [1], 158),
    ("|", G, 1, 2, [1], 158),
    ("€", G, 1, 2, [1], 158),
    ("€5", G, 2, 3, [2], 157),
    ("{name}", G, 6, 8, [6], 152),
    # extension characters at the border of one part
    ("€" * 80, G, 80, 160, [80], 0),
    ("€" * 81, G, 81, 162, [76, 5], 143),
    ("a" * 158 + "€", G, 159, 160, [159], 0),
    ("a" * 159 + "€", G, 160, 161, [153, 7], 145),
    # an escape pair is never torn: the part ends one septet early
    ("a" * 152 + "€" + "a" * 10, G, 163, 164, [152, 11], 141),
    ("a" * 151 + "€" + "a" * 10, G, 162, 163, [152, 10], 143),
    ("a" * 152 + "€" * 5, G, 157, 162, [152, 5], 143),
    ("€" * 153, G, 153, 306, [76, 76, 1], 151),  # 306 septets, yet three parts
    ("€" * 152, G, 152, 304, [76, 76], 1),
    ("a" * 152 + "€" + "a" * 150 + "€" + "a", G, 305, 307, [152, 151, 2], 150),
    ("a" * 153 + "[" * 77, G, 230, 307, [153, 76, 1], 151),
    # what looks like GSM and is not
    ("`", U, 1, 1, [1], 69),
    ("ç", U, 1, 1, [1], 69),
    ("Ç", G, 1, 1, [1], 159),
    ("’", U, 1, 1, [1], 69),
    ("“x”", U, 3, 3, [3], 67),
    ("–", U, 1, 1, [1], 69),
    ("—", U, 1, 1, [1], 69),
    ("…", U, 1, 1, [1], 69),
    ("₪", U, 1, 1, [1], 69),
    ("\u00a0", U, 1, 1, [1], 69),
    ("\t", U, 1, 1, [1], 69),
    ("\x1b", U, 1, 1, [1], 69),
    ("á", U, 1, 1, [1], 69),
    ("à", G, 1, 1, [1], 159),
    ("e\u0301", U, 2, 2, [2], 68),
    ("Α", U, 1, 1, [1], 69),  # Greek capital alpha; the alphabet has Latin A for it
    ("Ω", G, 1, 1, [1], 159),
    ("\u2126", U, 1, 1, [1], 69),  # the sign for ohm
    ("µ", U, 1, 1, [1], 69),
    # once UCS-2, a character of the extension table takes one unit
    ("₪{}[]", U, 5, 5, [5], 65),
    ("€" * 69 + "₪", U, 70, 70, [70], 0),
    # Hebrew
    ("שלום", U, 4, 4, [4], 66),
    ("שלום עולם", U, 9, 9, [9], 61),
    ("שָׁלוֹם", U, 7, 7, [7], 63),
    ("א" * 70, U, 70, 70, [70], 0),
    ("א" * 71, U, 71, 71, [67, 4], 63),
    ("א" * 134, U, 134, 134, [67, 67], 0),
    ("א" * 135, U, 135, 135, [67, 67, 1], 66),
    ("א" * 201, U, 201, 201, [67, 67, 67], 0),
    ("א" * 300, U, 300, 300, [67, 67, 67, 67, 32], 35),
    ("a" * 70 + "א", U, 71, 71, [67, 4], 63),
    ("a" * 160 + "’", U, 161, 161, [67, 67, 27], 40),  # one curly quote makes three parts of one
    # outside the BMP: two units, never torn
    (EMOJI, U, 1, 2, [1], 68),
    (EMOJI * 35, U, 35, 70, [35], 0),
    (EMOJI * 36, U, 36, 72, [33, 3], 61),
    ("a" * 66 + EMOJI + "b" * 10, U, 77, 78, [66, 11], 55),
    ("a" * 65 + EMOJI + "b" * 10, U, 76, 77, [66, 10], 57),
    (EMOJI * 67, U, 67, 134, [33, 33, 1], 65),  # 134 units, yet three parts
    ("party " + EMOJI + FAMILY, U, 12, 16, [12], 54),  # the recording pv.emoji
    (FAMILY * 9, U, 45, 72, [42, 3], 62),
    # a lone surrogate is one unit; two that meet are a pair
    ("\ud83d", U, 1, 1, [1], 69),
    ("a" * 66 + "\ud83d\ude00" + "bbb", U, 71, 71, [66, 5], 62),
]


def test_the_default_alphabet_is_that_of_the_standard() -> None:
    assert [ord(character) for character in GSM_BASIC] == DEFAULT_ALPHABET
    assert len(GSM_BASIC) == len(set(GSM_BASIC)) == 128
    assert GSM_BASIC[0x1B] == ESCAPE


def test_the_extension_table_is_that_of_the_standard() -> None:
    assert {ord(character) for character in GSM_EXTENSION} == set(EXTENSION_TABLE)
    # The code of an extension character stands where its likeness does in the default alphabet, so none is in both.
    assert not set(GSM_EXTENSION) & set(GSM_BASIC)


def test_exactly_the_two_tables_are_gsm() -> None:
    allowed = set(GSM_BASIC + GSM_EXTENSION) - {ESCAPE}
    for code in range(0x3000):
        assert (encoding_of(chr(code)) == "gsm7") == (chr(code) in allowed), hex(code)


def test_the_table_is_long_enough() -> None:
    assert len({case[0] for case in HAND_CHECKED}) == len(HAND_CHECKED) >= 60


@pytest.mark.parametrize(("text", "encoding", "characters", "units", "lengths", "room"), HAND_CHECKED)
def test_hand_checked(text: str, encoding: str, characters: int, units: int, lengths: list[int], room: int) -> None:
    many = len(lengths) > 1
    capacity = {G: 153 if many else 160, U: 67 if many else 70}[encoding]
    assert measure(text) == Measure(encoding, characters, units, len(lengths), capacity, room)  # type: ignore[arg-type]
    parts = split_parts(text)
    assert [len(part) for part in parts] == lengths
    assert "".join(parts) == text


def test_the_characters_that_cost_are_named_with_their_place() -> None:
    assert forcing_characters("it’s 5₪ {x} €") == [(2, "’"), (6, "₪")]
    assert forcing_characters("plain {x} €") == []
    assert forcing_characters("a" + EMOJI + "ש") == [(1, EMOJI), (2, "ש")]


gsm_texts = st.text(st.sampled_from(GSM_BASIC.replace(ESCAPE, "") + GSM_EXTENSION * 6), max_size=700)
any_texts = st.text(
    st.one_of(st.characters(), st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF, categories=["Cs"])),
    max_size=400,
)
hebrew_and_emoji = st.text(st.sampled_from("אבג " + EMOJI + "\u200d’a{"), max_size=400)


def units_of(text: str, encoding: str) -> int:
    """An independent count, straight from the standards."""
    if encoding == "gsm7":
        return sum(2 if character in GSM_EXTENSION else 1 for character in text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(st.one_of(gsm_texts, any_texts, hebrew_and_emoji))
@example("a" * 152 + "€" * 200)
@example("a" * 66 + EMOJI * 200)
def test_parts_give_the_text_back_and_are_filled_as_far_as_they_go(text: str) -> None:
    parts = split_parts(text)
    found = measure(text)
    assert "".join(parts) == text
    assert all(parts)
    assert found.parts == len(parts)
    assert found.characters == len(text)
    assert found.units == sum(units_of(part, found.encoding) for part in parts)
    assert (
        found.capacity
        == {("gsm7", False): 160, ("gsm7", True): 153, ("ucs2", False): 70, ("ucs2", True): 67}[
            found.encoding, len(parts) > 1
        ]
    )
    sizes = [units_of(part, found.encoding) for part in parts]
    assert all(size <= found.capacity for size in sizes)
    assert found.room == found.capacity - (sizes[-1] if sizes else 0)
    for part, following in pairwise(parts):
        first = following[:2] if following[0] in map(chr, range(0xD800, 0xDC00)) else following[:1]
        assert units_of(part + first, found.encoding) > found.capacity, "a character more would have fitted"
        # No pair is torn, not even one of two lone surrogates that meet.
        assert not ("\ud800" <= part[-1] <= "\udbff" and "\udc00" <= following[0] <= "\udfff")


@given(any_texts)
def test_what_forces_ucs2_is_all_that_forces_it(text: str) -> None:
    forcing = forcing_characters(text)
    assert (encoding_of(text) == "ucs2") == bool(forcing)
    assert all(text[index] == character for index, character in forcing)
    places = {index for index, _ in forcing}
    rest = "".join(character for index, character in enumerate(text) if index not in places)
    assert encoding_of(rest) == "gsm7"


@given(any_texts, st.characters())
def test_a_longer_text_never_needs_fewer_parts(text: str, more: str) -> None:
    assert measure(text + more).parts >= measure(text).parts
