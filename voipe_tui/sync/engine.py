"""Joins client and store: sends from the journal, polls, looks unknown outcomes up, and says how the link stands.

:meth:`Engine.run` goes on until it is stopped. Its single steps, :meth:`Engine.tick` (one poll) and
:meth:`Engine.drain` (send what is due), are public: the command line needs just those.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from random import Random
from typing import Literal

from voipe_tui.client import GatewayClient
from voipe_tui.client.models import AccountState, IncomingRow, OutgoingRow
from voipe_tui.errors import AuthenticationError, GatewayError, StoreError, UnsupportedError, VoipeError
from voipe_tui.store import Store
from voipe_tui.store.bulks import BulkState
from voipe_tui.store.facts import REWRITES
from voipe_tui.store.gateway_rows import IdsRestarted
from voipe_tui.store.models import Source
from voipe_tui.store.states import Status
from voipe_tui.sync.account_watch import AccountWatch
from voipe_tui.sync.contacts import ContactBook
from voipe_tui.sync.convert import incoming_records, outgoing_records
from voipe_tui.sync.health import Health, Link, link_of
from voipe_tui.sync.indexing import Indexer
from voipe_tui.sync.lookup import Lookup
from voipe_tui.sync.pace import SWEEP_SECONDS, Pace
from voipe_tui.sync.paging import Limits
from voipe_tui.sync.prices import PriceLearner
from voipe_tui.sync.reader import ListReader
from voipe_tui.sync.sender import Sender
from voipe_tui.sync.settings import SyncSettings
from voipe_tui.sync.statuses import StatusRefresher
from voipe_tui.sync.troubles import Troubles
from voipe_tui.sync.turns import Turns
from voipe_tui.sync.zones import Zones

log = logging.getLogger(__name__)

AnyReader = ListReader[OutgoingRow] | ListReader[IncomingRow]
_GAP_SECONDS = 1.5  # between two polls, unless a person asks
_UNREAD_SECONDS = 7 * 86_400.0
_LOOK_SECONDS = 30.0  # a timer stands still while the machine sleeps: what is due is looked for at least so often
_LIVE_SECONDS = 60.0  # a list polled so recently shows what has just arrived


class Engine:
    """One profile's traffic. Belongs to the thread of its event loop and of its store."""

    def __init__(
        self,
        store: Store,
        client: GatewayClient,
        settings: SyncSettings | None = None,
        *,
        random: Random | None = None,
    ) -> None:
        self.settings = settings or SyncSettings()
        self._store = store
        self._client = client
        self._random = random or Random()  # noqa: S311 - jitter, not secrets
        self.zones = Zones(store, self.settings.timezone)
        self._lookup = Lookup(store, self.zones)
        self.pace = Pace(self.settings.poll_seconds, self._random)
        self.health = Health(Link.CONNECTING, store.clock())
        self._listeners: list[Callable[[Health], None]] = []
        self.sender = Sender(
            store,
            client.send,
            concurrency=self.settings.concurrency,
            random=self._random,
            bulk_scope=self.settings.bulk_scope,
            local_region=self.settings.region if self.settings.number_format == "local" else None,
            on_problem=self._trouble,
            on_answer=self._answered,
            read_credit=lambda: self._account.read_credit(),
        )
        self.turns = turns = Turns()
        client.pause = turns.pause
        self._indexer = Indexer(store, turns)
        limits, zones = Limits(), self.zones
        self.outgoing = ListReader(store, "outgoing", client.outgoing, self._take_outgoing, zones, limits, turns)
        self.inbox = ListReader(
            store, "inbox", client.inbox, partial(self._take_incoming, "inbox"), zones, limits, turns
        )
        self.incoming = ListReader(
            store, "incoming", client.incoming, partial(self._take_incoming, "incoming"), zones, limits, turns
        )
        self.readers: dict[Source, AnyReader] = {
            "outgoing": self.outgoing,
            "inbox": self.inbox,
            "incoming": self.incoming,
        }
        self.outgoing.on_newest = self._know_floor  # what lies between may take hundreds of requests
        self._statuses = StatusRefresher(
            store, self.outgoing, lambda queue: client.outgoing(queue=queue), self._take_outgoing
        )
        self.contacts = ContactBook(store, client.contacts, client.contact_groups)
        self._prices = PriceLearner(store)
        self.troubles = Troubles(store.clock, self.settings.poll_seconds)
        self._account = AccountWatch(store, client, self.troubles, self._statuses.fresh)
        self._epochs: list[int] = []
        self._polled: dict[Source, float] = {}
        self._swept: dict[Source, float] = {}
        self._next_start: float | None = None
        self._next_wake: float | None = None
        self._poll_lock = asyncio.Lock()
        self._poll_now = asyncio.Event()
        self._send_now = asyncio.Event()
        self._polled_once = asyncio.Event()
        self._soon = asyncio.Event()
        self._stop = asyncio.Event()
        self._floor_known = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    # For the outside

    def subscribe(self, listener: Callable[[Health], None]) -> Callable[[], None]:
        """Tell ``listener`` whenever the health changes; the answer ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def wake(self) -> None:
        """The journal has something new to send."""
        self._send_now.set()

    def go_on(self) -> None:
        """A person wants something to leave: a refused login is tried once more then, and only then (trap 30)."""
        if self.sender.locked_out:
            self.refresh_now()
        self._send_now.set()

    def refresh_now(self) -> None:
        """A person asks: poll at once, also after failures and after a refused login."""
        self.sender.unlock()
        self.pace.failures = 0
        self._swept.clear()
        self._account.forget()
        self.troubles.clear()
        self._poll_now.set()
        self._send_now.set()

    def set_active(self, active: bool) -> None:
        """Whether someone is at the keys (the terminal has the focus): the quick pace, or the slow one."""
        if active and not self.pace.active:
            self._poll_now.set()
        self.pace.active = active

    async def run(self) -> None:
        """Until :meth:`stop`. Failures of the gateway end nothing here: they become the health."""
        async with asyncio.TaskGroup() as group:
            self._loops = [
                group.create_task(self._send_loop(), name="send from the journal"),
                group.create_task(self._poll_loop(), name="poll the gateway"),
                group.create_task(self._history_loop(), name="read the history"),
                group.create_task(self._wake_loop(), name="bring back what was snoozed"),
            ]

    async def stop(self, grace: float = 2.0) -> None:
        """Ends :meth:`run`; answers to sends get ``grace`` seconds. Reading is cut off where it stands (it goes on at
        the next start): no request is left that would find the client closed."""
        self._stop.set()
        for event in (self._send_now, self._poll_now, self._polled_once):
            event.set()
        for reading in self._loops[1:]:
            reading.cancel()
        await self.sender.stop(grace)
        await asyncio.gather(*self._loops, return_exceptions=True)

    async def drain(self) -> None:
        """Sends all that is due now and waits for every answer. Raises what keeps us from beginning."""
        self._store.journal.take_over()
        await self._learn_floor()
        await self.sender.drain()

    # Loops

    async def _learn_floor(self) -> None:
        """What is the highest ID before the first request leaves? It tells our rows from older, equal ones."""
        if not self._floor_known.is_set() and await self._account.ask() is None:
            try:
                await self.outgoing.look()
            except IdsRestarted as restart:
                await self._begin_anew(restart)
                await self.outgoing.look()
        self._know_floor()

    async def _send_loop(self) -> None:
        while not self._stop.is_set():
            self._send_now.clear()
            self.sender.freed.clear()
            await self._guarded(self._start_due)
            due = self._next_start
            within = _LOOK_SECONDS if due is None else max(0.02, min(_LOOK_SECONDS, due - self._store.clock()))
            await self._any(self._send_now, self.sender.freed, within=within)
            await self.sender.gather()

    async def _start_due(self) -> None:
        self._next_start = None  # where the store fails it is tried again after a while
        self._store.journal.take_over(self.sender.in_flight)
        if self._floor_known.is_set():
            self.sender.start_due()
            self._next_start = self.sender.next_start()
        else:  # offline since the start: holds pass all the same, and what is due waits in the queue
            self.sender.release_due()
            if self._store.journal.next_due() is not None:
                self._next_start = self._store.clock() + 1

    def _know_floor(self) -> None:
        if not self._floor_known.is_set():
            self._floor_known.set()
            self._send_now.set()

    async def _poll_loop(self) -> None:
        while not self._stop.is_set():
            self._poll_now.clear()
            self._soon.clear()
            await self.poll()
            self._polled_once.set()
            if self._stop.is_set():
                return
            if self.health.link is Link.LOCKED_OUT:
                await self._poll_now.wait()
                continue
            delay = self.pace.next_delay(moving=self._is_moving())
            if self.pace.failures:
                self._say(replace(self.health, next_try=self._store.clock() + delay))
            # An answered send is worth a look soon, but a thousand of them are not worth a thousand looks.
            gap = min(delay, _GAP_SECONDS)
            await self._any(self._poll_now, within=gap)
            if not self._poll_now.is_set() and delay > gap:
                await self._any(self._poll_now, self._soon, within=delay - gap)

    async def _wake_loop(self) -> None:
        """What was snoozed comes back when it is due, with a gateway or without."""
        while not self._stop.is_set():
            self._next_wake = None  # where the store fails it is tried again after a while
            await self._guarded(self._wake_due)
            due = self._next_wake
            within = _LOOK_SECONDS if due is None else max(0.02, min(_LOOK_SECONDS, due - self._store.clock()))
            await self._any(self._stop, within=within)

    async def _wake_due(self) -> None:
        self._store.triage.wake_due()
        self._next_wake = self._store.triage.next_wake()

    async def _history_loop(self) -> None:
        """Goes back into the past when the present is known, one step at a time, giving way to polls."""
        oldest = f"{self.settings.history_since} 00:00:00" if self.settings.history_since else None
        failed = False
        while not self._stop.is_set():
            if self.health.link is Link.ONLINE and self.contacts.is_due():
                await self._guarded(self.contacts.refresh)
            open_ones = [r for r in self.readers.values() if r.lacks_history(oldest) and self._is_well(r.source)]
            in_touch = self.health.link in (Link.ONLINE, Link.PARTLY) or self.troubles.answered
            if failed or not in_touch or not open_ones or self._sending_comes_first():
                await self._guarded(partial(self._indexer.run, self._stop))
                await self._any(self._polled_once, within=None)
                self._polled_once.clear()
                failed = False
                continue
            for reader in open_ones:
                if not (failed or self._stop.is_set()):
                    step = partial(reader.backfill, oldest)
                    # Only a poll tells that it is worth another try; with a refused login there is none (trap 30).
                    failed = not await self._guarded(partial(self.troubles.part, f"history.{reader.source}", step))

    def _is_well(self, source: Source) -> bool:
        """Whether a list can be asked for its past now."""
        return self._account.can(source) and not self.troubles.rests(f"history.{source}")

    def _sending_comes_first(self) -> bool:
        """A batch is on its way: the past can wait for it."""
        return not self.settings.history_beside_batches and bool(self._store.bulks.open(BulkState.RUNNING))

    async def _any(self, *events: asyncio.Event, within: float | None) -> None:
        """Until one of the events, or for so many seconds."""
        waits = [asyncio.create_task(event.wait()) for event in events]
        try:
            await asyncio.wait(waits, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    # One poll

    async def poll(self) -> bool:
        """:meth:`tick` with its failures turned into the health. True if it went well."""
        went_well = await self._guarded(self.tick)
        if went_well or self.troubles.answered:
            self.pace.failures = 0  # what fails by itself rests by itself
        if went_well and (self.health.link is not Link.ONLINE or self.health.problem is not None):
            self._say(Health(Link.ONLINE, self._store.clock()))
        return went_well

    async def _guarded(self, step: Callable[[], Awaitable[object]]) -> bool:
        try:
            await self.noticing(step)
        except VoipeError as error:
            self._trouble(error)
        except Exception as error:
            # A bug of ours must not end the traffic in silence: it is logged whole and shown short.
            log.exception("a poll failed unexpectedly")
            self._trouble(VoipeError(f"Unexpected: {type(error).__name__}.", hint="The log has the details."))
        else:
            return True
        return False

    async def tick(self) -> None:
        """One look at the gateway: what is new, what became of what is on its way, what is left."""
        async with self._poll_lock:
            self._store.look_around()
            self._store.triage.wake_due()
            if self._store.journal.in_state(Status.SENDING, 1):
                # Else what a killed program was sending stands beside its row for ever, where nobody sends again.
                self._store.journal.take_over(self.sender.in_flight)
            self._notice_new_history()
            self.troubles.begin()
            state = await self._account.ask()
            self._lookup.heard(None if state is None else state.timestamp)
            if state is not None and state.last_ids is not None:
                self._know_floor()  # messages may leave, also where the lists cannot be read
            swept = await self._read_lists(state)
            if "outgoing" in self._polled:
                self._know_floor()
            if not self.troubles.fails("outgoing"):
                await self.troubles.part("statuses", partial(self._statuses.run, swept=swept))
            self._reconcile()
            self._prices.look()
            self.troubles.end()

    def _notice_new_history(self) -> None:
        """Where one list's IDs restarted (also noticed by an answer to a send), the others have too: look afresh."""
        epochs = [self._store.facts.epoch(source) for source in self.readers]
        if epochs != self._epochs:
            self._epochs = epochs
            self._swept.clear()

    async def _read_lists(self, state: AccountState | None) -> bool:
        """Reads what moved. True if the newest page of the outgoing list was read."""
        last: dict[Source, int] = {}
        if state is not None and state.last_ids is not None:
            ids = state.last_ids
            last = {"outgoing": ids.outgoing, "inbox": ids.inbox, "incoming": ids.incoming}
        before = self._swept.get("outgoing")
        for source, reader in self.readers.items():
            if self._account.can(source):
                await self.troubles.part(source, partial(self._read_list, source, reader, last.get(source)))
        return self._swept.get("outgoing") not in (before, None)

    async def _read_list(self, source: Source, reader: AnyReader, last_id: int | None) -> None:
        """Reads one list as far as it may have moved."""
        now = self._store.clock()
        seen = self._store.facts.seen_id(source)
        reader.pages.top = last_id
        sweep = now - self._swept.get(source, float("-inf")) >= SWEEP_SECONDS
        try:
            if last_id is not None and last_id < seen:
                sweep = True
                if not await reader.is_same_history():
                    raise IdsRestarted(source, last_id)
                self._store.facts.lower_seen_id(source, last_id)
            if (last_id is None or last_id > seen) and (seen or not sweep):
                await reader.above()
            if sweep:
                await reader.sweep()
            elif reader.gaps:
                await reader.fill()
        except IdsRestarted as restart:
            await self._begin_anew(restart)
            await reader.sweep()
            sweep = True
        except UnsupportedError as error:
            # A server of 2021 may lack the inbox; what it has works all the same.
            if source == "outgoing":
                raise
            self._account.lacks(source, error)
            return
        self._store.facts.set_capability(source, True)
        self._polled[source] = now
        if sweep:
            self._swept[source] = now

    async def noticing(self, step: Callable[[], Awaitable[object]]) -> None:
        """Does a step of reading. IDs that restarted and were not noticed by the poll (the new history is longer than
        the old one was) begin a new history; the next poll looks afresh."""
        try:
            await step()
        except IdsRestarted as restart:
            await self._begin_anew(restart)
            self._swept.clear()
            self._poll_now.set()

    async def _begin_anew(self, restart: IdsRestarted) -> None:
        if not await self._is_rewritten(restart):
            log.info("the gateway's %s IDs have restarted", restart.source)
            self._store.facts.open_epoch(restart.source)

    async def _is_rewritten(self, restart: IdsRestarted) -> bool:
        """Whether what is listed under the ID of a message of ours is that message, with another text: its queue code
        tells. Asked once; a gateway that rewrites one text rewrites others."""
        row = None if restart.row_id is None else self._store.messages.one(restart.row_id)
        if row is None or not row.queue:
            return False
        rows = (await self._client.outgoing(queue=row.queue)).rows
        if [each.smslog_id for each in rows] != [restart.gateway_id]:
            return False
        log.info("the gateway rewrites texts")
        self._store.facts.set(REWRITES, "yes")
        return True

    # What came

    def _take_outgoing(self, rows: Sequence[OutgoingRow], timestamp: int | None) -> int:
        now = self._store.clock()
        self._lookup.heard(timestamp)
        unseen = set[int | None]()
        if not self.outgoing.in_history:
            unseen = {
                each.gateway_id
                for each in self._store.gateway_rows.waiting(now - _LIVE_SECONDS)
                if each.gateway_time is None and each.intent_id is not None and each.status != Status.SCHEDULED
            }
        for row in rows:
            if row.smslog_id in unseen:
                self._observe(self.outgoing, row.dt, timestamp or now)
        records = outgoing_records(rows, self.zones, self._undated(self.outgoing))
        new = self._store.gateway_rows.take_outgoing(records)
        self.zones.settle("outgoing")
        self._lookup.took()
        return new

    def _take_incoming(
        self, source: Literal["inbox", "incoming"], rows: Sequence[IncomingRow], timestamp: int | None
    ) -> int:
        now = self._store.clock()
        if rows and now - self._polled.get(source, float("-inf")) <= _LIVE_SECONDS:
            newest = max(rows, key=lambda row: row.id)
            if newest.id > self._store.facts.seen_id(source):
                self._observe(self.readers[source], newest.dt, timestamp or now)
        # Before the first mark and while going back into history, what is older than a week counts as read.
        history = self.readers[source].mark is None or self.readers[source].in_history
        read_before = now - _UNREAD_SECONDS if history else None
        records = incoming_records(rows, source, self.zones, self._undated(self.readers[source]))
        new = self._store.gateway_rows.take_incoming(records, read_before=read_before)
        self.zones.settle(source)
        return new

    def _observe(self, reader: AnyReader, gateway_time: str, true_time: float) -> None:
        """A row has just been made: its date tells the list's zone."""
        if changed := self.zones.observe(reader.source, gateway_time, true_time):
            reader.zone_changed(changed)

    @staticmethod
    def _undated(reader: AnyReader) -> float | None:
        """Where rows belong whose date cannot be read: history at its end, what has just come with what is new."""
        return 0.0 if reader.in_history else None

    def _reconcile(self) -> None:
        if self._lookup.run(self._swept.get("outgoing", 0.0)):
            self._swept.pop("outgoing", None)

    # How it stands

    def _is_moving(self) -> bool:
        return self._statuses.fresh() or bool(self._store.journal.in_state(Status.UNKNOWN, 1))

    def _answered(self) -> None:
        self._soon.set()

    def _trouble(self, error: VoipeError) -> None:
        # A full disk here says nothing of the gateway, and is no reason to leave it alone for long.
        at_home = isinstance(error, StoreError)
        self.pace.failures += not at_home
        self.pace.asked_for = (error.retry_after if isinstance(error, GatewayError) else None) or 0.0
        link = Link.PARTLY if at_home or self.troubles.of_a_part(error) else link_of(error)
        if isinstance(error, AuthenticationError):
            self.sender.lock_out()
        if self.health.link is not link or str(self.health.problem) != str(error):
            log.warning("trouble: %s (%s)", type(error).__name__, error.title)
            self._say(Health(link, self.health.since if self.health.link is link else self._store.clock(), error))

    def _say(self, health: Health) -> None:
        if health != self.health:
            self.health = health
            for listener in tuple(self._listeners):
                with contextlib.suppress(ReferenceError):
                    listener(health)
