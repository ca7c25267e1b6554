"""``outbox``, ``inbox`` and ``status``: rows of the store, after a look at the gateway."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import closing
from datetime import datetime
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Literal

from voipe_tui.cli.context import Context
from voipe_tui.cli.rows import print_rows
from voipe_tui.cli.wiring import Account, history_since, open_account, open_store, resolve_profile
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import ExitCode, InputError, StoreError, VoipeError
from voipe_tui.store import Message, Status, Store, View
from voipe_tui.store.models import Source
from voipe_tui.text.moments import parse_moment
from voipe_tui.text.numbers import number_key
from voipe_tui.text.untrusted import safe_line

if TYPE_CHECKING:
    from voipe_tui.text.filters import Filter

_PAGE = 500
_MOST_COUNTED = 10_000  # more than that are wanted: then all that there is
_DAY = 86_400.0
_INBOX_STATES = ("unread", "starred")
_UNSETTLED = {Status.ACCEPTED, Status.PENDING, Status.SENT}


def outbox(context: Context) -> int:
    """What was sent, newest first."""
    return _list(context, "out")


def inbox(context: Context) -> int:
    """What came in, newest first, from both lists of the gateway."""
    return _list(context, "in")


def _list(context: Context, direction: Literal["out", "in"]) -> int:
    profile = resolve_profile(context)
    view = view_of(context, profile, direction)
    try:
        if context.options.offline:
            with closing(open_store(context, profile)) as store:
                print_rows(context, profile, rows_of(store, view, context.options.limit))
            return ExitCode.DONE
        return context.run_async(lambda: _fetched_list(context, profile, view))
    except StoreError as error:
        return _from_what_is_there(context, profile, view, error)


def _from_what_is_there(context: Context, profile: Profile, view: View, error: StoreError) -> int:
    """The store does not open (a full disk): its rows can be read all the same. Raises ``error`` where not."""
    path = context.paths.database(profile.name)
    if context.demo or context.console.wrote or not path.exists():
        raise error
    try:
        store = Store(path, clock=context.world.clock, region=profile.region, read_only=True)
    except (StoreError, OSError):
        raise error from None
    with closing(store):
        context.console.report(error)
        context.console.say("  What follows is what is stored here, as it was last written.")
        print_rows(context, profile, store.page(view, limit=context.options.limit))
    return int(error.exit_code)


async def _fetched_list(context: Context, profile: Profile, view: View) -> int:
    async with open_account(context, profile) as account:
        deeper = partial(reach_back, context, account, view, context.options.limit)
        code = await guarded_look(context, account, deeper, foreign_to(view))
        say_missing(context, account, view)
        print_rows(context, profile, rows_of(account.store, view, context.options.limit))
        return code


async def guarded_look(
    context: Context, account: Account, deeper: Callable[[], Awaitable[None]], foreign: Collection[str] = ()
) -> int:
    """Asks the gateway; when that fails it is said, and the code is the error's: what is stored is printed all the
    same, for a person on a train. ``foreign`` are parts that say nothing of what was asked for: where just one of those
    fails it is said, and the code is another matter."""
    engine = account.engine
    try:
        context.console.progress("asking the gateway …")
        try:
            await engine.noticing(engine.tick)
        except VoipeError as error:
            if not engine.troubles.of_a_part(error):
                raise
            if (own := engine.troubles.error(apart_from=foreign)) is not None:
                raise own from None
            context.console.say(f"voipe-tui: {error.message}")
        if context.demo:
            # Nothing was learned before: its lists would have no names.
            await engine.contacts.refresh()
        await engine.noticing(deeper)
    except VoipeError as error:
        context.console.report(error)
        context.console.say("  What follows is what is stored here.")
        return int(error.exit_code)
    return ExitCode.DONE


_SOURCES: dict[str | None, tuple[Source, ...]] = {"out": ("outgoing",), "in": ("inbox", "incoming")}
_ALL: tuple[Source, ...] = ("outgoing", "inbox", "incoming")


def foreign_to(view: View) -> set[str]:
    """The parts of the gateway that say nothing of the rows of a view."""
    others = {each for each in _ALL if each not in _SOURCES.get(view.direction, _ALL)}
    return others | {f"history.{each}" for each in others} | ({"statuses"} if view.direction == "in" else set())


def say_missing(context: Context, account: Account, view: View) -> None:
    """A list that cannot be whole must not look as if it were."""
    from voipe_tui.sync.crowds import missing_words

    if words := missing_words(account.store.facts, _SOURCES.get(view.direction, _ALL)):
        context.console.say(f"voipe-tui: {words}")


async def reach_back(context: Context, account: Account, view: View, limit: int) -> None:
    """Reads the gateway's history as far back as the answer needs it: a list that ends too early is a wrong list."""
    engine = account.engine
    readers = [engine.readers[source] for source in _SOURCES.get(view.direction, _ALL)]
    horizon = _beginning(context, account.profile)
    while True:
        needed = max(view.since or float("-inf"), horizon)
        if limit <= _MOST_COUNTED:
            found = list(rows_of(account.store, view, limit))
            needed = found[-1].sort_at if len(found) >= limit else needed
        behind = [
            reader
            for reader in readers
            # A gateway's time may be a day off where its zone is not known.
            if reader.reaches and engine.zones.stamp(reader.source, reader.reaches).guess > needed - _DAY
        ]
        if not behind:
            return
        for reader in behind:
            context.console.progress(f"reading the history before {(reader.reaches or '')[:10]} …")
            await reader.backfill()


