"""Every part of the screen is told its size, on a slow machine, too.

Textual tells the parts that are new since the map of the screen it had before. When somebody asks where a part stands
while others are being mounted, it makes a map in between, in which those are already: the next layout finds nothing new
and they never get their first ``Resize`` (textual 8.2, ``Compositor.full_map``). It happens when mounting takes longer
than a sixtieth of a second; then no message ever stood beside the list of a wide terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual._compositor import Compositor

if TYPE_CHECKING:
    from textual._compositor import CompositorMap, ReflowResult
    from textual.geometry import Size
    from textual.widget import Widget


class ToldCompositor(Compositor):
    """Compares a layout with the last one whose changes were told."""

    def __init__(self) -> None:
        super().__init__()
        self._told: CompositorMap = {}

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        self._full_map = self._told
        result = super().reflow(parent, size)
        self._told = self._full_map
        return result
