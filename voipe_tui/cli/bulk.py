"""``voipe-tui bulk``: which of its jobs is asked for, and the short ones: steering, listing and exporting batches."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from voipe_tui.cli.bulk_words import as_json, command, find, mark_cancelled, refused, standing, titled
from voipe_tui.cli.cells import table
from voipe_tui.cli.context import Context
from voipe_tui.cli.wiring import open_account, open_store, require_no_demo, resolve_profile
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import ExitCode, InputError
from voipe_tui.store import Message, Status, Store, View
from voipe_tui.store.bulks import PAUSED_BY_PERSON, Bulk, BulkState, Progress

_EXPORT_PAGE = 10_000
_FOR_A_FILE = ("message", "to_column", "encoding", "delimiter", "header", "sender", "rate", "dry_run", "again")
_COLUMNS = ("number", "text", "parts", "status", "gateway_id", "created_at", "status_at", "gateway_time", "note")


def run(context: Context) -> int:
    """Sends a file, goes on with a batch, or steers, lists and exports batches."""
    job = _job(context)
    if job is None:
        from voipe_tui.cli.bulk_file import send_file

        return send_file(context, resolve_profile(context))
    require_no_demo(context, "forgets its batches when it ends")
    return job(context, resolve_profile(context))


def _job(context: Context) -> Callable[[Context, Profile], int] | None:
    options = context.options
    jobs = {"resume": _resume, "retry": _retry, "pause": _pause, "cancel": _cancel, "list": _list, "export": _export}
    asked = [name for name in jobs if getattr(options, name)]
    if len(asked) + (options.file is not None) != 1:
        raise InputError(
            "Say one thing to do. Nothing was done.",
            hint="Give a FILE.csv with --message, --resume, --retry, --pause, --cancel or --export BATCH, or --list.",
        )
    if not asked:
        return None
    extra = [f"--{name.replace('_', '-')}" for name in _FOR_A_FILE if getattr(options, name) not in (None, False)]
    if extra:
        raise InputError(f"{extra[0]} goes with a FILE.csv, not with --{asked[0]}. Nothing was done.")
    return jobs[asked[0]]


def _resume(context: Context, profile: Profile) -> int:
    from voipe_tui.cli.bulk_run import resume

    return resume(context, profile, context.options.resume)


def _retry(context: Context, profile: Profile) -> int:
    from voipe_tui.cli.bulk_run import retry

    return retry(context, profile, context.options.retry)


# --pause, --cancel


def _pause(context: Context, profile: Profile) -> int:
    with closing(open_store(context, profile)) as store:
        bulk = find(store, profile, context.options.pause)
        if not store.bulks.pause(bulk.id, PAUSED_BY_PERSON) and bulk.state is not BulkState.PAUSED:
            raise InputError(f"{titled(bulk).capitalize()} is {bulk.state.value}; there is nothing to pause.")
        _tell(context, store, bulk.id, f"go on with: {command(context, '--resume', bulk.id)}")
    return ExitCode.DONE


def _cancel(context: Context, profile: Profile) -> int:
    with closing(open_store(context, profile)) as store:
        bulk = find(store, profile, context.options.cancel)
        # One that was cancelled before may have been left half marked by a program that was killed.
        if not store.bulks.cancel(bulk.id) and bulk.state is not BulkState.CANCELLED:
            raise InputError(f"{titled(bulk).capitalize()} is {bulk.state.value}; there is nothing to cancel.")
        mark_cancelled(context, store, bulk)
        _tell(context, store, bulk.id, "what has left cannot be called back")
    return ExitCode.DONE


def _tell(context: Context, store: Store, bulk_id: int, then: str) -> None:
    progress = store.bulks.progress(bulk_id)
    assert progress is not None
    if context.as_json:
        context.console.out_object({**as_json(progress), "counts": progress.by_status})
        return
    bulk = progress.bulk
    gone = progress.gone + progress.in_flight
    went = f"{gone:,} of {bulk.total:,} handed over" if gone else "nothing of it has left"
    rest = progress.by_status.get(Status.CANCELLED, 0)
    not_sent = f", {rest:,} not sent" if rest else ""
    context.console.out(f"{titled(bulk)}: {bulk.state.value}, {went}{not_sent}")
    if gone or bulk.state is not BulkState.CANCELLED:
        context.console.say(f"  {then}")


# --list


def _list(context: Context, profile: Profile) -> int:
    with closing(open_store(context, profile)) as store:
        found = [store.bulks.progress(bulk.id) for bulk in store.bulks.recent()]
        batches = [_told(store, each) for each in found if each is not None]
    if context.as_json:
        context.console.out_array(
            {
                **as_json(each),
                "label": each.bulk.label,
                "rate": each.bulk.rate,
                "created_at": context.iso(each.bulk.created_at),
                "ended_at": context.iso(each.bulk.ended_at),
                "counts": each.by_status,
            }
            for each in batches
        )
        return ExitCode.DONE
    if not batches:
        context.console.say("No batches.")
        return ExitCode.DONE
    titles = ("BATCH", "STATE", "CREATED", "TOTAL", "WAITING", "UNKNOWN", "REFUSED", "FILE")
    for line in table(titles, [_listed(context, each) for each in batches], context.console.width):
        context.console.out(line)
    return ExitCode.DONE


def _told(store: Store, progress: Progress) -> Progress:
    """How it really stands, also where its program was killed and could not write it down."""
    return progress._replace(bulk=standing(store, progress.bulk))


def _listed(context: Context, progress: Progress) -> tuple[str, ...]:
    bulk = progress.bulk
    created = datetime.fromtimestamp(bulk.created_at, UTC).astimezone(context.world.zone)
    unknown = progress.by_status.get(Status.UNKNOWN, 0)
    numbers = (bulk.total, progress.waiting, unknown, refused(progress))
    file = f"{bulk.label}: {bulk.reason}" if bulk.reason else bulk.label
    return (str(bulk.id), bulk.state.value, f"{created:%Y-%m-%d %H:%M}", *map(str, numbers), file)


# --export


def _export(context: Context, profile: Profile) -> int:
    if context.options.offline:
        with closing(open_store(context, profile)) as store:
            _print(context, profile, store, find(store, profile, context.options.export))
        return ExitCode.DONE
    return context.run_async(lambda: _fetched_export(context, profile))


async def _fetched_export(context: Context, profile: Profile) -> int:
    async with open_account(context, profile) as account:
        bulk = find(account.store, profile, context.options.export)
        context.console.progress("asking the gateway …")
        await account.engine.poll()
        problem = account.engine.health.problem
        if problem is not None:
            context.console.report(problem)
            context.console.say("  What follows is what is stored here.")
        _print(context, profile, account.store, bulk)
        return ExitCode.DONE if problem is None else problem.exit_code


def _print(context: Context, profile: Profile, store: Store, bulk: Bulk) -> None:
    from collections.abc import Iterator

    from voipe_tui.store.models import row_as_json
    from voipe_tui.text.spreadsheet import csv_line

    def rows() -> Iterator[Message]:
        """In the order of the file, a page at a time."""
        view, after = View(batch=bulk.batch, include_archived=True), (float("-inf"), 0)
        while page := store.page(view, after=after, limit=_EXPORT_PAGE):
            page.reverse()
            yield from page
            after = page[-1].position

    if context.as_json:
        context.console.out_array({**row_as_json(row, profile.name, context.iso), "note": row.note} for row in rows())
        return
    context.console.out(csv_line(_COLUMNS))
    for row in rows():
        times = (context.iso(row.created_at), context.iso(row.status_at), row.gateway_time)
        values = (row.number, row.text, row.parts, row.status, row.gateway_id, *times, row.note)
        context.console.out(csv_line(values))
