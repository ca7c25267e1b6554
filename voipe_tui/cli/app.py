"""Starts the app; the one place of the command line that knows it."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING

from voipe_tui.cli import wiring
from voipe_tui.cli.context import Context
from voipe_tui.cli.world import is_terminal
from voipe_tui.config.profiles import Profile, Profiles, load_profiles, update_profiles
from voipe_tui.config.settings import Settings, load_settings
from voipe_tui.errors import InputError

if TYPE_CHECKING:
    from voipe_tui.client import GatewayClient
    from voipe_tui.sandbox import Sandbox
    from voipe_tui.store import Store
    from voipe_tui.sync import Engine
    from voipe_tui.ui.services import Services

    OpenStore = Callable[[Profile], Store]
    MakeClient = Callable[[Profile], GatewayClient]


def run(context: Context) -> int:
    """The app in this terminal, on the chosen profile, the demo, or (without any profile) the first-start form."""
    if context.as_json:
        raise InputError("--json needs a command. Nothing was done.", hint="“voipe-tui --help” lists the commands.")
    if not (is_terminal(context.world.stdin) and is_terminal(context.world.stdout)):
        raise InputError(
            "The app needs a terminal, and this is none.",
            hint="The commands work without one: “voipe-tui --help” lists them.",
        )
    _require_drawable(context)
    # Looking for garbage while everything is being imported finds none and takes a sixteenth of the start; the app
    # switches it on again when its first screen is there.
    gc.disable()
    try:
        from voipe_tui.ui.lean import import_textual

        import_textual()
        services = _services(context)
        from voipe_tui.cli.log import set_up
        from voipe_tui.ui.app import run as run_app

        set_up(context)
        return run_app(services)
    finally:
        gc.enable()


def _require_drawable(context: Context) -> None:
    """The screen is drawn on standard error, in UTF-8, with a cursor that moves."""
    world = context.world
    if not is_terminal(world.stderr):
        # Said there it is read by nobody.
        context.console.out("voipe-tui: nothing was started: the screen is drawn on standard error; leave “2>…” out.")
        raise InputError(
            "Standard error leads into a file or a pipe, and the screen is drawn there. Nothing was done.",
            hint="Leave “2>…” out: what the app has to say for itself is in its log.",
        )
    if world.environ.get("TERM") in ("dumb", "unknown"):
        raise InputError(
            f"TERM={world.environ['TERM']} is a terminal without a moving cursor; the app cannot draw on it.",
            hint="The commands work on it: “voipe-tui --help” lists them. Or set TERM=xterm-256color.",
        )
    encoding = (getattr(world.stderr, "encoding", None) or "utf-8").lower().replace("_", "-")
    if encoding not in ("utf-8", "utf8", "utf-8-sig"):
        raise InputError(
            f"Python was told that this terminal speaks {encoding}; the app draws in UTF-8.",
            hint="Start it with PYTHONIOENCODING=utf-8 or with PYTHONIOENCODING unset, in a UTF-8 locale.",
        )


def _services(context: Context) -> Services:
    return _Wiring(context).demo() if context.demo else _Wiring(context).real()


class _Wiring:
    """The factories that the app calls when its first screen is painted."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._gateway: Sandbox | None = None
        self._proven: dict[str, frozenset[str]] = {}
        self._settings = Settings()

    def real(self) -> Services:
        context = self._context
        self._settings = load_settings(context.paths)
        profiles = load_profiles(context.paths)
        asked = context.options.profile
        profile = profiles.get(asked) if profiles.by_name or asked else None
        return self._made(profile, self._open_store, self._make_client, with_demo=True)

    def demo(self) -> Services:
        # Read, not written: the user's keys, colours and order of letters are as good on a made-up account.
        self._settings = load_settings(self._context.paths)
        return self._made(wiring.demo_profile(), self._open_demo_store, self._make_demo_client, with_demo=False)

    def _made(
        self, profile: Profile | None, open_store: OpenStore, make_client: MakeClient, *, with_demo: bool
    ) -> Services:
        from voipe_tui.ui.services import Services

        world = self._context.world
        return Services(
            profile=profile,
            settings=self._settings,
            paths=self._context.paths if with_demo else None,
            open_store=open_store,
            make_client=make_client,
            trial_client=self._trial_client,
            make_engine=self._make_engine,
            clock=world.clock,
            zone=world.zone,
            opens_at_once=self._opens_at_once if with_demo else None,
            open_demo=self.demo if with_demo else None,
            save_profile=self._save_profile if with_demo else None,
            no_color=bool(world.environ.get("NO_COLOR")),
            themes_dir=self._context.paths.themes_dir,
        )

    # The user's own account

    def _open_store(self, profile: Profile) -> Store:
        from voipe_tui.config.paths import ensure_private
        from voipe_tui.store import Store

        paths = self._context.paths
        ensure_private(paths.data)
        clock = self._context.world.clock
        store = Store(paths.database(profile.name), clock=clock, region=profile.region, kind="app")
        self._proven[profile.name] = wiring.proven_by(store)
        return store

    def _opens_at_once(self, profile: Profile) -> bool:
        from voipe_tui.store.database import is_current

        return is_current(self._context.paths.database(profile.name))

    def _make_client(self, profile: Profile) -> GatewayClient:
        # Called in a thread of its own: the store, which belongs to another, is not touched here.
        token = wiring.token_of(self._context, profile)
        return wiring.make_client(self._context, profile, token, proven=self._proven.get(profile.name, ()))

    def _trial_client(self, profile: Profile) -> GatewayClient:
        """For an account that is being added: with the token that was typed, empty or not."""
        from voipe_tui.cli.log import set_up

        set_up(self._context, profile.token)
        return wiring.make_client(self._context, profile, profile.token)

    def _save_profile(self, profile: Profile) -> None:
        def added(profiles: Profiles) -> Profiles:
            if profile.name in profiles.by_name:
                raise InputError(
                    f"There is a profile “{profile.name}” already. Nothing was stored.", hint="Choose another name."
                )
            return profiles.with_profile(profile)

        update_profiles(self._context.paths, added)

    # The demo's

    def _open_demo_store(self, profile: Profile) -> Store:
        from voipe_tui.store import Store

        return Store(None, clock=self._context.world.clock, region=profile.region)

    def _make_demo_client(self, profile: Profile) -> GatewayClient:
        self._gateway = self._gateway or wiring.demo_gateway(self._context)
        return wiring.make_client(self._context, profile, profile.token, demo=self._gateway)

    # Both

    def _make_engine(self, store: Store, client: GatewayClient, profile: Profile) -> Engine:
        from voipe_tui.sync import Engine

        settings = wiring.sync_settings(self._context, profile, self._settings.poll_seconds, with_batches=True)
        return Engine(store, client, settings, random=self._context.world.random)
