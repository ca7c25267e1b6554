"""Rows of a CSV file as people have them: whatever delimiter and encoding their spreadsheet chose, read in flat memory.

Encodings: UTF-8 and UTF-16 with or without BOM, else Windows-1255. Rows are numbered as a spreadsheet does: the
first row is 1, empty ones count, a cell with line breaks in it does not make two. What cannot be read for certain is
an InputError that names the place; nothing is guessed that could put a wrong text into a message.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO, Final, NamedTuple

from voipe_tui.errors import InputError
from voipe_tui.text.numbers import e164
from voipe_tui.text.untrusted import safe_line

DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
ENCODINGS: Final = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "windows-1255": "Windows-1255",
    "windows-1252": "Windows-1252",
}
"""By Python's names; the last is never found, for any bytes are valid in it, but a person may know it is meant."""
LONGEST_LINE: Final = 1_000_000
"""Characters. Longer is no table; it is refused before it fills the memory."""

_CHUNK: Final = 1 << 20
_SAMPLE_LINES, _SAMPLE_CHARACTERS = 20, 4_096
_LONGEST_NUMBER: Final = 40
_WIDE_SHARE: Final = 0.2
"""Of the units of a UTF-16 text, so many at least are ASCII (digits, delimiters, line ends) and have a NUL byte."""
_NOT_TEXT: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f]")
_NOT_TEXT_DECODED: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
_UTF8_AMONG_OTHERS: Final = re.compile(rb"\xd7[\x90-\xaa]|\xe2\x80[\x93-\xa6]")
"""Hebrew letters and usual punctuation in UTF-8; in a Windows-1255 text these pairs of bytes make no sense."""
_KNOWN_FILES: Final = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
}
_EXPORT_HINT: Final = "Export it as “CSV UTF-8” from the spreadsheet and try again."
_SAYS_DELIMITER: Final = re.compile(r'"?sep=([,;\t|])"?\s*$', re.IGNORECASE)
"""The first line by which a file tells Excel its delimiter."""
_BARE_NUMBER: Final = "number"
"""The name of the only column of a file without a header."""


