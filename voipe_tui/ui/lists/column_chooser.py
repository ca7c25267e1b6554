"""Which columns a list shows, and in which order: a small list of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from voipe_tui.ui.commands.layout import typed
from voipe_tui.ui.lists.columns import BY_ID, COLUMNS
from voipe_tui.ui.look.themes import Palette
from voipe_tui.ui.widgets.lines import Block
from voipe_tui.ui.widgets.ordered import Ordered


class ColumnChooser(Ordered[tuple[str, ...] | None]):
    """Space shows or hides a column, J and K (or shift and an arrow) move it, Enter keeps, Escape drops, 0 takes the
    default."""

    DEFAULT_CSS = "ColumnChooser Lines { width: 46; }"
    footer: ClassVar = (
        ("Space", "show or hide"),
        ("J", "down"),
        ("K", "up"),
        ("0", "default"),
        ("Enter", "keep"),
        ("Esc", "drop"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(typed("space,x"), "show_or_hide", show=False),
        Binding("enter", "keep", show=False),
        Binding("0", "default", show=False),
    ]

    def __init__(self, palette: Callable[[], Palette], chosen: Sequence[str]) -> None:
        super().__init__(palette)
        self._order = [*chosen, *(column.id for column in COLUMNS if column.id not in chosen)]
        self._on = set(chosen)

    def head(self) -> list[Block]:
        return [[("Columns, from left to right", self._palette().bar_key)]]

    def rows(self) -> list[Block]:
        palette = self._palette()
        return [
            [
                (
                    f"{'▸' if here else ' '} [{'x' if name in self._on else ' '}] {BY_ID[name].title}",
                    palette.bar_active if here else palette.bar if name in self._on else palette.bar_muted,
                )
            ]
            for name, here in ((name, index == self._cursor) for index, name in enumerate(self._order))
        ]

    def foot(self) -> list[Block]:
        keys = "Space shows or hides, J and K move it down and up, Enter keeps, Esc drops, 0 the default"
        return [[(keys, self._palette().bar_muted)]]

    def swap(self, place: int, other: int) -> bool:
        self._order[place], self._order[other] = self._order[other], self._order[place]
        return True

    def action_show_or_hide(self) -> None:
        name = self._order[self._cursor]
        if self._on != {name}:  # one column there must be
            self._on ^= {name}
        self.show()

    def action_keep(self) -> None:
        self.dismiss(tuple(name for name in self._order if name in self._on))

    def action_default(self) -> None:
        self.dismiss(())
