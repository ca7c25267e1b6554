"""Strict reading of a table: every key known, every value of its kind, all that is wrong told at once.

A misspelt key that is accepted in silence is a setting that never works. So a table is read through a list of its
fields; what is missing, unknown or of the wrong kind is gathered with file and line and raised as one ConfigError.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from voipe_tui.config.toml_source import TomlSource, nearest, shown
from voipe_tui.errors import ConfigError

if TYPE_CHECKING:
    from voipe_tui.config.toml_lines import KeyPath

Reader = Callable[[Any], Any]
"""Turns a TOML value into the value of a field; raises Unfit with the end of a sentence (“must be …”)."""

_MOST_TOLD: Final = 10


class Unfit(ValueError):
    """Why a value cannot be used, as the end of the sentence that begins with its key. Never holds the value.

    ``keys`` lead to the place inside the value, where it is a table.
    """

    def __init__(self, why: str, *keys: str) -> None:
        super().__init__(why)
        self.keys = keys


@dataclass(frozen=True, slots=True)
class Problems:
    """Line and sentence of all that is wrong with a file, or with values that are in none yet (``source`` None)."""

    source: TomlSource | None
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, message: str, *keys: str) -> None:
        if self.source is None:
            self.found.append((0, message))
        else:
            self.found.append((self.source.line(*keys), f"{self.source.place(*keys)}: {message}"))

    def unknown_key(self, path: KeyPath, choices: Iterable[str]) -> None:
        *table, key = path
        where = f" in [{shown('.'.join(table))}]" if table else ""
        guess = nearest(key, choices)
        meant = f"; did you mean “{guess}”?" if guess else f". Known are: {', '.join(sorted(choices))}."
        self.add(f"unknown key “{shown(key)}”{where}{meant}", *path)

    def raise_if_any(self, hint: str = "") -> None:
        """Raise all as one ConfigError, in the order of their lines."""
        if not self.found:
            return
        told = [message for _, message in sorted(self.found, key=itemgetter(0))]
        more = len(told) - _MOST_TOLD
        lines = told[:_MOST_TOLD] + ([f"… and {more} more"] if more > 0 else [])
        raise ConfigError("\n".join(lines), hint=hint)


def read_table(
    problems: Problems, path: KeyPath, table: object, fields: Mapping[str, Reader], required: Iterable[str] = ()
) -> dict[str, Any]:
    """The values of ``table`` by key, each through its reader; what does not fit goes to ``problems``."""
    if not isinstance(table, Mapping):
        problems.add(f"“{shown(path[-1])}” must be a table.", *path)
        return {}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in fields:
            problems.unknown_key((*path, key), fields)
            continue
        try:
            values[key] = fields[key](value)
        except Unfit as unfit:
            problems.add(f"“{key}” {unfit}", *path, key, *unfit.keys)
    for key in required:
        if key not in table:
            problems.add(f"[{shown('.'.join(path))}] needs “{key}”.", *path)
    return values


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit("must be a text in quotes.")
    return value


def line_of_text(value: Any) -> str:
    if not (isinstance(value, str) and value.isprintable()):
        raise Unfit("must be a text of one line in quotes.")
    return value


def needed_text(value: Any) -> str:
    if not line_of_text(value).strip():
        raise Unfit("must not be empty.")
    return line_of_text(value)


def truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit("must be true or false.")
    return value


def texts(value: Any) -> tuple[str, ...]:
    if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        raise Unfit('must be a list of texts, like ["a", "b"].')
    return tuple(value)


def one_of(*choices: str) -> Reader:
    def read(value: Any) -> str:
        if isinstance(value, str) and value in choices:
            return value
        guess = nearest(value, choices) if isinstance(value, str) else None
        listed = " or ".join(f'"{choice}"' for choice in choices)
        raise Unfit(f"must be {listed}" + (f"; did you mean “{guess}”?" if guess else "."))

    return read


def integer(least: int, most: int) -> Reader:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Unfit(f"must be a whole number from {least} to {most}.")
        return value

    return read


def number(least: float, most: float) -> Reader:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unfit(f"must be a number from {least:g} to {most:g}.")
        if not math.isfinite(value) or not least <= value <= most:
            raise Unfit(f"must be a number from {least:g} to {most:g}.")
        return float(value)

    return read
