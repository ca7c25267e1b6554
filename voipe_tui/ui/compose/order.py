"""From what was typed to orders: every check before anything is written down, and the words for what is wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING

from voipe_tui.errors import InputError
from voipe_tui.store.models import NewMessage
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.look.words import amount, count

if TYPE_CHECKING:
    from voipe_tui.config.profiles import Profile
    from voipe_tui.store import Store
    from voipe_tui.text.numbers import Recipient

_FIELD = re.compile(r"\{(\{?)(name|first|number)\}(\}?)")
_NO_FIELD = re.compile(r"(?<!\{)\{(?!(?:name|first|number)\})\w[\w ]{0,30}\}(?!\})")
_LONGEST_WHEN = 40
_GATEWAY_CLOCK = " gateway"
_MOST_NAMED = 3
_MOST_LOOKED_AT = 50


@dataclass(frozen=True)
class Typed:
    """A compose form as it stands."""

    to: str
    text: str
    sender: str
    when: str
    flash: bool
    at_gateway: bool = False
    nofooter: bool = False


@dataclass(frozen=True)
class Order:
    """What would be sent: one message per recipient. ``texts`` are what each gets; ``parts`` is the most of them."""

    recipients: Sequence[Recipient]
    text: str
    sender: str | None
    flash: bool
    at: datetime | None
    parts: int
    warnings: tuple[str, ...]
    texts: tuple[str, ...] = ()
    total_parts: int = 0
    gateway_schedule: str | None = None
    """The time on the gateway's clock where it is the gateway that waits."""
    nofooter: bool = False
    merged: int = 0
    notes: tuple[str, ...] = ()
    """What the gateway will change without harm; no reason to ask."""
    opted_out: tuple[str, ...] = ()
    """The recipients who asked not to be written to."""

    def messages(self, profile: Profile) -> list[NewMessage]:
        here = self.at is not None and self.gateway_schedule is None
        return [
            NewMessage(
                number=recipient.on_the_wire(profile.number_format, profile.region),
                text=text,
                kind=recipient.kind,
                sender=self.sender,
                flash=self.flash,
                footer=None if self.nofooter else profile.footer or None,
                nofooter=self.nofooter,
                schedule_at=self.at.timestamp() if here and self.at is not None else None,
                gateway_schedule=self.gateway_schedule,
                when=f"{self.at:%a} {self.at.day} {self.at:%b, %H:%M}" if here and self.at is not None else "",
            )
            for recipient, text in zip(self.recipients, self.texts or (self.text,) * len(self.recipients), strict=True)
        ]

    @property
    def to_groups(self) -> bool:
        return any(recipient.kind == "group" for recipient in self.recipients)

    @property
    def is_plain(self) -> bool:
        """One message to one person with nothing odd about it, which can still be taken back."""
        single = len(self.recipients) == 1 and not self.to_groups
        return single and not self.warnings and not self.opted_out and self.gateway_schedule is None


def submit(order: Order, profile: Profile, store: Store, draft: int | None) -> list[int]:
    """Puts the order into the journal, where it is durable; the draft it was written in goes. Returns the rows."""
    return store.journal.submit(order.messages(profile), hold_seconds=profile.hold_seconds, draft=draft)


def check(typed: Typed, profile: Profile, now: datetime, store: Store | None = None) -> Order:
    """The order, or one :class:`InputError` with everything that is wrong. Nothing is sent or lost by asking.

    ``store`` knows names, opt-outs, the price and the gateway's clock.
    """
    from voipe_tui.text.moments import OTHER_CLOCK
    from voipe_tui.text.numbers import parse_each, parse_recipients
    from voipe_tui.text.quiet import quiet_warnings
    from voipe_tui.text.senders import check_sender

    problems: list[str] = []
    names = store.people.called if store is not None else None
    recipients = parse_recipients(typed.to, profile.region, names)
    problems += _bad_recipients(recipients)
    if not typed.text.strip():
        problems.append("The text is empty.")
    sender = check_sender(typed.sender, profile.sender_max)
    problems += sender.errors
    at, schedule = None, None
    try:
        at = parse_when(typed.when, now)
        schedule = at_the_gateway(at, typed.at_gateway, profile, store)
    except InputError as error:
        problems.append(error.message)
    texts: list[str] = []
    if not problems:
        texts, unfilled = render(typed.text, recipients, store)
        more = len(unfilled) - _MOST_NAMED
        problems += unfilled[:_MOST_NAMED] + ([f"And {more} more without a name."] if more > 0 else [])
    if problems:
        raise InputError("\n".join(problems))
    footer = "" if typed.nofooter or not profile.footer else f" {profile.footer}"
    sizes = _sizes(texts, footer)
    warnings = [
        *_recipient_warnings(recipients),
        *_asking_warnings(recipients, store),
        *_sender_warnings(typed.sender, sender.warnings, profile),
        *quiet_warnings(recipients, at or now, profile.quiet_hours),
        *([OTHER_CLOCK] if schedule is not None else []),
        *_field_warnings(typed.text),
        *_text_warnings(max(texts, key=lambda text: sizes[text]) + footer, max(sizes.values()), store),
    ]
    notes = dict.fromkeys(note for text in list(sizes)[:_MOST_LOOKED_AT] for note in _text_notes(text + footer))
    total = sum(sizes[text] for text in texts)
    if store is not None and (short := _credit_warning(total, store)):
        warnings.append(short)
    return Order(
        recipients,
        typed.text,
        typed.sender or None,
        typed.flash,
        at,
        max(sizes.values()),
        tuple(warnings),
        texts=tuple(texts),
        total_parts=total,
        gateway_schedule=schedule,
        nofooter=typed.nofooter,
        merged=len(parse_each(typed.to, profile.region, names)) - len(recipients),
        notes=tuple(notes)[:_MOST_NAMED],
        opted_out=_opted_out(recipients, store),
    )


