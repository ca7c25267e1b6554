"""An embedded gateway that behaves as recorded playSMS servers do, with faults that can be switched on.

``Sandbox().app`` is an ASGI application with both doors; ``serve.py`` puts it on a loopback socket; ``demo.py``
fills it with the life of a small business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voipe_tui.sandbox.sandbox import Sandbox as Sandbox

__all__ = ["Sandbox"]


def __getattr__(name: str) -> object:
    if name == "Sandbox":  # starlette is loaded when a sandbox is made, not before
        from voipe_tui.sandbox.sandbox import Sandbox

        return Sandbox
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
