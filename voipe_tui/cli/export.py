"""``export``: messages as CSV or JSON lines, a page at a time, never over a file that is there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TextIO

from voipe_tui.cli.context import Context
from voipe_tui.cli.listing import foreign_to, guarded_look, reach_back, rows_of, say_missing, view_of
from voipe_tui.cli.wiring import open_account, open_store, resolve_profile
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import ExitCode, InputError
from voipe_tui.store import Message, Store, View
from voipe_tui.store.models import row_as_json
from voipe_tui.text.spreadsheet import csv_line

_ALL = 2**62


def run(context: Context) -> int:
    """Writes what matches to standard output or a file."""
    options = context.options
    profile = resolve_profile(context)
    direction = {"in": "in", "out": "out"}.get(options.direction or "")
    view = view_of(context, profile, direction)  # type: ignore[arg-type]
    if options.output is not None and options.output != "-" and Path(options.output).exists():
        # Before anybody is asked: nobody should wait for a gateway to hear this.
        raise _is_there(options.output)
    if options.offline:
        with closing(open_store(context, profile)) as store:
            _write(context, profile, store, view)
        return ExitCode.DONE
    return context.run_async(lambda: _fetched(context, profile, view))


async def _fetched(context: Context, profile: Profile, view: View) -> int:
    limit = context.options.limit or _ALL
    async with open_account(context, profile) as account:
        code = await guarded_look(
            context, account, partial(reach_back, context, account, view, limit), foreign_to(view)
        )
        say_missing(context, account, view)
        _write(context, profile, account.store, view)
        return code


def _write(context: Context, profile: Profile, store: Store, view: View) -> None:
    options = context.options
    rows = rows_of(store, view, options.limit or _ALL)
    as_json = context.as_json or options.format == "jsonl"
    lines = _json_lines(context, profile, rows) if as_json else _csv_lines(context, profile, rows)
    written = 0 if as_json else -1  # titles are no message
    if options.output in (None, "-"):
        for line in lines:
            context.console.out(line)
        return
    path = Path(options.output)
    with _new_file(path, as_json) as file:
        try:
            for line in lines:
                file.write(line + "\n")
                written += 1
                if written and written % 1_000 == 0:
                    context.console.progress(f"{written:,} written …")
            file.flush()
            os.fsync(file.fileno())
        except OSError as error:
            raise InputError(
                f"{path} could not be written to its end: {error.strerror}. What is in it is not complete.",
                hint="Make room and export again, under another name.",
            ) from error
    context.console.say(f"1 message is in {path}." if written == 1 else f"{written:,} messages are in {path}.")


def _new_file(path: Path, as_json: bool) -> TextIO:
    """A file of the user's own (mode 0600), made now or not at all."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _is_there(str(path)) from None
    except OSError as error:
        raise InputError(
            f"{path} cannot be made: {error.strerror}. Nothing was exported.", hint="Name a folder that is yours."
        ) from error
    # Spreadsheets know by the mark that it is UTF-8; JSON must not have one.
    return os.fdopen(descriptor, "w", encoding="utf-8" if as_json else "utf-8-sig", newline="")


def _is_there(path: str) -> InputError:
    return InputError(
        f"{path} is there already, and nothing is written over. Nothing was exported.", hint="Choose another name."
    )


def _json_lines(context: Context, profile: Profile, rows: Iterator[Message]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(row_as_json(row, profile.name, context.iso))


def _csv_lines(context: Context, profile: Profile, rows: Iterator[Message]) -> Iterator[str]:
    """The keys of the JSON as columns; what others wrote cannot become a formula in a spreadsheet."""
    titles: Sequence[str] = ()
    for row in rows:
        values = row_as_json(row, profile.name, context.iso)
        if not titles:
            titles = list(values)
            yield csv_line(titles)
        yield csv_line(values.values())
    if not titles:
        yield csv_line(_TITLES)


_TITLES = (
    "id", "profile", "direction", "source", "gateway_id", "queue", "number", "name", "sender", "text", "sent_text",
    "encoding", "parts", "status", "status_at", "created_at", "batch", "read", "archived", "starred", "labels",
)  # fmt: skip
