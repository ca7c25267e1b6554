"""Folders by XDG, private ones, and names that are safe as file names."""

import os
import stat
from pathlib import Path

import pytest

from voipe_tui.config.paths import Paths, check_profile_name, ensure_private, is_profile_name
from voipe_tui.errors import ConfigError


def test_the_defaults_lie_in_the_home_folder() -> None:
    paths = Paths.from_environment({"HOME": "/home/dana"})
    assert paths.profiles_file == Path("/home/dana/.config/voipe-tui/profiles.toml")
    assert paths.settings_file == Path("/home/dana/.config/voipe-tui/config.toml")
    assert paths.themes_dir == Path("/home/dana/.config/voipe-tui/themes")
    assert paths.database("vip") == Path("/home/dana/.local/share/voipe-tui/vip.db")
    assert paths.log_file == Path("/home/dana/.local/state/voipe-tui/voipe-tui.log")


def test_xdg_variables_win_when_they_are_absolute() -> None:
    environ = {"HOME": "/home/dana", "XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "relative", "XDG_STATE_HOME": ""}
    assert Paths.from_environment(environ) == Paths(
        Path("/c/voipe-tui"), Path("/home/dana/.local/share/voipe-tui"), Path("/home/dana/.local/state/voipe-tui")
    )


def test_no_home_is_needed_when_all_three_are_set() -> None:
    environ = {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "/s"}
    assert Paths.from_environment(environ).log_file == Path("/s/voipe-tui/voipe-tui.log")


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}, {"HOME": "somewhere"}])
def test_no_home_is_an_error_that_says_so(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="home folder is not known"):
        Paths.from_environment(environ)


@pytest.mark.parametrize("name", ["vip", "VIP.2", "a", "0", "a" * 64, "my_profile-1"])
def test_good_names(name: str) -> None:
    assert is_profile_name(name)
    assert check_profile_name(name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".hidden", "-x", "a/b", "../x", "a b", "a" * 65, "דנה", "a\n", "a\x1b[31m", "a\x00"]
)
def test_bad_names(name: str, paths: Paths) -> None:
    with pytest.raises(ConfigError, match="cannot be the name of a profile") as caught:
        paths.database(name)
    assert "\x1b" not in caught.value.message


def test_a_new_folder_is_private(tmp_path: Path) -> None:
    folder = ensure_private(tmp_path / "a" / "b")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert ensure_private(folder) == folder


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)
    ensure_private(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_in_the_way_is_an_error_that_says_where(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be made private") as caught:
        ensure_private(tmp_path / "file" / "folder")
    assert str(tmp_path / "file") in caught.value.message


def test_the_umask_does_not_matter(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = ensure_private(tmp_path / "a")
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
