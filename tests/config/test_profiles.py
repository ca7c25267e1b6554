"""Accounts: read strictly, written atomically and privately, never clobbered, no token anywhere but in the file."""

import os
import stat
import subprocess
import sys
import threading
import tomllib
import traceback
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voipe_tui.config.paths import Paths
from voipe_tui.config.profiles import Profile, Profiles, check_profile, load_profiles, save_profiles, update_profiles
from voipe_tui.errors import ConfigError

SECRET = "s3cr3t-t0k3n-0123456789abcdef"
URL = "https://sms.voipe.co.il/playsms/api.php"

DESIGN = """\
default = "vip"

[profiles.vip]
url = "https://sms.voipe.co.il/playsms/api.php"
transport = "json"
username = "vipuser"
token = "s3cr3t-t0k3n-0123456789abcdef"
sender = "VipInv"
senders = ["VipInv", "Sales"]
sender_max = 8
region = "IL"
timezone = "Asia/Jerusalem"
footer = ""
ca_file = ""
allow_plain_http = false
low_credit = 50
hold_seconds = 5
"""


def vip(**values: Any) -> Profile:
    return replace(Profile(name="vip", url=URL, username="vipuser", token=SECRET), **values)


def write(paths: Paths, text: str) -> None:
    paths.config.mkdir(parents=True, exist_ok=True)
    paths.profiles_file.write_text(text, encoding="utf-8")
    paths.profiles_file.chmod(0o600)


def refused(paths: Paths, text: str) -> str:
    write(paths, text)
    with pytest.raises(ConfigError) as caught:
        load_profiles(paths)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    return caught.value.message


def test_no_file_means_no_profiles(paths: Paths) -> None:
    assert load_profiles(paths) == Profiles()
    assert not paths.config.exists()


def test_the_file_of_the_design_is_read(paths: Paths) -> None:
    write(paths, DESIGN)
    profiles = load_profiles(paths)
    assert profiles.default == "vip"
    assert profiles.get() == vip(sender="VipInv", senders=("VipInv", "Sales"), timezone="Asia/Jerusalem")
    assert profiles.get().low_credit == Decimal(50)


def test_all_other_keys_are_read(paths: Paths) -> None:
    write(
        paths,
        """
[profiles.a]
url = "http://127.0.0.1:8000/playsms/index.php?app=ws"
transport = "form"
username = "u"
token_command = ["pass", "show", "voipe"]
region = "gb"
low_credit = 12.50
hold_seconds = 0
concurrency = 8
rate = 2.5
history = "2026-01-31"
number_format = "local"
""",
    )
    found = load_profiles(paths).get("a")
    assert (found.transport, found.token_command, found.region) == ("form", ("pass", "show", "voipe"), "GB")
    assert (found.low_credit, found.hold_seconds, found.concurrency) == (Decimal("12.5"), 0.0, 8)
    assert (found.rate, found.history, found.number_format) == (2.5, "2026-01-31", "local")


