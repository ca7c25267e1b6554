"""What ``send`` was asked to do, checked whole before anything is stored: recipients, text, sender ID, time."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from voipe_tui.cli.context import Context
from voipe_tui.cli.world import is_terminal
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import ConfigError, InputError
from voipe_tui.text.moments import OTHER_CLOCK, gateway_time, parse_moment
from voipe_tui.text.numbers import Recipient, require_recipients
from voipe_tui.text.parts import Measure, forcing_characters, measure
from voipe_tui.text.quiet import quiet_warnings
from voipe_tui.text.senders import check_sender
from voipe_tui.text.untrusted import safe_line

if TYPE_CHECKING:
    from voipe_tui.store import NewMessage
    from voipe_tui.sync.zones import Zones

_USUAL_PARTS = 3
_MOST_NAMED = 5


@dataclass(frozen=True)
class Order:
    """One text for its recipients. ``moment``: when the gateway is to send it, None for now."""

    recipients: tuple[Recipient, ...]
    text: str
    sender: str
    flash: bool
    moment: datetime | None
    warnings: tuple[str, ...]

    def messages(self, profile: Profile, schedule: str | None) -> list[NewMessage]:
        """One message for each recipient, as the journal takes them."""
        from voipe_tui.store import NewMessage

        return [
            NewMessage(
                number=recipient.on_the_wire(profile.number_format, profile.region),
                text=self.text,
                kind=recipient.kind,
                sender=self.sender or None,
                flash=self.flash,
                footer=profile.footer or None,
                gateway_schedule=schedule,
            )
            for recipient in self.recipients
        ]


def read_order(context: Context, profile: Profile) -> Order:
    """What the options ask for. Raises InputError for anything that cannot be sent; nothing has been stored then."""
    options = context.options
    recipients = require_recipients(options.to, profile.region)
    sender = profile.sender if options.sender is None else options.sender
    sender_warnings = checked_sender(sender, profile)
    moment = _moment(context) if options.schedule is not None else None
    text = _text(context)
    warnings = (
        *text_warnings(text, profile.footer),
        *sender_warnings,
        *quiet_warnings(recipients, moment or context.now(), profile.quiet_hours),
        *([OTHER_CLOCK] if moment is not None else []),
    )
    return Order(tuple(recipients), text, sender, options.flash, moment, warnings)


def _text(context: Context) -> str:
    text = context.options.message
    if text is None:
        text = _from_standard_input(context)
    return checked_text(text)


def checked_text(text: str) -> str:
    """``text`` if it can be sent; arguments that came byte by byte are put together. Raises InputError."""
    if not text.strip():
        raise InputError("The text is empty. Nothing was sent.", hint="Give it with --message or on standard input.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        # In a locale without UTF-8, arguments arrive byte by byte; mostly the bytes are UTF-8 all the same.
        try:
            text = text.encode("utf-8", "surrogateescape").decode("utf-8")
        except UnicodeError:
            raise _not_text() from None
    if "\x00" in text:
        raise InputError("The text has a NUL character in it; it is no text. Nothing was sent.")
    return text


def _from_standard_input(context: Context) -> str:
    stream = context.world.stdin
    if stream is None or is_terminal(stream):
        raise InputError(
            "There is no text. Nothing was sent.",
            hint="Give it with --message “…”, or on standard input: echo Hi | voipe-tui send --to …",
        )
    try:
        text = stream.read()
    except UnicodeDecodeError:
        raise _not_text() from None
    # A shell's echo ends its line; that line break is not meant.
    return text.removesuffix("\n").removesuffix("\r")


def _not_text() -> InputError:
    return InputError("The text is not valid UTF-8. Nothing was sent.", hint="Convert it, for example with iconv.")


def checked_sender(sender: str, profile: Profile) -> tuple[str, ...]:
    """What may be wrong with a sender ID. Raises InputError for one that cannot be used."""
    check = check_sender(sender, profile.sender_max)
    if check.errors:
        raise InputError(
            f"The sender ID “{safe_line(sender)}” cannot be used. {' '.join(check.errors)} Nothing was sent.",
            hint="Use one that the provider has set up for the account.",
        )
    known = {profile.sender, *profile.senders}
    if sender and profile.senders and sender not in known:
        listed = ", ".join(profile.senders)
        unlisted = f"“{sender}” is not among the profile's sender IDs ({listed}); gateways replace an unknown one."
        return (*check.warnings, unlisted)
    return check.warnings


def _moment(context: Context) -> datetime:
    now = context.now()
    try:
        moment = parse_moment(context.options.schedule, now, lean="future")
    except InputError as error:
        raise InputError(f"--schedule: {error.message} Nothing was sent.", hint=error.hint) from None
    if moment <= now:
        raise InputError(
            f"{moment:%Y-%m-%d %H:%M:%S} is not in the future. Nothing was sent.",
            hint="Leave --schedule out to send at once.",
        )
    return moment


def schedule_for(moment: datetime, profile: Profile, zones: Zones | None, now: float) -> str:
    """``moment`` on the gateway's wall clock, by the profile's time zone, else by what was learned of its lists.

    Raises ConfigError when neither is there: a time that is read in another zone is sent at another time (trap 22).
    """
    zone: tzinfo
    if profile.timezone:
        zone = ZoneInfo(profile.timezone)
    else:
        local = zones.gateway_now("outgoing") if zones is not None else None
        if local is None:
            raise ConfigError(
                f"The time zone of the gateway of “{profile.name}” is not known, so a message cannot be scheduled "
                "there. Nothing was sent.",
                hint='Set timezone = "Asia/Jerusalem" (or whichever it is) in the profile.',
            )
        ahead = (local - datetime.fromtimestamp(now, UTC).replace(tzinfo=None)).total_seconds()
        zone = timezone(timedelta(seconds=round(ahead)))
    return gateway_time(moment, zone)


# What a person may want to know before


def size_of(text: str, footer: str) -> Measure:
    """What the text takes on the air; the gateway adds a space and the footer."""
    return measure(f"{text} {footer}" if footer else text)


def text_warnings(text: str, footer: str = "") -> tuple[str, ...]:
    """What may cost more, or arrive otherwise, than one thinks."""
    warnings = []
    size = size_of(text, footer)
    forcing = dict.fromkeys(character for _, character in forcing_characters(text))
    # Where a letter forces UCS-2 (Hebrew) that is meant; a lone curly quote is not.
    if forcing and not any(character.isalpha() for character in forcing):
        named = [_named(character) for character in forcing]
        more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
        plain = measure("".join("." if character in forcing else character for character in text)).parts
        warnings.append(
            f"{', '.join(named[:_MOST_NAMED])}{more} cannot be written in GSM letters: the text needs {size.parts} "
            f"{'part' if size.parts == 1 else 'parts'} instead of {plain}."
        )
    if any(character > "\uffff" for character in text):
        warnings.append("Emoji and other characters beyond U+FFFF become question marks at most gateways.")
    if size.parts > _USUAL_PARTS:
        warnings.append(
            f"The text has {size.parts} parts; most gateways cut what is longer than {_USUAL_PARTS} without a word."
        )
    return tuple(warnings)


def _named(character: str) -> str:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "").lower()
    shown = f"“{character}” " if character.isprintable() else ""
    return f"{shown}{code}{f' ({name})' if name else ''}"