def _beginning(context: Context, profile: Profile) -> float:
    """The first moment that the profile wants to know of, in epoch seconds."""
    day = history_since(context, profile)
    if day is None:
        return float("-inf")
    return datetime.fromisoformat(day).replace(tzinfo=context.world.zone).timestamp()


def rows_of(store: Store, view: View, limit: int) -> Iterator[Message]:
    """Up to ``limit`` rows, newest first, a page at a time."""
    while view.search and store.search.index_some(_PAGE):
        pass
    before = None
    while limit > 0:
        page = store.page(view, before=before, limit=min(limit, _PAGE))
        yield from page
        if len(page) < min(limit, _PAGE):
            return
        limit -= len(page)
        before = page[-1].position


def view_of(context: Context, profile: Profile, direction: Literal["out", "in"] | None) -> View:
    """Which rows the options ask for; of both directions without ``direction``. Raises InputError."""
    options = context.options
    words = [word.strip().lower() for each in options.status or () for word in each.split(",") if word.strip()]
    sent = () if direction == "in" else tuple(status.value for status in Status)
    allowed = sent + (() if direction == "out" else _INBOX_STATES)
    for word in words:
        if word not in allowed:
            raise _unknown_status(word, allowed)
    since = None
    if options.since is not None:
        try:
            since = parse_moment(options.since, context.now(), lean="past").timestamp()
        except InputError as error:
            raise InputError(f"--since: {error.message}", hint=error.hint) from None
    return View(
        direction=direction,
        statuses=frozenset(words) - {*_INBOX_STATES},
        unread="unread" in words,
        starred="starred" in words,
        number_key=None if options.number is None else number_key(options.number, profile.region),
        since=since,
        search=options.search,
        filter=_filter(context, profile),
    )


def _filter(context: Context, profile: Profile) -> Filter | None:
    if context.options.filter is None:
        return None
    from voipe_tui.text.filters import parse

    try:
        return parse(context.options.filter, context.now(), profile.region)
    except InputError as error:
        raise InputError(f"--filter: {error.message}", hint=error.hint) from None


def _unknown_status(word: str, allowed: tuple[str, ...]) -> InputError:
    near = get_close_matches(word, allowed, n=1)
    meant = f" Did you mean “{near[0]}”?" if near else ""
    return InputError(f"There is no status “{safe_line(word)}” here.{meant}", hint=f"There are: {', '.join(allowed)}.")


# status ID…


def status(context: Context) -> int:
    """What became of single messages. IDs that do not exist are an error that names them, before anybody is asked."""
    profile = resolve_profile(context)
    ids = list(dict.fromkeys(context.options.ids))
    if context.options.offline:
        with closing(open_store(context, profile)) as store:
            _require(store, ids, profile)
            _print(context, profile, store, ids)
        return ExitCode.DONE
    return context.run_async(lambda: _fetched_status(context, profile, ids))


async def _fetched_status(context: Context, profile: Profile, ids: list[int]) -> int:
    async with open_account(context, profile) as account:
        _require(account.store, ids, profile)
        code = await guarded_look(context, account, lambda: _ask_for(account, ids))
        _print(context, profile, account.store, ids)
        return code


async def _ask_for(account: Account, ids: list[int]) -> None:
    """The polls ask for old messages seldom; a person who names one wants it asked for now (trap 23)."""
    rows = account.store.get(ids).values()
    hours = {row.gateway_time[:13] for row in rows if row.gateway_time and row.status in _UNSETTLED}
    for hour in sorted(hours, reverse=True):
        await account.engine.outgoing.around(hour)


def _require(store: Store, ids: list[int], profile: Profile) -> None:
    found = store.get(ids)
    missing = [str(row_id) for row_id in ids if row_id not in found]
    if missing:
        which = f"message {missing[0]}" if len(missing) == 1 else f"messages {', '.join(missing)}"
        raise InputError(
            f"The store of “{profile.name}” has no {which}.",
            hint="The IDs are those that “voipe-tui outbox” prints, not the gateway's.",
        )


def _print(context: Context, profile: Profile, store: Store, ids: list[int]) -> None:
    found = store.get(ids)
    print_rows(context, profile, [found[row_id] for row_id in ids if row_id in found], notes=True)
