"""The first start: what is wrong is explained exactly, nothing typed is lost, and then the account simply works."""

from __future__ import annotations

import pytest

from tests.ui.conftest import Run, World
from voipe_tui.sandbox.sandbox import PASSWORD
from voipe_tui.ui.main.screen import MainScreen
from voipe_tui.ui.start.setup import SetupScreen
from voipe_tui.ui.widgets.fields import Field

URL = "https://sandbox.invalid/playsms/api.php"


@pytest.fixture
def fresh(world: World) -> World:
    world.profile = None
    return world


async def fill(run: Run, **values: str) -> None:
    await run.until(lambda: isinstance(run.app.screen, SetupScreen))
    for name, value in values.items():
        run.app.screen.query_one(f"#{name}", Field).value = value
    await run.press("f5")


def says(run: Run) -> str:
    screen = run.app.screen
    assert isinstance(screen, SetupScreen)
    return screen.says.text


async def test_a_token_is_tried_and_the_profile_stored(fresh: World) -> None:
    async with fresh.running() as run:
        await fill(run, url=URL, username="demo", token="demo-token", sender="DemoShop", name="shop")
        await run.until(lambda: isinstance(run.app.screen, MainScreen) and run.screen.filled)
        [stored] = fresh.saved
        assert (stored.name, stored.username, stored.token, stored.transport) == ("shop", "demo", "demo-token", "json")
        assert stored.sender == "DemoShop"
        await run.online()


async def test_a_password_fetches_the_token_and_is_forgotten(fresh: World) -> None:
    async with fresh.running() as run:
        await fill(run, url=URL, username="demo", password=PASSWORD)
        await run.until(lambda: isinstance(run.app.screen, MainScreen))
        [stored] = fresh.saved
        assert stored.token == "demo-token"
        assert PASSWORD not in repr(vars(stored))


async def test_a_bare_address_finds_the_door(fresh: World) -> None:
    async with fresh.running() as run:
        await fill(run, url="sandbox.invalid/playsms/", username="demo", token="demo-token")
        await run.until(lambda: isinstance(run.app.screen, MainScreen))
        assert fresh.saved[0].url.startswith("https://")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"username": "demo", "token": "tok-1"}, "address is missing"),
        ({"url": URL, "token": "tok-1"}, "user name is missing"),
        ({"url": URL, "username": "demo"}, "A token or a password is needed"),
        ({"url": URL, "username": "demo", "token": "tok-1", "name": "../up"}, "profile's name"),
        ({"url": URL, "username": "demo", "token": "wrong"}, "ERR 100"),
        ({"url": URL, "username": "demo", "password": "wrong"}, "ERR 100"),
        ({"url": "http://gateway.example/playsms/", "username": "demo", "token": "tok-1"}, "http"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_lost(fresh: World, values: dict[str, str], said: str) -> None:
    async with fresh.running(100, 40) as run:
        await fill(run, **values)
        await run.until(lambda: said in says(run))
        assert "Nothing was stored; everything you typed is still here." in says(run)
        for name, value in values.items():
            assert run.app.screen.query_one(f"#{name}", Field).value == value
        assert fresh.saved == []
        assert "tok-1" not in says(run)


@pytest.mark.parametrize(
    ("fault", "said"), [("down", "refused the connection"), ("html", "no sense"), ("http500", "500")]
)
async def test_a_gateway_that_does_not_answer_as_one(fresh: World, fault: str, said: str) -> None:
    fresh.sandbox.faults.on(fault)
    async with fresh.running(100, 40) as run:
        await fill(run, url=URL, username="demo", token="demo-token")
        await run.until(lambda: "Nothing was stored" in says(run))
        assert said in says(run)
        assert fresh.saved == []


@pytest.mark.parametrize("code", [104, 105, 106])
async def test_the_password_tells_which_cause_it_is(fresh: World, code: int) -> None:
    account = fresh.sandbox.gateway.account("demo")
    if code == 104:
        account.token = ""
    elif code == 105:
        account.webservices_enabled = False
    else:
        account.allowed_addresses = "10.1.2.3"
    async with fresh.running(100, 40) as run:
        await fill(run, url=URL, username="demo", password=PASSWORD)
        await run.until(lambda: f"ERR {code}" in says(run))
        assert "Fill in the password" not in says(run)


async def test_the_demo_is_one_key_away(fresh: World) -> None:
    async with fresh.running() as run:
        await run.until(lambda: isinstance(run.app.screen, SetupScreen))
        await run.press("f2")
        await run.until(lambda: isinstance(run.app.screen, MainScreen) and run.screen.filled)
        assert "demo" in run.lines()[0]
        assert fresh.saved == []
