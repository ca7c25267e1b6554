"""``ds``, ``in``, ``ix`` and ``sx``: which rows a listing gives back, and in which order (traps 15 to 22)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

from voipe_tui.sandbox.answers import CRASH, Answer, Call, err, is_true
from voipe_tui.sandbox.gateway import Gateway
from voipe_tui.sandbox.incoming import IncomingRow, IncomingTable
from voipe_tui.sandbox.model import ADMINISTRATOR, Account
from voipe_tui.sandbox.outgoing import NO_SLOT, OutgoingTable
from voipe_tui.sandbox.php import Value, leading_integer
from voipe_tui.sandbox.texts import shown_text

ROWS_WITHOUT_C = 100
_RARE_ENDING = 5  # digits: from here on few enough numbers end so to collect them all

_EPOCH = datetime(1970, 1, 1)  # gateway date-times carry no zone
_BEGINS_WITH_YEAR = re.compile(r"\d{3}(\d(-.*)?)?\Z")  # or a decade: nothing but a year has three digits


def list_outgoing(call: Call, account: Account) -> Answer:
    """``ds``: the account's outgoing rows, newest first; 400, 401 or 402 where there are none."""
    limit = _limit(call)
    rows = account.outgoing
    slots = list(islice(_outgoing_slots(call, rows, limit), limit)) if limit else []
    if len(slots) > call.gateway.page_limit:
        return CRASH
    if not slots:
        return err(_code_of_nothing(call))
    return Answer({"data": _outgoing_data(call.gateway, rows, slots)})


def _code_of_nothing(call: Call) -> int:
    message = call.gateway.queue.get(call.text("queue"))
    if message is None:
        return 400
    return 402 if message.processed else 401


def _outgoing_slots(call: Call, rows: OutgoingTable, limit: int) -> Iterable[int]:
    """The slots that match, newest first, by the cheapest way to them."""
    keep = _outgoing_filter(call, rows)
    wanted, queue, moment = call.text("smslog_id"), call.text("queue"), call.text("dt")
    if is_true(wanted):
        slot = rows.slot_of(leading_integer(wanted))
        return [slot] if slot != NO_SLOT and (keep is None or keep(slot)) else []
    if is_true(queue):
        return _kept(keep, rows.slots_of_queue(queue))
    if moment and _BEGINS_WITH_YEAR.match(moment):
        offset = call.gateway.zones.outgoing
        places = rows.positions_with_prefix(moment, lambda time: _shown_time(time + offset))
        return _kept(keep, rows.newest(*places))
    last = call.text("last")
    if is_true(last):
        return rows.above(leading_integer(last), limit, keep)
    ending = _number_ending(call.text("dst"))
    if len(ending) >= _RARE_ENDING:
        return _kept(keep, rows.slots_ending(ending))
    return _kept(keep, rows.newest())


def _kept(keep: Callable[[int], bool] | None, slots: Iterable[int]) -> Iterable[int]:
    return slots if keep is None else filter(keep, slots)


def _outgoing_filter(call: Call, rows: OutgoingTable) -> Callable[[int], bool] | None:
    """All conditions at once, also those that the way to the rows has met already; None without any."""
    tests: list[Callable[[int], bool]] = []
    source, number, last = call.text("src"), call.text("dst"), call.text("last")
    moment, wanted, queue = call.text("dt"), call.text("smslog_id"), call.text("queue")
    if is_true(source):
        tests.append(lambda slot: rows.sources[slot].casefold() == source.casefold())
    if is_true(number):
        ending = _number_ending(number)
        tests.append(lambda slot: rows.numbers[slot].endswith(ending))
    if is_true(last):
        above = leading_integer(last)
        tests.append(lambda slot: rows.ids[slot] > above)
    if moment:
        offset = call.gateway.zones.outgoing
        tests.append(lambda slot: moment in _shown_time(rows.times[slot] + offset))
    if is_true(wanted) and is_true(queue):
        tests.append(lambda slot: slot in rows.slots_of_queue(queue))
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda slot: all(test(slot) for test in tests)


