"""What a profile says to the traffic with its gateway."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """What a profile says about pace and zone.

    ``timezone`` is an IANA name, None to learn the offsets. ``history_since`` ("YYYY-MM-DD") is how far back the
    history is read, None for all of it. ``bulk_scope`` names the batches that this program sends, None for all.
    ``number_format`` ``local``: numbers of ``region`` go to the gateway as people there dial them.
    ``history_beside_batches``: the history is read on while a batch is being sent, which takes longer then.
    """

    poll_seconds: float = 5.0
    concurrency: int = 4
    timezone: str | None = None
    history_since: str | None = None
    bulk_scope: frozenset[int] | None = None
    number_format: str = "e164"
    region: str = "IL"
    history_beside_batches: bool = False
