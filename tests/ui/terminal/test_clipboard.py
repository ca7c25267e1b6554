import base64

from voipe_tui.ui.terminal.clipboard import osc52


def test_bare_in_a_plain_terminal() -> None:
    assert osc52("שלום", {}) == f"\x1b]52;c;{base64.b64encode('שלום'.encode()).decode()}\x07"


def test_wrapped_as_well_in_tmux() -> None:
    sequence = osc52("hi", {"TMUX": "/tmp/x,1,0", "TERM": "screen-256color"})
    assert sequence == "\x1b]52;c;aGk=\x07\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\"


def test_in_pieces_in_screen() -> None:
    sequence = osc52("x" * 600, {"TERM": "screen"})
    pieces = sequence.split("\x1b\\")[:-1]
    assert all(piece.startswith("\x1bP") and len(piece) < 768 for piece in pieces)
    assert "".join(piece[2:] for piece in pieces) == osc52("x" * 600, {})
