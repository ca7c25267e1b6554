"""A table and a text become messages: which column is the phone's, what is wrong with a row, who is there twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from voipe_tui.errors import InputError
from voipe_tui.text.merge import Template, find_column
from voipe_tui.text.numbers import e164, parse_recipients
from voipe_tui.text.sheet import Row, Sheet
from voipe_tui.text.untrusted import safe_line

MOST_NAMED: Final = 20
"""So many problems are kept; the rest is counted."""

_SAMPLE_ROWS: Final = 200
_MOSTLY: Final = 0.5
_LONGEST_SHOWN: Final = 40
_SCIENTIFIC: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?e[+-]?\d+", re.IGNORECASE)
_DECIMAL: Final = re.compile(r"\d+\.0+")
_LIKELY: Final = re.compile(r"phone|mobile|cell|number|msisdn|^tel|^to$|טלפון|נייד|פלאפון|מספר", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One message: to ``number`` (E.164). ``row`` as a spreadsheet counts."""

    row: int
    number: str
    text: str


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
    differing: int = 0
    """How many of the repeated ones had another text than the first, which is the one that is sent."""

    def add(self, row: int, column: str, what: str) -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_NAMED:
            self.problems.append(Problem(row, column, what))


class Mailing:
    """A sheet and a message for it. Raises InputError where a field or the phone column cannot be found."""

    def __init__(self, sheet: Sheet, message: str, *, to_column: str | None = None, region: str = "IL") -> None:
        self.sheet = sheet
        self._region = region
        self._template = Template(message)
        self._places = self._template.places(sheet.columns)
        self.phone = self._guessed() if to_column is None else find_column(to_column, sheet.columns, "--to-column")
        self._needed = [(place, sheet.columns[place]) for place in dict.fromkeys(self._places) if place != self.phone]

    @property
    def phone_column(self) -> str:
        return self.sheet.columns[self.phone]

    def entries(self, findings: Findings) -> Iterator[Entry]:
        """The messages in the order of the table, a number only once; everything else goes into ``findings``.

        One row is in memory at a time; of the numbers only what tells them apart.
        """
        seen: dict[int, int] = {}
        for row in self.sheet.rows():
            number = self._checked(row, findings)
            if number is None:
                continue
            text = self._template.render(row.cells, self._places)
            key = int(number[1:])
            if key in seen:
                findings.repeated_count += 1
                findings.differing += seen[key] != hash(text)
                if len(findings.repeated) < MOST_NAMED:
                    findings.repeated.append((row.number, number))
                continue
            seen[key] = hash(text)
            findings.recipients += 1
            yield Entry(row.number, number, text)

    def _checked(self, row: Row, findings: Findings) -> str | None:
        """The number of a row that can be sent, else None with the reasons in ``findings``."""
        columns, cells = self.sheet.columns, row.cells
        if row.is_empty:
            findings.add(row.number, "", "the row is empty")
            return None
        if len(cells) > len(columns):
            more = f"it has {len(cells)} cells, the header has {len(columns)}; quotation marks may be missing"
            findings.add(row.number, "", more)
            return None
        cells += [""] * (len(columns) - len(cells))
        before = findings.problem_count
        for place, name in self._needed:
            if not cells[place]:
                findings.add(row.number, name, "it is empty, and the message needs it")
        number = e164(cells[self.phone], self._region)
        if number is None or _DECIMAL.fullmatch(cells[self.phone]):
            findings.add(row.number, self.phone_column, why_no_number(cells[self.phone], self._region))
        return number if findings.problem_count == before else None

    def _guessed(self) -> int:
        """The column whose values are mostly numbers; its name decides between two."""
        columns = self.sheet.columns
        if len(columns) == 1:
            return 0
        rows = [row.cells for row in islice(self.sheet.rows(), _SAMPLE_ROWS) if not row.is_empty]
        if not rows:
            raise InputError(f"{safe_line(self.sheet.name)} has no rows below its header. Nothing was sent.")
        scores = []
        for place, name in enumerate(columns):
            values = [cells[place] for cells in rows if place < len(cells) and cells[place]]
            share = sum(map(self._is_number, values)) / len(values) if values else 0.0
            scores.append((share > _MOSTLY, bool(_LIKELY.search(name)), place))
        mostly = [(likely, place) for good, likely, place in scores if good]
        best = [place for likely, place in mostly if likely] or [place for _, place in mostly]
        if len(best) == 1:
            return best[0]
        named = [safe_line(columns[place]) for place in (best or range(len(columns)))]
        raise InputError(
            f"{safe_line(self.sheet.name)}: "
            + ("There is more than one column of phone numbers. " if best else "No column has mostly phone numbers. ")
            + "Nothing was sent.",
            hint=f"Name it with --to-column: {', '.join(named)}.",
        )

    def _is_number(self, cell: str) -> bool:
        # What a spreadsheet has ruined is still the phone column: the ruin is what must be told.
        return bool(e164(cell, self._region) or _SCIENTIFIC.fullmatch(cell) or _DECIMAL.fullmatch(cell))


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
