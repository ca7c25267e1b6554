"""The return codes of playSMS and Voipe (protocol.md, "Return codes"), each with a sentence and a way out."""

from __future__ import annotations

from dataclasses import dataclass

NOTHING_THERE = frozenset({400, 401, 402, 501})
"""In a listing these mean that no row came, not that anything failed."""

AUTHENTICATION = frozenset({100, 104, 105, 106})
UNKNOWN_OPERATION = 101


def is_refusal(code: int) -> bool:
    """Whether that code, in an answer to a message, says that it was not taken: 1xx is about the request, 2xx about
    sending. Whatever else comes is no word on it, and neither is a family that is not known yet."""
    return 100 <= code < 300


@dataclass(frozen=True, slots=True)
class ReturnCode:
    """``sentence`` says what the gateway means, ``hint`` what to do."""

    sentence: str
    hint: str = ""


_ADMIN = "Check the user name; the operation needs an administrator's token."
_MISSING = "Fill in what is missing."

_CODES: dict[int, ReturnCode] = {
    100: ReturnCode(
        "The user name or the token is wrong, or the account is disabled or banned.",
        "`voipe-tui profile check` with the password tells which. It is not tried again by itself: "
        "repeated failures can get this address blocked.",
    ),
    101: ReturnCode("The gateway does not know this operation."),
    102: ReturnCode("The gateway misses a field.", _MISSING),
    103: ReturnCode("The credit does not cover this.", "Add credit to the account, then send again."),
    104: ReturnCode("The account has no token.", "Make one in the gateway's web interface, under Preferences."),
    105: ReturnCode(
        "Web services are switched off for this account.",
        "Switch them on in the gateway's web interface, or ask the provider to do it.",
    ),
    106: ReturnCode(
        "The account may not be used from this machine's address.",
        "Add the address to the account's allowed ones, or ask the provider to do it.",
    ),
    200: ReturnCode(
        "The gateway could not send the message and names no reason.",
        "Check the number, the credit and the stop list.",
    ),
    201: ReturnCode("The recipient or the text is empty.", _MISSING),
    400: ReturnCode("There is no delivery status for this."),
    401: ReturnCode("The message is still in the gateway's queue."),
    402: ReturnCode(
        "The message has left the queue and no delivery status came of it.",
        "That is so for a number on the gateway's stop list.",
    ),
    501: ReturnCode("There is nothing."),
    600: ReturnCode("This needs an administrator's account and token.", "Use an administrator's profile."),
    601: ReturnCode("The incoming message could not be taken in."),
    602: ReturnCode("The sender or the text is empty.", _MISSING),
    603: ReturnCode("The new account lacks a status, user name, password, name or e-mail address.", _MISSING),
    604: ReturnCode("The account could not be added.", "Often the user name, e-mail or mobile number is taken."),
    605: ReturnCode("There is no account of this name.", _ADMIN),
    606: ReturnCode("The account could not be removed."),
    607: ReturnCode("There is no account of this name, or no such parent.", _ADMIN),
    608: ReturnCode("The parent could not be set.", "Only a subuser (status 4) can have a parent."),
    609: ReturnCode("There is no account of this name.", _ADMIN),
    610: ReturnCode("The account has no parent.", "Only a subuser (status 4) can have one."),
    611: ReturnCode("There is no account of this name.", _ADMIN),
    612: ReturnCode("The account could not be banned."),
    613: ReturnCode("There is no account of this name.", _ADMIN),
    614: ReturnCode("The ban could not be lifted."),
    615: ReturnCode("There is no account of this name, or no preference was given.", _ADMIN),
    616: ReturnCode("The preferences could not be changed."),
    617: ReturnCode("There is no account of this name, or no setting was given.", _ADMIN),
    618: ReturnCode("The configuration could not be changed."),
    619: ReturnCode("No account was named.", _MISSING),
    620: ReturnCode("There is no account of this name, or its credit is 0.", "The gateway answers both alike."),
    621: ReturnCode("The account or the amount is missing.", _MISSING),
    622: ReturnCode("The credit could not be added.", "Check the user name and the amount."),
    623: ReturnCode("The account or the amount is missing.", _MISSING),
    624: ReturnCode("The credit could not be deducted.", "Check the user name and the amount."),
    625: ReturnCode("No account was named.", _MISSING),
    626: ReturnCode("The login key could not be made.", _ADMIN),
    627: ReturnCode("The number could not be put on the stop list.", "It may be there already."),
}

_FAMILIES = {
    1: "The gateway refuses: authentication or parameters.",
    2: "The gateway refuses to send.",
    4: "The gateway has no delivery status.",
    6: "The gateway refuses an administrator's task.",
}


def describe(code: int) -> ReturnCode:
    """What a code means. New ones may appear: an unknown one is described by its hundred."""
    known = _CODES.get(code)
    return known or ReturnCode(_FAMILIES.get(code // 100, "The gateway refuses."), "The code is new to this program.")
