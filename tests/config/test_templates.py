"""Templates: the user's file, strictly read; added to at its end, never rewritten."""

from __future__ import annotations

import pytest

from voipe_tui.config.paths import Paths
from voipe_tui.config.templates import add_template, fields_of, load_templates
from voipe_tui.errors import ConfigError, InputError

OURS = '# mine\n[templates]\nopen = "Hi {name}, until {hour}."  # Sundays\n\n"תודה" = """\nתודה {first}!\n"""\n'


def test_no_file_is_no_template(paths: Paths) -> None:
    assert load_templates(paths) == {}


def test_what_is_added_leaves_everything_else_as_it_was(paths: Paths) -> None:
    paths.config.mkdir(parents=True)
    paths.templates_file.write_text(OURS, encoding="utf-8")
    add_template(paths, "new one", 'It\'s "so"\n{{x}} \\')
    assert paths.templates_file.read_text(encoding="utf-8").startswith(OURS.rstrip("\n"))
    assert list(load_templates(paths).items()) == [
        ("open", "Hi {name}, until {hour}."),
        ("תודה", "תודה {first}!\n"),
        ("new one", 'It\'s "so"\n{{x}} \\'),
    ]
    assert paths.templates_file.stat().st_mode & 0o777 == 0o600


def test_the_first_one_begins_the_file(paths: Paths) -> None:
    add_template(paths, "a", "A")
    add_template(paths, "b", "B")
    assert load_templates(paths) == {"a": "A", "b": "B"}
    with pytest.raises(InputError, match="already"):
        add_template(paths, "a", "other")
    assert load_templates(paths)["a"] == "A"


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ('[template]\na = "x"\n', 1, "did you mean “templates”?"),
        ('[templates]\na = "x"\nb = 7\n', 3, "needs a text in quotes for “b”"),
        ('[templates]\na = "x"\nb = ""\n', 3, "needs a text in quotes for “b”"),
        ('[templates]\na = "x\n', 2, "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_nothing_is_added(
    paths: Paths, content: str, line: int, said: str
) -> None:
    paths.config.mkdir(parents=True)
    paths.templates_file.write_text(content)
    for do in (lambda: load_templates(paths), lambda: add_template(paths, "new", "text")):
        with pytest.raises(ConfigError) as caught:
            do()
        assert f"templates.toml:{line}" in str(caught.value)
        assert said in str(caught.value)
    assert paths.templates_file.read_text() == content


def test_fields_are_named_once() -> None:
    assert fields_of("Hi {name}, { hour } and {name} { } {a\nb} {{no}}") == ["name", "hour"]
