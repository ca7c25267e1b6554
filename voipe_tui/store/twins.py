"""One message in two lists: what matched a keyword stands in ``in``, and may stand in the inbox (``ix``) as well.

A person sees it once; both IDs are kept. Two rows are the same message if they come from different lists, from one
number, with the same text (``in`` may have cut the keyword off), at the same moment. The lists can disagree about the
zone (trap 22): how far they are apart is known from their learned offsets, or else from the first message that stood in
both, which was so many half hours apart to the second. A "Yes" that is repeated an hour later is another message.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.store.facts import Facts
from voipe_tui.store.models import IncomingRecord
from voipe_tui.text.gateway_fold import fold
from voipe_tui.text.numbers import number_key

_EPOCH = datetime(1970, 1, 1)  # SQLite counts a date-time without a zone from here
_QUARTER = 900
_SAME_MOMENT = 5
_HALF_HOUR = 1_800
_TO_THE_SECOND = 1
_APART = "twins.apart"
_NEAR = 30 * 3600.0  # two zones are never further apart; a wrong guess at one neither
# The index knows the moment within the quarter: of a thousand messages of one number in a day, a handful is looked at.
_CANDIDATES = (
    "SELECT id, text, keyword, gateway_time FROM message INDEXED BY message_twin WHERE key = ?1 AND direction = 'in' "
    "AND source = ?2 AND twin_id IS NULL AND unixepoch(gateway_time) % 900 BETWEEN ?3 AND ?4 "
    "AND deleted < 2 AND sort_at BETWEEN ?5 AND ?6 ORDER BY id"
)
HIDDEN_TWIN = 2
"""The value of ``message.deleted`` for a row that is shown by its twin."""


class Twin(NamedTuple):
    """The row that already shows the message."""

    row_id: int


class Twins:
    """Finds the row of the other list that is the same message."""

    def __init__(self, database: Database, facts: Facts, region: str) -> None:
        self._db = database
        self._facts = facts
        self._region = region
        self._doubt: int | None = None

    def possible(self, record: IncomingRecord) -> bool:
        """Whether there is another list at all; most gateways fill one."""
        other = "incoming" if record.source == "inbox" else "inbox"
        return bool(
            self._db.rows("SELECT 1 FROM message WHERE source = ? AND gateway_id IS NOT NULL LIMIT 1", (other,))
        )

    def find(self, record: IncomingRecord) -> Twin | None:
        """The visible row of another list that ``record`` repeats, and that has no twin yet."""
        texts = _texts(record.text, record.keyword)
        same: dict[int, int] = {}
        for row_id, text, keyword, gateway_time in self._candidates(record):
            if texts & _texts(str(text), str(keyword or "")):
                assert isinstance(row_id, int)
                ahead = _seconds(record.gateway_time, str(gateway_time))
                if ahead is not None:
                    same[row_id] = ahead if record.source == "inbox" else -ahead
        row = self._at_the_same_moment(same) if same else None
        return None if row is None else Twin(row)

    def _at_the_same_moment(self, same: dict[int, int]) -> int | None:
        """``same``: rows with our number and text, and by how many seconds the inbox is ahead in them."""
        zones = [self._facts.get_float(f"offset.{source}") for source in ("inbox", "incoming")]
        inbox, incoming = zones
        seen = self._facts.get_float(_APART)
        known = inbox - incoming if inbox is not None and incoming is not None else seen
        if known is not None:
            found = next((row for row, ahead in same.items() if abs(ahead - known) <= _SAME_MOMENT), None)
            if found is not None or None not in zones:
                self._doubt = None
                return found
        for row, ahead in sorted(same.items(), key=lambda each: abs(each[1])):
            apart = round(ahead / _HALF_HOUR) * _HALF_HOUR
            if abs(ahead - apart) > _TO_THE_SECOND:
                continue
            if known is not None and self._doubt != apart:
                self._doubt = apart  # once can be chance; twice, the lists' zones have moved
                continue
            self._doubt = None
            self._facts.set(_APART, str(apart))
            return row
        return None

    def _candidates(self, record: IncomingRecord) -> list[tuple[object, ...]]:
        try:
            moment = int((datetime.fromisoformat(record.gateway_time) - _EPOCH).total_seconds()) % _QUARTER
        except ValueError:
            return []
        key = number_key(record.number, self._region)
        other = "incoming" if record.source == "inbox" else "inbox"
        found: list[tuple[object, ...]] = []
        for low in {moment - _SAME_MOMENT, moment - _SAME_MOMENT - _QUARTER, moment - _SAME_MOMENT + _QUARTER}:
            high = low + 2 * _SAME_MOMENT
            if high >= 0 and low < _QUARTER:  # the quarter before and the one after only near their ends
                times = (record.sort_at - _NEAR, record.sort_at + _NEAR)
                found += self._db.rows(_CANDIDATES, (key, other, low, high, *times))
        return sorted(found, key=lambda row: int(str(row[0])))


def _texts(text: str, keyword: str) -> frozenset[str]:
    whole = fold(f"{keyword} {text}".strip()).casefold()
    return frozenset({whole, fold(text).casefold()}) if keyword else frozenset({whole})


def _seconds(one: str, other: str) -> int | None:
    """How much later ``one`` is."""
    try:
        return int((datetime.fromisoformat(one) - datetime.fromisoformat(other)).total_seconds())
    except ValueError:
        return None
