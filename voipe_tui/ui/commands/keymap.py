"""Which keys are in force: the defaults, with the settings' wishes laid over them and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from textual.binding import Binding, BindingType

from voipe_tui.ui.commands.command import SHOWN, name_key, show_key
from voipe_tui.ui.commands.layout import with_hebrew
from voipe_tui.ui.commands.table import BY_ID, COMMANDS

_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_RESERVED = frozenset({"ctrl+c", "ctrl+q"})
_FOLLOW_THE_LIST = frozenset({"reader", "threads", "conversation"})

_ByCommand = dict[str, tuple[str, ...]]


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
        taken = _taken(self.by_command.values())
        return {
            command.id: ",".join(keys)
            for command in COMMANDS
            if (keys := with_hebrew(self.by_command[command.id], taken)) != with_hebrew(command.keys, _DEFAULTS)
        }


def resolve_keys(wished: Mapping[str, str] | None = None) -> Keys:
    """The default keys with ``wished`` (command id -> keys, comma separated) laid over them.

    A wish for an unknown command, for a key that does not exist or for one that another command in reach already has
    is left out, and a sentence says so: a keyboard must never lose a command silently. What is wished for a list holds
    in a message that is open and among conversations, too.
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
            accepted[command_id] = tuple(map(name_key, _split(text)))
    keys |= _without_clashes(keys, accepted, problems)
    keys |= _without_clashes(keys, _followers(accepted, wished), problems)
    return Keys(keys, tuple(problems))


def _followers(accepted: _ByCommand, wished: Mapping[str, str]) -> _ByCommand:
    """The same commands of a message that is open, of a conversation and of the list of them: where they have the
    keys of the list by default they have them by wish, too, but for those with a wish of their own."""
    same = {command_id.partition("-")[2]: command_id for command_id in accepted if BY_ID[command_id].context == "list"}
    return {
        command.id: accepted[leader]
        for command in COMMANDS
        if command.context in _FOLLOW_THE_LIST and command.id not in wished
        if (leader := same.get(command.id.partition("-")[2])) and command.keys == BY_ID[leader].keys
    }


def _without_clashes(keys: _ByCommand, accepted: _ByCommand, problems: list[str]) -> _ByCommand:
    """Wishes are judged together, so that two commands may swap their keys; whoever loses keeps its default."""
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
    return accepted


def _split(text: str) -> list[str]:
    return [key for key in (part.strip() for part in text.split(",")) if key] if text.strip() != "," else [","]


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
    if name in SHOWN or name in {"delete", "insert"}:
        return True
    if name[0] == "f" and name[1:].isdigit():
        return 1 <= int(name[1:]) <= 24
    return show_key(name) != name  # a character by its name


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
        Binding(
            ",".join(with_hebrew(command.keys, _DEFAULTS)), command.action, command.title, show=False, id=command.id
        )
        for command in COMMANDS
        if command.context == context
    ]


def _taken(keys: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(key for each in keys for key in each)


_DEFAULTS = _taken(command.keys for command in COMMANDS)
