"""Messages into a file, CSV or their texts alone: asked for a name, never over another file, a page at a time beside
the keys. It is also the way to copy where the terminal takes nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from voipe_tui.store.models import Message, row_as_json
from voipe_tui.text.spreadsheet import csv_line
from voipe_tui.ui.chosen import Chosen, how_many, messages_of
from voipe_tui.ui.events import Notice
from voipe_tui.ui.look.words import count

if TYPE_CHECKING:
    from voipe_tui.ui.desk import Place
    from voipe_tui.ui.services import Session


def ask_export(place: Place, session: Session, chosen: Chosen, what: str) -> None:
    """Asks for a file, then writes; ``what`` goes into the name that is offered."""
    from voipe_tui.ui.widgets.prompt import Heard, Prompt

    def hear(typed: str) -> Heard:
        problem = path_problem(typed)
        if problem:
            return Heard(problem, good=False)
        what = (
            "The text alone" if path_of(typed).suffix.casefold() == ".txt" else "CSV (a name in .txt: the text alone)"
        )
        return Heard(f"{what} into {path_of(typed)}")

    def write(typed: str | None) -> None:
        if typed is not None:
            place.run_worker(
                _write(place, session, chosen, path_of(typed)), name="export", group="export", exit_on_error=False
            )

    title = f"Export {how_many(session.opened, chosen.target)} to"
    place.app.push_screen(Prompt(session.colors, title, hear, value=_free_name(session, what)), write)


def path_of(typed: str) -> Path:
    return Path(os.path.expandvars(typed.strip())).expanduser().absolute()


def path_problem(typed: str) -> str:
    if not typed.strip():
        return "The name of a file, for example messages.csv."
    path = path_of(typed)
    try:
        if path.exists():
            return "That file exists already: nothing is written over. Choose another name."
        if not path.parent.is_dir():
            return f"There is no folder {path.parent}."
    except (OSError, ValueError) as error:
        return f"That name cannot be used: {error}."
    return ""


def _free_name(session: Session, what: str) -> str:
    day = datetime.fromtimestamp(session.services.clock(), session.services.zone)
    stem = f"{session.profile.name}-{what}-{day:%Y-%m-%d}"
    name, number = f"{stem}.csv", 1
    while path_of(name).exists():
        number += 1
        name = f"{stem}-{number}.csv"
    return name


async def _write(place: Place, session: Session, chosen: Chosen, path: Path) -> None:
    written = 0
    try:
        # Messages are nobody else's business; and "x": should the file have come into being meanwhile, it stays.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        place.post_message(Notice(f"{path.name} cannot be written: {error.strerror}. Nothing was exported.", "bad"))
        return
    complete = False
    try:
        texts = path.suffix.casefold() == ".txt"
        # A spreadsheet takes a file without a mark for one of its own country's encoding.
        with os.fdopen(descriptor, "w", encoding="utf-8" if texts else "utf-8-sig", newline="") as file:
            writer = _Texts(file) if texts else _Rows(file, session)
            async for page in messages_of(session.opened, chosen.target):
                writer.write(page)
                written += len(page)
                if written >= 1_000:
                    place.post_message(Notice(f"{written:,} exported …", lasting=True))
        complete = True
    except OSError as error:
        place.post_message(Notice(f"The export stopped: {error.strerror}. Nothing is kept of it.", "bad"))
    finally:
        # Half a file would be taken for a whole one: not on a full disk, nor when the program leaves meanwhile.
        if not complete:
            _drop(path)
    if complete:
        left = f" {chosen.left_alone}" if chosen.left_alone else ""
        place.post_message(Notice(f"{count(written, 'message')} exported to {path.name}.{left}", "good"))


def _drop(path: Path) -> None:
    path.unlink(missing_ok=True)


class _Rows:
    """The columns of the JSON of a message row, one line for each message."""

    def __init__(self, file: TextIO, session: Session) -> None:
        self._file = file
        self._session = session
        self._head = False

    def write(self, messages: Sequence[Message]) -> None:
        for message in messages:
            row = row_as_json(message, self._session.profile.name, self._iso)
            if not self._head:
                self._file.write(csv_line(row) + "\r\n")
                self._head = True
            self._file.write(csv_line(row.values()) + "\r\n")

    def _iso(self, moment: float | None) -> str | None:
        if moment is None:
            return None
        return datetime.fromtimestamp(moment, UTC).astimezone(self._session.services.zone).isoformat(timespec="seconds")


class _Texts:
    """The texts alone, whole and as they came, an empty line between two."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._between = ""

    def write(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._file.write(f"{self._between}{message.text}\n")
            self._between = "\n"
