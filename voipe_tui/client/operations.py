"""The operations of the protocol, and what their failure means.

Whether an operation changes something decides how a lost answer is read: a listing is simply asked for again, a ``pv``
is not (trap 8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from voipe_tui.errors import InputError


@dataclass(frozen=True, slots=True)
class Operation:
    """One ``op``.

    ``doing`` and ``done`` are the words for it in error messages ("send the message", "the message was accepted").
    ``documented``: the provider lists it (protocol.md), so an empty answer is a fault and not a missing operation.
    ``look`` says how a person finds out what became of it when the answer was lost, ``silence`` what an answer without
    a word usually means (trap 7).
    """

    name: str
    doing: str
    done: str = ""
    changes: bool = False
    listing: bool = False
    documented: bool = False
    look: str = ""
    silence: str = ""


_LOOK_ACCOUNT = "Look at the account in the gateway's web interface before you repeat it."
_LOOK_CREDIT = "Look at the balance in half a minute (the gateway works it out later) before you repeat it."

SEND = Operation(
    "pv",
    "send the message",
    "the message was accepted",
    changes=True,
    documented=True,
    look="Look for it in the outbox before you send it again.",
    silence="Gateways answer like this when the credit is used up, when the number is on the stop list, and when the "
    "group or the user does not exist.",
)
OUTGOING = Operation("ds", "list outgoing messages", listing=True, documented=True)
INCOMING = Operation("in", "list incoming messages", listing=True, documented=True)
INBOX = Operation("ix", "list the inbox", listing=True)
UNHANDLED = Operation("sx", "list unhandled incoming messages", listing=True)
CREDIT = Operation("cr", "tell the credit", documented=True)
QUERY = Operation("query", "tell the state of the account")
CONTACTS = Operation("get_contact", "search the contacts", listing=True)
CONTACT_GROUPS = Operation("get_contact_group", "search the contact groups", listing=True)
GET_TOKEN = Operation("get_token", "tell the account's token", documented=True)
SET_TOKEN = Operation(
    "set_token",
    "make a new token",
    "the token was replaced",
    changes=True,
    documented=True,
    look="If the token that you have no longer works, fetch the new one with the password.",
)
INJECT = Operation(
    "inject", "take in the message", "the message was taken in", changes=True, look="Look at the inbox first."
)
STOPLIST = Operation(
    "stoplist",
    "put the number on the stop list",
    "the number was put on the stop list",
    changes=True,
    look="Repeating it does no harm: a number that is there already answers ERR 627.",
)
ACCOUNT_ADD = Operation("accountadd", "add the account", "the account was added", changes=True, look=_LOOK_ACCOUNT)
ACCOUNT_REMOVE = Operation(
    "accountremove", "remove the account", "the account was removed", changes=True, look=_LOOK_ACCOUNT
)
ACCOUNT_BAN = Operation("accountban", "ban the account", "the account was banned", changes=True, look=_LOOK_ACCOUNT)
ACCOUNT_UNBAN = Operation("accountunban", "lift the ban", "the ban was lifted", changes=True, look=_LOOK_ACCOUNT)
ACCOUNT_PREFERENCES = Operation(
    "accountpref", "change the account's preferences", "they were changed", changes=True, look=_LOOK_ACCOUNT
)
ACCOUNT_CONFIGURATION = Operation(
    "accountconf", "change the account's configuration", "it was changed", changes=True, look=_LOOK_ACCOUNT
)
PARENT_SET = Operation("parentset", "set the parent account", "it was set", changes=True, look=_LOOK_ACCOUNT)
PARENT_GET = Operation("parentget", "tell the parent account")
CREDIT_VIEW = Operation("creditview", "tell the account's credit", documented=True)
CREDIT_ADD = Operation("creditadd", "add the credit", "the credit was added", changes=True, look=_LOOK_CREDIT)
CREDIT_DEDUCT = Operation(
    "creditdeduct", "deduct the credit", "the credit was deducted", changes=True, look=_LOOK_CREDIT
)
LOGIN_KEY_SET = Operation(
    "loginkeyset",
    "make a login key",
    "a login key was made",
    changes=True,
    look="Ask for another one: a new key replaces the one before.",
)


@dataclass(frozen=True, slots=True)
class Call:
    """One operation with its parameters, without the credentials. Parameters hold message texts and passwords, so they
    stay out of the repr and with it out of crash reports."""

    operation: Operation
    parameters: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, operation: Operation, **parameters: object) -> Call:
        """Leaves out what is ``None`` and writes the rest as the classic door wants it: everything is a string.

        A trailing underscore keeps Python's own words usable (``from_``). Raises ``InputError`` for half a surrogate
        pair, which no encoding can carry.
        """
        named = {}
        for name, value in parameters.items():
            if value is None or value is False:
                continue
            text = "1" if value is True else str(value)
            if not text.isascii():
                _require_encodable(name.rstrip("_"), text)
            named[name.rstrip("_")] = text
        return cls(operation, named)


def _require_encodable(name: str, text: str) -> None:
    broken = next((place for place, char in enumerate(text, 1) if "\ud800" <= char <= "\udfff"), None)
    if broken is not None:
        raise InputError(
            f"Character {broken} of “{name}” is half of a character (a lone surrogate) and cannot be sent. "
            "Nothing was sent.",
            hint="Delete that character and type or paste it again.",
        )
