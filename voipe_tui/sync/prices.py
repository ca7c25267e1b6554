"""What a part costs, learned from how the credit moved; and where the gateway cuts a text (trap 11).

No operation tells a price. But between two readings of the credit, each taken while nothing was under way, the credit
fell by what was listed in between. If all of that was ours, was not refused afterwards, and has a number of parts that
this program and playSMS count alike (it bills by bytes or code points), the quotient is the price. One message tells
enough; the last one counts, for prices change.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from voipe_tui.store import Store
from voipe_tui.store.charges import SentRow
from voipe_tui.text.parts import measure

_SHORTEST_CUT: Final = 134  # bytes; no gateway cuts below
_STEP: Final = Decimal("0.0001")


class _Reading(NamedTuple):
    """The credit while nothing was under way, and the highest outgoing ID then."""

    credit: Decimal
    epoch: int
    top: int
    at: float


class PriceLearner:
    """Looks after each poll; costs two index look-ups while nothing changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._base: _Reading | None = None
        self._quiet: tuple[int, int, float] | None = None

    def look(self) -> None:
        """A poll has ended. A reading counts if nothing moved from before it was taken until now."""
        facts, now = self._store.facts, self._store.clock()
        if self._store.charges.is_moving(self._base.at if self._base else now):
            self._quiet = None
            return
        place = (facts.epoch("outgoing"), facts.top_id("outgoing"))
        if self._quiet is None or self._quiet[:2] != place:
            self._quiet = (*place, now)
            return
        credit, read_at = facts.credit(), facts.credit_at()
        if credit is None or read_at is None or read_at <= self._quiet[2]:
            return
        base, self._base = self._base, _Reading(credit, *place, now)
        if base is not None and base.epoch == place[0] and base.top < place[1]:
            self._learn(base, credit)

    def _learn(self, base: _Reading, credit: Decimal) -> None:
        rows = self._store.charges.listed_above(base.top)
        if not rows:
            return
        self._learn_the_cut(rows)
        parts = sum(_billed(row) or 0 for row in rows)
        known = all(row.ours and row.status not in ("failed", "refused") and _billed(row) for row in rows)
        if known and parts and credit < base.credit:
            price = ((base.credit - credit) / parts).quantize(_STEP).normalize()
            if price > 0:
                self._store.charges.set_price(f"{price:f}")

    def _learn_the_cut(self, rows: list[SentRow]) -> None:
        known = self._store.facts.most_bytes()
        for row in rows:
            if not row.ours:
                continue
            if row.sent_text is None:
                size = len(row.text.encode("utf-8", "replace"))
                if known is not None and size > known:
                    known = None  # it was not cut this time: the account's limit was raised
            elif _is_cut(row.text, row.sent_text):
                known = len(row.sent_text.encode("utf-8", "replace"))
        self._store.charges.set_most_bytes(known)


def _billed(row: SentRow) -> int | None:
    """The parts that were paid for; None where counts may differ."""
    text = f"{row.text} {row.footer}" if row.footer else row.text
    size = measure(text)
    units = len(text) if size.encoding == "ucs2" else len(text.encode("utf-8", "replace"))
    single, several = (70, 67) if size.encoding == "ucs2" else (160, 153)
    by_gateway = 1 if units <= single else -(-units // several)
    return size.parts if by_gateway == size.parts and row.sent_text is None else None


def _is_cut(text: str, read: str) -> bool:
    """Whether ``read`` is the beginning of ``text``; its last character may be torn."""
    return (
        len(read) < len(text) and len(read.encode("utf-8", "replace")) >= _SHORTEST_CUT and text.startswith(read[:-1])
    )
