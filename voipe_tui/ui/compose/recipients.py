"""Who a text goes to, as it stands in the field: understood once per change, shown as chips."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.look.words import count
from voipe_tui.ui.widgets.lines import Block

if TYPE_CHECKING:
    from voipe_tui.text.numbers import Recipient
    from voipe_tui.ui.services import Session
    from voipe_tui.ui.widgets.picker import Choice

_FEW = 3
_MOST_SHOWN = 40
_MOST_BAD = 3


class Whom(NamedTuple):
    """``good`` and ``bad`` recipients, each once; ``merged`` is how many more times they were there."""

    good: tuple[Recipient, ...] = ()
    bad: tuple[Recipient, ...] = ()
    merged: int = 0

    @property
    def groups(self) -> bool:
        return any(each.kind == "group" for each in self.good)


NOBODY = Whom()


def understand(typed: str, session: Session) -> Whom:
    """The recipients in the field; names are those of the contacts in the store."""
    if not typed.strip():
        return NOBODY
    from voipe_tui.text.numbers import parse_each

    each_one = parse_each(typed, session.profile.region, session.opened.people.called)
    once: dict[tuple[str, str], Recipient] = {}
    for recipient in each_one:
        once.setdefault(recipient.identity, recipient)
    recipients = list(once.values())
    return Whom(
        tuple(each for each in recipients if not each.problem),
        tuple(each for each in recipients if each.problem),
        len(each_one) - len(recipients),
    )


def recipient_blocks(whom: Whom, session: Session) -> list[Block]:
    """How many, then a chip per recipient: sign, who; or the problem in a sentence. Those that need a person first."""
    palette = session.palette
    if whom == NOBODY:
        return [[("names, numbers, @users or #groups; commas or new lines between them", palette.muted)]]
    blocks: list[Block] = []
    if len(whom.good) + len(whom.bad) > _FEW or whom.merged:
        bad = f", {len(whom.bad):,} cannot be used" if whom.bad else ""
        merged = f", {count(whom.merged, 'repeated one')} merged" if whom.merged else ""
        blocks.append([(f"{count(len(whom.good), 'recipient')}{merged}{bad}", palette.strong)])
    blocks += [_bad_chip(each, session) for each in whom.bad[:_MOST_BAD]]
    if len(whom.bad) > _MOST_BAD:
        blocks.append([(f"✗ and {len(whom.bad) - _MOST_BAD:,} more that cannot be used", palette.bad)])
    return blocks + [_chip(each, session, out) for each, out in _odd_first(whom, session)[:_MOST_SHOWN]]


def more_said(whom: Whom, session: Session) -> str:
    """Where all of them are to be seen."""
    return f"… {session.keys.shown('compose-recipients')} shows all {len(whom.good) + len(whom.bad):,}"


def recipient_choices(whom: Whom, session: Session) -> list[Choice]:
    """Every recipient for a list to look through; the value is what was typed."""
    from voipe_tui.ui.widgets.picker import Choice

    said = [(each, _bad_chip(each, session)) for each in whom.bad]
    said += [(each, _chip(each, session, out)) for each, out in _odd_first(whom, session)]
    choices = []
    for recipient, block in said:
        chip = "".join(text for text, _ in block)
        typed = "" if recipient.typed == recipient.wire else f"\n\ntyped as {safe_line(recipient.typed)}"
        choices.append(Choice(chip, f"{chip}{typed}", recipient.typed))
    return choices


def _odd_first(whom: Whom, session: Session) -> list[tuple[Recipient, bool]]:
    """The good ones, and whether they opted out."""
    out = session.opened.opt_outs.has([each.e164 for each in whom.good if each.e164])
    marked = [(each, each.e164 in out) for each in whom.good]
    return sorted(marked, key=lambda each: not (each[0].warning or each[1]))


def _bad_chip(recipient: Recipient, session: Session) -> Block:
    said = f"✗ {safe_line(_short(recipient.typed))}: {safe_line(recipient.problem or '')}"
    return [(said, session.palette.bad)]


def _chip(recipient: Recipient, session: Session, opted_out: bool) -> Block:
    """Sign, name and E.164, and what is odd about it."""
    palette = session.palette
    who = who_is(recipient, session)
    if opted_out:
        return [(f"! {who}: asked not to be written to.", palette.bad)]
    if recipient.warning:
        return [(f"! {who}: {safe_line(recipient.warning)}", palette.warn)]
    return [("✓ ", palette.good), (who, palette.text)]


def who_is(recipient: Recipient, session: Session) -> str:
    """``Dana Levi +972521110001``, or the number alone."""
    key = recipient.e164 or (recipient.wire if recipient.kind == "group" else None)
    name = session.opened.people.name_of(key) if key else None
    return safe_line(f"{name} {recipient.wire}" if name else recipient.wire)


def _short(typed: str) -> str:
    return typed if len(typed) <= 40 else typed[:39] + "…"
