"""Everything a person can tell the app to do, one record per command.

A record gives the key bindings, the key bar, the command palette's entries and the rows of the help screen, so that
the four can never disagree. Settings may give a command other keys by its id; :func:`resolve_keys` checks them.
"""

from voipe_tui.ui.commands.command import Command, show_key
from voipe_tui.ui.commands.keymap import Keys, bindings, resolve_keys
from voipe_tui.ui.commands.table import BY_ID, COMMANDS, CONTEXTS

__all__ = ["BY_ID", "COMMANDS", "CONTEXTS", "Command", "Keys", "bindings", "resolve_keys", "show_key"]
