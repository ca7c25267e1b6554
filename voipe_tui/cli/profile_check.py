"""Trying an account, and saying exactly what is wrong with it; ``voipe-tui profile check``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from voipe_tui.cli.context import Context
from voipe_tui.cli.credit import plain
from voipe_tui.cli.prompts import ask_secret, can_ask, first_line_of_input
from voipe_tui.cli.wiring import make_client, resolve_profile, token_of
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import AuthenticationError, ExitCode, UnsupportedError
from voipe_tui.text.untrusted import safe_line

if TYPE_CHECKING:
    from voipe_tui.client import Diagnosis


@dataclass(frozen=True)
class Tried:
    """What the gateway said when the account was let in; ``name`` is empty where it does not tell."""

    credit: Decimal | None
    name: str = ""


def check(context: Context) -> int:
    """Tries the stored account. The error that explains it is raised; with the password it is told more exactly."""
    profile = resolve_profile(context, context.options.name)
    token = token_of(context, profile)
    password = first_line_of_input(context, "password") if context.options.password_stdin else ""
    return context.run_async(lambda: _check(context, profile, token, password))


async def _check(context: Context, profile: Profile, token: str, password: str) -> int:
    try:
        tried = await try_account(context, profile, token)
    except AuthenticationError as error:
        diagnosis = await diagnosed(context, profile, token, password)
        if context.as_json:
            verdict = diagnosis.verdict if diagnosis is not None else None
            context.console.out_object(
                {"profile": profile.name, "ok": False, "username": profile.username, "credit": None, "verdict": verdict}
            )
        if diagnosis is None:
            raise
        raise AuthenticationError(
            f"{error.message} {diagnosis.sentence}", hint=diagnosis.hint or error.hint, code=diagnosis.code
        ) from None
    credit = None if tried.credit is None else plain(tried.credit)
    if context.as_json:
        context.console.out_object(
            {"profile": profile.name, "ok": True, "username": profile.username, "credit": credit, "verdict": "ok"}
        )
    else:
        context.console.out(f"“{profile.name}” works: {described(profile, tried)}.")
    return ExitCode.DONE


def described(profile: Profile, tried: Tried) -> str:
    """``demo (Demo Shop), credit 995``."""
    name = f" ({safe_line(tried.name)})" if tried.name else ""
    return f"{profile.username}{name}" + ("" if tried.credit is None else f", credit {plain(tried.credit)}")


async def try_account(context: Context, profile: Profile, token: str) -> Tried:
    """One cheap question to the gateway. Raises what is wrong, from the certificate to ERR 100."""
    async with make_client(context, profile, token) as client:
        try:
            account = (await client.query()).account
        except UnsupportedError:
            # Gateways of 2021 may lack it; the credit every gateway tells.
            return Tried((await client.credit()).amount)
        return Tried(account.credit, account.name)


async def diagnosed(context: Context, profile: Profile, token: str, password: str) -> Diagnosis | None:
    """Why the token is refused (trap 29): asks for the password where nobody gave one. None if nobody can say."""
    if not password and can_ask(context):
        context.console.say("The gateway refuses the token. With the password it would tell why.")
        password = ask_secret(context, f"Password of {profile.username} (empty: skip)")
    if not password:
        return None
    async with make_client(context, profile, token) as client:
        return await client.diagnose(password)
