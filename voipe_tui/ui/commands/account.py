"""The commands of the account view and of the first start."""

from __future__ import annotations

from voipe_tui.ui.commands.command import Command

COMMANDS: tuple[Command, ...] = (
    # Account
    Command("account-close", "Back", "", ("escape",), "account", "close", "back", 10, palette=False),
    Command(
        "account-refresh", "Ask the gateway now", "", ("r",), "account", "refresh_account", "refresh", 5, palette=False
    ),
    # First start
    Command(
        "setup-try",
        "Try and save",
        "Checks the account at the gateway, then stores it.",
        ("f5", "ctrl+s"),
        "setup",
        "try_profile",
        "try and save",
        5,
        palette=False,
    ),
    Command(
        "setup-demo",
        "Open the demo",
        "An account that is not real: nothing leaves this computer.",
        ("f2",),
        "setup",
        "demo",
        "demo",
        10,
        palette=False,
    ),
)
