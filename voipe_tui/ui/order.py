"""From what was typed to orders: every check before anything is written down, and the words for what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from voipe_tui.errors import InputError
from voipe_tui.store.models import NewMessage
from voipe_tui.ui.words import count

if TYPE_CHECKING:
    from voipe_tui.config.profiles import Profile
    from voipe_tui.text.numbers import Recipient


@dataclass(frozen=True)
class Typed:
    """A compose form as it stands."""

    to: str
    text: str
    sender: str
    when: str
    flash: bool


@dataclass(frozen=True)
class Order:
    """What would be sent: one message per recipient."""

    recipients: Sequence[Recipient]
    text: str
    sender: str | None
    flash: bool
    at: datetime | None
    parts: int
    warnings: tuple[str, ...]

    def messages(self, profile: Profile) -> list[NewMessage]:
        return [
            NewMessage(
                number=recipient.wire,
                text=self.text,
                kind=recipient.kind,
                sender=self.sender,
                flash=self.flash,
                footer=profile.footer or None,
                schedule_at=self.at.timestamp() if self.at is not None else None,
            )
            for recipient in self.recipients
        ]

    def summary(self) -> str:
        """The sentence before the last key: what goes to whom."""
        shown = [recipient.wire for recipient in self.recipients[:5]]
        more = len(self.recipients) - len(shown)
        whom = ", ".join(shown) + (f" and {more} more" if more else "")
        total = self.parts * len(self.recipients)
        size = count(self.parts, "part") + (f" each, {total:,} in all" if len(self.recipients) > 1 else "")
        if any(recipient.kind == "group" for recipient in self.recipients):
            size = f"{count(self.parts, 'part')} to each, and to each member of a group"
        said = (
            f"Send {'this message' if len(self.recipients) == 1 else count(len(self.recipients), 'message')} to {whom}"
        )
        return f"{said}: {size}."


def check(typed: Typed, profile: Profile, now: datetime) -> Order:
    """The order, or one :class:`InputError` with everything that is wrong. Nothing is sent or lost by asking."""
    from voipe_tui.text.numbers import parse_recipients
    from voipe_tui.text.parts import measure
    from voipe_tui.text.senders import check_sender

    problems: list[str] = []
    recipients = parse_recipients(typed.to, profile.region)
    bad = [recipient for recipient in recipients if recipient.problem]
    if not recipients:
        problems.append("There is no recipient yet.")
    if len(bad) == 1:
        problems.append(f"“{bad[0].typed}”: {bad[0].problem}")
    elif bad:
        # Why is said beside the field, for each.
        named = ", ".join(f"“{recipient.typed}”" for recipient in bad[:12])
        more = f" and {len(bad) - 12} more" if len(bad) > 12 else ""
        problems.append(f"{len(bad)} recipients cannot be used: {named}{more}.")
    if not typed.text.strip():
        problems.append("The text is empty.")
    sender = check_sender(typed.sender, profile.sender_max)
    problems += sender.errors
    at = None
    try:
        at = parse_when(typed.when, now)
    except InputError as error:
        problems.append(error.message)
    if problems:
        raise InputError("\n".join(problems))
    warnings = [warning for recipient in recipients if (warning := recipient.warning)]
    with_footer = f"{typed.text} {profile.footer}" if profile.footer else typed.text
    return Order(
        recipients, typed.text, typed.sender or None, typed.flash, at, measure(with_footer).parts, tuple(warnings)
    )


def parse_when(text: str, now: datetime) -> datetime | None:
    """When to send: None for now. Raises InputError for what cannot be understood or lies in the past."""
    if not text.strip() or text.strip().casefold() == "now":
        return None
    from voipe_tui.text.moments import parse_moment

    at = parse_moment(text, now, lean="future")
    if at <= now:
        raise InputError(f"{at:%a} {at.day} {at:%b %Y, %H:%M} has already passed.")
    return at
