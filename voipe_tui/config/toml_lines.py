"""Where the keys of a TOML text stand. The walk need not judge anything, for it sees only what was found valid."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

KeyPath = tuple[str, ...]

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_BLANK: Final = re.compile(r"[ \t]*")
_FILLING: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_STRING: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")|\'\'\'.*?\'{3,5}(?!\')|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL
)
_SCALAR: Final = re.compile(r"[^,\]}#\n]*")


class Scanner:
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