def _outgoing_data(gateway: Gateway, rows: OutgoingTable, slots: list[int]) -> list[dict[str, Value]]:
    offset, strings = gateway.zones.outgoing, gateway.version == "1.4.3"
    ids, times, updates = rows.ids, rows.times, rows.updates
    return [
        {
            "smslog_id": str(ids[slot]) if strings else ids[slot],
            "src": rows.sources[slot],
            "dst": rows.numbers[slot],
            "msg": shown_text(rows.texts[slot]),
            "dt": _shown_time(times[slot] + offset),
            "update": _shown_time(updates[slot] + offset) if updates[slot] else "0000-00-00 00:00:00",
            "status": str(rows.statuses[slot]) if strings else rows.statuses[slot],
        }
        for slot in slots
    ]


def list_incoming(call: Call, account: Account) -> Answer:
    """``in``: what matched a keyword of the account (trap 21)."""
    keyword = call.text("kwd")

    def mine(row: IncomingRow) -> bool:
        if row.username != account.username or not row.keyword:
            return False
        return not is_true(keyword) or row.keyword.casefold() == keyword.casefold()

    return _list_received(call, call.gateway.incoming, mine, call.gateway.zones.incoming, with_keyword=True)


def list_inbox(call: Call, account: Account) -> Answer:
    """``ix``: what people and other accounts wrote to this one."""
    return _list_received(call, account.inbox, lambda row: True, call.gateway.zones.inbox)


def list_unhandled(call: Call, account: Account) -> Answer:
    """``sx``: what nobody's keyword matched; for administrators, others get ERR 501 (``sx.not_admin``)."""
    if account.status != ADMINISTRATOR:
        return err(501)
    return _list_received(call, call.gateway.incoming, lambda row: not row.keyword, call.gateway.zones.incoming)


def _list_received(
    call: Call, table: IncomingTable, mine: Callable[[IncomingRow], bool], offset: int, *, with_keyword: bool = False
) -> Answer:
    limit = _limit(call)
    rows = list(islice(filter(mine, _received_rows(call, table, offset)), limit)) if limit else []
    if len(rows) > call.gateway.page_limit:
        return CRASH
    if not rows:
        return err(501)
    strings = call.gateway.version == "1.4.3"
    return Answer({"data": [_received_data(row, offset, strings, with_keyword) for row in rows]})


def _received_rows(call: Call, table: IncomingTable, offset: int) -> Iterator[IncomingRow]:
    source, receiver, moment = call.text("src"), call.text("dst"), call.text("dt")
    above = leading_integer(call.text("last")) if is_true(call.text("last")) else 0
    if above >= table.last_id:
        return
    ending = _number_ending(source) if is_true(source) else ""
    for row in table.newest():
        if row.id <= above or not row.source.endswith(ending):
            continue
        if is_true(receiver) and row.receiver.casefold() != receiver.casefold():
            continue
        if moment and moment not in _shown_time(row.time + offset):
            continue
        yield row


def _received_data(row: IncomingRow, offset: int, strings: bool, with_keyword: bool) -> dict[str, Value]:
    shown: dict[str, Value] = {"id": str(row.id) if strings else row.id, "src": row.source, "dst": row.receiver}
    if with_keyword:
        shown["kwd"] = row.keyword
    shown["msg"] = shown_text(row.text)
    shown["dt"] = _shown_time(row.time + offset)
    if with_keyword:
        shown["status"] = "1" if strings else 1
    return shown


def _limit(call: Call) -> int:
    """``c``, 100 without it (trap 18); a ``c`` that is no number breaks the query, so nothing is found."""
    asked = call.text("c")
    return max(0, leading_integer(asked)) if is_true(asked) else ROWS_WITHOUT_C


def _number_ending(number: str) -> str:
    """What the filters compare: without a leading 0 or else the first three characters (trap 19)."""
    return number[1:] if number.startswith("0") else number[3:]


@lru_cache(maxsize=65536)
def _shown_time(local: int) -> str:
    return (_EPOCH + timedelta(seconds=local)).isoformat(" ")
