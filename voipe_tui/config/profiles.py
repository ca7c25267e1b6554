"""The accounts (``profiles.toml``): the program owns the file and rewrites it, atomically and privately."""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import MISSING, dataclass, field, fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

from voipe_tui.config import schema
from voipe_tui.config.atomic import locked, replace_private
from voipe_tui.config.paths import Paths, check_profile_name, ensure_private, is_profile_name
from voipe_tui.config.profile_values import FIELDS, REQUIRED, check_together
from voipe_tui.config.toml_source import nearest, parse_toml, shown
from voipe_tui.errors import ConfigError

Transport = Literal["json", "form"]
NumberFormat = Literal["as_typed", "e164", "local"]

OPT_OUT_WORDS: Final = ("הסר", "הסרה", "הסירו", "STOP", "unsubscribe")

_HEADER: Final = "# voipe-tui keeps its accounts here and rewrites this file; comments are lost.\n\n"
_TOP: Final = ("default", "profiles")
_OWNER_ONLY: Final = 0o600


@dataclass(frozen=True)
class Profile:
    """One account on one gateway.

    The token comes from at most one of ``token``, ``token_env`` (a variable), ``token_command`` (a program and its
    arguments) and ``token_keyring``; ``secrets.resolve_token`` finds it. ``transport`` is ``json`` (``api.php``) or
    ``form`` (``index.php?app=ws``). ``timezone`` is the zone of the gateway's date-times (IANA name), empty while it is
    to be learned. ``hold_seconds`` is the undo window of a single send, ``rate`` messages per second in bulk or None,
    ``history`` how far back the first sync goes: ``all``, a number of days (``"90 days"``) or a date.
    ``number_format`` is how numbers are written to the gateway; ``quiet_hours`` (``"21:00-08:00"``, empty for none) is
    when a message deserves a warning, by the recipient's clock. ``opt_out_words`` are what people write who want no
    more messages.
    """

    name: str
    url: str
    username: str
    transport: Transport = "json"
    token: str = field(default="", repr=False)
    token_env: str = ""
    token_command: tuple[str, ...] = field(default=(), repr=False)
    token_keyring: bool = False
    sender: str = ""
    senders: tuple[str, ...] = ()
    sender_max: int = 8
    region: str = "IL"
    timezone: str = ""
    footer: str = ""
    ca_file: str = ""
    allow_plain_http: bool = False
    low_credit: Decimal = Decimal(50)
    hold_seconds: float = 5.0
    concurrency: int = 4
    rate: float | None = None
    history: str = "all"
    number_format: NumberFormat = "e164"
    quiet_hours: str = ""
    opt_out_words: tuple[str, ...] = OPT_OUT_WORDS


@dataclass(frozen=True)
class Profiles:
    """All accounts by name, and the name of the one that is used when none is asked for.

    ``origin`` marks the file's content that these were read from; ``save_profiles`` uses it to see that nobody else
    has written since.
    """

    default: str | None = None
    by_name: Mapping[str, Profile] = field(default_factory=dict)
    origin: str | None = field(default=None, repr=False, compare=False)

    def get(self, name: str | None = None) -> Profile:
        """The profile of that name; without a name the default one, or the only one. Raises ConfigError."""
        wanted = name or self.default or (next(iter(self.by_name)) if len(self.by_name) == 1 else None)
        if wanted is None and not self.by_name:
            raise ConfigError(
                "There is no profile yet.",
                hint="Add one with “voipe-tui profile add NAME”, or look around with “voipe-tui --demo”.",
            )
        if wanted is None:
            raise ConfigError(
                f"Which profile? There are {self._listed()}.",
                hint="Say --profile NAME, or choose one for good with “voipe-tui profile use NAME”.",
            )
        if wanted in self.by_name:
            return self.by_name[wanted]
        guess = nearest(wanted, self.by_name)
        meant = f" Did you mean “{guess}”?" if guess else ""
        raise ConfigError(
            f"There is no profile “{shown(wanted)}”.{meant}",
            hint=f"There are {self._listed()}." if self.by_name else "Add it with “voipe-tui profile add NAME”.",
        )

    def with_profile(self, profile: Profile) -> Profiles:
        """These with one added or replaced; the first one of all becomes the default."""
        return replace(self, default=self.default or profile.name, by_name={**self.by_name, profile.name: profile})

    def without(self, name: str) -> Profiles:
        """These without one. Raises ConfigError when it does not exist."""
        gone = self.get(name).name
        rest = {key: profile for key, profile in self.by_name.items() if key != gone}
        return replace(self, default=None if self.default == gone else self.default, by_name=rest)

    def with_default(self, name: str) -> Profiles:
        """These with another default. Raises ConfigError when it does not exist."""
        return replace(self, default=self.get(name).name)

    def _listed(self) -> str:
        return ", ".join(sorted(self.by_name))


def load_profiles(paths: Paths) -> Profiles:
    """The profiles of the user; none when there is no file.

    Raises ConfigError that names file, line and key of everything that is wrong, never a token. A file that others may
    read is closed to them.
    """
    content = _content(paths.profiles_file)
    if content is None:
        return Profiles(origin="")
    return _parsed(paths, content)


