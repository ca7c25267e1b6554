"""``voipe-tui send``: from the options to an exit code that a script can rely on."""

from __future__ import annotations

import asyncio

from voipe_tui.cli.cells import table
from voipe_tui.cli.context import Context
from voipe_tui.cli.opted_out import left_out, refuse_opted_out
from voipe_tui.cli.order import Order, read_order, schedule_for, size_of
from voipe_tui.cli.wiring import GRACE_SECONDS, Account, open_account, open_store, resolve_profile
from voipe_tui.cli.world import is_terminal
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import ExitCode


def run(context: Context) -> int:
    """Sends, or shows what would be sent."""
    profile = resolve_profile(context)
    if context.options.waiting:
        from voipe_tui.cli.waiting import run as run_waiting

        return run_waiting(context, profile)
    order = read_order(context, profile)
    if not context.options.even_opted_out:
        refuse_opted_out(order.recipients, left_out(context, profile))
    if context.options.dry_run:
        return _show(context, profile, order)
    if is_terminal(context.world.stderr) and not context.as_json:
        for warning in order.warnings:
            context.console.say(f"note: {warning}")
    return context.run_async(lambda: _send(context, profile, order))


async def _send(context: Context, profile: Profile, order: Order) -> int:
    from voipe_tui.cli.delivery import Delivery, report
    from voipe_tui.cli.waiting import remind

    async with open_account(context, profile) as account:
        remind(context, account.store)
        messages = order.messages(profile, _schedule(context, account, order))
        delivery = Delivery(context, account, messages)
        context.unexpected_code = ExitCode.UNKNOWN
        try:
            await delivery.hand_over()
            await delivery.follow(context.options.wait)
        except asyncio.CancelledError:
            # Interrupted: what is on its way gets a moment, what has not left is cancelled, and the rows say it all.
            context.console.say("voipe-tui: ending; answers that are on their way are waited for a moment")
            await account.engine.stop(GRACE_SECONDS)
            delivery.cancel_unsent()
            report(context, profile, delivery, waited=False)
            raise
        return report(context, profile, delivery, waited=context.options.wait is not None)


def _schedule(context: Context, account: Account, order: Order) -> str | None:
    if order.moment is None:
        return None
    return schedule_for(order.moment, account.profile, account.engine.zones, context.world.clock())


# --dry-run


def _show(context: Context, profile: Profile, order: Order) -> int:
    """Each recipient as it would be sent; stores nothing."""
    schedule = _dry_schedule(context, profile, order)
    size = size_of(order.text, profile.footer)
    sender = order.sender or None
    if context.as_json:
        context.console.out_array(
            {
                "typed": recipient.typed,
                "kind": recipient.kind,
                "number": recipient.wire,
                "sender": sender,
                "text": order.text,
                "encoding": size.encoding,
                "characters": size.characters,
                "units": size.units,
                "parts": size.parts,
                "flash": order.flash,
                "schedule": context.iso(order.moment.timestamp()) if order.moment else None,
                "gateway_schedule": schedule,
                "warnings": [*([recipient.warning] if recipient.warning else []), *order.warnings],
            }
            for recipient in order.recipients
        )
        return ExitCode.DONE
    rows = [
        (recipient.wire, size.encoding, str(size.parts), order.sender or "(the account's)", recipient.warning or "")
        for recipient in order.recipients
    ]
    for line in table(("NUMBER", "ENCODING", "PARTS", "SENDER", "WARNING"), rows, context.console.width):
        context.console.out(line)
    for warning in order.warnings:
        context.console.out(f"warning: {warning}")
    if order.moment is not None:
        context.console.out(f"to be sent at {order.moment:%Y-%m-%d %H:%M:%S %Z} ({schedule} at the gateway)")
    context.console.out("Nothing was sent.")
    return ExitCode.DONE


def _dry_schedule(context: Context, profile: Profile, order: Order) -> str | None:
    """The gateway's time of the schedule, without making a store where there is none."""
    if order.moment is None:
        return None
    now = context.world.clock()
    if profile.timezone or not context.paths.database(profile.name).exists():
        return schedule_for(order.moment, profile, None, now)
    from voipe_tui.sync.zones import Zones

    store = open_store(context, profile)
    try:
        return schedule_for(order.moment, profile, Zones(store, None), now)
    finally:
        store.close()
