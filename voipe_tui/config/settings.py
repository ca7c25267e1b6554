"""The user's own settings (``config.toml``): read here, written by nobody but the user, so that comments live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from voipe_tui.config import schema
from voipe_tui.config.paths import Paths
from voipe_tui.config.toml_source import TomlSource, read_toml, shown
from voipe_tui.errors import ConfigError

Bidi = Literal["terminal", "app"]
Notify = Literal["none", "bell", "desktop"]
AutoAdvance = Literal["next", "previous", "stay"]
Review = Literal["always", "when_needed"]


@dataclass(frozen=True)
class Settings:
    """Everything that ``config.toml`` can say.

    ``theme`` is a name or None for the default; ``bidi`` says who orders right-to-left lines; ``notify`` what a new
    message does; ``poll_seconds`` how often the gateway is asked while something may happen (1 to 3600);
    ``auto_advance`` where the cursor goes after a message was dealt with; ``review`` whether everything is shown once
    more before it leaves, or only what is for several people or has a warning; ``keys`` maps command ids to keys.
    """

    theme: str | None = None
    bidi: Bidi = "terminal"
    notify: Notify = "none"
    poll_seconds: float = 5.0
    auto_advance: AutoAdvance = "next"
    review: Review = "always"
    keys: Mapping[str, str] = field(default_factory=dict)
    source: TomlSource | None = field(default=None, repr=False, compare=False)

    def error(self, message: str, *keys: str, hint: str = "") -> ConfigError:
        """A ConfigError about one of these settings, with file and line; for checks that only the app can make."""
        place = f"{self.source.place(*keys)}: " if self.source else ""
        return ConfigError(place + message, hint=hint)


def load_settings(paths: Paths) -> Settings:
    """The settings of the user, the defaults where there is no file.

    Raises ConfigError that names file, line and key of everything that is wrong in it.
    """
    source = read_toml(paths.settings_file)
    if source is None:
        return Settings()
    problems = schema.Problems(source)
    values = schema.read_table(problems, (), source.data, _FIELDS)
    problems.raise_if_any()
    return Settings(**values, source=source)


def _keys(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise schema.Unfit('must be a table of commands and keys, like archive = "e".')
    for command, key in value.items():
        if not (isinstance(key, str) and key.strip() and key.isprintable()):
            raise schema.Unfit(f"needs the name of a key in quotes for “{shown(command)}”.", command)
    return dict(value)


_FIELDS: Final[dict[str, schema.Reader]] = {
    "theme": schema.needed_text,
    "bidi": schema.one_of("terminal", "app"),
    "notify": schema.one_of("none", "bell", "desktop"),
    "poll_seconds": schema.number(1, 3600),
    "auto_advance": schema.one_of("next", "previous", "stay"),
    "review": schema.one_of("always", "when_needed"),
    "keys": _keys,
}
