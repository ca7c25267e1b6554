"""What a gateway is made of: accounts with their phone book, the rows of its lists, and how fast and where it works."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from voipe_tui.sandbox.incoming import IncomingTable
from voipe_tui.sandbox.outgoing import OutgoingTable

ADMINISTRATOR = 2
USER = 3
SUBUSER = 4

PENDING, SENT, FAILED, DELIVERED = range(4)
"""The ``status`` of a row in ``ds``."""

FATES_BY_ENDING = {"404": FAILED, "408": SENT, "400": PENDING}
"""Numbers to test a client with: one that ends so always ends so. Every other number follows ``Pace.failures``."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds, each drawn between two bounds, and how many messages fail (0 to 1)."""

    queue: tuple[float, float] = (1.0, 3.0)
    carrier: tuple[float, float] = (0.5, 2.0)
    report: tuple[float, float] = (1.0, 4.0)
    incoming: tuple[float, float] = (0.5, 2.0)
    credit: tuple[float, float] = (5.0, 30.0)
    failures: float = 0.0


@dataclass(frozen=True, slots=True)
class Zones:
    """Seconds to add to UTC for the date-times of each list; one server's lists can disagree (trap 22).

    The defaults are those of all three recordings: seven hours behind UTC, ``ix`` seven more. ``schedule`` is the zone
    in which a schedule is read.
    """

    outgoing: int = -7 * 3600
    incoming: int = -7 * 3600
    inbox: int = -14 * 3600
    schedule: int = 0


@dataclass(slots=True)
class Contact:
    """A line of an account's phone book."""

    pid: int
    name: str
    number: str
    email: str = ""
    tags: str = ""


@dataclass(slots=True)
class ContactGroup:
    """A group: a message to ``#CODE`` goes to each of its numbers."""

    gpid: int
    name: str
    code: str
    numbers: list[str] = field(default_factory=list)
    flag_sender: int = 0


@dataclass(slots=True)
class Account:
    """One user of the gateway. Fields that a recorder changes in the database may be changed here by a test."""

    uid: int
    username: str
    password: str = field(repr=False)
    status: int = USER
    name: str = ""
    email: str = ""
    mobile: str = ""
    token: str = field(default="", repr=False)
    webservices_enabled: bool = True
    allowed_addresses: str = "*.*.*.*"
    banned: bool = False
    credit: Decimal = Decimal(0)
    rate: Decimal = Decimal(0)
    sender: str = ""
    senders: list[str] = field(default_factory=list)
    footer: str = ""
    keywords: list[str] = field(default_factory=list)
    parent: str = ""
    login_key: str = field(default="", repr=False)
    contacts: list[Contact] = field(default_factory=list)
    groups: list[ContactGroup] = field(default_factory=list)
    outgoing: OutgoingTable = field(default_factory=OutgoingTable, repr=False)
    last_incoming_id: int = 0
    inbox: IncomingTable = field(default_factory=IncomingTable, repr=False)


@dataclass(slots=True)
class Destination:
    """One number of a queued message, with the ID that it got when it was queued."""

    smslog_id: int
    number: str


@dataclass(slots=True)
class QueuedMessage:
    """One queue code: a text on its way to one number, or to the numbers of a group or list."""

    code: str
    username: str
    sender: str
    text: str
    footer: str
    unicode: bool
    destinations: list[Destination]
    processed: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The truth about one message that the gateway took: what a client must neither lose nor double.

    ``number`` is as the gateway rewrote it (``@name`` for a user, then without an ID), ``text`` as it was sent.
    """

    time: float
    username: str
    number: str
    text: str
    smslog_id: int | None
    queue: str


@dataclass(frozen=True, slots=True)
class OutgoingTruth:
    """One row of the outgoing table as it stands, with its time in epoch seconds."""

    smslog_id: int
    username: str
    source: str
    number: str
    text: str
    time: int
    status: int
