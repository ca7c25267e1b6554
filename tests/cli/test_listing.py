"""``outbox``, ``inbox`` and ``status``: what is asked for, whole, in columns that hold."""

from __future__ import annotations

from contextlib import closing

import pytest

from tests.cli.support import NOON, Gateway, Shell, Terminal
from voipe_tui.cli.cells import cells
from voipe_tui.cli.rows import SIGNS
from voipe_tui.store import Store
from voipe_tui.ui.look.words import STATUS


@pytest.fixture
def busy(user: Shell, gateway: Gateway) -> Shell:
    """Some messages of today and of last week, in and out."""

    def live(model):
        model.add_outgoing("0521110001", "last week", NOON - 7 * 86_400, 3)
        model.add_outgoing("0521110002", "failed one", NOON - 7200, 2)
        model.add_outgoing("0521110001", "שלום לך", NOON - 3600, 3)
        model.arrive("0521110001", "תודה רבה", at=NOON - 1800)
        model.arrive("0521110003", "first INFO", "INFO", at=NOON - 1700)
        model.arrive("Bank", "your code is 1234", at=NOON - 90_000)

    gateway.do(live)
    return user


def texts(done) -> list[str]:
    assert done.code == 0, done.err
    return [row["text"] for row in done.json]


def test_newest_first_as_one_array(busy: Shell):
    done = busy.run("outbox", "--json")
    assert texts(done) == ["שלום לך", "failed one", "last week"]
    assert done.err == ""
    assert texts(busy.run("inbox", "--json")) == ["first INFO", "תודה רבה", "your code is 1234"]


@pytest.mark.parametrize(
    ("argv", "found"),
    [
        (["--limit", "1"], ["שלום לך"]),
        (["--since", "yesterday"], ["שלום לך", "failed one"]),
        (["--since", "90 min ago"], ["שלום לך"]),
        (["--number", "+972 52-111-0001"], ["שלום לך", "last week"]),
        (["--status", "failed,unknown"], ["failed one"]),
        (["--status", "failed", "--status", "DELIVERED", "--since", "today"], ["שלום לך", "failed one"]),
        (["--search", "last"], ["last week"]),
        (["--filter", "last or has:hebrew"], ["שלום לך", "last week"]),
        (["--search", "שלו"], ["שלום לך"]),
        (["--search", "nothing like it"], []),
    ],
)
def test_filters(busy: Shell, argv, found):
    # The zone of this gateway's lists is seven hours behind and not known yet: a profile says it.
    busy.profile(busy_url(busy), "zoned", timezone="Etc/GMT+7")
    assert texts(busy.run("outbox", "--profile", "zoned", "--json", *argv)) == found


def busy_url(shell: Shell) -> str:
    text = (shell.config / "profiles.toml").read_text()
    return text.split('url = "')[1].split('"')[0]


def test_the_inbox_knows_unread_and_starred(busy: Shell):
    assert len(texts(busy.run("inbox", "--json", "--status", "unread"))) == 3
    assert texts(busy.run("inbox", "--json", "--status", "starred")) == []


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["outbox", "--status", "delivred"], "Did you mean “delivered”?"),
        (["outbox", "--filter", "stats:x"], "--filter: “stats:” is no field; did you mean “status:”?"),
        (["inbox", "--status", "delivered"], "There are: unread, starred."),
        (["outbox", "--since", "whenever"], "--since: “whenever” is no date"),
        (["outbox", "--limit", "0"], "no whole number from 1"),
        (["outbox", "--limit", "many"], "no whole number from 1"),
    ],
)
def test_bad_filters(busy: Shell, argv, said):
    done = busy.run(*argv)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


def test_offline_asks_nobody(busy: Shell, gateway: Gateway):
    busy.run("outbox")
    gateway.fault("down")
    assert len(texts(busy.run("outbox", "--offline", "--json"))) == 3


def test_a_gateway_that_is_down_still_leaves_what_is_stored(busy: Shell, gateway: Gateway):
    busy.run("outbox")
    gateway.fault("down")
    done = busy.run("outbox", "--json")
    assert done.code == 5
    assert len(done.json) == 3
    assert "What follows is what is stored here" in done.err


