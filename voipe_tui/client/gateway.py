"""``GatewayClient``: one account at one gateway, one typed method for every operation of the protocol.

This module holds the operations of an ordinary account; ``admin`` holds an administrator's.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Generator, Iterable
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from voipe_tui import __version__
from voipe_tui.client import operations as op
from voipe_tui.client import shapes
from voipe_tui.client.address import login_link, resolve
from voipe_tui.client.admin import AdminOperations
from voipe_tui.client.decode import Reply, read_in_pieces, read_reply
from voipe_tui.client.exchange import Answer, Progress, Timeouts, Wire, WireFailure, payload_of
from voipe_tui.client.models import (
    AccountState,
    Contact,
    ContactGroup,
    Credit,
    Diagnosis,
    Endpoint,
    IncomingRow,
    Listing,
    OutgoingRow,
    SendReply,
    TokenReply,
    Verdict,
)
from voipe_tui.client.operations import Call
from voipe_tui.client.outcome import Words, from_failure, judge, shaped
from voipe_tui.errors import AuthenticationError, InputError

if TYPE_CHECKING:
    from voipe_tui.client.embedded import AsgiApp

T = TypeVar("T")

USER_AGENT = f"voipe-tui/{__version__}"

_LARGE_BYTES = 65_536

_log = logging.getLogger("voipe_tui.client")
_SCHEDULE = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
_SEPARATORS = re.compile(r"[,;\r\n]")


class GatewayClient(AdminOperations):
    """The gateway as Python methods; every one may raise the errors below and nothing else that a person causes.

    ``AuthenticationError`` the gateway does not let the account in (never retried here: trap 30). ``RefusedError`` it
    answered no: nothing was done. ``UnsupportedError`` it does not know the operation. ``UnreachableError`` no answer,
    and of a changing operation not a byte had left. ``OutcomeUnknownError`` a changing operation may or may not have
    been carried out. ``MalformedReplyError`` a reading operation got no answer of a gateway; ``http_status`` names the
    HTTP status. ``InputError`` the arguments cannot be sent. No error, log record or repr holds the token.

    ``asgi_app`` talks to an ASGI application in this process instead of the network. ``proven`` names operations that
    this gateway is known to have: their empty answer is then a fault and not a missing operation.
    Raises ``ConfigError`` for an address that cannot or must not be used.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        asgi_app: AsgiApp | None = None,
        timeouts: Timeouts | None = None,
        proven: Iterable[str] = (),
    ) -> None:
        self._endpoint = endpoint
        self._address = resolve(endpoint)
        self._timeouts = timeouts or Timeouts()
        self._asgi_app = asgi_app
        self._proven = set(proven)
        self._wire: Wire | None = None
        self._opening = asyncio.Lock()
        self._closed = False
        self.pause: Callable[[], float] = lambda: 0.0
        """Seconds between two pieces of work on a large answer: more where someone is at the keys meanwhile."""

    def __repr__(self) -> str:
        return f"GatewayClient({self._address.url!r}, username={self._endpoint.username!r})"

    @property
    def host(self) -> str:
        """The gateway's host name, as errors name it."""
        return self._address.host

    @property
    def url(self) -> str:
        """The door that requests go to; without secrets."""
        return self._address.url

    @property
    def proven(self) -> frozenset[str]:
        """Operations that have answered so far, e.g. ``query``: worth remembering for the next client."""
        return frozenset(self._proven)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections; the client cannot be used any more."""
        self._closed = True
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.aclose()

    # ---- sending

    async def send(
        self,
        to: str,
        text: str,
        *,
        sender: str | None = None,
        flash: bool = False,
        unicode: bool | None = None,
        schedule: str | None = None,
        footer: str | None = None,
        nofooter: bool = False,
    ) -> SendReply:
        """``pv``: hands one message for one recipient to the gateway's queue.

        ``to`` is a number, ``@user`` or ``#GROUP``; a list is refused, since gateways fuse or lose its numbers
        (trap 6). ``unicode`` ``None`` sets the flag for a text beyond ASCII (trap 14). ``schedule`` is a time of the
        gateway's own clock as ``YYYY-MM-DD hh:mm:ss`` (a malformed one would be accepted and never sent: trap 9).

        An entry that failed is returned with ``ok`` false, not raised. Sent once: after ``OutcomeUnknownError`` the
        message may be on its way.
        """
        if _SEPARATORS.search(to):
            raise InputError(
                "A message goes to one recipient at a time. Nothing was sent.", hint="Send it once for each."
            )
        if schedule is not None:
            _require_schedule(schedule)
        call = Call.of(
            op.SEND,
            to=to,
            msg=text,
            from_=sender or None,
            type="flash" if flash else None,
            unicode=not text.isascii() if unicode is None else unicode,
            schedule=schedule,
            footer=footer or None,
            nofooter=nofooter,
        )
        return await self._ask(call, shapes.send_reply)

    # ---- lists

    async def outgoing(
        self,
        *,
        queue: str | None = None,
        src: str | None = None,
        dst: str | None = None,
        dt: str | None = None,
        smslog_id: int | None = None,
        count: int | None = None,
        last: int | None = None,
    ) -> Listing[OutgoingRow]:
        """``ds``: what was sent, with delivery status, newest first.

        ``count`` (100 if not given: trap 18) rows at most, and the newest ones: rows between ``last`` and those are
        not in the answer (trap 15). ``dt`` is a part of a date-time such as ``2026-03-05 10`` (trap 16). ``src`` and
        ``dst`` match loosely, filter again (trap 19). One ``smslog_id`` or one ``queue`` at a time (trap 20). A page
        that is too large raises ``MalformedReplyError`` with ``http_status`` 500 (trap 17).
        """
        _require_filter("queue", queue)
        _require_filter("smslog_id", smslog_id)
        call = Call.of(op.OUTGOING, queue=queue, src=src, dst=dst, dt=dt, smslog_id=smslog_id, c=count, last=last)
        return await self._ask(call, shapes.listing_of(shapes.outgoing_row))

    async def incoming(
        self,
        *,
        keyword: str | None = None,
        src: str | None = None,
        dst: str | None = None,
        dt: str | None = None,
        count: int | None = None,
        last: int | None = None,
    ) -> Listing[IncomingRow]:
        """``in``: incoming messages that matched a keyword of the account, with ``kwd`` and ``status`` (trap 21)."""
        call = Call.of(op.INCOMING, kwd=keyword, src=src, dst=dst, dt=dt, c=count, last=last)
        return await self._ask(call, shapes.listing_of(shapes.incoming_row))

    async def inbox(
        self,
        *,
        src: str | None = None,
        dst: str | None = None,
        dt: str | None = None,
        count: int | None = None,
        last: int | None = None,
    ) -> Listing[IncomingRow]:
        """``ix``: what people wrote to the account. Its IDs are not those of ``incoming`` (trap 21)."""
        call = Call.of(op.INBOX, src=src, dst=dst, dt=dt, c=count, last=last)
        return await self._ask(call, shapes.listing_of(shapes.incoming_row))

    async def unhandled(
        self,
        *,
        src: str | None = None,
        dst: str | None = None,
        dt: str | None = None,
        count: int | None = None,
        last: int | None = None,
    ) -> Listing[IncomingRow]:
        """``sx``: incoming messages that nobody was there for; an administrator's list, empty for others."""
        call = Call.of(op.UNHANDLED, src=src, dst=dst, dt=dt, c=count, last=last)
        return await self._ask(call, shapes.listing_of(shapes.incoming_row))

    async def contacts(self, keyword: str, count: int | None = None) -> Listing[Contact]:
        """``get_contact``: contacts with ``keyword`` in name, number or e-mail; an empty one finds none (trap 4)."""
        return await self._ask(Call.of(op.CONTACTS, kwd=keyword, c=count), shapes.listing_of(shapes.contact))

    async def contact_groups(self, keyword: str, count: int | None = None) -> Listing[ContactGroup]:
        """``get_contact_group``: groups with ``keyword`` in name or code; an empty one finds none (trap 4)."""
        call = Call.of(op.CONTACT_GROUPS, kwd=keyword, c=count)
        return await self._ask(call, shapes.listing_of(shapes.contact_group))

    # ---- the account

    async def credit(self) -> Credit:
        """``cr``: what is left, in the gateway's own unit."""
        return await self._ask(Call.of(op.CREDIT), shapes.credit)

    async def query(self) -> AccountState:
        """``query``: account, credit and the newest ID of each list in one cheap call (trap 24)."""
        return await self._ask(Call.of(op.QUERY), shapes.account_state)

    async def get_token(self, password: str) -> TokenReply:
        """``get_token``: the account's token for its password. Raises ``AuthenticationError`` with code 100 (password),
        104 (no token), 105 (web services off) or 106 (address not allowed)."""
        call = Call.of(op.GET_TOKEN, p=password)
        del password  # a crash report may show the variables of this frame
        return await self._ask(call, shapes.token)

    async def set_token(self) -> TokenReply:
        """``set_token``: a new token; the old one is dead at once (trap 26), for this client too: store the new one
        durably first, then make a new client. ``OutcomeUnknownError``: the token may have changed."""
        return await self._ask(Call.of(op.SET_TOKEN), shapes.token)

    async def diagnose(self, password: str) -> Diagnosis:
        """Why the gateway answers ERR 100 to everything: the one operation that tells the causes apart (trap 29).

        One request; a wrong password counts as a failed login at the gateway (trap 30). Other errors are raised.
        """
        call = Call.of(op.GET_TOKEN, p=password)
        del password
        verdicts: dict[int | None, Verdict] = {100: "password", 104: "no_token", 105: "disabled", 106: "address"}
        try:
            reply = await self._ask(call, shapes.token)
        except AuthenticationError as error:
            return Diagnosis(verdicts.get(error.code, "password"), error.code, error.message, error.hint)
        if reply.token == self._endpoint.token:
            sentence = "User name, password and token are right, and the account may use them from here."
            return Diagnosis("ok", None, sentence, "", reply.token)
        sentence = "User name and password are right, but the account has another token."
        return Diagnosis(
            "token_differs", None, sentence, "Put the account's present token into the profile.", reply.token
        )

    def login_link(self, login_key: str) -> str:
        """``ws_login``: the link that opens the web interface in a browser, once; made here, nothing is requested.

        It lets anybody in who has it. The gateway redirects alike whether it worked or not (trap 27).
        """
        return login_link(self._address, self._endpoint.username, login_key)

    # ---- one request

    async def _ask(self, call: Call, shape: Callable[[Reply], T]) -> T:
        operation = call.operation
        words = Words([self._endpoint.token, call.parameters.get("p", ""), call.parameters.get("data_password", "")])
        answer = await self._exchange(call, words)
        proven = operation.documented or operation.name in self._proven
        large = operation.listing and len(answer.body) > _LARGE_BYTES
        read = (
            await _unhurried(read_in_pieces(answer.body, answer.content_type), self.pause) if large else _read(answer)
        )
        reply = judge(answer, read, operation, self.host, words, proven=proven)
        if large:
            a_piece = partial(shaped, shape=shape, operation=operation, host=self.host)
            value = await _unhurried(shapes.in_pieces(reply, a_piece), self.pause)
        else:
            value = shaped(reply, shape, operation, self.host)
        self._proven.add(operation.name)
        return value

    async def _exchange(self, call: Call, words: Words) -> Answer:
        operation, progress = call.operation, Progress()
        payload = payload_of(self._endpoint, call)
        failure: WireFailure | None = None
        try:
            async with asyncio.timeout(self._timeouts.total) as deadline:
                wire = await self._open()
                answer = await wire.post(payload, repeatable=not operation.changes, progress=progress)
        except WireFailure as error:
            failure = error
        except TimeoutError:
            if not deadline.expired():
                raise
            failure = WireFailure("deadline", left=progress.left)
        if failure is not None:
            _log.debug("%s: %s, request %s", operation.name, failure.trouble, "left" if failure.left else "not sent")
            raise from_failure(failure, operation, self.host, words)
        _log.debug("%s: HTTP %d, %d bytes", operation.name, answer.status, len(answer.body))
        return answer

    async def _open(self) -> Wire:
        if self._closed:
            raise RuntimeError("the client has been closed")
        if self._wire is None:
            async with self._opening:
                if self._wire is None:
                    self._wire = await self._new_wire()
        return self._wire

    async def _new_wire(self) -> Wire:
        if self._asgi_app is not None:
            from voipe_tui.client.embedded import EmbeddedWire

            return EmbeddedWire(self._asgi_app, self._address, USER_AGENT)
        return await asyncio.to_thread(self._open_http_wire)

    def _open_http_wire(self) -> Wire:
        # In a thread: importing httpx and reading the certificates takes longer than a key press may wait.
        from voipe_tui.client.http_wire import open_wire

        return open_wire(self._address, self._endpoint.ca_file, self._timeouts, USER_AGENT)


def _read(answer: Answer) -> Reply | None:
    return read_reply(answer.body, answer.content_type)


async def _unhurried(work: Generator[None, None, T], pause: Callable[[], float]) -> T:
    """Work on a large answer in pieces, so that the event loop has other turns in between."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            value: T = done.value
            return value
        await asyncio.sleep(pause())


def _require_schedule(schedule: str) -> None:
    try:
        if not _SCHEDULE.fullmatch(schedule):
            raise ValueError
        datetime.strptime(schedule, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        raise InputError(
            "The time to send at has to be a date and a time such as 2026-03-05 09:30:00. Nothing was sent.",
            hint="A gateway accepts anything else and then never sends the message.",
        ) from None


def _require_filter(name: str, value: str | int | None) -> None:
    """An empty filter is none to a gateway: it would answer with everybody's rows (``x.ds_after_credit_for_one``)."""
    if value is not None and not value:
        raise ValueError(f"{name} is empty; leave it out to list everything")
