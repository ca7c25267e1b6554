"""``account`` and ``contacts``: what the gateway knows of the user, and the numbers it has names for."""

from __future__ import annotations

from contextlib import closing

from voipe_tui.cli.cells import table
from voipe_tui.cli.context import Context
from voipe_tui.cli.credit import plain
from voipe_tui.cli.wiring import open_account, open_store, resolve_profile
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import ExitCode, UnsupportedError, VoipeError
from voipe_tui.store import Store
from voipe_tui.text.untrusted import safe_line

_KINDS = {2: "administrator", 3: "user", 4: "subuser"}


def account(context: Context) -> int:
    """Name, credit and abilities."""
    profile = resolve_profile(context)
    if context.options.offline:
        with closing(open_store(context, profile)) as store:
            _print_account(context, profile, store)
        return ExitCode.DONE
    return context.run_async(lambda: _asked_account(context, profile))


async def _asked_account(context: Context, profile: Profile) -> int:
    async with open_account(context, profile) as opened:
        code: int = ExitCode.DONE
        try:
            context.console.progress("asking the gateway …")
            await opened.engine.noticing(opened.engine.tick)
        except VoipeError as error:
            code = _said(context, error)
        _print_account(context, profile, opened.store)
        return code


def _said(context: Context, error: VoipeError) -> int:
    context.console.report(error)
    context.console.say("  What follows is what is stored here.")
    return int(error.exit_code)


def _print_account(context: Context, profile: Profile, store: Store) -> None:
    info, counts = store.facts.account(), store.counts()
    kind = "" if info.status is None else _KINDS.get(info.status, str(info.status))
    values: dict[str, object] = {
        "profile": profile.name,
        "url": profile.url,
        "username": info.username or profile.username,
        "kind": kind or None,
        "name": info.name or None,
        "email": info.email or None,
        "mobile": info.mobile or None,
        "credit": None if info.credit is None else plain(info.credit),
        "credit_at": context.iso(info.credit_at),
        "low": info.credit is not None and info.credit < profile.low_credit,
        "inbox": counts.inbox,
        "unread": counts.unread,
        "outbox": counts.outbox,
        "can": dict(sorted(info.capabilities.items())),
    }
    if context.as_json:
        context.console.out_object(values)
        return
    able = [name for name, can in sorted(info.capabilities.items()) if can]
    lacking = [name for name, can in sorted(info.capabilities.items()) if not can]
    values["can"] = ", ".join(able) + (f"; not: {', '.join(lacking)}" if lacking else "")
    values["low"] = f"below {plain(profile.low_credit)}" if values["low"] else None
    width = max(map(len, values))
    for name, value in values.items():
        if value not in (None, ""):
            context.console.out(f"{name.replace('_', ' '):{width}}  {safe_line(str(value))}")


def contacts(context: Context) -> int:
    """The phone book, or what is found in it."""
    profile = resolve_profile(context)
    if context.options.offline:
        with closing(open_store(context, profile)) as store:
            _print_contacts(context, store)
        return ExitCode.DONE
    return context.run_async(lambda: _asked_contacts(context, profile))


async def _asked_contacts(context: Context, profile: Profile) -> int:
    async with open_account(context, profile) as opened:
        code: int = ExitCode.DONE
        try:
            context.console.progress("asking the gateway …")
            await opened.engine.contacts.refresh()
            if opened.store.facts.account().capabilities.get("contacts") is False:
                raise UnsupportedError("This gateway does not hand out contacts.")
        except VoipeError as error:
            code = _said(context, error)
        _print_contacts(context, opened.store)
        return code


def _print_contacts(context: Context, store: Store) -> None:
    words = " ".join(context.options.words)
    if context.options.groups:
        groups = store.people.groups(words)
        if context.as_json:
            context.console.out_array({"code": code, "name": name} for code, name in groups)
            return
        rows = [(f"#{code}", name) for code, name in groups]
        titles: tuple[str, ...] = ("GROUP", "NAME")
    else:
        entries = store.people.book(words)
        if context.as_json:
            context.console.out_array(
                {"number": each.number, "name": each.name, "email": each.email or None, "tags": each.tags or None}
                for each in entries
            )
            return
        rows = [(each.number, each.name, each.email, each.tags) for each in entries]  # type: ignore[misc]
        titles = ("NUMBER", "NAME", "EMAIL", "TAGS")
    if not rows:
        context.console.say("Nobody is called so." if words else "The book is empty.")
        return
    for line in table(titles, rows, context.console.width):
        context.console.out(line)
