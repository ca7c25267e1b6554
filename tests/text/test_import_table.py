"""A table with corrections: every row judged, mended, left out, counted."""

from __future__ import annotations

from io import BytesIO

import pytest

from voipe_tui.errors import InputError
from voipe_tui.text.import_table import EMPTY, MISSING, NUMBER, OPTED_OUT, REPEATED, SKIPPED, SPOILT, Check, Table
from voipe_tui.text.sheet import Sheet

PEOPLE = """name,phone
Dana,0521110001
,0521110002
Yossi,5.21E+08
Dana again,052-111-0001
Out,0521110009
Bad,12ab

Ruth,0521110003
"""


def table(text: str = PEOPLE, **found: object) -> Table:
    return Table(Sheet(BytesIO(text.encode()), "list.csv", **found))  # type: ignore[arg-type]


def check(text: str = "Hi {name}", of: Table | None = None) -> Check:
    of = of or table()
    made = Check(of, text, of.phone_guesses[0], opted_out=lambda numbers: {"+972521110009"} & set(numbers))
    while not made.complete:
        made.go_on(3)
    return made


def test_every_row_is_judged_and_says_why():
    made = check()
    assert list(made.status) == [1, MISSING, SPOILT, REPEATED, OPTED_OUT, NUMBER, EMPTY, 1]
    totals = made.totals()
    assert (totals.recipients, totals.parts, totals.undecided) == (2, 2, 4)
    assert [(made.table.numbers[index], made.why(index)[0].column) for index in made.problems()] == [
        (3, "name"), (4, "phone"), (5, "phone"), (6, "phone"), (7, "phone"), (8, ""),
    ]  # fmt: skip
    assert "spreadsheet" in made.why(2)[0].what
    assert "row 2" in made.why(3)[0].what
    assert [entry.text for _, entry in made.sent()] == ["Hi Dana", "Hi Ruth"]


def test_rows_are_mended_and_left_out_one_by_one():
    made = check()
    made.table.change(1, 0, " Avi ")
    made.look_again(1)
    made.table.change(2, 1, "052 111 0004")
    made.look_again(2)
    assert [entry.text for _, entry in made.sent()] == ["Hi Dana", "Hi Avi", "Hi Yossi", "Hi Ruth"]
    made.skip(0)
    assert made.status[3] == 1, "its number is free for the row that repeated it"
    assert made.skip_undecided() == [5, 6]
    assert made.why(5)[0].kind == "number", "what is wrong with a row is still said when it is left out"
    assert made.totals().undecided == 0
    made.skip(0, False)
    assert (made.status[0], made.status[3]) == (REPEATED, 1)
    assert made.status[5] == SKIPPED
    assert [entry.number[-1] for _, entry in made.sent()] == ["2", "4", "1", "3"]


def test_what_was_found_can_be_corrected():
    text = "0521110001;Dana\n0521110002;Yossi\n"
    headless = Sheet(BytesIO(text.encode()), "list.csv", header=True)
    assert headless.looks_headless("IL")
    made = check("Hi {column2}", table(text, header=False))
    assert [entry.text for _, entry in made.sent()] == ["Hi Dana", "Hi Yossi"]
    assert table(text, header=False, delimiter=",").columns == ("column1",)
    with pytest.raises(InputError, match="UTF-16"):
        table("name,phone\nDana,0521110001\n", encoding="utf-16")


def test_a_field_without_a_column_and_a_table_without_rows_are_told():
    with pytest.raises(InputError, match="Did you mean “name”"):
        check("Hi {nmae}")
    with pytest.raises(InputError, match="no rows"):
        table("name,phone\n")
