"""A paste is text, whatever is in it and however its bytes arrive."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from textual import events

from voipe_tui.ui.terminal.paste import GuardedParser, PasteGuard

HOSTILE = "a\x1b[15~b\x1b\x1b]52;c;x\x07c\x1b"


def chunked(text: str, cuts: list[int]) -> list[str]:
    places = sorted({cut % (len(text) + 1) for cut in cuts} | {0, len(text)})
    return [text[a:b] for a, b in pairwise(places) if a < b]


@given(st.lists(st.integers(0, 200), max_size=8))
def test_an_escape_in_a_paste_presses_no_key(cuts: list[int]) -> None:
    parser = GuardedParser()
    heard = [
        event
        for chunk in chunked(f"x\x1b[200~{HOSTILE}\x1b[201~y\x1b[15~", cuts)
        for event in parser.feed(chunk)
        if isinstance(event, events.Key | events.Paste)
    ]
    pasted = [event.text for event in heard if isinstance(event, events.Paste)]
    assert pasted == ["a[15~b]52;c;x\x07c"]
    assert [event.key for event in heard if isinstance(event, events.Key)] == ["x", "y", "f5"]


def test_an_end_in_the_pasted_text_does_not_end_the_paste() -> None:
    paste = "a\x1b[201~\x07b"
    heard = list(GuardedParser().feed(f"\x1b[200~{paste}\x1b[201~y\x1b[200~c\x1b[201~"))
    assert [event.text for event in heard if isinstance(event, events.Paste)] == ["a\x07b", "c"]
    assert [event.key for event in heard if isinstance(event, events.Key)] == ["y"]


@given(st.text(st.sampled_from("ab\x1b[0~12"), max_size=30), st.lists(st.integers(0, 99), max_size=5))
def test_what_is_not_pasted_passes_as_it_is(text: str, cuts: list[int]) -> None:
    if "\x1b[200~" not in text:
        guard = PasteGuard()
        assert "".join(guard.clean(chunk) for chunk in chunked(text, cuts)) == text
