"""From a reply to the values of ``models``: one function per shape, each raising ``ShapeError`` for what is not it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from itertools import chain
from operator import itemgetter
from typing import Any, TypeVar

from voipe_tui.client.decode import Reply
from voipe_tui.client.fields import (
    LARGEST,
    ShapeError,
    code_of,
    integer,
    money,
    required_integer,
    shown,
    status_of,
    string,
)
from voipe_tui.client.models import (
    STATUS_NOT_SAID,
    Account,
    AccountState,
    Contact,
    ContactGroup,
    Credit,
    CreditChange,
    Done,
    IncomingRow,
    LastIds,
    Listing,
    LoginKey,
    OutgoingRow,
    Parent,
    SendEntry,
    SendReply,
    TokenReply,
)

T = TypeVar("T")

_ROWS_AT_ONCE = 256  # a millisecond


def send_reply(reply: Reply) -> SendReply:
    """``pv``. Entries that cannot be read are left out only beside one that was accepted: otherwise it is not certain
    that nothing was sent."""
    entries, broken = [], 0
    for row in _rows(reply.get("data")):
        try:
            entries.append(_send_entry(row))
        except ShapeError:
            broken += 1
    if not entries or (broken and not any(entry.ok for entry in entries)):
        raise ShapeError("what became of the message")
    return SendReply(tuple(entries), timestamp(reply))


def _send_entry(row: Any) -> SendEntry:
    if not isinstance(row, dict):
        raise ShapeError("an entry is not an object")
    status = status_of(row)
    if status not in ("OK", "ERR"):
        raise ShapeError("an entry has no status")
    return SendEntry(
        ok=status == "OK",
        error=integer(row.get("error")) or 0,
        smslog_id=integer(row.get("smslog_id")) or None,
        queue=string(row.get("queue")),
        to=string(row.get("to")),
    )


def listing_of(row_shape: Callable[[Reply], T]) -> Callable[[Reply], Listing[T]]:
    """A listing of such rows; one that cannot be read is counted and does not lose the others."""

    def listing(reply: Reply) -> Listing[T]:
        if status_of(reply) == "ERR":
            return Listing((), timestamp(reply), code=code_of(reply))
        if "data" not in reply:  # null is nothing found (trap 4); without it this answers another question
            raise ShapeError("the rows")
        rows, skipped = [], 0
        for row in _rows(reply.get("data")):
            try:
                rows.append(row_shape(row))
            except (ShapeError, AttributeError):
                skipped += 1
        return Listing(tuple(rows), timestamp(reply), skipped=skipped)

    return listing


def in_pieces(reply: Reply, shape: Callable[[Reply], T]) -> Generator[None, None, T]:
    """The value of a reply, yielding after every so many rows of a listing."""
    data = reply.get("data")
    if not isinstance(data, list) or len(data) <= _ROWS_AT_ONCE:
        return shape(reply)
    parts: list[Any] = []
    for start in range(0, len(data), _ROWS_AT_ONCE):
        parts.append(shape({**reply, "data": data[start : start + _ROWS_AT_ONCE]}))
        yield
    rows = tuple(chain.from_iterable(part.rows for part in parts))
    whole: T = replace(parts[0], rows=rows, skipped=sum(part.skipped for part in parts))
    return whole


_OUTGOING = itemgetter(*OutgoingRow._fields)
_AS_WRITTEN = (int, str, str, str, str, str, int)


def outgoing_row(row: Reply) -> OutgoingRow:
    try:
        values = _OUTGOING(row)
        if tuple(map(type, values)) == _AS_WRITTEN and 0 < values[0] <= LARGEST:
            return OutgoingRow._make(values)  # nearly all; a list may have a hundred thousand
    except (KeyError, TypeError):
        pass
    get = row.get
    status = integer(get("status"))
    return OutgoingRow(
        required_integer(row, "smslog_id"),
        shown(get("src")),
        shown(get("dst")),
        shown(get("msg")),
        shown(get("dt")),
        shown(get("update")),
        STATUS_NOT_SAID if status is None else status,
    )


def incoming_row(row: Reply) -> IncomingRow:
    return IncomingRow(
        id=required_integer(row, "id"),
        src=shown(row.get("src")),
        dst=shown(row.get("dst")),
        kwd=shown(row.get("kwd")),
        msg=shown(row.get("msg")),
        dt=shown(row.get("dt")),
        status=integer(row.get("status")),
    )


def contact(row: Reply) -> Contact:
    return Contact(
        pid=required_integer(row, "pid"),
        name=string(row.get("p_desc")),
        number=string(row.get("p_num")),
        email=string(row.get("email")),
        tags=string(row.get("tags")),
    )


def contact_group(row: Reply) -> ContactGroup:
    return ContactGroup(
        gpid=required_integer(row, "gpid"),
        name=string(row.get("group_name")),
        code=string(row.get("code")),
        flag_sender=integer(row.get("flag_sender")),
    )


def credit(reply: Reply) -> Credit:
    """``cr`` says ``credit``, ``creditview`` says ``balance``."""
    amount = money(reply.get("credit"))
    if amount is None:
        amount = money(reply.get("balance"))
    if amount is None:
        raise ShapeError("the credit")
    return Credit(amount, timestamp(reply))


def credit_change(reply: Reply) -> CreditChange:
    _require_ok(reply)
    return CreditChange(money(reply.get("amount")), money(reply.get("balance")), timestamp(reply))


def account_state(reply: Reply) -> AccountState:
    data = reply.get("data")
    user = data.get("user") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(user, dict):
        raise ShapeError("the account")
    account = Account(
        username=string(user.get("username")),
        uid=integer(user.get("uid")),
        status=integer(user.get("status")),
        name=string(user.get("name")),
        email=string(user.get("email")),
        mobile=string(user.get("mobile")),
        credit=money(user.get("credit")),
    )
    return AccountState(account, _last_ids(data.get("last_id")), timestamp(reply))


def _last_ids(value: Any) -> LastIds | None:
    if not isinstance(value, dict):
        return None
    inbox, incoming, outgoing = (integer(value.get(name)) for name in ("user_inbox", "user_incoming", "user_outgoing"))
    if inbox is None or incoming is None or outgoing is None:
        return None
    return LastIds(inbox, incoming, outgoing)


def token(reply: Reply) -> TokenReply:
    value = string(reply.get("token"))
    if not value:
        raise ShapeError("the token")
    return TokenReply(value, timestamp(reply))


def login_key(reply: Reply) -> LoginKey:
    value = string(reply.get("login_key"))
    if not value:
        raise ShapeError("the login key")
    return LoginKey(value, timestamp(reply))


def parent(reply: Reply) -> Parent:
    """playSMS answers ``parent`` (the user name) and ``parent_uid``; no server was recorded saying so."""
    username, uid = string(reply.get("parent")), integer(reply.get("parent_uid"))
    if not username and uid is None:
        raise ShapeError("the parent")
    return Parent(username, uid, timestamp(reply))


def done(reply: Reply) -> Done:
    _require_ok(reply)
    return Done(string(reply.get("info")), timestamp(reply))


def timestamp(reply: Reply) -> int | None:
    return integer(reply.get("timestamp"))


def _require_ok(reply: Reply) -> None:
    if status_of(reply) != "OK":
        raise ShapeError("a yes")


def _rows(data: Any) -> Iterable[Any]:
    """Rows are a list; PHP writes a list with gaps as an object with numbers for keys; a lone row may stand bare."""
    if data is None:
        return ()
    if isinstance(data, list):
        return data
    if isinstance(data, dict):
        return data.values() if all(key.isdecimal() for key in data) else (data,)
    raise ShapeError("the rows")
