"""What an answer, or the lack of one, means for an operation: the one place where the error tree is chosen.

A changing operation is either certainly done, certainly not, or unknown (trap 8); a reading one either answered or it
did not. Everything the gateway says of itself passes ``Words`` before it may stand in an error.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import TypeVar
from urllib.parse import urlsplit

from voipe_tui.client.decode import Reply
from voipe_tui.client.exchange import Answer, WireFailure
from voipe_tui.client.fields import ShapeError, code_of, status_of, string
from voipe_tui.client.operations import GET_TOKEN, SEND, Operation
from voipe_tui.client.return_codes import AUTHENTICATION, NOTHING_THERE, UNKNOWN_OPERATION, describe
from voipe_tui.errors import (
    AuthenticationError,
    GatewayError,
    MalformedReplyError,
    OutcomeUnknownError,
    RefusedError,
    UnreachableError,
    UnsupportedError,
)

T = TypeVar("T")

_LONGEST_WORDS = 160


class Words:
    """What a server says, made fit for an error message: one safe line, short, without our secrets."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def __repr__(self) -> str:
        return "Words()"

    def clean(self, text: str) -> str:
        from voipe_tui.text.untrusted import safe_line

        for secret in self._secrets:
            text = text.replace(secret, "…")
        line = safe_line(text[:2000]).strip()
        return line if len(line) <= _LONGEST_WORDS else f"{line[:_LONGEST_WORDS]}…"


def not_carried_out(operation: Operation) -> str:
    """The sentence that says nothing happened."""
    if operation is SEND:
        return "Nothing was sent."
    return "Nothing was changed." if operation.changes else ""


def from_failure(failure: WireFailure, operation: Operation, host: str, words: Words) -> GatewayError:
    """The error for a request that got no usable answer."""
    title, what, hint = _describe_failure(failure, host, words)
    if operation.changes and failure.left:
        return _unknown(operation, what)
    if failure.trouble in ("too_large", "broken"):
        return MalformedReplyError(what, hint=hint)
    return UnreachableError(f"{what} {not_carried_out(operation)}".strip(), hint=hint, title=title)


def judge(answer: Answer, reply: Reply | None, operation: Operation, host: str, words: Words, *, proven: bool) -> Reply:
    """The ``reply`` that was read in an answer, if the operation succeeded (or a listing found nothing), else the error
    as an exception."""
    if not 200 <= answer.status < 300 and not 400 <= answer.status < 500:
        raise _without_reply(answer, operation, host, words, proven=proven)
    if reply is None or not ("status" in reply or "data" in reply):
        raise _without_reply(answer, operation, host, words, proven=proven, reply=reply)
    status = status_of(reply)
    if status == "ERR":
        return _refused(reply, operation, words, answer)
    if status != "OK" and reply.get("data") is None:
        raise _nonsense(operation, f"The answer of {host} says neither yes nor no.", answer)
    return reply


def shaped(reply: Reply, shape: Callable[[Reply], T], operation: Operation, host: str) -> T:
    """The reply as a value; a reply that lacks what it must have is an error like any other broken answer."""
    try:
        return shape(reply)
    except ShapeError as error:
        why = str(error)
    raise _nonsense(operation, f"The answer of {host} lacks something: {why}.", None)


def _said(reply: Reply, *names: str) -> str:
    """What the gateway adds to a no, from the first of these fields that holds a text; a no stays a no without."""
    for name in names:
        with contextlib.suppress(ShapeError):
            if text := string(reply.get(name)):
                return text
    return ""


def _refused(reply: Reply, operation: Operation, words: Words, answer: Answer) -> Reply:
    code = code_of(reply)
    if operation.listing and code in NOTHING_THERE:
        return reply
    if operation is SEND and reply.get("data"):
        raise _unknown(operation, "The answer is an error and yet names messages.", code=code)
    if code is None:
        said = words.clean(_said(reply, "error_string", "info"))
        if operation is SEND:  # each refusal that is documented has a code
            what = "The gateway answered with an error and no code"
            raise _unknown(operation, f"{what}: {said.rstrip('.')}." if said else f"{what}.")
        sentence = f"The gateway would not {operation.doing}{f': {said}' if said else ' and gave no reason'}."
        raise RefusedError(f"{sentence} {not_carried_out(operation)}".strip())
    meaning = describe(code)
    said = words.clean(_said(reply, "info"))
    tail = f"The gateway adds: {said}" if said else ""
    parts = (
        f"The gateway would not {operation.doing} (ERR {code}).",
        meaning.sentence,
        tail,
        not_carried_out(operation),
    )
    message = " ".join(part for part in parts if part)
    if code == UNKNOWN_OPERATION:
        raise UnsupportedError(message, code=code)
    if code in AUTHENTICATION:
        hint = meaning.hint
        if operation is GET_TOKEN and code == 100:
            message = "The user name or the password is wrong, or the account is banned (ERR 100)."
            hint = "It is not tried again by itself: repeated failures can get this address blocked."
        raise AuthenticationError(message, hint=hint, code=code)
    error = RefusedError(message, hint=meaning.hint, code=code)
    error.http_status = answer.status
    raise error


