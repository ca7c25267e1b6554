"""The first start: an account is asked for, tried and stored; or the demo is opened."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, Label

from voipe_tui.errors import VoipeError
from voipe_tui.text.untrusted import safe_text
from voipe_tui.ui.commands import COMMANDS, bindings
from voipe_tui.ui.start.trial import Form, explain, try_account
from voipe_tui.ui.terminal.type_ahead import focus_now
from voipe_tui.ui.widgets.bars import KeyBar
from voipe_tui.ui.widgets.fields import Field
from voipe_tui.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from voipe_tui.ui.services import Session

log = logging.getLogger(__name__)

_FIELDS: tuple[tuple[str, str, str], ...] = (
    ("url", "Address", "for example https://sms.voipe.co.il/playsms/api.php"),
    ("username", "User name", "the account's name at the gateway"),
    ("token", "Token", "the webservices token, if you have it"),
    ("password", "or password", "used once to ask for the token, then forgotten"),
    ("sender", "Sender ID", "optional; what people see as the sender"),
    ("name", "Profile name", "what this program calls the account"),
)
_SECRET = ("token", "password")


class SetupScreen(Screen[None]):
    """A form; a try that fails changes nothing in it."""

    BINDINGS: ClassVar = bindings("setup")
    DEFAULT_CSS = """
    SetupScreen { layout: vertical; }
    SetupScreen VerticalScroll { height: 1fr; padding: 1 2; scrollbar-size-vertical: 1; }
    SetupScreen Horizontal { height: 1; }
    SetupScreen .-apart { margin: 1 0 0 0; }
    SetupScreen #says { margin: 1 0 0 0; }
    SetupScreen Label { width: 14; color: $muted; }
    SetupScreen Field { width: 1fr; max-width: 60; background: $surface; border: none; padding: 0 1; }
    SetupScreen Field.-textual-compact { padding: 0 1; }
    SetupScreen Field:focus { background: $panel; }
    SetupScreen #welcome { margin: 0 0 1 0; }
    """
    context = "setup"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._trying = False
        self.welcome = Lines(session.colors, id="welcome", most=10)
        self.says = Lines(session.colors, id="says", most=12)
        self.key_bar = KeyBar(session.colors, id="keys")

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield self.welcome
            for name, label, hint in _FIELDS:
                with Horizontal(classes="-apart" if name in ("token", "sender") else ""):
                    yield Label(label)
                    value = "main" if name == "name" else ""
                    yield Field(value=value, placeholder=hint, id=name, password=name in _SECRET)
            yield self.says
        yield self.key_bar

    def on_mount(self) -> None:
        palette = self._session.palette
        self.welcome.say(
            [
                [("Welcome to voipe-tui", palette.strong)],
                [("It needs an account on a playSMS gateway, such as Voipe's. ", palette.muted)],
            ]
        )
        keys = self._session.keys
        shown = [
            (keys.shown(command.id), command.footer, command.action)
            for command in COMMANDS
            if command.context == "setup" and (command.id != "setup-demo" or self._session.services.open_demo)
        ]
        self.key_bar.show([*shown, ("Tab", "next field", ""), ("ctrl+q", "quit", "app.quit")])
        focus_now(self.query_one("#url", Field))

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Field).value

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        if event.input.id == _FIELDS[-1][0]:
            self.action_try_profile()
        else:
            self.focus_next()

    def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        if event.action in ("try_profile", "demo"):
            self.call_later(getattr(self, f"action_{event.action}"))

    def _say(self, said: list[tuple[str, str]]) -> None:
        palette = self._session.palette
        self.says.say([[(safe_text(text), palette.tone(tone))] for tone, text in said])
        self.call_after_refresh(self.says.scroll_visible)

    def action_try_profile(self) -> None:
        if self._trying:
            return
        form = Form(self._value("name"), self._value("url"), self._value("username"), self._value("sender"))
        self._trying = True
        self._say([("busy", "Asking the gateway …")])
        self.run_worker(self._try(form), name="try", group="try", exclusive=True, exit_on_error=False)

    async def _try(self, form: Form) -> None:
        session = self._session
        app: Any = self.app
        try:
            profile = form.profile()
            token, password = self._value("token").strip(), self._value("password")
            passed = await try_account(profile, token, password, session.services.trial_client)
            self._store(passed.profile)
        except VoipeError as error:
            self._say(explain(error, with_password=bool(self._value("password"))))
            return
        except Exception as error:
            log.exception("trying an account failed unexpectedly")
            self._say([("bad", f"Unexpected: {type(error).__name__}. The log has the details; nothing was stored.")])
            return
        finally:
            self._trying = False
        # The screen takes this worker with it when it goes: the app carries on.
        app.call_later(app.begin_with, passed.profile)

    def _store(self, profile: Any) -> None:
        save = self._session.services.save_profile
        if save is not None:
            save(profile)

    def action_demo(self) -> None:
        open_demo = self._session.services.open_demo
        if open_demo is None:
            self._say([("muted", "There is no demo here.")])
            return
        app: Any = self.app
        services = open_demo()
        app.call_later(app.begin_with, services.profile, services)
