"""``voipe-tui profile list|show|remove|use``: the accounts as they are stored."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from voipe_tui.cli.cells import table
from voipe_tui.cli.context import Context
from voipe_tui.cli.credit import plain
from voipe_tui.cli.prompts import confirm
from voipe_tui.cli.wiring import demo_profile, require_no_demo, resolve_profile
from voipe_tui.config.profiles import Profile, Profiles, load_profiles, update_profiles
from voipe_tui.errors import ExitCode, InputError, StoreError

_LEFTOVERS = ("", "-wal", "-shm")


def missing(context: Context) -> int:
    """``profile`` alone says what it can do."""
    raise InputError(
        "“profile” needs an action: add, list, show, remove, use or check. Nothing was done.",
        hint="“voipe-tui profile --help” explains them.",
        title="This command line is not understood",
    )


def token_source(profile: Profile) -> str:
    """Where the token comes from, never the token."""
    if profile.token:
        return "profiles.toml"
    if profile.token_env:
        return f"the variable {profile.token_env}"
    if profile.token_command:
        # Arguments can hold a secret; the name of the program does not.
        return f"the command {profile.token_command[0]}"
    return "the system's keyring" if profile.token_keyring else "none"


def as_object(context: Context, profile: Profile, *, is_default: bool) -> dict[str, object]:
    """A profile as JSON, without its token."""
    return {
        "name": profile.name,
        "default": is_default,
        "url": profile.url,
        "transport": profile.transport,
        "username": profile.username,
        "token_source": "built in" if context.demo else token_source(profile),
        "sender": profile.sender,
        "senders": list(profile.senders),
        "sender_max": profile.sender_max,
        "region": profile.region,
        "timezone": profile.timezone or None,
        "footer": profile.footer,
        "ca_file": profile.ca_file or None,
        "allow_plain_http": profile.allow_plain_http,
        "low_credit": plain(profile.low_credit),
        "hold_seconds": profile.hold_seconds,
        "concurrency": profile.concurrency,
        "rate": profile.rate,
        "history": profile.history,
        "number_format": profile.number_format,
        "quiet_hours": profile.quiet_hours or None,
        "database": None if context.demo else str(context.paths.database(profile.name)),
    }


def _all(context: Context) -> Profiles:
    if context.demo:
        return Profiles(default="demo", by_name={"demo": demo_profile()})
    return load_profiles(context.paths)


def _is_default(profiles: Profiles, profile: Profile) -> bool:
    return profiles.default == profile.name or len(profiles.by_name) == 1


def list_all(context: Context) -> int:
    """All accounts."""
    profiles = _all(context)
    if context.as_json:
        context.console.out_array(
            as_object(context, profile, is_default=_is_default(profiles, profile))
            for profile in profiles.by_name.values()
        )
        return ExitCode.DONE
    if not profiles.by_name:
        context.console.say("There is no profile yet. Add one with “voipe-tui profile add”.")
        return ExitCode.DONE
    rows = [
        (
            "*" if _is_default(profiles, profile) else "",
            profile.name,
            urlsplit(profile.url).hostname or "",
            profile.username,
            "built in" if context.demo else token_source(profile),
        )
        for profile in profiles.by_name.values()
    ]
    for line in table(("", "NAME", "HOST", "USER", "TOKEN FROM"), rows, context.console.width):
        context.console.out(line)
    return ExitCode.DONE


def show(context: Context) -> int:
    """One account."""
    profiles = _all(context)
    profile = resolve_profile(context, context.options.name)
    print_profile(context, profile, is_default=_is_default(profiles, profile))
    return ExitCode.DONE


def print_profile(context: Context, profile: Profile, *, is_default: bool) -> None:
    """An account as JSON or as lines of key and value."""
    values = as_object(context, profile, is_default=is_default)
    if context.as_json:
        context.console.out_object(values)
        return
    longest = max(map(len, values))
    for key, value in values.items():
        context.console.out(f"{key.replace('_', ' '):<{longest}}  {_shown(value)}".rstrip())


def _shown(value: object) -> str:
    from voipe_tui.text.untrusted import safe_line

    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return safe_line(", ".join(value))
    return "" if value is None else safe_line(str(value))


def use(context: Context) -> int:
    """Another default account."""
    require_no_demo(context, "has one account only")
    saved = update_profiles(context.paths, lambda profiles: profiles.with_default(context.options.name))
    if context.as_json:
        print_profile(context, saved.get(context.options.name), is_default=True)
    else:
        context.console.out(f"“{saved.default}” is the default profile now.")
    return ExitCode.DONE


def remove(context: Context) -> int:
    """Forgets an account; its messages stay unless they are to go, which is asked for once more."""
    require_no_demo(context, "has nothing to remove")
    options = context.options
    profile = load_profiles(context.paths).get(options.name)
    database = context.paths.database(profile.name)
    delete = options.delete_messages and database.exists()
    if delete and not options.yes:
        question = f"Delete all messages of “{profile.name}” ({database}) for good?"
        if not confirm(context, question, without_terminal="Say --yes if they are to be deleted."):
            context.console.say("Nothing was removed.")
            return ExitCode.USAGE
    saved = update_profiles(context.paths, lambda profiles: profiles.without(profile.name))
    _forget_secret(context, profile)
    if delete:
        _delete(database)
    _tell_removed(context, profile, database, deleted=delete, default=saved.default)
    return ExitCode.DONE


def _forget_secret(context: Context, profile: Profile) -> None:
    if profile.token_keyring:
        from voipe_tui.config.secrets import forget_token_in_keyring
        from voipe_tui.errors import ConfigError

        try:
            forget_token_in_keyring(profile.name)
        except ConfigError as error:
            # The profile is gone; what is left in the keyring must be known.
            context.console.report(error)
            context.console.say(f"  Its token is still in the keyring, under “voipe-tui” and “{profile.name}”.")


def _delete(database: Path) -> None:
    try:
        for ending in _LEFTOVERS:
            database.with_name(database.name + ending).unlink(missing_ok=True)
        for tag in database.parent.glob(f"{database.name}-owner-*"):
            tag.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"The profile is removed, but {database} could not be deleted: {error.strerror}.",
            hint="Delete it by hand.",
        ) from error


def _tell_removed(context: Context, profile: Profile, database: Path, *, deleted: bool, default: str | None) -> None:
    kept = database.exists()
    if context.as_json:
        context.console.out_object(
            {"removed": profile.name, "messages": str(database) if kept else None, "default": default}
        )
        return
    context.console.out(f"The profile “{profile.name}” is removed.")
    if kept:
        context.console.out(f"Its messages are still in {database}; a profile of this name would find them again.")
    elif deleted:
        context.console.out("Its messages are deleted.")
