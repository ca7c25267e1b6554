"""Whether two mailings are the same: to the same numbers the same texts, from the same sender, in whatever order."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

_BYTES: Final = 16


class Fingerprint:
    """A digest of a mailing that grows with each message; nothing can be read out of it."""

    def __init__(self, sender: str | None) -> None:
        self._sum = _digest(f"from {sender or ''}")

    def add(self, number: str, text: str) -> None:
        """One more message, to ``number`` in E.164."""
        # A sum does not depend on the order: a table that was sorted otherwise is the same mailing.
        self._sum = (self._sum + _digest(f"{number}\x00{text}")) % (1 << 8 * _BYTES)

    def __str__(self) -> str:
        return f"{self._sum:0{2 * _BYTES}x}"


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest(), "big")
