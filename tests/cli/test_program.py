"""The program as a whole: start, help, usage, broken surroundings, and that no secret gets out."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import os
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.support import Clock, Gateway, Shell, Terminal, clean_environ
from voipe_tui import __version__
from voipe_tui.cli import main
from voipe_tui.sandbox.sandbox import TOKEN

COMMANDS = ("send", "bulk", "outbox", "inbox", "credit", "status", "sandbox", "profile")


def program(home: Path, *argv: str, **kwargs) -> subprocess.CompletedProcess[str]:
    kwargs = {"capture_output": True, "text": True, "timeout": 60, "env": clean_environ(home), **kwargs}
    return subprocess.run([sys.executable, "-m", "voipe_tui", *argv], **kwargs)


# Help and usage


def test_an_error_is_said_once(tmp_path: Path):
    # In a process of its own: only there would a record without a handler land on the screen.
    done = program(tmp_path, "status", "999", "--demo")
    assert done.returncode == 2
    assert done.stderr.startswith("voipe-tui: Please check what you typed\n")
    assert done.stderr.count("Please check") == 1


def test_an_error_of_a_command_is_logged(shell: Shell, gateway: Gateway):
    shell.profile(gateway.url)
    assert shell.run("status", "999").code == 2
    assert "InputError: Please check what you typed" in shell.log.read_text()


def test_help_and_version(shell: Shell):
    help_ = shell.run("--help")
    assert (help_.code, help_.err) == (0, "")
    assert all(command in help_.out for command in COMMANDS)
    assert "outcome unknown: look before you send again" in help_.out
    for command in COMMANDS:
        assert f"usage: voipe-tui {command}" in shell.run(command, "--help").out
    assert shell.run("--version").out == f"voipe-tui {__version__}\n"
    assert shell.touched() == []


def test_help_imports_next_to_nothing(tmp_path: Path):
    script = (
        "import sys; from voipe_tui.cli import main; main(['--help'])\n"
        "print(*(name for name in sys.modules if '.' not in name or name.startswith('voipe_tui')), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=clean_environ(tmp_path)
    )
    loaded = set(done.stdout.split("exit codes:")[1].split())
    heavy = {"asyncio", "sqlite3", "httpx", "textual", "rich", "starlette", "phonenumbers", "logging", "subprocess"}
    assert not heavy & loaded
    assert not {
        name for name in loaded if name.startswith("voipe_tui.") and name.split(".")[1] not in ("cli", "errors")
    }


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["outbx"], "“outbx” is not known here. Did you mean “outbox”?"),
        (["profile", "lsit"], "Did you mean “list”?"),
        (["outbox", "--of"], "Unrecognized arguments: --of."),
        (["status"], "the following arguments are required: ID".capitalize().replace("id", "ID")),
        (["status", "x"], "no whole number"),
        (["--json"], "--json needs a command"),
        ([], "The app needs a terminal"),
    ],
)
def test_usage_errors(shell: Shell, argv, said):
    done = shell.run(*argv)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


@pytest.mark.parametrize("argv", [["--demo", "--json", "credit"], ["credit", "--demo", "--json"]])
def test_common_options_stand_before_or_after_the_command(shell: Shell, argv):
    assert shell.run(*argv).json["credit"] == "412.75"


def test_the_demo_sends_and_lists_without_touching_anything(shell: Shell):
    done = shell.run("send", "--demo", "--to", "#TEAM", "--message", "שלום", "--wait", "--json")
    assert done.code in (0, 1)  # the demo's carriers fail now and then
    assert {row["status"] for row in done.json} <= {"delivered", "failed"}
    assert len(shell.run("outbox", "--demo", "--json", "--limit", "150").json) == 150
    assert len(shell.run("inbox", "--demo").out.splitlines()) > 20
    assert shell.touched() == []


# Configuration


def test_without_a_profile_it_says_how_to_add_one(shell: Shell):
    done = shell.run("credit")
    assert done.code == 2
    assert "voipe-tui profile add" in done.err
    assert "--demo" in done.err


def test_a_misspelt_key_is_named_with_file_line_and_the_nearest_match(shell: Shell):
    shell.profile("https://sms.example.com/", tiemzone="UTC")
    done = shell.run("outbox", "--json")
    assert done.code == 2
    assert f"{shell.config / 'profiles.toml'}:5: unknown key “tiemzone”" in done.err
    assert "did you mean “timezone”?" in done.err
    assert TOKEN not in done.err


def test_a_misspelt_setting_stops_the_app_before_it_starts(user: Shell):
    (user.config / "config.toml").write_text('# mine\n\nthemee = "dark"\n')
    done = user.run(stdin=Terminal(), stdout=Terminal(), stderr=Terminal())
    assert done.code == 2
    assert "config.toml:3: unknown key “themee”" in done.err
    assert "did you mean “theme”?" in done.err


# The store


def test_a_damaged_store_is_kept_aside_and_the_command_goes_on(user: Shell, gateway: Gateway):
    user.run("send", "--to", "0521110001", "--message", "first", "--wait")
    for leftover in user.data.glob("vip.db-*"):
        leftover.unlink()
    (user.data / "vip.db").write_bytes(b"this is no database, but it is all I have" * 100)
    done = user.run("outbox", "--json")
    assert done.code == 0
    assert [row["text"] for row in done.json] == ["first"]
    assert "was damaged. It is kept as" in done.err
    (kept,) = user.data.glob("vip.db.broken-*")
    assert str(kept) in done.err
    assert kept.read_bytes().startswith(b"this is no database")


def test_a_store_that_cannot_be_made(user: Shell, gateway: Gateway):
    user.data.parent.mkdir()
    user.data.write_text("a file where a folder should be")
    done = user.run("send", "--to", "0521110001", "--message", "Hi")
    assert done.code == 2
    assert str(user.data) in done.err
    assert gateway.accepted == []


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_folder(user: Shell, gateway: Gateway):
    user.data.parent.mkdir(mode=0o500)
    done = user.run("send", "--to", "0521110001", "--message", "Hi")
    assert done.code == 2
    assert "Permission denied" in done.err
    assert gateway.accepted == []


def test_a_full_disk_sends_nothing(user: Shell, gateway: Gateway):
    user.run("outbox")  # makes the store
    size = (user.data / "vip.db").stat().st_size

    def no_more_room() -> None:
        # Beyond this size no file may grow; Python ignores SIGXFSZ, so that a write fails as on a full disk.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size // 8, size // 8))

    environ = {**clean_environ(user.home), "PYTHONDONTWRITEBYTECODE": "1"}
    done = program(
        user.home, "send", "--to", "0521110001", "--message", "Hi" * 200, preexec_fn=no_more_room, env=environ
    )
    assert done.returncode == 2, done.stderr
    assert "voipe-tui: The" in done.stderr
    assert "Traceback" not in done.stderr
    assert gateway.accepted == []


# Output


class Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_output_that_cannot_be_written(user: Shell, gateway: Gateway):
    done = user.run("send", "--to", "0521110001", "--message", "Hi", "--json", stdout=Full())
    assert done.code == 1
    assert "No space left on device" in done.err
    assert "is done all the same" in done.err
    assert len(gateway.accepted) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_log_on_a_full_disk_changes_nothing(tmp_path: Path):
    state = tmp_path / "state" / "voipe-tui"
    state.mkdir(mode=0o700, parents=True)
    (state / "voipe-tui.log").symlink_to("/dev/full")
    Shell(tmp_path, Clock()).profile("http://127.0.0.1:1/")
    done = program(tmp_path, "credit")
    assert done.returncode == 5
    assert "Traceback" not in done.stderr
    assert "cannot be reached" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_behind_a_redirection(tmp_path: Path):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = program(tmp_path, "outbox", "--demo", stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        done = program(tmp_path, "outbox", "--demo", stdout=pipe, stderr=subprocess.PIPE, capture_output=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_encoding_without_hebrew(tmp_path: Path):
    environ = {**clean_environ(tmp_path), "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    argv = ("send", "--demo", "--dry-run", "--to", "0521110001", "--message", "שלום")
    done = program(tmp_path, *argv, "--json", env=environ)
    assert done.returncode == 0
    assert "\\u05e9" in done.stdout


def test_errors_go_to_standard_error_with_json_too(shell: Shell):
    done = shell.run("outbox", "--json", "--profile", "none")
    assert done.out == ""
    assert done.err.startswith("voipe-tui: The configuration needs a look\n")


def test_standard_streams_may_be_closed(tmp_path: Path):
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" -m voipe_tui credit --demo <&- >&- 2>&-', sys.executable],
        env=clean_environ(tmp_path), timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0


# Unexpected errors and the log


def test_what_nobody_foresaw_is_logged_whole_and_said_short(
    user: Shell, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> str:
        raise RuntimeError(f"a library that blabs {TOKEN}")

    monkeypatch.setattr("voipe_tui.cli.credit.plain", broken)
    done = user.run("credit")
    assert done.code == 1
    assert "something unexpected happened (RuntimeError)" in done.err
    assert str(user.log) in done.err
    assert "Traceback" not in done.err
    assert TOKEN not in done.err
    logged = user.log.read_text()
    assert "Traceback" in logged
    assert "a library that blabs …" in logged
    assert TOKEN not in logged
    assert stat.S_IMODE(user.log.stat().st_mode) == 0o600
    assert stat.S_IMODE(user.log.parent.stat().st_mode) == 0o700


def test_a_surprise_after_sending_is_an_unknown_outcome(user: Shell, monkeypatch: pytest.MonkeyPatch):
    async def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("voipe_tui.cli.delivery.Delivery.follow", broken)
    assert user.run("send", "--to", "0521110001", "--message", "Hi").code == 6


def test_in_the_demo_a_surprise_is_shown_and_no_file_is_made(shell: Shell, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("voipe_tui.cli.credit.plain", lambda amount: 1 / 0)
    done = shell.run("credit", "--demo")
    assert done.code == 1
    assert "ZeroDivisionError" in done.err
    assert shell.touched() == []


def test_a_log_that_cannot_be_written_stops_nothing(user: Shell, gateway: Gateway, monkeypatch: pytest.MonkeyPatch):
    (user.home / "state").write_text("a file where a folder should be")
    gateway.fault("down")
    assert user.run("outbox").code == 5
    gateway.heal()
    monkeypatch.setattr("voipe_tui.cli.credit.plain", lambda amount: 1 / 0)
    done = user.run("credit")
    assert done.code == 1
    assert "could not be logged either" in done.err


def test_neither_token_nor_text_is_ever_logged(user: Shell, gateway: Gateway):
    gateway.fault("lost-after:pv:1")
    user.run("send", "--to", "0521110001", "--message", "a very private text", "--wait")
    gateway.fault("down")
    user.run("send", "--to", "0521110001", "--message", "a very private text")
    user.run("outbox")
    logged = user.log.read_text()
    assert "UnreachableError: The gateway cannot be reached" in logged
    assert TOKEN not in logged
    assert "private" not in logged
    assert "0521110001" not in logged


# Signals


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_leaves_everything_true(shell: Shell, gateway: Gateway, number: signal.Signals, code: int):
    """Four requests are under way when the signal comes, and are answered; the two that wait are cancelled."""
    shell.profile(gateway.url)
    interrupted = asyncio.Event()
    asked: list[int] = []
    process: list[subprocess.Popen[str]] = []
    serve = gateway.sandbox.app

    async def slow_to_answer(scope, receive, send) -> None:
        asked.append(1)
        if len(asked) > 1:  # the first question is not the messages
            if len(asked) == 5:
                process[0].send_signal(number)
            await interrupted.wait()
        await serve(scope, receive, send)

    gateway.sandbox.app = slow_to_answer  # type: ignore[assignment]
    to = ",".join(f"052111000{n}" for n in range(6))
    argv = [sys.executable, "-m", "voipe_tui", "send", "--to", to, "--message", "Hi", "--json", "--wait"]
    process.append(
        subprocess.Popen(argv, env=clean_environ(shell.home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    )
    assert process[0].stderr is not None
    assert "answers that are on their way are waited for" in process[0].stderr.readline()
    gateway.listener.call(interrupted.set)
    out, err = process[0].communicate(timeout=600)
    assert process[0].returncode == code
    assert ("interrupted" if code == 130 else "ended by a signal") in err
    assert "Traceback" not in err
    statuses = [row["status"] for row in json.loads(out)]
    assert statuses == ["accepted"] * 4 + ["cancelled"] * 2
    assert len(gateway.accepted) == 4


def test_ctrl_c_at_a_prompt(shell: Shell, monkeypatch: pytest.MonkeyPatch):
    class Impatient(Terminal):
        def readline(self, size: int = -1) -> str:
            raise KeyboardInterrupt

    done = shell.run("profile", "add", stdin=Impatient(), stderr=Terminal())
    assert done.code == 130
    assert shell.touched() == []


def test_main_uses_the_real_world_by_default(capsys: pytest.CaptureFixture[str]):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"voipe-tui {__version__}\n"
