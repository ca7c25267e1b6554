"""The gateway's address: which door a profile's URL means, and which URLs are refused before any connection."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from voipe_tui.client.models import Endpoint
from voipe_tui.errors import ConfigError

_DOORS = {"json": "api.php", "form": "index.php"}
_SECRET_FIELDS = frozenset({"u", "h", "p", "user", "token", "password", "login_key"})


@dataclass(frozen=True, slots=True)
class Address:
    """``url`` is where requests go; it never holds a secret. ``host`` is what error messages name."""

    url: str
    host: str
    login_url: str
    secure: bool
    loopback: bool


def is_loopback(host: str) -> bool:
    """``localhost``, a name below it, or a loopback address; by name alone, nothing is looked up."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def resolve(endpoint: Endpoint) -> Address:
    """The door that an endpoint means.

    ``…/playsms/``, ``…/playsms``, ``…/playsms/api.php`` and ``…/playsms/index.php?app=ws`` all lead to the door of the
    endpoint's transport in that folder; another ``.php`` file is taken as it is. Raises ``ConfigError`` for anything
    that is no http(s) address, holds credentials, or is plain http beyond loopback without leave.
    """
    parts, host = _split(endpoint.url)
    loopback = is_loopback(host)
    if parts.scheme == "http" and not loopback and not endpoint.allow_plain_http:
        raise ConfigError(
            f"The address of {host} begins with http://: the token and every message would travel readable by anybody. "
            "Nothing was sent.",
            hint="Use https://, or set allow_plain_http = true in the profile if the network in between is your own.",
        )
    folder, _, last = parts.path.rpartition("/")
    if last and not last.lower().endswith(".php"):
        folder, last = parts.path, ""
    if not last or last.lower() in _DOORS.values():
        last = _DOORS[endpoint.transport]
    query = "app=ws" if endpoint.transport == "form" else ""
    folder = folder.rstrip("/")
    return Address(
        url=urlunsplit((parts.scheme, parts.netloc, f"{folder}/{last}", query, "")),
        host=host,
        login_url=urlunsplit((parts.scheme, parts.netloc, f"{folder}/index.php", "", "")),
        secure=parts.scheme == "https",
        loopback=loopback,
    )


def login_link(address: Address, username: str, login_key: str) -> str:
    """The link that opens the web interface once (trap 27): for a browser, and as secret as a password."""
    query = urlencode({"app": "ws", "u": username, "op": "ws_login", "login_key": login_key}, quote_via=quote)
    return f"{address.login_url}?{query}"


def _split(url: str) -> tuple[_Parts, str]:
    hint = "It looks like https://sms.example.com/playsms/api.php."
    try:
        split = urlsplit(url.strip())
        host, port = split.hostname or "", split.port
    except ValueError:
        raise ConfigError("The gateway's address cannot be read. Nothing was sent.", hint=hint) from None
    if split.scheme not in ("http", "https") or not host:
        raise ConfigError("The gateway's address has to begin with https:// and a host name.", hint=hint)
    if split.username is not None or split.password is not None:
        raise ConfigError(
            f"The address of {host} holds a user name or a password. Nothing was sent.",
            hint="Take them out of the address: they have their own places in the profile.",
        )
    if _SECRET_FIELDS & {name.lower() for name, _ in parse_qsl(split.query, keep_blank_values=True)}:
        raise ConfigError(
            f"The address of {host} holds parameters such as a user name or a token. Nothing was sent.",
            hint="Cut the address off before the first of them: they have their own places in the profile.",
        )
    netloc = f"[{host}]" if ":" in host else host
    return _Parts(split.scheme, netloc if port is None else f"{netloc}:{port}", split.path), host


@dataclass(frozen=True, slots=True)
class _Parts:
    scheme: str
    netloc: str
    path: str
