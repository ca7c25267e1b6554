"""``account``, ``contacts`` and ``export``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from tests.cli.support import Gateway, Shell


def test_the_account_as_the_gateway_knows_it(user: Shell, gateway: Gateway):
    done = user.run("account", "--json")
    assert done.code == 0
    assert done.json["profile"] == "vip"
    assert (done.json["credit"], done.json["low"], done.json["can"]["query"]) == ("1000", False, True)
    told = user.run("account")
    assert "credit" in told.out
    gateway.fault("down")
    offline = user.run("account", "--offline", "--json")
    assert (offline.code, offline.json) == (0, done.json)
    lost = user.run("account", "--json")
    assert (lost.code, lost.json["credit"]) == (5, "1000")
    assert "What follows is what is stored here." in lost.err


def test_the_phone_book_whole_and_searched(shell: Shell):
    book = shell.run("contacts", "--demo", "--json").json
    assert {"number", "name", "email", "tags"} == set(book[0])
    assert any(entry["name"].startswith("Dana") for entry in book)
    found = shell.run("contacts", "--demo", "--json", "dana").json
    assert 0 < len(found) < len(book)
    assert shell.run("contacts", "--demo", "--json", found[0]["number"][-6:]).json[0] == found[0]
    assert shell.run("contacts", "--demo").out.startswith("NUMBER")
    assert shell.run("contacts", "--demo", "--groups", "--json").json[0]["code"] == "TEAM"
    nobody = shell.run("contacts", "--demo", "zzz")
    assert (nobody.code, nobody.out, nobody.err) == (0, "", "Nobody is called so.\n")


def test_a_gateway_without_contacts_says_so(user: Shell, gateway: Gateway):
    gateway.fault("no-contacts")
    done = user.run("contacts")
    assert done.code != 0
    assert "does not hand out contacts" in done.err


def test_export_writes_what_matches_and_never_over_a_file(user: Shell, gateway: Gateway):
    for number, text in (("0521110001", "Hello, you"), ("0521110002", "=1+1")):
        gateway.sandbox.gateway.arrive(number, text)
    assert user.run("send", "--to", "0521110003", "--message", "שלום").code == 0
    rows = list(csv.DictReader(io.StringIO(user.run("export", "--direction", "in").out)))
    assert {row["text"] for row in rows} == {"Hello, you", "'=1+1"}
    assert {row["direction"] for row in rows} == {"in"}
    lines = user.run("export", "--format", "jsonl", "--offline").out.splitlines()
    assert {json.loads(line)["text"] for line in lines} == {"Hello, you", "=1+1", "שלום"}
    assert len(user.run("export", "--offline", "--limit", "1", "--json").out.splitlines()) == 1
    path = Path(user.home) / "out.csv"
    done = user.run("export", "--offline", "--output", str(path), "--search", "hello")
    assert (done.code, done.out) == (0, "")
    assert done.err == f"1 messages are in {path}.\n".replace("1 messages are", "1 message is")
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    again = user.run("export", "--offline", "--output", str(path))
    assert (again.code, path.read_bytes()) == (2, before)
    assert "nothing is written over" in again.err
    assert user.run("export", "--offline", "--since", "tomorrow").out.startswith("id,profile,direction")
