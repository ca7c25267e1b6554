"""The commands of the list of conversations, of a conversation and of the reply box below it."""

from __future__ import annotations

from voipe_tui.ui.commands.command import Command

_LIST, _TALK, _REPLY = "threads", "conversation", "reply"

COMMANDS: tuple[Command, ...] = (
    Command(
        "conversation", "Conversation", "All messages with this number as one thread.", ("t",), "main", "conversation"
    ),
    # The list of conversations
    Command("threads-down", "Next conversation", "One down.", ("j", "down"), _LIST, "down", palette=False),
    Command("threads-up", "Previous conversation", "One up.", ("k", "up"), _LIST, "up", palette=False),
    Command("threads-page-down", "Page down", "", ("pagedown", "space", "ctrl+f"), _LIST, "page_down", palette=False),
    Command("threads-page-up", "Page up", "", ("pageup", "ctrl+b"), _LIST, "page_up", palette=False),
    Command("threads-newest", "Newest conversation", "To the top.", ("g", "home"), _LIST, "newest"),
    Command("threads-oldest", "Oldest conversation", "To the end.", ("G", "end"), _LIST, "oldest"),
    Command("threads-open", "Open", "Read the conversation.", ("enter", "o"), _LIST, "open", "open", 10, palette=False),
    Command("threads-reply", "Reply", "Open it and start writing.", ("r", "i"), _LIST, "reply", "reply", 15),
    Command(
        "threads-close",
        "Clear the marks, then the search",
        "Show everything again.",
        ("escape",),
        _LIST,
        "close",
        palette=False,
    ),
    Command(
        "threads-archive",
        "Archive",
        "All its messages; u brings them back.",
        ("a", "e"),
        _LIST,
        "ask('archive')",
        "archive",
        18,
    ),
    Command(
        "threads-mark", "Mark", "Or not any more, and on to the next.", ("x",), _LIST, "mark", "mark", 21, palette=False
    ),
    Command("threads-range", "Mark a range", "Begins here; again: ends here.", ("v",), _LIST, "range"),
    Command("threads-read", "Read or unread", "All that came in.", ("N",), _LIST, "ask('toggle_read')"),
    Command("threads-label", "Label …", "All its messages.", ("l",), _LIST, "ask('label')"),
    Command("threads-delete", "Delete here", "All its messages, asking first.", ("d",), _LIST, "ask('delete')"),
    Command("threads-export", "Export to a file", "The whole conversation.", ("X",), _LIST, "ask('export')"),
    Command(
        "threads-next-unread",
        "Next unread",
        "Further down, then from the top.",
        ("tab", "n"),
        _LIST,
        "ask('next_unread')",
        "next unread",
        40,
    ),
    Command(
        "threads-previous-unread", "Previous unread", "Further up.", ("shift+tab",), _LIST, "ask('previous_unread')"
    ),
    Command("threads-copy", "Copy the text", "Of the message in the row.", ("y",), _LIST, "ask('copy')"),
    Command("threads-forward", "Forward", "Send that text to somebody else.", ("f",), _LIST, "ask('forward')"),
    Command("threads-again", "Send again", "The message in the row, asking first.", ("S",), _LIST, "ask('send_again')"),
    Command("threads-copy-number", "Copy the number", "To the clipboard.", ("Y",), _LIST, "ask('copy_number')"),
    # A conversation
    Command("talk-close", "Back", "", ("escape", "backspace"), _TALK, "close", "back", 5, palette=False),
    Command("talk-reply", "Reply", "To the box below.", ("i", "r", "tab"), _TALK, "reply", "reply", 10),
    Command("talk-down", "Next message", "", ("j", "down"), _TALK, "down", palette=False),
    Command("talk-up", "Previous message", "", ("k", "up"), _TALK, "up", palette=False),
    Command("talk-page-down", "Page down", "", ("pagedown", "space", "ctrl+f"), _TALK, "page_down", palette=False),
    Command("talk-page-up", "Page up", "", ("pageup", "ctrl+b"), _TALK, "page_up", palette=False),
    Command("talk-newest", "Newest message", "To the end; shows what came meanwhile.", ("G", "end"), _TALK, "newest"),
    Command("talk-oldest", "First message", "To the beginning.", ("g", "home"), _TALK, "oldest"),
    Command(
        "talk-open", "Open", "The whole message and what became of it.", ("enter", "o"), _TALK, "open", "details", 20
    ),
    *(
        Command(f"talk-{name}", title, help, keys, _TALK, f"ask('{what}')", footer, rank)
        for name, title, help, keys, what, footer, rank in (
            ("copy", "Copy the text", "To the terminal's clipboard.", ("y",), "copy", "copy", 26),
            ("copy-number", "Copy the number", "To the terminal's clipboard.", ("Y",), "copy_number", "", 50),
            ("forward", "Forward", "Send this text to somebody else.", ("f",), "forward", "", 50),
            ("again", "Send again", "A failed or uncertain one, asking first.", ("S",), "send_again", "", 50),
            ("star", "Star", "Or no star any more.", ("s",), "star", "star", 27),
            ("archive", "Archive", "Out of the lists; here it stays.", ("a", "e"), "archive", "", 50),
            ("read", "Read or unread", "Mark as unread, or as read again.", ("N",), "toggle_read", "", 50),
            ("label", "Label …", "Stick labels on, or take them off.", ("l",), "label", "", 50),
            ("snooze", "Snooze …", "Away until a time that you say.", ("z",), "snooze", "", 50),
            ("delete", "Delete here", "The gateway keeps its own.", ("d",), "delete", "", 50),
            ("export", "Export to a file", "This message, as CSV or text.", ("X",), "export", "", 50),
            ("next-unread", "Next unread", "The next conversation with something new.", ("n",), "next_unread", "", 50),
            ("previous-unread", "Previous unread", "Further up.", ("shift+tab",), "previous_unread", "", 50),
        )
    ),
    # The reply box
    Command("reply-send", "Send the reply", "Enter starts a new line.", ("f5", "ctrl+s"), _REPLY, "send", "send", 5),
    Command(
        "reply-replace",
        "Replace costly characters",
        "Curly quotes, dashes, odd spaces: by plain ones.",
        ("f4",),
        _REPLY,
        "replace",
    ),
    Command(
        "reply-leave",
        "Back to the conversation",
        "What you wrote is kept for this number.",
        ("escape",),
        _REPLY,
        "leave",
        "back, keep draft",
        10,
        palette=False,
    ),
)
