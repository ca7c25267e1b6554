"""The live words of the compose form: who it goes to, what it costs in parts, what is odd about sender and time."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING

from voipe_tui.errors import InputError
from voipe_tui.store.models import View
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.lines import Block
from voipe_tui.ui.order import parse_when
from voipe_tui.ui.words import count

if TYPE_CHECKING:
    from voipe_tui.text.numbers import Recipient
    from voipe_tui.ui.services import Session

_MOST_SHOWN = 40
_MOST_FORCING = 5


def recipient_blocks(typed: str, session: Session) -> list[Block]:
    """A chip per recipient: sign, who; or the problem in a sentence. Bad ones first, they need a person."""
    if not typed.strip():
        return [[("numbers, @users or #groups; commas or new lines between them", session.palette.muted)]]
    from voipe_tui.text.numbers import parse_recipients

    recipients = parse_recipients(typed, session.profile.region)
    bad = [recipient for recipient in recipients if recipient.problem]
    good = [recipient for recipient in recipients if not recipient.problem]
    blocks: list[Block] = [
        [(f"✗ {safe_line(recipient.typed)}: {safe_line(recipient.problem or '')}", session.palette.bad)]
        for recipient in bad[:3]
    ]
    if len(bad) > 3:
        blocks.append([(f"✗ and {len(bad) - 3} more that cannot be used", session.palette.bad)])
    if len(good) > 3:
        blocks.append([(count(len(good), "recipient"), session.palette.strong)])
    blocks += [_chip(recipient, session) for recipient in good[:_MOST_SHOWN]]
    return blocks


def _chip(recipient: Recipient, session: Session) -> Block:
    palette = session.palette
    name = _name_of(recipient, session)
    who = f"{name} {recipient.wire}" if name else recipient.wire
    if recipient.warning:
        return [(f"! {safe_line(who)}: {safe_line(recipient.warning)}", palette.warn)]
    return [("✓ ", palette.good), (safe_line(who), palette.text)]


def _name_of(recipient: Recipient, session: Session) -> str | None:
    if recipient.e164 is None:
        return None
    known = session.opened.page(View(number_key=recipient.e164, include_archived=True), limit=1)
    return known[0].name if known else None


def meter_line(text: str, to: str, session: Session) -> list[Block]:
    """Encoding, characters, parts, room; what makes it UCS-2; the sum for several recipients."""
    from voipe_tui.text.numbers import parse_recipients
    from voipe_tui.text.parts import forcing_characters, measure

    palette, profile = session.palette, session.profile
    whole = f"{text} {profile.footer}" if profile.footer and text else text
    size = measure(whole)
    if not size.parts:
        return [[("GSM 7-bit: 160 characters in the first part; Hebrew and others: 70", palette.muted)]]
    name = "GSM 7-bit" if size.encoding == "gsm7" else "UCS-2"
    said = (
        f"{name} · {count(size.characters, 'character')} · {count(size.parts, 'part')} · {size.room} left in this one"
    )
    if profile.footer:
        said += " · with footer"
    good = [each for each in parse_recipients(to, profile.region) if not each.problem] if to.strip() else []
    if any(each.kind == "group" for each in good):
        said += " · to each member of the group"
    elif len(good) > 1:
        said += f" · {len(good):,} × {size.parts} = {len(good) * size.parts:,} parts"
    blocks: list[Block] = [[(said, palette.warn if size.parts > 3 else palette.busy)]]
    if size.encoding == "ucs2":
        forcing = list(dict.fromkeys(character for _, character in forcing_characters(whole)))
        if not all(_is_hebrew(character) for character in forcing):
            blocks.append([(_why_ucs2([c for c in forcing if not _is_hebrew(c)], forcing), palette.muted)])
    return blocks


def _is_hebrew(character: str) -> bool:
    return "\u0590" <= character <= "\u05ff"


def _why_ucs2(named: list[str], forcing: list[str]) -> str:
    shown = " ".join(f"{_shown(character)} (U+{ord(character):04X})" for character in named[:_MOST_FORCING])
    more = f" and {len(named) - _MOST_FORCING} more" if len(named) > _MOST_FORCING else ""
    if len(named) == len(forcing):
        return f"Without {shown}{more} it would fit GSM 7-bit: 160 instead of 70 characters a part."
    return f"Not in GSM 7-bit, beside the Hebrew letters: {shown}{more}."


def _shown(character: str) -> str:
    return character if unicodedata.category(character)[0] in "LNPS" else "·"


def sender_says(sender: str, session: Session) -> list[tuple[str, str]]:
    """(tone, sentence) about a sender ID."""
    from voipe_tui.text.senders import check_sender

    checked = check_sender(sender, session.profile.sender_max)
    says = [("bad", f"✗ {safe_line(error)}") for error in checked.errors]
    usual = sender in (session.profile.sender, *session.profile.senders)
    # What is said about the usual senders every time is soon read by nobody.
    says += [("warn", f"! {safe_line(warning)}") for warning in checked.warnings if not usual]
    return says


def when_says(text: str, now: datetime) -> list[tuple[str, str]]:
    """(tone, sentence) about the time to send."""
    try:
        at = parse_when(text, now)
    except InputError as error:
        return [("bad", f"✗ {safe_line(error.message)}")]
    if at is None:
        return []
    zone = at.tzname() or ""
    return [
        (
            "busy",
            f"◷ {at:%a} {at.day} {at:%b %Y, %H:%M} {zone}: sent from here, so voipe-tui has to be running then.",
        )
    ]
