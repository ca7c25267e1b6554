"""The live words of the compose form: what a text costs in parts and money, what is odd about it, sender and time."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from voipe_tui.errors import InputError
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.compose.order import at_the_gateway, gateway_clock, has_fields, is_usual, parse_when, render
from voipe_tui.ui.look.words import amount, count
from voipe_tui.ui.widgets.lines import Block

if TYPE_CHECKING:
    from decimal import Decimal

    from voipe_tui.text.parts import Measure
    from voipe_tui.ui.compose.recipients import Whom
    from voipe_tui.ui.services import Session

_MOST_FORCING = 4
_MOST_FILLED = 200
"""For so many recipients a text with fields is counted with each key; for more when it is sent."""
_NAMES = {"gsm7": "GSM 7-bit", "ucs2": "UCS-2"}
Says = list[tuple[str, str]]
"""(tone, sentence) each."""


def meter_blocks(text: str, footer: str, whom: Whom, session: Session) -> list[Block]:
    """Encoding, characters, parts, room; the bill; what makes it UCS-2; what the gateway will change.

    A text with fields is counted as each recipient gets it; what is said is of the longest.
    """
    from voipe_tui.text.parts import measure

    palette = session.palette
    if not text:
        return [[("GSM 7-bit: 160 characters in the first part; Hebrew and others: 70", palette.muted)]]
    texts, lacking = _filled(text, whom, session)
    behind = f" {footer}" if footer else ""
    sizes = {each: measure(each + behind) for each in dict.fromkeys(texts)}
    longest = max(sizes, key=lambda each: (sizes[each].parts, sizes[each].units))
    size = sizes[longest]
    blocks: list[Block] = [[(size_said(size, footer), palette.warn if size.parts > 3 else palette.busy)]]
    if whom.good:
        parts = [sizes[each].parts for each in texts]
        bill = bill_said(parts if len(parts) > 1 else parts * len(whom.good), whom, session.opened.facts.price())
        blocks.append([(bill, palette.muted)])
    blocks += [[(f"✗ {safe_line(said)}", palette.bad)] for said in lacking]
    return blocks + [[(said, palette.tone(tone))] for tone, said in text_says(longest, footer, size, session)]


def _filled(text: str, whom: Whom, session: Session) -> tuple[list[str], list[str]]:
    """The text as each recipient gets it, or once where it is the same for all; who has nothing to put into a field."""
    if not whom.good or len(whom.good) > _MOST_FILLED or not has_fields(text):
        return [text], []
    texts, lacking = render(text, whom.good, session.opened)
    return texts, lacking if len(lacking) < 2 else [lacking[0], f"{len(lacking) - 1:,} more have no name either."]


def size_said(size: Measure, footer: str) -> str:
    """``GSM 7-bit · 160 characters · 1 part · 0 left in this one``."""
    said = [
        _NAMES[size.encoding],
        count(size.characters, "character"),
        count(size.parts, "part"),
        f"{size.room} left in this one",
    ]
    return " · ".join([*said, "with footer"] if footer else said)


def bill_said(parts: Sequence[int], whom: Whom, price: Decimal | None) -> str:
    """``3 × 2 = 6 parts · about 1.50 of credit``; ``parts`` has a number for each recipient, the price is what the
    credit's movement has taught."""
    many, total = len(parts), sum(parts)
    each = f"{many:,} × {parts[0]}" if len(set(parts)) == 1 else f"{many:,} × {min(parts)} to {max(parts)}"
    said = count(total, "part") if many == 1 else f"{each} = {count(total, 'part')}"
    if whom.groups:
        return f"{said}, and as many again for each further member of a group"
    if price is None:
        return f"{said} · price unknown until a message was charged"
    return f"{said} · about {amount(price * total)} of credit ({amount(price)} a part)"


def text_says(text: str, footer: str, size: Measure, session: Session, replace_by: str = "compose-replace") -> Says:
    """What makes the text expensive, and what will be changed on the way; ``replace_by`` is the command that mends."""
    from voipe_tui.text.gateway_changes import changes, cut

    says = _ucs2_says(text, footer, size, session.keys.shown(replace_by)) if size.encoding == "ucs2" else []
    says += [("warn" if change.serious else "muted", change.said) for change in changes(text)]
    whole = f"{text} {footer}" if footer else text
    if too_long := cut(whole, size.parts, session.opened.facts.most_bytes()):
        says.append(("warn", too_long))
    return says


