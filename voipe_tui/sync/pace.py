"""How often to ask: quick while something moves or someone is there, slow when idle, backing off when it fails."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

IDLE_FACTOR = 6.0
MOVING_FACTOR = 0.4
LONGEST_WAIT = 300.0
"""Seconds between two tries, at most."""

REFRESH_STEPS = ((300.0, 0.0), (3_600.0, 60.0), (24 * 3_600.0, 900.0), (72 * 3_600.0, 3_600.0))
"""A message whose report is still to come is asked about at this pace: (up to this age, every so many seconds)."""

GIVE_UP_SECONDS = REFRESH_STEPS[-1][0]
SWEEP_SECONDS = 300.0


@dataclass(slots=True)
class Pace:
    """Seconds to the next poll. ``poll_seconds`` is the quick pace; randomness is injected."""

    poll_seconds: float
    random: Random
    active: bool = True
    failures: int = 0
    asked_for: float = 0.0
    """Seconds for which the gateway asked to be left alone when it failed last."""

    def next_delay(self, *, moving: bool) -> float:
        """After a poll: quickest with something on its way, slow when nobody is there, longer after failures."""
        if self.failures:
            longest: float = min(LONGEST_WAIT, self.poll_seconds * 2.0 ** min(self.failures, 10))
            return max(longest * (0.5 + self.random.random() / 2), min(LONGEST_WAIT, self.asked_for))
        if moving:
            return self.poll_seconds * MOVING_FACTOR
        return self.poll_seconds if self.active else self.poll_seconds * IDLE_FACTOR


def retry_delay(attempts: int, random: Random) -> float:
    """Before a message that had certainly not left is tried again: 2, 4, 8 … 300 s, with jitter."""
    return min(LONGEST_WAIT, 2.0 ** min(attempts, 9)) * (0.5 + random.random() / 2)


def refresh_interval(age: float) -> float | None:
    """How long to wait between two questions about a message of this age; None: it is no longer asked about."""
    return next((interval for limit, interval in REFRESH_STEPS if age <= limit), None)
