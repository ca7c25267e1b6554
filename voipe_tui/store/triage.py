"""What a person does to messages here: read, star, archive, delete, label, snooze; and taking it back.

All local, at once, also without a gateway; it survives everything the gateway does. Each action says in a sentence what
it did, and is undone and done again as a whole: exactly the rows that changed get exactly what they had.

A snoozed message is archived until its time comes. Then it is unread and on top of its list (its ``sort_at`` is the
moment it came back, its ``created_at`` stays what it was): a place far down among old messages would hide it for good.
"""

from __future__ import annotations

import weakref
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from voipe_tui.errors import InputError
from voipe_tui.store.counting import Row
from voipe_tui.store.database import Database
from voipe_tui.store.labels import all_labels
from voipe_tui.store.messages import Messages
from voipe_tui.store.models import View
from voipe_tui.store.new_rows import whole
from voipe_tui.store.owners import Owner
from voipe_tui.store.rows import labels_of
from voipe_tui.store.triage_words import Kind, Way, broken_off
from voipe_tui.store.triage_work import (
    COLUMNS,
    Action,
    Done,
    Entry,
    Groups,
    Progress,
    State,
    Step,
    Tally,
    Work,
    piece_of,
    put,
    read_rows,
    reason_against,
)
from voipe_tui.store.undo_log import UndoLog
from voipe_tui.text.labels import clean_label, label_key

Target = Sequence[int] | View
"""Row IDs, or everything that a view shows at this moment; rows that come later are not hit."""

REMEMBERED = 500
"""Actions that can be undone, of this run and of earlier ones; oldest ones are forgotten first."""
_MOST_ROWS = 1_000_000  # remembered in all (eight bytes each here, as many on the disk), but for the last action
_WAKE_AT_ONCE = 500


