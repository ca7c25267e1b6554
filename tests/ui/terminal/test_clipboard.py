import base64

from voipe_tui.ui.terminal.clipboard import osc52
from voipe_tui.ui.terminal.desktop import desktop_note


def test_bare_in_a_plain_terminal() -> None:
    assert osc52("שלום", {}) == f"\x1b]52;c;{base64.b64encode('שלום'.encode()).decode()}\x07"


def test_wrapped_as_well_in_tmux() -> None:
    sequence = osc52("hi", {"TMUX": "/tmp/x,1,0", "TERM": "screen-256color"})
    assert sequence == "\x1b]52;c;aGk=\x07\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\"


def test_in_pieces_in_screen() -> None:
    sequence = osc52("x" * 600, {"TERM": "screen", "STY": "1.tty"})
    pieces = sequence.split("\x1b\\")[:-1]
    assert all(piece.startswith("\x1bP") and len(piece) < 768 for piece in pieces)
    assert "".join(piece[2:] for piece in pieces) == osc52("x" * 600, {})


def test_a_tmux_at_the_near_end_of_ssh_gets_a_form_that_it_takes() -> None:
    bare = osc52("hi", {})
    assert osc52("hi", {"TERM": "tmux-256color"}) == bare + f"\x1bPtmux;\x1b{bare}\x1b\\"
    assert osc52("hi", {"TERM": "screen-256color"}) == bare + f"\x1bP{bare}\x1b\\"
    assert desktop_note("a", "b", {"TERM": "tmux-256color"}) == "\x1bPtmux;\x1b\x1b]9;a: b\x07\x1b\\"
