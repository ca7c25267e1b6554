"""Cells of a CSV file that is made here: what others wrote must not become a formula in a spreadsheet.

The rule is OWASP's for "CSV injection": a cell that begins with one of a few characters gets an apostrophe in front,
which spreadsheets take for "this is text" and do not show.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_IN_A_NUMBER = frozenset("+0123456789 -()")


def plain_cell(value: str) -> str:
    """``value`` as text for a spreadsheet. A phone number stays as it is: nothing of it can be carried out."""
    if not value.startswith(_FORMULA) or (value[0] == "+" and _IN_A_NUMBER.issuperset(value)):
        return value
    return f"'{value}"


def cell_of(value: object) -> object:
    """A value of a row as JSON has it: lists with commas, words for true and false, texts made plain."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    return plain_cell(value) if isinstance(value, str) else value


def csv_line(values: Iterable[object]) -> str:
    """One line, without its end."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([cell_of(value) for value in values])
    return line.getvalue()
