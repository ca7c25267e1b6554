"""The user's own settings: the defaults, every key, and every mistake with its line."""

import pytest

from voipe_tui.config.paths import Paths
from voipe_tui.config.settings import Settings, load_settings
from voipe_tui.errors import ConfigError


def write(paths: Paths, text: str) -> None:
    paths.config.mkdir(parents=True, exist_ok=True)
    paths.settings_file.write_text(text, encoding="utf-8")


def test_no_file_means_the_defaults(paths: Paths) -> None:
    assert load_settings(paths) == Settings()
    assert not paths.config.exists()


def test_an_empty_file_means_the_defaults(paths: Paths) -> None:
    write(paths, "# nothing yet\n")
    assert load_settings(paths) == Settings()


def test_every_key_is_read_and_the_file_stays_as_it_is(paths: Paths) -> None:
    text = """\
# mine
theme = "voipe-dark"
bidi = "app"
notify = "bell"
poll_seconds = 10
auto_advance = "stay"

[keys]
archive = "e"
"message.reply" = "ctrl+r"
"""
    write(paths, text)
    assert load_settings(paths) == Settings(
        theme="voipe-dark",
        bidi="app",
        notify="bell",
        poll_seconds=10.0,
        auto_advance="stay",
        keys={"archive": "e", "message.reply": "ctrl+r"},
    )
    assert paths.settings_file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("\nthem = 'x'", 2, "unknown key “them”; did you mean “theme”?"),
        ("poll_second = 3", 1, "did you mean “poll_seconds”?"),
        ("xyzzy = 1", 1, "Known are: auto_advance, bidi, keys, notify, poll_seconds, review, theme."),
        ("\n\nbidi = 'apps'", 3, 'must be "terminal" or "app"; did you mean “app”?'),
        ("notify = true", 1, 'must be "none" or "bell" or "desktop".'),
        ("poll_seconds = 0.5", 1, "from 1 to 3600"),
        ("poll_seconds = nan", 1, "from 1 to 3600"),
        ("poll_seconds = true", 1, "from 1 to 3600"),
        ("poll_seconds = '5'", 1, "from 1 to 3600"),
        ("theme = ''", 1, "must not be empty"),
        ("theme = 3", 1, "text of one line"),
        ('theme = "a\\u001b[31m"', 1, "text of one line"),
        ("auto_advance = 'nxt'", 1, "did you mean “next”?"),
        ("keys = 'x'", 1, "must be a table"),
        ("[keys]\na = 'x'\nb = 3", 3, "for “b”"),
        ("[keys]\na = ''", 2, "for “a”"),
        ("bidi = 'app'\n[kesy]\na = 'x'", 2, "did you mean “keys”?"),
        ("theme = \n", 1, "not valid TOML"),
    ],
)
def test_every_mistake_has_file_line_and_key(paths: Paths, text: str, line: int, words: str) -> None:
    write(paths, text)
    with pytest.raises(ConfigError) as caught:
        load_settings(paths)
    assert caught.value.message.startswith(f"{paths.settings_file}:{line}:")
    assert words in caught.value.message


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(paths: Paths) -> None:
    write(paths, "notify = 'x'\nthem = 'x'\nbidi = 3\n")
    with pytest.raises(ConfigError) as caught:
        load_settings(paths)
    told = caught.value.message.split("\n")
    assert [line.removeprefix(str(paths.settings_file)).split(":")[1] for line in told] == ["1", "2", "3"]


def test_many_mistakes_are_counted(paths: Paths) -> None:
    write(paths, "".join(f"wrong{number} = 1\n" for number in range(25)))
    with pytest.raises(ConfigError, match="and 15 more"):
        load_settings(paths)


def test_later_checks_can_name_the_line_too(paths: Paths) -> None:
    write(paths, "\n[keys]\n\narchve = 'e'\n")
    error = load_settings(paths).error("there is no command “archve”.", "keys", "archve", hint="See ?")
    assert error.message == f"{paths.settings_file}:4: there is no command “archve”."
    assert Settings().error("x").message == "x"
