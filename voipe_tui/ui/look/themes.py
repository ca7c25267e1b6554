"""Themes: a file of named colours becomes a Textual theme and a :class:`Palette` of ready styles.

A theme file gives ``name`` and a table ``colors``; with ``base = "night"`` it may leave out what it does not change.
Every colour is parsed here, because Textual accepts a bad one silently and fails later, in the middle of a screen.
``ansi`` is no file: it takes the terminal's own 16 colours, so it is always there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rich.style import Style
from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

COLORS = (
    "background",
    "surface",
    "panel",
    "foreground",
    "muted",
    "primary",
    "accent",
    "good",
    "warn",
    "bad",
    "busy",
    "cursor",
    "cursor-text",
)
"""The names that a theme file gives colours to."""

DEFAULT = "night"


class ThemeSpec(NamedTuple):
    """A theme whose colours are known to be good. ``colors`` has every name of :data:`COLORS`."""

    name: str
    title: str
    dark: bool
    colors: Mapping[str, str]
    ansi: bool = False


ANSI = ThemeSpec(
    name="ansi",
    title="The terminal's own colours",
    dark=True,
    ansi=True,
    colors={
        "background": "ansi_default",
        "surface": "ansi_default",
        "panel": "ansi_default",
        "foreground": "ansi_default",
        "muted": "ansi_default",
        "primary": "ansi_blue",
        "accent": "ansi_magenta",
        "good": "ansi_green",
        "warn": "ansi_yellow",
        "bad": "ansi_red",
        "busy": "ansi_cyan",
        "cursor": "ansi_default",
        "cursor-text": "ansi_default",
    },
)


class Palette(NamedTuple):
    """The styles that lines are built from. ``tone`` looks one up by a name of :mod:`voipe_tui.ui.look.words`."""

    text: Style
    muted: Style
    strong: Style
    good: Style
    warn: Style
    bad: Style
    busy: Style
    primary: Style
    accent: Style
    bar: Style
    bar_muted: Style
    bar_key: Style
    bar_active: Style
    bar_good: Style
    bar_warn: Style
    bar_bad: Style
    cursor: Style
    cursor_blurred: Style
    keeps_color: bool
    """False where the cursor row is one style from end to end (reverse), True where it only changes the ground."""

    def tone(self, name: str) -> Style:
        style: Style = getattr(self, name)
        return style

    def bar_tone(self, name: str) -> Style:
        """The same tone on the ground of a bar."""
        style: Style = getattr(self, f"bar_{name}", self.bar)
        return style


def make_palette(spec: ThemeSpec) -> Palette:
    """Ready styles for a theme; in ``ansi`` dim, bold and reverse do what shades do elsewhere."""

    def on(
        ground: str, name: str, *, bold: bool | None = None, dim: bool | None = None, reverse: bool | None = None
    ) -> Style:
        colors = Style.from_color(
            Color.parse(spec.colors[name]).rich_color, Color.parse(spec.colors[ground]).rich_color
        )
        return colors + Style(bold=bold, dim=dim, reverse=reverse)

    dim = True if spec.ansi else None
    if spec.ansi:
        cursor = Style(reverse=True)
        blurred = Style(underline=True)
        active = on("background", "foreground", reverse=True)
    else:
        cursor = on("cursor", "cursor-text")
        blurred = Style.from_color(None, Color.parse(spec.colors["panel"]).rich_color)
        active = on("background", "primary", bold=True)
    return Palette(
        text=on("background", "foreground"),
        muted=on("background", "muted", dim=dim),
        strong=on("background", "foreground", bold=True),
        good=on("background", "good"),
        warn=on("background", "warn"),
        bad=on("background", "bad"),
        busy=on("background", "busy"),
        primary=on("background", "primary"),
        accent=on("background", "accent"),
        bar=on("panel", "foreground"),
        bar_muted=on("panel", "muted", dim=dim),
        bar_key=on("panel", "primary", bold=True),
        bar_active=active,
        bar_good=on("panel", "good"),
        bar_warn=on("panel", "warn", bold=True),
        bar_bad=on("panel", "bad", bold=True),
        cursor=cursor,
        cursor_blurred=blurred,
        keeps_color=not spec.ansi,
    )


def make_textual_theme(spec: ThemeSpec) -> Theme:
    """The theme for Textual's own widgets (fields, palette, scrollbars)."""
    colors = spec.colors
    if spec.ansi:
        variables = {
            **BUILTIN_THEMES["ansi-dark"].variables,
            "block-cursor-foreground": "ansi_black",
            "block-cursor-background": "ansi_white",
            "border": "ansi_blue",
            "border-blurred": "ansi_bright_black",
            "input-cursor-background": "ansi_white",
            "input-cursor-foreground": "ansi_black",
            "input-selection-background": "ansi_cyan",
            "input-selection-foreground": "ansi_black",
        }
    else:
        variables = {
            "block-cursor-foreground": colors["cursor-text"],
            "block-cursor-background": colors["cursor"],
            "block-cursor-text-style": "bold",
            "border": colors["primary"],
            "border-blurred": colors["panel"],
            "input-cursor-background": colors["foreground"],
            "input-cursor-foreground": colors["background"],
            "input-selection-background": colors["cursor"],
            "scrollbar": colors["panel"],
            "scrollbar-hover": colors["muted"],
            "scrollbar-active": colors["muted"],
            "scrollbar-background": colors["background"],
            "scrollbar-background-hover": colors["background"],
            "scrollbar-background-active": colors["background"],
            "scrollbar-corner-color": colors["background"],
            "muted": colors["muted"],
        }
    variables.setdefault("muted", colors["muted"])
    return Theme(
        name=spec.name,
        primary=colors["primary"],
        secondary=colors["busy"],
        accent=colors["accent"],
        warning=colors["warn"],
        error=colors["bad"],
        success=colors["good"],
        foreground=colors["foreground"],
        background=colors["background"],
        surface=colors["surface"],
        panel=colors["panel"],
        dark=spec.dark,
        ansi=spec.ansi,
        variables=variables,
    )