WELL = '[profiles.vip]\nurl = "https://x.example/"\nusername = "u"\n'


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("defualt = 'vip'\n" + WELL, 1, "unknown key “defualt”; did you mean “default”?"),
        ("default = 'vpi'\n" + WELL, 1, "“vpi”; did you mean “vip”?"),
        ("default = 3\n" + WELL, 1, "name of a profile in quotes"),
        ("profiles = 3", 1, "must be a table"),
        ("[profiles]\nvip = 3", 2, "must be a table"),
        ("[profile.vip]\nurl = 'x'", 1, "did you mean “profiles”?"),
        (WELL + "usrname = 'x'", 4, "unknown key “usrname” in [profiles.vip]; did you mean “username”?"),
        (WELL + "tokn = 's3cr3t-t0k3n-0123456789abcdef'", 4, "did you mean “token”?"),
        ("\n[profiles.vip]\nusername = 'u'", 2, "[profiles.vip] needs “url”."),
        ("\n[profiles.vip]\nurl = 'https://x/'", 2, "[profiles.vip] needs “username”."),
        (WELL + "transport = 'jsn'", 4, "did you mean “json”?"),
        (WELL + "timezone = 'Asia/Jerusalm'", 4, "did you mean “Asia/Jerusalem”?"),
        (WELL + "timezone = '../../etc/passwd'", 4, "must be a time zone"),
        (WELL + "timezone = 'Asia'", 4, "must be a time zone"),
        (WELL + "region = 'Israel'", 4, "country of two letters"),
        (WELL + "sender_max = 12", 4, "from 1 to 11"),
        (WELL + "sender_max = true", 4, "from 1 to 11"),
        (WELL + "senders = 'VipInv'", 4, "list of texts"),
        (WELL + "senders = ['a', 3]", 4, "list of texts"),
        (WELL + "hold_seconds = -1", 4, "from 0 to 3600"),
        (WELL + "low_credit = '50'", 4, "must be a number"),
        (WELL + "low_credit = -1", 4, "0 or more"),
        (WELL + "low_credit = inf", 4, "0 or more"),
        (WELL + "concurrency = 0", 4, "from 1 to 64"),
        (WELL + "rate = 0", 4, "more than 0"),
        (WELL + "low_credit = nan", 4, "0 or more"),
        (WELL + "footer = 3", 4, "text in quotes"),
        (WELL + "history = 'some'", 4, '"90 days"'),
        (WELL + "number_format = 'E164'", 4, "did you mean “e164”?"),
        (WELL + "quiet_hours = '21-8'", 4, "two different times"),
        (WELL + "allow_plain_http = 'yes'", 4, "true or false"),
        (WELL + "token = 's3cr3t-t0k3n-0123456789abcdef x'", 4, "“token” must not hold spaces"),
        (WELL + "token_env = 'A-B'", 4, "name of an environment variable"),
        (WELL + "token_command = 'pass show'", 4, "list of texts"),
        (WELL + "token_command = ['']", 4, "begin with a program"),
        (WELL + "token = 's3cr3t-t0k3n-0123456789abcdef'\ntoken_keyring = true", 5, "only one of token, token_keyring"),
        (WELL + "[profiles.VIP]\nurl = 'https://x/'\nusername = 'u'", 4, "differ in capitals only"),
        (WELL + "[profiles.'../x']\nurl = 'https://x/'\nusername = 'u'", 4, "cannot be the name of a profile"),
        (WELL + "footer = 'x\n", 4, "not valid TOML"),
    ],
)
def test_every_mistake_has_file_line_key_and_nearest_match(paths: Paths, text: str, line: int, words: str) -> None:
    message = refused(paths, text)
    assert any(told.startswith(f"{paths.profiles_file}:{line}:") and words in told for told in message.split("\n")), (
        message
    )


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://vipuser:s3cr3t-t0k3n-0123456789abcdef@sms.example.com/", "user name or password"),
        ("https://s3cr3t-t0k3n-0123456789abcdef@sms.example.com/", "user name or password"),
        ("https://sms.example.com/index.php?app=ws&h=s3cr3t-t0k3n-0123456789abcdef", "after the “?”"),
        ("https://sms.example.com/api.php?token=s3cr3t-t0k3n-0123456789abcdef", "after the “?”"),
        ("https://sms.example.com/#x", "“#”"),
        ("http://sms.example.com/api.php", "unencrypted"),
        ("http://localhost.example.com/", "unencrypted"),
        ("http://127.0.0.1.example.com/", "unencrypted"),
        ("ftp://sms.example.com/", "begins with https://"),
        ("sms.example.com/api.php", "begins with https://"),
        ("https://", "begins with https://"),
        ("https://a b/", "begins with https://"),
        ("https://x:99999/", "an address like"),
        ("https://[::1/", "an address like"),
        ("", "must not be empty"),
        ("https://x/\\n", "text of one line"),
    ],
)
def test_addresses_that_are_refused(paths: Paths, url: str, words: str) -> None:
    message = refused(paths, f'[profiles.vip]\nurl = "{url}"\nusername = "u"\n')
    assert message.startswith(f"{paths.profiles_file}:2: “url”")
    assert words in message


@pytest.mark.parametrize(
    "url",
    [
        *(URL, "HTTPS://sms.example.com", "https://sms.example.com:8443/playsms/", "https://x/index.php?app=ws"),
        *(
            "http://127.0.0.1:8000/",
            "http://localhost/api.php",
            "http://[::1]:80/",
            "http://sms.localhost/",
            "http://127.1.2.3/",
        ),
    ],
)
def test_addresses_that_are_fine(url: str) -> None:
    check_profile(vip(url=url))


def test_plain_http_is_possible_when_the_profile_says_so() -> None:
    check_profile(vip(url="http://10.0.0.5/api.php", allow_plain_http=True))


def test_checking_a_profile_that_is_in_no_file_names_its_keys() -> None:
    with pytest.raises(ConfigError) as caught:
        check_profile(vip(url="gopher://x", username=" ", sender_max=99))
    assert caught.value.message.split("\n") == [
        "“url” must be an address that begins with https:// (or http:// on this machine).",
        "“username” must not be empty.",
        "“sender_max” must be a whole number from 1 to 11.",
    ]


