"""Parts whose lines go to the terminal with the key that changed them: lists, fields and bars.

Textual's way to the screen leads through the queues of the widget and of the screen, a timer, and an arrangement of all
widgets that stand anywhere near: several milliseconds for two lines of which everything is known. That way stays for
whatever is not as simple as this: a dialog above, a layout to come, more keys than the screen follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.control import Control
from textual._compositor import CompositorUpdate
from textual.color import Color
from textual.containers import Horizontal
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from rich.console import Console

    _Widget = Widget
else:
    _Widget = object


class _Painting(CompositorUpdate):
    """Stretches of lines, each with its place on the screen."""

    def __init__(self, strips: Sequence[tuple[int, int, Strip]]) -> None:
        self._strips = strips

    def render_segments(self, console: Console) -> str:
        return "".join(f"{Control.move_to(x, y)}{strip.render(console)}" for x, y, strip in self._strips)


class SeeThrough:
    """Mixed into a container that shows nothing of its own: it makes no lines, to be covered by those of its parts.

    No widget itself: Textual takes the styles of the first one among the bases.
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        return []


class SideBySide(SeeThrough, Horizontal):
    """A list, and what stands beside it where there is room."""


class PaintsAtOnce(_Widget):
    """Mixed into a widget without border and padding, behind it where it has styles of its own."""

    def line_at(self, y: int) -> Strip:
        """One line, as wide as the widget."""
        return self.render_lines(Region(0, y, self.size.width, 1))[0]

    def paint(self, *regions: Region) -> None:
        """These parts look different now: at once where nothing is in the way, else with Textual's next frame."""
        # What Textual was asked to paint and has not, or has with a whole screen without noticing, goes along.
        whole = self.size.region
        asked = [region.intersection(whole) for region in self._repaint_regions]
        place = self._place_of([*regions, *asked])
        if place is None:
            self.refresh(*regions)
            return
        self._repaint_regions.clear()
        self._repaint_required = False
        width = self.size.width
        strips = []
        for x, y, wide, height in (*regions, *asked):
            for line in range(y, y + height):
                strip = self.line_at(line)
                strips.append((place.x + x, place.y + line, strip if wide == width else strip.crop(x, x + wide)))
        self.app._display(self.screen, _Painting(strips))  # type: ignore[arg-type]  # as Textual does itself

    def paint_asked(self) -> None:
        """Paints what :meth:`refresh` was asked for, if that can be done at once; else it stays asked for."""
        if self._repaint_required and self._repaint_regions and self._place_of(list(self._repaint_regions)) is not None:
            self.paint()

    def _place_of(self, regions: Sequence[Region]) -> Region | None:
        """Where this widget stands, if it can be painted without asking anybody."""
        app, screen = self.app, self.screen
        if (
            not getattr(app, "paints_at_once", False)
            or app._batch_count
            or app.message_queue_size  # the screen follows keys that come faster at its own pace
            or app.screen is not screen
            or screen._layout_required
            or self._layout_required
        ):
            return None
        visible = screen._compositor.visible_widgets
        if self not in visible:
            return None
        place, clip = visible[self]
        if not clip.contains_region(place) or place.size != self.size:
            return None
        here = [region.translate(place.offset) for region in regions]
        for widget, (region, _) in visible.items():  # from the front to the back
            if widget is self:
                return place
            if any(region.overlaps(each) for each in here):
                return None
        return None


class PaintsItself(PaintsAtOnce):
    """The same where :meth:`refresh` is called by whatever changes, Textual's own parts among it."""

    def _check_refresh(self) -> None:
        self.paint_asked()
        super()._check_refresh()


class PaintedLines(PaintsAtOnce, Widget):
    """Makes its lines in :meth:`line_at`; has no border, padding or scroll bar."""

    _ground = Color(0, 0, 0)

    def line_at(self, y: int) -> Strip:
        """One line, as wide as the widget."""
        raise NotImplementedError

    def learn_ground(self) -> None:
        """To be called for every other size and theme."""
        self._ground = self.background_colors[1]

    def filtered(self, strip: Strip) -> Strip:
        """What Textual does to each line for the sake of the terminal's colours (none at all, say)."""
        for each in self.get_line_filters():
            strip = strip.apply_filter(each, self._ground)
        return strip

    def render_lines(self, crop: Region) -> list[Strip]:
        # Textual would keep lines by their places: ours move about.
        strips = [self.line_at(y) for y in range(crop.y, crop.bottom)]
        return strips if crop.width == self.size.width else [strip.crop(crop.x, crop.right) for strip in strips]

    def render_line(self, y: int) -> Strip:
        return self.line_at(y)
