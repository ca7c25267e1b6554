"""All commands, one record each, gathered from the places they work in."""

from __future__ import annotations

from voipe_tui.ui.commands import account, batches, reading, threads, views, writing
from voipe_tui.ui.commands.command import Command

CONTEXTS: dict[str, str] = {
    "main": "Everywhere",
    "list": "In a list",
    "reader": "While reading a message",
    "threads": "In the list of conversations",
    "conversation": "In a conversation",
    "reply": "While writing a reply",
    "compose": "While writing",
    "batches": "Batches",
    "batch": "In a batch",
    "import": "From a table to a batch",
    "problems": "Problems of a table",
    "opt-outs": "Opt-outs",
    "account": "Account",
    "setup": "First start",
}

COMMANDS: tuple[Command, ...] = (
    *views.COMMANDS,
    *reading.COMMANDS,
    *threads.COMMANDS,
    *writing.COMMANDS,
    *batches.COMMANDS,
    *account.COMMANDS,
)

BY_ID: dict[str, Command] = {command.id: command for command in COMMANDS}
