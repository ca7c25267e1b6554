"""Numbers in every form that people type, and recipients of all kinds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voipe_tui.errors import InputError
from voipe_tui.text.numbers import (
    Recipient,
    e164,
    local_form,
    may_be_same_number,
    number_key,
    parse_each,
    parse_recipients,
    require_recipients,
)

MOBILE = "+972521112223"


@pytest.mark.parametrize(
    "typed",
    [
        "0521112223",
        "052-1112223",
        "052 111 2223",
        "(052) 111-2223",
        "052.111.2223",
        "972521112223",
        "9720521112223",
        "00972521112223",
        "009720521112223",
        "+972521112223",
        "+972 52 111 2223",
        "+972 (0)52-111-2223",
        "+972-0521112223",
        "972 (0) 52 1112223",
        "521112223",  # a spreadsheet ate the 0
        "tel:+972-52-111-2223",
        "TEL: 0521112223",
        "  0521112223\t",
        "０５２１１１２２２３",
        "＋９７２ ５２ １１１ ２２２３",
        "٠٥٢١١١٢٢٢٣",
        "۰۵۲۱۱۱۲۲۲۳",
        "\u202a052-1112223\u202c",
        "\u2066+972521112223\u2069",
        "\u200e052\u200b1112223\ufeff",
        "052\u00a0111\u202f2223",
        "052\u20111112223",
        "052–111–2223",
        "052־1112223",
    ],
)
def test_israeli_forms_are_one_number(typed: str) -> None:
    assert e164(typed) == MOBILE
    assert number_key(typed) == MOBILE


@pytest.mark.parametrize("prefix", [f"05{digit}" for digit in range(10)])
def test_every_mobile_prefix_counts_even_one_that_no_table_knows_yet(prefix: str) -> None:
    assert e164(prefix + "1234567") == f"+972{prefix[1:]}1234567"


@pytest.mark.parametrize(
    ("typed", "region", "expected"),
    [
        ("03-6123456", "IL", "+97236123456"),
        ("077-1234567", "IL", "+972771234567"),
        ("+44 7911 123456", "IL", "+447911123456"),
        ("0044 7911 123456", "IL", "+447911123456"),
        ("447911123456", "IL", "+447911123456"),
        ("15551234567", "IL", None),
        ("99912345678901", "IL", None),
        ("+999 1234567", "IL", None),
        ("+1 (212) 555-0123", "IL", "+12125550123"),
        ("07911 123456", "GB", "+447911123456"),
        ("0521112223", "GB", "+44521112223"),
        ("+972 52 111 2223", "GB", MOBILE),
        ("972521112223", "GB", MOBILE),
        ("0171 1234567", "DE", "+491711234567"),
    ],
)
def test_other_numbers(typed: str, region: str, expected: str | None) -> None:
    assert e164(typed, region) == expected


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "1234", "12345", "123456", "1234567", "VipInv", "@user", "#TEAM", "abc0521112223", "0521112223x"),
        *(
            "1-800-FLOWERS",
            "*6050",
            "052111222",
            "05211122234",
            "05211122230521112224",
            "+",
            "+972",
            "+97252",
            "++972521112223",
        ),
        *("\x00", "\u202e", "٠", "²³", "0" * 400, "052111222\ud800"),
    ],
)
def test_what_is_no_plausible_number(typed: str) -> None:
    assert e164(typed) is None


def test_an_unknown_region_still_understands_full_numbers() -> None:
    assert e164("+972521112223", "XX") == MOBILE
    assert e164("0521112223", "XX") is None


@pytest.mark.parametrize(
    ("number", "key"),
    [("VipInv", "vipinv"), (" @Admin ", "@admin"), ("1234", "1234"), ("\u202aVip  Inv\u202c", "vip inv"), ("", "")],
)
def test_the_key_of_what_is_no_number(number: str, key: str) -> None:
    assert number_key(number) == key


def test_a_list_keeps_its_order_and_takes_every_separator() -> None:
    found = parse_recipients("@dana, 0521110001;#TEAM\n+972 52-111-0002\r\n\n052 111 0003\t0521110004،0521110005,")
    assert [recipient.wire for recipient in found] == [
        *("@dana", "+972521110001", "#TEAM", "+972521110002", "+972521110003", "+972521110004", "+972521110005"),
    ]
    assert [recipient.kind for recipient in found[:3]] == ["user", "number", "group"]
    assert all(recipient.problem is None and recipient.warning is None for recipient in found)
    assert found[3] == Recipient("+972 52-111-0002", "number", "+972521110002", "+972521110002")


@pytest.mark.parametrize("typed", ["", " ", ",;\n", "\u202a\u202c", " , \t ;"])
def test_nothing_typed_is_nobody(typed: str) -> None:
    assert parse_recipients(typed) == []


def test_one_recipient_written_twice_is_one() -> None:
    found = parse_recipients("0521112223, +972521112223, 1234, 1234, @Dana, @dana, #TEAM, #team, abc, ABC, 0521112224")
    assert [recipient.typed for recipient in found] == ["0521112223", "1234", "@Dana", "#TEAM", "abc", "0521112224"]


def test_a_bad_one_never_hides_a_good_one() -> None:
    assert [recipient.wire for recipient in parse_recipients("1-800-FLOWERS, 1800")] == ["", "1800"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("abc", "Letters"),
        ("1-800-FLOWERS", "Letters"),
        ("דנה", "Letters"),
        ("12", "too short"),
        ("+12345", "too short"),
        ("+972", "too short"),
        ("*6050", "signs"),
        ("052#1112223", "signs"),
        ("++972521112223", "signs"),
        ("---", "no digit"),
        ("05211122230521112224", "comma between"),  # two numbers fused, as the gateway does (trap 6)
        ("0521112223 0521112224", "comma between"),
        ("@", "needs a name"),
        ("#", "needs a name"),
        ("@two words", "letters, digits"),
        ("#a/b", "letters, digits"),
    ],
)
def test_what_cannot_be_sent_to_says_why(typed: str, words: str) -> None:
    (recipient,) = parse_recipients(typed)
    assert recipient.problem is not None
    assert words in recipient.problem
    assert recipient.problem.endswith(".")
    assert (recipient.wire, recipient.e164, recipient.typed) == ("", None, typed)


@pytest.mark.parametrize(
    ("typed", "wire", "words"),
    [
        ("03-6123456", "+97236123456", "landline"),
        ("077-1234567", "+972771234567", "internet phone"),
        ("1800-123-456", "+9721800123456", "service number"),
        ("052111222", "052111222", "as typed"),  # the provider's own example has a digit too few
        ("+97252111222", "+97252111222", "as typed"),
        ("1234567", "1234567", "as typed"),
        ("+1 555 123 4567", "+15551234567", "No known prefix"),
    ],
)
def test_what_may_not_arrive_is_marked_and_kept(typed: str, wire: str, words: str) -> None:
    (recipient,) = parse_recipients(typed)
    assert (recipient.wire, recipient.problem) == (wire, None)
    assert recipient.warning is not None
    assert words in recipient.warning


@pytest.mark.parametrize("typed", ["+44 7911 123456", "+1 212 555 0123", "0521112223", "+49 171 1234567"])
def test_mobile_numbers_need_no_word(typed: str) -> None:
    (recipient,) = parse_recipients(typed)
    assert (recipient.problem, recipient.warning) == (None, None)


@pytest.mark.parametrize("code", ["100", "1234", "123456"])
def test_short_codes_go_out_as_typed(code: str) -> None:
    assert parse_recipients(code) == [Recipient(code, "number", code)]
    [cut_off] = parse_recipients("05211")
    assert "too short for a phone number" in (cut_off.warning or "")


def test_requiring_recipients_joins_several_inputs() -> None:
    found = require_recipients(["0521110001,0521110002", "052-1110001", "@dana"])
    assert [recipient.wire for recipient in found] == ["+972521110001", "+972521110002", "@dana"]


def test_requiring_recipients_names_every_bad_one_and_why() -> None:
    with pytest.raises(InputError) as caught:
        require_recipients(["0521110001, abc", "12\x1b[31m"])
    message = caught.value.message
    assert message.startswith("2 recipients cannot be used.")
    assert "“abc”: Letters" in message
    assert "Nothing was sent." in message
    assert "\x1b" not in message


@pytest.mark.parametrize("typed", [[], [""], [" , "]])
def test_requiring_recipients_wants_at_least_one(typed: list[str]) -> None:
    with pytest.raises(InputError, match="no recipient"):
        require_recipients(typed)


@given(st.text(max_size=60))
def test_any_text_is_understood_or_refused_but_never_raises(text: str) -> None:
    for recipient in parse_recipients(text):
        assert (recipient.problem is None) == bool(recipient.wire)
        if recipient.kind == "number" and recipient.wire:
            assert recipient.wire.lstrip("+").isascii()
            assert recipient.wire.lstrip("+").isdigit()
        if recipient.e164:
            assert recipient.wire == recipient.e164
            assert e164(recipient.e164) == recipient.e164
    assert number_key(number_key(text)) == number_key(text)


@given(
    st.integers(10_000_000, 99_999_999), st.sampled_from(["0{}", "972{}", "00972{}", "+972{}", "+972 (0){}", "+972-{}"])
)
def test_every_mobile_number_has_one_form(subscriber: int, form: str) -> None:
    national = f"5{subscriber}"
    assert e164(form.format(national)) == f"+972{national}"


@pytest.mark.parametrize(
    ("typed", "as_typed", "local"),
    [
        ("052-111 0001", "0521110001", "0521110001"),
        ("+972 (0)52 1110001", "+972521110001", "0521110001"),
        ("00972521110001", "00972521110001", "0521110001"),
        ("03-555 1234", "035551234", "035551234"),
        ("+44 20 7183 8750", "+442071838750", "+442071838750"),
        ("1234", "1234", "1234"),
        ("@dana", "@dana", "@dana"),
    ],
)
def test_the_number_on_the_wire_is_the_profiles_choice(typed: str, as_typed: str, local: str) -> None:
    [recipient] = parse_recipients(typed)
    assert recipient.on_the_wire("e164") == recipient.wire
    assert recipient.on_the_wire("as_typed") == as_typed
    assert local_form(recipient.on_the_wire("local")) == local


def test_names_stand_for_numbers_where_they_are_one_persons() -> None:
    book = {"dana": ["+972521110001"], "yossi": ["+972521110002", "+972521110003"]}

    def names(name: str) -> list[str]:
        return book.get(name.casefold(), [])

    dana, yossi, nobody, mail = parse_recipients("Dana, Yossi; bob, Rina <052-1110004>", names=names)
    assert (dana.typed, dana.wire, dana.problem) == ("Dana", "+972521110001", None)
    assert "2 contacts have this name" in (yossi.problem or "")
    assert "Letters are no phone number" in (nobody.problem or "")
    assert mail.wire == "+972521110004"
    assert len(parse_each("Dana, 0521110001", names=names)) == 2
    assert len(parse_recipients("Dana, 0521110001", names=names)) == 1


@pytest.mark.parametrize(
    ("ours", "shown", "same"),
    [
        (MOBILE, "0521112223", True),
        (MOBILE, "9720521112223", True),
        (MOBILE, "052-1112223", True),
        (MOBILE, "+97252111****", True),
        (MOBILE, "", True),
        (MOBILE, "0521112224", False),
        (MOBILE, "12223", False),
        (MOBILE, "Bank", False),
        ("12345", "12345", True),
        ("12345", "12346", False),
        ("*6050", "*6050", True),
        ("*6050", "6050", True),
        ("google", "facebook", False),
    ],
)
def test_a_number_that_a_gateway_wrote_is_ours_or_not(ours: str, shown: str, same: bool):
    assert may_be_same_number(ours, shown) is same
