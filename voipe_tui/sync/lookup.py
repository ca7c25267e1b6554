"""Looking up what is not certain: whether the list is whole enough to say that a message is not in it."""

from __future__ import annotations

from voipe_tui.store import Store
from voipe_tui.store.facts import CLOCK_AHEAD
from voipe_tui.store.journal import UNBOUND
from voipe_tui.sync.zones import Zones

_ANSWER_SECONDS = 5.0  # what an answer may take: no difference between clocks
_CLOCKS_EXIST_SINCE = 1_000_000_000


class Lookup:
    """The store's reconciler, told what the gateway's answers say of its clock."""

    def __init__(self, store: Store, zones: Zones) -> None:
        self._store = store
        self._zones = zones

    def heard(self, timestamp: int | None) -> None:
        """An answer says what time it is there: rows are in time by that clock, whichever of the two is wrong."""
        if timestamp is None or timestamp < _CLOCKS_EXIST_SINCE:
            return
        ahead = timestamp - self._store.clock()
        ahead = 0.0 if abs(ahead) <= _ANSWER_SECONDS else ahead
        known = self._store.facts.get_float(CLOCK_AHEAD) or 0.0
        if abs(ahead - known) > _ANSWER_SECONDS or (known and not ahead):
            self._store.facts.set(CLOCK_AHEAD, repr(ahead) if ahead else None)

    def took(self) -> None:
        """Rows came in: what was taken without an ID gets its own before anybody sees it twice."""
        if self._store.facts.get(UNBOUND) is not None:
            self.run()

    def run(self, swept_at: float | None = None) -> bool:
        """Settles what can be settled. ``swept_at``: when the outgoing list was last read whole.

        True if it has to be read once more: something has waited long enough to be called not seen.
        """
        reconciler, now = self._store.reconciler, self._store.clock()
        reconciler.moment = self._moment
        ripe = [] if swept_at is None else [until for until in reconciler.waits_until() if until <= now]
        # Complete as of now if the list was swept after the last moment in which the message could have turned up.
        complete = swept_at is not None and swept_at >= max(ripe, default=swept_at)
        reconciler.run(complete_since=now if complete else None)
        return not complete and bool(ripe)

    def _moment(self, gateway_time: str) -> float | None:
        return self._zones.stamp("outgoing", gateway_time).utc
