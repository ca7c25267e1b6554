"""``send`` as a script sees it: rows, exit codes, and what the gateway really took."""

from __future__ import annotations

import io
from contextlib import closing

import pytest

from tests.cli.support import Clock, Gateway, Shell, Terminal
from voipe_tui.store import NewMessage, Store

ROW_KEYS = [
    "id", "profile", "direction", "source", "gateway_id", "queue", "number", "name", "sender", "text", "sent_text",
    "encoding", "parts", "status", "status_at", "created_at", "batch", "read", "archived", "starred", "labels",
]  # fmt: skip


def test_the_acceptance_of_the_whole_way(user: Shell, gateway: Gateway):
    done = user.run("send", "--to", "0521110001", "--message", "שלום", "--wait", "--json")
    assert (done.code, done.err) == (0, "")
    (row,) = done.json
    assert list(row) == ROW_KEYS
    assert row["status"] == "delivered"
    assert (row["profile"], row["direction"], row["source"]) == ("vip", "out", "outgoing")
    assert (row["number"], row["text"], row["encoding"], row["parts"]) == ("+972521110001", "שלום", "ucs2", 1)
    assert row["created_at"].startswith("2026-03-05T14:00:0")
    assert row["created_at"].endswith("+02:00")
    assert gateway.accepted == [("+972521110001", "שלום")]


def test_for_people_it_is_a_table(user: Shell):
    done = user.run("send", "--to", "0521110001", "--message", "שלום", "--wait")
    title, row = done.out.splitlines()
    assert title.split() == ["ID", "STATUS", "TIME", "NUMBER", "TEXT"]
    assert row.split() == ["1", "✓", "delivered", "2026-03-05", "14:00", "+972521110001", "שלום"]
    assert done.code == 0


def test_without_wait_it_ends_when_the_gateway_has_it(user: Shell, clock: Clock):
    done = user.run("send", "--to", "0521110001", "--message", "Hi", "--json")
    assert (done.code, done.statuses) == (0, ["accepted"])
    assert clock.slept == []


def test_every_recipient_gets_a_request_of_its_own(user: Shell, gateway: Gateway):
    to = ["--to", "0521110001, 052-111 0002", "--to", "+972 52 111 0003", "--to", "0521110001"]
    done = user.run("send", *to, "--message", "Hi", "--json")
    assert [row["number"] for row in done.json] == ["+972521110001", "+972521110002", "+972521110003"]
    assert sorted(gateway.accepted) == [(f"+97252111000{n}", "Hi") for n in (1, 2, 3)]
    assert len({row["batch"] for row in done.json}) == 1


def test_the_text_comes_from_standard_input_without_its_last_line_break(user: Shell, gateway: Gateway):
    assert user.run("send", "--to", "0521110001", stdin="first\nsecond\n").code == 0
    assert gateway.accepted == [("+972521110001", "first\nsecond")]


