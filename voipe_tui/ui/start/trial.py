"""Trying an account before it is stored: which door it has, whether it lets us in, and if not, exactly why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voipe_tui.errors import (
    AuthenticationError,
    ConfigError,
    InputError,
    UnsupportedError,
    VoipeError,
)

if TYPE_CHECKING:
    from decimal import Decimal

    from voipe_tui.client import GatewayClient
    from voipe_tui.config.profiles import Profile


@dataclass(frozen=True)
class Form:
    """The first-start form as typed. Secrets are not part of its repr."""

    name: str
    url: str
    username: str
    sender: str = ""

    def profile(self) -> Profile:
        """A profile without its secret; raises InputError that names what is missing or wrong."""
        from voipe_tui.config.paths import is_profile_name
        from voipe_tui.config.profiles import Profile

        problems = []
        if not self.url.strip():
            problems.append("The gateway's address is missing, for example https://sms.example.com/playsms/.")
        if not self.username.strip():
            problems.append("The user name is missing.")
        if not is_profile_name(self.name.strip()):
            problems.append("The profile's name may have letters, digits, dot, dash and underscore; 64 at most.")
        if problems:
            raise InputError("\n".join(problems))
        url = self.url.strip()
        if "://" not in url:
            url = f"https://{url}"
        sender = self.sender.strip()
        return Profile(name=self.name.strip(), url=url, username=self.username.strip(), sender=sender)


@dataclass(frozen=True)
class Passed:
    """The account works: the profile with its token, and what is left."""

    profile: Profile
    credit: Decimal | None


Client = Callable[["Profile"], "GatewayClient"]


async def try_account(profile: Profile, token: str, password: str, client: Client) -> Passed:
    """Asks the gateway. Raises the error that explains why the account cannot be used; nothing is stored or sent."""
    if not (token or password):
        raise InputError("A token or a password is needed; with a password the token is asked for.")
    from voipe_tui.client.doors import doors_of, through_a_door

    _, passed = await through_a_door(
        doors_of(profile.url), lambda door: _through(replace(profile, transport=door), token, password, client)
    )
    return passed


async def _through(profile: Profile, token: str, password: str, client: Client) -> Passed:
    if not token:
        token = await _token_for(profile, password, client)
    known = replace(profile, token=token)
    gateway = client(known)
    try:
        credit = (await gateway.query()).account.credit
    except UnsupportedError:
        credit = (await gateway.credit()).amount
    except AuthenticationError:
        if password:
            diagnosis = await gateway.diagnose(password)
            raise AuthenticationError(diagnosis.sentence, hint=diagnosis.hint, code=diagnosis.code) from None
        raise
    finally:
        await gateway.aclose()
    return Passed(known, credit)


async def _token_for(profile: Profile, password: str, client: Client) -> str:
    gateway = client(profile)
    try:
        return (await gateway.get_token(password)).token
    finally:
        await gateway.aclose()


def explain(error: VoipeError, *, with_password: bool = False) -> list[tuple[str, str]]:
    """(tone, text): what happened, what it means, what to do."""
    said = [("bad", f"✗ {error.title}.")] if not isinstance(error, InputError | ConfigError) else []
    code = getattr(error, "code", None)
    if isinstance(error, AuthenticationError) and code is not None:
        said[0] = ("bad", f"✗ {error.title} (ERR {code}).")
    said += [("bad" if not said else "text", text) for text in error.message.split("\n")]
    if isinstance(error, AuthenticationError) and code == 100:
        # The error's own hint names a command line that is of no use in a form.
        if not with_password:
            said.append(("warn", "Fill in the password as well to learn which of the causes it is."))
        said.append(("muted", "Not too often: repeated failures can get this address blocked."))
    elif error.hint:
        said.append(("warn", error.hint))
    said.append(("muted", "Nothing was stored; everything you typed is still here."))
    return said