def _ucs2_says(text: str, footer: str, size: Measure, key: str) -> Says:
    from voipe_tui.text.harmless import saving, shown, shown_twin, twin_of
    from voipe_tui.text.parts import distinct_forcing

    found = saving(text, f" {footer}" if footer else "")
    if found is not None:
        named = " ".join(map(shown, found.named[:_MOST_FORCING]))
        more = f" and {len(found.named) - _MOST_FORCING} more" if len(found.named) > _MOST_FORCING else ""
        twin = f"it with {shown_twin(found.named[0])}" if len(found.named) == 1 else "them"
        makes = "makes" if len(found.named) == 1 else "make"
        if found.parts_after < found.parts:
            what = f"{makes} this {count(found.parts, 'part')} instead of {found.parts_after}"
        else:
            what = f"{makes} this UCS-2: 70 characters a part instead of 160"
        return [("warn", f"{named}{more} {what}: {key} replaces {twin}")]
    forcing = distinct_forcing(f"{text} {footer}" if footer else text)
    if any(is_letter(each) for each in forcing):
        return []  # Hebrew needs UCS-2, and everybody knows
    costly = [each for each in forcing if twin_of(each) is None and each <= "\uffff"]
    if not costly:
        return []
    named = " ".join(map(shown, costly[:_MOST_FORCING]))
    return [("muted", f"{named} {'needs' if len(costly) == 1 else 'need'} UCS-2: 70 characters a part instead of 160.")]


def is_letter(character: str) -> bool:
    """A letter that GSM 7-bit does not have, and with it a script that is meant."""
    return unicodedata.category(character)[0] in "LM" and not "\u02b0" <= character <= "\u02ff"


def marked_characters(text: str) -> frozenset[str]:
    """The characters to be shown up in the text: those that cost for nothing, and those that will get lost."""
    from voipe_tui.text.harmless import twin_of
    from voipe_tui.text.parts import distinct_forcing

    forcing = distinct_forcing(text)
    meant = any(is_letter(each) and twin_of(each) is None for each in forcing)
    return frozenset(each for each in forcing if each > "\uffff" or not meant)


def sender_says(sender: str, session: Session) -> Says:
    """About a sender ID."""
    from voipe_tui.text.senders import check_sender

    profile = session.profile
    checked = check_sender(sender, profile.sender_max)
    says = [("bad", f"✗ {safe_line(error)}") for error in checked.errors]
    if is_usual(sender, profile):
        return says
    says += [("warn", f"! {safe_line(warning)}") for warning in checked.warnings]
    if sender and profile.senders and not checked.errors:
        says.append(("warn", "! It is not among the profile's sender IDs; gateways replace an unknown one."))
    return says


def when_says(text: str, at_gateway: bool, now: datetime, session: Session) -> Says:
    """About the time to send, and who waits for it."""
    try:
        at = parse_when(text, now)
        schedule = at_the_gateway(at, at_gateway, session.profile, session.opened)
    except InputError as error:
        return [("bad", f"✗ {safe_line(f'{error.message} {error.hint}'.strip())}")]
    if at is None:
        return [("muted", "Sent at once: “at the gateway” needs a time.")] if at_gateway else []
    moment = f"{at:%a} {at.day} {at:%b %Y, %H:%M} {at.tzname() or ''}".rstrip()
    twice = at.replace(fold=1).utcoffset() != at.replace(fold=0).utcoffset()
    which = "second" if at.fold else "first"
    warned = f"! The clock goes back then: {at:%H:%M} comes twice, and the {which} one is meant."
    says = [("warn", warned)] if twice else []
    if there := gateway_clock(at, session.profile, session.opened):
        moment += f" ({there} at the gateway)"
    if schedule is None:
        undo = session.keys.shown("undo")
        return [
            *says,
            (
                "busy",
                f"◷ {moment}: sent from here, so voipe-tui has to be running then. Until then it can be changed and "
                f"cancelled ({undo} in the outbox).",
            ),
        ]
    return [
        *says,
        (
            "busy",
            f"◷ {moment}: handed over now and sent without voipe-tui. It can be neither listed nor changed nor "
            "cancelled there.",
        ),
    ]
