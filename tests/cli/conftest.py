"""A user's machine and a gateway for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.support import Clock, Gateway, Shell
from voipe_tui.sandbox import Sandbox
from voipe_tui.sandbox.serve import running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shell(tmp_path: Path, clock: Clock) -> Shell:
    """A machine without any profile."""
    return Shell(tmp_path, clock)


@pytest.fixture
def version() -> str:
    return "1.4.7"


@pytest.fixture
def gateway(clock: Clock, version: str) -> Iterator[Gateway]:
    sandbox = Sandbox(version, clock=clock)  # type: ignore[arg-type]
    with running(sandbox) as listener:
        yield Gateway(sandbox, listener)


@pytest.fixture
def user(shell: Shell, gateway: Gateway) -> Shell:
    """A machine with a profile for the gateway."""
    shell.profile(gateway.url)
    return shell


@pytest.fixture
def table(shell: Shell) -> Callable[..., str]:
    """Writes a file and says where it is."""

    def write(content: str | bytes, encoding: str = "utf-8") -> str:
        path = shell.home / "list.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return str(path)

    return write
