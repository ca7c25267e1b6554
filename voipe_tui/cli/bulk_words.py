"""Finding a batch, and speaking of it: its name, how it stands, and the command to type next."""

from __future__ import annotations

from voipe_tui.cli.context import Context
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import InputError
from voipe_tui.store import Status, Store
from voipe_tui.store.bulks import Bulk, BulkState, Progress
from voipe_tui.text.untrusted import safe_line

_PREFIX = "bulk-"
_REFUSED = (Status.REFUSED, Status.FAILED)


def find(store: Store, profile: Profile, typed: str) -> Bulk:
    """The batch called ``typed``: its number, or its name in the outbox (``bulk-3``). Raises InputError."""
    digits = typed.strip().removeprefix(_PREFIX)
    bulk = store.bulks.get(int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 18 else None
    if bulk is None:
        raise InputError(
            f"“{profile.name}” has no batch {safe_line(typed)}. Nothing was done.",
            hint="“voipe-tui bulk --list” lists those that there are.",
        )
    return bulk


def command(context: Context, *words: object) -> str:
    """A command to type next, for the profile of this one."""
    named = context.options.profile
    return " ".join(["voipe-tui bulk", *map(str, words), *(["--profile", named] if named else [])])


def titled(bulk: Bulk) -> str:
    return f"batch {bulk.id} ({safe_line(bulk.label)})"


def as_json(progress: Progress) -> dict[str, object]:
    """Where a batch stands. ``sent``: those that have left, whatever became of them."""
    bulk = progress.bulk
    return {
        "batch": bulk.id,
        "state": bulk.state.value,
        "total": bulk.total,
        "sent": progress.gone,
        "waiting": progress.waiting,
        "in_flight": progress.in_flight,
        "unknown": progress.by_status.get(Status.UNKNOWN, 0),
        "refused": refused(progress),
        "opted_out": bulk.opted_out,
        "reason": bulk.reason,
    }


def refused(progress: Progress) -> int:
    return sum(progress.by_status.get(status, 0) for status in _REFUSED)


def standing(store: Store, bulk: Bulk) -> Bulk:
    """A batch as it is: what nobody sends is not running, and what was never complete never will be."""
    if store.bulks.is_broken_off(bulk):
        return bulk._replace(reason="voipe-tui ended while it was prepared; nothing was sent, --cancel clears it away")
    if bulk.state in (BulkState.RUNNING, BulkState.HELD) and not store.bulks.is_sent_by_someone(bulk):
        sent = "while it was being sent" if bulk.state is BulkState.RUNNING else "before it began"
        return bulk._replace(state=BulkState.PAUSED, reason=f"voipe-tui ended {sent}; --resume goes on")
    return bulk


def mark_cancelled(context: Context, store: Store, bulk: Bulk) -> None:
    """Marks what is left of a cancelled batch, some at a time."""
    done = 0
    while marked := store.bulks.cancel_some(bulk.id):
        done += marked
        context.console.progress(f"cancelling {done:,} of {bulk.total:,} …")
