"""Asking a person, on a terminal alone."""

from __future__ import annotations

from voipe_tui.cli.context import Context
from voipe_tui.cli.world import is_terminal
from voipe_tui.errors import InputError


def can_ask(context: Context) -> bool:
    """Whether somebody sits there to be asked."""
    return is_terminal(context.world.stdin) and is_terminal(context.world.stderr)


def ask(context: Context, question: str, default: str = "") -> str:
    """What a person answers, ``default`` for an empty line. Prompts go to standard error: results stay clean."""
    world = context.world
    assert world.stdin is not None
    assert world.stderr is not None
    world.stderr.write(f"{question}{f' [{default}]' if default else ''}: ")
    world.stderr.flush()
    line = world.stdin.readline()
    if not line:
        raise InputError("The input ended. Nothing was done.")
    return line.strip() or default


def ask_secret(context: Context, question: str) -> str:
    """The same without echo."""
    try:
        return context.world.ask_secret(f"{question}: ").strip()
    except EOFError:
        raise InputError("The input ended. Nothing was done.") from None


def confirm(context: Context, question: str, *, without_terminal: str) -> bool:
    """A yes in full or by its first letter. Without a terminal an InputError with that hint."""
    if not can_ask(context):
        raise InputError(f"{question} There is nobody to ask. Nothing was done.", hint=without_terminal)
    return ask(context, f"{question} yes/no", "no").lower() in ("y", "yes")


def first_line_of_input(context: Context, what: str) -> str:
    """The first line of standard input that is no terminal, without its end. Raises InputError if there is none."""
    stream = context.world.stdin
    line = stream.readline() if stream is not None else ""
    if not line.strip():
        raise InputError(f"Standard input has no {what}. Nothing was done.", hint=f"Give the {what} on its first line.")
    return line.strip()
