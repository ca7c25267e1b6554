"""What the commands and the app are made of: profile, token, store, client, engine; the real ones or the demo's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from voipe_tui.cli.context import Context
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import VoipeError

if TYPE_CHECKING:
    from voipe_tui.client import Endpoint, GatewayClient
    from voipe_tui.sandbox import Sandbox
    from voipe_tui.store import Store
    from voipe_tui.sync import Engine, SyncSettings

POLL_SECONDS = 5.0
GRACE_SECONDS = 2.0
_OPERATIONS = {"query": "query", "inbox": "ix"}
"""What the store remembers of a gateway's abilities, and the operation that it is called on the wire."""


@dataclass(frozen=True)
class Account:
    """A profile with everything open that a command needs to talk to its gateway."""

    profile: Profile
    store: Store
    client: GatewayClient
    engine: Engine


def resolve_profile(context: Context, name: str | None = None) -> Profile:
    """The profile that was asked for, the default one, or the demo's. Raises ConfigError."""
    if context.demo:
        return demo_profile()
    from voipe_tui.config.profiles import load_profiles

    return load_profiles(context.paths).get(name or context.options.profile)


def demo_profile() -> Profile:
    """The account of the embedded gateway."""
    from voipe_tui.sandbox.demo import DEMO_TIMEZONE
    from voipe_tui.sandbox.sandbox import EMBEDDED_URL, TOKEN, USERNAME

    return Profile(
        name="demo",
        url=f"{EMBEDDED_URL}/playsms/api.php",
        allow_plain_http=True,  # it resolves to nothing; no byte leaves the process
        username=USERNAME,
        token=TOKEN,
        sender_max=11,
        timezone=DEMO_TIMEZONE,
    )


@asynccontextmanager
async def open_account(context: Context, profile: Profile) -> AsyncIterator[Account]:
    """Store, client and engine of ``profile``, closed at the end; answers on their way are waited for a moment.

    Raises ConfigError (no token, no folder) and StoreError.
    """
    from voipe_tui.sync import Engine

    token = token_of(context, profile)
    store = open_store(context, profile)
    try:
        client = make_client(context, profile, token, proven=proven_by(store))
        engine = Engine(store, client, sync_settings(context, profile), random=context.world.random)
        try:
            yield Account(profile, store, client, engine)
        finally:
            await engine.stop(GRACE_SECONDS)
            await client.aclose()
    finally:
        store.close()


def open_store(context: Context, profile: Profile) -> Store:
    """The message store of ``profile``; in the demo one in memory. Says where a damaged one was put aside."""
    from voipe_tui.store import Store

    if context.demo:
        return Store(None, clock=context.world.clock, region=profile.region)
    from voipe_tui.config.paths import ensure_private

    ensure_private(context.paths.data)
    store = Store(context.paths.database(profile.name), clock=context.world.clock, region=profile.region)
    if store.set_aside is not None:
        context.console.say(
            f"voipe-tui: the message store of “{profile.name}” was damaged. It is kept as {store.set_aside}, and a new "
            "one was begun: what the gateway still lists is fetched again. Drafts and messages not sent yet "
            "are in the kept file alone."
        )
    return store


def token_of(context: Context, profile: Profile) -> str:
    """The token, from where the profile says; from here on it is struck out of the log. Raises ConfigError."""
    from voipe_tui.cli.log import set_up
    from voipe_tui.config.secrets import resolve_token

    token = resolve_token(profile, context.world.environ)
    set_up(context, token)
    return token


def make_client(
    context: Context, profile: Profile, token: str, *, proven: Iterable[str] = (), demo: Sandbox | None = None
) -> GatewayClient:
    """A client for the profile's gateway, or for the embedded one (``demo``, a new one if None) in the demo."""
    from voipe_tui.client import GatewayClient

    app = None
    if context.demo or demo is not None:
        app = (demo or demo_gateway(context)).app
    return GatewayClient(endpoint_of(profile, token), asgi_app=app, proven=proven)


def demo_gateway(context: Context) -> Sandbox:
    """The embedded gateway with the life of a small shop in it."""
    from voipe_tui.sandbox.demo import demo_sandbox

    return demo_sandbox(context.world.clock)


def endpoint_of(profile: Profile, token: str) -> Endpoint:
    """Where and as whom to call."""
    from voipe_tui.client import Endpoint

    return Endpoint(
        profile.url,
        profile.transport,
        profile.username,
        token,
        ca_file=profile.ca_file,
        allow_plain_http=profile.allow_plain_http,
    )


def proven_by(store: Store) -> frozenset[str]:
    """Operations that this gateway has answered before: an empty answer to them is a fault, not a missing operation."""
    able = store.facts.account().capabilities
    return frozenset(operation for name, operation in _OPERATIONS.items() if able.get(name))


def sync_settings(
    context: Context, profile: Profile, poll_seconds: float = POLL_SECONDS, *, with_batches: bool = False
) -> SyncSettings:
    """Pace and zone as the profile wants them. ``with_batches``: batches that wait in the journal are sent, too."""
    from voipe_tui.sync import SyncSettings

    return SyncSettings(
        poll_seconds=poll_seconds,
        concurrency=profile.concurrency,
        timezone=profile.timezone or None,
        history_since=history_since(context, profile),
        bulk_scope=None if with_batches else frozenset(),
        number_format=profile.number_format,
        region=profile.region,
    )


def history_since(context: Context, profile: Profile) -> str | None:
    """The first day (``YYYY-MM-DD``) that the profile wants to know of; None for everything."""
    history = profile.history
    if history == "all":
        return None
    if history.endswith(("day", "days")):
        return (context.now().date() - timedelta(days=int(history.split()[0]))).isoformat()
    return history


def require_no_demo(context: Context, what: str) -> None:
    """Raises InputError where a command makes no sense in the demo."""
    if context.demo:
        from voipe_tui.errors import InputError

        raise InputError(f"The demo {what}. Nothing was done.", hint="Leave --demo out.")


def told(context: Context, error: VoipeError, more: str) -> None:
    """Reports ``error`` with one more sentence about what that means here; the command goes on."""
    context.console.report(error)
    context.console.say(f"  {more}")
