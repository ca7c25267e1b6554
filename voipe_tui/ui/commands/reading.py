"""The commands of the lists and of a message that is open, and those that work everywhere."""

from __future__ import annotations

from voipe_tui.ui.commands.command import Command

_LIST, _READER = "list", "reader"


def _triage(context: str) -> tuple[Command, ...]:
    """What is done to messages: the same keys in a list (to all that are marked) and while reading one."""
    return tuple(
        Command(f"{context}-{name}", title, help, keys, context, f"ask('{what}')", footer, rank)
        for name, title, help, keys, what, footer, rank in (
            (
                "archive",
                "Archive",
                "Out of the list; an archived one back into it.",
                ("a", "e"),
                "archive",
                "archive",
                18,
            ),
            ("star", "Star", "Or no star any more.", ("s",), "star", "", 50),
            ("read", "Read or unread", "Mark as unread, or as read again.", ("N",), "toggle_read", "", 50),
            ("label", "Label …", "Stick labels on, or take them off.", ("l",), "label", "", 50),
            ("snooze", "Snooze …", "Away until a time that you say.", ("z",), "snooze", "snooze", 24),
            ("delete", "Delete here", "The gateway keeps its own.", ("d",), "delete", "delete", 26),
            (
                "next-unread",
                "Next unread",
                "Further down, then from the top.",
                ("tab",),
                "next_unread",
                "next unread",
                28,
            ),
            ("previous-unread", "Previous unread", "Further up.", ("shift+tab",), "previous_unread", "", 50),
            ("forward", "Forward", "Send this text to somebody else.", ("f",), "forward", "", 50),
            ("copy", "Copy the text", "Hand the text to the terminal's clipboard.", ("y",), "copy", "", 50),
            ("copy-number", "Copy the number", "Hand it to the terminal's clipboard.", ("Y",), "copy_number", "", 50),
            (
                "again",
                "Send again",
                "Failed or uncertain ones, asking first; a held one now.",
                ("S",),
                "send_again",
                "",
                50,
            ),
        )
    )


COMMANDS: tuple[Command, ...] = (
    # Everywhere
    Command(
        "new", "Write a message", "An empty form; what stood in it stays a draft.", ("c",), "main", "new", "write", 20
    ),
    Command("search", "Search", "Narrow the list as you type.", ("slash",), "main", "search", "search", 30),
    Command(
        "undo",
        "Take back",
        "What is about to be sent, else what was last archived, labelled, deleted …",
        ("u",),
        "main",
        "undo",
    ),
    Command("redo", "Do it again", "What was just taken back.", ("ctrl+r",), "main", "redo"),
    Command(
        "refresh",
        "Ask the gateway now",
        "Look for news without waiting for the next round.",
        ("R",),
        "main",
        "refresh_now",
    ),
    Command("times", "Times: clock or age", "Show when it was, or how long ago.", ("ctrl+t",), "main", "times"),
    Command(
        "redraw", "Draw the screen anew", "After something else wrote into the terminal.", ("ctrl+l",), "main", "redraw"
    ),
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
    Command(
        "list-close",
        "Clear the marks, then the search",
        "Show everything again.",
        ("escape",),
        _LIST,
        "close",
        palette=False,
    ),
    Command("list-reply", "Reply", "Write to the number of this message.", ("r",), _LIST, "ask('reply')", "reply", 15),
    *_triage("list"),
    Command(
        "list-mark", "Mark", "Or not any more, and on to the next.", ("x",), _LIST, "mark", "mark", 21, palette=False
    ),
    Command("list-range", "Mark a range", "Begins here; again: ends here.", ("v",), _LIST, "range"),
    Command(
        "list-mark-matching", "Mark what matches …", "By text or filter.", ("asterisk",), _LIST, "ask('mark_some')"
    ),
    Command("list-mark-all", "Mark all", "All that match the search or view.", ("A",), _LIST, "ask('mark_all')"),
    Command("list-export", "Export to a file", "What is marked, else all that match.", ("X",), _LIST, "ask('export')"),
    Command("list-columns", "Columns", "Which ones, and in which order.", ("p",), _LIST, "ask('columns')"),
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
    Command(
        "reader-reply", "Reply", "Write to the number of this message.", ("r",), _READER, "ask('reply')", "reply", 15
    ),
    *_triage("reader"),
    Command("reader-export", "Export to a file", "This message, as CSV or text.", ("X",), _READER, "ask('export')"),
    Command(
        "reader-scroll-down", "Scroll down", "", ("down", "space", "pagedown"), _READER, "scroll_text(1)", palette=False
    ),
    Command("reader-scroll-up", "Scroll up", "", ("up", "pageup"), _READER, "scroll_text(-1)", palette=False),
)