class _TooLong(Exception):
    """A line, or a cell, that is no table's."""


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` as a spreadsheet shows it; ``cells`` are trimmed."""

    number: int
    cells: list[str]

    @property
    def is_empty(self) -> bool:
        return not any(self.cells)


class _Place(NamedTuple):
    """Where a byte stands in a file: its line and its place in it, both from 1."""

    line: int = 1
    byte: int = 1

    def beyond(self, chunk: bytes, offset: int) -> _Place:
        """The place of ``chunk[offset]``, where the chunk begins here."""
        before = chunk[: max(offset, 0)]
        lines = before.count(b"\n")
        return _Place(self.line + lines, offset - before.rfind(b"\n") if lines else self.byte + offset)

    def after(self, text: str) -> _Place:
        """The place behind ``text``, where it begins here and characters are counted."""
        lines = text.count("\n")
        return _Place(self.line + lines, len(text) - text.rfind("\n") if lines else self.byte + len(text))


def described(encoding: str, delimiter: str, has_header: bool, columns: Sequence[str]) -> str:
    """How a table was read, for people: ``UTF-8, comma between cells, names in the first row``."""
    name = ENCODINGS.get(encoding, encoding)
    between = "" if len(columns) == 1 else f", {DELIMITERS.get(delimiter, delimiter)} between cells"
    return f"{name}{between}, {'names in the first row' if has_header else 'no row of names'}"


class Sheet:
    """A table in ``stream`` (binary, seekable); ``name`` is for messages. May be read any number of times.

    Encoding, delimiter and header are found unless they are given. Raises InputError when it is empty, no text, or has
    no header; ``region`` is the country of numbers without a country code, by which a header is told from data.
    ``header`` None: there must be one above several columns. True: the first row is one. False: there is none.
    """

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        region: str = "IL",
        *,
        encoding: str | None = None,
        delimiter: str | None = None,
        header: bool | None = None,
    ) -> None:
        self._stream = stream
        self.name = name
        self._region, self._said_delimiter = region, delimiter
        self.encoding = self._find_encoding() if encoding is None else encoding
        # Single bytes were looked through when the encoding was found; other texts only show when they are decoded.
        self._looked_through = encoding is None and not self.encoding.startswith("utf-16")
        self.delimiter = _fittest(self._lines(), region) if delimiter is None else delimiter
        self.has_header = header is not False
        self.columns, self._skipped = self._find_header(region, header)

    def rows(self) -> Iterator[Row]:
        """The rows below the header. Empty ones at the very end are left out: every program writes those."""
        pending: list[Row] = []
        for row in self._records():
            if row.number <= self._skipped:
                continue
            if row.is_empty:
                # A file of a million empty rows is not worth remembering each.
                if len(pending) < _SAMPLE_LINES:
                    pending.append(row)
                continue
            yield from pending
            pending.clear()
            yield row

    def _bad(self, what: str, hint: str = "") -> InputError:
        return InputError(f"{safe_line(self.name)}: {what} Nothing was sent.", hint=hint)

    # Encoding

    def _find_encoding(self) -> str:
        self._stream.seek(0)
        head = self._stream.read(4)
        if not head:
            raise self._bad("The file is empty.")
        for magic, kind in _KNOWN_FILES.items():
            if head.startswith(magic):
                raise self._bad(f"This is {kind}, not a CSV file.", _EXPORT_HINT)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if wide := self._wide():
            return wide
        broken_at = self._scan()
        if broken_at is None:
            return "utf-8-sig"
        return self._windows_1255(broken_at)

    def _wide(self) -> str:
        """UTF-16 that does not say so: the NUL bytes are in even or in odd places, and there are many."""
        self._stream.seek(0)
        sample = self._stream.read(_SAMPLE_CHARACTERS)
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        if max(even, odd) < max(_WIDE_SHARE * (len(sample) // 2), 1) or min(even, odd) > max(even, odd) // 20:
            return ""
        return "utf-16-le" if odd > even else "utf-16-be"

    def _scan(self) -> _Place | None:
        """None if all of it is UTF-8, else the place of the first byte that is not. Raises for what is no text."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        here, broken_at = _Place(), None
        for chunk in self._chunks():
            if control := _NOT_TEXT.search(chunk):
                place = here.beyond(chunk, control.start())
                raise self._binary(self._cell(place), f"byte {place.byte:,}", control.group()[0])
            if broken_at is None:
                broken_at = _broken_place(decoder, chunk, here)
            here = here.beyond(chunk, len(chunk))
        return broken_at or _broken_place(decoder, b"", here, final=True)

    def _windows_1255(self, broken_at: _Place) -> str:
        here, tail = _Place(), b""
        for chunk in self._chunks():
            if _UTF8_AMONG_OTHERS.search(tail + chunk):
                what = f"{self._cell(broken_at)} is not UTF-8 (byte {broken_at.byte:,}) while others are"
                raise self._bad(f"{what}: encodings are mixed.", _EXPORT_HINT)
            try:
                chunk.decode("windows-1255")
            except UnicodeDecodeError as error:
                bad = here.beyond(chunk, error.start)
                what = f"{self._cell(bad)} is neither UTF-8 nor Windows-1255 (Hebrew), from byte {bad.byte:,} on."
                raise self._bad(what, _EXPORT_HINT) from None
            here = here.beyond(chunk, len(chunk))
            tail = chunk[-2:]
        return "windows-1255"

    def _chunks(self) -> Iterator[bytes]:
        self._stream.seek(0)
        while chunk := self._stream.read(_CHUNK):
            yield chunk

    def _binary(self, cell: str, place: str, code: int) -> InputError:
        what = f"{cell} has a control character in it (U+{code:04X}, {place}): this is not a text file."
        return self._bad(what, _EXPORT_HINT)

    def _cell(self, place: _Place, encoding: str = "latin-1", ends: str = "\n") -> str:
        """For people: in which cell, of which line, something stands. ``place`` counts in characters of ``encoding``
        (bytes while none is found; in all that are tried then, delimiters and line ends are those of ASCII), and lines
        that end in ``ends``. The line alone where one before it is too long to be a table's."""
        self._stream.seek(0)
        text = io.TextIOWrapper(self._stream, encoding, "replace", newline=ends)

        def before() -> Iterator[str]:
            for _ in range(place.line - 1):
                line = text.readline(LONGEST_LINE + 1)
                if len(line) > LONGEST_LINE:
                    raise _TooLong
                yield from io.StringIO(line, newline="")
            yield from io.StringIO(text.readline(min(place.byte - 1, LONGEST_LINE)) + "x", newline="")

        try:
            lines = before()
            head = list(islice(lines, _SAMPLE_LINES))
            row, column = _last_cell(chain(head, lines), self._said_delimiter or _fittest(head, self._region))
        except (_TooLong, UnicodeError):  # UTF-16 that does not say which
            return f"Line {place.line:,}"
        finally:
            text.detach()
        line = f" (line {place.line:,})" if place.line != row else ""  # a cell may have line breaks in it
        return f"Row {row:,}, column {column:,}{line}"

    # Lines and records

    def looks_headless(self, region: str) -> bool:
        """Whether its first row has a phone number in it, and is therefore no header."""
        first = next((row for row in self._records() if not row.is_empty), None)
        return first is not None and any(e164(cell, region) is not None for cell in first.cells)

    def _lines(self) -> Iterator[str]:
        self._stream.seek(0)
        text = io.TextIOWrapper(self._stream, self.encoding, newline="")
        number = 0
        try:
            while line := text.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    cell = self._cell(_Place(number, LONGEST_LINE), self.encoding, "")
                    raise self._bad(
                        f"{cell} is in a line of more than {LONGEST_LINE:,} characters; this is no table of numbers.",
                        "Check the file, and that its lines have ends.",
                    )
                if not self._looked_through and (control := _NOT_TEXT_DECODED.search(line)):
                    place = _Place(number, control.start() + 1)
                    cell = self._cell(place, self.encoding, "")
                    raise self._binary(cell, f"character {place.byte:,}", ord(control.group()))
                yield line
        except UnicodeError:
            name = ENCODINGS.get(self.encoding, self.encoding)
            place = self._misfit()
            cell = self._cell(place, self.encoding)
            raise self._bad(f"{cell} is not valid {name} at character {place.byte:,}.", _EXPORT_HINT) from None
        finally:
            with contextlib.suppress(ValueError):  # the stream was closed before we were
                text.detach()  # it is not the wrapper's to close

    def _misfit(self) -> _Place:
        """The place of what makes no sense in the encoding: text is decoded in pieces of many lines."""
        decoder = codecs.getincrementaldecoder(self.encoding)()
        here = _Place()
        for chunk in chain(self._chunks(), [b""]):
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                # It may hold the first bytes of a character from the chunk before.
                good = decoder.decode(chunk[: max(error.start - (len(error.object) - len(chunk)), 0)])
                return here.after(good)
            except UnicodeError:
                break
            here = here.after(text)
        return here

    def _records(self) -> Iterator[Row]:
        raw: list[str] = []

        def fed() -> Iterator[str]:
            for place, line in enumerate(self._lines()):
                if not place and _SAYS_DELIMITER.match(line):
                    continue  # no row: a spreadsheet does not show it either
                raw.append(line)
                yield line

        reader = csv.reader(fed(), delimiter=self.delimiter, skipinitialspace=True, strict=True)
        number = 0
        while True:
            raw.clear()
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise self._broken(number, "".join(raw), error) from None
            yield Row(number, [cell.strip() for cell in cells])

    def _broken(self, row: int, raw: str, error: csv.Error) -> InputError:
        column = _broken_column(raw, self.delimiter)
        if "field larger" in str(error):
            what = f"Row {row}, column {column}: a cell of more than {csv.field_size_limit():,} characters"
            return self._bad(f"{what}; a quotation mark may be missing.", "Mend the quotation marks in this row.")
        return self._bad(
            f"Row {row}, column {column}: the quotation marks are broken ({_quote_fault(error)}).",
            'A cell with quotation marks is written "like ""this""".',
        )

    # Header

    def _find_header(self, region: str, header: bool | None) -> tuple[tuple[str, ...], int]:
        for row in self._records():
            if row.is_empty:
                continue
            if header is not None:
                numbered = tuple(f"column{place}" for place in range(1, len(row.cells) + 1))
                return (tuple(row.cells), row.number) if header else (numbered, row.number - 1)
            numbers = [cell for cell in row.cells if e164(cell, region) is not None]
            if len(row.cells) == 1 and numbers:
                self.has_header = False
                return (_BARE_NUMBER,), row.number - 1
            if numbers:
                raise self._bad(
                    f"Row {row.number} has a phone number (“{safe_line(numbers[0])}”, column "
                    f"{row.cells.index(numbers[0]) + 1}) where the names of the columns should be.",
                    "Put a row with names above (phone, name, …), or say --no-header and call them column1, column2, …",
                )
            return tuple(row.cells), row.number
        raise self._bad("The file is empty.")


def _fittest(lines: Iterable[str], region: str) -> str:
    """The delimiter that leaves phone numbers alone in their cells; then the one that makes rows alike, and most of it.

    Every row of a table of messages may have three commas in its text: being regular alone proves nothing.
    """
    sample = [line[:_SAMPLE_CHARACTERS] for line in islice(lines, _SAMPLE_LINES)]
    head = next((line for line in sample if line.strip()), "")
    if said := _SAYS_DELIMITER.match(head):
        return said.group(1)

    def fitness(delimiter: str) -> tuple[int, float, int]:
        rows = [row for row in csv.reader(sample, delimiter=delimiter, skipinitialspace=True) if row]
        numbers = sum(any(_is_short_number(cell, region) for cell in row) for row in rows)
        [(width, alike)] = Counter(map(len, rows)).most_common(1)
        return numbers, alike / len(rows), width

    return max((each for each in DELIMITERS if each in head), key=fitness, default=",")


def _last_cell(lines: Iterator[str], delimiter: str) -> tuple[int, int]:
    """Row and column, both from 1, of the cell that ``lines`` end in, however broken it is; _TooLong where a cell
    before it is."""
    raw, row, cells = "", 0, [""]

    def fed() -> Iterator[str]:
        nonlocal raw
        for place, raw in enumerate(lines):
            if place or not _SAYS_DELIMITER.match(raw):
                yield raw

    try:
        for row, cells in enumerate(csv.reader(fed(), delimiter=delimiter, skipinitialspace=True), 1):  # noqa: B007
            pass
    except csv.Error:  # a cell that is too long
        if next(lines, None) is not None:
            raise _TooLong from None
        return row + 1, _broken_column(raw, delimiter)
    return row, len(cells)


def _is_short_number(cell: str, region: str) -> bool:
    return len(cell) <= _LONGEST_NUMBER and any(map(str.isdigit, cell)) and e164(cell.strip(), region) is not None


def _quote_fault(error: csv.Error) -> str:
    return "one is never closed" if "end of data" in str(error) else "something stands behind the last one"


def _broken_place(
    decoder: codecs.IncrementalDecoder, chunk: bytes, here: _Place, *, final: bool = False
) -> _Place | None:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        # The decoder may hold the first bytes of a character from the chunk before.
        return here.beyond(chunk, error.start - (len(error.object) - len(chunk)))
    return None


def _broken_column(raw: str, delimiter: str) -> int:
    """In which column (from 1) of a record the quotation marks go wrong."""
    column, position, length = 1, 0, len(raw)
    while position < length:
        if raw[position] == " ":
            position += 1
        elif raw[position] == '"':
            position = _after_quoted(raw, position + 1)
            if position < 0 or (position < length and raw[position] not in delimiter + "\r\n"):
                return column
            position += 1
            column += 1
        else:
            end = raw.find(delimiter, position)
            if end < 0:
                return column
            position, column = end + 1, column + 1
    return column


def _after_quoted(raw: str, position: int) -> int:
    """Where a quoted cell ends, behind its last quotation mark; -1 if it never does."""
    while (position := raw.find('"', position)) >= 0:
        if raw[position + 1 : position + 2] != '"':
            return position + 1
        position += 2
    return -1
