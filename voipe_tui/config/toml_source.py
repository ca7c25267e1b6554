"""A TOML file that knows where each of its keys stands, so that an error can name file, line and key.

The standard library parses and validates; a small scanner then walks over the same text for the line numbers. It need
not judge anything, for it sees only what was found valid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from voipe_tui.errors import ConfigError

KeyPath = tuple[str, ...]

_DECODE_PLACE: Final = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)")
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_BLANK: Final = re.compile(r"[ \t]*")
_FILLING: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_STRING: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")|\'\'\'.*?\'{3,5}(?!\')|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL
)
_SCALAR: Final = re.compile(r"[^,\]}#\n]*")


@dataclass(frozen=True)
class TomlSource:
    """A parsed TOML file: ``data`` as tomllib gives it, ``lines`` (from 1) of every table and key by its path."""

    path: Path
    data: Mapping[str, Any]
    lines: Mapping[KeyPath, int] = field(repr=False)

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
    return TomlSource(path, data, key_lines(text))


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line (from 1) of every key and table of valid TOML by its path; the first one where it comes again."""
    return _Scanner(text).scan()


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


class _Scanner:
    """Walks over valid TOML once and notes where keys stand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self._counted = 0
        self._line = 1

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self.skip(_FILLING)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_FILLING)
        return self.lines

    def header(self) -> KeyPath:
        line = self.line()
        while self.text[self.at] == "[":
            self.at += 1
        path = self.key(())
        self.note(path, line)
        while self.text[self.at : self.at + 1] == "]":
            self.at += 1
        return path

    def pair(self, table: KeyPath) -> None:
        line = self.line()
        path = self.key(table)
        self.note(path, line)
        self.at += 1  # the equals sign
        self.value(path)

    def key(self, table: KeyPath) -> KeyPath:
        """A dotted key; ends at the first character that belongs to none."""
        path = list(table)
        while True:
            self.skip(_BLANK)
            quoted = self.text[self.at] in "\"'"
            match = (_STRING if quoted else _BARE_KEY).match(self.text, self.at)
            assert match is not None, "the text was found valid before"
            self.at = match.end()
            path.append(_unquoted(match.group()) if quoted else match.group())
            self.skip(_BLANK)
            if self.text[self.at] != ".":
                return tuple(path)
            self.at += 1

    def value(self, path: KeyPath) -> None:
        self.skip(_BLANK)
        start = self.text[self.at]
        if start == "[":
            self.items("]", lambda: self.value(path))
        elif start == "{":
            self.items("}", lambda: self.pair(path))
        elif string := _STRING.match(self.text, self.at):
            self.at = string.end()
        else:
            self.skip(_SCALAR)

    def items(self, end: str, item: Callable[[], None]) -> None:
        self.at += 1
        self.skip(_FILLING)
        while self.text[self.at] != end:
            item()
            self.skip(_FILLING)
            if self.text[self.at] == ",":
                self.at += 1
                self.skip(_FILLING)
        self.at += 1

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def line(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def note(self, path: KeyPath, line: int) -> None:
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], line)


def _unquoted(key: str) -> str:
    import tomllib

    return next(iter(tomllib.loads(f"{key} = 0")))
