"""From the client's rows to the store's records: the gateway's times become UTC where its zone is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from voipe_tui.client.models import IncomingRow, OutgoingRow
from voipe_tui.store import IncomingRecord, OutgoingRecord
from voipe_tui.sync.zones import Zones

_LENGTH = len("2026-03-05 10:20:30")


def said(moment: str) -> str:
    """A date-time as the store keeps it. SQLite reckons with it, and takes "now" and "5" for moments, too: what has not
    the form of one is kept in quotes."""
    if not moment or (len(moment) == _LENGTH and moment[4] == moment[7] == "-" and moment[10] == " "):
        return moment
    return f"“{moment}”"


def outgoing_records(rows: Sequence[OutgoingRow], zones: Zones, undated: float | None = None) -> list[OutgoingRecord]:
    """Rows of ``ds``. ``undated``: when those were whose date cannot be read; None for now."""
    records = []
    stamp = zones.stamper("outgoing", undated)
    for gateway_id, sender, number, text, moment, update, status in rows:
        created_at, sort_at = stamp(moment)
        updated_at = created_at if update == moment else stamp(update)[0] if update else None
        records.append(
            OutgoingRecord(gateway_id, sender, number, text, said(moment), created_at, sort_at, updated_at, status)
        )
    return records


def incoming_records(
    rows: Sequence[IncomingRow], source: Literal["incoming", "inbox"], zones: Zones, undated: float | None = None
) -> list[IncomingRecord]:
    """Rows of ``in`` (source ``incoming``) or ``ix`` (source ``inbox``)."""
    records = []
    stamp = zones.stamper(source, undated)
    for row in rows:
        created_at, sort_at = stamp(row.dt)
        records.append(
            IncomingRecord(
                source=source,
                gateway_id=row.id,
                number=row.src,
                receiver=row.dst,
                keyword=row.kwd,
                text=row.msg,
                gateway_time=said(row.dt),
                created_at=created_at,
                sort_at=sort_at,
            )
        )
    return records