def shipped_folders() -> tuple[Path, ...]:
    """Where the program's own themes lie: inside an installed package, or at the top of a working copy."""
    package = Path(__file__).resolve().parents[2]
    return (package / "themes", package.parent / "themes")


def _read(path: Path) -> dict[str, Any]:
    import tomllib

    with path.open("rb") as file:
        return tomllib.load(file)


def load_theme(name: str | None, user_folder: Path | None = None) -> tuple[ThemeSpec, tuple[str, ...]]:
    """The theme of that name (None: the default), and what was wrong.

    The user's folder goes first, so that a shipped theme can be replaced. When a theme cannot be used, the default
    is returned with sentences that name the file and the colour; when even that is missing, ``ansi``.
    """
    wanted = name or DEFAULT
    if wanted == ANSI.name:
        return ANSI, ()
    spec, problems = _load(wanted, user_folder, ())
    if spec is not None:
        return spec, problems
    if wanted != DEFAULT:
        fallback, more = _load(DEFAULT, None, ())
        if fallback is not None:
            return fallback, (*problems, *more)
    return ANSI, problems


def _folders(user_folder: Path | None) -> tuple[Path, ...]:
    return (*((user_folder,) if user_folder is not None else ()), *shipped_folders())


def _load(name: str, user_folder: Path | None, bases: tuple[str, ...]) -> tuple[ThemeSpec | None, tuple[str, ...]]:
    if "/" in name or "\\" in name or name.startswith("."):
        return None, (f"Theme “{name}”: that is not a theme's name.",)
    for folder in _folders(user_folder):
        path = folder / f"{name}.toml"
        if path.is_file() and path.resolve() not in {Path(base) for base in bases}:
            break
    else:
        known = ", ".join(theme_names(user_folder))
        return None, (f"Theme “{name}” was not found. Known themes: {known}.",)
    try:
        data = _read(path)
    except (OSError, ValueError) as error:
        return None, (f"Theme file {path.name} cannot be read: {error}.",)
    base: Mapping[str, str] = {}
    problems: tuple[str, ...] = ()
    if (base_name := data.get("base")) is not None:
        spec, problems = (
            (ANSI, ()) if base_name == ANSI.name else _load(str(base_name), user_folder, (*bases, str(path.resolve())))
        )
        if spec is None:
            return None, problems
        base = spec.colors
    return _checked(name, path, data, base, problems)


def _checked(
    name: str, path: Path, data: Mapping[str, Any], base: Mapping[str, str], problems: tuple[str, ...]
) -> tuple[ThemeSpec | None, tuple[str, ...]]:
    given = data.get("colors", {})
    found = list(problems)
    if not isinstance(given, dict):
        return None, (*found, f"Theme file {path.name}: “colors” must be a table.")
    for key in sorted({*data} - {"name", "title", "dark", "base", "colors"}):
        found.append(f"Theme file {path.name}: there is no key “{key}”.")
    for key in sorted(set(given) - set(COLORS)):
        found.append(f"Theme file {path.name}: there is no colour “{key}”. Known: {', '.join(COLORS)}.")
    colors = dict(base)
    bad = False
    for key in COLORS:
        value = given.get(key, colors.get(key))
        if value is None:
            found.append(f"Theme file {path.name}: the colour “{key}” is missing.")
            bad = True
        elif not _is_color(value):
            found.append(f"Theme file {path.name}: {key} = {value!r} is not a colour (examples: #82aaff, teal).")
            bad = True
        else:
            colors[key] = value
    if bad:
        return None, tuple(found)
    spec = ThemeSpec(name, str(data.get("title", name)), bool(data.get("dark", True)), colors)
    return spec, tuple(found)


def _is_color(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        color = Color.parse(value)
    except ColorParseError:
        return False
    return color.a == 1 and color.ansi is None


def theme_names(user_folder: Path | None = None) -> list[str]:
    """Every theme that could be chosen, by name."""
    names = {ANSI.name}
    for folder in _folders(user_folder):
        names.update(_stems(folder))
    return sorted(names)


def _stems(folder: Path) -> Iterable[str]:
    return (path.stem for path in folder.glob("*.toml")) if folder.is_dir() else ()