@pytest.mark.parametrize("version", ["1.4.3", "1.4.8"])
def test_history_is_read_as_far_back_as_the_answer_needs_it(user: Shell, gateway: Gateway):
    gateway.do(lambda model: (model.add_outgoing_history(450), model.add_inbox_history(120)))
    assert len(texts(user.run("outbox", "--json"))) == 100
    assert len(texts(user.run("outbox", "--json", "--limit", "1000"))) == 450
    assert len(texts(user.run("inbox", "--json", "--limit", "110"))) == 110
    newest_first = [row["created_at"] or "" for row in user.run("outbox", "--json", "--offline").json]
    assert newest_first == sorted(newest_first, reverse=True)


def test_since_reads_back_that_far(user: Shell, gateway: Gateway):
    gateway.do(lambda model: model.add_outgoing_history(730, days=365))
    user.profile(gateway.url, "zoned", timezone="Etc/GMT+7")
    rows = user.run("outbox", "--profile", "zoned", "--since", "180 days ago", "--limit", "9999", "--json").json
    assert len(rows) == pytest.approx(360, abs=2)


def test_a_profile_may_not_want_all_of_it(user: Shell, gateway: Gateway):
    gateway.do(lambda model: model.add_outgoing_history(1500, days=1500))
    user.profile(gateway.url, "short", history="200 days", timezone="Etc/GMT+7")
    rows = user.run("outbox", "--profile", "short", "--limit", "9999", "--json").json
    assert 200 <= len(rows) < 1500


# For people


def test_columns_are_aligned_in_cells_and_fit_the_terminal(user: Shell, gateway: Gateway):
    def live(model):
        model.add_outgoing("0521110001", "שלום " * 40, NOON - 10, 3)
        model.add_outgoing("+81521110002", "漢字" * 60, NOON - 20, 2)
        model.add_outgoing("0521110003", "cafe\u0301 " * 30, NOON - 30, 0)

    gateway.do(live)
    lines = user.run("outbox", stdout=Terminal()).out.splitlines()
    plain = [line.replace("\x1b[32m", "").replace("\x1b[31m", "").replace("\x1b[0m", "") for line in lines]
    assert all(cells(line) <= 80 for line in plain)
    assert all(line.endswith("…") for line in plain[1:])
    starts = {cells(plain[0][: plain[0].index("TEXT")])}
    for line, begin in zip(plain[1:], ("שלום", "漢", "cafe"), strict=True):
        starts.add(cells(line[: line.index(begin)]))
    assert len(starts) == 1


def test_without_a_terminal_nothing_is_cut_and_nothing_is_coloured(user: Shell, gateway: Gateway):
    gateway.do(lambda model: model.add_outgoing("0521110001", "x" * 150, NOON, 3))
    out = user.run("outbox").out
    assert "x" * 150 in out
    assert "\x1b" not in out


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colours_can_be_declined(busy: Shell, environ):
    busy.environ.update(environ)
    assert "\x1b" not in busy.run("outbox", stdout=Terminal()).out


def test_hostile_text_never_reaches_the_terminal(user: Shell, gateway: Gateway):
    evil = "\x1b]0;owned\x07\x1b[2J\u202eevil\u2066\nsecond line\r\x9b31m"
    gateway.do(lambda model: model.arrive("0521110001", evil))
    for stdout in (None, Terminal()):
        out = user.run("inbox", stdout=stdout).out
        assert len(out.splitlines()) == 2
        assert not any(ord(character) < 32 and character != "\n" for character in out)
        assert not set("\x7f\x9b\u202e\u2066") & set(out)
        assert "⏎ second line" in out
    # What came is given whole to programs: JSON has its own quoting.
    assert "\x1b" in user.run("inbox", "--json").json[0]["text"]
    listed = user.run("inbox", "--json")
    assert listed.json[0]["text"].startswith("\x1b]0;owned\x07\x1b[2J\u202eevil")
    assert not set("\x1b\x7f\x9b\u202e\u2066") & set(listed.out)


