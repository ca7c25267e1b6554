"""``sandbox``: a gateway one line away, and stores filled for measuring."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.support import Clock, Gateway, Shell, clean_environ


@contextmanager
def serving(home: Path, *argv: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "voipe_tui", "sandbox", *argv],
        env=clean_environ(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_it_says_how_to_get_in_and_what_it_says_works(shell: Shell, tmp_path: Path):
    with serving(tmp_path, "--version", "1.4.3", "--messages", "30", "--fault", "slow=0:ds") as process:
        assert process.stdout is not None
        said = [process.stdout.readline()]
        while "profile add" not in said[-1]:
            said.append(process.stdout.readline())
        text = "".join(said)
        assert "playSMS 1.4.3" in text
        assert "slow=0:ds" in text
        # The line to copy: a token on standard input, then the command.
        echo, command = said[-1].strip().split(" | ")
        argv = shlex.split(command)[1:]
        done = shell.run(*argv, stdin=shlex.split(echo)[1] + "\n")
        assert (done.code, done.err) == (0, "")
        assert len(shell.run("outbox", "--json").json) == 27
        assert len(shell.run("inbox", "--json").json) == 3
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=600)
        assert process.returncode == 0
        assert "Traceback" not in out + err


def test_as_json_it_is_one_line_when_it_listens(shell: Shell, tmp_path: Path):
    with serving(tmp_path, "--json", "--demo") as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        assert facts["username"] == "demo"
        assert facts["version"] == "1.4.3"
        shell.profile(facts["form_url"], transport="form")
        assert shell.run("credit").out == "412.75\n"
        process.terminate()
        assert process.wait(timeout=600) == 0
    assert shell.touched() == ["config/voipe-tui/profiles.toml", "data/voipe-tui/vip.db"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--fault", "lost-aftr"], "Did you mean lost-after?"),
        (["--fault", "slow=x"], "is no number"),
        (["--version", "2.0"], "There are: 1.4.3, 1.4.7, 1.4.8"),
        (["--port", "70000"], "no whole number from 0 to 65535"),
        (["--messages", "-1"], "no whole number from 0"),
    ],
)
def test_bad_options(shell: Shell, argv, said):
    done = shell.run("sandbox", *argv)
    assert done.code == 2
    assert said in done.err


def test_a_port_that_is_taken(shell: Shell, gateway: Gateway):
    done = shell.run("sandbox", "--port", str(gateway.listener.port))
    assert done.code == 2
    assert "cannot listen on port" in done.err


# fill


def test_fill_puts_messages_straight_into_the_store(user: Shell, gateway: Gateway, clock: Clock):
    done = user.run("sandbox", "fill", "--messages", "2500", "--json")
    assert done.json == {"profile": "vip", "added": 2500, "outbox": 2250, "inbox": 250}
    rows = user.run("outbox", "--offline", "--json", "--limit", "3000").json
    assert len(rows) == 2250
    assert {row["status"] for row in rows} == {"delivered", "failed"}
    assert rows[0]["created_at"] == "2026-03-05T14:00:00+02:00"
    assert len(user.run("inbox", "--offline", "--json", "--status", "unread", "--limit", "3000").json) == 250


def test_fill_keeps_its_hands_off_real_messages(user: Shell):
    user.run("send", "--to", "0521110001", "--message", "real")
    done = user.run("sandbox", "fill", "--messages", "10")
    assert done.code == 2
    assert "has messages in it already" in done.err
    assert len(user.run("outbox", "--offline", "--json").json) == 1
    assert user.run("sandbox", "fill", "--messages", "10", "--yes").code == 0
    assert user.run("status", "1", "--json").json[0]["text"] == "real"
    assert len(user.run("outbox", "--json").json) == 10


def test_fill_twice_adds(user: Shell):
    user.run("sandbox", "fill", "--messages", "100")
    assert user.run("sandbox", "fill", "--messages", "100", "--yes", "--json").json["outbox"] == 180


def test_fill_of_the_demo_makes_no_sense(shell: Shell):
    done = shell.run("sandbox", "fill", "--messages", "10", "--demo")
    assert (done.code, shell.touched()) == (2, [])
