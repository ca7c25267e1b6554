"""The account: what is left, who it is, how the connection stands and what this gateway can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.strip import Strip

from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.commands import bindings
from voipe_tui.ui.events import Left, Notice
from voipe_tui.ui.look.cells import Piece, line, two_sided, wrap
from voipe_tui.ui.look.words import LINKS, age, amount, count
from voipe_tui.ui.pane import Pane
from voipe_tui.ui.terminal.type_ahead import focus_now

if TYPE_CHECKING:
    from voipe_tui.store.models import Changed
    from voipe_tui.ui.services import Session

_MARGIN = 2
_LABEL = 14
_WIDEST = 90
_CAPABILITIES = {
    "query": "says what is new in one short question",
    "list outgoing": "lists what was sent",
    "list inbox": "lists what people wrote to the account",
    "list incoming": "lists messages that matched a keyword",
    "contacts": "lists contacts",
    "groups": "lists groups",
}
_KINDS = {2: "administrator", 3: "user", 4: "subuser"}

Lines = list[list[Piece]]


class AccountView(Pane, can_focus=True):
    """One page of facts, made anew whenever one of them changed; scrolls when the screen is short."""

    BINDINGS: ClassVar = bindings("account")
    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "AccountView { height: 1fr; }"
    context = "account"

    def __init__(self, session: Session, *, id: str) -> None:
        super().__init__(id=id)
        self._session = session
        self._lines: Lines = []
        self._top = 0

    @property
    def text(self) -> str:
        return "\n".join("".join(text for text, _ in pieces).rstrip() for pieces in self._lines)

    def on_mount(self) -> None:
        self.show()

    def on_resize(self) -> None:
        self.show()

    def take_focus(self) -> None:
        focus_now(self)
        self.show()

    def follow(self, changed: Changed | None) -> None:
        self.show()

    def health_changed(self) -> None:
        self.show()

    def repaint_all(self) -> None:
        self.show()

    def show(self) -> None:
        """Reads the facts again; paints if one of them reads differently."""
        width = min(self.size.width - 2 * _MARGIN, _WIDEST)
        if width < 10:
            return
        lines = self._describe(width)
        if lines != self._lines:
            self._lines = lines
            self._top = min(self._top, self._last_top)
            self.refresh()

    @property
    def _last_top(self) -> int:
        return max(len(self._lines) - self.size.height, 0)

    def render_line(self, y: int) -> Strip:
        ground = self._session.palette.text
        index = self._top + y
        pieces = [(" " * _MARGIN, ground), *(self._lines[index] if index < len(self._lines) else [])]
        if y == self.size.height - 1 and self._top < self._last_top:
            return two_sided(pieces, [(" more ↓ ", self._session.palette.muted)], self.size.width, ground)
        return line(pieces, self.size.width, ground)

    def _describe(self, width: int) -> Lines:
        return [
            [],
            *self._credit(width),
            *self._who(width),
            *self._connection(width),
            *self._gateway(width),
            *self._abilities(width),
        ]

    def _row(self, label: str, value: str, tone: str, width: int) -> Lines:
        palette = self._session.palette
        first, *rest = wrap(value, max(width - _LABEL, 10))
        style = palette.tone(tone)
        return [
            [(label.ljust(_LABEL), palette.muted), (first, style)],
            *([(" " * _LABEL, palette.muted), (text, style)] for text in rest),
        ]

    def _title(self, text: str) -> Lines:
        return [[], [(text, self._session.palette.primary)]]

    def _credit(self, width: int) -> Lines:
        session, palette = self._session, self._session.palette
        account = session.opened.facts.account()
        if account.credit is None:
            return [[("Credit", palette.primary)], [("not known yet", palette.muted)]]
        low = account.credit <= session.profile.low_credit
        lines: Lines = [
            [("Credit", palette.primary)],
            [
                (amount(account.credit), palette.warn if low else palette.strong),
                *([(f"  ! low: at or below {amount(session.profile.low_credit)}", palette.warn)] if low else []),
            ],
        ]
        if account.credit_at is not None:
            lines.append([(f"as of {session.times.long(account.credit_at)}", palette.muted)])
        return lines

    def _who(self, width: int) -> Lines:
        account = self._session.opened.facts.account()
        lines = self._title("Account")
        lines += self._row("user", safe_line(account.username or self._session.profile.username), "text", width)
        for label, value in (("name", account.name), ("e-mail", account.email), ("mobile", account.mobile)):
            if value:
                lines += self._row(label, safe_line(value), "text", width)
        if account.status is not None:
            kind = _KINDS.get(account.status, f"status {account.status}")
            lines += self._row("kind", kind, "text", width)
        return lines

    def _connection(self, width: int) -> Lines:
        session = self._session
        lines = self._title("Connection")
        health = session.engine.health if session.engine is not None else None
        problem = health.problem if health is not None else session.trouble
        link = str(health.link) if health is not None else "stopped" if problem else "starting"
        word, tone = LINKS.get(link, (safe_line(link), "bar"))
        lines += self._row(
            "state", word, {"bar_good": "good", "bar_warn": "warn", "bar_bad": "bad"}.get(tone, "text"), width
        )
        if problem is not None:
            lines += self._row("what", f"{problem.title}.", "text", width)
            lines += self._row("", safe_line(problem.message), "text", width)
            if problem.hint:
                lines += self._row("what to do", safe_line(problem.hint), "warn", width)
        elif health is not None:
            lines += self._row("since", session.times.long(health.since), "muted", width)
        if health is not None and health.next_try is not None:
            wait = health.next_try - session.services.clock()
            lines += self._row(
                "next try", "in " + (age(wait) if wait >= 60 else f"{max(int(wait), 1)} s"), "muted", width
            )
        return lines

    def _gateway(self, width: int) -> Lines:
        profile = self._session.profile
        lines = self._title("Profile")
        lines += self._row("name", profile.name, "text", width)
        lines += self._row("gateway", safe_line(profile.url), "text", width)
        door = "JSON (api.php)" if profile.transport == "json" else "form (index.php?app=ws)"
        lines += self._row("door", door, "text", width)
        senders = ", ".join(dict.fromkeys(s for s in (profile.sender, *profile.senders) if s))
        lines += self._row("senders", safe_line(senders) or "the account's own", "text", width)
        lines += self._row("time zone", profile.timezone or "learned from the gateway", "text", width)
        lines += self._row("undo window", f"{profile.hold_seconds:g} s", "text", width)
        counts = self._session.opened.counts()
        stored = f"{count(counts.inbox, 'message')} in, {counts.outbox:,} out"
        lines += self._row("stored here", stored, "text", width)
        facts = self._session.opened.facts
        if facts.unreadable():
            from voipe_tui.sync.crowds import missing_words

            lines += self._row("not whole", missing_words(facts), "warn", width)
        return lines

    def _abilities(self, width: int) -> Lines:
        able = self._session.opened.facts.account().capabilities
        if not able:
            return []
        palette = self._session.palette
        lines = self._title("This gateway")
        for name, can in able.items():
            what = _CAPABILITIES.get(name, safe_line(name))
            sign, tone = ("✓ ", palette.good) if can else ("– ", palette.muted)
            lines.append([(sign, tone), (what if can else f"does not: {what}", palette.text if can else palette.muted)])
        return lines

    # Keys

    def action_refresh_account(self) -> None:
        self._session.refresh_now()
        self.post_message(Notice("Asking the gateway …"))

    def action_close(self) -> None:
        self.post_message(Left())

    def key_down(self) -> None:
        self._scroll(1)

    def key_up(self) -> None:
        self._scroll(-1)

    def key_j(self) -> None:
        self._scroll(1)

    def key_k(self) -> None:
        self._scroll(-1)

    def key_pagedown(self) -> None:
        self._scroll(max(self.size.height - 1, 1))

    def key_pageup(self) -> None:
        self._scroll(-max(self.size.height - 1, 1))

    def on_mouse_scroll_down(self) -> None:
        self._scroll(2)

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-2)

    def _scroll(self, by: int) -> None:
        top = min(max(self._top + by, 0), self._last_top)
        if top != self._top:
            self._top = top
            self.refresh()