def test_right_to_left_lines_are_reordered_only_where_the_user_wants_it(busy: Shell):
    assert "שלום לך" in busy.run("outbox", stdout=Terminal()).out
    (busy.config / "config.toml").write_text('bidi = "app"\n')
    assert "ךל םולש" in busy.run("outbox", stdout=Terminal()).out
    assert "שלום לך" in busy.run("outbox").out
    (busy.config / "config.toml").write_text('bidy = "app"\n')
    done = busy.run("outbox", stdout=Terminal())
    assert "שלום לך" in done.out
    assert "did you mean “bidi”?" in done.err


def test_an_empty_list_says_so_beside_the_output(user: Shell):
    done = user.run("outbox")
    assert (done.code, done.out, done.err) == (0, "", "No messages.\n")
    assert user.run("outbox", "--json").out == "[]\n"


def test_the_signs_are_those_of_the_app():
    assert {status: look.sign for status, look in STATUS.items()} == SIGNS


# status


def test_status_asks_for_old_messages_too(user: Shell, gateway: Gateway):
    gateway.do(lambda model: model.add_outgoing("0521110001", "slow", NOON - 5 * 86_400, 1))
    (row,) = user.run("outbox", "--json").json
    assert row["status"] == "sent"
    gateway.do(lambda model: model.add_outgoing_history(150, days=1))
    gateway.do(lambda model: model.set_status(1, 3))
    assert user.run("status", str(row["id"]), "--offline", "--json").statuses == ["sent"]
    assert user.run("status", str(row["id"]), "--json").statuses == ["delivered"]


def test_status_in_the_order_asked_for(busy: Shell):
    ids = [str(row["id"]) for row in busy.run("outbox", "--json").json]
    asked = [ids[2], ids[0], ids[2]]
    assert [str(row["id"]) for row in busy.run("status", *asked, "--json").json] == [ids[2], ids[0]]


@pytest.mark.parametrize("more", [[], ["--offline"]])
def test_ids_that_do_not_exist_are_named(busy: Shell, more):
    busy.run("outbox")
    done = busy.run("status", "1", "98", "99", *more)
    assert done.code == 2
    assert "The store of “vip” has no messages 98, 99." in done.err
    assert done.out == ""


def test_status_tells_why(user: Shell, gateway: Gateway):
    user.run("send", "--to", "0521110001", "--message", 'say "hi"', "--sender", "Unknown", "--wait")
    done = user.run("status", "1")
    assert "↳ The gateway replaced the sender ID Unknown by DemoShop." in done.out
    assert "↳ The gateway made this of it: say \\'hi\\'" in done.out


def test_a_store_that_does_not_open_is_read_as_it_was_last_written(user: Shell, gateway: Gateway):
    """As on a disk without one free byte: nothing can be made beside the database."""
    gateway.sandbox.gateway.arrive("0521110001", "Still readable")
    assert user.run("inbox").code == 0
    (user.data / "vip.db-wal").mkdir()
    for options in ((), ("--offline",)):
        done = user.run("inbox", *options)
        assert done.code != 0
        assert "Still readable" in done.out
        assert "What follows is what is stored here, as it was last written." in done.err


def test_a_list_that_cannot_be_whole_says_so(busy: Shell, gateway: Gateway):
    busy.run("outbox")
    with closing(Store(busy.data / "vip.db", clock=busy.clock)) as store:
        store.facts.note_crowd("outgoing", "2026-03-05 12:00:00", busy.clock(), whole=False)
    assert "2026-03-05 12:00:00 (what was sent)" in busy.run("outbox").err
    assert not busy.run("inbox").err


def test_another_list_that_is_broken_is_a_word_and_no_failure(busy: Shell, gateway: Gateway):
    gateway.fault("http500:ix")
    done = busy.run("outbox", "--json")
    assert (done.code, len(done.json)) == (0, 3)
    assert "The inbox (ix) cannot be read" in done.err
    assert busy.run("inbox").code == 5
    gateway.heal()
