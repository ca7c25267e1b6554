"""The opt-out list on the command line: who is on it, and who asks to be and waits for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import NamedTuple

from voipe_tui.cli.context import Context
from voipe_tui.cli.wiring import open_store
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import InputError
from voipe_tui.text.numbers import Recipient


class LeftOut(NamedTuple):
    """E.164 numbers: on the list, and those whose message asks for it."""

    listed: frozenset[str] = frozenset()
    asking: frozenset[str] = frozenset()


def left_out(context: Context, profile: Profile) -> LeftOut:
    """What the profile's store knows; nothing where there is none yet."""
    if context.demo or not context.paths.database(profile.name).exists():
        return LeftOut()
    with closing(open_store(context, profile)) as store:
        while store.opt_outs.look(profile.opt_out_words):
            pass
        listed = frozenset(each.key for each in store.opt_outs.all())
        return LeftOut(listed, frozenset(each.key for each in store.opt_outs.proposals()))


def refuse_opted_out(recipients: Sequence[Recipient], known: LeftOut) -> None:
    """Raises InputError that names the recipients who must not be written to."""
    out = [each.wire for each in recipients if (each.e164 or each.wire) in known.listed]
    if out:
        named = ", ".join(out[:10]) + (f" and {len(out) - 10} more" if len(out) > 10 else "")
        asked = "has" if len(out) == 1 else "have"
        raise InputError(
            f"{named} {asked} asked not to be written to. Nothing was sent.",
            hint="Take them out, or say --even-opted-out if it must be.",
        )
