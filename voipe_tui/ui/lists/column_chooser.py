"""Which columns a list shows, and in which order: a small list of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from voipe_tui.ui.commands.layout import typed
from voipe_tui.ui.lists.columns import BY_ID, COLUMNS
from voipe_tui.ui.look.cells import Piece
from voipe_tui.ui.look.themes import Palette
from voipe_tui.ui.widgets.lines import Block, Lines


class ColumnChooser(ModalScreen[tuple[str, ...] | None]):
    """Space shows or hides a column, J and K (or shift and an arrow) move it, Enter keeps, Escape drops, 0 takes the
    default."""

    DEFAULT_CSS = """
    ColumnChooser { align: center middle; }
    ColumnChooser Lines { width: 46; max-width: 100%; background: $panel; padding: 0 2; }
    """
    footer: ClassVar = (
        ("Space", "show or hide"),
        ("J", "down"),
        ("K", "up"),
        ("0", "default"),
        ("Enter", "keep"),
        ("Esc", "drop"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(typed("j,down"), "step(1)", show=False),
        Binding(typed("k,up"), "step(-1)", show=False),
        Binding("J,shift+down", "move(1)", show=False),
        Binding("K,shift+up", "move(-1)", show=False),
        Binding(typed("space,x"), "show_or_hide", show=False),
        Binding("enter", "keep", show=False),
        Binding("0", "default", show=False),
        Binding(typed("escape,q"), "drop", show=False),
    ]

    def __init__(self, palette: Callable[[], Palette], chosen: Sequence[str]) -> None:
        super().__init__()
        self._palette = palette
        self._order = [*chosen, *(column.id for column in COLUMNS if column.id not in chosen)]
        self._on = set(chosen)
        self._cursor = 0
        self._lines = Lines(palette, ground="bar", most=40)

    def compose(self) -> ComposeResult:
        yield self._lines

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        palette = self._palette()
        blocks: list[Block] = [[("Columns, from left to right", palette.bar_key)]]
        for index, name in enumerate(self._order):
            here = index == self._cursor
            piece: Piece = (
                f"{'▸' if here else ' '} [{'x' if name in self._on else ' '}] {BY_ID[name].title}",
                palette.bar_active if here else palette.bar if name in self._on else palette.bar_muted,
            )
            blocks.append([piece])
        keys = "Space shows or hides, J and K move it down and up, Enter keeps, Esc drops, 0 the default"
        blocks.append([(keys, palette.bar_muted)])
        self._lines.say(blocks)

    def action_step(self, by: int) -> None:
        self._cursor = min(max(self._cursor + by, 0), len(self._order) - 1)
        self._show()

    def action_move(self, by: int) -> None:
        place = self._cursor + by
        if 0 <= place < len(self._order):
            self._order[self._cursor], self._order[place] = self._order[place], self._order[self._cursor]
            self._cursor = place
            self._show()

    def action_show_or_hide(self) -> None:
        name = self._order[self._cursor]
        if self._on != {name}:  # one column there must be
            self._on ^= {name}
        self._show()

    def action_keep(self) -> None:
        self.dismiss(tuple(name for name in self._order if name in self._on))

    def action_default(self) -> None:
        self.dismiss(())

    def action_drop(self) -> None:
        self.dismiss(None)
