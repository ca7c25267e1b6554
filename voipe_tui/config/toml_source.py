"""A TOML file that knows where each of its keys stands, so that an error can name file, line and key.

The standard library parses and validates; where something is wrong, a small scanner then walks over the same text for
the line numbers (:mod:`voipe_tui.config.toml_lines`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from voipe_tui.errors import ConfigError

if TYPE_CHECKING:
    from voipe_tui.config.toml_lines import KeyPath

_DECODE_PLACE: Final = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)")


class TomlSource:
    """A parsed TOML file: ``data`` as tomllib gives it, ``lines`` (from 1) of every table and key by its path."""

    def __init__(self, path: Path, data: Mapping[str, Any], text: str) -> None:
        self.path = path
        self.data = data
        self._text = text

    @cached_property
    def lines(self) -> Mapping[KeyPath, int]:
        # Only asked for when something is wrong: the walk takes longer than reading the file.
        return key_lines(self._text)

    def line(self, *keys: str) -> int:
        """The line of a key; of the nearest table around it when the key is not in the file; 1 for the top level."""
        for length in range(len(keys), 0, -1):
            if found := self.lines.get(keys[:length]):
                return found
        return 1

    def place(self, *keys: str) -> str:
        """``path:line`` of a key, as compilers print it."""
        return f"{shown(str(self.path))}:{self.line(*keys)}"


def read_toml(path: Path) -> TomlSource | None:
    """Read and parse ``path``; None when there is no such file.

    Raises ConfigError with file and line when it is not valid TOML or not UTF-8, or when it cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(
            f"{shown(str(path))} cannot be read: {error.strerror}.", hint="Check its permissions."
        ) from error
    return parse_toml(path, content)


def parse_toml(path: Path, content: bytes) -> TomlSource:
    """Parse the bytes of a TOML file; ``path`` is for errors only. Raises ConfigError as ``read_toml`` does."""
    import tomllib

    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(
            f"{shown(str(path))}:{line}: a byte there is not UTF-8.", hint="Save the file as UTF-8."
        ) from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The parser's own sentence can quote the text, and the text can hold a token: only its place is told.
        raise ConfigError(
            f"{_decode_place(path, text, str(error))}: this is not valid TOML.",
            hint="Look for a missing quote, bracket or “=” there, or for a key that stands twice.",
        ) from None
    return TomlSource(path, data, text)


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line (from 1) of every key and table of valid TOML by its path; the first one where it comes again."""
    from voipe_tui.config.toml_lines import Scanner

    return Scanner(text).scan()


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that ``word`` was most likely meant to be, or None when nothing is near."""
    import difflib

    by_lower = {choice.lower(): choice for choice in choices}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def shown(text: str) -> str:
    """``text`` for an error: everything that a terminal could obey or that cannot be seen becomes a middle dot."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "·" for char in text)


def _decode_place(path: Path, text: str, message: str) -> str:
    place = _DECODE_PLACE.search(message)
    line = int(place.group(1)) if place and place.group(1) else max(1, len(text.rstrip().split("\n")))
    column = f":{place.group(2)}" if place and place.group(2) else ""
    return f"{shown(str(path))}:{line}{column}"
