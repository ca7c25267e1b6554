"""``bulk`` as a person and a script see it: what the gateway took, what is said, and that nobody gets a text twice."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.bulk_support import HI, Door, expected, lines, people
from tests.cli.support import Clock, Gateway, RunningClock, Shell, Terminal, clean_environ
from voipe_tui.sandbox import Sandbox
from voipe_tui.sandbox.model import Pace
from voipe_tui.sandbox.serve import running
from voipe_tui.store import NewMessage, Store
from voipe_tui.store.bulks import NEVER_HAD_CREDIT

AT_ONCE = Pace(queue=(0.0, 0.0), carrier=(0.0, 0.0), report=(0.0, 0.0))


# The whole way


@pytest.mark.parametrize("version", ["1.4.3", "1.4.7", "1.4.8"])
def test_everybody_gets_a_text_of_his_own(user: Shell, gateway: Gateway, table):
    done = user.run("bulk", table(people(25)), *HI)
    assert done.code == 0, done.err
    assert Counter(gateway.accepted) == expected(25)
    title, *counts = done.out.splitlines()
    assert title == "batch 1 (list.csv): done"
    assert sum(int(line.split()[0]) for line in counts) == 25
    assert "batch 1: 25 recipients; Ctrl-C pauses it" in done.err
    assert "voipe-tui bulk --export 1 > results.csv" in done.err


def test_json_is_a_line_for_each_step_and_the_last_has_the_counts(user: Shell, gateway: Gateway, table):
    done = user.run("bulk", table(people(25)), *HI, "--json")
    *steps, last = lines(done)
    assert done.code == 0
    assert list(last) == [
        "batch", "state", "total", "sent", "waiting", "in_flight", "unknown", "refused", "opted_out", "reason",
        "per_second", "seconds_left", "counts",
    ]  # fmt: skip
    assert (last["batch"], last["state"], last["total"], last["sent"]) == (1, "done", 25, 25)
    assert sum(last["counts"].values()) == 25
    assert all("counts" not in step and step["state"] == "running" for step in steps)


def test_on_a_terminal_there_is_a_progress_line(user: Shell, gateway: Gateway, table):
    done = user.run("bulk", table(people(25)), *HI, stderr=Terminal())
    assert "\r0/25 · 0.0/s" in done.err
    assert done.code == 0


def test_the_table_comes_from_standard_input(user: Shell, gateway: Gateway):
    stdin = io.TextIOWrapper(io.BytesIO(people(3).encode()), "utf-8")
    assert user.run("bulk", "-", *HI, stdin=stdin).code == 0
    assert Counter(gateway.accepted) == expected(3)


def test_a_rate_and_a_sender(user: Shell, gateway: Gateway, table):
    done = user.run("bulk", table(people(5)), *HI, "--rate", "50", "--sender", "Sales")
    assert done.code == 0
    assert user.run("bulk", "--list", "--json").json[0]["rate"] == 50.0
    assert {row["sender"] for row in user.run("outbox", "--offline", "--json").json} == {"Sales"}


def test_a_hundred_at_once_are_not_more_than_the_profile_allows(shell: Shell, gateway: Gateway, table):
    shell.profile(gateway.url, concurrency=2)
    inside, most = [0], [0]
    serve = gateway.sandbox.app

    async def counted(scope: Any, receive: Any, send: Any) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        await serve(scope, receive, send)
        inside[0] -= 1

    gateway.sandbox.app = counted  # type: ignore[assignment]
    assert shell.run("bulk", table(people(100)), *HI).code == 0
    assert most[0] <= 2 + 2  # and a poll, and a look into the history
    assert Counter(gateway.accepted) == expected(100)


# Steering


def program(shell: Shell, *argv: str) -> subprocess.CompletedProcess[str]:
    """A second voipe-tui."""
    return subprocess.run(
        [sys.executable, "-m", "voipe_tui", *argv], env=clean_environ(shell.home), capture_output=True, text=True,
        timeout=600, check=False,
    )  # fmt: skip


def test_a_second_program_pauses_it_and_a_third_goes_on(user: Shell, gateway: Gateway, table):
    Door(gateway, 10, lambda: program(user, "bulk", "--pause", "1"))
    done = user.run("bulk", table(people(60)), *HI, "--json")
    last = lines(done)[-1]
    assert (done.code, last["state"], last["reason"]) == (130, "paused", "Paused by you.")
    assert "voipe-tui bulk --resume 1" in done.err
    assert 10 <= len(gateway.accepted) == last["sent"] < 20
    assert user.run("bulk", "--resume", "bulk-1").code == 0
    assert Counter(gateway.accepted) == expected(60)


def test_a_second_program_cancels_it(user: Shell, gateway: Gateway, table):
    Door(gateway, 10, lambda: program(user, "bulk", "--cancel", "1"))
    done = user.run("bulk", table(people(60)), *HI, "--json")
    last = lines(done)[-1]
    assert (done.code, last["state"], last["waiting"]) == (1, "cancelled", 0)
    sent = len(gateway.accepted)
    assert 10 <= sent < 20
    assert last["counts"]["cancelled"] == 60 - sent
    again = user.run("bulk", "--resume", "1")
    assert again.code == 2
    assert "Batch 1 (list.csv) was cancelled." in again.err
    assert len(gateway.accepted) == sent


def test_batches_that_cannot_be_steered(user: Shell, gateway: Gateway, table):
    assert user.run("bulk", table(people(2)), *HI).code == 0
    for argv, said in (
        (["--pause", "1"], "is done; there is nothing to pause"),
        (["--cancel", "1"], "is done; there is nothing to cancel"),
        (["--resume", "2"], "“vip” has no batch 2."),
        (["--export", "x"], "“vip” has no batch x."),
        (["--resume", "1", "--rate", "3"], "--rate goes with a FILE.csv"),
    ):
        done = user.run("bulk", *argv)
        assert done.code == 2
        assert said in done.err
    assert user.run("bulk", "--resume", "1").code == 0
    assert len(gateway.accepted) == 2


def test_the_list_of_batches(user: Shell, gateway: Gateway, table):
    assert "No batches." in user.run("bulk", "--list").err
    user.run("bulk", table(people(2)), *HI)
    title, row = user.run("bulk", "--list").out.splitlines()
    assert title.split() == ["BATCH", "STATE", "CREATED", "TOTAL", "WAITING", "UNKNOWN", "REFUSED", "FILE"]
    assert row.split() == ["1", "done", "2026-03-05", "14:00", "2", "0", "0", "0", "list.csv"]
    assert user.run("bulk", "--list", "--json").json[0]["label"] == "list.csv"


def test_the_export_has_a_line_for_everybody_in_the_order_of_the_file(user: Shell, gateway: Gateway, table):
    user.run("bulk", table('name,phone\n"Dana ""D"", 1\n2",0521110001\nיוסי,0521110002\n'), *HI)
    user.clock.now += 60
    done = user.run("bulk", "--export", "1")
    first, second = csv.DictReader(io.StringIO(done.out))
    assert done.code == 0
    assert list(first) == [
        "number", "text", "parts", "status", "gateway_id", "created_at", "status_at", "gateway_time", "note"
    ]  # fmt: skip
    assert (first["number"], first["text"]) == ("+972521110001", 'Hi Dana "D", 1\n2')
    assert (second["number"], second["text"], second["parts"]) == ("+972521110002", "Hi יוסי", "1")
    assert {first["status"], second["status"]} == {"delivered"}
    assert {first["gateway_id"], second["gateway_id"]} == {"1", "2"}
    assert first["created_at"].startswith("2026-03-05T14:00:0")
    gateway.fault("down")
    assert user.run("bulk", "--export", "1", "--offline").out == done.out
    late = user.run("bulk", "--export", "1", "--json")
    assert (late.code, late.statuses) == (5, ["delivered", "delivered"])


# What stops it by itself


@pytest.mark.parametrize("version", ["1.4.3", "1.4.7", "1.4.8"])
def test_without_credit_nothing_is_sent_until_there_is_some(user: Shell, gateway: Gateway, table):
    gateway.fault("no-credit")
    done = user.run("bulk", table(people(30)), *HI, "--json")
    assert (done.code, lines(done)[-1]["reason"]) == (4, NEVER_HAD_CREDIT)
    assert f"is paused. {NEVER_HAD_CREDIT}" in done.err
    assert gateway.accepted == []
    gateway.heal()
    gateway.do(lambda model: setattr(model.main_account, "credit", 500))
    assert user.run("bulk", "--resume", "1").code == 0
    assert Counter(gateway.accepted) == expected(30)


def test_credit_that_runs_out_on_the_way_stops_it(user: Shell, gateway: Gateway, table):
    Door(gateway, 10, lambda: gateway.fault("no-credit"))
    done = user.run("bulk", table(people(60)), *HI, "--json")
    last = lines(done)[-1]
    assert (done.code, last["state"]) == (6, "paused")
    assert "credit" in last["reason"]
    assert last["waiting"] >= 20
    assert "voipe-tui bulk --resume 1" in done.err
    assert Counter(gateway.accepted) == dict.fromkeys(gateway.accepted, 1)


def test_a_refused_login_stops_it(user: Shell, gateway: Gateway, table):
    Door(gateway, 10, lambda: gateway.fault("wrong-token"))
    done = user.run("bulk", table(people(60)), *HI, "--json")
    last = lines(done)[-1]
    assert (done.code, last["state"]) == (3, "paused")
    assert last["reason"] == "The gateway does not let this account in."
    assert "ERR 100" in done.err
    gateway.heal()
    assert user.run("bulk", "--resume", "1").code == 0
    assert Counter(gateway.accepted) == expected(60)


def test_a_gateway_that_stays_away_stops_it(user: Shell, gateway: Gateway, table):
    gateway.fault("down")
    done = user.run("bulk", table(people(60)), *HI, "--json")
    assert done.code == 5
    assert lines(done)[-1]["reason"] == "The gateway could not be reached for 60 s."
    assert "refused the connection." in done.err
    assert "Nothing was sent" not in done.err, "some of the batch was"
    gateway.heal()
    assert user.run("bulk", "--resume", "1").code == 0
    assert Counter(gateway.accepted) == expected(60)


def test_lost_answers_are_found_and_never_repeated(user: Shell, gateway: Gateway, table):
    gateway.fault("lost-after:pv:5")
    done = user.run("bulk", table(people(40)), *HI, "--json")
    assert (done.code, lines(done)[-1]["unknown"]) == (0, 0)
    assert Counter(gateway.accepted) == expected(40)


# Killed


@pytest.fixture
def real(shell: Shell) -> Iterator[Gateway]:
    """A gateway that lives in the time of the programs that are started in processes of their own."""
    sandbox = Sandbox(pace=AT_ONCE)
    with running(sandbox) as listener:
        gateway = Gateway(sandbox, listener)
        shell.profile(gateway.url)
        yield gateway


def started(shell: Shell, *argv: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "voipe_tui", *argv], env=clean_environ(shell.home), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def only_one_at_a_time(shell: Shell) -> None:
    file = shell.config / "profiles.toml"
    file.write_text(f"{file.read_text().rstrip()}\nconcurrency = 1\n")


def die_twice(shell: Shell, real: Gateway, file: str, *, after: bool) -> None:
    """A batch is begun and killed in the middle, resumed and killed again."""
    victims: list[subprocess.Popen[str]] = []
    for argv in (("bulk", file, *HI), ("bulk", "--resume", "1")):
        Door(real, 20, lambda: victims[-1].kill(), after=after)
        victims.append(started(shell, *argv))
        victims[-1].communicate(timeout=600)
        assert victims[-1].returncode == -signal.SIGKILL
    shell.clock = RunningClock()


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
@pytest.mark.parametrize("after", [False, True], ids=["request taken", "answer on its way"])
def test_killed_in_the_middle_it_goes_on_without_losing_or_repeating_anybody(
    shell: Shell, real: Gateway, table, after: bool
):
    only_one_at_a_time(shell)
    die_twice(shell, real, table(people(60)), after=after)
    assert len(real.accepted) == 40
    done = shell.run("bulk", "--resume", "1", "--json")
    assert (done.code, lines(done)[-1]["sent"]) == (0, 60), done.err
    assert Counter(real.accepted) == expected(60)


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
def test_what_died_on_the_wire_is_unknown_and_everybody_else_has_one(shell: Shell, real: Gateway, table):
    """Four requests are on their way when it is killed; the gateway may have read them or not."""
    die_twice(shell, real, table(people(60)), after=False)
    done = shell.run("bulk", "--resume", "1", "--json")
    last = lines(done)[-1]
    assert (last["state"], last["sent"], last["waiting"]) == ("done", 60, 0)
    assert done.code == (6 if last["unknown"] else 0)
    results = csv.DictReader(io.StringIO(shell.run("bulk", "--export", "1", "--offline").out))
    taken = {(row["number"], row["text"]): 1 for row in results if row["status"] not in ("unknown", "queued")}
    assert Counter(real.accepted) == taken
    assert len(taken) + last["unknown"] == 60


def interrupted_while_filled(shell: Shell, file: str, number: signal.Signals) -> subprocess.CompletedProcess[str]:
    """The real program, with a signal just before the second chunk goes into the store."""
    script = (
        "import os, sys\n"
        "from voipe_tui.cli import main\n"
        "from voipe_tui.store.bulks import Bulks\n"
        "add, done = Bulks.add, []\n"
        "def add_and_die(self, bulk_id, orders):\n"
        f"    if done: os.kill(os.getpid(), {int(number)})\n"
        "    done.append(add(self, bulk_id, orders))\n"
        "Bulks.add = add_and_die\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    argv = [sys.executable, "-c", script, "bulk", file, *HI]
    return subprocess.run(argv, env=clean_environ(shell.home), capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_while_it_is_filled_it_sends_nothing(
    shell: Shell, real: Gateway, table, number: signal.Signals, code: int
):
    done = interrupted_while_filled(shell, table(people(2_200)), number)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    (batch,) = shell.run("bulk", "--list", "--json").json
    assert (batch["state"], set(batch["counts"])) == ("cancelled", {"cancelled"})
    assert real.accepted == []


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
def test_killed_while_it_is_filled_it_sends_nothing(shell: Shell, real: Gateway, table):
    done = interrupted_while_filled(shell, table(people(1_200)), signal.SIGKILL)
    assert done.returncode == -signal.SIGKILL
    shell.clock = RunningClock()
    assert shell.run("send", "--to", "0540000001", "--message", "other").code == 0
    resumed = shell.run("bulk", "--resume", "1")
    assert resumed.code == 2
    assert "was never complete" in resumed.err
    assert shell.run("bulk", "--list", "--json").json[0]["counts"] == {"queued": 500}
    assert shell.run("bulk", "--cancel", "1", "--json").json["counts"] == {"cancelled": 500}
    assert real.accepted == [("+972540000001", "other")]


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_pauses_it_cleanly(shell: Shell, real: Gateway, table, number: signal.Signals, code: int):
    interrupted: list[subprocess.Popen[str]] = []
    Door(real, 20, lambda: interrupted[0].send_signal(number))
    interrupted.append(started(shell, "bulk", table(people(70)), *HI, "--json"))
    out, err = interrupted[0].communicate(timeout=600)
    assert interrupted[0].returncode == code
    last = json.loads(out.splitlines()[-1])
    assert (last["state"], last["in_flight"], last["unknown"]) == ("paused", 0, 0)
    assert "voipe-tui bulk --resume 1" in err
    assert "Traceback" not in err
    assert last["sent"] == len(real.accepted) < 70
    assert program(shell, "bulk", "--resume", "1").returncode == 0
    assert Counter(real.accepted) == expected(70)


def test_one_that_is_being_sent_is_only_looked_at(shell: Shell, real: Gateway, table):
    seen: list[subprocess.Popen[str]] = []
    Door(real, 10, lambda: seen.append(started(shell, "bulk", "--resume", "1", "--json")))
    done = program(shell, "bulk", table(people(100)), *HI)
    out, err = seen[0].communicate(timeout=600)
    assert (done.returncode, seen[0].returncode) == (0, 0), err
    assert json.loads(out.splitlines()[-1])["sent"] == 100
    assert Counter(real.accepted) == expected(100)


def test_the_file_itself_is_never_needed_again(user: Shell, gateway: Gateway, table):
    file = Path(table(people(30)))
    Door(gateway, 10, lambda: program(user, "bulk", "--pause", "1"))
    assert user.run("bulk", str(file), *HI).code == 130
    file.unlink()
    assert user.run("bulk", "--resume", "1").code == 0
    assert Counter(gateway.accepted) == expected(30)


def test_who_looks_on_takes_over_when_the_sender_ends(user: Shell, gateway: Gateway, clock: Clock):
    user.run("outbox")
    other = Store(user.data / "vip.db", clock=clock)
    bulk_id = other.bulks.begin("list.csv")
    other.bulks.add(bulk_id, [NewMessage(number, text) for number, text in expected(5)])
    other.bulks.start(bulk_id)
    other.journal.claim(1, bulk=bulk_id)
    clock.on_sleep = other.close
    done = user.run("bulk", "--resume", str(bulk_id))
    assert "another voipe-tui is sending batch 1 (list.csv); this one looks on" in done.err
    assert "the other voipe-tui ended; this one goes on with batch 1" in done.err
    assert done.code == 6, "what was on its way when it ended is not known"
    assert len(gateway.accepted) == 4


def test_who_has_opted_out_is_left_out_and_reported(user: Shell, gateway: Gateway, table):
    user.run("outbox")
    with closing(Store(user.data / "vip.db", clock=user.clock)) as store:
        store.opt_outs.add("+972520000001")
    dry = user.run("bulk", table(people(3)), *HI, "--dry-run", "--json")
    assert (dry.json["recipients"], dry.json["opted_out"]) == (2, 1)
    done = user.run("bulk", table(people(3)), *HI, "--json")
    assert (done.code, lines(done)[-1]["opted_out"]) == (0, 1)
    assert "note: on the opt-out list, and left out: 1, in row 3." in done.err
    assert sorted(number for number, _ in gateway.accepted) == ["+972520000000", "+972520000002"]


def test_those_that_failed_go_out_once_more(user: Shell, gateway: Gateway):
    user.run("outbox")
    with closing(Store(user.data / "vip.db", clock=user.clock)) as store:
        bulk_id = store.bulks.begin("list.csv")
        store.bulks.add(bulk_id, [NewMessage(number, text) for number, text in expected(4)])
        store.bulks.start(bulk_id)
        for intent in store.journal.claim(3, bulk=bulk_id):
            store.journal.refuse(intent, 200, "no")
        store.bulks.pause(bulk_id, "Paused by you.")
        store.opt_outs.add("+972520000000")
    again = user.run("bulk", "--retry", "1")
    assert again.code == 0
    assert "batch 2: 2 of batch 1 once more, 1 left out: opted out" in again.err
    assert sorted(number for number, _ in gateway.accepted) == ["+972520000001", "+972520000002"]
    assert user.run("bulk", "--retry", "2").code == 2, "none of that one failed"
    once_more = user.run("bulk", "--retry", "1")
    assert once_more.code == 2
    assert "that failed were already retried as batch 2. Nothing was sent." in once_more.err
    assert user.run("bulk", "--list", "--json").json[0]["batch"] == 2
    assert len(gateway.accepted) == 2


def test_the_same_table_and_text_again_is_asked_about(user: Shell, gateway: Gateway, table):
    Door(gateway, 3, lambda: user_pauses(user))
    assert user.run("bulk", table(people(20)), *HI).code == 130
    half = len(gateway.accepted)
    shuffled = people(20).splitlines()
    upside_down = "\n".join([shuffled[0], *reversed(shuffled[1:])])
    again = user.run("bulk", table(upside_down), *HI)
    assert again.code == 2
    assert f"batch 1 (list.csv) is paused, {half} of 20 have left. Nothing was sent now." in again.err
    assert "voipe-tui bulk --resume 1. To send all of it once more: --again." in again.err
    assert user.run("bulk", table(people(20)), "--message", "Another {name}").code == 0
    assert user.run("bulk", "--resume", "1").code == 0
    sent = len(gateway.accepted)
    done = user.run("bulk", table(people(20)), *HI)
    assert (done.code, len(gateway.accepted)) == (2, sent)
    assert "were sent already: batch 1 (list.csv) of 2026-03-05 14:00, 20 of 20 have left." in done.err
    assert user.run("bulk", table(people(20)), *HI, "--again").code == 0
    assert len(gateway.accepted) == sent + 20


def user_pauses(user: Shell) -> None:
    with closing(Store(user.data / "vip.db", clock=user.clock)) as store:
        store.bulks.pause(1, "Paused by you.")


def test_what_a_killed_program_left_is_told_as_it_is(user: Shell, gateway: Gateway):
    user.run("outbox")
    with closing(Store(user.data / "vip.db", clock=user.clock)) as store:
        bulk_id = store.bulks.begin("list.csv")
        store.bulks.add(bulk_id, [NewMessage(number, text) for number, text in expected(4)])
        store.bulks.start(bulk_id)
    [row] = user.run("bulk", "--list", "--json").json
    assert (row["state"], row["reason"]) == ("paused", "voipe-tui ended while it was being sent; --resume goes on")
    cancelled = user.run("bulk", "--cancel", "1")
    assert cancelled.out == "batch 1 (list.csv): cancelled, nothing of it has left, 4 not sent\n"
    assert "called back" not in cancelled.err
    [row] = user.run("bulk", "--list", "--json").json
    assert (row["state"], row["sent"]) == ("cancelled", 0)
