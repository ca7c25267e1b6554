"""``profile``: an account that works is a few words away; one that does not is explained and not stored."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Iterator

import keyring
import keyring.backend
import keyring.errors
import pytest

from tests.cli.support import Gateway, Shell, Terminal
from voipe_tui.sandbox.sandbox import PASSWORD, TOKEN


def stored(shell: Shell) -> dict:
    file = shell.config / "profiles.toml"
    return tomllib.loads(file.read_text()) if file.exists() else {}


def add(shell: Shell, gateway: Gateway, *argv: str, url: str = "", stdin: str = TOKEN + "\n"):
    given = ("--url", url or gateway.url, "--username", "demo", *argv)
    if not any(each.startswith(("--token", "--password")) for each in argv):
        given += ("--token",)
    return shell.run("profile", "add", *given, stdin=stdin)


def test_add_tries_and_stores(shell: Shell, gateway: Gateway):
    done = add(shell, gateway, "vip", "--sender", "VipInv", "--senders", "VipInv, Sales", "--low-credit", "12.5")
    assert (done.code, done.err) == (0, "")
    assert "stored: demo (Demo Shop), credit 1000" in done.out
    assert TOKEN not in done.out
    assert stored(shell) == {
        "default": "vip",
        "profiles": {
            "vip": {
                "url": gateway.url, "username": "demo", "token": TOKEN, "sender": "VipInv",
                "senders": ["VipInv", "Sales"], "low_credit": 12.5,
            }
        },
    }  # fmt: skip
    assert stat.S_IMODE((shell.config / "profiles.toml").stat().st_mode) == 0o600
    assert shell.run("credit").code == 0


def test_the_first_one_becomes_the_default_the_second_not(shell: Shell, gateway: Gateway):
    add(shell, gateway, "one")
    assert "The default is “one”" in add(shell, gateway, "two").out
    assert stored(shell)["default"] == "one"
    assert "is the default" in add(shell, gateway, "three", "--use").out
    assert stored(shell)["default"] == "three"


def test_the_password_fetches_the_token(shell: Shell, gateway: Gateway):
    done = add(shell, gateway, "vip", "--password-stdin", stdin=PASSWORD + "\n")
    assert done.code == 0
    assert stored(shell)["profiles"]["vip"]["token"] == TOKEN
    assert PASSWORD not in (shell.config / "profiles.toml").read_text()


@pytest.mark.parametrize(
    ("path", "transport"),
    [("/playsms/index.php?app=ws", "form"), ("/playsms/api.php", None), ("/playsms/", None), ("/playsms", None)],
)
def test_the_address_says_which_door(shell: Shell, gateway: Gateway, path: str, transport: str | None):
    assert add(shell, gateway, "vip", url=gateway.listener.url + path).code == 0
    assert stored(shell)["profiles"]["vip"].get("transport") == transport


@pytest.mark.parametrize("version", ["1.4.3", "1.4.8"])
def test_a_plain_playsms_without_a_json_door_is_found_out(shell: Shell, gateway: Gateway):
    serve = gateway.sandbox.app

    async def no_json_door(scope, receive, send) -> None:
        if scope["path"].endswith("api.php"):
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"text/html")]})
            await send({"type": "http.response.body", "body": b"<html>Not Found</html>"})
            return
        await serve(scope, receive, send)

    gateway.sandbox.app = no_json_door  # type: ignore[assignment]
    assert add(shell, gateway, "vip", url=f"{gateway.listener.url}/playsms/").code == 0
    assert stored(shell)["profiles"]["vip"]["transport"] == "form"
    done = add(shell, gateway, "json", url=f"{gateway.listener.url}/playsms/", stdin=TOKEN)
    assert done.code == 0


@pytest.mark.parametrize(
    ("argv", "stdin", "code", "said"),
    [
        (["vip"], "wrong-token", 3, "--password-stdin and the password the gateway tells which"),
        (["vip", "--password-stdin"], "wrong", 3, "The user name or the password is wrong"),
        (["vip"], "", 2, "Standard input has no token."),
        (["vip"], "two words", 2, "A token has no spaces"),
        ([], TOKEN, 2, "needs a name"),
        (["-x"], TOKEN, 2, "Unrecognized"),
        ([".hidden"], TOKEN, 2, "cannot be the name of a profile"),
        (["vip", "--timezone", "Asia/Jerusalm"], TOKEN, 2, "did you mean “Asia/Jerusalem”?"),
        (["vip", "--region", "Israel"], TOKEN, 2, "country of two letters"),
        (["vip", "--low-credit", "much"], TOKEN, 2, "must be a number"),
        (["vip", "--token-command", "pass 'show"], TOKEN, 2, "--token-command cannot be read"),
        (["vip", "--token-env", "NOT_SET"], TOKEN, 2, "the variable NOT_SET"),
        (["vip", "--token-command", "/does/not/exist"], TOKEN, 2, "was not found"),
        (["vip", "--token", "--token-env", "X"], TOKEN, 2, "not allowed with"),
    ],
)
def test_what_does_not_work_is_explained_and_not_stored(shell: Shell, gateway: Gateway, argv, stdin, code, said):
    done = add(shell, gateway, *argv, stdin=stdin)
    assert done.code == code
    assert said in done.err
    assert "Nothing was" in done.err or "cannot be the name" in done.err or "must be" in done.err
    assert stored(shell) == {}


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("http://sms.example.com/playsms/api.php", 2, "unencrypted"),
        ("https://user:pw@sms.example.com/", 2, "must not hold a user name"),
        ("ftp://sms.example.com/", 2, "begins with https://"),
        ("http://127.0.0.1:9/playsms/api.php", 5, "refused the connection"),
        ("http://no-such-host.localhost.invalid/", 2, "unencrypted"),
    ],
)
def test_addresses(shell: Shell, gateway: Gateway, url, code, said):
    done = add(shell, gateway, "vip", url=url)
    assert done.code == code
    assert said in done.err
    assert stored(shell) == {}


def test_a_website_is_no_gateway(shell: Shell, gateway: Gateway):
    gateway.fault("html")
    done = add(shell, gateway, "vip", url=f"{gateway.listener.url}/playsms/")
    assert done.code == 5
    assert "Nothing was stored" in done.err


def test_a_token_on_the_command_line_is_refused_unread(shell: Shell, gateway: Gateway):
    done = add(shell, gateway, "vip", "--token", TOKEN)
    assert done.code == 2
    assert "can be seen by everybody" in done.err
    assert TOKEN not in done.err
    assert stored(shell) == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"webservices_enabled": False}, "switched off"),
        ({"allowed_addresses": "10.0.0.1"}, "from this machine's address"),
        ({"token": ""}, "no token"),
        ({"banned": True}, "password is wrong, or the account is banned"),
    ],
)
def test_the_password_tells_why_a_token_is_refused(shell: Shell, gateway: Gateway, change, said):
    def spoil(model):
        for name, value in change.items():
            setattr(model.main_account, name, value)

    gateway.do(spoil)
    shell.secrets = [PASSWORD]
    shell.environ["MY_TOKEN"] = TOKEN
    argv = ("profile", "add", "vip", "--url", gateway.url, "--username", "demo", "--token-env", "MY_TOKEN")
    done = shell.run(*argv, stdin=Terminal(), stderr=Terminal())
    assert done.code == 3
    assert said in done.err
    assert stored(shell) == {}


def test_a_person_is_asked_for_what_is_missing(shell: Shell, gateway: Gateway):
    shell.secrets = [TOKEN]
    answers = Terminal(f"work\n{gateway.url}\ndemo\n")
    done = shell.run("profile", "add", stdin=answers, stderr=Terminal())
    assert done.code == 0
    assert "Address of the gateway [https://sms.voipe.co.il/playsms/api.php]: " in done.err
    assert list(stored(shell)["profiles"]) == ["work"]


def test_a_person_may_give_the_password_instead(shell: Shell, gateway: Gateway):
    shell.secrets = ["", PASSWORD]
    done = shell.run("profile", "add", stdin=Terminal(f"\n{gateway.url}\ndemo\n"), stderr=Terminal())
    assert done.code == 0
    assert stored(shell)["profiles"]["default"]["token"] == TOKEN


def test_an_old_token_is_replaced_when_the_password_proves_it(shell: Shell, gateway: Gateway):
    shell.secrets = ["an-old-token", PASSWORD]
    argv = ("profile", "add", "vip", "--url", gateway.url, "--username", "demo")
    done = shell.run(*argv, stdin=Terminal(), stderr=Terminal())
    assert done.code == 0
    assert "another token by now; that one is used" in done.err
    assert stored(shell)["profiles"]["vip"]["token"] == TOKEN


def test_other_sources_of_the_token(shell: Shell, gateway: Gateway):
    shell.environ["MY_TOKEN"] = TOKEN
    assert add(shell, gateway, "env", "--token-env", "MY_TOKEN").code == 0
    assert add(shell, gateway, "cmd", "--token-command", f"echo {TOKEN}").code == 0
    profiles = stored(shell)["profiles"]
    assert profiles["env"]["token_env"] == "MY_TOKEN"
    assert profiles["cmd"]["token_command"] == ["echo", TOKEN]
    assert "token" not in profiles["env"]
    for name in ("env", "cmd"):
        assert shell.run("credit", "--profile", name).code == 0


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that forgets when the test ends."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise keyring.errors.KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def vault() -> Iterator[MemoryKeyring]:
    before, memory = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def test_the_keyring_keeps_the_token_and_forgets_it(shell: Shell, gateway: Gateway, vault: MemoryKeyring):
    assert add(shell, gateway, "vip", "--token-keyring").code == 0
    assert TOKEN not in (shell.config / "profiles.toml").read_text()
    assert list(vault.kept.values()) == [TOKEN]
    assert shell.run("credit").code == 0
    assert shell.run("profile", "show", "--json").json["token_source"] == "the system's keyring"
    assert shell.run("profile", "remove", "vip").code == 0
    assert vault.kept == {}


def test_what_is_left_in_a_locked_keyring_is_said(shell: Shell, gateway: Gateway, vault: MemoryKeyring):
    add(shell, gateway, "vip", "--token-keyring")
    vault.locked = True
    done = shell.run("profile", "remove", "vip")
    assert done.code == 0
    assert "still in the keyring" in done.err


def test_no_check_stores_it_untried(shell: Shell, gateway: Gateway):
    gateway.fault("down")
    done = add(shell, gateway, "vip", "--no-check")
    assert (done.code, list(stored(shell)["profiles"])) == (0, ["vip"])


def test_a_name_is_taken_over_only_on_request(shell: Shell, gateway: Gateway):
    add(shell, gateway, "vip", "--sender", "One")
    assert "already" in add(shell, gateway, "vip", "--sender", "Two").err
    assert stored(shell)["profiles"]["vip"]["sender"] == "One"
    assert add(shell, gateway, "vip", "--sender", "Two", "--replace").code == 0
    assert stored(shell)["profiles"]["vip"]["sender"] == "Two"


# list, show, use, remove


def test_show_and_list_never_show_a_token(user: Shell, gateway: Gateway):
    user.profile(gateway.url, "cmd", token="", token_command=["pass", "show", "5ecret-path"])
    for argv in (["list"], ["show", "vip"], ["show", "cmd"], ["show", "--profile", "cmd"]):
        for more in ([], ["--json"]):
            done = user.run("profile", *argv, *more)
            assert done.code == 0
            assert TOKEN not in done.out
            assert "5ecret" not in done.out
    shown = user.run("profile", "show", "cmd", "--json").json
    assert shown["token_source"] == "the command pass"
    assert shown["database"].endswith("data/voipe-tui/cmd.db")
    assert [each["name"] for each in user.run("profile", "list", "--json").json] == ["vip", "cmd"]


def test_unknown_profiles_are_named_with_the_nearest(user: Shell):
    for argv in (["profile", "show", "vop"], ["credit", "--profile", "vop"], ["profile", "use", "vop"]):
        done = user.run(*argv)
        assert done.code == 2
        assert "There is no profile “vop”. Did you mean “vip”?" in done.err


def test_use(user: Shell, gateway: Gateway):
    user.profile(gateway.url, "other", token="x")
    assert "Which profile?" in user.run("credit").err
    assert user.run("profile", "use", "vip").out == "“vip” is the default profile now.\n"
    assert user.run("credit").code == 0


def test_remove_keeps_the_messages(user: Shell):
    user.run("send", "--to", "0521110001", "--message", "Hi")
    done = user.run("profile", "remove", "vip")
    assert done.code == 0
    assert str(user.data / "vip.db") in done.out
    assert (user.data / "vip.db").exists()
    assert stored(user)["profiles"] == {}
    assert user.run("profile", "list", "--json").json == []
    assert "There is no profile yet" in user.run("credit").err
    assert "There is no profile yet" in user.run("profile", "list").err


def test_deleting_messages_is_asked_for(user: Shell):
    user.run("send", "--to", "0521110001", "--message", "Hi")
    refused = user.run("profile", "remove", "vip", "--delete-messages")
    assert (refused.code, "nobody to ask" in refused.err) == (2, True)
    no = user.run("profile", "remove", "vip", "--delete-messages", stdin=Terminal("no\n"), stderr=Terminal())
    assert "Nothing was removed" in no.err
    assert (user.data / "vip.db").exists()
    assert "vip" in stored(user)["profiles"]
    yes = user.run("profile", "remove", "vip", "--delete-messages", stdin=Terminal("yes\n"), stderr=Terminal())
    assert "Its messages are deleted." in yes.out
    assert list(user.data.iterdir()) == []


def test_what_changed_as_json(user: Shell, gateway: Gateway):
    user.profile(gateway.url, "other", token="x")
    assert user.run("profile", "use", "other", "--json").json["default"] is True
    assert user.run("profile", "remove", "vip", "--json").json == {
        "removed": "vip", "messages": None, "default": "other",
    }  # fmt: skip
    assert add(user, gateway, "third", "--json").json["name"] == "third"


def test_profile_needs_an_action(user: Shell):
    done = user.run("profile")
    assert done.code == 2
    assert "add, list, show, remove, use or check" in done.err


# check


def test_check(user: Shell, gateway: Gateway):
    assert user.run("profile", "check").out == "“vip” works: demo (Demo Shop), credit 1000.\n"
    assert user.run("profile", "check", "--json").json["ok"] is True
    gateway.fault("no-query")
    assert user.run("profile", "check").out == "“vip” works: demo, credit 1000.\n"
    gateway.fault("down")
    assert user.run("profile", "check").code == 5


def test_check_explains_with_the_password(user: Shell, gateway: Gateway):
    user.profile(gateway.url, "old", token="an-old-token")
    bare = user.run("profile", "check", "old")
    assert bare.code == 3
    assert "with the password tells which" in bare.err
    done = user.run("profile", "check", "old", "--password-stdin", "--json", stdin=PASSWORD)
    assert done.code == 3
    assert done.json == {
        "profile": "old", "ok": False, "username": "demo", "credit": None, "verdict": "token_differs",
    }  # fmt: skip
    assert "another token" in done.err
    assert TOKEN not in done.out + done.err


# the demo


def test_the_demo_has_one_account_and_keeps_none(shell: Shell):
    assert shell.run("profile", "list", "--demo", "--json").json[0]["name"] == "demo"
    assert "demo-token" not in shell.run("profile", "show", "--demo").out
    assert shell.run("profile", "check", "--demo").code == 0
    for argv in (["add", "x"], ["remove", "x"], ["use", "x"]):
        assert shell.run("profile", *argv, "--demo").code == 2
    assert shell.touched() == []
