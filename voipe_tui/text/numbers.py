"""Phone numbers and recipients: what a person types or pastes, and what goes on the wire.

Numbers come in any form (``05X…``, ``9725X…``, ``009725X…``, ``+972 (0)5X…``; spaces, dashes, digits of other scripts,
invisible direction marks that were copied along) and are compared and sent as E.164. The rules of other countries come
from the phonenumbers library, which is loaded only when an Israeli mobile number is not enough.

A recipient of a playSMS gateway is a number, ``@user`` or ``#GROUP`` (operation ``pv``). Each goes into a request of
its own: comma lists lose and fuse recipients (trap 6 of the protocol).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from voipe_tui.errors import InputError
from voipe_tui.text.untrusted import safe_line

RecipientKind = Literal["number", "user", "group"]

_SEPARATE: Final = ",;\n\r\t\v\f\x85\u2028\u2029\u060c\u061b\uff0c\uff1b\u3001"
_SEPARATORS: Final = re.compile(f"[{_SEPARATE}]")
PIECE: Final = re.compile(f"[^{_SEPARATE}]+")
"""One recipient as it was typed, with the spaces around it."""
_DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u05be\ufe63\uff0d\u30fc"
_DIALLED: Final = re.compile(r"\+?[0-9 ()./\-]*")
_ISRAELI_MOBILE: Final = re.compile(r"(?:(?:\+|00)?9720?|0)?(5[0-9]{8})")
_WRITTEN_OUT: Final = re.compile(r"[+(]?[0-9][0-9 ().\-]*")
_ENDING: Final = 7  # digits at the end of a number that no country code changes
_AS_LISTED: Final = re.compile(r"(?:\+972|972|0)(5[0-9]{8})")
_NAME: Final = re.compile(r"[\w.\-@]+")
_LONGEST: Final = 15  # digits of an E.164 number (ITU-T E.164, 6.1)
_SHORTEST: Final = 7
_SHORT_CODE: Final = range(3, 7)
_LETTERS: Final = "Letters are no phone number; put @ before a user, # before a group."
_IN_BRACKETS: Final = re.compile(r"[^<>]*<([^<>]+)>")

Names = Callable[[str], Iterable[str]]
"""The numbers of the people who are called so; a name as it was typed goes in."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient as typed and as understood.

    ``wire`` is what goes into ``to``: E.164 with + for a number, its digits for a short code (3 to 6) or for a number
    that could not be understood, ``@name``, ``#CODE``; empty when there is a problem. ``problem`` is a sentence that
    says why nothing can be sent to it, ``warning`` one that says why the message may not arrive; None when all is well.
    """

    typed: str
    kind: RecipientKind
    wire: str
    e164: str | None = None
    problem: str | None = None
    warning: str | None = None

    def on_the_wire(self, number_format: str, region: str = "IL") -> str:
        """What the journal takes as the number to send to: ``wire``, or for ``as_typed`` what was typed without spaces
        and signs, where that is the same number. (``local`` is made when the request is: see :func:`local_form`.)"""
        if number_format != "as_typed" or self.e164 is None:
            return self.wire
        bare = re.sub(r"\(0\)|[^0-9+]", "", _without_scheme(_tidy(self.typed).strip()))
        return bare if _e164(bare, region) == self.e164 else self.wire

    @property
    def identity(self) -> tuple[str, str]:
        """Equal for two recipients that would be the same one: the kind, and the number or name without case."""
        return self.kind, (self.wire or self.typed).casefold()


def e164(number: str, region: str = "IL") -> str | None:
    """``number`` as ``+`` and country code and number, or None when it is not a plausible phone number.

    ``region`` (ISO 3166, two letters) is the country of numbers written without a country code. Short codes, names and
    numbers whose length fits no country are not plausible. A number whose length fits but whose prefix is in no table
    still counts if it was dialled in full (``+``, ``00`` or ``0`` before it): new prefixes appear before tables do.
    """
    return _e164(number, region)


def number_key(number: str, region: str = "IL") -> str:
    """The key under which messages of one conversation are gathered: E.164, else the trimmed text in lower case."""
    if region == "IL" and (plain := _AS_LISTED.fullmatch(number)):
        return "+972" + plain[1]  # nearly all, and quicker than to look them up among those seen before
    return _e164(number, region) or " ".join(_tidy(number).split()).casefold()


def may_be_same_number(ours: str, shown: str) -> bool:
    """Whether ``shown``, as a gateway wrote it, can be our number (E.164, a short code, a name).

    False where their last digits differ: country codes and zeros at the front come and go. Where digits are hidden
    (``+97252111****``) or nothing is shown, it can be.
    """
    shown = shown.strip()
    if not shown or shown == ours:
        return True
    if _WRITTEN_OUT.fullmatch(shown):
        digits, theirs = ("".join(filter(str.isdigit, number)) for number in (ours, shown))
        return digits[-_ENDING:] == theirs[-_ENDING:]
    return ours.startswith("+") and not any(map(str.isalpha, shown))


@lru_cache(maxsize=16_384)
def local_form(number: str, region: str = "IL") -> str:
    """An E.164 number of ``region`` as people there dial it, digits only (``0521110001``); others stay as they are."""
    if not number.startswith("+"):
        return number
    if region == "IL" and _ISRAELI_MOBILE.fullmatch(number):
        return "0" + number[4:]
    if region == "IL" and not number.startswith("+972"):
        return number
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    if parsed.country_code != phonenumbers.country_code_for_region(region):
        return number
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return "".join(filter(str.isdigit, national))


def parse_recipients(typed: str, region: str = "IL", names: Names | None = None) -> list[Recipient]:
    """The recipients in ``typed``, in order: separated by commas, semicolons, tabs or line breaks, never by spaces.

    Nothing is dropped silently: what cannot be used comes back with its ``problem``. Repeated ones are merged into the
    first. ``names`` knows the numbers of people: a name that is one person's stands for the number.
    """
    return _merge(parse_each(typed, region, names))


def parse_each(typed: str, region: str = "IL", names: Names | None = None) -> list[Recipient]:
    """The same with repeated ones left in, for those who want to say how many there were."""
    found = [_recipient(piece, region) for piece in _SEPARATORS.split(typed) if _tidy(piece).strip()]
    if names is None:
        return found
    return [_by_name(each, names, region) if each.problem is _LETTERS else each for each in found]


def _by_name(recipient: Recipient, names: Names, region: str) -> Recipient:
    """A name typed for a number; also “Dana <052…>”, as mail programs write it."""
    if inside := _IN_BRACKETS.fullmatch(recipient.typed):
        return replace(_recipient(inside.group(1), region), typed=recipient.typed)
    numbers = list(dict.fromkeys(number for number in names(recipient.typed) if number))
    if len(numbers) > 1:
        listed = ", ".join(numbers[:4]) + (" …" if len(numbers) > 4 else "")
        return replace(recipient, problem=f"{len(numbers)} contacts have this name: {listed}. Take the number.")
    return replace(_recipient(numbers[0], region), typed=recipient.typed) if numbers else recipient


def require_recipients(typed: Iterable[str], region: str = "IL") -> list[Recipient]:
    """The same for several inputs at once, where a single bad one means that nothing is sent.

    Raises InputError that names every bad one and why; also when there is no recipient at all.
    """
    recipients = _merge(recipient for text in typed for recipient in parse_recipients(text, region))
    bad = [recipient for recipient in recipients if recipient.problem]
    if bad:
        listed = " ".join(f"“{safe_line(recipient.typed)}”: {recipient.problem}" for recipient in bad)
        count = "One recipient" if len(bad) == 1 else f"{len(bad)} recipients"
        raise InputError(
            f"{count} cannot be used. {listed} Nothing was sent.", hint="Correct or remove it and try again."
        )
    if not recipients:
        raise InputError("There is no recipient. Nothing was sent.", hint="Give a phone number, @user or #GROUP.")
    return recipients


def _merge(recipients: Iterable[Recipient]) -> list[Recipient]:
    first: dict[tuple[str, str], Recipient] = {}
    for recipient in recipients:
        first.setdefault(recipient.identity, recipient)
    return list(first.values())


@lru_cache(maxsize=16_384)
def _recipient(piece: str, region: str) -> Recipient:
    typed = piece.strip()
    tidy = _tidy(piece).strip()
    if tidy[0] in "@#":
        return _named(typed, tidy)
    return _numbered(typed, _without_scheme(tidy), region)


def _named(typed: str, tidy: str) -> Recipient:
    kind: RecipientKind = "user" if tidy[0] == "@" else "group"
    name = tidy[1:].strip()
    problem = None
    if not name:
        problem = f"A {kind} needs a name after {tidy[0]}."
    elif not _NAME.fullmatch(name):
        problem = f"The name of a {kind} is letters, digits, dots, dashes and underscores."
    return Recipient(typed, kind, "" if problem else tidy[0] + name, problem=problem)


def _numbered(typed: str, tidy: str, region: str) -> Recipient:
    digits = "".join(filter(str.isdigit, tidy))
    in_full = tidy.startswith(("+", "00"))
    if problem := _number_problem(tidy, digits):
        return Recipient(typed, "number", "", problem=problem)
    if not in_full and len(digits) in _SHORT_CODE:
        cut_off = "It is too short for a phone number, and no service's short code begins with 0; check it."
        warning = cut_off if digits[0] == "0" else None
        return Recipient(typed, "number", digits, warning=warning)
    if number := _e164(tidy, region):
        return Recipient(typed, "number", number, number, warning=delivery_warning(number))
    if len(digits) < _SHORTEST:
        return Recipient(typed, "number", "", problem="It is too short for a phone number.")
    wire = ("+" if tidy.startswith("+") else "") + digits
    warning = "It fits no number plan that is known" + (" here" if not in_full else "") + "; it goes out as typed."
    return Recipient(typed, "number", wire, warning=warning)


def _number_problem(tidy: str, digits: str) -> str | None:
    if any(character.isalpha() for character in tidy):
        return _LETTERS
    if not digits:
        return "There is no digit in it."
    if not _DIALLED.fullmatch(tidy):
        return "It has signs that no phone number has."
    if len(digits) > _LONGEST + (2 if digits.startswith("00") else 0):
        return f"It has {len(digits)} digits, more than any phone number; put a comma between two numbers."
    if len(digits) < _SHORT_CODE.start:
        return "It is too short for a phone number."
    return None


@lru_cache(maxsize=16_384)
def delivery_warning(number: str) -> str | None:
    """Why a message to the E.164 ``number`` may not arrive."""
    if _ISRAELI_MOBILE.fullmatch(number):
        return None
    import phonenumbers

    kinds = phonenumbers.PhoneNumberType
    parsed = phonenumbers.parse(number)
    if not phonenumbers.is_valid_number(parsed):
        return "No known prefix begins like this; check it."
    kind = phonenumbers.number_type(parsed)
    if kind == kinds.FIXED_LINE:
        return "It is a landline; most cannot receive SMS."
    if kind == kinds.VOIP:
        return "It is an internet phone number; many cannot receive SMS."
    if kind in (kinds.TOLL_FREE, kinds.PREMIUM_RATE, kinds.SHARED_COST, kinds.UAN, kinds.VOICEMAIL, kinds.PAGER):
        return "It is a service number; it cannot receive SMS."
    return None


@lru_cache(maxsize=65_536)
def _e164(number: str, region: str) -> str | None:
    tidy = _without_scheme(_tidy(number).strip())
    if not _DIALLED.fullmatch(tidy):
        return None
    digits = "".join(filter(str.isdigit, tidy))
    full = tidy.startswith(("+", "00"))
    if not _SHORTEST <= len(digits) <= _LONGEST + 2:
        return None
    dialled = ("+" if tidy.startswith("+") else "") + digits
    if (region == "IL" or full or dialled.startswith("9725")) and (mobile := _ISRAELI_MOBILE.fullmatch(dialled)):
        return "+972" + mobile.group(1)
    return _looked_up(dialled, region) or (None if full or digits[0] == "0" else _foreign(digits))


def _looked_up(dialled: str, region: str, *, certain: bool = False) -> str | None:
    """E.164 by the tables of phonenumbers; ``certain`` wants one that they know, not just one of fitting length."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        in_full = dialled.startswith(("+", "0")) and not certain
        if not in_full or not phonenumbers.is_possible_number(parsed) or _broken_israeli_mobile(parsed):
            return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _foreign(digits: str) -> str | None:
    """A number with country code but without +, as gateways list foreign senders; only when it is certain."""
    return _looked_up("+" + digits, "ZZ", certain=True) if len(digits) >= 11 else None


def _broken_israeli_mobile(parsed: object) -> bool:
    """A number that begins like an Israeli mobile number but has a digit too few or too many."""
    national = str(getattr(parsed, "national_number", ""))
    return getattr(parsed, "country_code", None) == 972 and national.startswith("5") and len(national) != 9


def _without_scheme(tidy: str) -> str:
    return tidy[4:].lstrip() if tidy[:4].lower() == "tel:" else tidy


def _tidy(text: str) -> str:
    """Digits, plus signs and dashes as ASCII, white space as spaces, invisible marks gone; the rest as it is."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_tidy_character, text))


def _tidy_character(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character in _DASHES:
        return "-"
    if character.isspace():
        return " "
    if unicodedata.category(character) in ("Cf", "Cc", "Mn", "Me"):
        return ""
    return unicodedata.normalize("NFKC", character) if "\uff01" <= character <= "\uff5e" else character
