"""The operations of an account: who may call them, and the small ones (credit, query, token, contacts, stop list)."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase

from voipe_tui.sandbox import administration, listing, sending
from voipe_tui.sandbox.answers import NOTHING, Answer, Call, Operation, err, is_true, ok
from voipe_tui.sandbox.gateway import Gateway
from voipe_tui.sandbox.model import ADMINISTRATOR, Account
from voipe_tui.sandbox.php import Value, leading_integer

AccountOperation = Callable[[Call, Account], Answer]


def authenticate(call: Call) -> Account | None:
    """The account of ``u`` and ``h``, or None: wrong token, not enabled, banned, forbidden address alike (trap 29)."""
    account = call.gateway.find_account(call.text("u"))
    token = call.text("h")
    if account is None or not token or account.token != token or not account.webservices_enabled or account.banned:
        return None
    return account if _address_allowed(call.gateway, account, call.address) else None


def _address_allowed(gateway: Gateway, account: Account, address: str) -> bool:
    """1.4.3 takes a bare address without a mask for everybody (``get_token.ip_refused``)."""
    for network in (part.strip() for part in account.allowed_addresses.split(",")):
        if fnmatchcase(address, network) or (gateway.version == "1.4.3" and re.fullmatch(r"[\d.]+", network)):
            return True
    return False


def credit(call: Call, account: Account) -> Answer:
    """``cr``: a number, or the string "0" where there is nothing (trap 2)."""
    return ok(credit=_credit_value(account))


def _credit_value(account: Account) -> Value:
    return account.credit if account.credit else "0"


def query(call: Call, account: Account) -> Answer:
    """``query``: account data, credit and the last ID of each list in one call (trap 24)."""
    user: dict[str, Value] = {
        "username": account.username,
        "uid": account.uid,
        "status": account.status,
        "name": account.name,
        "email": account.email,
        "mobile": account.mobile,
        "credit": _credit_value(account),
    }
    last_id: dict[str, Value] = {
        "user_inbox": account.inbox.last_id,
        "user_incoming": account.last_incoming_id,
        "user_outgoing": account.outgoing.last_id,
    }
    return ok(data={"user": user, "last_id": last_id})


def get_token(call: Call) -> Answer:
    """``get_token``: by password, also with the e-mail address as user name; tells 104, 105 and 106 apart (trap 29)."""
    account = call.gateway.find_account(call.text("u"))
    if account is None or not call.text("p") or account.password != call.text("p") or account.banned:
        return err(100)
    if not _address_allowed(call.gateway, account, call.address):
        return err(106)
    if not account.token:
        return err(104)
    return ok(token=account.token) if account.webservices_enabled else err(105)


def set_token(call: Call, account: Account) -> Answer:
    """``set_token``: the old token is dead in the same moment (trap 26)."""
    account.token = call.gateway.code()
    return ok(token=account.token)


def get_contact(call: Call, account: Account) -> Answer:
    """``get_contact``: by a part of name, number or address; an empty keyword finds nothing (trap 4)."""
    strings = call.gateway.version == "1.4.3"
    found: list[dict[str, Value]] = [
        {
            "pid": str(contact.pid) if strings else contact.pid,
            "p_desc": contact.name,
            "p_num": contact.number,
            "email": contact.email,
            "tags": contact.tags,
        }
        for contact in account.contacts
        if _matches(call, contact.name, contact.number, contact.email)
    ]
    return ok(data=_first(call, found))


def get_contact_group(call: Call, account: Account) -> Answer:
    """``get_contact_group``: by a part of name or code, like ``get_contact``."""
    strings = call.gateway.version == "1.4.3"
    found: list[dict[str, Value]] = [
        {
            "gpid": str(group.gpid) if strings else group.gpid,
            "group_name": group.name,
            "code": group.code,
            "flag_sender": str(group.flag_sender) if strings else group.flag_sender,
        }
        for group in account.groups
        if _matches(call, group.name, group.code)
    ]
    return ok(data=_first(call, found))


def _matches(call: Call, *values: str) -> bool:
    keyword = call.text("kwd").casefold()
    return is_true(keyword) and any(keyword in value.casefold() for value in values)


def _first(call: Call, found: list[dict[str, Value]]) -> Value:
    limit = leading_integer(call.text("c"))
    return (found[:limit] if limit > 0 else found) or None


def stop_number(call: Call, account: Account) -> Answer:
    """``stoplist``: any valid token may call it; a number that is there already is ERR 627 (trap 32)."""
    number = call.text("from")
    if not number or number in call.gateway.stoplist:
        return err(627)
    call.gateway.stoplist.add(number)
    return ok()


def ws_login(call: Call) -> Answer:
    """``ws_login``: a redirect whatever the outcome; a login key works once (trap 27)."""
    account = call.gateway.find_account(call.text("u"))
    if account is not None:
        account.login_key = ""
    return Answer(None, 302, "index.php")


def _by_account(operation: AccountOperation) -> Operation:
    def run(call: Call) -> Answer:
        account = authenticate(call)
        return err(100) if account is None else operation(call, account)

    return run


def _by_administrator(operation: Operation) -> Operation:
    def run(call: Call) -> Answer:
        account = authenticate(call)
        return operation(call) if account is not None and account.status == ADMINISTRATOR else err(600)

    return run


OPERATIONS: dict[str, Operation] = {
    "pv": _by_account(sending.send),
    "ds": _by_account(listing.list_outgoing),
    "in": _by_account(listing.list_incoming),
    "ix": _by_account(listing.list_inbox),
    "sx": _by_account(listing.list_unhandled),
    "cr": _by_account(credit),
    "query": _by_account(query),
    "get_contact": _by_account(get_contact),
    "get_contact_group": _by_account(get_contact_group),
    "set_token": _by_account(set_token),
    "stoplist": _by_account(stop_number),
    "get_token": get_token,
    "ws_login": ws_login,
    **{name: _by_administrator(operation) for name, operation in administration.OPERATIONS.items()},
}
"""Every operation by its name. Names are looked up without regard to case, as playSMS does."""


def perform(call: Call) -> Answer:
    """Carries one request out. No ``op`` answers with neither ``data`` nor ``status``, an unknown one with nothing."""
    name = call.text("op").lower()
    if not name:
        return Answer({})
    operation = OPERATIONS.get(name)
    return NOTHING if operation is None else operation(call)