# ---- choosing


def test_the_default_one_or_the_only_one() -> None:
    one = Profiles().with_profile(vip())
    assert one.default == "vip"
    assert one.get() is one.get("vip")
    assert Profiles(None, {"vip": vip()}).get().name == "vip"


def test_no_profile_says_how_to_add_one() -> None:
    with pytest.raises(ConfigError, match="no profile yet") as caught:
        Profiles().get()
    assert "profile add" in caught.value.hint
    assert "--demo" in caught.value.hint


def test_an_unknown_profile_gets_the_nearest_match_and_the_list() -> None:
    profiles = Profiles().with_profile(vip()).with_profile(vip(name="sales"))
    with pytest.raises(ConfigError, match=r"no profile “vpi”\. Did you mean “vip”") as caught:
        profiles.get("vpi")
    assert caught.value.hint == "There are sales, vip."


def test_several_without_a_default_must_be_chosen_from() -> None:
    profiles = replace(Profiles().with_profile(vip()).with_profile(vip(name="sales")), default=None)
    with pytest.raises(ConfigError, match="Which profile"):
        profiles.get()


def test_removing_and_choosing() -> None:
    profiles = Profiles().with_profile(vip()).with_profile(vip(name="sales"))
    assert profiles.with_default("sales").without("sales").default is None
    assert set(profiles.without("sales").by_name) == {"vip"}
    with pytest.raises(ConfigError):
        profiles.without("other")
    with pytest.raises(ConfigError):
        profiles.with_default("other")


# ---- writing


