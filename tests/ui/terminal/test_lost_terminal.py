"""A closed connection: the program ends by itself, soon, and what was being written is there again."""

from __future__ import annotations

import os
import select
import signal
import sys
from pathlib import Path

import pytest

from tests.bench.ptyh import Pty
from tests.bench.startup import prepare
from voipe_tui.config.paths import Paths
from voipe_tui.store import Store

PROGRAM = [sys.executable, "-m", "voipe_tui"]
DEAF = ["/bin/sh", "-c", f'trap "" HUP; exec {sys.executable} -m voipe_tui']
ROOT = str(Path(__file__).resolve().parents[3])


@pytest.mark.parametrize("how", ["hung up", "hung up on a program that ignores it", "terminated"])
def test_the_program_ends_and_keeps_the_draft(how: str, tmp_path: Path) -> None:
    environ = prepare(tmp_path, 1)
    terminal = Pty(DEAF if "ignores" in how else PROGRAM, env=environ, cwd=ROOT)
    assert terminal.wait_text("Benchmark message") is not None, terminal.text()
    start = len(terminal.buf)
    os.write(terminal.fd, b"c")
    assert terminal.wait_text("keep draft", start=start) is not None
    # Pasted: of a meter that counts up key by key only the digits that change are written.
    os.write(terminal.fd, b"0521110001\t\x1b[200~half a thought\x1b[201~")
    assert terminal.wait_text("14 characters", start=start) is not None
    watch = os.pidfd_open(terminal.pid)
    try:
        if how == "terminated":
            os.kill(terminal.pid, signal.SIGTERM)
            terminal.settle(quiet=5)
        else:
            os.close(terminal.fd)
        ended, _, _ = select.select([watch], [], [], 15)
        assert ended, "still running"
        _, status = os.waitpid(terminal.pid, 0)
        assert os.waitstatus_to_exitcode(status) == 128 + (signal.SIGTERM if how == "terminated" else signal.SIGHUP)
    finally:
        os.close(watch)
    if how == "terminated":
        os.close(terminal.fd)
    store = Store(Paths.from_environment(environ).database("bench"))
    try:
        assert [(draft.to_text, draft.text) for draft in store.drafts.all()] == [("0521110001", "half a thought")]
    finally:
        store.close()
