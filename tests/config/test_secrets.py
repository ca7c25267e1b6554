"""Where tokens come from; nothing of them in any error."""

import subprocess
import sys
import traceback
from collections.abc import Mapping
from typing import Any

import keyring
import keyring.backend
import keyring.errors
import pytest

from voipe_tui.config.profiles import Profile
from voipe_tui.config.secrets import forget_token_in_keyring, resolve_token, store_token_in_keyring
from voipe_tui.errors import ConfigError

SECRET = "s3cr3t-t0k3n-0123456789abcdef"


def profile(**values: Any) -> Profile:
    return Profile(name="vip", url="https://sms.example.com/playsms/api.php", username="vipuser", **values)


def python(code: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *arguments)


def refused(owner: Profile, environ: Mapping[str, str] | None = None, **options: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        resolve_token(owner, environ or {}, **options)
    whole = "".join(traceback.format_exception(caught.value))
    assert SECRET not in f"{caught.value} {caught.value!r} {caught.value.hint} {whole}"
    assert "vip" in caught.value.message or "keyring" in caught.value.message
    assert "Nothing was sent." in caught.value.message
    return caught.value


def test_a_token_in_the_profile() -> None:
    assert resolve_token(profile(token=SECRET), {}) == SECRET


def test_no_source_says_what_to_do() -> None:
    assert "token_command" in refused(profile()).hint


def test_a_variable() -> None:
    assert resolve_token(profile(token_env="VOIPE_TOKEN"), {"VOIPE_TOKEN": f" {SECRET}\n"}) == SECRET


@pytest.mark.parametrize("environ", [{}, {"VOIPE_TOKEN": ""}, {"VOIPE_TOKEN": "  "}])
def test_an_empty_variable_is_named(environ: dict[str, str]) -> None:
    assert "VOIPE_TOKEN" in refused(profile(token_env="VOIPE_TOKEN"), environ).message


@pytest.mark.parametrize("value", [f"{SECRET} {SECRET}", f"{SECRET}\n{SECRET}", f"{SECRET}\x1b[31m"])
def test_what_cannot_be_a_token_is_refused_unseen(value: str) -> None:
    refused(profile(token_env="T"), {"T": value})


def test_a_command_gives_its_first_line() -> None:
    command = python(f"print({SECRET!r}); print('user: vipuser')")
    assert resolve_token(profile(token_command=command), {}) == SECRET


def test_a_command_sees_the_given_environment_and_no_shell() -> None:
    command = python("import os,sys; print(os.environ['WHERE'] + sys.argv[1])", "$HOME;`id`")
    assert resolve_token(profile(token_command=command), {"WHERE": "here"}) == "here$HOME;`id`"


def test_a_command_gets_no_input() -> None:
    assert resolve_token(profile(token_command=python("import sys; print(repr(sys.stdin.read()))")), {}) == "''"


def test_a_missing_program_is_named_without_its_arguments() -> None:
    error = refused(profile(token_command=("no-such-program-here", SECRET)))
    assert "“no-such-program-here” was not found" in error.message


def test_a_program_that_may_not_be_run(tmp_path: Any) -> None:
    assert "cannot be run" in refused(profile(token_command=(str(tmp_path),))).message


def test_a_failing_command_tells_its_code_and_no_secret() -> None:
    command = python(
        f"import sys; print({SECRET!r}); print('no key: {SECRET} \\x1b[31m', file=sys.stderr); sys.exit(3)"
    )
    error = refused(profile(token_command=command))
    assert "exit code 3" in error.message
    assert "no key: …" in error.message
    assert "\x1b" not in error.message


def test_a_silent_failure() -> None:
    assert refused(profile(token_command=python("import sys; sys.exit(1)"))).message.count("“") == 2


def test_a_command_that_prints_nothing() -> None:
    assert "there is none" in refused(profile(token_command=python("pass"))).message


def test_a_command_that_prints_no_text() -> None:
    refused(profile(token_command=python("import sys; sys.stdout.buffer.write(b'\\xff\\xfe')")))


def test_a_command_that_hangs_is_given_up_after_ten_seconds() -> None:
    asked: dict[str, Any] = {}

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        asked.update(options)
        raise subprocess.TimeoutExpired(command, options["timeout"], output=SECRET.encode())

    assert "within 10 seconds" in refused(profile(token_command=("pass", "show")), run=run).message
    assert asked["timeout"] == 10
    assert not asked.get("shell")


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that forgets when the test ends."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise keyring.errors.KeyringLocked(SECRET)
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise keyring.errors.PasswordSetError(SECRET)
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def memory_keyring() -> Any:
    before = keyring.get_keyring()
    memory = MemoryKeyring()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def test_the_keyring_keeps_and_forgets(memory_keyring: MemoryKeyring) -> None:
    store_token_in_keyring("vip", SECRET)
    assert memory_keyring.kept == {("voipe-tui", "vip"): SECRET}
    assert resolve_token(profile(token_keyring=True), {}) == SECRET
    forget_token_in_keyring("vip")
    forget_token_in_keyring("vip")
    assert not memory_keyring.kept
    assert "the keyring" in refused(profile(token_keyring=True)).message


def test_a_locked_keyring_says_so(memory_keyring: MemoryKeyring) -> None:
    memory_keyring.locked = True
    assert "KeyringLocked" in refused(profile(token_keyring=True)).message
    with pytest.raises(ConfigError, match="PasswordSetError") as caught:
        store_token_in_keyring("vip", SECRET)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_without_the_package_the_command_to_install_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert 'pip install "voipe-tui[keyring]"' in refused(profile(token_keyring=True)).hint
