"""``voipe-tui send --waiting``: orders of an earlier run that ended before they left, and what to do with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from voipe_tui.cli.context import Context
from voipe_tui.cli.wiring import GRACE_SECONDS, open_account, open_store
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import ExitCode, InputError

if TYPE_CHECKING:
    from voipe_tui.store import Store


def run(context: Context, profile: Profile) -> int:
    """``list`` shows them, ``send`` sends them now, ``cancel`` ends them."""
    if context.options.to or context.options.message is not None:
        raise InputError("--waiting is about orders of an earlier run: give it without --to and --message.")
    jobs: dict[str, Callable[[Context, Profile], int]] = {"list": _list, "send": _send, "cancel": _cancel}
    return jobs[context.options.waiting](context, profile)


def _ids(store: Store) -> list[int]:
    return [intent.message_id for intent in store.journal.kept_from_before()]


def _list(context: Context, profile: Profile) -> int:
    from voipe_tui.cli.rows import print_rows

    with closing(open_store(context, profile)) as store:
        rows = list(store.get(_ids(store)).values())
        print_rows(context, profile, rows)
    return ExitCode.DONE


def _cancel(context: Context, profile: Profile) -> int:
    with closing(open_store(context, profile)) as store:
        done = store.journal.cancel(_ids(store), note="Cancelled by you before it left.", unknown=False)
    context.console.say(f"voipe-tui: {len(done):,} cancelled; nothing of them was sent")
    return ExitCode.DONE


def _send(context: Context, profile: Profile) -> int:
    return context.run_async(lambda: _deliver(context, profile))


async def _deliver(context: Context, profile: Profile) -> int:
    from voipe_tui.cli.delivery import Delivery, report

    async with open_account(context, profile) as account:
        ids = account.store.journal.send_waiting(_ids(account.store))
        if not ids:
            context.console.say("voipe-tui: nothing of an earlier run is waiting")
            return ExitCode.DONE
        delivery = Delivery(context, account, ids=ids)
        context.unexpected_code = ExitCode.UNKNOWN
        try:
            await delivery.hand_over()
            await delivery.follow(context.options.wait)
        except asyncio.CancelledError:
            await account.engine.stop(GRACE_SECONDS)
            delivery.cancel_unsent()
            report(context, profile, delivery, waited=False)
            raise
        return report(context, profile, delivery, waited=context.options.wait is not None)


def remind(context: Context, store: Store) -> None:
    """Says that something is waiting; it is not sent by itself."""
    waiting = len(_ids(store))
    if waiting:
        orders = "an order of an earlier run is" if waiting == 1 else f"{waiting:,} orders of an earlier run are"
        context.console.say(
            f"note: {orders} still waiting; “voipe-tui send --waiting list” shows, send or cancel ends it"
        )
