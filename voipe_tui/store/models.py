"""What the store hands out: frozen rows, the views that select them and the words that describe a change.

Nothing here touches SQL; screens, commands and sync share these shapes.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from voipe_tui.text.filter_tree import Filter

Direction = Literal["out", "in"]
Source = Literal["outgoing", "incoming", "inbox"]
Key = tuple[float, int]
"""A place in a list: (sort_at, id). Lists run from the newest to the oldest."""


class Message(NamedTuple):
    """One row of the outbox or the inbox, as it stands in the store.

    Times are UTC epoch seconds. ``created_at`` is None where the gateway's zone is not known yet; ``gateway_time`` is
    then all there is ("YYYY-MM-DD hh:mm:ss", no zone: trap 22). ``sort_at`` is always there: the best guess.
    ``text`` is what the user wrote or what came in; ``sent_text`` is what the gateway made of it, where that differs
    (traps 11 and 12). ``note`` says in a sentence why the row is in its state. ``woken_at``: when a snooze ended last.
    """

    id: int
    direction: Direction
    source: Source
    epoch: int
    gateway_id: int | None
    queue: str | None
    number: str
    key: str
    name: str | None
    sender: str | None
    text: str
    sent_text: str | None
    encoding: str
    parts: int
    status: str | None
    status_at: float | None
    created_at: float | None
    gateway_time: str | None
    sort_at: float
    batch: str | None
    read: bool
    archived: bool
    starred: bool
    labels: tuple[str, ...]
    note: str | None
    intent_id: int | None
    snoozed_until: float | None = None
    woken_at: float | None = None

    @property
    def position(self) -> Key:
        return (self.sort_at, self.id)

    @property
    def is_woken(self) -> bool:
        """It was snoozed and stands where it woke up, not where its own time would put it."""
        return self.woken_at is not None and self.woken_at == self.sort_at


class View(NamedTuple):
    """Which messages a list shows. Empty means everything that is not archived or deleted.

    ``newest_id`` and ``without`` fix what is meant at a moment: no rows that came later, and not these. ``filter`` is
    what a person typed (:mod:`voipe_tui.text.filters`); one that speaks of the archive looks there too.
    """

    direction: Direction | None = None
    statuses: frozenset[str] = frozenset()
    number_key: str | None = None
    since: float | None = None
    until: float | None = None
    search: str | None = None
    unread: bool = False
    starred: bool = False
    batch: str | None = None
    include_archived: bool = False
    newest_id: int | None = None
    without: frozenset[int] = frozenset()
    filter: "Filter | None" = None


class Walk(NamedTuple):
    """What was found, newest first. ``reached``: how far was looked where neither the page is full nor the list at its
    end; go on from there. None: nothing was left out."""

    messages: list[Message]
    reached: Key | None = None


class Counts(NamedTuple):
    """Totals kept by the database itself, never counted row by row.

    ``pending`` is everything outgoing that is still on its way, which what waits in a paused batch is not.
    """

    inbox: int = 0
    unread: int = 0
    outbox: int = 0
    drafts: int = 0
    held: int = 0
    pending: int = 0
    unknown: int = 0
    failed: int = 0


def batch_name(bulk_id: int) -> str:
    """What the rows of a batch have in ``batch``."""
    return f"bulk-{bulk_id}"


TO_BE_SENT = "To be sent "
"""How the note of a message begins that waits here for its time."""


class NewMessage(NamedTuple):
    """One recipient's worth of an order to send; it becomes an intent in the journal.

    ``schedule_at`` (epoch seconds): this program waits and then sends. ``gateway_schedule`` ("YYYY-MM-DD hh:mm:ss",
    the gateway's time): it is handed over at once and the gateway waits; it can be neither listed nor cancelled
    there (trap 9). ``when`` says the time of ``schedule_at`` as the person reads it.
    """

    number: str
    text: str
    kind: Literal["number", "user", "group"] = "number"
    sender: str | None = None
    flash: bool = False
    footer: str | None = None
    nofooter: bool = False
    schedule_at: float | None = None
    gateway_schedule: str | None = None
    when: str = ""


class Intent(NamedTuple):
    """A line of the send journal: what is to leave, and how far it got.

    ``floor_id`` is the highest outgoing ID known when the request was about to leave: whatever the gateway shows at
    or below it cannot be this message.
    """

    id: int
    message_id: int
    state: str
    kind: str
    number: str
    text: str
    sender: str | None
    flash: bool
    footer: str | None
    nofooter: bool
    gateway_schedule: str | None
    batch: str | None
    bulk: int | None
    created_at: float
    not_before: float
    attempts: int
    owner: int | None
    lease_until: float | None
    started_at: float | None
    floor_id: int
    epoch: int
    code: int | None
    note: str | None


class JournalEvent(NamedTuple):
    """One step in the life of an intent, for people who ask what happened."""

    at: float
    before: str
    event: str
    after: str
    actor: str
    note: str | None


class Acceptance(NamedTuple):
    """What a gateway said about one recipient of a request: the ID it gave (None for @user, trap 13), the queue
    code, and the number as the gateway rewrote it."""

    gateway_id: int | None
    queue: str
    number: str


class OutgoingRecord(NamedTuple):
    """A row of ``ds`` on its way into the store. ``status_code``: 0 pending, 1 sent, 2 failed, 3 delivered."""

    gateway_id: int
    sender: str
    number: str
    text: str
    gateway_time: str
    created_at: float | None
    sort_at: float
    updated_at: float | None
    status_code: int


class IncomingRecord(NamedTuple):
    """A row of ``in`` (source ``incoming``) or ``ix`` (source ``inbox``) on its way into the store."""

    source: Literal["incoming", "inbox"]
    gateway_id: int
    number: str
    receiver: str
    keyword: str
    text: str
    gateway_time: str
    created_at: float | None
    sort_at: float


class Waiting(NamedTuple):
    """An outgoing row whose delivery report is still to come; ``gateway_time`` is None until a list has shown it."""

    row_id: int
    status: str
    gateway_id: int | None
    queue: str | None
    gateway_time: str | None
    sort_at: float
    intent_id: int | None


class Draft(NamedTuple):
    """Something written and not sent. ``to_text`` is what was typed, valid or not.

    ``at_gateway``: the scheduled time is handed to the gateway, which waits; else this program waits and sends.
    """

    id: int
    to_text: str
    text: str
    sender: str | None = None
    flash: bool = False
    schedule_text: str = ""
    updated_at: float = 0.0
    nofooter: bool = False
    at_gateway: bool = False


class AccountInfo(NamedTuple):
    """What the gateway last said about the account; empty until it said something."""

    credit: Decimal | None = None
    credit_at: float | None = None
    username: str = ""
    name: str = ""
    email: str = ""
    mobile: str = ""
    status: int | None = None
    capabilities: Mapping[str, bool] = MappingProxyType({})


class Changed(NamedTuple):
    """Told to listeners after a commit: which rows to read again.

    ``everything`` asks for a fresh look at the whole window (another program wrote, or too much to name). ``woken``
    are snoozed messages whose time has come, for those who want to say so; they are among the others too.
    """

    ids: frozenset[int] = frozenset()
    inserted: frozenset[int] = frozenset()
    removed: frozenset[int] = frozenset()
    account: bool = False
    everything: bool = False
    woken: frozenset[int] = frozenset()


def row_as_json(message: Message, profile: str, iso: Any) -> dict[str, object]:
    """The JSON of a message row: the keys and their order are a promise to scripts.

    ``iso`` turns epoch seconds into ISO 8601 with an offset (None stays None).
    """
    return {
        "id": message.id,
        "profile": profile,
        "direction": message.direction,
        "source": message.source,
        "gateway_id": message.gateway_id,
        "queue": message.queue,
        "number": message.number,
        "name": message.name,
        "sender": message.sender,
        "text": message.text,
        "sent_text": message.sent_text,
        "encoding": message.encoding,
        "parts": message.parts,
        "status": message.status,
        "status_at": iso(message.status_at),
        "created_at": iso(message.created_at),
        "batch": message.batch,
        "read": message.read,
        "archived": message.archived,
        "starred": message.starred,
        "labels": list(message.labels),
    }