def test_what_is_written_is_read_again_and_private(paths: Paths) -> None:
    saved = save_profiles(paths, Profiles().with_profile(vip(footer="a\nb", rate=1.5, low_credit=Decimal("0.5"))))
    assert load_profiles(paths) == saved
    assert saved.get().token == SECRET
    assert stat.S_IMODE(paths.profiles_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(paths.config.stat().st_mode) == 0o700
    assert sorted(path.name for path in paths.config.iterdir()) == ["profiles.toml", "profiles.toml.lock"]


def test_only_what_differs_from_the_defaults_is_written(paths: Paths) -> None:
    save_profiles(paths, Profiles().with_profile(vip()))
    data = tomllib.loads(paths.profiles_file.read_text(encoding="utf-8"))
    assert data == {"default": "vip", "profiles": {"vip": {"url": URL, "username": "vipuser", "token": SECRET}}}


def test_a_readable_file_is_closed(paths: Paths) -> None:
    write(paths, DESIGN)
    paths.profiles_file.chmod(0o644)
    load_profiles(paths)
    assert stat.S_IMODE(paths.profiles_file.stat().st_mode) == 0o600


def test_a_wrong_profile_is_not_written(paths: Paths) -> None:
    before = save_profiles(paths, Profiles().with_profile(vip()))
    with pytest.raises(ConfigError, match="“url”"):
        save_profiles(paths, before.with_profile(vip(url="nonsense")))
    with pytest.raises(ConfigError, match="cannot be the name"):
        save_profiles(paths, before.with_profile(vip(name="../vip")))
    with pytest.raises(ConfigError, match="no profile “gone”"):
        save_profiles(paths, replace(before, default="gone"))
    assert load_profiles(paths) == before


def test_a_file_that_another_program_changed_is_not_overwritten(paths: Paths) -> None:
    mine = save_profiles(paths, Profiles().with_profile(vip()))
    update_profiles(paths, lambda profiles: profiles.with_profile(vip(name="theirs")))
    with pytest.raises(ConfigError, match="changed by another program"):
        save_profiles(paths, mine.with_profile(vip(name="mine")))
    assert set(load_profiles(paths).by_name) == {"vip", "theirs"}


def test_a_file_that_appeared_meanwhile_is_not_overwritten(paths: Paths) -> None:
    none = load_profiles(paths)
    save_profiles(paths, Profiles().with_profile(vip(name="theirs")))
    with pytest.raises(ConfigError, match="changed by another program"):
        save_profiles(paths, none.with_profile(vip()))


def test_one_save_follows_another(paths: Paths) -> None:
    first = save_profiles(paths, load_profiles(paths).with_profile(vip()))
    second = save_profiles(paths, first.with_profile(vip(name="sales")))
    assert load_profiles(paths) == second


def test_a_broken_file_is_never_overwritten_by_an_update(paths: Paths) -> None:
    write(paths, "broken = ")
    with pytest.raises(ConfigError, match="not valid TOML"):
        update_profiles(paths, lambda profiles: profiles.with_profile(vip()))
    assert paths.profiles_file.read_text(encoding="utf-8") == "broken = "


def test_an_error_in_the_change_changes_nothing_and_frees_the_lock(paths: Paths) -> None:
    before = save_profiles(paths, Profiles().with_profile(vip()))
    with pytest.raises(ConfigError, match="no profile"):
        update_profiles(paths, lambda profiles: profiles.without("other"))
    assert update_profiles(paths, lambda profiles: profiles) == before


def test_many_writers_lose_nothing(paths: Paths) -> None:
    together = threading.Barrier(8)

    def add(number: int) -> None:
        together.wait()
        for turn in range(4):
            profile = vip(name=f"p{number}-{turn}")
            update_profiles(paths, partial(Profiles.with_profile, profile=profile))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(load_profiles(paths).by_name) == 32


def test_two_programs_lose_nothing(paths: Paths, tmp_path: Path) -> None:
    code = """
import sys
from voipe_tui.config.paths import Paths
from voipe_tui.config.profiles import Profile, update_profiles
paths = Paths.from_environment({"HOME": sys.argv[1]})
for number in range(10):
    profile = Profile(name=f"{sys.argv[2]}{number}", url="https://x.example/", username="u")
    update_profiles(paths, lambda profiles: profiles.with_profile(profile))
"""
    home = str(tmp_path / "home")
    programs = [subprocess.Popen([sys.executable, "-c", code, home, name]) for name in ("a", "b")]
    assert [program.wait() for program in programs] == [0, 0]
    assert len(load_profiles(paths).by_name) == 20


def test_a_full_disk_leaves_the_old_file(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    before = save_profiles(paths, Profiles().with_profile(vip()))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left on device") as caught:
        save_profiles(paths, before.with_profile(vip(name="sales")))
    assert "still there" in caught.value.message
    monkeypatch.undo()
    assert load_profiles(paths) == before
    assert sorted(path.name for path in paths.config.iterdir()) == ["profiles.toml", "profiles.toml.lock"]


def test_a_lock_that_cannot_be_made_is_an_error_that_says_so(paths: Paths) -> None:
    (paths.config / "profiles.toml.lock").mkdir(parents=True)
    with pytest.raises(ConfigError, match="cannot be written"):
        update_profiles(paths, lambda profiles: profiles.with_profile(vip()))


def test_a_file_that_cannot_be_read_is_an_error_that_says_so(paths: Paths) -> None:
    paths.profiles_file.mkdir(parents=True)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_profiles(paths)


def test_a_folder_that_takes_no_files_is_an_error_that_says_so(paths: Paths) -> None:
    paths.config.parent.mkdir(parents=True)
    paths.config.write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match="cannot be made private"):
        save_profiles(paths, Profiles().with_profile(vip()))


def test_a_linked_file_stays_linked(paths: Paths, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles" / "profiles.toml"
    kept.parent.mkdir()
    paths.config.mkdir(parents=True)
    paths.profiles_file.symlink_to(kept)
    save_profiles(paths, Profiles().with_profile(vip()))
    assert paths.profiles_file.is_symlink()
    assert SECRET in kept.read_text(encoding="utf-8")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_no_token_in_any_representation(paths: Paths) -> None:
    profile = vip(token_command=("program", SECRET))
    profiles = Profiles().with_profile(profile)
    assert SECRET not in f"{profile} {profile!r} {profiles} {profiles!r}"
    with pytest.raises(ConfigError) as caught:
        save_profiles(paths, profiles)  # two sources
    assert SECRET not in "".join(traceback.format_exception(caught.value))


one_line = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
some_profiles = st.builds(
    Profile,
    name=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True),
    url=st.sampled_from([URL, "http://localhost:1/x"]),
    username=one_line,
    transport=st.sampled_from(["json", "form"]),
    token=one_line,
    sender=st.sampled_from(["", "VipInv"]),
    senders=st.lists(st.text(max_size=5).filter(lambda text: text.isprintable()), max_size=3).map(tuple),
    footer=st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    low_credit=st.decimals(0, 1000, places=2),
    hold_seconds=st.floats(0, 3600),
    rate=st.one_of(st.none(), st.floats(0.01, 1000)),
    timezone=st.sampled_from(["", "UTC", "Asia/Jerusalem"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(some_profiles, max_size=3, unique_by=lambda profile: profile.name.lower()))
def test_anything_written_is_read_again(paths: Paths, profiles: list[Profile]) -> None:
    wanted = Profiles()
    for profile in profiles:
        wanted = wanted.with_profile(profile)
    assert save_profiles(paths, wanted) == wanted
    assert load_profiles(paths) == wanted
