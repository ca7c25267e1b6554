"""The one-line bars: views on top, state and keys below. Each is a line of pieces, drawn only when it changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.message import Message as Event
from textual.strip import Strip
from textual.widget import Widget

from voipe_tui.ui.look.cells import Piece, line, pieces_width, two_sided
from voipe_tui.ui.look.themes import Palette
from voipe_tui.ui.terminal.painting import PaintsItself


class Bar(PaintsItself, Widget):
    """One line. ``left`` and ``right`` are pieces of safe text; where room lacks the right ones go first."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self, palette: Callable[[], Palette], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._palette = palette
        self._left: list[Piece] = []
        self._right: list[Piece] = []
        self.keep_right = 0
        """So many pieces on the right end stay even where the left ones must be cut for them."""

    @property
    def text(self) -> str:
        """What the bar says, without its colours."""
        return "".join(text for text, _ in (*self._left, *self._right))

    def say(self, left: list[Piece], right: Sequence[Piece] = ()) -> None:
        """Shows these pieces; nothing is written to the terminal when they are the ones shown already."""
        new_right = list(right)
        if left != self._left or new_right != self._right:
            self._left, self._right = left, new_right
            self.refresh()
            self.paint_asked()

    def render_line(self, y: int) -> Strip:
        ground = self._palette().bar
        return two_sided(self._left, self._right, self.size.width, ground, keep=self.keep_right)

    def piece_at(self, x: int) -> int | None:
        """The index of the left piece under a column."""
        offset = 0
        for index, piece in enumerate(self._left):
            offset += pieces_width([piece])
            if x < offset:
                return index
        return None


class TabBar(Bar):
    """The views by number, with what waits in them."""

    class Chosen(Event):
        """A click on a view."""

        def __init__(self, view: str) -> None:
            super().__init__()
            self.view = view

    def __init__(self, palette: Callable[[], Palette], *, id: str | None = None) -> None:
        super().__init__(palette, id=id)
        self._views: tuple[str, ...] = ()
        self._shown: tuple[tuple[tuple[str, str, str], ...], str, str] | None = None

    def show(self, views: Sequence[tuple[str, str, str]], active: str, name: str) -> None:
        """``views``: (id, label, mark); ``name`` stands on the right."""
        self._shown = (tuple(views), active, name)
        self._views = tuple(view for view, _, _ in views)
        palette = self._palette()
        pieces = [
            (f" {label}{' ' + mark if mark else ''} ", palette.bar_active if view == active else palette.bar)
            for view, label, mark in views
        ]
        if self.size.width:
            for narrower in (_tight, _one_word):
                if pieces_width(pieces) > self.size.width:
                    pieces = [
                        (narrower(label, mark, view == active), style)
                        for (view, label, mark), (_, style) in zip(views, pieces, strict=True)
                    ]
        self.say(pieces, [(f" {name} ", palette.bar_muted)])

    def on_resize(self) -> None:
        if self._shown is not None:
            self.show(*self._shown)

    def on_click(self, event: events.Click) -> None:
        index = self.piece_at(event.x)
        if index is not None and index < len(self._views):
            self.post_message(self.Chosen(self._views[index]))


def _tight(label: str, mark: str, active: bool) -> str:
    """Less air, all the words."""
    return f" {label}{mark} " if active else f"{label}{mark} "


def _one_word(label: str, mark: str, active: bool) -> str:
    """Only the view that is shown keeps its word."""
    return f" {label if active else label.split(' ')[0]}{mark} "


class KeyBar(Bar):
    """The keys that work here. As many as fit, the more important ones first; the last two always."""

    class Pressed(Event):
        """A click on a key."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, palette: Callable[[], Palette], *, id: str | None = None) -> None:
        super().__init__(palette, id=id)
        self._keys: tuple[tuple[str, str, str], ...] = ()
        self._over: list[Piece] = []

    def over(self, pieces: list[Piece]) -> None:
        """What stands here instead of the keys while it matters more: the rest of a sentence that is longer than the
        line above."""
        if pieces != self._over:
            self._over = pieces
            self.refresh()
            self.paint_asked()

    def show(self, keys: Sequence[tuple[str, str, str]]) -> None:
        """``keys``: (key, word, action), the most important first."""
        self._keys = tuple(keys)
        self.refresh()

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self._over or self._fitting()[0])

    def _fitting(self) -> tuple[list[Piece], list[str]]:
        palette = self._palette()
        entries = [
            ((f" {key} ", palette.bar_key), (f"{word} ", palette.bar), action) for key, word, action in self._keys
        ]
        room = self.size.width
        always, optional = entries[-2:], entries[:-2]
        used = sum(pieces_width(entry[:2]) for entry in always)
        kept = []
        for entry in optional:
            size = pieces_width(entry[:2])
            if used + size > room:
                break
            used += size
            kept.append(entry)
        shown = kept + always
        return [piece for entry in shown for piece in entry[:2]], [entry[2] for entry in shown for _ in range(2)]

    def render_line(self, y: int) -> Strip:
        return line(self._over or self._fitting()[0], self.size.width, self._palette().bar)

    def on_click(self, event: events.Click) -> None:
        offset = 0
        pieces, actions = self._fitting()
        for piece, action in zip(pieces, actions, strict=True):
            offset += pieces_width([piece])
            if event.x < offset:
                self.post_message(self.Pressed(action))
                return
