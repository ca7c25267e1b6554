"""A paste is text, whatever is in it: an escape character inside must not end it and turn its rest into keys.

Textual's parser takes an ESC within a bracketed paste for the beginning of a key: what follows is typed instead of
pasted, and a pasted ``ESC [15~`` would press F5. Most terminals strip ESC from pastes, multiplexers do not. So it is
taken out between the terminal and the parser.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual._xterm_parser import XTermParser
from textual.message import Message

_BEGIN: Final = "\x1b[200~"
_END: Final = "\x1b[201~"
_ESC: Final = "\x1b"


class PasteGuard:
    """Takes ESC out of pastes. Input comes in chunks that may end anywhere."""

    def __init__(self) -> None:
        self._inside = False
        self._seen = ""
        self._held = ""

    def clean(self, data: str) -> str:
        """``data`` without escape characters inside pastes; an end that may be one is held until the next chunk."""
        data, self._held = self._held + data, ""
        cleaned: list[str] = []
        while data:
            data = self._paste(data, cleaned) if self._inside else self._keys(data, cleaned)
        return "".join(cleaned)

    def _keys(self, data: str, cleaned: list[str]) -> str:
        # The beginning of a paste may have come in two chunks; what was passed on of it stays passed on.
        known = self._seen + data
        place = known.find(_BEGIN)
        if place < 0:
            cleaned.append(data)
            self._seen = known[-len(_BEGIN) + 1 :]
            return ""
        end = place + len(_BEGIN) - len(self._seen)
        cleaned.append(data[:end])
        self._inside, self._seen = True, ""
        return data[end:]

    def _paste(self, data: str, cleaned: list[str]) -> str:
        # An end in the pasted text itself is followed by the real one, with no other paste begun between them.
        begins = data.find(_BEGIN)
        place = data.rfind(_END, 0, begins if begins >= 0 else len(data))
        if place >= 0:
            cleaned.append(data[:place].replace(_END, "").replace(_ESC, "") + _END)
            self._inside = False
            return data[place + len(_END) :]
        # As much as the end could have begun with is looked at again with what comes next.
        for length in range(min(len(_END) - 1, len(data)), 0, -1):
            if _END.startswith(data[-length:]):
                data, self._held = data[:-length], data[-length:]
                break
        cleaned.append(data.replace(_ESC, ""))
        return ""


class GuardedParser(XTermParser):
    """Textual's parser behind the guard."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._guard = PasteGuard()

    def feed(self, data: str) -> Iterable[Message]:
        cleaned = self._guard.clean(data) if data else data
        # An empty feed would mean the end of all input.
        return super().feed(cleaned) if cleaned or not data else ()
