"""One text for many: ``{field}`` is replaced by what a row has in the column of that name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from voipe_tui.errors import InputError
from voipe_tui.text.untrusted import safe_line

_TOKEN: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class Template:
    """``text`` with its fields; ``{{`` and ``}}`` stand for braces. Raises InputError for a brace that stands alone."""

    def __init__(self, text: str) -> None:
        self._pieces: list[str] = []
        self.fields: list[str] = []
        """One between each two pieces."""
        piece, position = "", 0
        for token in _TOKEN.finditer(text):
            piece += text[position : token.start()]
            position = token.end()
            found = token.group()
            if found in ("{{", "}}"):
                piece += found[0]
                continue
            name = (token.group(1) or "").strip()
            if not name:
                raise InputError(
                    f"The message has a brace at character {token.start() + 1} that is no field. Nothing was sent.",
                    hint="A field is written {name}; write {{ or }} for a brace itself.",
                )
            self._pieces.append(piece)
            self.fields.append(name)
            piece = ""
        self._pieces.append(piece + text[position:])

    def places(self, columns: Sequence[str]) -> list[int]:
        """The column of each field. Raises InputError for a field without a column, or with two."""
        return [find_column(name, columns, f"{{{name}}}") for name in self.fields]

    def render(self, cells: Sequence[str], places: Sequence[int]) -> str:
        """The text for one row, whose ``cells`` are there and not empty at ``places``."""
        merged = [self._pieces[0]]
        for place, piece in zip(places, self._pieces[1:], strict=True):
            merged += (cells[place], piece)
        return "".join(merged)


def find_column(name: str, columns: Sequence[str], asked_by: str) -> int:
    """The column called ``name``, written the same or but for case. InputError with the nearest name otherwise."""
    exact = [index for index, column in enumerate(columns) if column == name]
    folded = [index for index, column in enumerate(columns) if column.casefold() == name.casefold()]
    for found in (exact, folded):
        if len(found) > 1:
            raise InputError(
                f"{safe_line(asked_by)}: there are {len(found)} columns called “{safe_line(name)}”. Nothing was sent.",
                hint="Give them different names.",
            )
        if found:
            return found[0]
    named = [safe_line(column) for column in columns if column]
    near = get_close_matches(name.casefold(), [column.casefold() for column in named], n=1)
    meant = f" Did you mean “{near[0]}”?" if near else ""
    raise InputError(
        f"{safe_line(asked_by)}: there is no column called “{safe_line(name)}”.{meant} Nothing was sent.",
        hint=f"There are: {', '.join(named)}.",
    )
