"""What was sent between two moments, for learning what it cost and how the gateway cuts."""

from __future__ import annotations

from typing import Final, NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.store.facts import Facts

_MOST: Final = 200
_PRICE: Final = "price.part"
_CUT: Final = "text.most_bytes"


class SentRow(NamedTuple):
    """A row of the outgoing list. ``sent_text`` is what the gateway made of the text, None where it left it alone;
    ``ours``: this program sent it."""

    ours: bool
    status: str
    text: str
    sent_text: str | None
    footer: str | None


class Charges:
    """Reads what prices are learned from, and keeps what was learned as facts."""

    def __init__(self, database: Database, facts: Facts) -> None:
        self._db = database
        self._facts = facts

    def is_moving(self, since: float) -> bool:
        """Whether anything is under way that may still be charged: sent since then and not listed yet, or uncertain,
        or waiting at the gateway for its time."""
        open_intents = self._db.row(
            "SELECT 1 FROM intent WHERE state IN ('sending', 'unknown') "
            "AND state IN ('held', 'scheduled', 'queued', 'sending', 'unknown') LIMIT 1"
        )
        waiting = open_intents or self._db.row(
            "SELECT 1 FROM message WHERE queue IS NOT NULL AND status IN ('scheduled', 'accepted') LIMIT 1"
        )
        return bool(waiting) or self._to_user_since(since)

    def _to_user_since(self, since: float) -> bool:
        """A message to an @user is charged and never listed (trap 13)."""
        row = self._db.row(
            "SELECT 1 FROM message WHERE direction = 'out' AND archived = 0 AND deleted = 0 AND sort_at >= ? "
            "AND number LIKE '@%' AND intent_id IS NOT NULL LIMIT 1",
            (since,),
        )
        return row is not None

    def listed_above(self, gateway_id: int) -> list[SentRow] | None:
        """What the outgoing list has shown above an ID of the current history; None if it is too much to look at."""
        rows = self._db.rows(
            "SELECT m.intent_id IS NOT NULL, m.status, m.text, m.sent_text, i.footer FROM message m "
            "LEFT JOIN intent i ON i.id = m.intent_id "
            "WHERE m.source = 'outgoing' AND m.epoch = ? AND m.gateway_id > ? LIMIT ?",
            (self._facts.epoch("outgoing"), gateway_id, _MOST + 1),
        )
        if len(rows) > _MOST:
            return None
        return [SentRow(bool(row[0]), *row[1:]) for row in rows]  # type: ignore[arg-type]

    def sends_for_nothing(self) -> bool:
        """Whether messages of ours arrived although the account never had any credit."""
        credit = self._facts.credit()
        if credit is None or credit > 0 or self._facts.has_run_out():
            return False
        return bool(
            self._db.row(
                "SELECT 1 FROM message WHERE intent_id IS NOT NULL AND status IN ('sent', 'delivered') LIMIT 1", ()
            )
        )

    def set_price(self, price: str) -> None:
        if self._facts.get(_PRICE) != price:
            with self._db.write() as changes:
                self._facts.set(_PRICE, price)
                changes.account = True

    def set_most_bytes(self, most: int | None) -> None:
        value = None if most is None else str(most)
        if self._facts.get(_CUT) != value:
            with self._db.write() as changes:
                self._facts.set(_CUT, value)
                changes.account = True
