"""``voipe-tui profile add``: from a few questions to an account that works."""

from __future__ import annotations

import re
import shlex
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeVar

from voipe_tui.cli.context import Context
from voipe_tui.cli.profile import print_profile
from voipe_tui.cli.profile_check import Tried, described, diagnosed, try_account
from voipe_tui.cli.prompts import ask, ask_secret, can_ask, first_line_of_input
from voipe_tui.cli.wiring import make_client, require_no_demo
from voipe_tui.client.doors import doors_of, through_a_door
from voipe_tui.config.paths import check_profile_name
from voipe_tui.config.profiles import Profile, Profiles, check_profile, load_profiles, update_profiles
from voipe_tui.errors import (
    AuthenticationError,
    ExitCode,
    GatewayError,
    InputError,
)

VOIPE_URL = "https://sms.voipe.co.il/playsms/api.php"
_SENDERS = re.compile(r"\s*,\s*")

Transport = Literal["json", "form"]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Secret:
    """What lets us in while the account is added: the token, the password that fetches it, or neither yet."""

    token: str = ""
    password: str = ""


def run(context: Context) -> int:
    """Asks, tries, stores. Nothing is stored when the account does not work, unless ``--no-check`` says so."""
    require_no_demo(context, "keeps no profiles")
    if isinstance(context.options.token, str):
        raise InputError(
            "A token on the command line can be seen by everybody on this machine and stays in the shell's history. "
            "Nothing was stored.",
            hint="Leave it out after --token: it is read from standard input or asked for. Make a new token, too.",
        )
    name = _name(context)
    profile = _described_profile(context, name)
    _require_free(context, load_profiles(context.paths), name)
    secret = _secret(context, profile)
    check_profile(profile)
    return context.run_async(lambda: _add(context, profile, secret))


async def _add(context: Context, profile: Profile, secret: Secret) -> int:
    tried: Tried | None = None
    if secret.password:
        profile, secret = await _with_fetched_token(context, profile, secret)
    if not context.options.no_check:
        profile, secret, tried = await _tried(context, profile, secret)
    profile = _with_token(context, profile, secret.token)
    saved = _store(context, profile)
    is_default = saved.default == profile.name
    if context.as_json:
        print_profile(context, profile, is_default=is_default)
        return ExitCode.DONE
    said = f": {described(profile, tried)}" if tried is not None else ", untried"
    context.console.out(f"The profile “{profile.name}” is stored{said}.")
    if is_default:
        context.console.out("It is the default profile.")
    else:
        context.console.out(f"The default is “{saved.default}”; “voipe-tui profile use {profile.name}” changes it.")
    return ExitCode.DONE


# What was asked for


def _name(context: Context) -> str:
    options = context.options
    name = options.name or options.profile
    if not name:
        name = ask(context, "Name of the profile", "default") if can_ask(context) else ""
    if not name:
        raise InputError("The profile needs a name. Nothing was stored.", hint="voipe-tui profile add NAME …")
    return check_profile_name(name)


def _require_free(context: Context, profiles: Profiles, name: str) -> None:
    if name in profiles.by_name and not context.options.replace:
        raise InputError(
            f"There is a profile “{name}” already. Nothing was stored.",
            hint="Choose another name, or say --replace.",
        )


def _described_profile(context: Context, name: str) -> Profile:
    """The profile as the options and the answers describe it, without its token yet; every value is checked."""
    options = context.options
    url = (options.url or _asked(context, "--url", "Address of the gateway", VOIPE_URL)).strip()
    if "://" not in url:
        url = f"https://{url}"
    username = options.username or _asked(context, "--username", "User name")
    values: dict[str, Any] = {
        "sender": options.sender,
        "senders": tuple(filter(None, _SENDERS.split(options.senders.strip()))) if options.senders else None,
        "sender_max": options.sender_max,
        "region": options.region.upper() if options.region else None,
        "timezone": options.timezone,
        "footer": options.footer,
        "ca_file": options.ca_file,
        "allow_plain_http": options.allow_plain_http or None,
        "low_credit": _amount(options.low_credit) if options.low_credit is not None else None,
        "token_env": options.token_env,
        "token_command": tuple(_command(options.token_command)) if options.token_command else None,
        "token_keyring": options.token_keyring or None,
        "transport": options.transport or doors_of(url)[0],
    }
    given = {key: value for key, value in values.items() if value is not None}
    profile = replace(Profile(name, url, username.strip()), **given)
    check_profile(profile)
    return profile


