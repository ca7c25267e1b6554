"""What a command says: results on standard output, everything else on standard error, progress on a terminal alone."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable
from io import TextIOWrapper
from typing import TextIO

from voipe_tui.cli.world import World, is_terminal
from voipe_tui.errors import VoipeError

# JSON leaves these as they are above U+001F, and a terminal obeys them: DEL, C1, and what hides or reorders.
_OBEYED = "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"


class OutputError(VoipeError):
    """The result could not be written (a full disk behind a redirection); what was done is done."""

    title = "The output could not be written"


class Console:
    """The streams of one run. A reader that leaves early (``| head``) ends the output, not the command."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._reader_left = False
        self._progress_width = 0
        self.wrote = False
        """Whether some of the result has been written."""
        self.on_report: Callable[[VoipeError], None] | None = None
        """Hears of every error that is reported, for the log."""
        for stream in (world.stdout, world.stderr):
            if isinstance(stream, TextIOWrapper) and stream in (sys.stdout, sys.stderr):
                # What a terminal's encoding lacks must not end a command that has sent something.
                stream.reconfigure(errors="backslashreplace")

    @property
    def width(self) -> int | None:
        """Columns of the terminal that results go to; None when they go to a file or a pipe."""
        if not is_terminal(self._world.stdout):
            return None
        from shutil import get_terminal_size

        return get_terminal_size().columns

    @property
    def colours(self) -> bool:
        """Whether results may have colours: on a terminal that has them and a user who wants them."""
        environ = self._world.environ
        return is_terminal(self._world.stdout) and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"

    # Results

    def out(self, text: str) -> None:
        """One line, or several, of the result."""
        self._write_out(text + "\n")

    def out_object(self, value: object) -> None:
        """One JSON value on a line of its own."""
        self._write_out(self._json(value) + "\n")

    def out_array(self, values: Iterable[object]) -> None:
        """One JSON array, an element a line, written as the elements come."""
        lead = "["
        for value in values:
            self._write_out(lead + "\n  " + self._json(value))
            lead = ","
        self._write_out("[]\n" if lead == "[" else "\n]\n")

    def _json(self, value: object) -> str:
        import json
        import re

        encoding = (getattr(self._world.stdout, "encoding", None) or "utf-8").lower()
        if not encoding.startswith("utf"):
            return json.dumps(value)
        return re.sub(_OBEYED, lambda found: json.dumps(found[0])[1:-1], json.dumps(value, ensure_ascii=False))

    def _write_out(self, text: str) -> None:
        stream = self._world.stdout
        if stream is None or self._reader_left:
            return
        self._clear_progress()
        self.wrote = True
        try:
            stream.write(text)
        except BrokenPipeError:
            self._reader_left = True
        except OSError as error:
            raise _unwritable(error) from error

    def flush(self) -> None:
        """Lets everything out. Raises OutputError when the disk behind a redirection is full."""
        stream = self._world.stdout
        if stream is None or stream.closed:
            return
        try:
            stream.flush()
        except BrokenPipeError:
            self._reader_left = True
        except OSError as error:
            self._let_go(stream)
            raise _unwritable(error) from error
        if self._reader_left:
            self._let_go(stream)

    @staticmethod
    def _let_go(stream: TextIO) -> None:
        """What is left in the buffer can go nowhere; the interpreter would try once more at its end and complain."""
        if stream is sys.stdout:
            with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
                os.dup2(nowhere.fileno(), stream.fileno())

    # Everything else

    def say(self, text: str) -> None:
        """A diagnostic."""
        stream = self._world.stderr
        if stream is None:
            return
        self._clear_progress()
        # Without standard error there is nobody left to tell.
        with contextlib.suppress(OSError):
            stream.write(text + "\n")
            stream.flush()

    def report(self, error: VoipeError) -> None:
        """Title, message and hint of what went wrong; ConfigErrors may have a message of several lines."""
        from voipe_tui.text.untrusted import safe_line

        if self.on_report is not None:
            self.on_report(error)
        self.say(f"voipe-tui: {error.title}")
        for part in (error.message, error.hint):
            for line in filter(None, part.splitlines()):
                self.say(f"  {safe_line(line)}")

    def progress(self, text: str) -> None:
        """One line that replaces itself; only where somebody watches."""
        stream = self._world.stderr
        if stream is None or not is_terminal(stream):
            return
        with contextlib.suppress(OSError):
            stream.write("\r" + text.ljust(self._progress_width))
            stream.flush()
            self._progress_width = len(text)

    def _clear_progress(self) -> None:
        width, self._progress_width = self._progress_width, 0
        if width and self._world.stderr is not None:
            with contextlib.suppress(OSError):
                self._world.stderr.write("\r" + " " * width + "\r")
                self._world.stderr.flush()


def _unwritable(error: OSError) -> OutputError:
    return OutputError(
        f"Standard output took no more: {error.strerror or type(error).__name__}.",
        hint="What the command did is done all the same; look with “voipe-tui outbox --offline”.",
    )
