"""Where a token comes from. It leaves this module as the return value and in no other way.

No shell is started, nothing is put into the environment, and no error holds what a program or a keyring gave.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from voipe_tui.config.profiles import Profile
from voipe_tui.config.toml_source import shown
from voipe_tui.errors import ConfigError

if TYPE_CHECKING:
    from subprocess import CompletedProcess

COMMAND_SECONDS: Final = 10.0
KEYRING_SERVICE: Final = "voipe-tui"

# Long runs without spaces in what a failed program says may be the secret itself.
_SECRETIVE: Final = re.compile(r"[^\s'\"“”:,;()]{16,}")
_MOST_SAID: Final = 120


Run = Callable[..., "CompletedProcess[bytes]"]


def resolve_token(profile: Profile, environ: Mapping[str, str], run: Run | None = None) -> str:
    """The token of ``profile`` from its one source; ``run`` stands in for ``subprocess.run``.

    ``token_command`` is run without a shell, with ``environ``, without input, for at most 10 seconds; the first line of
    its standard output is the token. Raises ConfigError that says which source failed and how, never what it gave.
    """
    if profile.token:
        return profile.token
    if profile.token_env:
        return _usable(environ.get(profile.token_env, ""), profile, f"the variable {profile.token_env}")
    if profile.token_command:
        return _usable(_said_by_command(profile, environ, run), profile, f"“{_program(profile)}”")
    if profile.token_keyring:
        return _usable(_from_keyring(profile.name), profile, "the keyring")
    raise ConfigError(
        f"Profile “{shown(profile.name)}” has no token. Nothing was sent.",
        hint="Give it token, token_env, token_command or token_keyring, or add the profile again.",
    )


def store_token_in_keyring(profile_name: str, token: str) -> None:
    """Keep ``token`` for a profile in the system's keyring. Raises ConfigError when there is none or it refuses."""
    keyring = _keyring()
    try:
        keyring.set_password(KEYRING_SERVICE, profile_name, token)
    except keyring.errors.KeyringError as error:
        raise _keyring_trouble(error) from None


def forget_token_in_keyring(profile_name: str) -> None:
    """Remove the token of a profile from the keyring; no matter if it was not there. Raises ConfigError."""
    keyring = _keyring()
    try:
        if keyring.get_password(KEYRING_SERVICE, profile_name) is not None:
            keyring.delete_password(KEYRING_SERVICE, profile_name)
    except keyring.errors.KeyringError as error:
        raise _keyring_trouble(error) from None


def _usable(token: str, profile: Profile, source: str) -> str:
    token = token.strip()
    if not token:
        raise ConfigError(
            f"Profile “{shown(profile.name)}” takes its token from {source}, but there is none. Nothing was sent.",
            hint="Put it there, or choose another source.",
        )
    if any(character.isspace() or not character.isprintable() for character in token):
        raise ConfigError(
            f"What {source} gave for profile “{shown(profile.name)}” has spaces or control characters in it and is no "
            "token. Nothing was sent.",
            hint="The token must stand alone on the first line.",
        )
    return token


def _program(profile: Profile) -> str:
    # Arguments can hold a secret; the name of the program does not.
    return shown(profile.token_command[0])


def _said_by_command(profile: Profile, environ: Mapping[str, str], run: Run | None) -> str:
    import subprocess

    runner: Run = run or subprocess.run
    name = _program(profile)
    try:
        done = runner(
            list(profile.token_command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=COMMAND_SECONDS,
            env=dict(environ),
            check=False,
        )
    except FileNotFoundError:
        raise _command_trouble(profile, f"the program “{name}” was not found") from None
    except subprocess.TimeoutExpired:
        raise _command_trouble(profile, f"“{name}” did not answer within {COMMAND_SECONDS:g} seconds") from None
    except (OSError, ValueError):
        raise _command_trouble(profile, f"“{name}” cannot be run") from None
    if done.returncode != 0:
        said = _harmless(done.stderr)
        raise _command_trouble(profile, f"“{name}” failed with exit code {done.returncode}{said}") from None
    try:
        lines = done.stdout.decode().splitlines()
    except UnicodeDecodeError:
        raise _command_trouble(profile, f"what “{name}” printed is not text") from None
    return lines[0] if lines else ""


def _harmless(stderr: bytes) -> str:
    """The first line of what a failed program said, with everything left out that could be a secret."""
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    if not lines:
        return ""
    return f" and said “{_SECRETIVE.sub('…', shown(lines[0]))[:_MOST_SAID]}”"


def _command_trouble(profile: Profile, what: str) -> ConfigError:
    return ConfigError(
        f"The token of profile “{shown(profile.name)}” is not there: {what}. Nothing was sent.",
        hint="Try the profile's token_command by hand; its first line must be the token.",
    )


def _from_keyring(profile_name: str) -> str:
    keyring = _keyring()
    try:
        return keyring.get_password(KEYRING_SERVICE, profile_name) or ""
    except keyring.errors.KeyringError as error:
        raise _keyring_trouble(error) from None


def _keyring() -> Any:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise ConfigError(
            "The system's keyring cannot be used: the package “keyring” is not installed. Nothing was sent.",
            hint='Install it with: pip install "voipe-tui[keyring]"',
        ) from None
    return keyring


def _keyring_trouble(error: Exception) -> ConfigError:
    return ConfigError(
        f"The system's keyring cannot be used ({type(error).__name__}). Nothing was sent.",
        hint="Unlock it, or use token_env or token_command instead.",
    )
