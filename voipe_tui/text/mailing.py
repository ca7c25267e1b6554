"""A table and a text become messages: which column is the phone's, what is wrong with a row, who is there twice."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

from voipe_tui.errors import InputError
from voipe_tui.text.merge import Template, find_column
from voipe_tui.text.numbers import e164, parse_recipients
from voipe_tui.text.sheet import Sheet
from voipe_tui.text.untrusted import safe_line

MOST_NAMED: Final = 20
"""So many problems are kept; the rest is counted."""

SAMPLE_ROWS: Final = 200
_MOSTLY: Final = 0.5
_LONGEST_SHOWN: Final = 40
_SCIENTIFIC: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?e[+-]?\d+", re.IGNORECASE)
_DECIMAL: Final = re.compile(r"\d+\.0+")
_LIKELY: Final = re.compile(r"phone|mobile|cell|number|msisdn|^tel|^to$|טלפון|נייד|פלאפון|מספר", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One message: to ``number`` (E.164). ``row`` as a spreadsheet counts; ``typed`` is what stands there."""

    row: int
    number: str
    text: str
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be sent; ``column`` is its name, "" where the whole row is meant."""

    row: int
    column: str
    what: str

    def __str__(self) -> str:
        where = f"Row {self.row}, {safe_line(self.column)}" if self.column else f"Row {self.row}"
        return f"{where}: {self.what}"


@dataclass(slots=True)
class Findings:
    """What one reading of the table came to. ``repeated``: the first few rows of numbers that were there before."""

    recipients: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)
    repeated_count: int = 0
    repeated: list[tuple[int, str]] = field(default_factory=list)
    opted_out: int = 0
    """How many rows were left out because their number must not be written to."""
    opted_out_rows: list[int] = field(default_factory=list)
    """The first of those."""
    asking: int = 0
    """How many of the recipients wrote that they want no more messages, and nobody has decided."""
    empty: int = 0
    """How many rows in the middle have nothing in them; they are passed over."""
    differing: int = 0
    """How many of the repeated ones had another text than the first, which is the one that is sent."""

    def add(self, row: int, column: str, what: str) -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_NAMED:
            self.problems.append(Problem(row, column, what))


class Fault(NamedTuple):
    """What is wrong with a cell or row: the column's name ("" for the whole row), one of :data:`KINDS`, a sentence."""

    column: str
    kind: str
    what: str


KINDS: Final = ("number", "spoilt", "missing", "cells", "empty")


class Judge:
    """Looks at one row at a time. Raises InputError where a field of the text has no column."""

    def __init__(self, columns: Sequence[str], template: Template, phone: int, region: str) -> None:
        self.columns = columns
        self.phone = phone
        self._region = region
        self._template = template
        self._places = template.places(columns)
        self._needed = [(place, columns[place]) for place in dict.fromkeys(self._places) if place != phone]

    def faults(self, cells: list[str]) -> tuple[str | None, list[Fault]]:
        """The number of a row and what is wrong with it; ``cells`` are filled up to the number of columns."""
        if not any(cells):
            return None, [Fault("", "empty", "the row is empty")]
        while len(cells) > len(self.columns) and not cells[-1]:
            cells.pop()  # a delimiter at the end of the line
        if len(cells) > len(self.columns):
            more = f"it has {len(cells)} cells, the header has {len(self.columns)}; quotation marks may be missing"
            return None, [Fault("", "cells", more)]
        cells += [""] * (len(self.columns) - len(cells))
        found = [
            Fault(name, "missing", "it is empty, and the message needs it")
            for place, name in self._needed
            if not cells[place]
        ]
        typed = cells[self.phone]
        number = e164(typed, self._region)
        if number is None or _DECIMAL.fullmatch(typed):
            kind = "spoilt" if is_spoilt(typed) else "number"
            found.append(Fault(self.columns[self.phone], kind, why_no_number(typed, self._region)))
        return number, found

    def text(self, cells: Sequence[str]) -> str:
        """The text for a row without faults."""
        return self._template.render(cells, self._places)


