"""A word to the desktop about new messages, by way of the terminal. It says how many, never who or what: it may be
shown on a locked screen. There is no acknowledgement; a terminal that does not know it shows nothing."""

from __future__ import annotations

from collections.abc import Mapping


def desktop_note(title: str, body: str, environ: Mapping[str, str]) -> str:
    """The sequence (OSC 777 for urxvt and VTE, OSC 9 for the others), wrapped for tmux and screen.

    ``title`` and ``body`` are our own words, without control characters and semicolons.
    """
    if environ.get("VTE_VERSION") or environ.get("TERM", "").startswith("rxvt"):
        bare = f"\x1b]777;notify;{title};{body}\x07"
    else:
        bare = f"\x1b]9;{title}: {body}\x07"
    if environ.get("TMUX") or environ.get("TERM", "").startswith("tmux"):
        return f"\x1bPtmux;\x1b{bare}\x1b\\"
    if environ.get("TERM", "").startswith("screen"):
        return f"\x1bP{bare}\x1b\\"
    return bare
