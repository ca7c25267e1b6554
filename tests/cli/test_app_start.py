"""What the command line hands to the app: factories that work, for an account, for the demo, and for a first start."""

from __future__ import annotations

import asyncio

import pytest

from tests.cli.support import Gateway, Shell, Terminal
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import InputError
from voipe_tui.sandbox.sandbox import TOKEN
from voipe_tui.ui.services import Services


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Services]:
    """The services that the app was started with."""
    seen: list[Services] = []

    def run(services: Services) -> int:
        seen.append(services)
        return 0

    monkeypatch.setattr("voipe_tui.ui.app.run", run)
    return seen


def start(shell: Shell, *argv: str) -> int:
    return shell.run(*argv, stdin=Terminal(), stdout=Terminal(), stderr=Terminal()).code


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


def test_the_account_that_was_asked_for(user: Shell, gateway: Gateway, started: list[Services]):
    user.profile(gateway.url, "other", timezone="UTC")
    (user.config / "config.toml").write_text("poll_seconds = 7\n")
    user.environ["NO_COLOR"] = "1"
    assert start(user, "--profile", "other") == 0
    (services,) = started
    assert services.profile is not None
    assert services.profile.name == "other"
    assert services.no_color
    assert services.settings.poll_seconds == 7
    assert asyncio.run(credit_of(services, services.profile)) == "1000"
    assert (user.data / "other.db").exists()


def test_an_account_that_does_not_exist_is_an_error_and_no_first_start(user: Shell, started: list[Services]):
    assert start(user, "--profile", "vop") == 2
    assert started == []


def test_the_demo_touches_nothing(shell: Shell, started: list[Services]):
    assert start(shell, "--demo") == 0
    (services,) = started
    assert services.profile is not None
    assert asyncio.run(credit_of(services, services.profile)) == "412.75"
    assert services.paths is None
    assert services.save_profile is None
    assert shell.touched() == []


def test_the_first_start_can_try_and_store_an_account_or_open_the_demo(
    shell: Shell, gateway: Gateway, started: list[Services]
):
    assert start(shell) == 0
    (services,) = started
    assert services.profile is None
    assert services.open_demo is not None
    assert services.save_profile is not None
    demo = services.open_demo()
    assert demo.profile is not None
    assert asyncio.run(credit_of(demo, demo.profile)) == "412.75"
    assert shell.touched() == []

    typed = Profile("main", gateway.url, "demo", token=TOKEN)

    async def tried() -> str:
        client = services.trial_client(typed)
        try:
            return str((await client.credit()).amount)
        finally:
            await client.aclose()

    assert asyncio.run(tried()) == "1000"
    assert shell.touched() == []
    services.save_profile(typed)
    assert shell.run("credit").out == "1000\n"
    with pytest.raises(InputError, match="already"):
        services.save_profile(typed)


def test_the_app_learns_what_the_gateway_has_proven(user: Shell, gateway: Gateway, started: list[Services]):
    start(user)
    (services,) = started
    assert services.profile is not None
    asyncio.run(credit_of(services, services.profile))
    store = services.open_store(services.profile)
    store.close()
    assert {"query", "ix"} <= services.make_client(services.profile).proven


def test_without_a_terminal_the_app_does_not_start(shell: Shell, started: list[Services]):
    assert shell.run("--demo").code == 2
    assert shell.run("--demo", stdin=Terminal()).code == 2
    assert started == []