def _without_reply(
    answer: Answer, operation: Operation, host: str, words: Words, *, proven: bool, reply: Reply | None = None
) -> GatewayError:
    """The error for an answer that is none of playSMS's: redirect, HTTP error, empty, a page, broken JSON."""
    empty = not answer.body.strip()
    if 300 <= answer.status < 400:
        return _redirected(answer, operation, host, words)
    if answer.status >= 500:
        kind = "an empty answer" if empty else "no answer of a gateway"
        what = f"{host} had an internal error (HTTP {answer.status}) and gave {kind}."
        return _nonsense(operation, what, answer, hint=operation.silence)
    if answer.status >= 400:
        what = f"{host} answered HTTP {answer.status}, which is a web server's word and not a gateway's."
        hint = "Check the address: it has to lead to api.php (json) or to the folder of index.php (form)."
        return _nonsense(operation, what, answer, hint=hint)
    if empty:
        if not operation.changes and not proven:
            return UnsupportedError(
                f"{host} does not know how to {operation.doing} ({operation.name}): its answer was empty.",
                hint="Gateways differ by version; everything else goes on working.",
            )
        return _nonsense(operation, f"{host} gave an empty answer.", answer, hint=operation.silence)
    if reply is not None:
        what = f"The answer of {host} says neither yes nor no."
        return _nonsense(operation, what, answer, hint=operation.silence)
    kind = "a web page" if b"<html" in answer.body[:4096].lower() else "something that is no gateway's answer"
    hint = "Check the address. A proxy or a login page of the network may stand in between."
    return _nonsense(operation, f"{host} answered with {kind}.", answer, hint=hint)


def _redirected(answer: Answer, operation: Operation, host: str, words: Words) -> GatewayError:
    try:
        target = urlsplit(answer.location).hostname or host
    except ValueError:
        target = "another address"
    what = f"{host} sends us elsewhere (HTTP {answer.status}, to {words.clean(target)}); the token does not follow."
    return _nonsense(operation, what, answer, hint="Put the gateway's true address into the profile.")


def _nonsense(operation: Operation, what: str, answer: Answer | None, *, hint: str = "") -> GatewayError:
    error: GatewayError = MalformedReplyError(what, hint=hint)
    if operation.changes:
        error = _unknown(operation, what, hint=hint)
    if answer is not None:
        error.http_status, error.retry_after = answer.status, answer.retry_after
    return error


def _unknown(operation: Operation, what: str, *, hint: str = "", code: int | None = None) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        f"{what} It is not known whether {operation.done}.", hint=f"{operation.look} {hint}".strip(), code=code
    )


def _describe_failure(failure: WireFailure, host: str, words: Words) -> tuple[str | None, str, str]:
    """Title (``None``: the class's own), what happened, and what to do."""
    if failure.trouble == "tls":
        return _describe_tls(failure, host, words)
    network = "Check the network and the profile's address."
    known: dict[str, tuple[str, str]] = {
        "dns": (f"The name {host} was not found.", "Check its spelling in the profile, and the network."),
        "refused": (f"{host} refused the connection.", "Nothing listens there: check the address and the port."),
        "network": (f"No connection to {host} could be made.", network),
        "connect_timeout": (f"{host} did not take the connection in time.", network),
        "busy": ("Too many requests were waiting for a connection.", "Lower the profile's concurrency."),
        "proxy": (f"The proxy on the way to {host} refused.", "Check HTTPS_PROXY, or name the host in NO_PROXY."),
        "read_timeout": (f"{host} did not answer in time.", "It may be busy: try again in a while."),
        "deadline": (f"{host} did not finish its answer in time.", "It may be busy: try again in a while."),
        "disconnected": (f"{host} closed the connection without a whole answer.", "Try again in a while."),
        "stray": (
            f"{host} gave an answer that belongs to no request of ours.",
            "A proxy in between may answer twice: try again in a while.",
        ),
        "too_large": (f"The answer of {host} was too large to be read.", "Ask for fewer rows."),
        "broken": (f"The answer of {host} could not be unpacked.", "A proxy in between may have damaged it."),
    }
    what, hint = known[failure.trouble]
    return None, what, hint


def _describe_tls(failure: WireFailure, host: str, words: Words) -> tuple[str, str, str]:
    why = words.clean(failure.detail).rstrip(".")
    if not why:
        what = f"No encrypted connection to {host} could be made: it does not speak TLS as it should."
        return "No encrypted connection", what, "Check the port in the profile's address."
    what = f"The certificate of {host} is not accepted: {why}."
    if "expired" in why or "not yet valid" in why:
        hint = "Check this machine's clock; if it is right, the gateway's operator has to renew the certificate."
    elif "mismatch" in why or "not valid for" in why:
        hint = "The certificate is for another name: check the host in the profile's address."
    else:
        hint = "If the gateway uses a private CA, name its certificate (a PEM file) as ca_file in the profile."
    return "The gateway's certificate is not accepted", what, hint
