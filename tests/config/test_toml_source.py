"""Line numbers of keys, and broken files told with their place."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from voipe_tui.config.toml_source import key_lines, nearest, parse_toml, read_toml, shown
from voipe_tui.errors import ConfigError

EVERYTHING = '''\
# a comment with [brackets] and "quotes"
default = "vip"   # and one behind

[profiles.vip]
url = "https://x/#no-comment"
footer = """
[not.a.table]
key = "not a key"
\\""" still"""
senders = [
  "a]", # ]
  'b,"', [1, 2],
]
literal = \'\'\'
x = 1 \'\'\'
after = 1979-05-27 07:32:00

["quoted name".'x.y']
"a b" = { inner = { deep = [ { z = 1 } ] }, other = "}" }
dotted . "key" = 1.5e3

[[list]]
first = true
[[list]]
first = false
'''


def test_every_kind_of_key_has_its_line() -> None:
    lines = key_lines(EVERYTHING)
    expected = {
        ("default",): 2,
        ("profiles",): 4,
        ("profiles", "vip"): 4,
        ("profiles", "vip", "url"): 5,
        ("profiles", "vip", "footer"): 6,
        ("profiles", "vip", "senders"): 10,
        ("profiles", "vip", "literal"): 14,
        ("profiles", "vip", "after"): 16,
        ("quoted name", "x.y"): 18,
        ("quoted name", "x.y", "a b"): 19,
        ("quoted name", "x.y", "a b", "inner", "deep", "z"): 19,
        ("quoted name", "x.y", "a b", "other"): 19,
        ("quoted name", "x.y", "dotted", "key"): 20,
        ("list",): 22,
        ("list", "first"): 23,
    }
    assert {path: lines[path] for path in expected} == expected
    assert ("not", "a", "table") not in lines
    assert len(lines) == len(expected) + len([("quoted name",), ("…", "dotted"), ("…", "inner"), ("…", "deep")])


def test_a_place_falls_back_to_the_table_around() -> None:
    source = parse_toml(Path("/c/x.toml"), EVERYTHING.encode())
    assert source.place("profiles", "vip", "url") == "/c/x.toml:5"
    assert source.place("profiles", "vip", "missing") == "/c/x.toml:4"
    assert source.place("missing") == "/c/x.toml:1"


def test_no_file_is_none(tmp_path: Path) -> None:
    assert read_toml(tmp_path / "none.toml") is None


def test_an_unreadable_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_toml(tmp_path)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b'a = 1\nb = "secret\nc = 2\n', ":2:12"),
        (b"a = 1\na = 2\n", ":2:6"),
        (b"a = 1\n\n[x", ":3"),
        (b"a = [1,\n2\n", ":2"),
        (b"a = secret\n", ":1:5"),
        (b"a = 1\nb = 'sec\xffret'\n", ":2"),
        (b"= 1\n", ":1:1"),
    ],
)
def test_a_broken_file_is_told_with_its_place_and_without_its_content(content: bytes, place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_toml(Path("/c/profiles.toml"), content)
    assert caught.value.message.startswith(f"/c/profiles.toml{place}: ")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_files_of_windows_editors_are_read() -> None:
    source = parse_toml(Path("x"), b'\xef\xbb\xbfa = 1\r\n[t]\r\nb = """x\r\ny"""\r\nc = 2\r\n')
    assert source.data["t"]["b"] == "x\ny"
    assert source.line("t", "c") == 5


@pytest.mark.parametrize(
    ("word", "found"), [("usrname", "username"), ("URL", "url"), ("tokn", "token"), ("zzz", None), ("", None)]
)
def test_the_nearest_match(word: str, found: str | None) -> None:
    assert nearest(word, ["url", "username", "token"]) == found


def test_what_is_shown_cannot_be_obeyed() -> None:
    assert shown("a\x1b[31m\u202e\nשלום") == "a·[31m··שלום"


keys = st.text(min_size=1, max_size=8)
values = st.recursive(
    st.one_of(st.text(max_size=20), st.integers(-5, 5), st.booleans(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=12,
)


def paths_of(table: dict[str, Any], above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found = set()
    for key, value in table.items():
        found.add((*above, key))
        if isinstance(value, dict):
            found |= paths_of(value, (*above, key))
    return found


@given(st.dictionaries(keys, values, max_size=5), st.booleans())
def test_every_key_of_any_file_is_found(table: dict[str, Any], multiline: bool) -> None:
    text = tomli_w.dumps(table, multiline_strings=multiline)
    assert paths_of(tomllib.loads(text)) <= set(key_lines(text))
    assert all(1 <= line <= text.count("\n") + 1 for line in key_lines(text).values())
