"""A table on its way to become a batch, with a person's corrections: every row looked at, and what to do with it.

Up to a hundred thousand rows are kept, each as one string, so that any of them can be shown, mended or left out at
once. :class:`Check` goes through them a stretch at a time and keeps its judgement as one byte per row.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple

from voipe_tui.errors import InputError
from voipe_tui.text.mailing import SAMPLE_ROWS, Entry, Fault, Judge, phone_columns
from voipe_tui.text.merge import Template
from voipe_tui.text.numbers import delivery_warning
from voipe_tui.text.parts import measure
from voipe_tui.text.sheet import Sheet
from voipe_tui.text.untrusted import safe_line

MOST_ROWS: Final = 100_000
"""More do not make a batch."""

LONG: Final = 3
"""Parts; most gateways cut what is longer."""

_CELL: Final = "\x1f"  # is in no sheet: those have no control characters
_TICK: Final = 2_000

UNSEEN, GOOD, TOO_LONG, REPEATED, OPTED_OUT, SKIPPED, MISSING, NUMBER, SPOILT, CELLS, EMPTY = range(11)
_SENT: Final = (GOOD, TOO_LONG)
TO_DECIDE: Final = (MISSING, NUMBER, SPOILT, CELLS, EMPTY)
"""A person mends these or leaves them out before anything is sent."""

NAMES: Final[dict[int, str]] = {
    TOO_LONG: "too long",
    REPEATED: "repeated",
    OPTED_OUT: "opted out",
    SKIPPED: "left out by you",
    MISSING: "missing field",
    NUMBER: "no phone number",
    SPOILT: "spoilt by a spreadsheet",
    CELLS: "too many cells",
    EMPTY: "empty row",
}
"""In the words of people, for everything that is not simply sent."""

_BY_KIND: Final = {"missing": MISSING, "number": NUMBER, "spoilt": SPOILT, "cells": CELLS, "empty": EMPTY}


class Table:
    """The rows of a sheet in memory. ``numbers`` are theirs in the spreadsheet."""

    def __init__(self, sheet: Sheet, region: str = "IL", tick: Callable[[int], bool] = lambda count: True) -> None:
        """Reads them all; ``tick`` hears how many there are so far and says whether to go on."""
        self.name, self.columns = sheet.name, sheet.columns
        self.encoding, self.delimiter, self.has_header = sheet.encoding, sheet.delimiter, sheet.has_header
        self.region = region
        self.numbers = array("L")
        self._rows: list[str] = []
        for row in sheet.rows():
            if len(self._rows) == MOST_ROWS:
                raise InputError(
                    f"{safe_line(self.name)} has more than {MOST_ROWS:,} rows. Nothing was sent.",
                    hint="Send it in several batches.",
                )
            self.numbers.append(row.number)
            self._rows.append(_CELL.join(row.cells))
            if len(self._rows) % _TICK == 0 and not tick(len(self._rows)):
                raise Stopped
        if not self._rows:
            raise InputError(f"{safe_line(self.name)} has no rows below its header. Nothing was sent.")
        sample = [self.cells(index) for index in range(min(len(self._rows), SAMPLE_ROWS))]
        self.phone_guesses = [0] if len(self.columns) == 1 else phone_columns(self.columns, sample, region)

    def __len__(self) -> int:
        return len(self._rows)

    def cells(self, index: int) -> list[str]:
        """The cells of a row as it stands, corrected or not."""
        return self._rows[index].split(_CELL)

    def change(self, index: int, column: int, value: str) -> None:
        """Another value for one cell."""
        cells = self.cells(index)
        cells += [""] * (column + 1 - len(cells))
        cells[column] = " ".join(value.split())
        self._rows[index] = _CELL.join(cells)

    def restore(self, index: int, cells: list[str]) -> None:
        """A row as it was before it was changed."""
        self._rows[index] = _CELL.join(cells)


class Stopped(Exception):
    """Reading was given up on the way: the person chose another file."""


class Totals(NamedTuple):
    """``left_out``: how many rows for each of :data:`NAMES`' reasons; ``parts`` of those that are sent."""

    recipients: int
    parts: int
    undecided: int
    by_status: dict[int, int]


