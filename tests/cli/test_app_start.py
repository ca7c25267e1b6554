"""What the command line hands to the app: factories that work, for an account, for the demo, and for a first start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.cli.support import Gateway, Shell, Terminal
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import InputError
from voipe_tui.sandbox.sandbox import TOKEN
from voipe_tui.ui.services import Services


class App:
    """Stands where the app would be: what it was started with, and what a test does while it runs."""

    def __init__(self) -> None:
        self.services: Services | None = None
        self.during: Callable[[Services], None] = lambda services: None

    def run(self, services: Services) -> int:
        self.services = services
        self.during(services)
        return 0


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    app = App()
    monkeypatch.setattr("voipe_tui.ui.app.run", app.run)
    return app


def start(shell: Shell, *argv: str) -> int:
    done = shell.run(*argv, stdin=Terminal(), stdout=Terminal(), stderr=Terminal())
    assert "unexpected" not in done.err
    return done.code


async def credit_of(services: Services, profile: Profile) -> str:
    store = services.open_store(profile)
    try:
        client = services.make_client(profile)
        engine = services.make_engine(store, client, profile)
        assert await engine.poll()
        await engine.stop()
        await client.aclose()
        return str(store.facts.account().credit)
    finally:
        store.close()


def test_the_account_that_was_asked_for(user: Shell, gateway: Gateway, app: App):
    user.profile(gateway.url, "other", timezone="UTC")
    (user.config / "config.toml").write_text("poll_seconds = 7\n")
    user.environ["NO_COLOR"] = "1"

    def during(services: Services) -> None:
        assert services.profile is not None
        assert services.profile.name == "other"
        assert services.no_color
        assert services.settings.poll_seconds == 7
        assert asyncio.run(credit_of(services, services.profile)) == "1000"

    app.during = during
    assert start(user, "--profile", "other") == 0
    assert (user.data / "other.db").exists()


def test_an_account_that_does_not_exist_is_an_error_and_no_first_start(user: Shell, app: App):
    assert start(user, "--profile", "vop") == 2
    assert app.services is None


def test_the_demo_touches_nothing(shell: Shell, app: App):
    def during(services: Services) -> None:
        assert services.profile is not None
        assert asyncio.run(credit_of(services, services.profile)) == "412.75"
        assert services.paths is None
        assert services.save_profile is None

    app.during = during
    assert start(shell, "--demo") == 0
    assert shell.touched() == []


def test_the_demo_has_the_users_own_keys_and_looks(user: Shell, app: App):
    (user.config / "config.toml").write_text('theme = "mine"\nbidi = "app"\n[keys]\nlist-star = "f12"\n')

    def during(services: Services) -> None:
        assert services.settings.bidi == "app"
        assert services.settings.keys == {"list-star": "f12"}
        assert services.themes_dir == user.config / "themes"

    app.during = during
    assert start(user, "--demo") == 0


def test_the_first_start_can_open_the_demo(shell: Shell, app: App):
    def during(services: Services) -> None:
        assert services.profile is None
        assert services.open_demo is not None
        demo = services.open_demo()
        assert demo.profile is not None
        assert asyncio.run(credit_of(demo, demo.profile)) == "412.75"

    app.during = during
    assert start(shell) == 0
    assert shell.touched() == []


def test_the_first_start_can_try_and_store_an_account(shell: Shell, gateway: Gateway, app: App):
    typed = Profile("main", gateway.url, "demo", token=TOKEN)

    async def tried(services: Services) -> str:
        client = services.trial_client(typed)
        try:
            return str((await client.credit()).amount)
        finally:
            await client.aclose()

    def during(services: Services) -> None:
        assert asyncio.run(tried(services)) == "1000"
        assert shell.touched() == []
        assert services.save_profile is not None
        services.save_profile(typed)
        with pytest.raises(InputError, match="already"):
            services.save_profile(typed)

    app.during = during
    assert start(shell) == 0
    assert shell.run("credit").out == "1000\n"


def test_the_app_learns_what_the_gateway_has_proven(user: Shell, app: App):
    def during(services: Services) -> None:
        assert services.profile is not None
        asyncio.run(credit_of(services, services.profile))
        services.open_store(services.profile).close()
        assert {"query", "ix"} <= services.make_client(services.profile).proven

    app.during = during
    assert start(user) == 0


def test_without_a_terminal_the_app_does_not_start(shell: Shell, app: App):
    assert shell.run("--demo").code == 2
    assert shell.run("--demo", stdin=Terminal()).code == 2
    assert app.services is None


@pytest.mark.parametrize(
    ("environ", "drawn_on", "said"),
    [
        ({}, None, "the screen is drawn"),
        ({"TERM": "dumb"}, Terminal, "without a moving cursor"),
        ({}, type("Ascii", (Terminal,), {"encoding": "ascii"}), "draws in UTF-8"),
    ],
)
def test_where_nothing_can_be_drawn_it_is_said_and_nothing_is_started(user: Shell, app: App, environ, drawn_on, said):
    user.environ.update(environ)
    done = user.run(stdin=Terminal(), stdout=Terminal(), stderr=drawn_on() if drawn_on else None)
    assert (done.code, app.services) == (2, None)
    assert said in done.err
    assert drawn_on is not None or said in done.out