def _asked(context: Context, option: str, question: str, default: str = "") -> str:
    answer = ask(context, question, default) if can_ask(context) else ""
    if not answer:
        raise InputError(
            f"{option} is missing. Nothing was stored.", hint="“voipe-tui profile add --help” explains it."
        )
    return answer


def _command(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise InputError(f"--token-command cannot be read: {error}. Nothing was stored.") from None


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise InputError("--low-credit must be a number. Nothing was stored.") from None


# The token


def _secret(context: Context, profile: Profile) -> Secret:
    """From standard input, a prompt, or the place that the profile names."""
    options = context.options
    if profile.token_env or profile.token_command:
        from voipe_tui.cli.wiring import token_of

        return Secret(token="" if options.no_check else token_of(context, profile))
    if options.password_stdin:
        return Secret(password=first_line_of_input(context, "password"))
    if not can_ask(context):
        if options.token or options.token_keyring:
            return _token(context, first_line_of_input(context, "token"))
        raise InputError(
            "There is no token. Nothing was stored.",
            hint="Give it on standard input with --token, or use --password-stdin, --token-env or --token-command.",
        )
    token = ask_secret(context, "Token (empty: fetch it with the password)")
    if token:
        return _token(context, token)
    password = ask_secret(context, "Password")
    if not password:
        raise InputError("There is neither token nor password. Nothing was stored.")
    return Secret(password=password)


def _token(context: Context, token: str) -> Secret:
    from voipe_tui.cli.log import set_up

    set_up(context, token)
    if any(character.isspace() or not character.isprintable() for character in token):
        raise InputError("A token has no spaces in it. Nothing was stored.")
    return Secret(token=token)


# Trying it


async def _with_fetched_token(context: Context, profile: Profile, secret: Secret) -> tuple[Profile, Secret]:
    """The token for the password; an error says why it is not handed out (100, 104, 105, 106)."""

    async def fetch(candidate: Profile) -> str:
        async with make_client(context, candidate, "") as client:
            return (await client.get_token(secret.password)).token

    try:
        profile, token = await _through_a_door(context, profile, fetch)
    except GatewayError as error:
        error.message = f"{error.message} Nothing was stored."
        raise
    return profile, replace(secret, token=_token(context, token).token)


async def _tried(context: Context, profile: Profile, secret: Secret) -> tuple[Profile, Secret, Tried]:
    """The account was let in, with the transport that it answered on. Raises what is wrong, as exactly as can be."""

    async def attempt(candidate: Profile) -> Tried:
        return await try_account(context, candidate, secret.token)

    try:
        profile, tried = await _through_a_door(context, profile, attempt)
    except AuthenticationError as error:
        diagnosis = await diagnosed(context, profile, secret.token, secret.password)
        if diagnosis is None:
            error.hint = "With --password-stdin and the password the gateway tells which it is."
            raise _not_stored(error) from None
        if diagnosis.verdict == "token_differs":
            context.console.say("The account has another token by now; that one is used.")
            present = _token(context, diagnosis.token)
            return profile, present, await try_account(context, profile, present.token)
        raise _not_stored(AuthenticationError(diagnosis.sentence, hint=diagnosis.hint, code=diagnosis.code)) from None
    except GatewayError as error:
        raise _not_stored(error) from None
    return profile, secret, tried


async def _through_a_door(
    context: Context, profile: Profile, attempt: Callable[[Profile], Awaitable[Answer]]
) -> tuple[Profile, Answer]:
    """What ``attempt`` gives, and the profile with the transport on which it gave it."""
    doors = (profile.transport,) if context.options.transport is not None else doors_of(profile.url)
    door, answer = await through_a_door(doors, lambda each: attempt(replace(profile, transport=each)))
    return replace(profile, transport=door), answer


def _not_stored(error: GatewayError) -> GatewayError:
    error.message = f"{error.message} Nothing was stored."
    error.hint = f"{error.hint} --no-check stores it all the same.".strip()
    return error


# Storing it


def _with_token(context: Context, profile: Profile, token: str) -> Profile:
    if profile.token_env or profile.token_command:
        return profile
    if profile.token_keyring:
        from voipe_tui.config.secrets import store_token_in_keyring

        store_token_in_keyring(profile.name, token)
        return profile
    return replace(profile, token=token)


def _store(context: Context, profile: Profile) -> Profiles:
    def added(profiles: Profiles) -> Profiles:
        _require_free(context, profiles, profile.name)
        more = profiles.with_profile(profile)
        return more.with_default(profile.name) if context.options.use else more

    return update_profiles(context.paths, added)
