"""Textual without what the first screen does not need.

``textual.app`` imports Textual's command palette, and with it ten kinds of widgets, in every app: a tenth of the time
until the first screen. Ours opens the palette on a key (:mod:`voipe_tui.ui.main.palette`). So while ``textual.app`` is
imported empty classes stand in for those of ``textual.command``; :func:`whole` puts the real ones there, before
anything opens.

Nothing is changed where Textual has been imported before (tests, an embedding program), or where it has become
different from what is known here.
"""

from __future__ import annotations

import sys
from types import ModuleType

_MODULE = "textual.command"
_NAMES = ("CommandListItem", "CommandPalette", "DiscoveryHit", "Hit", "Hits", "Provider", "SimpleProvider")
_USERS = ("textual.app", "textual.theme")
_stand_ins: dict[str, type] = {}


def import_textual() -> None:
    """Imports ``textual.app``, lean where that works."""
    if "textual.app" in sys.modules or _MODULE in sys.modules:
        return
    module = ModuleType(_MODULE)
    _stand_ins.update({name: type(name, (), {"__module__": _MODULE}) for name in _NAMES})
    module.__dict__.update(_stand_ins)
    sys.modules[_MODULE] = module
    try:
        import textual.app
    except ImportError:
        # Another Textual, which wants more of it: then as it is.
        _stand_ins.clear()
        for name in [name for name in sys.modules if name == "textual" or name.startswith("textual.")]:
            del sys.modules[name]
        import textual.app  # noqa: F401
    finally:
        if sys.modules.get(_MODULE) is module:
            del sys.modules[_MODULE]


def whole() -> None:
    """Textual as it would have been: for whoever opens its palette."""
    if not _stand_ins:
        return
    import textual.command

    for user in _USERS:
        names = vars(sys.modules[user])
        for name, stand_in in _stand_ins.items():
            if names.get(name) is stand_in:
                names[name] = getattr(textual.command, name)
    _stand_ins.clear()
