"""Between Textual and its driver: what is written goes through :class:`~voipe_tui.ui.terminal.thrift.Thrift`, once
nobody waits for the first screen any more, and lines can be moved."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.driver import Driver

    from voipe_tui.ui.terminal.thrift import Thrift
else:
    Driver = object

_HARMLESS = ("\x1b[?2026", "\x1b]", "\x07", "\x1bPtmux;")
"""What may go out between two frames without touching the screen: their brackets, titles, the clipboard, the bell."""


class ThriftyDriver(Driver):
    """Mixed into a Textual driver, before it."""

    _thrift: Thrift | None = None
    _moves = ""

    def begin_to_save(self) -> None:
        """From now on. Takes a few milliseconds: the terminal's description is read."""
        from voipe_tui.ui.terminal.thrift import Thrift, erases_in_colour

        app: Any = self._app
        self._thrift = Thrift(lambda: (app.size.width, app.size.height), erases_in_colour=erases_in_colour())

    def move_lines(self, top: int, bottom: int, by: int) -> None:
        """With the next frame, lines ``top`` to ``bottom`` move up by so many (down, if negative); what comes into
        sight is to be painted in that frame."""
        move = "\n" * by if by > 0 else "\x1bM" * -by
        edge = bottom if by > 0 else top
        self._moves += f"\x1b[{top + 1};{bottom + 1}r\x1b[{edge + 1}H{move}\x1b[r"
        if self._thrift is not None:
            self._thrift.moved(top, bottom, by)

    def write(self, data: str) -> None:
        if _is_frame(data):
            if self._thrift is not None:
                data = self._thrift.spare(data)
            if self._moves:
                data, self._moves = self._moves + data, ""
        elif self._thrift is not None and not data.startswith(_HARMLESS):
            self._thrift.forget()
        super().write(data)  # type: ignore[safe-super]


def _is_frame(data: str) -> bool:
    """Textual begins each with the place where it is drawn."""
    end = data.find("H", 2, 12)
    return end > 2 and data.startswith("\x1b[") and data[2:end].replace(";", "").isdigit()


def thrifty(driver: type[Driver]) -> type[Driver]:
    """The driver, made thrifty; not on Windows, where a frame is written in pieces."""
    if sys.platform == "win32":
        return driver
    return type("Thrifty" + driver.__name__, (ThriftyDriver, driver), {})
