"""The commands of writing and sending."""

from __future__ import annotations

from voipe_tui.ui.commands.command import Command

COMMANDS: tuple[Command, ...] = (
    # Compose
    Command(
        "compose-send",
        "Send",
        "Checks first; asks once more for several people.",
        ("f5", "ctrl+s"),
        "compose",
        "send",
        "send",
        5,
    ),
    Command(
        "compose-leave",
        "Back",
        "What you wrote is kept as a draft.",
        ("escape",),
        "compose",
        "leave",
        "back, keep draft",
        10,
        palette=False,
    ),
    Command(
        "compose-another",
        "Start another message",
        "This one stays a draft.",
        ("ctrl+n",),
        "compose",
        "another",
        "another",
        25,
    ),
    Command(
        "compose-discard",
        "Throw the draft away",
        "Empties the form; asks first.",
        ("f8",),
        "compose",
        "discard",
        "discard",
        20,
    ),
)
