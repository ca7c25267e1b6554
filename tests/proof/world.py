"""Programs, their gateway, another client of the same account, and the truth to compare them with."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from tests.timeless import Clock, TimelessLoop
from voipe_tui.client import Endpoint, GatewayClient
from voipe_tui.errors import GatewayError
from voipe_tui.sandbox import Sandbox
from voipe_tui.sandbox.app import GatewayApp
from voipe_tui.sandbox.faults import Faults
from voipe_tui.sandbox.operations import OPERATIONS
from voipe_tui.store import Counts, Message, NewMessage, Store, View
from voipe_tui.store.states import MOVING
from voipe_tui.sync import Engine, SyncSettings
from voipe_tui.text.gateway_fold import could_be_same, fold
from voipe_tui.text.numbers import number_key

POLL_SECONDS = 20.0
TAKEN = frozenset({"accepted", "pending", "sent", "delivered", "failed"})
REPORTED = {0: "pending", 1: "sent", 2: "failed", 3: "delivered"}
OTHER = "other "
"""How the texts of the account's other client begin."""


class Program:
    """One running voipe-tui without its screens: a store, a client, an engine that polls and sends."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self.store = Store(world.path, clock=world.clock)
        self.client = world.new_client()
        settings = SyncSettings(poll_seconds=POLL_SECONDS, timezone=world.timezone)
        self.engine = Engine(self.store, self.client, settings, random=Random(seed))
        self._run = world.loop.create_task(self.engine.run())

    @property
    def ended(self) -> bool:
        """Whether it gave up by itself, which it never may."""
        return self._run.done()

    def stop(self) -> None:
        """Ends as a person ends it: answers on their way get a moment."""

        async def end() -> None:
            await self.engine.stop()
            await self._run

        self._world.loop.do(end())
        self._close()

    def kill(self) -> None:
        """Ends in the middle of whatever it does; nothing is written any more."""
        self.store.close()
        self._run.cancel()
        cut = [task for task in asyncio.all_tasks(self._world.loop) if task.get_name().startswith("send intent")]
        mine = [task for task in cut if task in self.engine.sender._tasks]
        for task in mine:
            task.cancel()
        self._world.loop.do(_gather(self._run, *mine))
        self._close()

    def _close(self) -> None:
        self._world.loop.do(self.client.aclose())
        self.store.close()


async def _gather(*tasks: asyncio.Task[None]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class Order:
    """One message that a person ordered: what the model knows of it."""

    row_id: int
    kind: str
    number: str
    text: str
    submission: int
    resends: int = 0
    taken_back: bool = False

    @property
    def same(self) -> tuple[str, str]:
        """What the gateway cannot tell apart."""
        return (self.kind if self.kind == "group" else number_key(self.number), fold(self.text))


class World:
    """Everything of one test, and the checks."""

    def __init__(self, path: Path, *, version: str = "1.4.7", transport: str = "json", seed: int = 0) -> None:
        self.path = path
        self.loop = TimelessLoop()
        self.clock = Clock(self.loop)
        self.sandbox = Sandbox(version, seed=seed, clock=self.clock)  # type: ignore[arg-type]
        self.gateway = self.sandbox.gateway
        self.transport = transport
        self.timezone: str | None = None
        self.programs: list[Program] = []
        self.orders: list[Order] = []
        self.submissions = 0
        self.others = 0
        self.arrivals = 0
        self.last_look = 0.0
        self.history_began = 0
        """How many messages had been accepted when the gateway's IDs last began at 1."""
        facts = self.sandbox.describe()
        # The other client meets no faults: what it does is certain.
        undisturbed = GatewayApp(self.gateway, Faults(OPERATIONS), asyncio.sleep)
        self.other = GatewayClient(Endpoint(facts.json_url, "json", facts.username, facts.token), asgi_app=undisturbed)

    # What happens

    def add_history(self, rows: int, days: float) -> None:
        """Finished messages and an inbox, as many of each."""
        for index in range(rows):
            at = self.clock() - days * 86_400 * (rows - index) / rows
            number = f"052111{index:04}"
            self.gateway.add_outgoing(number, f"history {index}", at, 3)
            self.gateway.arrive(number, f"history {index}", at=at)

    def new_client(self) -> GatewayClient:
        facts = self.sandbox.describe()
        url = facts.json_url if self.transport == "json" else facts.form_url
        return GatewayClient(
            Endpoint(url, self.transport, facts.username, facts.token),  # type: ignore[arg-type]
            asgi_app=self.sandbox.app,
        )

    def start(self) -> Program:
        program = Program(self, seed=len(self.programs))
        self.programs.append(program)
        return program

    def wait(self, seconds: float) -> None:
        self.loop.do(asyncio.sleep(seconds))
        self.gateway.advance()

    def at_gateway(self, seconds: float) -> str:
        """A moment from now as a schedule is written."""
        return datetime.fromtimestamp(self.clock() + seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")

    def submit(self, program: Program, orders: list[NewMessage], hold: float = 0.0) -> list[int]:
        ids = program.store.journal.submit(orders, hold_seconds=hold)
        self.submissions += 1
        for row_id, order in zip(ids, orders, strict=True):
            self.orders.append(Order(row_id, order.kind, order.number, order.text, self.submissions))
        program.engine.wake()
        return ids

    def other_sends(self, number: str, in_seconds: float = 0.0) -> None:
        self.others += 1
        schedule = self.at_gateway(in_seconds) if in_seconds else None
        with suppress(GatewayError):  # it may have no credit, like everybody
            self.loop.do(self.other.send(number, f"{OTHER}{self.others}", schedule=schedule))

    def arrive(self, number: str, keyword: str | None) -> None:
        self.arrivals += 1
        self.gateway.arrive(number, f"arrival {self.arrivals}", keyword=keyword)

    def restart_ids(self) -> None:
        self.gateway.restart_ids()
        self.history_began = len(self.gateway.accepted)

    def mend(self, patience: float = 1000) -> None:
        """All faults end, a person looks, and time passes until nothing is to be expected any more."""
        self.sandbox.faults.clear()
        for account in self.gateway.accounts.values():
            account.credit += 1000
        for seconds in (patience, 30):  # the window of the unknown, the longest wait of the queue; and once more
            for program in self.programs:
                self.send_what_was_left(program)
                program.engine.refresh_now()
            self.last_look = self.clock()
            self.wait(seconds)

    @staticmethod
    def send_what_was_left(program: Program) -> None:
        """A person's word for what a program that ended had not sent yet."""
        waiting = [each for each in program.store.journal.kept_from_before() if each.state == "queued"]
        program.store.journal.send_waiting([each.message_id for each in waiting])

    def close(self) -> None:
        for program in self.programs:
            program.kill()
        self.loop.finish()

    # What must be true

    @property
    def store(self) -> Store:
        return self.programs[0].store

    def outbox(self) -> list[Message]:
        return self.store.page(View(direction="out", include_archived=True), limit=1_000_000)

    def inbox(self) -> list[Message]:
        return self.store.page(View(direction="in", include_archived=True), limit=1_000_000)

    def check_always(self) -> None:
        """Holds at every moment, whatever is going on."""
        outbox, inbox = self.outbox(), self.inbox()
        assert self.store.counts() == recount(outbox, inbox)
        rows = {message.id: message for message in outbox}
        gone = [order for order in self.orders if not order.taken_back and order.row_id not in rows]
        assert not gone, f"a message of the user vanished: {gone}"
        for same, orders in self._by_sameness().items():
            accepted = self._times_accepted(same)
            allowed = sum(1 + order.resends for order in orders)
            assert accepted <= allowed, f"{same} was accepted {accepted} times, ordered {allowed} times"
            kept = [rows[order.row_id] for order in orders if not order.taken_back]
            taken = sum(self._is_taken(message) for message in kept)
            assert taken <= accepted, f"{same}: {taken} are said to be accepted, {accepted} were"

    def check_mended(self) -> None:
        """Holds when the faults are over and time has passed."""
        self.check_always()
        outbox = self.outbox()
        epoch = self.store.facts.epoch("outgoing")
        self._check_gateway_rows(outbox, epoch)
        self._check_orders({message.id: message for message in outbox}, epoch)
        self._check_inbox()
        self._check_nothing_twice(outbox)

    def _by_sameness(self) -> dict[tuple[str, str], list[Order]]:
        groups: dict[tuple[str, str], list[Order]] = {}
        for order in self.orders:
            groups.setdefault(order.same, []).append(order)
        return groups

    def _times_accepted(self, same: tuple[str, str]) -> int:
        kind, text = same
        mine = [each for each in self.gateway.accepted if each.username == "demo" and fold(each.text) == text]
        if kind == "group":
            return len({each.queue for each in mine})
        return sum(number_key(each.number) == kind for each in mine)

    @staticmethod
    def _is_taken(message: Message) -> bool:
        return message.status in TAKEN or (message.status == "scheduled" and message.queue is not None)

    def _check_gateway_rows(self, outbox: list[Message], epoch: int) -> None:
        shown = Counter(m.gateway_id for m in outbox if m.epoch == epoch and m.gateway_id is not None)
        current = {m.gateway_id: m for m in outbox if m.epoch == epoch}
        for row in self.gateway.outgoing_rows():
            if self.last_look and row.time >= self.last_look - 1:
                continue  # what has a lower ID and comes late is seen at the next sweep
            assert shown[row.smslog_id] == 1, f"{row} is in the store {shown[row.smslog_id]} times"
            message = current[row.smslog_id]
            assert number_key(message.number) == number_key(row.number), (message, row)
            assert could_be_same(message.text, row.text), (message, row)
            if self.clock() - row.time < 3000 and row.status in REPORTED:
                assert message.status == REPORTED[row.status], (message, row)

    def _check_orders(self, rows: dict[int, Message], epoch: int) -> None:
        claimed = {m.gateway_id for m in rows.values() if m.epoch == epoch and m.intent_id is not None}
        visible = {row.smslog_id: row for row in self.gateway.outgoing_rows()}
        for order in self.orders:
            if order.taken_back:
                continue
            message = rows[order.row_id]
            assert message.status not in ("queued", "sending"), f"{message} is stuck"
            intent = self.store.journal.of_message(order.row_id)
            if message.status != "unknown" or order.kind == "user" or intent is None:
                continue
            for each in self.gateway.accepted[self.history_began :]:
                row = visible.get(each.smslog_id or 0)
                began = intent.started_at or 0.0
                if row is None or each.smslog_id in claimed or not could_be_same(order.text, row.text):
                    continue
                if order.kind == "number" and number_key(row.number) != number_key(order.number):
                    continue
                if intent.epoch == epoch and row.smslog_id <= intent.floor_id and intent.floor_id not in visible:
                    continue  # no row has told yet that the IDs restarted: it looks like an older one of another client
                late = row.time - began > 170 and not intent.gateway_schedule
                if began <= each.time <= began + 70 and not late:
                    raise AssertionError(f"{message} was accepted as {row} and was not found")

    def _check_inbox(self) -> None:
        account = self.gateway.main_account
        truth = {"inbox": list(account.inbox.rows), "incoming": [r for r in self.gateway.incoming.rows if r.keyword]}
        for source, expected in truth.items():
            epoch = self.store.facts.epoch(source)  # type: ignore[arg-type]
            shown = Counter(m.gateway_id for m in self.inbox() if m.source == source and m.epoch == epoch)
            missing = [row for row in expected if shown[row.id] != 1]
            assert not missing, f"{source}: not exactly once in the store: {missing}"

    def _check_nothing_twice(self, outbox: list[Message]) -> None:
        others = Counter(m.text for m in outbox if m.text.startswith(OTHER))
        arrived = Counter(m.text for m in self.inbox() if m.text.startswith("arrival"))
        twice = [text for text, times in (others + arrived).items() if times > 1]
        assert not twice, f"in the store more than once: {twice}"


def recount(outbox: list[Message], inbox: list[Message]) -> Counts:
    """The totals as a person would count them."""
    status = Counter(message.status for message in outbox)
    return Counts(
        inbox=sum(not m.archived for m in inbox),
        unread=sum(not m.read and not m.archived for m in inbox),
        outbox=sum(not m.archived for m in outbox),
        drafts=status["draft"],
        held=status["held"],
        pending=sum(status[each] for each in MOVING),
        unknown=status["unknown"],
        failed=status["failed"] + status["refused"],
    )
