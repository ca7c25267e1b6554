"""Everything a person can tell the app to do, one record per command.

A record gives the key bindings, the key bar, the command palette's entries and the rows of the help screen, so that
the four can never disagree. Settings may give a command other keys by its id; :func:`resolve_keys` checks them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from textual.binding import Binding, BindingType


class Command(NamedTuple):
    """One thing to do.

    ``keys`` are Textual key names, the first is the one that is shown. ``context`` is where they work: ``main`` (any
    view), ``list``, ``reader``, ``compose``, ``account``, ``setup``. ``footer`` is the word in the key bar, empty for
    commands that are not shown there; a smaller ``rank`` stands further left. ``action`` is the method ``action_…``
    that does it.
    """

    id: str
    title: str
    help: str
    keys: tuple[str, ...]
    context: str
    action: str
    footer: str = ""
    rank: int = 50
    palette: bool = True


CONTEXTS: dict[str, str] = {
    "main": "Everywhere",
    "list": "In a list",
    "reader": "While reading a message",
    "compose": "While writing",
    "account": "Account",
    "setup": "First start",
}

_LIST, _READER = "list", "reader"

COMMANDS: tuple[Command, ...] = (
    # Everywhere
    Command("inbox", "Inbox", "Messages that came in.", ("1",), "main", "goto('inbox')"),
    Command("outbox", "Outbox", "Messages you sent, and what became of them.", ("2",), "main", "goto('outbox')"),
    Command("compose", "Compose", "Write a message; an unfinished one comes back.", ("3",), "main", "goto('compose')"),
    Command("account", "Account", "Credit, account data and the connection.", ("4",), "main", "goto('account')"),
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
    Command("times", "Times: clock or age", "Show when it was, or how long ago.", ("t",), "main", "times"),
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

BY_ID: dict[str, Command] = {command.id: command for command in COMMANDS}

# The letters that the same physical keys give under the standard Israeli layout (SI 1452), so that single keys work
# without switching it.
_HEBREW = dict(zip("ertyuiopasdfghjklzxcvbnm", "קראטוןםפשדגכעיחלךזסבהנמצ", strict=True))

_SHOWN = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "backspace": "Backspace",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "tab": "Tab",
    "home": "Home",
    "end": "End",
}
_NAMES = {character: name for name, character in _SHOWN.items() if len(character) == 1}
_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_RESERVED = frozenset({"ctrl+c", "ctrl+q"})


def show_key(key: str) -> str:
    """The key as people write it: ``question_mark`` -> ``?``, ``ctrl+s`` -> ``ctrl+s``, ``f5`` -> ``F5``."""
    if key in _SHOWN:
        return _SHOWN[key]
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return key


class Keys(NamedTuple):
    """The keys in force and what was wrong with the wished ones."""

    by_command: dict[str, tuple[str, ...]]
    problems: tuple[str, ...]

    def shown(self, command_id: str) -> str:
        """The first key of a command as people write it, or an empty string."""
        keys = self.by_command.get(command_id, ())
        return show_key(keys[0]) if keys else ""

    @property
    def keymap(self) -> dict[str, str]:
        """What Textual's ``set_keymap`` takes: only the commands whose keys differ from the defaults."""
        return {
            command.id: ",".join(_with_hebrew(self.by_command[command.id]))
            for command in COMMANDS
            if self.by_command[command.id] != command.keys
        }


def resolve_keys(wished: Mapping[str, str] | None = None) -> Keys:
    """The default keys with ``wished`` (command id -> keys, comma separated) laid over them.

    A wish for an unknown command, for a key that does not exist or for one that another command in reach already has
    is left out, and a sentence says so: a keyboard must never lose a command silently.
    """
    keys = {command.id: command.keys for command in COMMANDS}
    if not wished:
        return Keys(keys, ())
    problems: list[str] = []
    accepted: dict[str, tuple[str, ...]] = {}
    for command_id, text in wished.items():
        problem = _problem_with(command_id, text)
        if problem:
            problems.append(problem)
        else:
            accepted[command_id] = tuple(_normal(key) for key in _split(text))
    # Wishes are judged together, so that two commands may swap their keys; whoever loses falls back to its default.
    while accepted:
        wished_keys = {**keys, **accepted}
        clash = next(filter(None, (_clash(command_id, wished_keys) for command_id in accepted)), None)
        if clash is None:
            break
        command_id, key, other = clash
        del accepted[command_id]
        problems.append(
            f"[keys] {command_id} = “{show_key(key)}”: that key already belongs to “{other}”; the default stays."
        )
    return Keys({**keys, **accepted}, tuple(problems))


def _split(text: str) -> list[str]:
    return [key for key in (part.strip() for part in text.split(",")) if key] if text.strip() != "," else [","]


def _normal(key: str) -> str:
    return _NAMES.get(key, key)


def _problem_with(command_id: str, text: str) -> str:
    if command_id not in BY_ID:
        from difflib import get_close_matches

        near = get_close_matches(command_id, BY_ID, n=1)
        return f"[keys] {command_id}: there is no such command." + (f" Did you mean “{near[0]}”?" if near else "")
    keys = _split(text)
    if not keys:
        return f"[keys] {command_id}: no key given; the default stays."
    for key in keys:
        if not _is_key(key):
            return f"[keys] {command_id} = “{key}”: not a key name (examples: x, X, f5, ctrl+s, slash, pageup)."
        if key in _RESERVED:
            return f"[keys] {command_id} = “{key}”: that key is kept for leaving the program."
    return ""


def _is_key(key: str) -> bool:
    *modifiers, name = key.split("+") if key != "+" else ["+"]
    if any(modifier not in _MODIFIERS for modifier in modifiers) or len(modifiers) != len(set(modifiers)):
        return False
    if len(name) < 2:
        return name != "" and name.isprintable() and not name.isspace()
    if name in _SHOWN or name in {"delete", "insert"}:
        return True
    if name[0] == "f" and name[1:].isdigit():
        return 1 <= int(name[1:]) <= 24
    import unicodedata

    try:
        unicodedata.lookup(name.replace("_", " ").upper())
    except KeyError:
        return False
    return True


def _in_reach(context: str, other: str) -> bool:
    return context == other or (context != "setup" and other == "main") or (context == "main" and other != "setup")


def _clash(command_id: str, keys: Mapping[str, tuple[str, ...]]) -> tuple[str, str, str] | None:
    """(command, key, title of the other) when a key of ``command_id`` means something else in the same place.

    The letters of ``main`` do not reach into text fields, so they never clash with the fields' own use of them.
    """
    context = BY_ID[command_id].context
    for other in COMMANDS:
        if other.id == command_id or not _in_reach(context, other.context):
            continue
        for key in keys[command_id]:
            if key in keys[other.id]:
                return command_id, key, other.title
    return None


def bindings(context: str) -> list[BindingType]:
    """The default bindings of one context, for a class's ``BINDINGS``; each has its command's id."""
    return [
        Binding(",".join(_with_hebrew(command.keys)), command.action, command.title, show=False, id=command.id)
        for command in COMMANDS
        if command.context == context
    ]


def _with_hebrew(keys: Iterable[str]) -> list[str]:
    keys = list(keys)
    return keys + [_HEBREW[key] for key in keys if key in _HEBREW]
