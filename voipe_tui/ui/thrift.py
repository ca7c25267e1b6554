"""Says the same to the terminal in fewer bytes; over a slow link every one of them is waited for.

Textual begins every stretch of text with its whole style and ends it with a reset. Here only what differs from the
style before is sent, blanks take the style that is there, blanks at the end of a line are erased, and lines that move
are moved by the terminal itself.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.cells import cell_len

if TYPE_CHECKING:
    from textual.driver import Driver
else:
    Driver = object

_TOKEN = re.compile(r"\x1b\[([\d;]*)([mH])")
_ERASE = "\x1b[K"
_ERASE_FROM = 6
"""Blanks at the end of a line that are worth an erase."""
_PLAIN_FRAMES = 2
_ASK_FRAME = 8
"""The first frames go out as they are, so that nothing delays them; the terminal's description is read later still."""

_OFF = {
    "1": "22", "2": "22", "3": "23", "4": "24", "21": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29",
    "51": "54", "52": "54", "53": "55",
}  # fmt: skip
_COLORS = frozenset(str(code) for code in (*range(30, 38), 39, *range(90, 98)))
_GROUNDS = frozenset(str(code) for code in (*range(40, 48), 49, *range(100, 108)))
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
    codes = [*sorted(off), *new]
    if now.color != wanted.color:
        codes.append(wanted.color or "39")
    if now.ground != wanted.ground:
        codes.append(wanted.ground or "49")
    change = ";".join(codes)
    afresh = ";".join(["", *sorted(wanted.attributes), *filter(None, (wanted.color, wanted.ground))])
    return f"\x1b[{min(change, afresh, key=len)}m"


class Thrift:
    """Rewrites what goes to the terminal; remembers nothing of the screen, so that nothing can come out of step.

    ``width``: the columns of the terminal; ``erases_in_colour``: whether it erases with the ground in force.
    """

    def __init__(self, width: Callable[[], int], *, erases_in_colour: bool = False) -> None:
        self._width = width
        self.erases_in_colour = erases_in_colour

    def spare(self, data: str) -> str:
        """The same for the eye. ``data`` begins and ends with the terminal's own style in force."""
        if "m" not in data or "\x1b[" not in data:
            return data
        out: list[str] = []
        now = wanted = _NOTHING
        column, runs = 0, list[tuple[_Look, str]]()
        place = 0

        def flush(now: _Look) -> _Look:
            for look, text in self._line(runs, column):
                # Blanks and erases show their ground alone.
                blank = text.isspace() or text == _ERASE
                blank = blank and look.ground == now.ground and look.plain and now.plain
                if not blank and look != now:
                    out.append(_step(now, look))
                    now = look
                out.append(text)
            runs.clear()
            return now

        for token in _TOKEN.finditer(data):
            start, end = token.span()
            if start > place:
                text = data[place:start]
                # An absolute move follows: the line break before it moves nothing.
                if token[2] == "H" and text.endswith("\n"):
                    text = text[:-1]
                if text:
                    if runs and runs[-1][0] == wanted:
                        runs[-1] = (wanted, runs[-1][1] + text)
                    else:
                        runs.append((wanted, text))
            place = end
            if token[2] == "m":
                wanted = _after(wanted, token[1])
                continue
            now = flush(now)
            line, _, cell = token[1].partition(";")
            column = int(cell or 1)
            out.append(f"\x1b[{'' if line == '1' and column == 1 else line}{f';{column}' if column > 1 else ''}H")
        if place < len(data):
            runs.append((wanted, data[place:]))
        now = flush(now)
        if now != wanted:
            out.append(_step(now, wanted))
        return "".join(out)

    def _line(self, runs: list[tuple[_Look, str]], column: int) -> list[tuple[_Look, str]]:
        """The runs of one line, blanks at its end as an erase where that is shorter and looks the same."""
        if not runs or not column:
            return list(runs)
        look, text = runs[-1]
        kept = text.rstrip(" ")
        if len(text) - len(kept) < _ERASE_FROM or not look.plain or (look.ground and not self.erases_in_colour):
            return list(runs)
        cells = sum(len(text) if text.isascii() else cell_len(text) for _, text in runs)
        if column - 1 + cells != self._width() or any("\x1b" in text or "\n" in text for _, text in runs):
            return list(runs)
        return [*runs[:-1], *([(look, kept)] if kept else []), (look, _ERASE)]


def erases_in_colour() -> bool:
    """Whether the terminal says of itself (terminfo: bce) that it erases with the ground in force."""
    try:
        import curses

        curses.setupterm(os.environ.get("TERM") or "dumb", 1)
        return curses.tigetflag("bce") == 1
    except Exception:  # noqa: BLE001 - no curses, no terminal, no description of it: then blanks are written
        return False


class ThriftyDriver(Driver):
    """Before a Textual driver: what it writes goes through :class:`Thrift`, and lines can be moved."""

    _frames = 0
    _moves = ""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._thrift = Thrift(lambda: app.size.width)

    def move_lines(self, top: int, bottom: int, by: int) -> None:
        """With the next frame, lines ``top`` to ``bottom`` move up by so many (down, if negative); what comes into
        sight is to be painted in that frame."""
        move = "\n" * by if by > 0 else "\x1bM" * -by
        edge = bottom if by > 0 else top
        self._moves += f"\x1b[{top + 1};{bottom + 1}r\x1b[{edge + 1}H{move}\x1b[r"

    def write(self, data: str) -> None:
        if data.startswith("\x1b[") and _TOKEN.match(data) is not None:
            self._frames += 1
            if self._frames == _ASK_FRAME:
                self._thrift.erases_in_colour = erases_in_colour()
            if self._frames > _PLAIN_FRAMES:
                data = self._thrift.spare(data)
            if self._moves:
                data, self._moves = self._moves + data, ""
        super().write(data)  # type: ignore[safe-super]


def thrifty(driver: type[Driver]) -> type[Driver]:
    """The driver, made thrifty; not on Windows, where a frame is written in pieces."""
    if sys.platform == "win32":
        return driver
    return type("Thrifty" + driver.__name__, (ThriftyDriver, driver), {})
