"""One run of the program: parse, do, and turn whatever went wrong into a sentence and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING

from voipe_tui.cli.console import Console
from voipe_tui.cli.context import Context, Ended
from voipe_tui.cli.world import World
from voipe_tui.errors import ExitCode, VoipeError

if TYPE_CHECKING:
    import argparse

_APP = "app:run"

Command = Callable[[Context], int]


def run(argv: Sequence[str] | None, world: World | None) -> int:
    """See :func:`voipe_tui.cli.main`."""
    world = world or World()
    console = Console(world)
    code = _guarded(console, lambda: _parsed_and_done(list(sys.argv[1:] if argv is None else argv), world, console))
    # Last of all: a full disk behind a redirection shows when the buffer is emptied.
    lost = _guarded(console, lambda: _flushed(console))
    return code or lost


def _flushed(console: Console) -> int:
    console.flush()
    return ExitCode.DONE


def _parsed_and_done(argv: list[str], world: World, console: Console) -> int:
    options: argparse.Namespace | SimpleNamespace | None = _just_the_app(argv)
    if options is None:
        from voipe_tui.cli.parser import Said, parse

        try:
            options = parse(argv)
        except Said as said:
            console.out(said.text.rstrip("\n"))
            return ExitCode.DONE
    with ExitStack() as cleanup:
        context = Context(options, world, console, cleanup)
        try:
            return _command(options.command or _APP)(context)
        except VoipeError as error:
            # Here, not further out: the log it also goes to is closed when the command has been cleaned up after.
            console.report(error)
            return int(error.exit_code)
        except Exception as error:  # noqa: BLE001 - nothing is swallowed: it is logged whole and shown short
            from voipe_tui.cli.log import tell_unexpected

            tell_unexpected(context, error)
            return context.unexpected_code


def _just_the_app(argv: list[str]) -> SimpleNamespace | None:
    """The options of a plain start of the app; None where the parser has to look. Building all commands' parsers
    takes as long as painting the first screen."""
    profile, demo = None, False
    rest = iter(argv)
    for word in rest:
        if word == "--demo":
            demo = True
        elif word == "--profile" and not (given := next(rest, "-")).startswith("-"):
            profile = given
        else:
            return None
    return SimpleNamespace(command=None, json=False, demo=demo, profile=profile)


def _command(name: str) -> Command:
    module, _, function = name.partition(":")
    command: Command = getattr(import_module(f"voipe_tui.cli.{module}"), function)
    return command


def _guarded(console: Console, step: Callable[[], int]) -> int:
    try:
        return int(step())
    except VoipeError as error:
        console.report(error)
        return int(error.exit_code)
    except KeyboardInterrupt:
        console.say("voipe-tui: interrupted")
        return int(ExitCode.INTERRUPTED)
    except Ended as ended:
        console.say("voipe-tui: ended by a signal")
        return ended.code
