"""The pure model of a playSMS server: what it holds, what happens in it as time goes by, and the truth about it.

Nothing here runs by itself: ``advance`` brings the model up to ``clock()``, and every request calls it first. With the
same seed, the same clock and the same requests the same things happen.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from voipe_tui.sandbox.history import HistoryText
from voipe_tui.sandbox.incoming import IncomingRow, IncomingTable
from voipe_tui.sandbox.model import (
    ADMINISTRATOR,
    DELIVERED,
    FAILED,
    FATES_BY_ENDING,
    PENDING,
    SENT,
    Accepted,
    Account,
    Destination,
    OutgoingTruth,
    Pace,
    QueuedMessage,
    Zones,
)
from voipe_tui.sandbox.texts import Version, billed_parts, shown_text, stored_text

RECEIVER = "1234"
"""The gateway's own number: the sender of accounts without one, and what people write to (recordings)."""

Delivered = Callable[[str, int, float], None]
"""Told of each delivered message: username, slot of the row, time."""


class Gateway:
    """Accounts, the queue, the lists, credit, tokens. Fields may be read, and set as an operator would by SQL."""

    def __init__(
        self,
        version: Version = "1.4.7",
        *,
        seed: int = 0,
        clock: Callable[[], float],
        pace: Pace | None = None,
        zones: Zones | None = None,
        queue_running: bool = True,
        page_limit: int = 50_000,
    ) -> None:
        self.version: Version = version
        self.seed = seed
        self.clock = clock
        self.pace = pace or Pace()
        self.zones = zones or Zones()
        self.page_limit = page_limit
        self.accounts: dict[str, Account] = {}
        self.incoming = IncomingTable()
        self.stoplist: set[str] = set()
        self.queue: dict[str, QueuedMessage] = {}
        self.accepted: list[Accepted] = []
        self.on_delivered: Delivered | None = None
        self.next_smslog_id = 1
        self.next_inbox_id = 1
        self.next_incoming_id = 1
        self.next_uid = 1
        self._codes = random.Random(f"{seed}:codes")  # noqa: S311 - made-up codes of a make-believe gateway
        self._events: list[tuple[float, int, int, Callable[[float], None]]] = []
        self._sequence = count()
        self._epoch = 0
        self._incoming_due = 0.0
        self._queue_running = queue_running
        self._held: list[Callable[[float], None]] = []

    # Time

    def now(self) -> float:
        """Epoch seconds by the injected clock."""
        return self.clock()

    def advance(self) -> None:
        """Lets everything happen that is due: queue runs, delivery reports, arrivals, the credit daemon."""
        now = self.now()
        while self._events and self._events[0][0] <= now:
            due, _, epoch, action = heapq.heappop(self._events)
            if epoch == self._epoch:
                action(due)

    def at(self, due: float, action: Callable[[float], None]) -> None:
        """Plans ``action(due)``; a reset of the database (``restart_ids``) forgets it."""
        heapq.heappush(self._events, (due, next(self._sequence), self._epoch, action))

    def at_daemon(self, due: float, action: Callable[[float], None]) -> None:
        """Plans the work of a daemon: held back for as long as the daemons do not run."""

        def when_running(moment: float) -> None:
            if self._queue_running:
                action(moment)
            else:
                self._held.append(action)

        self.at(due, when_running)

    @property
    def queue_running(self) -> bool:
        """Whether the server's daemons run (queue, incoming, credit). In the recordings of 1.4.7 and 1.4.8 none did."""
        return self._queue_running

    @queue_running.setter
    def queue_running(self, running: bool) -> None:
        self._queue_running = running
        if running:
            held, self._held = self._held, []
            for action in held:
                self.at_daemon(self.now(), action)

    def local_time(self, moment: float, offset: int) -> str:
        """A date-time as a list shows it; ``offset`` in seconds from ``zones``."""
        return _EPOCH_TEXT if not moment else (_EPOCH + timedelta(seconds=int(moment) + offset)).isoformat(" ")

    def random_for(self, *key: object) -> random.Random:
        """A source of chance for one thing alone, so that nothing depends on the order of what else happens."""
        return random.Random(":".join(map(str, (self.seed, *key))))  # noqa: S311

    def code(self, digits: int = 32) -> str:
        """A fresh code in lower-case hex digits: token, login key, queue code."""
        return f"{self._codes.getrandbits(digits * 4):0{digits}x}"

    def queue_code(self) -> str:
        """A queue code: 32 hex digits, 64 in 1.4.8 (``pv.ok``)."""
        return self.code(64 if self.version == "1.4.8" else 32)

    # Accounts

    def add_account(self, username: str, password: str, **fields: object) -> Account:
        """A new account with the next user ID; ``fields`` are those of ``Account``."""
        account = Account(uid=self.next_uid, username=username, password=password)
        for name, value in fields.items():
            setattr(account, name, value)
        self.next_uid += 1
        self.accounts[username] = account
        return account

    def account(self, username: str) -> Account:
        """The account of that name; KeyError if there is none."""
        return self.accounts[username]

    def find_account(self, name: str) -> Account | None:
        """By user name, or by e-mail address (``get_token.by_email``)."""
        if name in self.accounts:
            return self.accounts[name]
        if "@" in name:
            return next((account for account in self.accounts.values() if account.email == name), None)
        return None

    @property
    def main_account(self) -> Account:
        """The first account that is no administrator: whose messages tests mean when they name nobody."""
        for account in self.accounts.values():
            if account.status != ADMINISTRATOR:
                return account
        return next(iter(self.accounts.values()))

    # Sending

    def enqueue(
        self, account: Account, numbers: list[str], text: str, sent_text: str, *, sender: str, footer: str,
        unicode: bool, due: float | None,
    ) -> QueuedMessage:  # fmt: skip
        """Queues one text to some numbers and gives each its ID. ``due`` None: it never comes out (trap 9)."""
        message = QueuedMessage(self.queue_code(), account.username, sender, text, footer, unicode, [])
        for number in numbers:
            message.destinations.append(Destination(self.next_smslog_id, number))
            self._accept(account, number, sent_text, self.next_smslog_id, message.code)
            self.next_smslog_id += 1
        self.queue[message.code] = message
        if due is not None:
            delay = self.random_for("queue", message.code).uniform(*self.pace.queue)
            self.at_daemon(due + delay, lambda moment: self._process(message, moment))
        return message

    def deliver_to_user(self, account: Account, username: str, text: str, sent_text: str) -> str:
        """A message to another account's inbox, at once and without an ID (trap 13); gives its queue code."""
        code = self.queue_code()
        self._add_to_inbox(self.accounts[username], f"@{account.username}", "", text)
        self._accept(account, f"@{username}", sent_text, None, code)
        return code

    def _accept(self, account: Account, number: str, text: str, smslog_id: int | None, code: str) -> None:
        self.accepted.append(Accepted(self.now(), account.username, number, text, smslog_id, code))

    def _process(self, message: QueuedMessage, moment: float) -> None:
        """The queue daemon takes one queue code: rows appear in ``ds``, credit is charged, carriers take over."""
        account = self.accounts.get(message.username)
        message.processed = True
        if account is None:
            return
        for destination in message.destinations:
            charge = account.rate * billed_parts(message.text, message.footer, unicode=message.unicode)
            if charge > account.credit:
                continue  # 1.4.8 answers OK and drops the message here: no row, ds says 402
            account.credit -= charge
            slot = account.outgoing.add(
                destination.smslog_id, message.sender, destination.number, message.text, int(moment),
                queue=message.code,
            )  # fmt: skip
            self._plan_reports(account, slot, moment)

    def report_later(self, smslog_id: int, *, username: str = "") -> None:
        """Lets the delivery reports of a pending row come in as if it had just left the queue."""
        account = self.accounts[username] if username else self.main_account
        self._plan_reports(account, account.outgoing.slot_of(smslog_id), self.now())

    def _plan_reports(self, account: Account, slot: int, moment: float) -> None:
        number = account.outgoing.numbers[slot]
        chance = self.random_for("fate", account.outgoing.ids[slot])
        fate = FATES_BY_ENDING.get(number[-3:])
        if fate is None:
            fate = FAILED if chance.random() < self.pace.failures else DELIVERED
        sent = moment + chance.uniform(*self.pace.carrier)
        if fate != PENDING:
            self.at(sent, lambda due: account.outgoing.set_status(slot, SENT, int(due)))
        if fate in (FAILED, DELIVERED):
            self.at(sent + chance.uniform(*self.pace.report), lambda due: self._report(account, slot, fate, due))

    def _report(self, account: Account, slot: int, fate: int, moment: float) -> None:
        account.outgoing.set_status(slot, fate, int(moment))
        if fate == DELIVERED and self.on_delivered is not None:
            self.on_delivered(account.username, slot, moment)

    def set_status(self, smslog_id: int, status: int, *, username: str = "") -> None:
        """Sets the delivery status of a row, as a late report (or a recorder's SQL) would; ``update`` stays."""
        rows = (self.accounts[username] if username else self.main_account).outgoing
        rows.statuses[rows.slot_of(smslog_id)] = status

    # Receiving

    def inject(self, source: str, text: str, receiver: str) -> None:
        """An SMS comes in from outside; the incoming daemon sorts it a moment later by its first word."""
        now = self.now()
        delay = self.random_for("incoming", now, next(self._sequence)).uniform(*self.pace.incoming)
        row_time = int(now)
        text = stored_text(text, self.version)

        def sort_in(_: float) -> None:
            word, _space, rest = text.partition(" ")
            owner = next((a for a in self.accounts.values() if word.upper() in a.keywords), None)
            keyword, body = (word.upper(), rest) if owner else ("", text)
            self._add_to_incoming(owner, source, receiver, body, keyword, row_time)

        self._incoming_due = max(self._incoming_due, now + delay)  # sorted in the order of their arrival
        self.at_daemon(self._incoming_due, sort_in)

    def arrive(
        self, src: str, text: str, keyword: str | None = None, *, username: str = "", at: float | None = None
    ) -> int:
        """A message for an account, at once: to ``in`` under that keyword, without one to ``ix``. Gives its ID."""
        account = self.accounts[username] if username else self.main_account
        text = stored_text(text, self.version)
        receiver = account.sender if account.sender.isdecimal() else RECEIVER
        if keyword is None:
            return self._add_to_inbox(account, src, receiver, text, at)
        return self._add_to_incoming(account, src, receiver, text, keyword.upper(), int(at or self.now()))

    def _add_to_inbox(self, account: Account, source: str, receiver: str, text: str, at: float | None = None) -> int:
        time = int(self.now() if at is None else at)
        row = IncomingRow(self.next_inbox_id, source, receiver, text, time)
        row.username = account.username
        self.next_inbox_id += 1
        account.inbox.add(row)
        return row.id

    def _add_to_incoming(
        self, owner: Account | None, source: str, receiver: str, text: str, keyword: str, time: int
    ) -> int:
        row = IncomingRow(self.next_incoming_id, source, receiver, text, time, keyword)
        if owner is not None:
            row.username, owner.last_incoming_id = owner.username, row.id
        self.next_incoming_id += 1
        self.incoming.add(row)
        return row.id

    # Credit

    def change_credit(self, account: Account, amount: Decimal) -> None:
        """``creditadd`` and ``creditdeduct``: a daemon works it out up to 30 s later (trap 28)."""
        now = self.now()
        delay = self.random_for("credit", account.username, now, amount).uniform(*self.pace.credit)

        def work_out(_: float) -> None:
            account.credit += amount

        self.at_daemon(now + delay, work_out)

    def drain_credit(self) -> None:
        """Leaves no account any credit."""
        for account in self.accounts.values():
            account.credit = Decimal(0)

    # For tests

    def outgoing_rows(self, username: str = "") -> list[OutgoingTruth]:
        """The outgoing table as it stands (call ``advance`` first for what is due), oldest first."""
        account = self.accounts[username] if username else self.main_account
        rows = account.outgoing
        return [
            OutgoingTruth(
                rows.ids[slot], account.username, rows.sources[slot], rows.numbers[slot], shown_text(rows.texts[slot]),
                rows.times[slot], rows.statuses[slot],
            )
            for slot in range(len(rows))
        ]  # fmt: skip

    def add_outgoing(
        self, number: str, text: str, at: float, status: int, *, sender: str = "", username: str = ""
    ) -> int:
        """A message of the past that the queue has processed and that ended in ``status``. Gives its ID."""
        account = self.accounts[username] if username else self.main_account
        smslog_id, self.next_smslog_id = self.next_smslog_id, self.next_smslog_id + 1
        stored = stored_text(text, self.version)
        slot = account.outgoing.add(smslog_id, sender or account.sender or RECEIVER, number, stored, int(at))
        if status != PENDING:
            account.outgoing.set_status(slot, status, int(at) + 4)
        return smslog_id

    def add_outgoing_history(self, number_of_rows: int, *, username: str = "", days: float = 365.0) -> None:
        """Made-up finished messages of the last ``days``, after whatever is there already. A million in seconds."""
        account = self.accounts[username] if username else self.main_account
        rows, texts = account.outgoing, HistoryText(self.seed)
        now = int(self.now())
        start = max(now - int(days * 86400), rows.times[-1] if len(rows) else 0)
        sender = account.sender or RECEIVER
        for index in range(number_of_rows):
            number, text, status = texts.row(index)
            time = start + (now - start) * index // number_of_rows
            rows.set_status(rows.add(self.next_smslog_id, sender, number, text, time), status, time + 4)
            self.next_smslog_id += 1

    def add_inbox_history(self, number_of_rows: int, *, username: str = "", days: float = 365.0) -> None:
        """Made-up messages in the account's inbox (``ix``) over the last ``days``."""
        account = self.accounts[username] if username else self.main_account
        texts, now = HistoryText(self.seed + 1), int(self.now())
        start = max(now - int(days * 86400), account.inbox.rows[-1].time if len(account.inbox) else 0)
        for index in range(number_of_rows):
            number, text, _ = texts.row(index)
            self._add_to_inbox(account, number, RECEIVER, text, start + (now - start) * index // number_of_rows)

    def restart_ids(self) -> None:
        """The server's database is reset: every list is empty, all IDs begin at 1 again, accounts stay (trap 25)."""
        self._epoch += 1
        self._held.clear()
        self.queue.clear()
        self.incoming.clear()
        for account in self.accounts.values():
            account.outgoing.clear()
            account.inbox.clear()
            account.last_incoming_id = 0
        self.next_smslog_id = self.next_inbox_id = self.next_incoming_id = 1


_EPOCH = datetime(1970, 1, 1)  # gateway date-times carry no zone
_EPOCH_TEXT = "0000-00-00 00:00:00"
