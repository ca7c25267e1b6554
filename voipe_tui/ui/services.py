"""What the app needs from whoever starts it, and what its screens share while it runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from voipe_tui.ui.commands import Keys, resolve_keys
from voipe_tui.ui.look.themes import ANSI, Palette, ThemeSpec, load_theme, make_palette
from voipe_tui.ui.look.words import Times

if TYPE_CHECKING:
    from pathlib import Path

    from voipe_tui.client import GatewayClient
    from voipe_tui.config.paths import Paths
    from voipe_tui.config.profiles import Profile
    from voipe_tui.config.settings import Settings
    from voipe_tui.errors import VoipeError
    from voipe_tui.store import Store
    from voipe_tui.sync.engine import Engine

_TYPING_SECONDS = 0.3  # from one key to the next


class Services(NamedTuple):
    """Given by the command line (or a test). The factories are called when the screen is painted, not before.

    ``profile`` None: there is none yet, the first-start form opens. ``make_client`` may run a command or ask a keyring
    for the token; its errors are shown. ``opens_at_once`` says whether ``open_store`` is a matter of milliseconds,
    nothing to be brought up to date first: then the first frame has the list in it. ``trial_client`` takes the token
    from the profile as it is, empty or not, for an account that is not stored yet. ``open_demo`` gives the services of
    the demo account; ``save_profile`` stores a new profile durably, with its token, or raises. ``themes_dir`` holds the
    user's own themes, which the demo wears, too; it has no ``paths`` to write to.
    """

    profile: Profile | None
    settings: Settings
    paths: Paths | None
    open_store: Callable[[Profile], Store]
    make_client: Callable[[Profile], GatewayClient]
    trial_client: Callable[[Profile], GatewayClient]
    make_engine: Callable[[Store, GatewayClient, Profile], Engine]
    clock: Callable[[], float]
    zone: tzinfo
    opens_at_once: Callable[[Profile], bool] | None = None
    open_demo: Callable[[], Services] | None = None
    save_profile: Callable[[Profile], None] | None = None
    no_color: bool = False
    themes_dir: Path | None = None

    def with_profile(self, profile: Profile) -> Services:
        return self._replace(profile=profile)


class Session:
    """What the parts of the screen share: looks, times, the open store, the running engine."""

    def __init__(self, services: Services, keys: Keys, theme: ThemeSpec, problems: list[str]) -> None:
        self.services = services
        self.keys = keys
        self.theme = theme
        self.palette: Palette = make_palette(theme)
        self.times = Times(services.zone, services.clock())
        self.problems = problems
        self.store: Store | None = None
        self.engine: Engine | None = None
        self.client: GatewayClient | None = None
        self.trouble: VoipeError | None = None
        self._key_at = float("-inf")

    @property
    def profile(self) -> Profile:
        assert self.services.profile is not None
        return self.services.profile

    @property
    def opened(self) -> Store:
        """The store; only asked for by parts that exist while it is open."""
        assert self.store is not None
        return self.store

    @property
    def reorder(self) -> Callable[[str], str] | None:
        """Puts a line into visual order, where the settings say that the terminal does not do it."""
        if self.services.settings.bidi != "app":
            return None
        from voipe_tui.text.bidi import visual_order

        return visual_order

    def drawn(self, line: str) -> str:
        """A line as it is drawn in this terminal."""
        return line if (reorder := self.reorder) is None else reorder(line)

    def now(self) -> datetime:
        """The time of the person's own clock."""
        return datetime.fromtimestamp(self.services.clock(), self.services.zone)

    def key(self) -> None:
        """A key was pressed: what can wait does."""
        self._key_at = perf_counter()
        if self.engine is not None:
            self.engine.turns.key()

    @property
    def typing(self) -> bool:
        """Whether somebody is at the keys right now."""
        return perf_counter() - self._key_at < _TYPING_SECONDS

    def wake(self) -> None:
        """A person has given the journal something to send."""
        if self.engine is not None:
            self.engine.go_on()

    def refresh_now(self) -> None:
        """A person wants to know now."""
        if self.engine is not None:
            self.engine.refresh_now()

    def use_theme(self, theme: ThemeSpec) -> None:
        self.theme = theme
        self.palette = make_palette(theme)

    def colors(self) -> Palette:
        """The palette in force; parts keep this method, not the palette."""
        return self.palette


def begin(services: Services) -> Session:
    """A session with its keys and theme checked; what was wrong is in ``problems``."""
    keys = resolve_keys(services.settings.keys)
    # Without colour only attributes are left: that is what the terminal's own colours use.
    theme, problems = (ANSI, ()) if services.no_color else load_theme(services.settings.theme, services.themes_dir)
    return Session(services, keys, theme, [*keys.problems, *problems])
