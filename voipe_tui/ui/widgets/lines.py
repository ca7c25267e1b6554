"""A few lines of our own making inside a form: summaries, errors, meters. Grows and shrinks with what is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from voipe_tui.ui.look.cells import Piece, line, pieces_width, wrap
from voipe_tui.ui.look.themes import Palette

Block = Sequence[Piece]
"""Pieces that belong together: a block is never broken between two of them, only wrapped when it is too long."""

BAR = "│ "
"""Before a text of a person's."""
_LABEL = 8
"""Cells of a label that a wrapped block is hung from."""


def _joined(block: Block) -> Block:
    return [("".join(text for text, _ in block), block[-1][1])]


class Lines(Widget):
    """Blocks of safe text. ``flow``: neighbouring blocks of several pieces share a line; a block of one
    piece is a sentence and starts a new one."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "Lines { height: auto; width: 1fr; }"

    def __init__(
        self,
        palette: Callable[[], Palette],
        *,
        id: str | None = None,
        flow: bool = False,
        most: int = 6,
        indent: int = 0,
        ground: str = "text",
        reorder: Callable[[str], str] | None = None,
    ) -> None:
        """``reorder`` puts a line into visual order, for terminals that do not."""
        super().__init__(id=id)
        self._palette = palette
        self._flow = flow
        self._most = most
        self._indent = indent
        self._ground = ground
        self._reorder = reorder
        self._blocks: list[Block] = []
        self._more = ""
        self._made: tuple[int, list[list[Piece]]] | None = None

    @property
    def text(self) -> str:
        """What is said, without its colours."""
        return "\n".join("".join(text for text, _ in block) for block in self._blocks)

    def limit(self, most: int) -> None:
        """At most so many lines from now on."""
        if most != self._most:
            self._most, self._made = most, None
            self.refresh(layout=True)

    def say(self, blocks: list[Block], more: str = "") -> None:
        """``more`` stands at the end where not all has room."""
        if (blocks, more) == (self._blocks, self._more):
            return
        before = len(self._laid_out(self.size.width)) if self._blocks else 0
        self._blocks, self._more, self._made = blocks, more, None
        after = len(self._laid_out(self.size.width)) if blocks else 0
        self.refresh(layout=before != after)

    def say_text(self, text: str, tone: str = "text") -> None:
        """One text, wrapped, in one tone; empty text takes the lines away."""
        self.say([[(text, self._palette().tone(tone))]] if text else [])

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._laid_out(width))

    def render_line(self, y: int) -> Strip:
        ground = self._palette().tone(self._ground)
        laid_out = self._laid_out(self.size.width)
        return line(laid_out[y] if y < len(laid_out) else [], self.size.width, ground)

    def _laid_out(self, width: int) -> list[list[Piece]]:
        if self._made is None or self._made[0] != width:
            self._made = (width, self._lay_out(max(width, 10)))
        return self._made[1]

    def _lay_out(self, width: int) -> list[list[Piece]]:
        lines: list[list[Piece]] = []
        indent = (" " * self._indent, self._palette().tone(self._ground))
        room = width - self._indent
        joined = False
        for block in self._blocks:
            for pieces in self._drawn(block, room):
                if (
                    self._flow
                    and len(block) > 1
                    and joined
                    and pieces_width(lines[-1]) + pieces_width(pieces) + 2 <= width
                ):
                    lines[-1] += [("  ", indent[1]), *pieces]
                else:
                    lines.append([indent, *pieces])
                joined = len(block) > 1
        if len(lines) > self._most:
            hidden = len(lines) - self._most + 1
            said = self._more or f"… and {hidden} more lines"
            lines = [*lines[: self._most - 1], [indent, (said, self._palette().muted)]]
        return lines

    def _drawn(self, block: Block, room: int) -> list[list[Piece]]:
        lines = self._wrapped(block, room)
        if self._reorder is None:
            return lines
        return [[(self._reorder(text), style) for text, style in pieces] for pieces in lines]

    @classmethod
    def height_of(cls, blocks: Sequence[Block], width: int) -> int:
        """Lines that these blocks take, each begun on a line of its own."""
        return sum(len(cls._wrapped(block, width)) for block in blocks)

    @staticmethod
    def _wrapped(block: Block, room: int) -> list[list[Piece]]:
        if pieces_width(block) <= room:
            return [list(block)]
        label, style = block[0]
        if len(block) > 1 and (width := pieces_width(block[:1])) <= _LABEL and width < room // 2:
            # The lines below the first stand below its text, not below its label; a bar goes on.
            below = label if label == BAR else " " * width
            rest = Lines._wrapped(block[1:] if len(block) == 2 else _joined(block[1:]), room - width)
            return [[(below if n else label, style), *pieces] for n, pieces in enumerate(rest)]
        # Too long for a line: wrapped as one text, in the style of its last piece.
        text, style = "".join(text for text, _ in block), block[-1][1]
        return [[(part, style)] for part in wrap(text, room)]
