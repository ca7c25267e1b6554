"""Folders of a person who never used the program."""

from pathlib import Path

import pytest

from voipe_tui.config.paths import Paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.from_environment({"HOME": str(tmp_path / "home")})
