"""One triage action on its way: which rows, from what to what, a piece at a time.

Every piece is one short transaction, so that ten thousand rows do not hold up a screen; together they are one entry
that is undone and done again as a whole. What is remembered is the exact former state of the rows that really changed.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

from voipe_tui.store.counting import CHANGING, COUNTED, Row, count, counting_apart, share_numbers
from voipe_tui.store.database import Changes, Database
from voipe_tui.store.rows import labels_of
from voipe_tui.store.states import OURS, Status
from voipe_tui.store.triage_words import Kind, Reason, Way, sentence_for

PIECE = 400
"""Rows per transaction: less than 10 ms."""
_SMALLER_PIECES = {"archive": 250, "unarchive": 250, "snooze": 250, "unsnooze": 250, "delete": 100, "restore": 100}

State = tuple[Any, ...]
"""The values of an action's columns in one row."""
Step = tuple[State, State]
"""From which state to which."""
Groups = dict[Step, "array[int]"]
"""Rows by the step that they took; eight bytes a row, however many there are."""

COLUMNS: dict[Kind, tuple[str, ...]] = {
    "read": ("read",),
    "unread": ("read",),
    "star": ("starred",),
    "unstar": ("starred",),
    "archive": ("archived", "snoozed_until"),
    "unarchive": ("archived", "snoozed_until"),
    "snooze": ("archived", "snoozed_until", "read"),  # it wakes up unread
    "unsnooze": ("archived", "snoozed_until"),
    "delete": ("deleted",),
    "restore": ("deleted",),
    "label": ("labels",),
}
_HIDES = frozenset({"archive", "snooze", "delete"})
_ON_ITS_WAY = frozenset({Status.HELD, Status.SCHEDULED, Status.QUEUED, Status.SENDING})
assert OURS - {Status.DRAFT} <= _ON_ITS_WAY


def piece_of(kind: Kind) -> int:
    """How many rows are changed at once: what leaves a list has more to it than a star."""
    return _SMALLER_PIECES.get(kind, PIECE)


class Done(NamedTuple):
    """What an action did. ``ids``: the rows that changed, and no others; ``said``: a sentence for people.

    ``kind`` is the action that was done, undone or done again (``way``); ``left_alone`` how many rows it could not be
    done to; ``done_at`` when it had been done (epoch seconds), where that was in an earlier run.
    """

    kind: Kind
    count: int  # type: ignore[assignment]
    ids: Sequence[int]
    said: str
    way: Way = "do"
    left_alone: int = 0
    done_at: float | None = None


class Progress(NamedTuple):
    """How far: ``total`` is None while the rows are still being looked for (``done`` of them were found)."""

    done: int
    total: int | None


class Action(NamedTuple):
    """``change`` gives the state that a row is to have, from the one it has; None leaves it alone."""

    kind: Kind
    change: Callable[[State], State | None]
    detail: str = ""


class Entry:
    """An action that was done: what undoing it restores. ``groups`` hold the rows by what happened to them.

    ``key`` names it in the log; of an action of an earlier run (``done_at``) the rows are still there alone.
    """

    def __init__(
        self, kind: Kind, detail: str, *, key: int | None = None, rows: int = 0, done_at: float | None = None
    ) -> None:
        self.kind = kind
        self.detail = detail
        self.groups: Groups = {}
        self.key = key
        self.done_at = done_at
        self._rows_in_log = rows

    @property
    def size(self) -> int:
        return sum(map(len, self.groups.values())) or self._rows_in_log

    def add(self, step: Step, row_ids: Sequence[int]) -> None:
        if step not in self.groups:
            self.groups[step] = array("q")
        self.groups[step].extend(row_ids)

    def copy(self) -> Entry:
        twin = Entry(self.kind, self.detail, key=self.key, done_at=self.done_at)
        twin.groups = {step: ids[:] for step, ids in self.groups.items()}
        return twin