@pytest.mark.parametrize(
    ("argv", "stdin", "said"),
    [
        (["--message", "Hi"], None, "There is no recipient."),
        (["--to", "dana", "--message", "Hi"], None, "“dana”: Letters are no phone number"),
        (["--to", "0521110001,dana,99", "--message", "Hi"], None, "2 recipients cannot be used."),
        (["--to", "0521110001", "--message", ""], None, "The text is empty."),
        (["--to", "0521110001"], "  \n", "The text is empty."),
        (["--to", "0521110001"], None, "There is no text."),
        (["--to", "0521110001"], Terminal("Hi"), "There is no text."),
        (["--to", "0521110001"], io.TextIOWrapper(io.BytesIO(b"\xf9\xec\xe5\xed"), "utf-8"), "not valid UTF-8"),
        (["--to", "0521110001"], "a\x00b", "NUL"),
        (["--to", "0521110001", "--message", "a\udcf9b"], None, "not valid UTF-8"),
        (["--to", "0521110001", "--message", "Hi", "--sender", "MuchTooLongName"], None, "at most 11 characters"),
        (["--to", "0521110001", "--message", "Hi", "--sender", "שלום"], None, "Latin letters"),
        (["--to", "0521110001", "--message", "Hi", "--schedule", "soon"], None, "no date or time"),
        (["--to", "0521110001", "--message", "Hi", "--schedule", "2026-03-05 13:59"], None, "not in the future"),
        (["--to", "0521110001", "--message", "Hi", "--wait", "long"], None, "no number of seconds"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_and_nothing_is_stored(user: Shell, gateway: Gateway, argv, stdin, said):
    for more in ([], ["--dry-run"]):
        done = user.run("send", *argv, *more, "--json", stdin=stdin)
        assert done.code == 2
        assert said in done.err
        assert "Nothing was" in done.err
        assert done.out == ""
        if isinstance(stdin, io.IOBase):
            break
    assert gateway.accepted == []
    assert not user.data.exists()


def test_a_dry_run_shows_each_recipient_and_leaves_nothing(user: Shell, gateway: Gateway):
    done = user.run(
        "send", "--to", "0521110001,03-6110001,@dana,#TEAM", "--message", "Hi “you”", "--sender", "VipInvest",
        "--dry-run", "--json",
    )  # fmt: skip
    assert done.code == 0
    assert [row["number"] for row in done.json] == ["+972521110001", "+97236110001", "@dana", "#TEAM"]
    first, landline, *_ = done.json
    assert (first["encoding"], first["parts"], first["units"], first["sender"]) == ("ucs2", 1, 8, "VipInvest")
    said = " ".join(first["warnings"])
    assert "““” U+201C (left double quotation mark)" in said
    assert "at most 8 characters" in said
    assert any("landline" in warning for warning in landline["warnings"])
    assert gateway.accepted == []
    assert not user.data.exists()


def test_a_dry_run_for_people_warns_of_what_a_gateway_cuts(user: Shell):
    done = user.run("send", "--to", "0521110001", "--message", "x" * 460, "--dry-run")
    assert "gsm7" in done.out
    assert "has 4 parts; most gateways cut" in done.out
    assert done.out.endswith("Nothing was sent.\n")


def test_hebrew_letters_need_no_excuse(user: Shell):
    done = user.run("send", "--to", "0521110001", "--message", "שלום “לך”", "--dry-run", "--json")
    assert done.json[0]["warnings"] == []


def test_warnings_are_for_people_at_a_terminal(user: Shell):
    argv = ("send", "--to", "0521110001", "--message", "Hi 👋")
    assert "note: Emoji" in user.run(*argv, stderr=Terminal()).err
    assert user.run(*argv).err == ""


# Schedules


def test_the_gateway_waits_where_its_zone_is_known(user: Shell, gateway: Gateway):
    user.profile(gateway.url, "utc", timezone="UTC")
    argv = ("send", "--to", "0521110001", "--message", "Hi", "--profile", "utc", "--schedule", "tomorrow 9:00")
    shown = user.run(*argv, "--dry-run", "--json")
    assert shown.json[0]["gateway_schedule"] == "2026-03-06 07:00:00"
    assert shown.json[0]["schedule"] == "2026-03-06T09:00:00+02:00"
    assert any("playSMS may read it by another one" in warning for warning in shown.json[0]["warnings"])
    done = user.run(*argv, "--wait", "--json")
    assert (done.code, done.statuses) == (0, ["scheduled"])
    assert "cannot be cancelled there" in done.err
    user.clock.now += 20 * 3600
    assert user.run("status", "1", "--profile", "utc", "--json").statuses == ["delivered"]


def test_a_schedule_without_a_known_zone_is_refused(user: Shell, gateway: Gateway):
    for more in ([], ["--dry-run"]):
        done = user.run("send", "--to", "0521110001", "--message", "Hi", "--schedule", "in 2 h", *more)
        assert done.code == 2
        assert "time zone of the gateway of “vip” is not known" in done.err
        assert "timezone = " in done.err
    assert gateway.accepted == []


def test_a_zone_that_was_learned_is_as_good(user: Shell):
    user.run("send", "--to", "0521110001", "--message", "Hi", "--wait")
    user.clock.now -= user.clock.now % 60
    argv = ("send", "--to", "0521110001", "--message", "Hi", "--schedule", "15:30", "--dry-run", "--json")
    # 15:30 in Jerusalem is 13:30 in UTC; this gateway's list is seven hours behind that.
    assert user.run(*argv).json[0]["gateway_schedule"] == "2026-03-05 06:30:00"


# What goes wrong


def test_a_gateway_that_is_down_gets_nothing_later(user: Shell, gateway: Gateway):
    gateway.fault("down")
    done = user.run("send", "--to", "0521110001,0521110002", "--message", "lost", "--wait", "--json")
    assert (done.code, done.statuses) == (5, ["cancelled", "cancelled"])
    assert "refused the connection" in done.err
    assert "Nothing was sent" in done.err
    gateway.heal()
    assert user.run("send", "--to", "0521110003", "--message", "Hi").code == 0
    assert gateway.accepted == [("+972521110003", "Hi")]


def test_what_was_not_sent_any_more_is_cancelled_and_stays_so(shell: Shell, gateway: Gateway):
    shell.profile(gateway.url, concurrency=1)
    serve = gateway.sandbox.app

    async def dead_after_one_message(scope, receive, send) -> None:
        await serve(scope, receive, send)
        if gateway.sandbox.gateway.accepted:
            gateway.sandbox.faults.on("wrong-token")

    gateway.sandbox.app = dead_after_one_message  # type: ignore[assignment]
    done = shell.run("send", "--to", "0521110001,0521110002", "--message", "Hi", "--json")
    assert (done.code, done.statuses) == (1, ["accepted", "cancelled"])
    assert "ERR 100" in done.err
    assert "1 of 2 messages not sent" in done.err
    gateway.sandbox.app = serve
    gateway.heal()
    shell.clock.now += 3600
    assert shell.run("send", "--to", "0521110003", "--message", "other").code == 0
    assert gateway.accepted == [("+972521110001", "Hi"), ("+972521110003", "other")]


def test_a_wrong_token(user: Shell, gateway: Gateway):
    user.profile(gateway.url, "wrong", token="5ecret-that-must-not-show")
    done = user.run("send", "--to", "0521110001", "--message", "Hi", "--profile", "wrong", "--wait", "--json")
    assert (done.code, done.statuses) == (3, ["cancelled"])
    assert "ERR 100" in done.err
    assert "5ecret" not in done.err + done.out
    assert gateway.accepted == []
    assert user.clock.slept == []


@pytest.mark.parametrize("version", ["1.4.3"])
def test_refused_by_the_gateway(user: Shell, gateway: Gateway):
    gateway.do(lambda model: model.stoplist.add("+972521110001"))
    done = user.run("send", "--to", "0521110001", "--message", "Hi", "--wait", "--json")
    assert (done.code, done.statuses) == (4, ["refused"])
    assert "stop list" in done.err
    both = user.run("send", "--to", "0521110001,0521110002", "--message", "Hi", "--wait", "--json")
    assert (both.code, sorted(both.statuses)) == (1, ["delivered", "refused"])


def test_not_delivered(user: Shell):
    # The sandbox fails every number that ends in 404.
    done = user.run("send", "--to", "0521110404", "--message", "Hi", "--wait", "--json")
    assert (done.code, done.statuses) == (4, ["failed"])
    some = user.run("send", "--to", "0521110404,0521110001", "--message", "Hi", "--wait", "--json")
    assert (some.code, some.statuses) == (1, ["failed", "delivered"])
    assert "1 of 2 messages" in some.err


def test_a_wait_that_is_too_short_is_no_failure(user: Shell, clock: Clock):
    done = user.run("send", "--to", "0521110408", "--message", "Hi", "--wait", "30", "--json")
    assert (done.code, done.statuses) == (0, ["sent"])
    assert "no delivery report yet" in done.err
    assert "voipe-tui status 1" in done.err
    assert sum(clock.slept) == pytest.approx(30)


@pytest.mark.parametrize("fault", ["lost-after:pv:1", "http500-after:pv:1", "empty-after:pv:1", "html-after:pv:1"])
def test_a_lost_answer_is_looked_up(user: Shell, gateway: Gateway, fault: str):
    gateway.fault(fault)
    done = user.run("send", "--to", "0521110001", "--message", "Hi", "--json")
    assert done.code == 0
    assert done.statuses[0] in ("accepted", "pending", "sent", "delivered")
    assert len(gateway.accepted) == 1


def test_what_nobody_knows_is_said_and_found_later(user: Shell, gateway: Gateway, clock: Clock):
    gateway.fault("lost-after:pv:1", "stuck-queue")
    done = user.run("send", "--to", "0521110001", "--message", "Hi", "--json")
    assert (done.code, done.statuses) == (6, ["unknown"])
    assert "Look before you send again" in done.err
    assert "voipe-tui status 1" in done.err
    assert sum(clock.slept) == pytest.approx(10)
    gateway.heal()
    user.run("outbox")  # lets the gateway's daemons run
    clock.now += 10
    assert user.run("status", "1", "--json").statuses == ["delivered"]
    assert len(gateway.accepted) == 1


def test_what_was_lost_on_the_way_stays_unknown_and_is_never_sent_again(user: Shell, gateway: Gateway, clock: Clock):
    gateway.fault("lost-before:pv:1")
    assert user.run("send", "--to", "0521110001", "--message", "Hi").code == 6
    clock.now += 3600
    assert user.run("send", "--to", "0521110002", "--message", "other", "--wait").code == 0
    assert gateway.accepted == [("+972521110002", "other")]
    assert user.run("status", "1", "--json").statuses == ["unknown"]


def test_no_credit_where_the_gateway_names_no_reason(user: Shell, gateway: Gateway):
    gateway.fault("no-credit")
    done = user.run("send", "--to", "0521110001", "--message", "Hi")
    # HTTP 500 to pv says nothing about what was done (traps 7 and 8).
    assert done.code == 6
    assert "? unknown" in done.out
    assert "no credit left, which is the likely cause" in done.err


# Others than numbers


def test_users_and_groups(user: Shell, gateway: Gateway):
    done = user.run("send", "--to", "@admin,#TEAM", "--message", "Hi", "--wait", "--json")
    assert done.code == 0
    by_number = {row["number"]: row for row in done.json}
    assert by_number["@admin"]["status"] == "accepted"
    assert "no delivery report ever comes" in done.err
    members = [row for number, row in by_number.items() if number != "@admin"]
    assert [row["status"] for row in members] == ["delivered"] * 3
    assert len({row["queue"] for row in members}) == 1


def test_progress_is_shown_where_somebody_watches(user: Shell):
    done = user.run("send", "--to", "0521110001", "--message", "Hi", "--wait", stdout=Terminal(), stderr=Terminal())
    assert "\r1 accepted · 0 s" in done.err
    assert done.out.splitlines()[-1].split()[1:3] == ["\x1b[32m✓", "delivered\x1b[0m"]


# Beside another program


class Other:
    """Another window on the same profile, which would take what is queued as soon as a command asks the gateway."""

    def __init__(self, user: Shell, gateway: Gateway) -> None:
        self._user = user
        self.claimed: list[object] = []
        self._app = gateway.sandbox.app
        gateway.sandbox.app = self  # type: ignore[assignment]

    async def __call__(self, scope, receive, send) -> None:
        with closing(Store(self._user.data / "vip.db", clock=self._user.clock)) as store:
            self.claimed += store.journal.claim(10)
        await self._app(scope, receive, send)


def test_another_window_leaves_the_messages_of_a_command_alone(user: Shell, gateway: Gateway):
    other = Other(user, gateway)
    assert user.run("send", "--to", "0521110001", "--message", "Hi").code == 0
    assert other.claimed == []
    assert [text for _, text in gateway.accepted] == ["Hi"]


def left_behind(user: Shell, *texts: str) -> None:
    """Orders of a program that was killed before they left."""
    user.run("outbox")  # the store is there
    with closing(Store(user.data / "vip.db", clock=user.clock)) as store:
        store.journal.submit([NewMessage("+972521110002", text) for text in texts])


def test_what_a_killed_command_left_behind_waits_for_a_word(user: Shell, gateway: Gateway):
    left_behind(user, "older", "oldest")
    done = user.run("send", "--to", "0521110001", "--message", "Hi")
    assert "2 orders of an earlier run are still waiting" in done.err
    assert [text for _, text in gateway.accepted] == ["Hi"]
    assert user.run("send", "--waiting", "list", "--json").statuses == ["queued", "queued"]
    assert user.run("send", "--waiting", "send").code == 0
    # Both are sent at the same time: the gateway may take either first.
    assert sorted(text for _, text in gateway.accepted) == ["Hi", "older", "oldest"]
    left_behind(user, "never")
    assert "1 cancelled" in user.run("send", "--waiting", "cancel").err
    assert "nothing of an earlier run" in user.run("send", "--waiting", "send").err
    assert len(gateway.accepted) == 3


def test_who_has_opted_out_is_written_to_only_on_a_second_word(user: Shell, gateway: Gateway):
    user.run("outbox")
    with closing(Store(user.data / "vip.db", clock=user.clock)) as store:
        store.opt_outs.add("0521110002")
    refused = user.run("send", "--to", "0521110001,0521110002", "--message", "Hi")
    assert refused.code == 2
    assert "+972521110002 has asked not to be written to. Nothing was sent." in refused.err
    assert gateway.accepted == []
    assert user.run("send", "--to", "0521110002", "--message", "Hi", "--even-opted-out").code == 0
