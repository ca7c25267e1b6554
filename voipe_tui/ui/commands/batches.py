"""The commands of batches, of a table on its way to become one, of its problems and of the opt-out list."""

from __future__ import annotations

from voipe_tui.ui.commands.command import Command

_LIST, _BATCH, _IMPORT, _PROBLEMS, _OUT = "batches", "batch", "import", "problems", "opt-outs"


def _steering(context: str) -> tuple[Command, ...]:
    return (
        Command(f"{context}-pause", "Pause or go on", "What is on its way arrives; the rest waits.", ("space",),
                context, "pause", "pause, go on", 8),
        Command(f"{context}-cancel", "Cancel the batch", "Asks first; what has left has left.", ("x",), context,
                "cancel", "cancel", 10),
        Command(f"{context}-retry", "Retry the failed ones", "Those that failed, as a new batch.", ("r",), context,
                "retry", "retry failed", 12),
        Command(f"{context}-export", "Export the results", "Every message with its outcome, as CSV.", ("X",), context,
                "export", "export", 14),
    )  # fmt: skip


COMMANDS: tuple[Command, ...] = (
    Command("batches-new", "Batch from a file", "A table of numbers, and a text for them.", ("n", "f7"), _LIST, "new",
            "from a file", 5),
    Command("batches-open", "Open the batch", "Progress, outcomes and failures.", ("enter", "o"), _LIST, "open", "open",
            6, palette=False),
    *_steering(_LIST),
    Command("batches-opt-outs", "Opt-outs", "Who must not be written to, and who asks for it.", ("O",), _LIST,
            "opt_outs", "opt-outs", 16),
    Command("batches-close", "Back", "", ("escape",), _LIST, "close", palette=False),
    Command("batch-close", "Back to the list", "", ("escape", "backspace"), _BATCH, "close", "back", 5, palette=False),
    *_steering(_BATCH),
    Command("batch-failures", "Failures or all", "Show those that failed, or every message.", ("f",), _BATCH,
            "failures", "failures, all", 16),
    Command("import-send", "Review and send", "Says once more who gets what, then asks.", ("f5", "ctrl+s"), _IMPORT,
            "send", "review", 5),
    Command("import-problems", "Problems", "The rows that cannot be sent, to mend or leave out.", ("f2",), _IMPORT,
            "problems", "problems", 10),
    Command("import-file", "Another file", "To the name of the file.", ("f7",), _IMPORT, "file", palette=False),
    Command("import-drop", "Drop it", "Forgets the table; nothing was sent.", ("f8",), _IMPORT, "drop", "drop it", 18),
    Command("import-close", "Back", "The table stays as it is.", ("escape",), _IMPORT, "close", "back", 16,
            palette=False),
    Command("problems-close", "Back to the table", "", ("escape", "backspace"), _PROBLEMS, "close", "back", 5,
            palette=False),
    Command("problems-edit", "Mend the value", "Type what should stand there.", ("enter", "e"), _PROBLEMS, "edit",
            "mend", 10),
    Command("problems-skip", "Leave the row out", "Or take it in again.", ("s", "space"), _PROBLEMS, "skip",
            "leave out", 12),
    Command("problems-skip-all", "Leave them all out", "Every row that cannot be sent.", ("S",), _PROBLEMS, "skip_all",
            "leave all out", 14),
    Command("problems-export", "Export the problems", "As CSV, with the reason beside each row.", ("X",), _PROBLEMS,
            "export", "export", 16),
    Command("opt-outs-close", "Back", "", ("escape", "backspace"), _OUT, "close", "back", 5, palette=False),
    Command("opt-outs-accept", "Put it on the list", "It is not written to any more.", ("y",), _OUT, "accept",
            "put on the list", 10),
    Command("opt-outs-decline", "It did not mean that", "This message is not proposed again.", ("n",), _OUT, "decline",
            "did not mean it", 12),
    Command("opt-outs-add", "Add a number", "A number that must not be written to.", ("a",), _OUT, "add", "add", 14),
    Command("opt-outs-remove", "Take off the list", "It may be written to again; asks first.", ("d",), _OUT, "remove",
            "take off", 16),
    Command("opt-outs-gateway", "Tell the gateway", "Puts it on the gateway's own stop list.", ("w",), _OUT, "gateway",
            "gateway's list", 18),
)  # fmt: skip