def _bad_recipients(recipients: Sequence[Recipient]) -> list[str]:
    if not recipients:
        return ["There is no recipient yet."]
    bad = [recipient for recipient in recipients if recipient.problem]
    if len(bad) < 2:
        return [f"“{safe_line(each.typed)}”: {each.problem}" for each in bad]
    # Why is said beside the field, for each.
    named = ", ".join(f"“{safe_line(recipient.typed)}”" for recipient in bad[:12])
    more = f" and {len(bad) - 12} more" if len(bad) > 12 else ""
    return [f"{len(bad)} recipients cannot be used: {named}{more}."]


def has_fields(text: str) -> bool:
    """Whether each recipient gets a text of his own."""
    return "{" in text and _FIELD.search(text) is not None


def render(text: str, recipients: Sequence[Recipient], store: Store | None) -> tuple[list[str], list[str]]:
    """The text for each recipient, and who has nothing to put into one of its fields: never an empty hole.

    ``{name}``, ``{first}`` and ``{number}`` are filled from the contact; double braces stand for themselves.
    """
    if not has_fields(text):
        return [text] * len(recipients), []
    texts: list[str] = []
    lacking: list[str] = []
    for recipient in recipients:
        name = store.people.name_of(recipient.e164) if store is not None and recipient.e164 else None
        values = {"number": recipient.wire, "name": name or "", "first": (name or "").split(" ")[0]}

        def fill(match: re.Match[str], values: dict[str, str] = values, who: str = recipient.wire) -> str:
            if match.group(1) and match.group(3):
                return match.group()[1:-1]
            value = values[match.group(2)]
            if not value:
                lacking.append(f"{who} is no contact with a name: {match.group()} would be empty.")
            return match.group(1) + value + match.group(3)

        texts.append(_FIELD.sub(fill, text))
    return texts, list(dict.fromkeys(lacking))


def _sizes(texts: Sequence[str], footer: str) -> dict[str, int]:
    from voipe_tui.text.parts import measure

    return {text: measure(text + footer).parts for text in dict.fromkeys(texts)}


# Warnings


def is_usual(sender: str, profile: Profile) -> bool:
    """One of the profile's sender IDs: what is said about these every time is soon read by nobody."""
    return sender in (profile.sender, *profile.senders)


def _sender_warnings(sender: str, warnings: Sequence[str], profile: Profile) -> list[str]:
    if not sender or is_usual(sender, profile):
        return []
    listed = ["It is not among the profile's sender IDs; gateways replace an unknown one."] if profile.senders else []
    return [f"“{safe_line(sender)}”: {warning}" for warning in (*warnings, *listed)]


def _recipient_warnings(recipients: Sequence[Recipient]) -> list[str]:
    odd = [f"{safe_line(each.wire)}: {each.warning}" for each in recipients if each.warning]
    more = len(odd) - _MOST_NAMED
    return odd[:_MOST_NAMED] + ([f"And {count(more, 'more recipient')} with a question mark."] if more > 0 else [])


def _field_warnings(text: str) -> list[str]:
    """Braces that look like a field, and are none: everybody would get them as they stand."""
    if found := list(dict.fromkeys(_NO_FIELD.findall(text))):
        named = ", ".join(safe_line(each) for each in found[:_MOST_NAMED])
        return [f"{named} is sent as it stands: the fields are {{name}}, {{first}} and {{number}}."]
    return []


