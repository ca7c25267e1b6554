"""The log: a file of its own that turns over, made when there is something to write, closed to others.

Neither tokens nor message texts are logged; a token that a library might put into its words is struck out.
"""

from __future__ import annotations

import logging
import os
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, Any

from voipe_tui.cli.context import Context
from voipe_tui.config.paths import ensure_private
from voipe_tui.errors import ConfigError, VoipeError

_BYTES = 1_000_000
_KEPT = 3
_FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
_NOISY = ("httpx", "httpcore", "asyncio", "uvicorn", "hpack", "keyring")

log = logging.getLogger("voipe_tui.cli")


class Secrets(logging.Formatter):
    """Formats records; every word in ``hidden`` becomes an ellipsis, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(_FORMAT)
        self.hidden: set[str] = set()

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self.hidden:
            text = text.replace(secret, "…")
        return text


class _PrivateFile(RotatingFileHandler):
    """Makes folder and file, mode 0700 and 0600, at the first record. ``lost`` says that it could not be written."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True)
        self.path = path
        self.lost = False

    def _open(self) -> Any:
        ensure_private(self.path.parent)
        stream: IO[str] = open(  # noqa: SIM115 - only open() takes an opener; the handler closes it
            self.path, "a", encoding="utf-8", errors="backslashreplace",
            opener=lambda path, flags: os.open(path, flags, 0o600),
        )  # fmt: skip
        return stream

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except (OSError, ConfigError):
            self.lost = True

    def close(self) -> None:
        try:
            super().close()
        except OSError:
            # A full disk: what was buffered cannot be written now either.
            self.lost = True

    def handleError(self, record: logging.LogRecord) -> None:
        # The default prints a traceback onto the screen. That nothing was written is said where it matters.
        self.lost = True


def set_up(context: Context, *secrets: str) -> None:
    """Sends what the program logs to its file until the command has ended; in the demo nowhere.

    May be called again with more ``secrets`` to strike out.
    """
    if context.log_handler is None:
        context.log_handler = _handler(context)
    formatter = context.log_handler.formatter
    assert isinstance(formatter, Secrets)
    formatter.hidden.update(secret for secret in secrets if secret)


def _handler(context: Context) -> logging.Handler:
    handler: logging.Handler = logging.NullHandler() if context.demo else _PrivateFile(context.paths.log_file)
    handler.setFormatter(Secrets())
    levels = {name: logging.getLogger(name).level for name in ("voipe_tui", *_NOISY)}
    logging.getLogger("voipe_tui").setLevel(logging.INFO)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    context.console.on_report = _log_reported
    context.cleanup.callback(_take_down, context, handler, levels)
    return handler


def _take_down(context: Context, handler: logging.Handler, levels: dict[str, int]) -> None:
    # With its handler gone a record would land on the screen.
    context.console.on_report = None
    logging.getLogger().removeHandler(handler)
    handler.close()
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def _log_reported(error: VoipeError) -> None:
    # The title alone: a message may name what a person typed.
    log.warning("%s: %s", type(error).__name__, error.title)


def tell_unexpected(context: Context, error: Exception) -> None:
    """An error that nobody foresaw: whole into the log, one sentence on the screen."""
    say = context.console.say
    say(f"voipe-tui: something unexpected happened ({type(error).__name__})")
    if context.demo:
        # No secret can be in it, and the demo writes no file.
        say("".join(traceback.format_exception(error)).rstrip())
        return
    try:
        set_up(context)
        log.error("the command ended unexpectedly", exc_info=error)
    except ConfigError as why:
        say(f"  It could not be logged either: {why.message}")
        return
    if isinstance(context.log_handler, _PrivateFile) and context.log_handler.lost:
        say(f"  It could not be logged either: {context.paths.log_file} cannot be written.")
        return
    say(f"  The details are in {context.paths.log_file}. Please report it.")