class Work:
    """Iterate to carry it out, a piece a step; each step tells how far it got. Then ``result`` is there.

    :meth:`stop` ends it early: what was done so far stays done, and is one entry to undo. A piece that fails raises and
    changes nothing; what was done before it can be undone.
    """

    def __init__(self, pieces: Iterator[Progress], finish: Callable[[], Done]) -> None:
        self._pieces = pieces
        self._finish = finish
        self.result: Done | None = None

    def __iter__(self) -> Iterator[Progress]:
        return self

    def __next__(self) -> Progress:
        if self.result is not None:
            raise StopIteration
        try:
            return next(self._pieces)
        except StopIteration:
            self.result = self._finish()
            raise

    def stop(self) -> Done:
        """No further: the answer tells what was done."""
        if self.result is None:
            self.result = self._finish()
        return self.result

    def run(self) -> Done:
        """To the end, at once."""
        for _ in self:
            pass
        return self.stop()


class Tally:
    """What is known of a work so far, for its sentence."""

    def __init__(self) -> None:
        self.ids = array("q")
        self.directions: Counter[str] = Counter()
        self.left: Counter[Reason] = Counter()
        self.changed_since = 0

    def done(self, kind: Kind, way: Way, detail: str) -> Done:
        text = sentence_for(
            kind,
            way,
            len(self.ids),
            directions=self.directions,
            left=self.left,
            changed_since=self.changed_since,
            detail=detail,
        )
        left_alone = sum(n for reason, n in self.left.items() if reason != "same")
        return Done(kind, len(self.ids), tuple(self.ids), text, way, left_alone)


def read_rows(db: Database, ids: Sequence[int], columns: tuple[str, ...]) -> list[Row]:
    """These rows, also deleted ones, with ``columns`` as their state; in the order of ``ids``."""
    marks = ",".join("?" * len(ids))
    sql = f"SELECT {', '.join((*COUNTED, *columns))} FROM message WHERE id IN ({marks})"  # noqa: S608
    rows: list[Any] = db.rows(sql, tuple(ids))
    n = len(COUNTED)
    found = {row[1]: Row._make((*row[:n], row[n:])) for row in rows}
    return [found[row_id] for row_id in ids if row_id in found]


def reason_against(kind: Kind, row: Row) -> Reason | None:
    """Why this cannot be done to a row; None where it can."""
    if kind == "restore":
        return None if row.deleted <= 1 else "gone"
    if row.deleted:
        return "same" if kind == "delete" else "gone"
    if kind in ("read", "unread") and row.direction == "out":
        return "outgoing"
    if kind in _HIDES and row.status is not None:
        if row.status == Status.DRAFT:
            return "draft"
        if row.status == Status.UNKNOWN:
            return "unknown"
        if row.status in _ON_ITS_WAY:
            return "sending"
    return None


def put(db: Database, changes: Changes, columns: tuple[str, ...], steps: Groups, rows: Sequence[Row]) -> None:
    """Writes states into rows; the caller holds the transaction. ``rows``: those of ``steps``, as they were."""
    # What leaves a conversation, or comes back, is several writes by trigger; for a flag it is one.
    together = "deleted" in columns or (not CHANGING.isdisjoint(columns) and share_numbers(rows))
    settings = ", ".join(f"{column} = ?" for column in columns)
    with counting_apart(db) if together else nullcontext():
        for (_, after), ids in steps.items():
            for start in range(0, len(ids), PIECE):
                chunk = ids[start : start + PIECE]
                marks = ",".join("?" * len(chunk))
                db.connection.execute(f"UPDATE message SET {settings} WHERE id IN ({marks})", (*after, *chunk))  # noqa: S608
    if together:
        known = {row.id: row for row in rows}
        for (_, after), ids in steps.items():
            new = {column: value for column, value in zip(columns, after, strict=True) if column in CHANGING}
            count(db, [known[row_id] for row_id in ids], new)
    for (before, after), ids in steps.items():
        if columns == ("labels",):
            _put_labels(db, ids, str(before[0]), str(after[0]))
        if columns[0] in ("archived", "deleted") and before[0] != after[0]:
            (changes.removed if after[0] else changes.inserted).update(ids)
        else:
            changes.ids.update(ids)


def _put_labels(db: Database, ids: Sequence[int], before: str, after: str) -> None:
    """The table of labels says the same as the rows do."""
    had, has = labels_of(before), labels_of(after)
    gone = [(label, row_id) for label in had if label not in has for row_id in ids]
    new = [(label, row_id) for label in has if label not in had for row_id in ids]
    db.connection.executemany("DELETE FROM message_label WHERE label = ? AND message_id = ?", gone)
    db.connection.executemany("INSERT OR IGNORE INTO message_label VALUES (?, ?)", new)
