"""The text in the person's own editor: this program steps aside, goes on sending and fetching, and takes the text back.

The text lies in a private file in a private folder while the editor has it, and nowhere afterwards.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voipe_tui.errors import ConfigError, InputError

if TYPE_CHECKING:
    from textual.app import App

_USUAL = ("nano", "vim", "vi")
_MOST_BYTES = 1_000_000


def editor_command(environ: Mapping[str, str]) -> list[str]:
    """The program and its arguments: $VISUAL, else $EDITOR, else one that is usually there. Raises ConfigError."""
    for variable in ("VISUAL", "EDITOR"):
        wanted = environ.get(variable, "").strip()
        if not wanted:
            continue
        try:
            command = shlex.split(wanted)
        except ValueError:
            raise ConfigError(f"${variable} is no command: a quote is not closed.") from None
        if shutil.which(command[0], path=environ.get("PATH")) is None:
            raise ConfigError(f"${variable} names “{command[0]}”, which is not there.", hint="Nothing was changed.")
        return command
    for name in _USUAL:
        if found := shutil.which(name, path=environ.get("PATH")):
            return [found]
    raise ConfigError("There is no editor: set $EDITOR.")


async def edit_in(command: Sequence[str], text: str) -> str:
    """``text`` as the editor left it. Raises InputError where it failed or left something that is no text; then what
    was there before counts."""
    folder = tempfile.mkdtemp(prefix="voipe-tui-")  # 0700
    path = Path(folder) / "message.txt"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass", newline="") as file:
            file.write(text)
        code = await asyncio.to_thread(subprocess.call, [*command, str(path)])
        if code:
            raise InputError(f"The editor ended with code {code}: the text is as it was before.")
        return _read_back(path, text)
    except OSError as error:
        raise InputError(f"The editor did not work ({error.strerror}): the text is as it was before.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read_back(path: Path, before: str) -> str:
    content = path.read_bytes()
    if len(content) > _MOST_BYTES:
        raise InputError("What the editor left is longer than any message: the text is as it was before.")
    try:
        text = content.decode("utf-8-sig", "strict").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise InputError("What the editor left is not UTF-8: the text is as it was before.") from None
    if "\x00" in text:
        raise InputError("What the editor left is no text: the text is as it was before.")
    # Editors end the last line; that line break was not written by the person.
    return text if before.endswith("\n") else text.removesuffix("\n")


async def edit_text(app: App[Any], text: str, environ: Mapping[str, str]) -> str:
    """The same with the terminal handed over for that time. Errors as of the two above."""
    from textual.app import SuspendNotSupported

    command = editor_command(environ)
    problem: BaseException | None = None
    edited = text
    try:
        with app.batch_update(), app.suspend(), _keys_are_the_editors():
            # Nothing may leave this block by an error: the terminal would stay the editor's.
            try:
                edited = await edit_in(command, text)
            except BaseException as error:  # noqa: BLE001 - raised again below
                problem = error
    except SuspendNotSupported:
        raise InputError("This terminal cannot be handed to an editor.") from None
    if problem is not None:
        raise problem
    return edited


@contextmanager
def _keys_are_the_editors() -> Iterator[None]:
    """ctrl+c meant for the editor must not end this program; a handler of ours is not inherited by the editor."""
    if sys.platform == "win32":
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGQUIT)}
    for number in before:
        signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
