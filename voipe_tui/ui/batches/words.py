"""How a batch is said: its state, how far it is, how fast it goes, how long it will take."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from voipe_tui.store.bulks import Bulk, BulkState, Progress
from voipe_tui.ui.look.words import StatusLook, count

if TYPE_CHECKING:
    from voipe_tui.store import Store

_SPEED_SECONDS = 20.0
_LOOKS: dict[BulkState, StatusLook] = {
    BulkState.FILLING: StatusLook("◌", "busy", "It is being prepared; nothing of it has been sent."),
    BulkState.HELD: StatusLook("‖", "busy", "It waits here before it begins; it can still be taken back."),
    BulkState.RUNNING: StatusLook("◔", "busy", "It is being sent."),
    BulkState.PAUSED: StatusLook("‖", "warn", "It is paused; what has not left waits here."),
    BulkState.DONE: StatusLook("✓", "good", "All of it was handed to the gateway."),
    BulkState.CANCELLED: StatusLook("–", "muted", "It was cancelled; what had left by then had left."),
}
_BROKEN_OFF = StatusLook("✗", "bad", "voipe-tui ended while it was being prepared. Nothing of it was sent.")

_LEFT_BEHIND = StatusLook("‖", "warn", "voipe-tui ended while it was being sent; what has not left waits here.")


def state_look(bulk: Bulk, store: Store) -> tuple[str, StatusLook]:
    """The word for a batch's state, and how it looks."""
    if store.bulks.is_broken_off(bulk):
        return "broken off", _BROKEN_OFF
    if bulk.state is BulkState.RUNNING and not store.bulks.is_sent_by_someone(bulk):
        return BulkState.PAUSED.value, _LEFT_BEHIND
    return bulk.state.value, _LOOKS[bulk.state]


def bar(done: int, total: int, width: int) -> tuple[str, str]:
    """A progress bar of ``width`` cells: what is done, and the rest."""
    filled = min(width * done // total, width) if total else 0
    return "█" * filled, "░" * (width - filled)


def time_left(seconds: float | None) -> str:
    """``40 s``, ``12 min``, ``2 h 5 min``."""
    if seconds is None:
        return "unknown"
    whole = max(round(seconds), 1)
    if whole < 100:
        return f"{whole} s"
    if whole < 6_000:
        return f"{round(whole / 60)} min"
    hours, minutes = divmod(round(whole / 60), 60)
    return f"{hours} h {minutes} min"


def outcome_words(progress: Progress) -> list[tuple[str, str]]:
    """(status, words) for every outcome that there is, the most frequent first."""
    counted = sorted(progress.by_status.items(), key=lambda each: (-each[1], each[0]))
    return [(status, f"{number:,} {status}") for status, number in counted if number]


def gone(progress: Progress) -> int:
    """How many have left here, whatever became of them."""
    return progress.gone


def what_left(progress: Progress) -> str:
    """What a person should know before it is cancelled."""
    left = gone(progress)
    still = progress.waiting
    return (
        f"{count(left, 'message')} of {progress.bulk.total:,} left already and cannot be called back."
        if left
        else "Nothing of it has left."
    ) + f" {count(still, 'message')} will not be sent."


class Speed:
    """Messages a second of late, from how many had an outcome when."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, now: float, handed_over: int) -> None:
        if self._seen and (now < self._seen[-1][0] or handed_over < self._seen[-1][1]):
            self._seen.clear()
        self._seen.append((now, handed_over))
        while now - self._seen[0][0] > _SPEED_SECONDS:
            self._seen.popleft()

    @property
    def per_second(self) -> float:
        if not self._seen:
            return 0.0
        (began, before), (now, after) = self._seen[0], self._seen[-1]
        return (after - before) / (now - began) if now > began else 0.0

    def seconds_left(self, open_ones: int) -> float | None:
        return open_ones / self.per_second if self.per_second > 0 else None
