"""Every failure that a person may meet, as one tree.

An error says what happened (``title``), to what and whether anything was sent (``message``), and what to do now
(``hint``). None of the three ever holds a token or a password: whoever raises an error keeps secrets out of it.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the command line answers to the shell; the numbers are a promise to scripts."""

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    AUTHENTICATION = 3
    REFUSED = 4
    UNREACHABLE = 5
    UNKNOWN = 6
    INTERRUPTED = 130


class VoipeError(Exception):
    """The root. Caught where a person is told; everything else is a bug and is logged whole."""

    title = "Something went wrong"
    exit_code = ExitCode.SOME_FAILED

    def __init__(self, message: str, *, hint: str = "", title: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if title is not None:
            self.title = title

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(VoipeError):
    """Something a person typed cannot be used as it stands; nothing was sent."""

    title = "Please check what you typed"
    exit_code = ExitCode.USAGE


class ConfigError(VoipeError):
    """A profile, a setting or a secret is missing or wrong; nothing was sent."""

    title = "The configuration needs a look"
    exit_code = ExitCode.USAGE


class StoreError(VoipeError):
    """The local database cannot be read or written (broken file, full disk, no permission)."""

    title = "The local message store has a problem"
    exit_code = ExitCode.USAGE


OVERLOADED = frozenset({429, 503})
"""HTTP statuses that say: too many requests."""

BUSY = OVERLOADED | {502, 504}
"""HTTP statuses that come from whatever stands before the gateway: all of it can answer nothing now."""


class GatewayError(VoipeError):
    """The root of everything that comes from talking to a gateway.

    ``code`` is the playSMS return code (100, 400, …) or None where the gateway gave none. ``http_status`` is set where
    an HTTP answer came that says no more than its status: a listing that meets 500 is asked for less (trap 17).
    ``retry_after``: seconds for which that answer asks to be left alone.
    """

    title = "The gateway has a problem"
    exit_code = ExitCode.REFUSED
    http_status: int | None = None
    retry_after: float | None = None

    def __init__(self, message: str, *, hint: str = "", title: str | None = None, code: int | None = None) -> None:
        super().__init__(message, hint=hint, title=title)
        self.code = code


class AuthenticationError(GatewayError):
    """ERR 100, 104, 105, 106: the gateway does not let this account in. Never retried without a person."""

    title = "The gateway did not let us in"
    exit_code = ExitCode.AUTHENTICATION


class RefusedError(GatewayError):
    """The gateway answered, with a return code that says no. Nothing was done."""

    title = "The gateway refused"


class UnsupportedError(GatewayError):
    """This gateway does not know the operation (an empty answer, trap 1 of the protocol)."""

    title = "Not supported by this gateway"


class MalformedReplyError(GatewayError):
    """A reading operation got an answer that is no playSMS answer (HTML, HTTP 500, broken JSON). Nothing changed."""

    title = "The gateway's answer makes no sense"
    exit_code = ExitCode.UNREACHABLE


class UnreachableError(GatewayError):
    """No answer, and for an operation that changes something: not one byte of the request had left."""

    title = "The gateway cannot be reached"
    exit_code = ExitCode.UNREACHABLE


class OutcomeUnknownError(GatewayError):
    """The request left, no certain answer came: it may or may not have been carried out. Never repeated blindly."""

    title = "The outcome is not known"
    exit_code = ExitCode.UNKNOWN
