"""The store of one profile: everything that is known, in one place, on the disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from voipe_tui.store.database import Clock, Database, Listener
from voipe_tui.store.facts import Facts
from voipe_tui.store.messages import Messages
from voipe_tui.store.models import Counts, Key, Message, View

if TYPE_CHECKING:
    from voipe_tui.store.bulks import Bulks
    from voipe_tui.store.charges import Charges
    from voipe_tui.store.conversations import Conversations
    from voipe_tui.store.drafts import Drafts
    from voipe_tui.store.gateway_rows import GatewayRows
    from voipe_tui.store.opt_outs import OptOuts
    from voipe_tui.store.people import People
    from voipe_tui.store.recall import Recall
    from voipe_tui.store.reconcile import Reconciler
    from voipe_tui.store.saved_views import SavedViews
    from voipe_tui.store.search import SearchIndex
    from voipe_tui.store.triage import Triage


_FILL_STEP = 4_000


class Store:
    """One profile's database and its parts. Synchronous, for one thread; every failure is a ``StoreError``.

    ``messages`` reads lists, ``conversations`` who one exchanged messages with, ``journal`` takes orders, ``bulks``
    steers batches, ``gateway_rows`` takes listings in, ``triage`` holds what a person did, ``drafts`` what was not
    sent, ``facts`` what is known of the gateway, ``people`` who one writes to, ``opt_outs`` whom one
    must not write to, ``charges`` what was paid for. ``search`` finds words; its index is filled when there is time.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        clock: Clock = time.time,
        region: str = "IL",
        read_only: bool = False,
        kind: Literal["app", "command"] = "command",
    ) -> None:
        """Opens or makes the database; ``path`` None keeps it in memory. ``read_only``: as it was last written, where
        the disk takes not one byte more. ``kind`` tells who orders here: see :meth:`Journal.go_on`."""
        self._kind = kind
        self._db = Database(path, clock, read_only=read_only)
        self.clock = clock
        self._region = region
        self.facts = Facts(self._db)
        self.messages = Messages(self._db, self.facts, region)

    # Parts that the first list does without: each is loaded and made when it is first asked for.

    @property
    def search(self) -> SearchIndex:
        return self.messages.index

    @cached_property
    def people(self) -> People:
        from voipe_tui.store.people import People

        return People(self._db, self._region)

    @cached_property
    def charges(self) -> Charges:
        from voipe_tui.store.charges import Charges

        return Charges(self._db, self.facts)

    @cached_property
    def conversations(self) -> Conversations:
        from voipe_tui.store.conversations import Conversations

        return Conversations(self._db)

    @cached_property
    def journal(self) -> Recall:
        from voipe_tui.store.recall import Recall

        return Recall(self._db, self.messages, self.facts, self._kind)

    @cached_property
    def gateway_rows(self) -> GatewayRows:
        from voipe_tui.store.gateway_rows import GatewayRows

        return GatewayRows(self._db, self.messages, self.facts)

    @cached_property
    def reconciler(self) -> Reconciler:
        from voipe_tui.store.reconcile import Reconciler

        return Reconciler(self._db, self.journal, self.facts)

    @cached_property
    def bulks(self) -> Bulks:
        from voipe_tui.store.bulks import Bulks

        return Bulks(self._db, self.journal, self.facts)

    @cached_property
    def opt_outs(self) -> OptOuts:
        from voipe_tui.store.opt_outs import OptOuts

        return OptOuts(self._db, self.facts, self._region)

    @cached_property
    def triage(self) -> Triage:
        from voipe_tui.store.triage import Triage

        return Triage(self._db, self.messages, lambda: self.journal.owner)

    @cached_property
    def saved_views(self) -> SavedViews:
        from voipe_tui.store.saved_views import SavedViews

        return SavedViews(self._db, self.messages, self.facts)

    @cached_property
    def drafts(self) -> Drafts:
        from voipe_tui.store.drafts import Drafts

        return Drafts(self._db, self.messages, self.journal, self.facts)

    @property
    def set_aside(self) -> Path | None:
        """Where a damaged database was put at this start; None if there was none. A person is told."""
        return self._db.set_aside

    def page(
        self,
        view: View,
        *,
        before: Key | None = None,
        after: Key | None = None,
        limit: int = 64,
        including: bool = False,
    ) -> list[Message]:
        """A page of a list, newest first; see :meth:`Messages.page`."""
        return self.messages.page(view, before=before, after=after, limit=limit, including=including)

    def get(self, ids: Iterable[int]) -> dict[int, Message]:
        return self.messages.get(ids)

    def counts(self) -> Counts:
        return self.messages.counts()

    @contextmanager
    def filling(self) -> Iterator[None]:
        """For very many messages at once, by a program that does nothing else: takes memory, and saves most of the
        writing. The search index is whole when this ends."""
        with self._db.roomy():
            yield
            while self.search.index_some(_FILL_STEP):
                pass

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` (synchronously, after the commit) which rows changed; the answer ends it."""
        return self._db.subscribe(listener)

    def look_around(self) -> bool:
        """Whether another program wrote to this profile since the last look; listeners are told."""
        return self._db.look_around()

    def close(self) -> None:
        if "journal" in self.__dict__:
            self.journal.close()
        self._db.close()
