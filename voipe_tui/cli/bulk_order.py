"""A checked mailing on its way into the store."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voipe_tui.cli.bulk_words import mark_cancelled
from voipe_tui.cli.context import Context
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import InputError
from voipe_tui.text.mailing import Entry, Findings, Mailing
from voipe_tui.text.numbers import Recipient
from voipe_tui.text.untrusted import safe_line

if TYPE_CHECKING:
    from voipe_tui.store import Store

CHUNK = 500
"""So many recipients go into the store at once: small enough for others not to wait for the lock."""


@dataclass(frozen=True)
class Order:
    """A checked mailing; ``label`` is the file's name, ``listed`` who is left out of it."""

    mailing: Mailing
    label: str
    sender: str
    found: Findings
    listed: frozenset[str]
    text: str
    fingerprint: str

    @property
    def recipients(self) -> int:
        return self.found.recipients

    async def fill(self, context: Context, profile: Profile, store: Store) -> int:
        """Puts the messages into a new batch, which is started when it is whole. Returns its number.

        Interrupted or killed on the way, nothing of it is ever sent.
        """
        rate = context.options.rate or profile.rate
        bulk_id = store.bulks.begin(self.label, rate=rate, text=self.text, sender=self.sender or None)
        try:
            await self._add_all(context, profile, store, bulk_id)
            store.bulks.start(
                bulk_id,
                opted_out=self.found.opted_out,
                fingerprint=self.fingerprint,
                again=context.options.again,
            )
        except BaseException:
            store.bulks.cancel(bulk_id)
            bulk = store.bulks.get(bulk_id)
            if bulk is not None:
                mark_cancelled(context, store, bulk)
            raise
        return bulk_id

    async def _add_all(self, context: Context, profile: Profile, store: Store, bulk_id: int) -> None:
        from voipe_tui.store import NewMessage

        chunk: list[NewMessage] = []
        findings, done = Findings(), 0
        for entry in self.mailing.entries(findings, self.listed):
            number = _on_the_wire(entry, profile)
            chunk.append(NewMessage(number, entry.text, sender=self.sender or None, footer=profile.footer or None))
            if len(chunk) == CHUNK:
                store.bulks.add(bulk_id, chunk)
                done += len(chunk)
                chunk.clear()
                context.console.progress(f"preparing {done:,} of {self.recipients:,} …")
                await asyncio.sleep(0)  # lets a signal in
        if chunk:
            store.bulks.add(bulk_id, chunk)
        if findings.problem_count or findings.recipients != self.recipients:
            raise InputError(f"{safe_line(self.label)} changed while it was read. Nothing was sent.", hint="Try again.")


def _on_the_wire(entry: Entry, profile: Profile) -> str:
    if profile.number_format != "as_typed":
        return entry.number
    found = Recipient(entry.typed, "number", entry.number, entry.number)
    return found.on_the_wire(profile.number_format, profile.region)
