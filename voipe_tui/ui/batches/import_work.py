"""From a file's name or pasted rows to a table in memory, and from a checked table to a batch in the store."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from voipe_tui.errors import InputError
from voipe_tui.store.models import NewMessage
from voipe_tui.text.fingerprint import Fingerprint
from voipe_tui.text.import_table import OPTED_OUT, Check, Stopped, Table
from voipe_tui.text.sheet import Sheet
from voipe_tui.text.untrusted import safe_line

if TYPE_CHECKING:
    from voipe_tui.config.profiles import Profile
    from voipe_tui.store import Store
    from voipe_tui.store.bulks import Bulk

PASTED = "pasted rows"
HEADERS = {"yes": "first row is the header", "no": "no header"}

_TURN_SECONDS = 0.004
"""Work on the event loop goes on for so long before the keys have their turn."""

_REST_SECONDS = 0.004
"""A key is passed on many times before all have had it: a single turn of the loop between two pieces is not enough."""

_ROWS_AT_ONCE = 25
_FILL_SECONDS = 0.01


class Source(NamedTuple):
    """Where a table comes from (``pasted`` text, else a file), and what a person corrected about it; empty: find it."""

    path: str = ""
    pasted: str = ""
    encoding: str = ""
    delimiter: str = ""
    header: str = ""

    @property
    def name(self) -> str:
        return PASTED if self.pasted else Path(self.path).name


def read_table(source: Source, region: str, tick: Callable[[int], bool]) -> Table:
    """Reads it whole; for a thread. Raises InputError that names row and column, :class:`Stopped` where ``tick`` says
    no."""
    with closing(_open(source)) as stream:
        corrected = {
            "encoding": source.encoding or None,
            "delimiter": source.delimiter or None,
            "header": {"yes": True, "no": False}.get(source.header),
        }
        if source.header:
            sheet = Sheet(stream, source.name, region, **corrected)  # type: ignore[arg-type]
        else:
            sheet = Sheet(stream, source.name, region, **{**corrected, "header": True})  # type: ignore[arg-type]
            if sheet.looks_headless(region):
                sheet = Sheet(stream, source.name, region, **{**corrected, "header": False})  # type: ignore[arg-type]
        if not tick(0):
            raise Stopped
        return Table(sheet, region, tick)


def _open(source: Source) -> BinaryIO:
    if source.pasted:
        return io.BytesIO(source.pasted.encode("utf-8", "replace"))
    path = Path(source.path).expanduser()
    name = safe_line(source.path)
    try:
        if path.is_dir():
            raise InputError(f"{name} is a folder, not a file.")
        if path.exists() and not path.is_file():
            raise InputError(f"{name} is not a plain file.")
        return path.open("rb")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{name} cannot be read: {why}.") from None


def completions(typed: str) -> list[str]:
    """What a half-typed name of a file could become: folders, and files that may be tables; at most 50."""
    folder, _, beginning = typed.rpartition("/")
    place = Path(folder + "/" if "/" in typed else ".").expanduser()
    found: list[str] = []
    try:
        with os.scandir(place) as entries:
            for entry in entries:
                if not entry.name.startswith(beginning) or (entry.name.startswith(".") and not beginning):
                    continue
                name = (folder + "/" if "/" in typed else "") + entry.name
                if entry.is_dir():
                    found.append(name + "/")
                elif entry.name.lower().endswith((".csv", ".tsv", ".txt")):
                    found.append(name)
    except (OSError, ValueError):
        return []
    return sorted(found)[:50]


def common_start(names: list[str]) -> str:
    """As far as all of them agree."""
    shortest = min(names, key=len, default="")
    for length, character in enumerate(shortest):
        if any(name[length] != character for name in names):
            return shortest[:length]
    return shortest


async def check_all(check: Check, tell: Callable[[], None]) -> None:
    """Judges every row, giving way to the keys; ``tell`` is called now and then."""
    said = perf_counter()
    while not check.complete:
        began = perf_counter()
        while not check.complete and perf_counter() - began < _TURN_SECONDS:
            check.go_on(_ROWS_AT_ONCE)
        if perf_counter() - said > 0.2:
            said = perf_counter()
            tell()
        await asyncio.sleep(_REST_SECONDS)


class Mailshot(NamedTuple):
    """A checked table and how it is to be sent."""

    check: Check
    label: str
    text: str
    sender: str | None
    rate: float | None

    def order(self, number: str, text: str, typed: str, profile: Profile) -> NewMessage:
        if profile.number_format == "as_typed":
            from voipe_tui.text.numbers import Recipient

            number = Recipient(typed, "number", number, number).on_the_wire(profile.number_format, profile.region)
        return NewMessage(number, text, sender=self.sender, footer=profile.footer or None)


async def twin_of(store: Store, shot: Mailshot) -> Bulk | None:
    """The batch that takes, or took of late, the same texts to the same people; giving way to the keys."""
    if not store.bulks.may_be_repeated(shot.check.totals().recipients, shot.sender):
        return None
    fingerprint = Fingerprint(shot.sender)
    began = perf_counter()
    for _, entry in shot.check.sent():
        fingerprint.add(entry.number, entry.text)
        if perf_counter() - began > _TURN_SECONDS:
            await asyncio.sleep(_REST_SECONDS)
            began = perf_counter()
    return store.bulks.twin(str(fingerprint))


async def woken_by(shot: Mailshot, profile: Profile, now: datetime) -> list[str]:
    """Sentences about quiet hours, by each recipient's own clock, as the batch begins and, where its rate says when
    that will be, as its last ones leave; giving way to the keys."""
    from voipe_tui.text.quiet import Woken, parse_quiet

    quiet = parse_quiet(profile.quiet_hours)
    if quiet is None or now.tzinfo is None:
        return []
    begins = Woken(now, quiet)
    takes = timedelta(seconds=shot.check.totals().recipients / shot.rate if shot.rate else 0)
    ends = Woken(now + takes, quiet)
    began = perf_counter()
    for number in shot.check.numbers_sent():
        begins.add(number, number)
        ends.add(number, number)
        if perf_counter() - began > _TURN_SECONDS:
            await asyncio.sleep(_REST_SECONDS)
            began = perf_counter()
    said = begins.said("now")
    if not said and takes:
        said = ends.said(f"by the time the last ones leave, at {shot.rate:g} a second")
    return [said] if said else []


async def fill(
    store: Store, profile: Profile, shot: Mailshot, tell: Callable[[int], None], *, again: bool = False
) -> int:
    """Puts every message into a new batch, which then waits its moment. Returns its number.

    Broken off on the way, the batch is cancelled and nothing of it is ever sent. RepeatedError, and nothing is sent,
    where another window began the same in this moment, unless it is wanted ``again``.
    """
    fingerprint = Fingerprint(shot.sender)
    bulk_id = store.bulks.begin(shot.label, rate=shot.rate, text=shot.text, sender=shot.sender)
    try:
        await _add_all(store, profile, shot, bulk_id, tell, fingerprint)
        out = shot.check.totals().by_status.get(OPTED_OUT, 0)
        store.bulks.start(
            bulk_id, hold_seconds=profile.hold_seconds, opted_out=out, fingerprint=str(fingerprint), again=again
        )
    except BaseException:
        store.bulks.cancel(bulk_id)
        raise
    return bulk_id


async def _add_all(
    store: Store,
    profile: Profile,
    shot: Mailshot,
    bulk_id: int,
    tell: Callable[[int], None],
    fingerprint: Fingerprint,
) -> None:
    chunk: list[NewMessage] = []
    size, done = 20, 0
    for index, entry in shot.check.sent():
        fingerprint.add(entry.number, entry.text)
        chunk.append(shot.order(entry.number, entry.text, shot.check.typed_number(index), profile))
        if len(chunk) >= size:
            began = perf_counter()
            store.bulks.add(bulk_id, chunk)
            # As many at once as the keys can wait for on this machine.
            took = max(perf_counter() - began, 1e-4)
            size = max(5, min(200, int(size * min(max(_FILL_SECONDS / took, 0.5), 2.0))))
            done += len(chunk)
            chunk.clear()
            tell(done)
            await asyncio.sleep(_REST_SECONDS)
    if chunk:
        store.bulks.add(bulk_id, chunk)
