from pathlib import Path

import pytest

from voipe_tui.ui.look.themes import ANSI, COLORS, load_theme, make_palette, make_textual_theme, theme_names

HALF = '[colors]\nbackground = "#000"\n'


def write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", ["night", "day", "ansi"])
def test_shipped_themes_are_whole_and_have_no_problems(name: str) -> None:
    spec, problems = load_theme(name)
    assert problems == ()
    assert spec.name == name
    assert set(spec.colors) == set(COLORS)
    make_palette(spec)
    make_textual_theme(spec)


def test_without_a_name_it_is_night() -> None:
    assert load_theme(None)[0].name == "night"


def test_an_unknown_theme_falls_back_and_lists_the_known_ones() -> None:
    spec, [problem] = load_theme("nigth")
    assert spec.name == "night"
    assert "ansi, day, night" in problem


def test_a_bad_colour_is_named_and_the_default_taken(tmp_path: Path) -> None:
    write(tmp_path, "mine", 'base = "night"\n[colors]\ngood = "greenish"\nbad = "#12"\n')
    spec, problems = load_theme("mine", tmp_path)
    assert spec.name == "night"
    assert any("good" in problem and "greenish" in problem for problem in problems)
    assert any("bad" in problem for problem in problems)


def test_a_theme_may_change_only_some_colours(tmp_path: Path) -> None:
    write(tmp_path, "mine", 'base = "night"\ntitle = "Mine"\n[colors]\ngood = "#00ff00"\n')
    spec, problems = load_theme("mine", tmp_path)
    assert problems == ()
    assert spec.colors["good"] == "#00ff00"
    assert spec.colors["bad"] == load_theme("night")[0].colors["bad"]
    assert "mine" in theme_names(tmp_path)


def test_missing_and_unknown_colours_and_keys_are_all_told(tmp_path: Path) -> None:
    write(tmp_path, "half", "drak = true\n" + HALF + 'glow = "#fff"\n')
    _, problems = load_theme("half", tmp_path)
    text = "\n".join(problems)
    assert "drak" in text
    assert "glow" in text
    assert "“muted” is missing" in text


def test_broken_toml_and_circles_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path, "broken", "colors = [")
    write(tmp_path, "a", 'base = "b"\n[colors]\n')
    write(tmp_path, "b", 'base = "a"\n[colors]\n')
    for name in ("broken", "a", "../../etc/passwd"):
        spec, problems = load_theme(name, tmp_path)
        assert spec.name == "night"
        assert problems


def test_ansi_uses_no_colour_of_its_own() -> None:
    palette = make_palette(ANSI)
    for style in (palette.text, palette.muted, palette.good, palette.bar, palette.cursor):
        for color in (style.color, style.bgcolor):
            assert color is None or color.is_default or (color.number is not None and color.number < 16)


def contrast(one: str, other: str) -> float:
    from textual.color import Color

    def luminance(text: str) -> float:
        parts = [value / 255 for value in Color.parse(text).rgb]
        red, green, blue = (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["night", "day"])
def test_shipped_colours_can_be_read(name: str) -> None:
    colors = load_theme(name)[0].colors
    for text in ("foreground", "muted", "primary", "accent", "good", "warn", "bad", "busy"):
        assert contrast(colors[text], colors["background"]) >= 4.5, text
    for text in ("foreground", "good", "warn", "bad"):
        assert contrast(colors[text], colors["panel"]) >= 4.5, text
    assert contrast(colors["cursor-text"], colors["cursor"]) >= 7
