"""What an operation answers, before it is written out in one of the formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from voipe_tui.sandbox.gateway import Gateway
from voipe_tui.sandbox.php import Value


@dataclass(frozen=True, slots=True)
class Answer:
    """``fields`` of a playSMS answer, or None for an empty body, with the HTTP status and a redirect's target."""

    fields: Mapping[str, Value] | None
    status: int = 200
    location: str = ""


NOTHING = Answer(None)
"""HTTP 200 with an empty body: an operation that the server does not know (``op.unknown``)."""

CRASH = Answer(None, 500)
"""HTTP 500 with an empty body: PHP died. Whatever was done before stays done (trap 8)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the gateway: its parameters as PHP would see them, trimmed on reading, and who calls."""

    gateway: Gateway
    params: Mapping[str, str] = field(repr=False)
    address: str = "127.0.0.1"

    def text(self, name: str) -> str:
        """A parameter, trimmed as playSMS trims all of them; empty where it is absent."""
        return self.params.get(name, "").strip(" \t\n\r\0\v")


Operation = Callable[[Call], Answer]


def is_true(text: str) -> bool:
    """PHP's idea of a true string: neither empty nor ``"0"``."""
    return text not in ("", "0")


def ok(**fields: Value) -> Answer:
    """``status OK`` with whatever the operation adds."""
    return Answer({"status": "OK", "error": "0", **fields})


def err(code: int, **fields: Value) -> Answer:
    """``status ERR`` with a return code; the sentence is added when the answer is written."""
    return Answer({"status": "ERR", "error": str(code), **fields})


ERROR_STRINGS = {
    "100": "authentication failed",
    "101": "type of action is invalid or unknown",
    "102": "one or more field empty",
    "103": "not enough credit for this operation",
    "104": "webservice token is not available",
    "105": "webservice token not enable for this user",
    "106": "webservice token not allowed from this IP address",
    "200": "send message failed",
    "201": "destination number or message is empty",
    "400": "no delivery status available",
    "401": "no delivery status retrieved and SMS still in queue",
    "402": "no delivery status retrieved and SMS has been processed from queue",
    "501": "no data returned or result is empty",
    "600": "admin level authentication failed",
    "601": "inject message failed",
    "602": "sender id or message is empty",
    "603": "account addition failed due to missing data",
    "604": "fail to add account",
    "605": "account removal failed due to unknown username",
    "606": "fail to remove account",
    "607": "set parent failed due to unknown username",
    "608": "fail to set parent",
    "609": "get parent failed due to unknown username",
    "610": "fail to get parent",
    "611": "account ban failed due to unknown username",
    "612": "fail to ban account",
    "613": "account unban failed due to unknown username",
    "614": "fail to unban account",
    "615": "editing account preferences failed due to missing data",
    "616": "fail to edit account preferences",
    "617": "editing account configuration failed due to missing data",
    "618": "fail to edit account configuration",
    "619": "viewing credit failed due to missing data",
    "620": "fail to view credit",
    "621": "adding credit failed due to missing data",
    "622": "fail to add credit",
    "623": "deducting credit failed due to missing data",
    "624": "fail to deduct credit",
    "625": "setting login key failed due to missing data",
    "626": "fail to set login key",
}
"""The sentences of the return codes, as recorded and documented; 627 has none (``x.stoplist_again``)."""
