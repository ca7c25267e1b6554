"""The sandbox as a whole: a gateway, its faults and its doors, with an account that works at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal

from voipe_tui.sandbox.app import GatewayApp
from voipe_tui.sandbox.faults import Faults
from voipe_tui.sandbox.gateway import Gateway
from voipe_tui.sandbox.model import ADMINISTRATOR, Contact, ContactGroup, Pace, Zones
from voipe_tui.sandbox.operations import OPERATIONS
from voipe_tui.sandbox.texts import Version

USERNAME = "demo"
TOKEN = "demo-token"  # noqa: S105 - opens nothing but the sandbox
PASSWORD = "demo-password"  # noqa: S105
ADMIN_USERNAME = "admin"
ADMIN_TOKEN = "admin-token"  # noqa: S105
ADMIN_PASSWORD = "admin-password"  # noqa: S105

EMBEDDED_URL = "https://sandbox.invalid"
"""The address to give to a client that talks to ``Sandbox.app`` without a socket; it resolves to nothing."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a person needs to point a client at the sandbox."""

    json_url: str
    form_url: str
    username: str
    token: str = field(repr=False)
    password: str = field(repr=False)
    admin_username: str
    admin_token: str = field(repr=False)
    version: str


class Sandbox:
    """A playSMS-compatible gateway inside the program.

    ``version`` chooses the server it imitates, ``clock`` gives epoch seconds, ``sleep`` is used by the fault ``slow``
    alone. ``bare`` leaves only an administrator, as on a server just installed.
    """

    def __init__(
        self,
        version: Version = "1.4.7",
        *,
        seed: int = 0,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pace: Pace | None = None,
        zones: Zones | None = None,
        queue_running: bool = True,
        page_limit: int = 50_000,
        bare: bool = False,
    ) -> None:
        self.gateway = Gateway(
            version, seed=seed, clock=clock, pace=pace, zones=zones, queue_running=queue_running, page_limit=page_limit
        )
        self.faults = Faults(OPERATIONS)
        self.faults.subscribe(self._hold_or_release_queue)
        self._queue_running = queue_running
        self.app = GatewayApp(self.gateway, self.faults, sleep)
        self._add_accounts(bare)

    def _add_accounts(self, bare: bool) -> None:
        self.gateway.add_account(
            ADMIN_USERNAME,
            ADMIN_PASSWORD,
            status=ADMINISTRATOR,
            token=ADMIN_TOKEN,
            name="Administrator",
            email="noreply@playsms.org",
            mobile="+62000000000",
            footer="@admin",
        )
        if bare:
            return
        self.gateway.add_account(
            USERNAME,
            PASSWORD,
            token=TOKEN,
            name="Demo Shop",
            email="demo@example.com",
            mobile="0521112222",
            credit=Decimal(1000),
            rate=Decimal(1),
            sender="DemoShop",
            senders=["DemoShop", "Sales"],
            keywords=["INFO"],
            contacts=[
                Contact(1, "Dana", "0521110001", "dana@example.com"),
                Contact(2, "Yossi", "0521110002"),
                Contact(3, "Maya", "+972521110003"),
            ],
            groups=[ContactGroup(1, "Team", "TEAM", ["0521110001", "0521110002", "+972521110003"])],
        )

    def _hold_or_release_queue(self) -> None:
        running = self._queue_running and not self.faults.active("stuck-queue")
        if running != self.gateway.queue_running:
            self.gateway.queue_running = running

    def describe(self, base_url: str = EMBEDDED_URL) -> Facts:
        """Where the doors are under ``base_url``, and how to get in as the first account."""
        account, base = self.gateway.main_account, base_url.rstrip("/")
        return Facts(
            json_url=f"{base}/playsms/api.php",
            form_url=f"{base}/playsms/index.php?app=ws",
            username=account.username,
            token=account.token,
            password=account.password,
            admin_username=ADMIN_USERNAME,
            admin_token=self.gateway.account(ADMIN_USERNAME).token,
            version=self.gateway.version,
        )