class Mailing:
    """A sheet and a message for it. Raises InputError where a field or the phone column cannot be found."""

    def __init__(self, sheet: Sheet, message: str, *, to_column: str | None = None, region: str = "IL") -> None:
        self.sheet = sheet
        template = Template(message)
        template.places(sheet.columns)
        self.phone = (
            self._guessed(region) if to_column is None else find_column(to_column, sheet.columns, "--to-column")
        )
        self._judge = Judge(sheet.columns, template, self.phone, region)

    @property
    def phone_column(self) -> str:
        return self.sheet.columns[self.phone]

    def entries(
        self, findings: Findings, listed: Collection[str] = (), asking: Collection[str] = ()
    ) -> Iterator[Entry]:
        """The messages in the order of the table, a number only once; everything else goes into ``findings``.

        ``listed``: numbers that must not be written to; ``asking``: such that ask for it.

        One row is in memory at a time; of the numbers only what tells them apart.
        """
        seen: dict[int, int] = {}
        for row in self.sheet.rows():
            number, faults = self._judge.faults(row.cells)
            if row.is_empty:
                findings.empty += 1
                continue
            for fault in faults:
                findings.add(row.number, fault.column, fault.what)
            if faults or number is None:
                continue
            text = self._judge.text(row.cells)
            key = int(number[1:])
            if key in seen:
                findings.repeated_count += 1
                findings.differing += seen[key] != hash(text)
                if len(findings.repeated) < MOST_NAMED:
                    findings.repeated.append((row.number, number))
                continue
            seen[key] = hash(text)
            if number in listed:
                findings.opted_out += 1
                if len(findings.opted_out_rows) < MOST_NAMED:
                    findings.opted_out_rows.append(row.number)
                continue
            findings.asking += number in asking
            findings.recipients += 1
            yield Entry(row.number, number, text, row.cells[self.phone])

    def _guessed(self, region: str) -> int:
        """The column whose values are mostly numbers; its name decides between two."""
        columns = self.sheet.columns
        if len(columns) == 1:
            return 0
        rows = [row.cells for row in islice(self.sheet.rows(), SAMPLE_ROWS) if not row.is_empty]
        if not rows:
            raise InputError(f"{safe_line(self.sheet.name)} has no rows below its header. Nothing was sent.")
        best = phone_columns(columns, rows, region)
        if len(best) == 1:
            return best[0]
        named = [safe_line(columns[place]) for place in (best or range(len(columns)))]
        raise InputError(
            f"{safe_line(self.sheet.name)}: "
            + ("There is more than one column of phone numbers. " if best else "No column has mostly phone numbers. ")
            + "Nothing was sent.",
            hint=f"Name it with --to-column: {', '.join(named)}.",
        )


def phone_columns(columns: Sequence[str], rows: Sequence[Sequence[str]], region: str) -> list[int]:
    """The columns that are likely the phone's, by their values and, between several, by their names."""
    scores = []
    for place, name in enumerate(columns):
        values = [cells[place] for cells in rows if place < len(cells) and cells[place]]
        share = sum(_is_number(value, region) for value in values) / len(values) if values else 0.0
        scores.append((share > _MOSTLY, bool(_LIKELY.search(name)), place))
    mostly = [(likely, place) for good, likely, place in scores if good]
    return [place for likely, place in mostly if likely] or [place for _, place in mostly]


def _is_number(cell: str, region: str) -> bool:
    # What a spreadsheet has ruined is still the phone column: the ruin is what must be told.
    return bool(e164(cell, region) or is_spoilt(cell))


def is_spoilt(cell: str) -> bool:
    """Whether a spreadsheet has made a number of it: ``5.21E+08``, ``521110001.0``."""
    return bool(_SCIENTIFIC.fullmatch(cell) or _DECIMAL.fullmatch(cell))


def why_no_number(cell: str, region: str) -> str:
    """Why nothing can be sent to what stands in a cell of the phone column."""
    if not cell:
        return "there is no number"
    shown = f"“{safe_line(cell[:_LONGEST_SHOWN])}{'…' if len(cell) > _LONGEST_SHOWN else ''}”"
    if _SCIENTIFIC.fullmatch(cell):
        return f"{shown} was rounded by a spreadsheet, its digits are lost; format the column as text and export again"
    if _DECIMAL.fullmatch(cell):
        return f"{shown} was made a decimal number; format the column as text and export again"
    found = parse_recipients(cell, region)
    if len(found) > 1:
        return f"{shown} is {len(found)} numbers; put one in a row"
    if not found or found[0].kind != "number" or len(found[0].wire) < 7:
        reason = found[0].problem if found and found[0].problem else "It is no phone number."
    else:
        reason = "It fits no number plan."
    return f"{shown}: {reason[0].lower()}{reason[1:].partition(';')[0].rstrip('.')}"
