"""The commands of writing and sending."""

from __future__ import annotations

from voipe_tui.ui.commands.command import Command

_COMPOSE = "compose"

COMMANDS: tuple[Command, ...] = (
    Command("compose-send", "Send", "Shows everything once more, then sends.", ("f5", "ctrl+s"), _COMPOSE, "send",
            "send", 5),
    Command("compose-leave", "Back", "What you wrote is kept as a draft.", ("escape",), _COMPOSE, "leave",
            "back, keep draft", 10, palette=False),
    Command("compose-templates", "Templates", "Begin with a text that you keep in templates.toml.", ("f2",), _COMPOSE,
            "templates", "templates", 30),
    Command("compose-history", "Texts sent before", "Take a text that you have sent already.", ("f3",), _COMPOSE,
            "history", "sent", 35),
    Command("compose-replace", "Replace costly characters", "Curly quotes, dashes, odd spaces: by plain ones.",
            ("f4",), _COMPOSE, "replace"),
    Command("compose-recipients", "All recipients", "Each with its name, number and what is odd about it; to find one.",
            ("f10",), _COMPOSE, "recipients"),
    Command("compose-editor", "Edit in $EDITOR", "The text in your own editor, and back.", ("f6",), _COMPOSE, "editor",
            "editor", 40),
    Command("compose-discard", "Throw the draft away", "Empties the form; asks first.", ("f8",), _COMPOSE, "discard",
            "discard", 20),
    Command("compose-footer", "Footer on or off", "The profile's footer behind this text.", ("f9",), _COMPOSE,
            "footer"),
    Command("compose-import", "Send it to a table", "To everybody in a file, as a batch; {name} is filled in.",
            ("f7",), _COMPOSE, "import_table", "to a file's numbers", 40),
    Command("compose-drafts", "Drafts", "Go on with a text that was not sent.", ("ctrl+o",), _COMPOSE, "drafts",
            "drafts", 22),
    Command("compose-another", "Start another message", "This one stays a draft.", ("ctrl+n",), _COMPOSE, "another",
            "another", 25),
    Command("compose-save-template", "Keep the text as a template", "Adds it to templates.toml under a name.",
            ("ctrl+g",), _COMPOSE, "save_template"),
)  # fmt: skip
