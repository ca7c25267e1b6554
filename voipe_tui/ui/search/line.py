"""The search line above a list: a field, and below it what could be typed next or what is wrong with what was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message as Event
from textual.widget import Widget
from textual.widgets import Input

from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.look.cells import Piece, pieces_width
from voipe_tui.ui.terminal.type_ahead import focus_now
from voipe_tui.ui.widgets.bars import Bar
from voipe_tui.ui.widgets.fields import Field, plain_highlighter

if TYPE_CHECKING:
    from voipe_tui.text.filters import Completion
    from voipe_tui.ui.look.themes import Palette

HINT = "words, a name, a number, or a field:"


class FilterField(Field):
    """Underlines the part that cannot be read; → at its end takes what is offered."""

    takes_many = True

    class AtTheEnd(Event):
        """→ was pressed behind the last character."""

    def __init__(self, wrong: Callable[[], Style], edited: Callable[[], None], value: str = "") -> None:
        super().__init__(value=value, placeholder=HINT)
        self._edited = edited
        self._wrong = wrong
        self._span: tuple[int, int] | None = None
        self._plain = plain_highlighter()
        self.highlighter = self._marked  # type: ignore[assignment]

    def _marked(self, text: str | Text) -> Text:
        drawn = self._plain(text)
        if self._span is not None:
            drawn.stylize(self._wrong() + Style(underline=True), *self._span)
        return drawn

    def mark(self, span: tuple[int, int] | None) -> None:
        """The characters (start, end) that are wrong; None for nothing."""
        if span != self._span:
            self._span = span
            self.refresh()

    def replace(self, text: str, start: int, end: int) -> None:
        with self.prevent(Input.Changed):
            super().replace(text, start, end)
        self.paint_asked()  # the letter first, then what is found
        self._edited()

    def put(self, text: str) -> None:
        """Another text, the cursor behind it."""
        self.value = text
        self.cursor_position = len(text)

    def action_cursor_right(self, select: bool = False) -> None:
        if not select and self.cursor_position == len(self.value):
            self.post_message(self.AtTheEnd())
        else:
            super().action_cursor_right(select)


class SearchLine(Widget):
    """Tells Enter (done) and Escape (closed).

    ``typed`` is told the text and the place in it where one types, whenever they change; where more keys wait only
    the last of them is told. ``offers`` says what the word at the cursor could become; ``recent`` are the last
    searches, the latest first: ↑ in an empty field brings them back.
    """

    DEFAULT_CSS = """
    SearchLine { height: 2; layout: vertical; background: $panel; }
    SearchLine Horizontal { height: 1; background: $panel; }
    SearchLine Label { width: auto; padding: 0 1; color: $primary; text-style: bold; background: $panel; }
    SearchLine Field { width: 1fr; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("pagedown", "done", show=False),
        Binding("down", "choose(1)", show=False),
        Binding("up", "choose(-1)", show=False),
        Binding("tab", "accept", show=False),
    ]
    context = "search"

    class Done(Event):
        """On to the results."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Closed(Event):
        """No search any more."""

    def __init__(
        self,
        palette: Callable[[], Palette],
        offers: Callable[[str, int], Sequence[Completion]],
        typed: Callable[[str, int], None],
        recent: Sequence[str] = (),
        value: str = "",
    ) -> None:
        super().__init__()
        self._palette = palette
        self._offers_for = offers
        self._recent = tuple(recent)
        self._recalled = -1
        self._offers: Sequence[Completion] = ()
        self._chosen: int | None = None
        self._problem = self._hint = ""
        self._busy = ""
        self._typed = typed
        self._told: tuple[str, int] = (value, len(value))
        self._field = FilterField(lambda: palette().bar_bad, self._edited, value)
        self._below = Bar(palette)

    def compose(self) -> ComposeResult:
        from textual.widgets import Label

        with Horizontal():
            yield Label("/")
            yield self._field
        yield self._below

    def on_mount(self) -> None:
        if self._field.value:
            self._field.cursor_position = len(self._field.value)
        self._look()

    def on_resize(self) -> None:
        self._say()

    @property
    def value(self) -> str:
        return self._field.value

    @property
    def said(self) -> str:
        """The line below the field."""
        return self._below.text

    def focus_field(self) -> None:
        focus_now(self._field)

    # What stands below

    def complain(self, problem: str, hint: str = "", span: tuple[int, int] | None = None) -> None:
        """What is wrong, what to do about it, and where it is; an empty sentence takes it away."""
        self._problem, self._hint = problem, hint
        self._field.mark(span if problem else None)
        self._say()

    def busy(self, said: str) -> None:
        """A word about a search that is still going on."""
        if said != self._busy:
            self._busy = said
            self._say()

    def _look(self) -> None:
        """What could be typed next, for the text as it stands now."""
        self._offers = self._offers_for(self._field.value, self._field.cursor_position)
        self._chosen = None
        self._say()

    def _say(self) -> None:
        palette = self._palette()
        right: list[Piece] = [(f" {self._busy} ", palette.bar_warn)] if self._busy else []
        if self._problem:
            said: list[Piece] = [(f"   ✗ {safe_line(self._problem)} ", palette.bar_bad)]
            hint = (safe_line(self._hint), palette.bar_muted)
            self._below.say([*said, hint] if pieces_width([*said, hint]) <= self.size.width else said, right)
        elif not self._offers:
            words = "Enter goes to the results, Esc shows everything" if self._field.value else ""
            self._below.say([(f"   {words}", palette.bar_muted)], right)
        else:
            self._below.say(*self._offered(right))

    def _offered(self, right: list[Piece]) -> tuple[list[Piece], list[Piece]]:
        palette = self._palette()
        shown = self._chosen if self._chosen is not None else 0 if self._narrows else None
        meaning = safe_line(self._offers[shown].said) if shown is not None else ""
        if self._recent and not self._field.value:
            meaning = "↑ the last search"
        if meaning:
            right = [(f" {meaning} ", palette.bar_muted), *right]
        # The chosen one is always in sight: what stands before it goes first.
        room = max(self.size.width - pieces_width(right) - 4, 10)
        start = 0
        while shown is not None and start < shown and self._width(start, shown) > room:
            start += 1
        left: list[Piece] = [("   " if start == 0 else " … ", palette.bar_muted)]
        for index in range(start, len(self._offers)):
            word = f" {safe_line(self._offers[index].insert).strip()} "
            if pieces_width(left) + len(word) > room + 2:
                break
            left.append((word, palette.bar_active if index == shown else palette.bar))
        return left, right

    def _width(self, start: int, end: int) -> int:
        return sum(len(self._offers[index].insert.strip()) + 2 for index in range(start, end + 1))

    @property
    def _narrows(self) -> bool:
        """Something was begun that the offers would end: then they may have the arrow keys."""
        if not self._offers:
            return False
        first = self._offers[0]
        before = self._field.value[: first.start]
        return first.start < first.end or before.endswith((":", ","))

    # Keys

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._tell()

    def _edited(self) -> None:
        if getattr(self.app, "is_behind", False):
            self.call_later(self._tell)
        else:
            self._tell()

    def _tell(self) -> None:
        told = self._field.value, self._field.cursor_position
        if told != self._told:
            self._told = told
            self._look()
            self._typed(*told)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._chosen is not None:
            self.action_accept()
        else:
            self.action_done()

    def on_filter_field_at_the_end(self) -> None:
        self.action_accept()

    def action_accept(self) -> None:
        """Takes the completion that is chosen, or the first one."""
        if self._offers and (self._narrows or self._chosen is not None):
            offer = self._offers[self._chosen or 0]
            text = self._field.value
            self._field.value = text[: offer.start] + offer.insert + text[offer.end :]
            self._field.cursor_position = offer.start + len(offer.insert)
            self._look()

    def action_choose(self, by: int) -> None:
        """↓ and ↑: among what is offered; without that to the results, or back through the last searches."""
        if self._recent and (not self._field.value or self._is_recalled) and (by < 0 or self._recalled >= 0):
            self._recall(-by)
        elif self._narrows:
            start = self._chosen if self._chosen is not None else (-1 if by > 0 else 0)
            self._chosen = (start + by) % len(self._offers)
            self._say()
        elif by > 0:
            self.action_done()

    @property
    def _is_recalled(self) -> bool:
        return 0 <= self._recalled < len(self._recent) and self._field.value == self._recent[self._recalled]

    def _recall(self, by: int) -> None:
        self._recalled = min(max(self._recalled + by, -1), len(self._recent) - 1)
        self._field.put(self._recent[self._recalled] if self._recalled >= 0 else "")

    def action_done(self) -> None:
        if self._problem:
            # Whoever goes on would act on something else than what stands in the field.
            self.app.bell()
            return
        self.post_message(self.Done(self._field.value))

    def action_close(self) -> None:
        self.post_message(self.Closed())