class Check:
    """Judges the rows of a table for one text. ``opted_out`` says which of some numbers must not be written to.

    Raises InputError where the text has a field that is no column, or a brace that stands alone.
    """

    def __init__(
        self,
        table: Table,
        text: str,
        phone: int,
        *,
        footer: str = "",
        opted_out: Callable[[Collection[str]], set[str]] = lambda numbers: set(),
        skipped: Collection[int] = (),
    ) -> None:
        self.table = table
        self.phone = phone
        self._footer = f" {footer}" if footer else ""
        self._opted_out = opted_out
        self._judge = Judge(table.columns, Template(text), phone, table.region)
        self.status = bytearray(len(table))
        self._parts = bytearray(len(table))
        self._first: dict[int, int] = {}
        self.skipped = set(skipped)
        self.done = 0

    # Going through

    @property
    def complete(self) -> bool:
        return self.done == len(self.table)

    def go_on(self, rows: int = 200) -> None:
        """Judges some more rows."""
        until = min(self.done + rows, len(self.table))
        found = [(index, *self._judged(index)) for index in range(self.done, until)]
        out = self._opted_out([number for _, status, _, number in found if number and status in _SENT])
        for index, status, parts, number in found:
            self._settle(index, status, parts, number, out)
        self.done = until

    def look_again(self, index: int) -> None:
        """One row was changed, left out or taken in again."""
        self._let_go(index)
        status, parts, number = self._judged(index)
        self._settle(index, status, parts, number, self._opted_out([number] if number else []))

    def skip(self, index: int, skip: bool = True) -> None:
        (self.skipped.add if skip else self.skipped.discard)(index)
        self.look_again(index)

    def skip_undecided(self) -> list[int]:
        """Leaves out every row that has to be decided about. Returns them."""
        rows = [index for index, status in enumerate(self.status) if status in TO_DECIDE]
        for index in rows:
            self.skipped.add(index)
            self.status[index] = SKIPPED
        return rows

    def _judged(self, index: int) -> tuple[int, int, str | None]:
        if index in self.skipped:
            return SKIPPED, 0, None
        cells = self.table.cells(index)
        number, faults = self._judge.faults(cells)
        if faults or number is None:
            return _BY_KIND[faults[-1].kind], 0, None
        parts = measure(self._judge.text(cells) + self._footer).parts
        return (TOO_LONG if parts > LONG else GOOD), min(parts, 255), number

    def _settle(self, index: int, status: int, parts: int, number: str | None, out: set[str]) -> None:
        if number is not None:
            key = int(number[1:])
            if self._first.setdefault(key, index) != index:
                status = REPEATED
            elif number in out:
                status = OPTED_OUT
        self.status[index], self._parts[index] = status, parts

    def _let_go(self, index: int) -> None:
        """The row gives up its number: the next one that has it is no repetition any more."""
        keys = [key for key, first in self._first.items() if first == index] if self._holds(index) else []
        for key in keys:
            del self._first[key]
            for other in range(len(self.table)):
                if self.status[other] == REPEATED and other != index:
                    status, parts, number = self._judged(other)
                    if number is not None and int(number[1:]) == key:
                        self._settle(other, status, parts, number, self._opted_out([number]))
                        break

    def _holds(self, index: int) -> bool:
        return self.status[index] in (*_SENT, OPTED_OUT, SKIPPED)

    # What it came to

    def totals(self) -> Totals:
        by_status = Counter(self.status)
        parts = sum(count * size for size, count in self.by_parts().items())
        undecided = sum(by_status[status] for status in TO_DECIDE)
        return Totals(sum(by_status[status] for status in _SENT), parts, undecided, dict(by_status))

    def by_parts(self) -> Counter[int]:
        """How many messages have so many parts, of those that are sent."""
        return Counter(size for size, status in zip(self._parts, self.status, strict=True) if status in _SENT)

    def unlikely(self) -> int:
        """To how many of those that are sent a message may not arrive: landlines, service numbers, unknown prefixes."""
        numbers = (number for number in self.numbers_sent() if not number.startswith("+9725"))
        return sum(delivery_warning(number) is not None for number in numbers)

    def numbers_sent(self) -> Iterator[str]:
        """The numbers (E.164) that something is sent to."""
        return (f"+{key}" for key, index in self._first.items() if self.status[index] in _SENT)

    def problems(self) -> list[int]:
        """The rows that are not simply sent, in order."""
        return [index for index, status in enumerate(self.status) if status > GOOD]

    def why(self, index: int) -> list[Fault]:
        """What is to be said of a row that is not simply sent."""
        status = self.status[index]
        phone = self.table.columns[self.phone]
        if status == SKIPPED:
            return self.judged_faults(index) or [Fault("", "skipped", "nothing is wrong with it")]
        number, faults = self._judge.faults(self.table.cells(index))
        if status == REPEATED and number is not None:
            first = self.table.numbers[self._first[int(number[1:])]]
            return [Fault(phone, "repeated", f"{number} is in row {first} already; it gets one message")]
        if status == OPTED_OUT:
            return [Fault(phone, "opted out", f"{number} asked not to be written to")]
        if status == TOO_LONG:
            return [Fault("", "long", f"{self._parts[index]} parts; most gateways cut what is longer than {LONG}")]
        return faults

    def reason(self, index: int) -> str:
        """The same in one line: ``phone: “05211” …; name: it is empty …``."""
        return "; ".join(f"{each.column}: {each.what}" if each.column else each.what for each in self.why(index))

    def judged_faults(self, index: int) -> list[Fault]:
        """What is wrong with a row as it stands, left out or not."""
        return self._judge.faults(self.table.cells(index))[1]

    def parts(self, index: int) -> int:
        return self._parts[index]

    def preview(self, index: int) -> Entry | None:
        """A row as it will be sent; None if it cannot be."""
        cells = self.table.cells(index)
        number, faults = self._judge.faults(cells)
        if faults or number is None:
            return None
        return Entry(self.table.numbers[index], number, self._judge.text(cells))

    def typed_number(self, index: int) -> str:
        cells = self.table.cells(index)
        return cells[self.phone] if self.phone < len(cells) else ""

    def sent(self) -> Iterator[tuple[int, Entry]]:
        """The messages that are sent, with the places of their rows, in the order of the table."""
        for index, status in enumerate(self.status):
            if status in _SENT and (entry := self.preview(index)) is not None:
                yield index, entry
