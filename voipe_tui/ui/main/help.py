"""All keys, from the same records as the bindings themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget

from voipe_tui.ui.commands import COMMANDS, CONTEXTS, show_key
from voipe_tui.ui.commands.layout import typed
from voipe_tui.ui.look.cells import Piece, fit, line, two_sided, wrap
from voipe_tui.ui.look.words import STATUS
from voipe_tui.ui.terminal.type_ahead import focus_now

if TYPE_CHECKING:
    from voipe_tui.ui.services import Session

_KEYS_WIDTH = 20
_TITLE_WIDTH = 23
_NAME_WIDTH = 46


class HelpText(Widget, can_focus=True):
    """The rows, scrolled line by line."""

    ALLOW_SELECT: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(typed("j,down"), "scroll_by(1)", show=False),
        Binding(typed("k,up"), "scroll_by(-1)", show=False),
        Binding("pagedown,space", "scroll_page(1)", show=False),
        Binding("pageup", "scroll_page(-1)", show=False),
        Binding(typed("g,home"), "scroll_by(-10000)", show=False),
        Binding(typed("G,end"), "scroll_by(10000)", show=False),
    ]
    DEFAULT_CSS = "HelpText { height: 1fr; }"

    def __init__(self, session: Session, here: str) -> None:
        super().__init__()
        self._session = session
        self._here = here
        self._lines: list[list[Piece]] = []
        self._top = 0

    @property
    def text(self) -> str:
        return "\n".join("".join(text for text, _ in pieces).rstrip() for pieces in self._lines)

    def on_resize(self) -> None:
        self._lines = self._describe(max(self.size.width - 4, 20))
        self._top = min(self._top, self._last_top)
        self.refresh()

    @property
    def _last_top(self) -> int:
        return max(len(self._lines) - self.size.height, 0)

    def _describe(self, width: int) -> list[list[Piece]]:
        palette = self._session.palette
        order = [context for context in CONTEXTS if context != "setup"]
        if self._here in order:
            order.remove(self._here)
            order.insert(0, self._here)
        lines: list[list[Piece]] = self._wrong(width)
        if self._here == "search":
            lines += self._language()
        for context in order:
            here = " (you are here)" if context == self._here and context != "main" else ""
            lines += [[], [(CONTEXTS[context] + here, palette.primary)]]
            for command in COMMANDS:
                if command.context == context:
                    lines += self._row(command.id, command.title, command.help, width)
        if self._here != "search":
            lines += self._language()
        lines += [[], [("Signs", palette.primary)]]
        for status, look in STATUS.items():
            lines.append(
                [
                    (fit(f"  {look.sign} {status}", _KEYS_WIDTH), palette.tone(look.tone)),
                    (fit(look.meaning, max(width - _KEYS_WIDTH, 1)).rstrip(), palette.muted),
                ]
            )
        return lines + self._names(width)

    def _wrong(self, width: int) -> list[list[Piece]]:
        """What the settings asked for and did not get."""
        palette, problems = self._session.palette, self._session.problems
        if not problems:
            return []
        texts = [text for problem in problems for text in wrap(problem, width - 2)]
        return [[], [("Not as you wish it", palette.warn)], *([("  " + text, palette.text)] for text in texts)]

    def _names(self, width: int) -> list[list[Piece]]:
        """What the commands are called in the settings."""
        palette = self._session.palette
        lines: list[list[Piece]] = [[], [("Your own keys: [keys] in config.toml, a name = its keys", palette.primary)]]
        for command in COMMANDS:
            where = f"{command.title}, {CONTEXTS[command.context].lower()}"
            name = f'  {command.id} = "{",".join(self._session.keys.by_command[command.id])}"'
            lines.append(
                [
                    (fit(name, _NAME_WIDTH), palette.strong),
                    (fit(where, max(width - _NAME_WIDTH, 1)).rstrip(), palette.muted),
                ]
            )
        return lines

    def _language(self) -> list[list[Piece]]:
        """What can be typed into a search."""
        from voipe_tui.text.filter_words import FIELDS

        palette, width = self._session.palette, self.size.width
        rows = [("words", "in a text, a name or a number; beginnings suffice"), ('"a phrase"', "these words in a row")]
        rows += [(f"{name}:", field.meaning) for name, field in FIELDS.items()]
        rows += [("or", "one of both sides is enough"), ("- or not", "the opposite"), ("( )", "what belongs together")]
        return [
            [],
            [("Searches and views: all that is named must be so", palette.primary)],
            *(
                [
                    (fit(f"  {typed}", _KEYS_WIDTH), palette.strong),
                    (fit(meaning, max(width - _KEYS_WIDTH, 1)).rstrip(), palette.muted),
                ]
                for typed, meaning in rows
            ),
        ]

    def _row(self, command_id: str, title: str, help_text: str, width: int) -> list[list[Piece]]:
        palette = self._session.palette
        keys = " ".join(show_key(key) for key in self._session.keys.by_command[command_id])
        first: list[Piece] = [("  " + fit(keys, _KEYS_WIDTH - 2), palette.strong)]
        if width < 70:
            return [[*first, (title, palette.text)]]
        first.append((fit(title, _TITLE_WIDTH), palette.text))
        texts = wrap(help_text, max(width - _KEYS_WIDTH - _TITLE_WIDTH, 10))
        gap = " " * (_KEYS_WIDTH + _TITLE_WIDTH)
        return [
            [*first, (texts[0], palette.muted)],
            *([(gap, palette.text), (text, palette.muted)] for text in texts[1:]),
        ]

    def render_line(self, y: int) -> Strip:
        palette, width = self._session.palette, self.size.width
        index = self._top + y
        left: list[Piece] = [("  ", palette.text), *(self._lines[index] if index < len(self._lines) else [])]
        if y == self.size.height - 1 and self._top < self._last_top:
            return two_sided(left, [(" more ↓ ", palette.muted)], width, palette.text)
        return line(left, width, palette.text)

    def action_scroll_by(self, lines: int) -> None:
        self._top = min(max(self._top + lines, 0), self._last_top)
        self.refresh()

    def action_scroll_page(self, pages: int) -> None:
        self.action_scroll_by(pages * max(self.size.height - 1, 1))

    def on_mouse_scroll_down(self) -> None:
        self.action_scroll_by(2)

    def on_mouse_scroll_up(self) -> None:
        self.action_scroll_by(-2)


class HelpBar(Widget):
    """The title above, the way out below."""

    DEFAULT_CSS = "HelpBar { height: 1; }"

    def __init__(self, session: Session, text: str, key: str = "") -> None:
        super().__init__()
        self._session = session
        self._text = text
        self._key = key

    def render_line(self, y: int) -> Strip:
        palette = self._session.palette
        return line(
            [(f" {self._key} ", palette.bar_key), (f"{self._text} ", palette.bar)]
            if self._key
            else [(f" {self._text}", palette.bar)],
            self.size.width,
            palette.bar,
        )


class HelpScreen(ModalScreen[None]):
    """Over the whole terminal; Escape, ? or q leave it."""

    DEFAULT_CSS = "HelpScreen { layout: vertical; background: $background; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding(typed("escape,question_mark,q,f1,enter"), "close", show=False)]

    def __init__(self, session: Session, here: str = "main") -> None:
        super().__init__()
        self._session = session
        self.rows = HelpText(session, here)

    def compose(self) -> ComposeResult:
        yield HelpBar(self._session, "Help: every key of voipe-tui")
        yield self.rows
        yield HelpBar(self._session, "back", "Esc")

    def on_mount(self) -> None:
        focus_now(self.rows)

    def action_close(self) -> None:
        self.dismiss(None)
