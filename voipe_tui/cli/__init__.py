"""The command line: arguments, the headless commands, and the function that starts the app.

Nothing heavy is imported before a command needs it, so that ``--help`` and usage errors answer at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voipe_tui.cli.world import World

__all__ = ["main"]


def main(argv: Sequence[str] | None = None, world: World | None = None) -> int:
    """Runs one command and answers its exit code (``errors.ExitCode``; 128 and the signal's number when ended by one).

    ``argv`` without the program's name, ``sys.argv`` if None. ``world`` is everything outside that a command touches:
    streams, environment, clock, prompts; the real ones if None.
    """
    from voipe_tui.cli.program import run

    return run(argv, world)