def _text_warnings(text: str, parts: int, store: Store | None) -> list[str]:
    from voipe_tui.text.gateway_changes import changes, cut

    found = [change.said for change in changes(text) if change.serious]
    cut_off = cut(text, parts, store.facts.most_bytes() if store is not None else None)
    return [*found, cut_off] if cut_off else found


def _text_notes(text: str) -> list[str]:
    from voipe_tui.text.gateway_changes import changes

    return [change.said for change in changes(text) if not change.serious]


def _credit_warning(parts: int, store: Store) -> str | None:
    price, credit = store.facts.price(), store.facts.credit()
    if store.facts.has_run_out():
        return "There is no credit left, as far as is known."
    if price is None or credit is None or price * parts <= credit:
        return None
    return f"It costs about {amount(price * parts)}, and {amount(credit)} of credit is left."


def _asking_warnings(recipients: Sequence[Recipient], store: Store | None) -> list[str]:
    """Who wrote that he wants no more messages, and nobody has put him on the list yet or said that he did not."""
    undecided = store.opt_outs.undecided() if store is not None else set()
    asking = [each.wire for each in recipients if each.e164 in undecided]
    if not asking:
        return []
    more = f" and {len(asking) - _MOST_NAMED} more" if len(asking) > _MOST_NAMED else ""
    wrote = "wrote" if len(asking) == 1 else "have written"
    return [
        f"{', '.join(asking[:_MOST_NAMED])}{more} {wrote} to be left out: the opt-out list waits for your decision."
    ]


def _opted_out(recipients: Sequence[Recipient], store: Store | None) -> tuple[str, ...]:
    numbers = [each.e164 for each in recipients if each.e164]
    out = store.opt_outs.has(numbers) if store is not None and numbers else ()
    return tuple(number for number in numbers if number in out)


# Time


def parse_when(text: str, now: datetime) -> datetime | None:
    """When to send: None for now. Raises InputError for what cannot be understood or lies in the past."""
    if not text.strip() or text.strip().casefold() == "now":
        return None
    from voipe_tui.text.moments import parse_moment

    if len(text) > _LONGEST_WHEN:
        raise InputError(f"“{safe_line(text[:24])}…” is no date or time that is understood.")
    at = parse_moment(text, now, lean="future")
    if at <= now:
        raise InputError(f"{at:%a} {at.day} {at:%b %Y, %H:%M} has already passed.")
    return at


def as_typed(when: str, zone: tzinfo, profile: Profile, store: Store) -> str:
    """A kept time as a person here would type it; a message that was taken back brings an exact one."""
    try:
        if when.endswith(_GATEWAY_CLOCK):
            there = gateway_zone(profile, store)
            at = datetime.fromisoformat(when.removesuffix(_GATEWAY_CLOCK)).replace(tzinfo=there or UTC)
        else:
            at = datetime.fromisoformat(when)
    except ValueError:
        return when
    if at.tzinfo is None:
        return when
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}".removesuffix(":00")


def gateway_zone(profile: Profile, store: Store | None) -> tzinfo | None:
    """The zone of the gateway's clock: the profile's, else as it was learned (trap 22); None while unknown."""
    if profile.timezone:
        from zoneinfo import ZoneInfo

        return ZoneInfo(profile.timezone)
    offset = store.facts.get_float("offset.outgoing") if store is not None else None
    return None if offset is None else timezone(timedelta(seconds=offset))


def gateway_clock(at: datetime, profile: Profile, store: Store | None) -> str:
    """``09:00`` or, on another day there, ``Tue 1 Dec, 23:00``: that moment on the gateway's clock; empty while its
    zone is not known."""
    zone = gateway_zone(profile, store)
    if zone is None:
        return ""
    there = at.astimezone(zone)
    return f"{there:%H:%M}" if there.date() == at.date() else f"{there:%a} {there.day} {there:%b, %H:%M}"


def at_the_gateway(at: datetime | None, wanted: bool, profile: Profile, store: Store | None) -> str | None:
    """The time as the gateway is to be told, where it is to wait. Raises InputError where its clock is not known: a
    time that is read in another zone is sent at another time."""
    if at is None or not wanted:
        return None
    from voipe_tui.text.moments import gateway_time

    zone = gateway_zone(profile, store)
    if zone is None:
        raise InputError(
            "The gateway's time zone is not known yet, so it cannot be asked to wait: let this program wait, or set "
            "“timezone” in the profile."
        )
    return gateway_time(at, zone)
