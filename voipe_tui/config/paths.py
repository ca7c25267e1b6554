"""Where things lie: the XDG base directories on every system, in a folder of our own."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voipe_tui.config.toml_source import shown
from voipe_tui.errors import ConfigError

APPLICATION: Final = "voipe-tui"

_PROFILE_NAME: Final = re.compile(r"(?![.-])[A-Za-z0-9._-]{1,64}")
_PRIVATE: Final = 0o700


@dataclass(frozen=True, slots=True)
class Paths:
    """The three folders of this program; none of them need exist."""

    config: Path
    data: Path
    state: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Paths:
        """The folders that ``environ`` asks for (XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME, HOME).

        A relative XDG path is ignored, as the XDG specification wants. Raises ConfigError when there is no home folder.
        """

        def base(variable: str, *default: str) -> Path:
            chosen = Path(environ.get(variable, ""))
            return (chosen if chosen.is_absolute() else _home(environ).joinpath(*default)) / APPLICATION

        return cls(
            config=base("XDG_CONFIG_HOME", ".config"),
            data=base("XDG_DATA_HOME", ".local", "share"),
            state=base("XDG_STATE_HOME", ".local", "state"),
        )

    @property
    def profiles_file(self) -> Path:
        return self.config / "profiles.toml"

    @property
    def settings_file(self) -> Path:
        return self.config / "config.toml"

    @property
    def templates_file(self) -> Path:
        return self.config / "templates.toml"

    @property
    def themes_dir(self) -> Path:
        return self.config / "themes"

    @property
    def log_file(self) -> Path:
        return self.state / f"{APPLICATION}.log"

    def database(self, profile: str) -> Path:
        """The SQLite file of a profile. Raises ConfigError for a name that is no profile name."""
        return self.data / f"{check_profile_name(profile)}.db"


def is_profile_name(name: str) -> bool:
    """Whether ``name`` is 1 to 64 of ``A-Z a-z 0-9 . _ -`` and begins with neither a dot nor a dash."""
    return _PROFILE_NAME.fullmatch(name) is not None


def check_profile_name(name: str) -> str:
    """``name`` itself; raises ConfigError when it cannot be the name of a profile (it names files, too)."""
    if not is_profile_name(name):
        raise ConfigError(
            f"“{shown(name)}” cannot be the name of a profile.",
            hint="Use 1 to 64 letters, digits, dots, dashes and underscores, beginning with a letter or a digit.",
        )
    return name


def ensure_private(directory: Path) -> Path:
    """Make ``directory`` if need be and let only its owner in (mode 0700). Raises ConfigError when that fails."""
    try:
        directory.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        if os.name == "posix" and stat.S_IMODE(directory.stat().st_mode) & ~_PRIVATE:
            directory.chmod(_PRIVATE)
    except OSError as error:
        raise ConfigError(
            f"The folder {shown(str(directory))} cannot be made private: {error.strerror}.",
            hint="Check who owns it and the folders above it.",
        ) from error
    return directory


def _home(environ: Mapping[str, str]) -> Path:
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or "")
    if not home.is_absolute():
        raise ConfigError("The home folder is not known.", hint="Set HOME (or the XDG variables) to an absolute path.")
    return home
