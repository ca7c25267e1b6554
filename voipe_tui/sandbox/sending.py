"""``pv``: who gets a message, and what the gateway answers. The traps 6 to 14 live here."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from voipe_tui.sandbox.answers import CRASH, Answer, Call, err, is_true
from voipe_tui.sandbox.gateway import RECEIVER, Gateway
from voipe_tui.sandbox.model import Account, ContactGroup, Destination
from voipe_tui.sandbox.php import Value
from voipe_tui.sandbox.texts import ACCOUNT_CHARACTERS, billed_parts, cut_text, stored_text

_NUMBER_LENGTHS = {"1.4.3": 20, "1.4.7": 20, "1.4.8": 15}
_NOT_IN_NUMBERS = re.compile(r"[^0-9+]")
_NOT_IN_SENDERS = re.compile(r"[^\w +\-]")
_SCHEDULE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?)?\Z")

Entry = dict[str, Value]


class _Order:
    """One ``pv`` call: the text and how it is to be sent, apart from whom it goes to."""

    def __init__(self, call: Call, account: Account) -> None:
        self.gateway, self.account = call.gateway, account
        self.sent_text = call.params.get("msg", "")
        self.unicode = is_true(call.text("unicode"))
        self.footer = "" if is_true(call.text("nofooter")) else (call.text("footer")[:30] or account.footer)
        self.sender = _sender(account, call.text("from"))
        self.due = _due(call.gateway, call.text("schedule"))
        limit = ACCOUNT_CHARACTERS - (len(account.footer.encode()) + 1 if account.footer else 0)
        self.whole_text = stored_text(call.text("msg"), call.gateway.version)
        self.text = cut_text(self.whole_text, limit)

    def affordable(self, destinations: int) -> bool:
        """Whether the credit covers that many numbers."""
        charge = self.account.rate * billed_parts(self.text, self.footer, unicode=self.unicode) * destinations
        return self.account.credit - charge >= 0

    def enqueue(self, numbers: list[str]) -> tuple[str, list[Destination]]:
        """Queues the text; gives the queue code and the destinations with their IDs."""
        message = self.gateway.enqueue(
            self.account, numbers, self.text, self.sent_text,
            sender=self.sender, footer=self.footer, unicode=self.unicode, due=self.due,
        )  # fmt: skip
        return message.code, message.destinations

    def accepted_entry(self, code: str, destination: Destination) -> Entry:
        """One OK entry; IDs are strings in 1.4.3 (trap 2)."""
        number = destination.smslog_id
        shown: Value = str(number) if self.gateway.version == "1.4.3" else number
        return {"status": "OK", "error": "0", "smslog_id": shown, "queue": code, "to": destination.number}

    def user_entry(self, username: str) -> Entry:
        """Delivers to another account and gives its entry, without an ID (``pv.to_user``)."""
        code = self.gateway.deliver_to_user(self.account, username, self.whole_text, self.sent_text)
        return {"status": "OK", "error": "0", "smslog_id": None, "queue": code, "to": f"@{username}"}

    def valid_number(self, typed: str) -> str:
        """The digits of what was given, cut: letters vanish, everything else fuses (trap 6)."""
        return _NOT_IN_NUMBERS.sub("", typed)[: _NUMBER_LENGTHS[self.gateway.version]]


def send(call: Call, account: Account) -> Answer:
    """``pv`` of an authenticated account."""
    to, message = call.text("to"), call.text("msg")
    if not (is_true(to) and is_true(message)):
        return err(201)
    order = _Order(call, account)
    return _send_to_list(order, to) if call.gateway.version == "1.4.3" else _send_to_one(order, to)


def _send_to_list(order: _Order, to: str) -> Answer:
    """1.4.3: the list is split; what cannot be used vanishes, and only sometimes leaves an ERR entry."""
    typed: list[str] = []
    usernames: list[str] = []
    for item in (item.strip() for item in to.split(",")):
        if item.startswith("#"):
            typed += _group_numbers(order.account, item[1:])
        elif item.startswith("@"):
            if item[1:] != order.account.username:
                usernames.append(item[1:])
        else:
            typed.append(item)
    entries: list[Entry] = []
    if typed and typed[0]:  # an empty first item stops the numbers (``y.pv_list_empty_first``)
        entries += _send_to_numbers(order, typed)
    entries += [order.user_entry(name) for name in usernames if name in order.gateway.accounts]
    return Answer({"data": entries} if entries else {})


def _send_to_numbers(order: _Order, typed: list[str]) -> list[Entry]:
    valid = [number for number in map(order.valid_number, typed) if number]
    # Duplicates leave holes, and as many places are looked at as different numbers there are: A,A,B,C reaches A and B
    # only, and A,A,B only A (``y.pv_list_AABC``, ``x.pv_list_double``).
    first_places = {number: valid.index(number) for number in valid}
    at_place = {place: number for number, place in first_places.items()}
    reached = [at_place[place] for place in range(len(at_place)) if place in at_place]
    if not order.affordable(len(at_place)):
        return [_refused_entry()]
    allowed = [number for number in reached if number not in order.gateway.stoplist]
    code, destinations = order.enqueue(allowed)
    if not allowed:
        order.gateway.queue[code].processed = True  # ``y.ds_queue_402``
        return [_refused_entry(code)]
    waiting = iter(destinations)
    return [order.accepted_entry(code, next(waiting)) if number in allowed else _refused_entry() for number in reached]


def _refused_entry(code: str = "") -> Entry:
    return {"status": "ERR", "error": "200", "smslog_id": "", "queue": code, "to": ""}


def _send_to_one(order: _Order, to: str) -> Answer:
    """1.4.7 and 1.4.8: one recipient; a comma list fuses into one number, what cannot be used kills PHP (trap 7)."""
    gateway = order.gateway
    if to.startswith("@"):
        known = to[1:] in gateway.accounts and to[1:] != order.account.username
        return Answer({"data": [order.user_entry(to[1:])]}) if known else CRASH
    typed = _group_numbers(order.account, to[1:]) if to.startswith("#") else [to]
    numbers = [number for number in dict.fromkeys(map(order.valid_number, typed)) if number]
    allowed = [number for number in numbers if number not in gateway.stoplist]
    if not allowed or (gateway.version == "1.4.7" and not order.affordable(len(allowed))):
        return CRASH
    code, destinations = order.enqueue(allowed)
    return Answer({"data": [order.accepted_entry(code, destination) for destination in destinations]})


def _group_numbers(account: Account, code: str) -> list[str]:
    group: ContactGroup | None = next((g for g in account.groups if g.code.casefold() == code.casefold()), None)
    return list(group.numbers) if group else []


def _sender(account: Account, asked: str) -> str:
    """The sender ID used: an unknown one is silently replaced (trap 10)."""
    asked = _NOT_IN_SENDERS.sub("", asked)[:16]
    return asked if asked and asked in account.senders else account.sender or RECEIVER


def _due(gateway: Gateway, schedule: str) -> float | None:
    """When a message leaves the queue: now without a schedule, None (never) with one that cannot be read (trap 9).

    1.4.3 reads ``tomorrow`` as the next local midnight of the server (trap 33).
    """
    now = gateway.now()
    if not schedule:
        return now
    zone = timezone(timedelta(seconds=gateway.zones.schedule))
    if schedule == "tomorrow" and gateway.version == "1.4.3":
        local = datetime.fromtimestamp(now, zone) + timedelta(days=1)
        return local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    found = _SCHEDULE.match(schedule)
    if found is None:
        return None
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return max(now, datetime(year, month, day, hour, minute, second, tzinfo=zone).timestamp())
    except ValueError:
        return None
