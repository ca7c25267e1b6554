"""The whole way, as a person goes it: the wheel installed in a folder of its own, empty XDG folders, a terminal, a
gateway on a real socket. From the first start to a delivered message and an answered one, by keyboard alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from voipe_tui.sandbox import Sandbox
from voipe_tui.sandbox.model import Pace
from voipe_tui.sandbox.serve import Listener, running

ROOT = Path(__file__).parents[2]
QUICK = Pace(queue=(0.1, 0.3), carrier=(0.1, 0.3), report=(0.1, 0.3), incoming=(0.0, 0.1))


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and unpacked as an installer does it; what the tests run is not the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = (folder / "dist").glob("*.whl")
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--disable-pip-version-check"]
    subprocess.run([*install, "--target", str(folder / "site"), str(wheel)], check=True, capture_output=True)
    return folder / "site"


@pytest.fixture
def env(installed: Path, tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(installed),
        "HOME": str(tmp_path / "home"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "TZ": "Asia/Jerusalem",
    }


@pytest.fixture
def gateway() -> Iterator[Listener]:
    with running(Sandbox("1.4.7", seed=5, pace=QUICK)) as listener:
        yield listener


def program(env: dict[str, str], tmp_path: Path, *arguments: str) -> Terminal:
    return Terminal([sys.executable, "-m", "voipe_tui", *arguments], env, cwd=str(tmp_path))


def shell(env: dict[str, str], tmp_path: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "voipe_tui", *arguments]
    return subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False, input=stdin)


def test_from_the_first_start_to_a_delivered_message_and_an_answer(env, tmp_path: Path, gateway: Listener):
    account = gateway.sandbox.gateway
    facts = gateway.sandbox.describe(gateway.url)
    with program(env, tmp_path) as terminal:
        terminal.wait_for("Welcome to voipe-tui")
        terminal.type(facts.json_url)
        terminal.press("tab")
        terminal.type(facts.username)
        terminal.press("tab")
        terminal.type("wrong-token")
        terminal.press("f5")
        terminal.wait_for(lambda text: "wrong" in text and "token" in text.lower() and "Welcome" in text)
        assert facts.json_url in terminal.text, "a failed try loses nothing that was typed"
        terminal.press(*["backspace"] * len("wrong-token"))
        terminal.type(facts.token)
        terminal.press("f5")
        terminal.wait_for("1 Inbox")
        terminal.wait_for("online")
        terminal.wait_for("credit 1,000")

        # All at once, as over a slow link: each key must still reach what it was meant for.
        terminal.press("c", *"0521110001", "tab", *"שלום from the terminal", "f5")
        terminal.wait_for("F5 sends")  # the review; the key counts once it was let alone
        terminal.press("f5")
        terminal.wait_for("press u to undo")
        terminal.press("S")  # not to wait for the hold's end
        terminal.wait_for(lambda text: "delivered" in terminal.line_with("from the terminal"))
        assert [(each.number, each.text) for each in gateway.call(lambda: list(account.accepted))] == [
            ("+972521110001", "שלום from the terminal")
        ]

        gateway.call(lambda: account.arrive("+972541234567", "כן, תודה רבה"))
        terminal.press("1")
        terminal.wait_for("כן, תודה רבה")
        terminal.press("enter")
        terminal.wait_for("+972541234567")
        terminal.press("r")
        terminal.wait_for("F5 send")
        terminal.type("See you at 9")
        terminal.press("f5")
        terminal.wait_for("F5 sends")  # the review; the key counts once it was let alone
        terminal.press("f5")
        terminal.wait_for("press u to undo")
        terminal.press("S")
        terminal.wait_for(lambda text: "delivered" in terminal.line_with("See you at 9"))
        terminal.press("4")
        terminal.wait_for("998")
        terminal.press("q")
        assert terminal.wait_end() == 0
    assert [each.text for each in account.accepted][1:] == ["See you at 9"]

    profiles = tmp_path / "config" / "voipe-tui" / "profiles.toml"
    assert profiles.stat().st_mode & 0o777 == 0o600
    logs = "".join(path.read_text() for path in (tmp_path / "state").rglob("*.log*"))
    assert facts.token not in logs
    assert "See you" not in logs


def test_the_command_line_sends_and_waits_until_it_is_delivered(env, tmp_path: Path, gateway: Listener):
    facts = gateway.sandbox.describe(gateway.url)
    add = ["profile", "add", "shop", "--url", facts.json_url, "--username", facts.username, "--token"]
    added = shell(env, tmp_path, *add, stdin=facts.token + "\n")
    assert added.returncode == 0, added.stderr
    sent = shell(env, tmp_path, "send", "--to", "0521110001", "--message", "שלום", "--wait", "--json")
    assert sent.returncode == 0, sent.stderr
    [row] = json.loads(sent.stdout)
    assert (row["status"], row["number"], row["text"], row["encoding"], row["parts"]) == (
        "delivered", "+972521110001", "שלום", "ucs2", 1,
    )  # fmt: skip
    keys = (
        "id profile direction source gateway_id queue number name sender text sent_text encoding parts status",
        "status_at created_at batch read archived starred labels",
    )
    assert list(row) == " ".join(keys).split(" ")
    listed = json.loads(shell(env, tmp_path, "outbox", "--offline", "--json").stdout)
    assert [each["id"] for each in listed] == [row["id"]]


def test_a_lost_terminal_ends_the_program_and_keeps_what_was_typed(env, tmp_path: Path, gateway: Listener):
    facts = gateway.sandbox.describe(gateway.url)
    add = ["profile", "add", "shop", "--url", facts.json_url, "--username", facts.username, "--token"]
    assert shell(env, tmp_path, *add, stdin=facts.token + "\n").returncode == 0
    with program(env, tmp_path) as terminal:
        terminal.wait_for("1 Inbox")
        terminal.press("c")
        terminal.wait_for("F5 send")
        terminal.type("0521110001")
        terminal.press("tab")
        terminal.type("half a thought")
        terminal.wait_for("half a thought")
        terminal.hang_up()
        terminal.process.wait(timeout=600)
    [draft] = json.loads(shell(env, tmp_path, "outbox", "--offline", "--json").stdout)
    assert (draft["status"], draft["text"]) == ("draft", "half a thought")


def test_a_terminal_lost_while_an_answer_is_waited_for_ends_the_program_too(env, tmp_path: Path, gateway: Listener):
    facts = gateway.sandbox.describe(gateway.url)
    add = ["profile", "add", "shop", "--url", facts.json_url, "--username", facts.username, "--token"]
    assert shell(env, tmp_path, *add, stdin=facts.token + "\n").returncode == 0
    with program(env, tmp_path) as terminal:
        terminal.wait_for("online")
        gateway.call(lambda: gateway.sandbox.faults.on("slow=600:pv"))
        terminal.press("c", *"0521110001", "tab", *"Hi", "f5")
        terminal.wait_for("F5 sends")
        terminal.press("f5")
        terminal.wait_for("press u to undo")
        terminal.press("S")
        terminal.wait_for("sending")
        terminal.press("q")
        terminal.wait_for("Waiting for the gateway's answer")
        terminal.hang_up()
        assert terminal.process.wait(timeout=60) == 128 + signal.SIGHUP, "the answer was still waited for"
    [row] = json.loads(shell(env, tmp_path, "outbox", "--offline", "--json").stdout)
    assert row["status"] == "unknown"


def test_the_demo_needs_nothing_and_touches_nothing(env, tmp_path: Path):
    editor = tmp_path / "editor.py"
    editor.write_text("import sys; print('the editor is here'); open(sys.argv[1], 'w').write('from the editor')")
    env["EDITOR"] = f"{sys.executable} '{editor}'"
    with program(env, tmp_path, "--demo") as terminal:
        terminal.wait_for("online")
        terminal.press("2")
        terminal.wait_for("delivered")
        terminal.press("3")
        terminal.wait_for("F5 send")
        terminal.press("f6")
        terminal.wait_for("the editor is here")
        terminal.wait_for(lambda text: "15 characters" in text and "F5 send" in text)
        terminal.press("escape")
        terminal.wait_for("delivered")
        terminal.press("4")
        terminal.wait_for("Credit")
        terminal.press("1")
        terminal.wait_for("r reply")
        terminal.resize(120, 40)
        terminal.wait_for(lambda text: len(text.splitlines()) == 40 and "quit" in text.splitlines()[-1])
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0
    assert not list((tmp_path / "config").rglob("*"))
    assert not list((tmp_path / "data").rglob("*"))
