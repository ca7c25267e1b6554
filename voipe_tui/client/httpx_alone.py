"""httpx without its command line, which would load click, rich and pygments where those are installed: a twentieth of
the program's memory, at the moment when the first keys come."""

from __future__ import annotations

import sys

_hidden = "click" not in sys.modules
if _hidden:
    sys.modules["click"] = None  # type: ignore[assignment]  # reads as: not installed
try:
    import httpx as httpx
finally:
    if _hidden:
        del sys.modules["click"]
