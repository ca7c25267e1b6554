"""One of many, found by a few letters of it, with a look at the whole before it is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from voipe_tui.text.fuzzy import best
from voipe_tui.text.search_fold import fold_for_search
from voipe_tui.text.untrusted import safe_line, safe_text
from voipe_tui.ui.look.cells import fit, line, two_sided, wrap
from voipe_tui.ui.widgets.fields import Field

if TYPE_CHECKING:
    from voipe_tui.ui.look.themes import Palette


class Choice(NamedTuple):
    """``title`` is the line in the list, ``aside`` stands at its right end, ``text`` is the whole, looked through
    too."""

    title: str
    text: str
    value: Any
    aside: str = ""


class Picker(ModalScreen[Any]):
    """Type to narrow, arrows to choose, Enter takes, Escape leaves. ``None`` when nothing was taken."""

    DEFAULT_CSS = """
    Picker { align: center middle; }
    Picker > Vertical {
        width: 96; max-width: 100%; height: 80%; background: $panel; padding: 1 2; border-left: thick $primary;
    }
    Picker Field { background: $surface; border: none; padding: 0 1; margin: 0 0 1 0; }
    Picker Horizontal { height: 1fr; }
    Picker _Choices { width: 1fr; min-width: 24; }
    Picker _Preview { width: 1fr; margin: 0 0 0 2; }
    """
    footer: ClassVar = (("Enter", "take"), ("Esc", "back"), ("↑↓", "choose"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("down,ctrl+n", "move(1)", show=False),
        Binding("up,ctrl+p", "move(-1)", show=False),
        Binding("pagedown", "move(8)", show=False),
        Binding("pageup", "move(-8)", show=False),
    ]

    def __init__(
        self,
        palette: Callable[[], Palette],
        title: str,
        choices: Sequence[Choice],
        *,
        nothing: str,
        foot: str = "",
        reorder: Callable[[str], str] | None = None,
    ) -> None:
        """``nothing`` is said where there is no choice at all; ``foot`` is a line at the bottom; ``reorder`` puts a
        line into visual order, for terminals that do not."""
        super().__init__()
        self._palette = palette
        self._title = title
        self._all = [(fold_for_search(f"{each.title} {each.text[:400]}"), each) for each in choices]
        self._nothing = nothing
        self._foot = foot
        self._reorder = reorder
        self.found: list[Choice] = list(choices)
        self.cursor = 0
        self.field = Field(placeholder=f"{title}: type to find")
        self._list = _Choices(self)
        self._preview = _Preview(self)
        self._foot_line = _Foot(self)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield self.field
            with Horizontal():
                yield self._list
                yield self._preview
            yield self._foot_line

    @property
    def palette(self) -> Palette:
        return self._palette()

    def drawn(self, text: str) -> str:
        """A line of the choices' own, as it is drawn."""
        return text if self._reorder is None else self._reorder(text)

    @property
    def chosen(self) -> Choice | None:
        return self.found[self.cursor] if self.found else None

    @property
    def said(self) -> str:
        """What stands where nothing is to be shown."""
        return "" if self.found else (self._nothing if not self._all else "Nothing like that.")

    @property
    def foot(self) -> str:
        return self._foot or "Enter takes it, Esc goes back"

    def on_mount(self) -> None:
        self.field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.found = best(event.value, self._all)
        self.cursor = 0
        self._again()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.chosen is not None:
            self.dismiss(self.chosen.value)

    def take(self, index: int) -> None:
        """One was clicked."""
        if index < len(self.found):
            self.dismiss(self.found[index].value)

    def action_move(self, by: int) -> None:
        if self.found:
            self.cursor = min(max(self.cursor + by, 0), len(self.found) - 1)
            self._again()

    def action_leave(self) -> None:
        self.dismiss(None)

    def _again(self) -> None:
        self._list.refresh()
        self._preview.refresh()


class _Choices(Widget):
    def __init__(self, picker: Picker) -> None:
        super().__init__()
        self._picker = picker

    @property
    def _top(self) -> int:
        height = max(self.size.height, 1)
        return max(0, min(self._picker.cursor - height // 2, len(self._picker.found) - height))

    def render_line(self, y: int) -> Strip:
        picker, palette = self._picker, self._picker.palette
        index = self._top + y
        if index >= len(picker.found):
            said = picker.said if y == 0 else ""
            return line([(fit(said, self.size.width), palette.bar_muted)], self.size.width, palette.bar)
        choice = picker.found[index]
        ground = palette.cursor if index == picker.cursor else palette.bar
        aside = [(choice.aside, ground if index == picker.cursor else palette.bar_muted)] if choice.aside else []
        room = self.size.width - (len(choice.aside) + 2 if choice.aside else 0)
        title = picker.drawn(fit(safe_line(choice.title), max(room, 1)).rstrip())
        return two_sided([(title, ground)], aside, self.size.width, ground, keep=1)

    def on_click(self, event: events.Click) -> None:
        self._picker.take(self._top + event.y)


class _Preview(Widget):
    def __init__(self, picker: Picker) -> None:
        super().__init__()
        self._picker = picker

    def render_line(self, y: int) -> Strip:
        palette, chosen = self._picker.palette, self._picker.chosen
        lines = wrap(safe_text(chosen.text[:4_000]), max(self.size.width, 8)) if chosen is not None else []
        drawn = self._picker.drawn(lines[y]) if y < len(lines) else ""
        return line([(drawn, palette.bar)], self.size.width, palette.bar)


class _Foot(Widget):
    DEFAULT_CSS = "_Foot { height: 1; margin: 1 0 0 0; }"

    def __init__(self, picker: Picker) -> None:
        super().__init__()
        self._picker = picker

    def render_line(self, y: int) -> Strip:
        palette = self._picker.palette
        return line([(self._picker.foot, palette.bar_muted)], self.size.width, palette.bar)
