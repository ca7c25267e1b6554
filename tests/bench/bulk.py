"""A table of a hundred thousand rows, checked and previewed, against ``csv`` and phonenumbers alone.

Run it with ``python -m tests.bench.bulk``. Both read the same file in the same run. The bare side parses each row with
``csv`` and its number with phonenumbers and does nothing else. Ours does what the import view does: finds encoding,
delimiter, header and phone column, judges every row with its parts and its duplicates, and previews some. Then the same
in the running app, where the longest time that a key would have had to wait is measured, too. Goals: at most 3 times
the bare time, at most 100 MB above idle.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import gc
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from time import perf_counter

TEXT = "Hi {name}, your order in {city} is ready."


def make(path: Path, rows: int) -> None:
    random = Random(1)
    with path.open("w", encoding="utf-8") as file:
        file.write("name,phone,city,sum\n")
        for row in range(rows):
            number = f"05{random.randint(0, 8)}-{row:07d}" if row % 10 else f"+44 7911 {row:06d}"
            file.write(f"Dana {row},{number},תל אביב,{row % 977}\n")


def memory() -> int:
    """Bytes that belong to this process and no other, now."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty"):
            return int(line.split()[1]) * 1024
    return 0


def bare(path: Path) -> float:
    import phonenumbers

    began = perf_counter()
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            try:
                number = phonenumbers.parse(row[1], "IL")
            except phonenumbers.NumberParseException:
                continue
            if phonenumbers.is_valid_number(number):
                phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return perf_counter() - began


def ours(path: Path) -> tuple[float, int, int]:
    """Seconds, recipients, and bytes above idle with everything kept as the view keeps it."""
    import phonenumbers  # noqa: F401

    from voipe_tui.text.import_table import Check, Table
    from voipe_tui.text.sheet import Sheet

    gc.collect()
    before, began = memory(), perf_counter()
    with path.open("rb") as stream:
        table = Table(Sheet(stream, path.name))
    check = Check(table, TEXT, table.phone_guesses[0])
    while not check.complete:
        check.go_on()
    for index in range(0, len(table), 1_000):
        check.preview(index)
    took = perf_counter() - began
    return took, check.totals().recipients, memory() - before


async def in_the_app(path: Path) -> tuple[float, float]:
    """Seconds until every row was judged in the running app, and the longest turn that a key would have waited for."""
    from tests.ui.conftest import World
    from voipe_tui.ui.batches.import_form import ImportForm
    from voipe_tui.ui.batches.import_work import Source

    world = World()
    async with world.running() as run:
        await run.press("6", "n")
        await run.until(lambda: bool(run.screen.query("#import")))
        form = run.screen.query_one(ImportForm)
        form.write(TEXT, None)
        await run.pilot.pause()
        longest, began = 0.0, perf_counter()
        form.read(Source(path=str(path)))
        while form.ready is None:
            turn = perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, perf_counter() - turn - 0.001)
        took = perf_counter() - began
    world.store.close()
    return took, longest


def alone(what: str, path: Path) -> list[float]:
    """In a process of its own, so that neither warms the other's caches."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bulk", "--only", what, "--file", str(path)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [float(word) for word in done.stdout.split()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--only", choices=["bare", "ours", "app"])
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    if options.only == "bare":
        print(bare(options.file))
    elif options.only == "ours":
        print(*ours(options.file))
    elif options.only == "app":
        print(*asyncio.run(in_the_app(options.file)))
    else:
        return report(options.rows)
    return 0


def report(rows: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        make(path, rows)
        [bare_took] = alone("bare", path)
        took, recipients, above = alone("ours", path)
        app_took, longest = alone("app", path)
    ratio, app_ratio = took / bare_took, app_took / bare_took
    print(f"{rows:,} rows")
    print(f"csv and phonenumbers alone   {bare_took:7.2f} s")
    print(f"checked and previewed        {took:7.2f} s   {ratio:.2f} x   (goal: at most 3)")
    print(f"the same in the running app  {app_took:7.2f} s   {app_ratio:.2f} x")
    print(f"longest wait for a key       {longest * 1000:7.0f} ms")
    print(f"memory above idle            {above / 1e6:7.1f} MB   (goal: at most 100)")
    print(f"recipients                   {recipients:,.0f}")
    return 0 if ratio <= 3 and app_ratio <= 3 and above <= 100e6 else 1


if __name__ == "__main__":
    sys.exit(main())
