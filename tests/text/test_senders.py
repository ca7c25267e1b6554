"""Sender IDs by the rules of the provider and of the air."""

import pytest

from voipe_tui.text.senders import SenderCheck, check_sender


def test_no_sender_means_the_accounts_own() -> None:
    assert check_sender("") == SenderCheck()


@pytest.mark.parametrize("sender", ["1234", "0521112223", "+9725211122"])
def test_a_number_that_fits_needs_no_word(sender: str) -> None:
    assert check_sender(sender, sender_max=11) == SenderCheck()


def test_a_name_is_one_way() -> None:
    check = check_sender("VipInv")
    assert not check.errors
    assert check.warnings == ("Nobody can reply to a sender ID with letters.",)


def test_nine_characters_are_a_warning_as_in_the_providers_own_example() -> None:
    check = check_sender("VipInvest")
    assert not check.errors
    assert any("at most 8" in warning and "has 9" in warning for warning in check.warnings)
    assert not any("at most" in warning for warning in check_sender("VipInvest", sender_max=11).warnings)


@pytest.mark.parametrize("length", [12, 20])
def test_more_than_eleven_never_work(length: int) -> None:
    assert "at most 11" in check_sender("a" * length, sender_max=11).errors[0]


@pytest.mark.parametrize(
    ("sender", "named"),
    [
        ("Vip.Inv", "."),
        ("חברה", "ח"),
        ("Vip!", "!"),
        ("a\x1b[", "U+001B"),
        ("a\u202eb", "U+202E"),
        ("é", "é"),
        ("a\nb", "U+000A"),
        ("٣", "٣"),
    ],
)
def test_other_characters_are_named(sender: str, named: str) -> None:
    assert named in check_sender(sender).errors[0]
    assert "\x1b" not in check_sender(sender).errors[0]


@pytest.mark.parametrize("sender", ["+", "- -", "___"])
def test_a_letter_or_digit_is_needed(sender: str) -> None:
    assert "needs a letter" in check_sender(sender).errors[0]


def test_spaces_at_the_ends_are_lost() -> None:
    assert any("Spaces" in warning for warning in check_sender("Vip ").warnings)


@pytest.mark.parametrize("sender", ["Vip Inv", "A-B_C+D", "7Eleven"])
def test_all_that_the_provider_allows_is_allowed(sender: str) -> None:
    assert not check_sender(sender).errors
