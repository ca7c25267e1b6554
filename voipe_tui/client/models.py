"""What a gateway says, as plain values: one frozen class per shape of answer.

This module knows neither HTTP nor JSON, so that every other layer may import it for nothing. Texts are as the gateway
gave them: unsafe for a terminal until ``voipe_tui.text.untrusted`` has seen them, and possibly different from what was
sent (trap 12). Date-times are the gateway's own strings without a zone (trap 22). Credit is ``Decimal``, never a float
(trap 2). ``timestamp`` is the server's clock in epoch seconds, ``None`` where an answer carries none (trap 3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar

Transport: TypeAlias = Literal["json", "form"]
"""``json``: JSON objects to ``api.php`` (Voipe's front). ``form``: form POST to ``index.php?app=ws`` (playSMS)."""

PENDING, SENT, FAILED, DELIVERED = 0, 1, 2, 3
"""``OutgoingRow.status``. Other numbers may come and are shown as they are."""

STATUS_NOT_SAID = -1
"""``OutgoingRow.status`` of a row whose status is missing or is not a number."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One account at one gateway: all that a client needs to talk to it.

    ``url`` is the full address of the door (``…/api.php``, ``…/index.php?app=ws``) or the folder that holds it
    (``…/playsms/``). ``ca_file`` names a PEM file with a private CA; verification cannot be switched off.
    ``allow_plain_http`` lifts the rule that ``http://`` is for loopback alone.
    """

    url: str
    transport: Transport
    username: str
    token: str = field(default="", repr=False)
    ca_file: str = ""
    allow_plain_http: bool = False


@dataclass(frozen=True, slots=True)
class SendEntry:
    """What became of one recipient of ``pv``.

    ``smslog_id`` is ``None`` for an ``@user`` (trap 13) and for an entry that failed. ``to`` is the number as the
    server rewrote it, not as it was sent. ``queue`` may be there although the entry failed (trap 7).
    """

    ok: bool
    error: int
    smslog_id: int | None
    queue: str
    to: str


@dataclass(frozen=True, slots=True)
class SendReply:
    """The answer to ``pv``: the message is queued where an entry is ``ok``, not yet sent (trap 9)."""

    entries: tuple[SendEntry, ...]
    timestamp: int | None = None

    @property
    def accepted(self) -> tuple[SendEntry, ...]:
        return tuple(entry for entry in self.entries if entry.ok)

    @property
    def queue(self) -> str:
        """The queue code of the first accepted entry; a group's entries share it (``pv.to_group``)."""
        return next((entry.queue for entry in self.entries if entry.ok and entry.queue), "")


class OutgoingRow(NamedTuple):
    """One row of ``ds``. ``status``: 0 pending, 1 sent to the carrier, 2 failed, 3 delivered, else as it came."""

    smslog_id: int
    src: str
    dst: str
    msg: str
    dt: str
    update: str
    status: int


@dataclass(frozen=True, slots=True)
class IncomingRow:
    """One row of ``in`` (with ``kwd`` and ``status``), ``ix`` or ``sx`` (without). Each list numbers its own rows."""

    id: int
    src: str
    dst: str
    kwd: str
    msg: str
    dt: str
    status: int | None


RowT = TypeVar("RowT", covariant=True)


@dataclass(frozen=True, slots=True)
class Listing(Generic[RowT]):
    """A page of rows in the gateway's order (by time, not by ID: trap 15).

    ``code`` is ``None`` when rows came, else why none did: 400 and 501 nothing there, 401 still in the queue, 402 left
    the queue without a row. ``skipped`` counts rows that could not be read; they take nothing away from the others.
    """

    rows: tuple[RowT, ...] = ()
    timestamp: int | None = None
    code: int | None = None
    skipped: int = 0

    @property
    def still_queued(self) -> bool:
        return self.code == 401

    @property
    def left_queue(self) -> bool:
        return self.code == 402


@dataclass(frozen=True, slots=True)
class Account:
    """The account of ``query``. ``status``: 2 administrator, 3 user, 4 subuser. ``credit`` ``None``: not said."""

    username: str
    uid: int | None
    status: int | None
    name: str
    email: str
    mobile: str
    credit: Decimal | None


@dataclass(frozen=True, slots=True)
class LastIds:
    """The newest ID of each list, 0 where the list is empty: ``ix``, ``in`` and ``ds``."""

    inbox: int
    incoming: int
    outgoing: int


@dataclass(frozen=True, slots=True)
class AccountState:
    """The answer to ``query`` (trap 24). ``last_ids`` is ``None`` when the gateway did not name all three:
    a made-up 0 would look like a history that began anew (trap 25)."""

    account: Account
    last_ids: LastIds | None
    timestamp: int | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """Money or messages left, as the gateway counts: the answer to ``cr`` and ``creditview``."""

    amount: Decimal
    timestamp: int | None = None


@dataclass(frozen=True, slots=True)
class CreditChange:
    """The answer to ``creditadd`` and ``creditdeduct``.

    ``balance_before`` is the balance from before the change, ``None`` where there was none; a daemon works out the new
    one up to 30 s later (trap 28).
    """

    amount: Decimal | None
    balance_before: Decimal | None
    timestamp: int | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """One row of ``get_contact``."""

    pid: int
    name: str
    number: str
    email: str
    tags: str


@dataclass(frozen=True, slots=True)
class ContactGroup:
    """One row of ``get_contact_group``; ``#code`` is what ``pv`` takes as a recipient.

    ``flag_sender`` (who may write to the group) is ``None`` where the gateway names none.
    """

    gpid: int
    name: str
    code: str
    flag_sender: int | None


@dataclass(frozen=True, slots=True)
class TokenReply:
    """The answer to ``get_token`` and ``set_token``. After ``set_token`` the old token is dead (trap 26)."""

    token: str = field(repr=False)
    timestamp: int | None = None


@dataclass(frozen=True, slots=True)
class LoginKey:
    """The answer to ``loginkeyset``: a key that opens the web interface once (trap 27)."""

    key: str = field(repr=False)
    timestamp: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The gateway did it. ``info`` is its own sentence, often empty, e.g. "Preferences have been saved"."""

    info: str = ""
    timestamp: int | None = None


@dataclass(frozen=True, slots=True)
class Parent:
    """The answer to ``parentget``: the account above. ``uid`` is ``None`` where the gateway names none."""

    username: str
    uid: int | None = None
    timestamp: int | None = None


Verdict: TypeAlias = Literal["ok", "token_differs", "password", "no_token", "disabled", "address"]
"""Why a token is refused.

``ok``: it should work. ``token_differs``: the account has another token by now. ``password``: the user name or the
password is wrong, or the account is banned (100). ``no_token`` (104). ``disabled`` (105). ``address`` (106).
"""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What ``get_token`` tells about an ERR 100 (trap 29). ``token`` is the account's token where it was handed out."""

    verdict: Verdict
    code: int | None
    sentence: str
    hint: str
    token: str = field(default="", repr=False)
