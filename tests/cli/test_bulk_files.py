"""The files that ``bulk`` is given: the usual ones are understood, the doubtful ones are named and not sent."""

from __future__ import annotations

import csv
import io

import pytest

from tests.cli.bulk_support import HI, people
from tests.cli.support import Gateway, Shell

# What people's files are like


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1255"])
def test_any_usual_file_is_understood(user: Shell, table, delimiter, encoding):
    rows = [["שם", "נייד", "עיר"], ["דנה", "052-1110001", "חיפה"], ["יוסי", "521110002", f"יפו{delimiter} ת״א"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    done = user.run("bulk", table(text.getvalue(), encoding), "--message", "שלום {שם} מ{עיר}", "--dry-run", "--json")
    assert done.code == 0, done.err
    shown = done.json
    assert (shown["phone_column"], shown["delimiter"], shown["recipients"]) == ("נייד", delimiter, 2)
    assert shown["first"] == [
        {"row": 2, "number": "+972521110001", "text": "שלום דנה מחיפה"},
        {"row": 3, "number": "+972521110002", "text": f"שלום יוסי מיפו{delimiter} ת״א"},
    ]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_that_does_not_say_so_is_understood(user: Shell, table, encoding):
    file = table("נייד,שם\n0521110001,דנה כהן־לוי\n", encoding)
    shown = user.run("bulk", file, "--message", "שלום {שם}", "--dry-run", "--json").json
    assert (shown["encoding"], shown["first"][0]["text"]) == (encoding, "שלום דנה כהן־לוי")


def test_what_was_found_is_said_and_corrected_from_the_shell(user: Shell, gateway: Gateway, table):
    """A French name in Windows-1252 is valid Windows-1255, too: only a person can know."""
    file = table("0521110001;René;a,b\n0521110002;Zoé;c,d\n", "windows-1252")
    said = user.run("bulk", file, "--message", "{column2}, {column3}", "--no-header", "--dry-run").out
    assert "list.csv: Windows-1255, semicolon between cells, no row of names, numbers in “column1”" in said
    assert "Renי" in said
    corrected = ("--encoding", "cp1252", "--delimiter", "semicolon", "--no-header")
    done = user.run("bulk", file, "--message", "{column2}, {column3}", *corrected)
    assert done.code == 0, done.err
    assert "list.csv: Windows-1252, semicolon between cells, no row of names" in done.err
    assert sorted(gateway.accepted) == [("+972521110001", "René, a,b"), ("+972521110002", "Zoé, c,d")]


def test_numbers_alone_need_no_header(user: Shell, gateway: Gateway, table):
    assert user.run("bulk", table("0521110001\n0521110002\n\n\n"), "--message", "Hi").code == 0
    assert sorted(gateway.accepted) == [("+972521110001", "Hi"), ("+972521110002", "Hi")]


def test_the_same_number_twice_gets_one_text(user: Shell, gateway: Gateway, table):
    done = user.run("bulk", table("name,phone\nA,0521110001\nB,+972 52 111 0001\nA,052-111-0001\n"), *HI)
    assert done.code == 0
    assert gateway.accepted == [("+972521110001", "Hi A")]
    assert "repeated in row 3, 4; 1 of these rows had another text" in done.err


def test_a_dry_run_says_what_would_be_sent_and_stores_nothing(user: Shell, gateway: Gateway, table):
    file = table(people(4) + f"{'x' * 170},0529999999\n")
    done = user.run("bulk", file, *HI, "--dry-run")
    assert done.code == 0
    assert "5 recipients, 6 parts (4 × 1, 1 × 2)" in done.out
    assert [line.split()[1] for line in done.out.splitlines() if line.startswith("  row")] == ["2", "3", "4"]
    assert done.out.endswith("Nothing was sent.\n")
    assert gateway.accepted == []
    assert not user.data.exists()


def test_who_would_be_woken_is_said_before_it_is_sent(user: Shell, gateway: Gateway, table):
    user.profile(
        gateway.url, "quiet", quiet_hours="00:00-12:00"
    )  # seven in the morning there, noon and later in Israel
    done = user.run(
        "bulk", table("phone\n0521110001\n+12125550123\n"), "--message", "Hi", "--dry-run", "--profile", "quiet"
    )
    assert "note: Quiet hours (00:00-12:00): it is " in done.out
    assert " for +12125550123 now." in done.out


# What is wrong with them


def refused(user: Shell, gateway: Gateway, file: str, *more: str) -> str:
    done = user.run("bulk", file, *(more or HI))
    assert done.code == 2
    assert done.out == ""
    assert "Nothing was" in done.err
    assert gateway.accepted == []
    assert not user.data.exists()
    return done.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"\n \n\n", "The file is empty."),
        (b"name,phone\n", "has no rows below its header"),
        (b"Dana,0521110001\nYossi,0521110002\n", "Row 1 has a phone number (“0521110001”, column 2)"),
        (b"\x7fELF\x02\x01\x00\x00" * 99, "Row 1, column 1 has a control character in it (U+0002, byte 5)"),
        (b"phone\n0521110001\n05211\x000002\n", "Row 3, column 1 has a control character in it (U+0000,"),
        (b"PK\x03\x04\x14\x00\x06\x00", "This is an Excel workbook or a zip archive, not a CSV file."),
        (b'name,phone\nDana,0521110001\n"Yossi,0521110002\n', "Row 3, column 1: the quotation marks are broken"),
        (b'name,phone\n"Dana"x,0521110001\n', "Row 2, column 1: the quotation marks are broken"),
        (b'name,phone\n"Dana,0521110001\n' + b"Yossi,0521110002\n" * 9_999, "Row 2, column 1: a cell of more than"),
        ("name,phone\nדנה,0521110001\n".encode() + "יוסי,0521110002\n".encode("windows-1255"),
         "Row 3, column 1 is not UTF-8 (byte 1) while others are: encodings are mixed"),
        ("phone;name\n1;דנה\n2;\"a\nb\"\n3;".encode() + "יוסי\n".encode("windows-1255"), "Row 4, column 2 (line 5)"),
        (b"sep=|\nphone|name\n1|D\xffna\n", "Row 2, column 2 (line 3) is neither UTF-8 nor Windows-1255"),
        (b"name,phone\rDana,05211\x00\r", "Row 2, column 2 (line 1) has a control character"),
        (b"phone,name\n1," + b"y" * 200_000 + b",\x01\n", "Row 2, column 3 has a control character"),
        (b"phone\n" + b"y" * 200_000 + b"\n\x01\n", "Line 3 has a control character"),
        (b"x" * 1_100_000 + b"\n\x01\n", "Line 2 has a control character"),
        (b"name,phone\nD\xffna,0521110001\n", "Row 2, column 1 is neither UTF-8 nor Windows-1255"),
        ("name,phone\nדנה,0521110001\n".encode("utf-16")[:-3],
         "Row 2, column 2 is not valid UTF-16 at character 14."),
        ("name,phone\nDana,\x010521110001\n".encode("utf-16"), "Row 2, column 2 has a control character in"),
        (b"name,phone\n" + b"x" * 50_000_000, "Row 2, column 1 is in a line of more than 1,000,000"),
        (b"name,phone\nDana," + b"x" * 1_100_000, "Row 2, column 2 is in a line of more than"),
        (b"name,city\nDana,Haifa\n", "No column has mostly phone numbers."),
        (b"name,phone,mobile\nDana,0521110001,0521110002\n", "There is more than one column of phone numbers."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused(user: Shell, gateway: Gateway, table, content, said):
    assert said in refused(user, gateway, table(content))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Dana,", "Row 3, phone: there is no number"),
        (",0521110002", "Row 3, name: it is empty, and the message needs it"),
        (" ,0521110002", "Row 3, name: it is empty"),
        ("Dana", "Row 3, phone: there is no number"),
        ("Dana,5.21E+08", "Row 3, phone: “5.21E+08” was rounded by a spreadsheet"),
        ("Dana,521110002.0", "Row 3, phone: “521110002.0” was made a decimal number"),
        ("Dana,05211", "Row 3, phone: “05211”"),
        ("Dana,dana", "Row 3, phone: “dana”: letters are no phone number"),
        ("Dana,@dana", "Row 3, phone: “@dana”"),
        ('Dana,"0521110002, 0521110003"', "Row 3, phone: “0521110002, 0521110003” is 2 numbers"),
        ("Dana,0521110002,x", "Row 3: it has 3 cells, the header has 2"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_sent(user: Shell, gateway: Gateway, table, row, said):
    file = table(f"name,phone\nDana,0521110001\n{row}\nYossi,0521110009\n")
    assert said in refused(user, gateway, file)
    shown = user.run("bulk", file, *HI, "--dry-run", "--json")
    assert (shown.code, shown.json["problem_count"], shown.json["problems"][0]["row"]) == (2, 1, 3)


def test_what_people_leave_in_their_files_is_passed_over_and_told(user: Shell, gateway: Gateway, table):
    rows = "sep=;\nphone;name\n0521110001;Dana;;\n;\n\n03-6123456;Office;\n0521110002;Ruth\n"
    done = user.run("bulk", table(rows), "--message", "Hi {name}")
    assert done.code == 0, done.err
    assert "note: empty rows, passed over: 2." in done.err
    assert "which may get nothing: 1, in row 5." in done.err
    assert sorted(text for _, text in gateway.accepted) == ["Hi Dana", "Hi Office", "Hi Ruth"]


def test_at_most_twenty_problems_are_shown_and_all_are_counted(user: Shell, gateway: Gateway, table):
    said = refused(user, gateway, table("name,phone\nDana,0521110001\n" + ",052\n" * 30), *HI, "--to-column", "PHONE")
    assert "list.csv has 60 problems." in said
    assert said.count("Row ") == 20
    assert "… and 40 more." in said


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--message", "Hi {nmae}"], "no column called “nmae”. Did you mean “name”?"),
        (["--message", "Hi {name"], "a brace at character 4"),
        (["--message", " "], "The text is empty."),
        ([], "There is no text."),
        ([*HI, "--encoding", "base64"], "“base64” is no encoding of text"),
        ([*HI, "--encoding", "utf-16"], "Line 1 is not valid UTF-16 at character 1."),
        (
            [*HI, "--encoding", "ascii", "--to-column", "phone"],
            "Row 3, column 1 is not valid ascii at",
        ),
        ([*HI, "--delimiter", "dot"], "“dot” is no delimiter"),
        ([*HI, "--delimiter", ";", "--header"], "there is no column called “name”"),
        ([*HI, "--to-column", "fone"], "no column called “fone”. Did you mean “phone”?"),
        ([*HI, "--sender", "MuchTooLongName"], "at most 11 characters"),
        ([*HI, "--rate", "0"], "no number of messages a second"),
        ([*HI, "--resume", "1"], "Say one thing to do."),
    ],
)
def test_bad_options_are_refused(user: Shell, gateway: Gateway, table, argv, said):
    done = user.run("bulk", table(people(2).replace("Dana 1", "דנה")), *argv)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert gateway.accepted == []


@pytest.mark.parametrize("name", ["missing.csv", ".", "a\x00b"])
def test_a_file_that_cannot_be_read(user: Shell, name):
    done = user.run("bulk", str(user.home / name), *HI)
    assert done.code == 2
    assert "Nothing was sent." in done.err
