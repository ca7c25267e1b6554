"""The README's pictures, from the demo with seed and time fixed: ``python -m tests.screenshots [FOLDER]``."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from voipe_tui.client import Endpoint, GatewayClient
from voipe_tui.config.profiles import Profile
from voipe_tui.config.settings import Settings
from voipe_tui.sandbox import Sandbox
from voipe_tui.sandbox.demo import DEMO_TIMEZONE, demo_sandbox
from voipe_tui.store import Store
from voipe_tui.sync import Engine, SyncSettings
from voipe_tui.ui.app import VoipeApp
from voipe_tui.ui.services import Services

MOMENT = 1_795_342_800.0  # Sunday 22 November 2026, 12:20 in Israel
SIZE = (100, 28)
SEED = 7

PICTURES = {
    "inbox": ("1",),
    "outbox": ("2",),
    "compose": ("c", *"0521110001, #TEAM", "tab", *"שלום דנה, נתראה מחר ב-9:00"),
    "account": ("4",),
    "help": ("question_mark",),
}


class Demo:
    """The demo's account at a moment that does not pass."""

    def __init__(self) -> None:
        self.sandbox: Sandbox = demo_sandbox(clock=lambda: MOMENT, seed=SEED)
        facts = self.sandbox.describe()
        self.profile = Profile(
            name="demo", url=facts.json_url, username=facts.username, token=facts.token, timezone=DEMO_TIMEZONE
        )

    def client(self, profile: Profile) -> GatewayClient:
        return GatewayClient(Endpoint(profile.url, "json", profile.username, profile.token), asgi_app=self.sandbox.app)

    def engine(self, store: Store, client: GatewayClient, profile: Profile) -> Engine:
        return Engine(store, client, SyncSettings(poll_seconds=3600.0, timezone=DEMO_TIMEZONE), random=Random(SEED))

    def services(self) -> Services:
        return Services(
            profile=self.profile,
            settings=Settings(),
            paths=None,
            open_store=lambda profile: Store(None, clock=lambda: MOMENT),
            make_client=self.client,
            trial_client=self.client,
            make_engine=self.engine,
            clock=lambda: MOMENT,
            zone=ZoneInfo("Asia/Jerusalem"),
        )


async def picture(keys: tuple[str, ...]) -> str:
    app = VoipeApp(Demo().services())
    async with app.run_test(size=SIZE) as pilot:
        while not ((engine := app.session.engine) and engine.health.link == "online"):
            await pilot.pause()
        await pilot.press(*("space" if key == " " else key for key in keys))
        await pilot.pause()
        svg = app.export_screenshot(title="voipe-tui")
    # The export names its parts by chance; a picture of the same screen must be the same file.
    return re.sub(r"terminal-\d+-", "terminal-", svg)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, keys in PICTURES.items():
        (folder / f"{name}.svg").write_text(asyncio.run(picture(keys)), encoding="utf-8")
        print(folder / f"{name}.svg")


if __name__ == "__main__":
    main()