def save_profiles(paths: Paths, profiles: Profiles) -> Profiles:
    """Write all profiles; what is returned is what now lies in the file.

    Raises ConfigError, file untouched: when a value is wrong, when the disk does not take it, or when another program
    has written since these were loaded. ``update_profiles`` is the way to change one thing.
    """
    with _writing(paths):
        return _save(paths, profiles)


def update_profiles(paths: Paths, change: Callable[[Profiles], Profiles]) -> Profiles:
    """Load, ``change`` and save in one turn that no other program can come between. Errors as of load and save."""
    with _writing(paths):
        return _save(paths, change(load_profiles(paths)))


def check_profile(profile: Profile) -> None:
    """Raise ConfigError that names every key of ``profile`` whose value cannot be used; for forms and commands."""
    check_profile_name(profile.name)
    problems = schema.Problems(None)
    _read_profile(problems, profile.name, _table(profile))
    problems.raise_if_any()


@contextmanager
def _writing(paths: Paths) -> Iterator[None]:
    ensure_private(paths.config)
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(paths.profiles_file))
        except OSError as error:
            raise _unwritable(paths, error) from error
        yield


def _unwritable(paths: Paths, error: OSError) -> ConfigError:
    return ConfigError(
        f"{shown(str(paths.profiles_file))} cannot be written: {error.strerror}. What was in it is still there.",
        hint="Check free space and permissions.",
    )


def _save(paths: Paths, profiles: Profiles) -> Profiles:
    for profile in profiles.by_name.values():
        check_profile(profile)
    if profiles.default is not None:
        profiles.get(profiles.default)
    before = _content(paths.profiles_file)
    if profiles.origin is not None and profiles.origin != _mark(before):
        raise ConfigError(
            f"{shown(str(paths.profiles_file))} was changed by another program meanwhile. Nothing was written.",
            hint="Do it again; what the other one wrote is kept.",
        )
    content = _rendered(profiles)
    saved = _parsed(paths, content)
    if content != before:
        try:
            replace_private(paths.profiles_file, content)
        except OSError as error:
            raise _unwritable(paths, error) from error
    return saved


def _rendered(profiles: Profiles) -> bytes:
    import tomli_w

    tables = {name: _table(profile) for name, profile in profiles.by_name.items()}
    top = {"default": profiles.default} if profiles.default else {}
    return (_HEADER + tomli_w.dumps({**top, "profiles": tables})).encode()


def _table(profile: Profile) -> dict[str, Any]:
    """The keys of a profile that are not at their default, as TOML values."""
    table: dict[str, Any] = {}
    for item in fields(profile):
        value = getattr(profile, item.name)
        if item.name == "name" or (item.default is not MISSING and value == item.default):
            continue
        table[item.name] = _toml_value(value)
    return table


def _toml_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _parsed(paths: Paths, content: bytes) -> Profiles:
    source = parse_toml(paths.profiles_file, content)
    problems = schema.Problems(source)
    for key in source.data:
        if key not in _TOP:
            problems.unknown_key((key,), _TOP)
    tables = source.data.get("profiles", {})
    if not isinstance(tables, Mapping):
        problems.add("“profiles” must be a table of accounts, like [profiles.vip].", "profiles")
        tables = {}
    by_name = {name: _read_profile(problems, name, table) for name, table in tables.items()}
    _check_names(problems, by_name)
    default = _default(problems, source.data.get("default"), by_name)
    problems.raise_if_any()
    return Profiles(default, {name: profile for name, profile in by_name.items() if profile}, _mark(content))


def _read_profile(problems: schema.Problems, name: str, table: object) -> Profile | None:
    """The profile, or None when it has problems (they are noted)."""
    path = ("profiles", name)
    count = len(problems.found)
    values = schema.read_table(problems, path, table, FIELDS, REQUIRED)
    for key, message in check_together(values):
        problems.add(message, *path, key)
    return Profile(name=name, **values) if len(problems.found) == count else None


def _check_names(problems: schema.Problems, names: Iterable[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if not is_profile_name(name):
            problems.add(f"“{shown(name)}” cannot be the name of a profile.", "profiles", name)
        # Databases are named after profiles, and some file systems do not tell VIP.db from vip.db.
        twin = seen.setdefault(name.lower(), name)
        if twin != name:
            problems.add(f"“{shown(name)}” and “{shown(twin)}” differ in capitals only.", "profiles", name)


def _default(problems: schema.Problems, default: object, by_name: Mapping[str, Any]) -> str | None:
    if default is None:
        return None
    if not isinstance(default, str):
        problems.add("“default” must be the name of a profile in quotes.", "default")
        return None
    if default not in by_name:
        guess = nearest(default, by_name)
        meant = f"; did you mean “{guess}”?" if guess else "."
        problems.add(f"“default” names a profile that is not there, “{shown(default)}”{meant}", "default")
    return default


def _content(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
        _close_to_others(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(
            f"{shown(str(path))} cannot be read and kept private: {error.strerror}.",
            hint="Check its owner and permissions (chmod 600).",
        ) from error
    return content


def _close_to_others(path: Path) -> None:
    if os.name != "posix":
        return
    status = path.stat()
    if status.st_uid == os.getuid() and stat.S_IMODE(status.st_mode) & ~_OWNER_ONLY:
        path.chmod(_OWNER_ONLY)


def _mark(content: bytes | None) -> str:
    return "" if content is None else f"{len(content)}-{zlib.crc32(content):08x}"
