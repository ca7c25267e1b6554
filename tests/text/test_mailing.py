"""Tables and texts: what was written into a CSV file is what is read, and what is merged is what the row says."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voipe_tui.errors import InputError
from voipe_tui.text.mailing import Findings, Mailing
from voipe_tui.text.merge import Template
from voipe_tui.text.sheet import Sheet

LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
CELLS = st.text(LETTERS | st.sampled_from([",", ";", "\t", "|", '"', "\n", " "]), max_size=12)


def sheet(content: bytes) -> Sheet:
    return Sheet(io.BytesIO(content), "list.csv")


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_was_written_is_read(rows, delimiter, encoding):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("name", "phone", "note"), *_full(rows)])
    read = sheet(text.getvalue().encode(encoding))
    assert read.delimiter == delimiter
    assert [(row.number, row.cells) for row in read.rows()] == [
        (number, [cell.strip() for cell in cells]) for number, cells in enumerate(_full(rows), 2)
    ]


def _full(rows: list[tuple[str, str]]) -> list[tuple[str, ...]]:
    return [(name, "0521110001", note) for name, note in rows]


def test_rows_are_numbered_as_a_spreadsheet_does():
    read = sheet(b'name,phone\n"two\nlines",1\n\n,\nlast,4\n,\n\n')
    assert [(row.number, row.is_empty) for row in read.rows()] == [(2, False), (3, True), (4, True), (5, False)]
    assert [row.number for row in read.rows()] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("text", "fields", "merged"),
    [
        ("Hi {name}", ["name"], "Hi Dana"),
        ("{ NAME }{city}{name}", ["NAME", "city", "name"], "DanaHaifaDana"),
        ("{{{name}}} {{x}}", ["name"], "{Dana} {x}"),
        ("plain", [], "plain"),
        ("{שם פרטי}!", ["שם פרטי"], "דנה!"),
    ],
)
def test_a_template(text, fields, merged):
    template = Template(text)
    assert template.fields == fields
    places = template.places(["name", "city", "שם פרטי"])
    assert template.render(["Dana", "Haifa", "דנה"], places) == merged


@given(st.text())
def test_what_stands_in_a_cell_is_never_read_as_a_field(cell):
    template = Template("<{name}>")
    assert template.render([cell], template.places(["name"])) == f"<{cell}>"


@pytest.mark.parametrize("text", ["{", "}", "a { b", "{}", "{ }", "{a{b}}", "{{name}"])
def test_a_lone_brace_is_named(text):
    with pytest.raises(InputError, match="brace at character"):
        Template(text)


def test_two_columns_of_one_name_are_only_a_problem_where_it_is_used():
    read = sheet(b"name,name,phone\nA,B,0521110001\n")
    assert [each.text for each in Mailing(read, "Hi").entries(Findings())] == ["Hi"]
    with pytest.raises(InputError, match="2 columns called “name”"):
        Mailing(read, "Hi {name}")


@pytest.mark.parametrize(
    ("header", "row", "found"),
    [
        ("id,phone", "521110009,0521110001", "phone"),
        ("name,x", "Dana,0521110001", "x"),
        ("שם,נייד,קוד", "דנה,0521110001,521110009", "נייד"),
        ("phone,note", "5.21E+08,a", "phone"),
    ],
)
def test_the_phone_column_is_found(header, row, found):
    assert Mailing(sheet(f"{header}\n{row}\n".encode()), "Hi").phone_column == found


class _Endless(io.RawIOBase):
    """A table of many rows that is in no memory."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._made = self._make()

    def _make(self) -> Iterator[bytes]:
        yield b"name,phone\n"
        for start in range(0, self._rows, 1_000):
            yield b"".join(b"Dana,052%07d\n" % (n % 50) for n in range(start, start + 1_000))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._made, self._rest = self._make(), b""
        return 0

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        while not self._rest and (more := next(self._made, None)) is not None:
            self._rest = more
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def test_memory_does_not_grow_with_the_table():
    peaks = []
    for rows in (2_000, 20_000):
        tracemalloc.start()
        findings = Findings()
        mailing = Mailing(Sheet(_Endless(rows), "list.csv"), "Hi {name}")  # type: ignore[arg-type]
        assert sum(1 for _ in mailing.entries(findings)) == 50
        assert findings.repeated_count == rows - 50
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 300_000
