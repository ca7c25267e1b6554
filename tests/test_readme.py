"""The README tells no tales: its commands are ones the program takes, its pictures and paths exist.

The test command is run by ``.ci/run``, which takes it from the page.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from voipe_tui.cli.parser import parse

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CODE = [line.strip() for line in re.findall(r"^ {4}(\S.*)$", README, re.MULTILINE)]
COMMANDS = [found for line in CODE for found in re.findall(r"(?:^|[|] )voipe-tui (.*)$", line)]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_is_one_the_program_takes(command: str) -> None:
    argv = shlex.split(command, comments=True)
    parse(argv[: argv.index(">")] if ">" in argv else argv)


def test_the_page_shows_commands_at_all() -> None:
    assert len(COMMANDS) >= 8


def test_it_opens_with_the_two_commands_that_install_and_their_extras_exist() -> None:
    demo, tests = CODE[:2]
    assert demo.endswith(".venv/bin/voipe-tui --demo")
    assert "-m pytest" in tests
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"]["voipe-tui"] == "voipe_tui.cli:main"
    assert set(re.findall(r"\[(\w+)\]\"", README)) <= set(project["optional-dependencies"])


@pytest.mark.parametrize("path", re.findall(r"\]\(((?!http)[^)]+)\)", README))
def test_what_it_links_to_is_there(path: str) -> None:
    assert (ROOT / path).is_file()


@pytest.mark.parametrize("module", re.findall(r"python -m (tests[\w.]+)", README))
def test_the_modules_it_names_can_be_run(module: str) -> None:
    place = ROOT.joinpath(*module.split("."))
    assert place.with_suffix(".py").is_file() or (place / "__main__.py").is_file()
