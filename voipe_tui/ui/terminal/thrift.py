"""Says the same to the terminal in fewer bytes; over a slow link every one of them is waited for.

Textual begins every stretch of text with its whole style and ends it with a reset. Here only what differs from the
style before is sent, blanks take the style that is there, blanks at the end of a line are erased, what stands at the
beginning or end of a line already is left alone, and lines that move are moved by the terminal itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

_TOKEN = re.compile(r"\x1b\[([\d;]*)([mH])")
_ERASE = "\x1b[K"
_ERASE_FROM = 6
"""Blanks at the end of a line that are worth an erase."""
_SKIP_FROM = 4
"""Cells at the beginning of a line that are worth a longer address."""

_OFF = {
    "1": "22", "2": "22", "3": "23", "4": "24", "21": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29",
    "51": "54", "52": "54", "53": "55",
}  # fmt: skip
_COLORS = frozenset(str(code) for code in (*range(30, 38), 39, *range(90, 98)))
_GROUNDS = frozenset(str(code) for code in (*range(40, 48), 49, *range(100, 108)))
_CUBE = (0, 95, 135, 175, 215, 255)
_SEEN_ON_BLANKS = frozenset({"4", "7", "9", "21", "51", "52", "53"})


class _Look(NamedTuple):
    """A style as the terminal keeps it: attribute codes, colour codes (empty: its own)."""

    attributes: frozenset[str] = frozenset()
    color: str = ""
    ground: str = ""

    @property
    def plain(self) -> bool:
        """Nothing but the ground is seen of a blank."""
        return not self.attributes & _SEEN_ON_BLANKS


_NOTHING = _Look()
_CORNER = (1, 1)


@lru_cache(maxsize=2_048)
def _after(look: _Look, codes: str) -> _Look:
    """The look after a sequence of SGR codes."""
    attributes, color, ground = set(look.attributes), look.color, look.ground
    rest = (codes or "0").split(";")
    while rest:
        code, rest = rest[0] or "0", rest[1:]
        if code == "0":
            attributes, color, ground = set(), "", ""
        elif code in ("38", "48"):
            taken = 4 if rest[:1] == ["2"] else 2
            value, rest = ";".join([code, *rest[:taken]]), rest[taken:]
            color, ground = (value, ground) if code == "38" else (color, value)
        elif code in _OFF:
            attributes.add(code)
        elif code in _COLORS:
            color = "" if code == "39" else code
        elif code in _GROUNDS:
            ground = "" if code == "49" else code
        else:
            attributes -= {on for on, off in _OFF.items() if off == code}
    return _Look(frozenset(attributes), color, ground)


@lru_cache(maxsize=4_096)
def _step(now: _Look, wanted: _Look) -> str:
    """The shortest sequence from one look to another."""
    if now == wanted:
        return ""
    gone = now.attributes - wanted.attributes
    off = {_OFF[code] for code in gone}
    # "22" ends both bold and dim: what stays must be said again.
    new = sorted(code for code in wanted.attributes if code not in now.attributes or _OFF[code] in off)
    color, ground = _short(wanted.color), _short(wanted.ground)
    codes = [*sorted(off), *new]
    if now.color != wanted.color:
        codes.append(color or "39")
    if now.ground != wanted.ground:
        codes.append(ground or "49")
    change = ";".join(codes)
    afresh = ";".join(["", *sorted(wanted.attributes), *filter(None, (color, ground))])
    return f"\x1b[{min(change, afresh, key=len)}m"


def _short(color: str) -> str:
    """The same colour by its number, where it is one of the fixed 240 of a terminal of 256 colours."""
    kind, _, value = color.partition(";2;")
    if not value:
        return color
    shades = [int(shade) for shade in value.split(";")]
    if all(shade in _CUBE for shade in shades):
        red, green, blue = (_CUBE.index(shade) for shade in shades)
        return f"{kind};5;{16 + 36 * red + 6 * green + blue}"
    if len({*shades}) == 1 and shades[0] % 10 == 8 and shades[0] <= 238:
        return f"{kind};5;{232 + shades[0] // 10}"
    return color


Run = tuple[_Look, str]
"""A stretch of text in one style."""


class _Stretch(NamedTuple):
    """What a frame writes in one go: runs from a line and column on, both counted from 1."""

    line: int
    column: int
    runs: list[Run]


class Thrift:
    """Rewrites what goes to the terminal. What stands on a line is remembered only as far as every character takes one
    cell, and only until anything else is written than parts of a screen.

    ``size``: columns and lines; ``erases_in_colour``: whether the terminal erases with the ground in force.
    """

    def __init__(self, size: Callable[[], tuple[int, int]], *, erases_in_colour: bool = False) -> None:
        self._size = size
        self.erases_in_colour = erases_in_colour
        self._lines: dict[int, tuple[str, list[_Look]]] = {}
        self._known_size = (0, 0)
        self._cursor = (0, 0)

    def forget(self) -> None:
        """What stands on the screen is not known any more."""
        self._lines.clear()
        self._cursor = (0, 0)

    def moved(self, top: int, bottom: int, by: int) -> None:
        """The terminal moved lines (counted from 0) up by so many, or down."""
        before = {line: self._lines.pop(line) for line in range(top + 1, bottom + 2) if line in self._lines}
        for line, kept in before.items():
            if top + 1 <= line - by <= bottom + 1:
                self._lines[line - by] = kept

    def spare(self, data: str) -> str:
        """The same for the eye. ``data`` begins and ends with the terminal's own style in force."""
        size = self._size()
        if size != self._known_size:
            self.forget()
            self._known_size = size
        stretches = _parse(data)
        whole = len({stretch.line for stretch in stretches if stretch.runs}) >= size[1]
        out: list[str] = []
        now, at = _NOTHING, 0
        for stretch in stretches[:-1]:
            line, column, runs = self._rest(stretch, whole)
            if runs:
                out.append("\r\n" if 0 < at == line - 1 and column == 1 else _place(line, column))
                now, at = self._write(out, now, runs, column), line
        line, column, runs = stretches[-1]
        # Where the cursor is left shows where an input method is to open; in the corner nobody waits for one.
        needed = bool(out) and (line, column) != _CORNER
        if needed or runs or (line, column) != self._cursor:
            out.append(_place(line, column) if line else "")
            now = self._write(out, now, runs, column)
            self._cursor = (line, column)
        if now != _NOTHING:
            out.append(_step(now, _NOTHING))
        return "".join(out)

    def _rest(self, stretch: _Stretch, whole: bool) -> _Stretch:
        """What of a stretch differs from what stands there; all of it where that is not known."""
        line, column, runs = stretch
        text = "".join(text for _, text in runs)
        known = self._lines.pop(line, None)
        if not line or not (text.isascii() or cell_len(text) == len(text)) or "\x1b" in text or "\n" in text:
            return stretch
        looks = [look for look, text in runs for _ in text]
        start, end = column - 1, column - 1 + len(text)
        if known is None:
            if start == 0 and end == self._known_size[0]:
                self._lines[line] = text, looks
            return stretch
        old, old_looks = known
        self._lines[line] = old[:start] + text + old[end:], old_looks[:start] + looks + old_looks[end:]
        if whole or end > len(old):
            return stretch
        first, last = 0, len(text)
        while first < last and _same(text[first], looks[first], old[start + first], old_looks[start + first]):
            first += 1
        while last > first and _same(
            text[last - 1], looks[last - 1], old[start + last - 1], old_looks[start + last - 1]
        ):
            last -= 1
        first = first if first >= _SKIP_FROM or first == last else 0
        return _Stretch(line, column + first, _cut(runs, first, last))

    def _write(self, out: list[str], now: _Look, runs: list[Run], column: int) -> _Look:
        for look, text in self._with_erase(runs, column):
            # Blanks and erases show their ground alone.
            blank = (text.isspace() or text == _ERASE) and look.ground == now.ground and look.plain and now.plain
            if not blank and look != now:
                out.append(_step(now, look))
                now = look
            out.append(text)
        return now

    def _with_erase(self, runs: list[Run], column: int) -> list[Run]:
        """The runs of one line, blanks at its end as an erase where that is shorter and looks the same."""
        if not runs or not column:
            return runs
        look, text = runs[-1]
        kept = text.rstrip(" ")
        if len(text) - len(kept) < _ERASE_FROM or not look.plain or (look.ground and not self.erases_in_colour):
            return runs
        cells = sum(len(text) if text.isascii() else cell_len(text) for _, text in runs)
        if column - 1 + cells != self._known_size[0] or any("\x1b" in text or "\n" in text for _, text in runs):
            return runs
        return [*runs[:-1], *([(look, kept)] if kept else []), (look, _ERASE)]


