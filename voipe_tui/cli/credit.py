"""``voipe-tui credit``: what is left, exactly."""

from __future__ import annotations

from decimal import Decimal

from voipe_tui.cli.context import Context
from voipe_tui.cli.wiring import open_account, resolve_profile
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import ExitCode


def run(context: Context) -> int:
    """Asks the gateway and prints the amount alone, so that a script can compare it."""
    profile = resolve_profile(context)
    return context.run_async(lambda: _ask(context, profile))


async def _ask(context: Context, profile: Profile) -> int:
    async with open_account(context, profile) as account:
        amount = (await account.client.credit()).amount
        now = context.world.clock()
        account.store.facts.set_credit(amount, now)
        low = amount < profile.low_credit
        if context.as_json:
            context.console.out_object(
                {
                    "profile": profile.name,
                    "credit": plain(amount),
                    "credit_at": context.iso(now),
                    "low_credit": plain(profile.low_credit),
                    "low": low,
                }
            )
        else:
            context.console.out(plain(amount))
        if low:
            context.console.say(
                f"voipe-tui: the credit of “{profile.name}” is low: {plain(amount)}, below {plain(profile.low_credit)}"
            )
    return ExitCode.DONE


def plain(amount: Decimal) -> str:
    """A decimal number without exponent and without grouping: ``1204.50``."""
    return f"{amount:f}"
