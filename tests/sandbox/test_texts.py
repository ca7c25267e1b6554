"""What a gateway makes of a text (traps 11 and 12), and PHP's ways of writing an answer."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.recorded import VERSIONS, exchanges
from voipe_tui.sandbox.php import leading_decimal, leading_integer, serialize, to_json, to_xml
from voipe_tui.sandbox.texts import Version, billed_parts, cut_text, shown_text, stored_text

SPECIAL = next(e.params["msg"] for e in exchanges("1.4.3") if e.name == "pv.special_chars")
BACKSLASH = next(e.params["msg"] for e in exchanges("1.4.3") if e.name == "y.pv_backslash")


@pytest.mark.parametrize(
    ("version", "sent", "shown"),
    [
        ("1.4.3", SPECIAL, SPECIAL.replace('"', "'")),  # ds.special_chars
        ("1.4.3", BACKSLASH, "C:\\new 'x' 'y' \\\\srv\\s & <b>  a<b></b>"),  # y.ds_long
        ("1.4.3", "party 🎉", "party ????"),
        ("1.4.7", 'דוח "חדש" מוכן', "דוח \\'חדש\\' מוכן"),  # ix.some
        ("1.4.7", "a\\b", "a\\\\b"),
        ("1.4.7", "party 🎉", "party ?"),
        ("1.4.8", 'דוח "חדש" מוכן', "דוח 'חדש' מוכן"),  # ix.some
        ("1.4.8", "a\\b \\\\c <b>bold</b> 5<6 &amp;", "ab \\c bold 5<6 &"),
        ("1.4.8", "line1\r\nline2", "line1\nline2"),
    ],
)
def test_texts_change_on_their_way(version: Version, sent: str, shown: str) -> None:
    assert shown_text(stored_text(sent, version)) == shown


@given(st.text(), st.sampled_from(VERSIONS))
def test_any_text_survives_the_gateway(text: str, version: Version) -> None:
    shown = shown_text(stored_text(text, version))
    assert '"' not in shown
    assert all(ord(character) <= 0xFFFF for character in shown)


@given(st.text(alphabet="abcdefgh אבגד.,!?", max_size=400), st.sampled_from(VERSIONS))
def test_a_plain_text_comes_back_as_it_was(text: str, version: Version) -> None:
    assert shown_text(stored_text(text, version)) == text


@given(st.text(alphabet="aא", max_size=600))
def test_the_cut_is_a_beginning_of_the_text(text: str) -> None:
    cut = cut_text(text, 452)
    assert text.startswith(cut.removesuffix("?"))
    assert (cut == text) == (len(text) <= 452)


def test_the_cut_is_measured_in_characters_and_made_in_bytes() -> None:
    assert cut_text("א" * 300, 450) == "א" * 300  # pv.long_hebrew
    assert cut_text("א" * 500, 452) == "א" * 226  # y.pv_long_hebrew_500
    assert cut_text("a" + "א" * 500, 452) == "a" + "א" * 225 + "?"  # y.pv_long_hebrew_501


def test_parts_as_playsms_bills_them() -> None:
    assert [billed_parts("x" * n, "", unicode=False) for n in (1, 160, 161, 306, 307)] == [1, 1, 2, 2, 3]
    assert [billed_parts("א" * n, "", unicode=True) for n in (1, 70, 71, 134, 135)] == [1, 1, 2, 2, 3]
    assert billed_parts("x" * 150, "by us", unicode=False) == 1
    assert billed_parts("x" * 155, "by us", unicode=False) == 2


def test_php_writes_money_as_numbers() -> None:
    assert to_json({"a": Decimal("1000.0"), "b": Decimal("10.5"), "c": None, "d": "x/ש"}) == (
        '{"a":1000,"b":10.5,"c":null,"d":"x\\/\\u05e9"}'
    )


@pytest.mark.parametrize(
    ("text", "number"), [("1,3", 1), ("abc", 0), (" 7x", 7), ("-2", -2), ("", 0), ("9" * 40, int("9" * 18))]
)
def test_php_reads_what_a_string_begins_with(text: str, number: int) -> None:
    assert leading_integer(text) == number


def test_php_reads_amounts() -> None:
    assert [leading_decimal(text) for text in ("10.5", "abc", " 3 x", ".5")] == [
        Decimal("10.5"),
        Decimal(0),
        Decimal(3),
        Decimal("0.5"),
    ]


def test_xml_loses_a_text_with_an_ampersand_on_one_version() -> None:
    row = {"data": [{"msg": "Tom & Dana <3 שלום"}]}
    kept = to_xml(row, final_newline=True, ampersand_empties=False)
    assert "<msg>Tom &amp; Dana &lt;3 &#x5E9;&#x5DC;&#x5D5;&#x5DD;</msg>" in kept
    assert "<msg/>" in to_xml(row, final_newline=True, ampersand_empties=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_xml_and_serialize_are_written_as_recorded(version: Version) -> None:
    for exchange in exchanges(version):
        if exchange.name == "cr.xml":
            fields = {"status": "OK", "error": "0", "credit": "0", "error_string": None, "timestamp": exchange.moment}
            last = version == "1.4.8"
            assert to_xml(fields, final_newline=not last, ampersand_empties=last) == exchange.body
        if exchange.name == "ds.serialize" and version != "1.4.3":
            error = {"status": "ERR", "error": "400", "error_string": "no delivery status available"}
            assert serialize({**error, "timestamp": exchange.moment}) == exchange.body


def test_serialize_and_xml_of_the_recorded_rows() -> None:
    by_name = {exchange.name: exchange for exchange in exchanges("1.4.3")}
    rows = [
        {"smslog_id": "15", "src": "1234", "dst": "0521112227", "msg": "א" * 300},
        {"smslog_id": "16", "src": "1234", "dst": "0521112228", "msg": "שלום"},
    ]
    times = {"dt": "2026-11-22 03:20:28", "update": "2026-11-22 03:20:29", "status": "3"}
    data = [{**row, **times} for row in rows]
    recorded = by_name["ds.serialize"]
    assert serialize({"data": data, "error_string": None, "timestamp": recorded.moment}) == recorded.body
    recorded = by_name["ds.xml"]
    fields = {"data": data, "error_string": None, "timestamp": recorded.moment}
    assert to_xml(fields, final_newline=True, ampersand_empties=False) == recorded.body
