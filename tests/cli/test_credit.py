"""``credit``: an amount that a script can compare, never a binary float."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.cli.support import Gateway, Shell


@pytest.mark.parametrize("version", ["1.4.3", "1.4.7", "1.4.8"])
@pytest.mark.parametrize("amount", ["1000", "412.75", "1200000", "0.1"])
def test_the_amount_alone(shell: Shell, gateway: Gateway, amount: str):
    shell.profile(gateway.url, low_credit=0)
    gateway.sandbox.gateway.main_account.credit = Decimal(amount)
    done = shell.run("credit")
    assert (done.code, done.err) == (0, "")
    assert Decimal(done.out) == Decimal(amount)
    assert "E" not in done.out


def test_as_json_it_is_an_exact_string(user: Shell):
    done = user.run("credit", "--json")
    assert done.json == {
        "profile": "vip",
        "credit": "1000",
        "credit_at": "2026-03-05T14:00:00+02:00",
        "low_credit": "50",
        "low": False,
    }


def test_low_credit_is_a_warning_beside_the_output(user: Shell, gateway: Gateway):
    gateway.sandbox.gateway.main_account.credit = Decimal("49.9")
    done = user.run("credit")
    assert done.code == 0
    assert done.out == "49.9\n"
    assert "the credit of “vip” is low: 49.9, below 50" in done.err


def test_errors_have_their_exit_codes(user: Shell, gateway: Gateway):
    user.profile(gateway.url, "wrong", token="not-the-token")
    assert user.run("credit", "--profile", "wrong").code == 3
    gateway.fault("html:cr:1")
    assert user.run("credit", "--profile", "vip").code == 5
    gateway.fault("down")
    done = user.run("credit", "--json", "--profile", "vip")
    assert (done.code, done.out) == (5, "")
    assert "voipe-tui: The gateway cannot be reached\n  127.0.0.1 refused the connection." in done.err


def test_the_demo_needs_nothing_and_touches_nothing(shell: Shell):
    done = shell.run("credit", "--demo")
    assert (done.code, done.out, done.err) == (0, "412.75\n", "")
    assert shell.touched() == []
