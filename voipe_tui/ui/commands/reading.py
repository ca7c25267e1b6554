"""The commands of the lists and of a message that is open, and those that work everywhere."""

from __future__ import annotations

from voipe_tui.ui.commands.command import Command

_LIST, _READER = "list", "reader"

COMMANDS: tuple[Command, ...] = (
    # Everywhere
    Command("new", "Write a message", "Start writing.", ("c",), "main", "goto('compose')", "write", 20, palette=False),
    Command("search", "Search", "Narrow the list as you type.", ("slash",), "main", "search", "search", 30),
    Command(
        "undo",
        "Take back",
        "Stop what is about to be sent and open it for writing again.",
        ("u",),
        "main",
        "undo",
    ),
    Command(
        "refresh",
        "Ask the gateway now",
        "Look for news without waiting for the next round.",
        ("R",),
        "main",
        "refresh_now",
    ),
    Command("times", "Times: clock or age", "Show when it was, or how long ago.", ("ctrl+t",), "main", "times"),
    Command("help", "Help", "All keys of the place you are in.", ("question_mark", "f1"), "main", "help", "help", 80),
    Command(
        "palette",
        "Command palette",
        "Find any command by typing.",
        ("colon", "ctrl+p"),
        "main",
        "palette",
        palette=False,
    ),
    Command("quit", "Quit", "Leave; what you were writing is kept.", ("q", "ctrl+q"), "main", "leave", "quit", 90),
    # Lists
    Command("list-down", "Next message", "One down.", ("j", "down"), _LIST, "down", palette=False),
    Command("list-up", "Previous message", "One up.", ("k", "up"), _LIST, "up", palette=False),
    Command("list-page-down", "Page down", "", ("pagedown", "space", "ctrl+f"), _LIST, "page_down", palette=False),
    Command("list-page-up", "Page up", "", ("pageup", "ctrl+b"), _LIST, "page_up", palette=False),
    Command("list-newest", "Newest message", "To the top; shows what came meanwhile.", ("g", "home"), _LIST, "newest"),
    Command("list-oldest", "Oldest message", "To the end.", ("G", "end"), _LIST, "oldest"),
    Command("list-open", "Open", "Read the whole message.", ("enter", "o"), _LIST, "open", "open", 10, palette=False),
    Command("list-close", "Clear the search", "Show everything again.", ("escape",), _LIST, "close", palette=False),
    Command("list-reply", "Reply", "Write to the number of this message.", ("r",), _LIST, "reply", "reply", 15),
    Command("list-forward", "Forward", "Send this text to somebody else.", ("f",), _LIST, "forward"),
    Command("list-copy", "Copy the text", "Hand the text to the terminal's clipboard.", ("y",), _LIST, "copy"),
    Command(
        "list-copy-number",
        "Copy the number",
        "Hand the number to the terminal's clipboard.",
        ("Y",),
        _LIST,
        "copy_number",
    ),
    Command("list-read", "Read or unread", "Mark as unread, or as read again.", ("N",), _LIST, "toggle_read"),
    Command(
        "list-again",
        "Send again",
        "A failed or uncertain one once more, asking first; a held one now.",
        ("S",),
        _LIST,
        "send_again",
    ),
    # Reader
    Command(
        "reader-close", "Back to the list", "", ("escape", "backspace"), _READER, "close", "back", 5, palette=False
    ),
    Command(
        "reader-older",
        "Next message",
        "The one below in the list.",
        ("j",),
        _READER,
        "older",
        "next",
        16,
        palette=False,
    ),
    Command(
        "reader-newer",
        "Previous message",
        "The one above in the list.",
        ("k",),
        _READER,
        "newer",
        "previous",
        17,
        palette=False,
    ),
    Command("reader-reply", "Reply", "Write to the number of this message.", ("r",), _READER, "reply", "reply", 15),
    Command("reader-forward", "Forward", "Send this text to somebody else.", ("f",), _READER, "forward", "forward", 25),
    Command(
        "reader-copy",
        "Copy the text",
        "Hand the text to the terminal's clipboard.",
        ("y",),
        _READER,
        "copy",
        "copy",
        26,
    ),
    Command(
        "reader-copy-number",
        "Copy the number",
        "Hand the number to the terminal's clipboard.",
        ("Y",),
        _READER,
        "copy_number",
    ),
    Command("reader-read", "Read or unread", "Mark as unread, or as read again.", ("N",), _READER, "toggle_read"),
    Command(
        "reader-again",
        "Send again",
        "A failed or uncertain one once more, asking first; a held one now.",
        ("S",),
        _READER,
        "send_again",
    ),
    Command(
        "reader-scroll-down", "Scroll down", "", ("down", "space", "pagedown"), _READER, "scroll_text(1)", palette=False
    ),
    Command("reader-scroll-up", "Scroll up", "", ("up", "pageup"), _READER, "scroll_text(-1)", palette=False),
)
