"""The words of the form for a table: how it stands, what is asked before it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from voipe_tui.errors import InputError
from voipe_tui.text.import_table import (
    GOOD,
    LONG,
    NAMES,
    OPTED_OUT,
    REPEATED,
    SKIPPED,
    TO_DECIDE,
    TOO_LONG,
    UNSEEN,
    Check,
    Table,
)
from voipe_tui.text.numbers import delivery_warning
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.batches.import_work import Mailshot
from voipe_tui.ui.batches.words import state_look
from voipe_tui.ui.look.cells import Piece, fit
from voipe_tui.ui.look.words import amount, count

if TYPE_CHECKING:
    from voipe_tui.store.bulks import Bulk
    from voipe_tui.ui.services import Session
    from voipe_tui.ui.widgets.lines import Block

_FASTEST = 1_000.0


def summary(session: Session, table: Table, check: Check | None, text: str) -> list[Block]:
    """How a table stands: what there is, what would be sent, what has to be decided."""
    palette = session.palette
    fields = " ".join("{" + safe_line(name) + "}" for name in table.columns if name)
    said = f"{safe_line(table.name)}: {count(len(table), 'row')} · fields {fields}"
    blocks: list[Block] = [[(said, palette.muted)]]
    if check is None:
        return blocks
    if not text.strip():
        return [*blocks, [("Write the text: a field in braces is filled from each row.", palette.warn)]]
    if not check.complete:
        share = 100 * check.done // max(len(table), 1)
        return [*blocks, [(f"Checking {check.done:,} of {len(table):,} ({share} %) …", palette.busy)]]
    totals = check.totals()
    said = f"✓ {count(totals.recipients, 'message')} to send · {count(totals.parts, 'part')}"
    said += _price(session, totals.parts)
    blocks.append([(said, palette.good if totals.recipients else palette.warn)])
    if totals.undecided:
        named = _named(totals.by_status, TO_DECIDE)
        key = session.keys.shown("import-problems")
        blocks.append(
            [(f"✗ {count(totals.undecided, 'row')} to decide: {named}. {key} mends or leaves out.", palette.bad)]
        )
    if out := _named(totals.by_status, (REPEATED, OPTED_OUT, SKIPPED)):
        blocks.append([(f"Not sent: {out}.", palette.muted)])
    if long := totals.by_status.get(TOO_LONG):
        blocks.append([(f"! {long:,} of more than {LONG} parts: most gateways cut those.", palette.warn)])
    return blocks


def row_pieces(session: Session, table: Table, check: Check | None, index: int, width: int) -> list[Piece]:
    """A line of the table: as it stands there while there is no text, then as it will be sent or why it will not."""
    palette, number = session.palette, f"{table.numbers[index]}".rjust(6)

    def drawn(text: str, room: int) -> str:
        return session.drawn(fit(safe_line(text[:300]), max(room, 0)).rstrip())

    status = check.status[index] if check is not None else UNSEEN
    if check is None or status == UNSEEN:
        cells = " · ".join(filter(None, table.cells(index)))
        return [(f"{number}   ", palette.muted), (drawn(cells, width - 9), palette.muted)]
    if status in (GOOD, TOO_LONG) and (entry := check.preview(index)) is not None:
        odd = delivery_warning(entry.number) is not None
        size = f"{check.parts(index)} p".rjust(5)
        return [
            (f"{number} {'!' if odd else ' '}", palette.warn if odd else palette.muted),
            (fit(entry.number, 14), palette.warn if odd else palette.text),
            (size + "  ", palette.warn if status == TOO_LONG else palette.muted),
            (drawn(entry.text, width - 29), palette.text),
        ]
    why = check.reason(index)
    return [
        (f"{number}  ", palette.muted),
        (fit(NAMES[status], 24), palette.muted if status in (REPEATED, OPTED_OUT, SKIPPED) else palette.bad),
        (fit(safe_line(why[:300]), max(width - 32, 0)), palette.muted),
    ]


def _named(by_status: dict[int, int], of: tuple[int, ...]) -> str:
    return ", ".join(f"{by_status[status]:,} {NAMES[status]}" for status in of if by_status.get(status))


def _price(session: Session, parts: int) -> str:
    price = session.opened.facts.price()
    return "" if price is None else f" · about {amount(price * parts)}"


def questions(session: Session, check: Check, label: str, text: str, sender: str, rate: str) -> Mailshot:
    """What would be sent, if everything is as it must be; else an InputError with what is not."""
    from voipe_tui.text.senders import check_sender

    totals = check.totals()
    if totals.undecided:
        key = session.keys.shown("import-problems")
        raise InputError(f"{count(totals.undecided, 'row')} cannot be sent: mend them or leave them out first ({key}).")
    if not totals.recipients:
        raise InputError("Nobody is left to send to.")
    checked = check_sender(sender.strip(), session.profile.sender_max)
    if checked.errors:
        raise InputError(checked.errors[0])
    return Mailshot(check, label, text, sender.strip() or None, _rate(rate))


def _rate(typed: str) -> float | None:
    if not typed.strip():
        return None
    try:
        rate = float(typed.replace(",", "."))
    except ValueError:
        rate = 0.0
    if not 0 < rate <= _FASTEST:
        raise InputError(f"“{safe_line(typed[:20])}” is no rate: messages a second, like 5 or 0.5; empty for no limit.")
    return rate


def repeated_words(session: Session, twin: Bulk) -> str:
    """That these people have got these texts, or are about to."""
    progress = session.opened.bulks.progress(twin.id)
    left = progress.gone + progress.in_flight if progress is not None else 0
    state = state_look(twin, session.opened)[0]
    when = session.times.short(twin.created_at, None)
    return (
        f"! The same texts to the same people are batch {twin.id} ({when}): {state}, {left:,} of {twin.total:,} left."
    )


def ready_words(session: Session, shot: Mailshot, warnings: Sequence[str] = ()) -> list[str]:
    """The review: who, what, how much, how fast, and what is odd about it; ``warnings`` are of who made it."""
    totals, profile, facts = shot.check.totals(), session.profile, session.opened.facts
    sizes = ", ".join(
        f"{number:,} of {count(parts, 'part')}" for parts, number in sorted(shot.check.by_parts().items())
    )
    sender = f"from {safe_line(shot.sender)}" if shot.sender else "from the account's own sender"
    rate = f"at most {shot.rate:g} a second" if shot.rate else f"{profile.concurrency} at a time, as fast as they go"
    lines = [
        f"{safe_line(shot.label)}: {sender}, {rate}.",
        f"{count(totals.parts, 'part')} in all: {sizes}.",
    ]
    _, first = next(shot.check.sent())
    footer = f" {profile.footer}" if profile.footer else ""
    lines.append(f"The first, to {first.number}:\n{first.text}{footer}")
    price, credit = facts.price(), facts.credit()
    if price is not None:
        left = f"; {amount(credit)} of credit is left" if credit is not None else ""
        lines.append(f"It costs about {amount(price * totals.parts)}{left}.")
    else:
        left = f" {amount(credit)} of credit is left." if credit is not None else ""
        lines.append(f"What a part costs is not known yet.{left}")
    if facts.has_run_out() or (credit is not None and price is not None and price * totals.parts > credit):
        lines.append("! The credit will not last: the batch pauses when it is gone.")
    elif credit is not None and 0 < credit < totals.parts:
        lines.append(f"! Unless a part costs less than {amount(credit / totals.parts)}, the credit will not last.")
    lines += [f"! {warning}" for warning in warnings]
    undecided = session.opened.opt_outs.undecided()
    if undecided and (asking := sum(number in undecided for number in shot.check.numbers_sent())):
        key = session.keys.shown("batches-opt-outs")
        lines.append(
            f"! {count(asking, 'recipient')} wrote to be left out, and nobody has decided: {key} in the batches."
        )
    if odd := shot.check.unlikely():
        lines.append(f"! {count(odd, 'number')} may get nothing: landlines, service numbers or unknown prefixes.")
    if out := _named(totals.by_status, (REPEATED, OPTED_OUT, SKIPPED)):
        lines.append(f"Not sent: {out}.")
    if long := totals.by_status.get(TOO_LONG):
        lines.append(f"! {long:,} have more than {LONG} parts; most gateways cut those.")
    if profile.hold_seconds > 0:
        lines.append(
            f"It waits {profile.hold_seconds:g} s before it begins: {session.keys.shown('undo')} takes it back."
        )
    return lines