def _parse(data: str) -> list[_Stretch]:
    """A frame in stretches; the last one says where the cursor is left. Line 0: before any place was named."""
    stretches = [_Stretch(0, 0, [])]
    look, place = _NOTHING, 0
    for token in _TOKEN.finditer(data):
        start, end = token.span()
        text = data[place:start]
        if token[2] == "H" and text.endswith("\n"):
            # An absolute move follows: the line break before it moves nothing.
            text = text[:-1]
        _add(stretches[-1].runs, look, text)
        place = end
        if token[2] == "m":
            look = _after(look, token[1])
        else:
            line, _, cell = token[1].partition(";")
            stretches.append(_Stretch(int(line or 1), int(cell or 1), []))
    _add(stretches[-1].runs, look, data[place:])
    return stretches if stretches[0].runs else stretches[1:]


def _add(runs: list[Run], look: _Look, text: str) -> None:
    if runs and runs[-1][0] == look:
        runs[-1] = (look, runs[-1][1] + text)
    elif text:
        runs.append((look, text))


def _same(one: str, look: _Look, other: str, other_look: _Look) -> bool:
    """Two cells look the same: of a blank only the ground is seen."""
    if one != other:
        return False
    return look == other_look or (one == " " and look.ground == other_look.ground and look.plain and other_look.plain)


def _cut(runs: list[Run], first: int, last: int) -> list[Run]:
    """The runs from one character to another."""
    cut: list[Run] = []
    place = 0
    for look, text in runs:
        _add(cut, look, text[max(first - place, 0) : max(last - place, 0)])
        place += len(text)
    return cut


def _place(line: int, column: int) -> str:
    return f"\x1b[{'' if line == 1 and column == 1 else line}{f';{column}' if column > 1 else ''}H"


def erases_in_colour() -> bool:
    """Whether the terminal says of itself (terminfo: bce) that it erases with the ground in force."""
    try:
        import curses

        curses.setupterm(os.environ.get("TERM") or "dumb", 1)
        return curses.tigetflag("bce") == 1
    except Exception:  # noqa: BLE001 - no curses, no terminal, no description of it: then blanks are written
        return False
