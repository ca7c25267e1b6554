"""One message in two lists: what matched a keyword stands in ``in``, and may stand in the inbox (``ix``) as well.

A person sees it once; both IDs are kept. Two rows are the same message if they come from different lists, from one
number, with the same text (``in`` may have cut the keyword off), at the same moment. The lists can disagree about the
zone (trap 22), so the moments are compared by what no zone changes: minutes and seconds within the quarter of an hour.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.store.models import IncomingRecord
from voipe_tui.text.gateway_fold import fold
from voipe_tui.text.numbers import number_key

_QUARTER = 900
_SAME_MOMENT = 5
_NEAR = 30 * 3600.0  # two zones are never further apart; a wrong guess at one neither
_CANDIDATE = (
    "SELECT id, text, keyword, gateway_time FROM message WHERE key = ?1 AND direction = 'in' AND source <> ?2 "
    "AND deleted = {} AND twin_id IS NULL AND sort_at BETWEEN ?3 AND ?4 AND gateway_time IS NOT NULL"
)
# Shown rows and those that a person deleted, each through its partial index: one condition for both would read
# the whole table for every message that comes in.
_CANDIDATES = f"{_CANDIDATE.format(0)} UNION ALL {_CANDIDATE.format(1)} ORDER BY id"
HIDDEN_TWIN = 2
"""The value of ``message.deleted`` for a row that is shown by its twin."""


class Twin(NamedTuple):
    """The row that already shows the message."""

    row_id: int


class Twins:
    """Finds the row of the other list that is the same message."""

    def __init__(self, database: Database, region: str) -> None:
        self._db = database
        self._region = region

    def find(self, record: IncomingRecord) -> Twin | None:
        """The visible row of another list that ``record`` repeats, and that has no twin yet."""
        rows = self._db.rows(
            _CANDIDATES,
            (
                number_key(record.number, self._region),
                record.source,
                record.sort_at - _NEAR,
                record.sort_at + _NEAR,
            ),
        )
        texts = _texts(record.text, record.keyword)
        for row_id, text, keyword, gateway_time in rows:
            if _same_moment(record.gateway_time, str(gateway_time)) and texts & _texts(str(text), str(keyword or "")):
                assert isinstance(row_id, int)
                return Twin(row_id)
        return None


def _texts(text: str, keyword: str) -> frozenset[str]:
    whole = fold(f"{keyword} {text}".strip()).casefold()
    return frozenset({whole, fold(text).casefold()}) if keyword else frozenset({whole})


def _same_moment(one: str, other: str) -> bool:
    try:
        apart = (datetime.fromisoformat(one) - datetime.fromisoformat(other)).total_seconds() % _QUARTER
    except ValueError:
        return False
    return min(apart, _QUARTER - apart) <= _SAME_MOMENT
