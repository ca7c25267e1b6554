"""Copying over any number of hops: OSC 52, which the terminal at the far end obeys. There is no acknowledgement, so
nobody may claim that it worked."""

from __future__ import annotations

import base64
from collections.abc import Mapping

MOST_BYTES = 74_000
"""What terminals take in one go; xterm and others drop longer sequences."""


def osc52(text: str, environ: Mapping[str, str]) -> str:
    """The sequences that hand ``text`` to the clipboard, wrapped as well for the multiplexers in between.

    tmux takes the bare form with ``set-clipboard on`` and passes the wrapped one on with ``allow-passthrough on``;
    which of the two is set cannot be asked, and both at once do no harm. screen passes on pieces of 768 bytes.
    Across SSH only the name of the terminal comes along, and a tmux may call itself screen: then the bare form goes
    ahead, which screen passes over.
    """
    payload = base64.b64encode(text.encode()).decode("ascii")
    bare = f"\x1b]52;c;{payload}\x07"
    terminal = environ.get("TERM", "")
    if environ.get("TMUX") or terminal.startswith("tmux"):
        return bare + f"\x1bPtmux;\x1b{bare}\x1b\\"
    if terminal.startswith("screen"):
        ahead = "" if environ.get("STY") else bare
        return ahead + "".join(f"\x1bP{bare[start : start + 256]}\x1b\\" for start in range(0, len(bare), 256))
    return bare