class Triage:
    """Local state. The plain methods do their work at once; :meth:`work` hands out the same in pieces."""

    def __init__(self, database: Database, messages: Messages, owner: Callable[[], Owner]) -> None:
        self._db = database
        self._messages = messages
        self._log = UndoLog(database, owner)
        self._recalled = False
        self._broken_off = ""
        self._undo: deque[Entry] = deque()
        self._redo: list[Entry] = []
        self._running: weakref.ref[Work] | None = None

    # Actions, at once

    def set_read(self, target: Target, read: bool = True) -> Done:
        return self._at_once(self.reading(read), target)

    def star(self, target: Target, starred: bool = True) -> Done:
        return self._at_once(self.starring(starred), target)

    def archive(self, target: Target, archived: bool = True) -> Done:
        """Out of the inbox or outbox, or back; ends a snooze either way."""
        return self._at_once(self.archiving(archived), target)

    def delete(self, target: Target, deleted: bool = True) -> Done:
        """Hides rows here; the gateway keeps its own. What is still to be sent is not deleted but cancelled first."""
        return self._at_once(self.deleting(deleted), target)

    def label(self, target: Target, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Done:
        """Raises InputError for what is no label."""
        return self._at_once(self.labelling(add=add, remove=remove), target)

    def snooze(self, target: Target, until: float, *, said: str = "") -> Done:
        """Away until that moment (epoch seconds); ``said``: how a person calls it, for the sentence."""
        return self._at_once(self.snoozing(until, said=said), target)

    def unsnooze(self, target: Target) -> Done:
        """Back at once, at the old place and as read or unread as it was."""
        return self._at_once(Action("unsnooze", lambda s: None if s[1] is None else (0, None)), target)

    def undo(self) -> Done | None:
        """Takes the last action back; None when there is nothing to take back."""
        return self._back_at_once("undo") if self.can_undo else None

    def redo(self) -> Done | None:
        """Does again what was undone last; None when nothing was, or when something else was done since."""
        return self._back_at_once("redo") if self._redo else None

    def seen(self, ids: Sequence[int]) -> None:
        """Read, because it was shown: nobody's decision, so nothing to undo."""
        with self._db.write() as changes:
            rows = read_rows(self._db, tuple(dict.fromkeys(ids)), ("read",))
            unread = array("q", [row.id for row in rows if row.direction == "in" and row.state == (0,)])
            put(self._db, changes, ("read",), {((0,), (1,)): unread}, rows)

    # The same as values, for work in pieces

    @staticmethod
    def reading(read: bool) -> Action:
        return Action("read" if read else "unread", _To((int(read),)))

    @staticmethod
    def starring(starred: bool) -> Action:
        return Action("star" if starred else "unstar", _To((int(starred),)))

    @staticmethod
    def archiving(archived: bool) -> Action:
        return Action("archive" if archived else "unarchive", _To((int(archived), None)))

    @staticmethod
    def deleting(deleted: bool) -> Action:
        return Action("delete" if deleted else "restore", _To((int(deleted),)))

    @staticmethod
    def snoozing(until: float, *, said: str = "") -> Action:
        return Action("snooze", partial(_snooze, until=until), f" until {said}" if said else "")

    def labelling(self, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Action:
        known = {label_key(label): label for label in self.labels()} if add else {}
        new = {label_key(label): known.get(label_key(label), label) for label in map(clean_label, add)}
        gone = {label_key(label): label for label in map(clean_label, remove)}
        if not new and not gone:
            raise InputError("No label was named.", hint="Type one, for example “vip”.")
        words = [
            *(["Labelled " + ", ".join(f"“{label}”" for label in new.values())] if new else []),
            *(["taken off " + ", ".join(f"“{label}”" for label in gone.values())] if gone else []),
        ]
        detail = ", ".join(words)
        change = partial(_relabel, new=new, gone=frozenset(gone) - frozenset(new))
        return Action("label", change, detail[:1].upper() + detail[1:])

    # Work in pieces

    def work(self, action: Action, target: Target) -> Work:
        """The action as steps of about 10 ms. One at a time: raises InputError while another is under way.

        The target is fixed first: a view's rows are looked for before the first of them changes.
        """
        self._free()
        self._recall()
        entry, tally = Entry(action.kind, action.detail), Tally()
        newest = self._newest()
        pieces = self._do(action, target, newest, entry, tally)
        work = Work(pieces, lambda: tally.done(action.kind, "do", action.detail))
        self._running = weakref.ref(work)
        return work

    def undo_work(self) -> Work | None:
        return self._again("undo") if self.can_undo else None

    def redo_work(self) -> Work | None:
        return self._again("redo") if self._redo else None

    @property
    def busy(self) -> bool:
        """A work is under way."""
        work = self._running() if self._running is not None else None
        return work is not None and work.result is None

    @property
    def can_undo(self) -> Kind | None:
        self._recall()
        return self._undo[-1].kind if self._undo else None

    @property
    def can_redo(self) -> Kind | None:
        return self._redo[-1].kind if self._redo else None

    def broken_off(self) -> str:
        """A sentence about the last action of an earlier run where that ended in the middle of it, said once; else an
        empty one. What it did can be taken back like anything else."""
        self._recall()
        said, self._broken_off = self._broken_off, ""
        return said

    def _recall(self) -> None:
        """What earlier runs did comes before what this one does. Not within a transaction."""
        if self._recalled:
            return
        self._recalled = True
        logged = self._log.adopt()
        for each in logged:
            self._undo.append(Entry(each.kind, each.detail, key=each.key, rows=each.rows, done_at=each.at))
        if logged and logged[-1].state != "done":
            last = logged[-1]
            self._broken_off = broken_off(last.kind, last.rows, last.total, undoing=last.state == "undoing")
            with self._db.write():
                self._log.mark(last.key, "done")

    def _free(self) -> None:
        if self.busy:
            raise InputError("The last action is still going on.", hint="Wait for its end, or stop it.")

    def _newest(self) -> int:
        row = self._db.row("SELECT ifnull(max(id), 0) FROM message")
        assert row is not None
        return int(str(row[0]))

    def _at_once(self, action: Action, target: Target) -> Done:
        self._recall()
        return self._in_one(lambda: self.work(action, target))

    def _back_at_once(self, way: Way) -> Done:
        return self._in_one(lambda: self._again(way))

    def _in_one(self, begin: Callable[[], Work]) -> Done:
        """All pieces in one transaction: on a failure nothing was done, and what can be undone is as it was."""
        undo, redo = list(self._undo), list(self._redo)
        try:
            with self._db.write():
                return begin().run()
        except BaseException:
            self._undo, self._redo = deque(undo), redo
            raise

    # Doing

    def _do(self, action: Action, target: Target, newest: int, entry: Entry, tally: Tally) -> Iterator[Progress]:
        ids = array("q")
        if isinstance(target, View):
            for shown in self._messages.ids_in_pieces(target):
                ids.extend(row_id for row_id in shown if row_id <= newest)
                yield Progress(len(ids), None)
        else:
            ids.extend(dict.fromkeys(target))
        columns, piece = COLUMNS[action.kind], piece_of(action.kind)
        for start in range(0, len(ids), piece):
            chunk = ids[start : start + piece]
            with self._db.write() as changes:
                rows = read_rows(self._db, chunk, columns)
                tally.left["gone"] += len(chunk) - len(rows)
                found = self._sort_out(action, rows, tally)
                put(self._db, changes, columns, found.groups, rows)
                self._write_down(entry, found.groups, len(ids), last=start + piece >= len(ids))
            self._enter(entry, found)
            yield Progress(min(start + piece, len(ids)), len(ids))

    @staticmethod
    def _sort_out(action: Action, rows: Sequence[Row], tally: Tally) -> Entry:
        """Which rows of these change, from what to what; the others are counted by the reason."""
        found = Entry(action.kind, action.detail)
        for row in rows:
            reason = reason_against(action.kind, row)
            after = None if reason else action.change(row.state)
            if after is None:
                tally.left[reason or "same"] += 1
                continue
            found.add((row.state, after), (row.id,))
            tally.ids.append(row.id)
            tally.directions[row.direction] += 1
        return found

    def _write_down(self, entry: Entry, found: Groups, total: int, *, last: bool) -> None:
        """Into the log, in the transaction that changes the rows; the oldest entries are forgotten there."""
        if found:
            if entry.key is None:
                entry.key = self._log.begin(entry.kind, entry.detail, total)
            self._log.add(entry.key, found)
        if last and entry.key is not None:
            self._log.mark(entry.key, "done")
        rows = sum(e.size for e in self._undo)
        while len(self._undo) > REMEMBERED or (len(self._undo) > 1 and rows > _MOST_ROWS):
            oldest = self._undo.popleft()
            rows -= oldest.size
            if oldest.key is not None:
                self._log.drop(oldest.key)

    def _enter(self, entry: Entry, found: Entry) -> None:
        if not found.groups:
            return
        if not entry.groups:
            self._redo.clear()  # it would not fit any more
            self._undo.append(entry)
        for step, ids in found.groups.items():
            entry.add(step, ids)

    # Undoing and doing again

    def _again(self, way: Way) -> Work:
        self._free()
        entry = self._undo.pop() if way == "undo" else self._redo.pop()
        if not entry.groups and entry.key is not None:
            entry.groups = self._log.groups(entry.key)
        tally, handled, rest = Tally(), Entry(entry.kind, entry.detail), entry.copy()

        def finish() -> Done:
            if rest.groups:  # stopped early: the rest can still be taken back
                (self._undo if way == "undo" else self._redo).append(rest)
            if handled.groups:
                (self._redo if way == "undo" else self._undo).append(handled)
            return tally.done(entry.kind, way, entry.detail)._replace(done_at=entry.done_at)

        work = Work(self._walk_back(rest, handled, way, tally), finish)
        self._running = weakref.ref(work)
        return work

    def _walk_back(self, entry: Entry, handled: Entry, way: Way, tally: Tally) -> Iterator[Progress]:
        total, done = entry.size, 0
        columns, piece = COLUMNS[entry.kind], piece_of(entry.kind)
        for step in list(entry.groups):
            ids = entry.groups[step]
            while ids:
                chunk = ids[-piece:]
                with self._db.write() as changes:
                    rows = read_rows(self._db, chunk, columns)
                    tally.left["gone"] += len(chunk) - len(rows)
                    found = self._turn(entry.kind, step, rows, way, tally)
                    put(self._db, changes, columns, found, rows)
                    last = done + len(chunk) >= total
                    if way == "redo":
                        self._write_down(handled, found, total, last=last)
                    elif entry.key is not None:
                        self._log.drop(entry.key) if last else self._log.mark(entry.key, "undoing")
                    if way == "undo" and entry.kind == "snooze":
                        self._lay_back(chunk, until=step[1][1])
                del ids[-piece:]
                self._keep(handled, step, chunk, found, way)
                done += len(chunk)
                yield Progress(done, total)
            del entry.groups[step]

    @staticmethod
    def _turn(kind: Kind, step: Step, rows: Sequence[Row], way: Way, tally: Tally) -> Groups:
        """The steps that bring these rows to the state they had (undo) or got (redo)."""
        goal, expected = step if way == "undo" else step[::-1]
        found = Entry(kind, "")
        for row in rows:
            reason = reason_against(kind, row) if way == "redo" else None
            if reason is not None and reason != "same":
                tally.left[reason] += 1
                continue
            tally.changed_since += row.state != expected
            found.add((row.state, goal), (row.id,))
            tally.ids.append(row.id)
            tally.directions[row.direction] += 1
        return found.groups

    @staticmethod
    def _keep(handled: Entry, step: Step, chunk: Sequence[int], found: Groups, way: Way) -> None:
        if way == "undo":
            handled.add(step, chunk)
            return
        # Done again: the next undo restores what the rows had just now.
        for taken, ids in found.items():
            handled.add(taken, ids)

    # Labels

    def labels(self) -> list[str]:
        """Every label in use, in alphabetical order. One look-up per label, however many messages have it."""
        return all_labels(self._db)

    # Snoozed messages

    def next_wake(self) -> float | None:
        """When the next snoozed message is due; None when none is."""
        row = self._db.row(
            "SELECT snoozed_until FROM message WHERE snoozed_until IS NOT NULL AND deleted = 0 "
            "ORDER BY snoozed_until LIMIT 1"
        )
        return None if row is None else float(str(row[0]))

    def wake_due(self, now: float | None = None) -> int:
        """Brings back what was snoozed until now or earlier: unarchived, unread, on top of its list. Returns how many.

        Listeners are told the rows as ``woken`` and ``inserted``.
        """
        now = self._db.clock() if now is None else now
        place = whole(now)
        woken = 0
        while self._due(now):
            with self._db.write() as changes:
                due = self._due(now)  # once more: another program may have been quicker
                for row_id, read, sort_at, direction, until, woken_at in due:
                    self._db.connection.execute(
                        "INSERT INTO woken (message_id, until, place, sort_at, woken_at) VALUES (?, ?, ?, ?, ?)",
                        (row_id, until, place, sort_at, woken_at),
                    )
                    self._db.connection.execute(
                        "UPDATE message SET archived = 0, snoozed_until = NULL, read = ?, sort_at = ?, woken_at = ? "
                        "WHERE id = ?",
                        (0 if direction == "in" else read, place, place, row_id),
                    )
                    changes.inserted.add(row_id)
                    changes.woken.add(row_id)
            woken += len(due)
        return woken

    def _due(self, now: float) -> list[tuple[int, int, float, str, float, float | None]]:
        return self._db.rows(  # type: ignore[return-value]
            "SELECT id, read, sort_at, direction, snoozed_until, woken_at FROM message "
            "WHERE snoozed_until <= ? AND deleted = 0 ORDER BY snoozed_until, id LIMIT ?",
            (now, _WAKE_AT_ONCE),
        )

    def _lay_back(self, ids: Sequence[int], *, until: float) -> None:
        """A snooze is undone after its time: the messages go back to their old places too."""
        for row_id in ids:
            woken = self._db.row(
                "SELECT id, sort_at, woken_at, place FROM woken WHERE message_id = ? AND until = ? "
                "ORDER BY id DESC LIMIT 1",
                (row_id, until),
            )
            if woken is not None:
                self._db.connection.execute("DELETE FROM woken WHERE id = ?", woken[:1])
                self._db.connection.execute(
                    "UPDATE message SET sort_at = ?, woken_at = ? WHERE id = ? AND sort_at = ?",
                    (woken[1], woken[2], row_id, woken[3]),
                )


class _To:
    """Every row to one state."""

    def __init__(self, goal: State) -> None:
        self._goal = goal

    def __call__(self, state: State) -> State | None:
        return None if state == self._goal else self._goal


def _snooze(state: State, *, until: float) -> State | None:
    return None if state[:2] == (1, until) else (1, until, state[2])


def _relabel(state: State, *, new: dict[str, str], gone: frozenset[str]) -> State | None:
    labels = labels_of(state[0])
    kept = [label for label in labels if label_key(label) not in gone]
    there = {label_key(label) for label in kept}
    kept += [label for key, label in new.items() if key not in there]
    return None if tuple(kept) == labels else ("".join(f"|{label}" for label in kept) + "|" if kept else "",)
