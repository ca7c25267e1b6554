"""One request and its answer, whatever carries them: what the client asks of a wire.

A wire (``http_wire.HttpWire``, ``embedded.EmbeddedWire``) either returns an ``Answer`` or raises a ``WireFailure`` that
says how far the request had come. What that means for the operation is decided in ``outcome``, not here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Literal, Protocol, TypeAlias
from urllib.parse import urlencode

from voipe_tui.client.models import Endpoint
from voipe_tui.client.operations import GET_TOKEN, Call

MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""An answer beyond this is not read to its end. 100,000 rows are about 19 MB (trap 17)."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for each phase of a request, and for all of it. ``read`` is the longest silence of the server."""

    connect: float = 10.0
    write: float = 15.0
    read: float = 30.0
    pool: float = 60.0
    total: float = 120.0


@dataclass(frozen=True, slots=True)
class Payload:
    """A request body. It holds the token, so it has no repr."""

    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``location`` is the redirect's target, ``""`` where there is none. ``retry_after``: for so many
    seconds the server asks to be left alone, ``None`` where it does not say."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    location: str = ""
    retry_after: float | None = None


def seconds_of(retry_after: str, date: str) -> float | None:
    """What a ``Retry-After`` header means: seconds, or a moment by the clock that the ``Date`` header shows (RFC 9110,
    10.2.3). ``None`` where it cannot be read."""
    said = retry_after.strip()
    if said.isascii() and said.isdigit() and len(said) < 10:
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - parsedate_to_datetime(date)).total_seconds())
    except (TypeError, ValueError):
        return None


Trouble: TypeAlias = Literal[
    "dns",
    "refused",
    "network",
    "tls",
    "connect_timeout",
    "busy",
    "proxy",
    "read_timeout",
    "disconnected",
    "stray",
    "broken",
    "too_large",
    "deadline",
]


class WireFailure(Exception):
    """No usable answer. ``left``: some byte of the request may have left this machine.

    ``detail`` is a part of a sentence (a certificate's fault, a reason), never anything of the request.
    """

    def __init__(self, trouble: Trouble, *, left: bool, detail: str = "") -> None:
        super().__init__(trouble)
        self.trouble: Trouble = trouble
        self.left = left
        self.detail = detail


@dataclass(slots=True)
class Progress:
    """How far the present attempt has come."""

    left: bool = False
    answered: bool = False
    connected: bool = False
    stray: bool = False
    """What came as the answer had come before the request was written."""


class Wire(Protocol):
    """Carries one payload to the gateway's door."""

    async def post(self, payload: Payload, *, repeatable: bool, progress: Progress) -> Answer:
        """``repeatable``: the request may be sent anew when a kept connection turns out to be dead."""

    async def aclose(self) -> None: ...


def payload_of(endpoint: Endpoint, call: Call) -> Payload:
    """The body of a request: credentials first, JSON keys ``user`` and ``token`` or form fields ``u`` and ``h``.

    ``get_token`` carries a password instead of the token (protocol.md). JSON is asked for whatever the transport:
    ``format=xml`` loses texts (trap 5).
    """
    user, token = ("user", "token") if endpoint.transport == "json" else ("u", "h")
    fields = {user: endpoint.username}
    if call.operation is not GET_TOKEN:
        fields[token] = endpoint.token
    fields |= {"op": call.operation.name, **call.parameters, "format": "json"}
    if endpoint.transport == "json":
        return Payload("application/json", json.dumps(fields).encode("ascii"))
    return Payload("application/x-www-form-urlencoded", urlencode(fields).encode("ascii"))
