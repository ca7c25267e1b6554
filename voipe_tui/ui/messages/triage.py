"""Read, starred, archived, labelled, snoozed, deleted: done to what is chosen, said, undone and done again.

A piece of work that is over in a few milliseconds is done before the next key is looked at; a longer one goes on beside
the keys, with a word about how far it is.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from voipe_tui.errors import VoipeError
from voipe_tui.store import Store
from voipe_tui.store.models import View
from voipe_tui.ui.chosen import Chosen, breathe, how_many
from voipe_tui.ui.events import Asked, Notice

if TYPE_CHECKING:
    from voipe_tui.store.triage_work import Action, Done, Work
    from voipe_tui.ui.desk import Desk
    from voipe_tui.ui.services import Session
    from voipe_tui.ui.widgets.prompt import Heard

KINDS = frozenset({"toggle_read", "star", "archive", "label", "snooze", "delete"})
"""What can be asked of :func:`triage`."""

_SAID_EVERY = 10
_AT_ONCE = 3
"""Steps of a work that are done before the next key."""


async def triage(desk: Desk, session: Session, event: Asked, chosen: Chosen) -> None:
    """Does ``event.what`` (one of :data:`KINDS`) to what is chosen."""
    triage, store = session.opened.triage, session.opened
    target, what = chosen.target, event.what
    if what == "star":
        _begin(desk, session, triage.starring(_some(store, target, event, starred=False)), chosen, event)
    elif what == "toggle_read":
        unread = _some(store, target, event, read=False)
        if not chosen.several and event.message is not None and event.message.direction == "out":
            desk.post_message(Notice("Only incoming messages are read or unread."))
            return
        _begin(desk, session, triage.reading(unread), chosen, event)
    elif what == "archive":
        _begin(desk, session, triage.archiving(_some(store, target, event, archived=False)), chosen, event)
    elif what == "delete":
        _delete(desk, session, chosen, event)
    elif what == "snooze":
        _find_first(desk, session, chosen, lambda found: _ask_snooze(desk, session, found, event))
    elif what == "label":
        _find_first(desk, session, chosen, lambda found: _ask_label(desk, session, found, event))


def _some(store: Store, target: Sequence[int] | View, event: Asked, **flag: bool) -> bool:
    """Whether one of them is not read, starred or archived yet; for all that match the one under the cursor speaks."""
    [(name, value)] = flag.items()
    if isinstance(target, View):
        return event.message is None or getattr(event.message, name) is value
    for start in range(0, len(target), 500):
        for message in store.get(target[start : start + 500]).values():
            if getattr(message, name) is value and (name != "read" or message.direction == "in"):
                return True
    return False


def _delete(desk: Desk, session: Session, chosen: Chosen, event: Asked) -> None:
    from voipe_tui.ui.widgets.confirm import Confirm, ask

    if not chosen.several:
        draft = event.message
        if draft is not None and draft.status == "draft" and list(chosen.target) == [draft.id]:
            lines = (draft.text[:200] or "There is no text in it yet.", "It cannot be brought back.")
            question = Confirm("Throw this draft away?", lines, "throw it away")
            ask(desk.app, question, lambda: session.opened.drafts.discard(draft.id))
            return
        _begin(desk, session, session.opened.triage.deleting(True), chosen, event)
    else:
        _find_first(desk, session, chosen, lambda found: _ask_to_delete(desk, session, found, event))


def _find_first(desk: Desk, session: Session, chosen: Chosen, ask: Callable[[Chosen], None]) -> None:
    """All that match are looked for before a question about them: it names their number, and hits those and no
    others."""
    if not isinstance(chosen.target, View):
        ask(chosen)
        return
    pieces, ids = session.opened.messages.ids_in_pieces(chosen.target), array("q")

    def found() -> None:
        ask(chosen._replace(target=ids))

    for _ in range(_AT_ONCE):
        piece = next(pieces, None)
        if piece is None:
            found()
            return
        ids.extend(piece)

    async def look_on() -> None:
        here = desk.app.focused
        for piece in pieces:
            ids.extend(piece)
            desk.post_message(Notice(f"{len(ids):,} found …", lasting=True))
            await breathe()
        if desk.app.focused is here:
            desk.post_message(Notice(""))
            found()
        else:  # whoever types something else by now must not answer this with it
            desk.post_message(Notice("Nothing was done: you went on before they were found."))

    desk.run_worker(look_on(), group="looking", exclusive=True, exit_on_error=False)


def _ask_to_delete(desk: Desk, session: Session, chosen: Chosen, event: Asked) -> None:
    from voipe_tui.ui.widgets.confirm import Confirm, ask

    question = Confirm(
        f"Delete {how_many(session.opened, chosen.target)} here?",
        ("They vanish from these lists. The gateway keeps its own.", f"{session.keys.shown('undo')} brings them back."),
        "delete them",
    )
    ask(desk.app, question, lambda: _begin(desk, session, session.opened.triage.deleting(True), chosen, event))


# Snooze


def _ask_snooze(desk: Desk, session: Session, chosen: Chosen, event: Asked) -> None:
    from voipe_tui.ui.widgets.prompt import Prompt

    def snooze(typed: str | None) -> None:
        if typed is None:
            return
        triage = session.opened.triage
        moment = snooze_until(typed, session)
        said = session.times.long(moment.timestamp()).rsplit(":", 1)[0]
        _begin(desk, session, triage.snoozing(moment.timestamp(), said=said), chosen, event)

    offers = ("tomorrow morning", "this evening", "in 3 h", "monday morning", "in 1 week")

    def complete(text: str) -> list[str]:
        return [offer for offer in offers if offer.startswith(text.casefold())] or list(offers)

    message = event.message
    snoozed = message.snoozed_until if message is not None and not chosen.several else None
    now = ""
    if snoozed is not None:
        now = f"Snoozed until {session.times.long(snoozed)}; {session.keys.shown('list-archive')} brings it back now. "

    def hear(text: str) -> Heard:
        return _hear_moment(text, session, now)

    title = f"Snooze {how_many(session.opened, chosen.target)} until"
    prompt = Prompt(session.colors, title, hear, complete=complete, keys="Tab: ideas")
    desk.app.push_screen(prompt, snooze)


def snooze_until(typed: str, session: Session) -> datetime:
    """The moment that was typed; a bare day means its morning. Raises InputError."""
    from voipe_tui.errors import InputError
    from voipe_tui.text.moments import parse_moment

    now = session.now()
    moment = parse_moment(typed, now, lean="future")
    if ":" not in typed and moment.hour == moment.minute == 0:
        try:
            moment = parse_moment(f"{typed} morning", now, lean="future")
        except InputError:
            return moment
    return moment


def _hear_moment(text: str, session: Session, now: str) -> Heard:
    from voipe_tui.ui.widgets.prompt import Heard

    if not text.strip():
        return Heard(f"{now}For example: tomorrow morning, in 3 h, monday 9:00, 2026-12-24 10:00.", good=False)
    try:
        moment = snooze_until(text, session)
    except VoipeError as error:
        return Heard(str(error), good=False)
    if moment.timestamp() <= session.services.clock():
        return Heard("That is over already.", good=False)
    return Heard(f"until {session.times.long(moment.timestamp())}")


# Labels


def _ask_label(desk: Desk, session: Session, chosen: Chosen, event: Asked) -> None:
    from voipe_tui.ui.widgets.prompt import Heard, Prompt

    store = session.opened
    known = store.triage.labels()
    has = event.message.labels if event.message is not None and not chosen.several else ()

    def hear(text: str) -> Heard:
        add, remove = labels_typed(text)
        if not add and not remove:
            now = f"Has: {', '.join(has)}. " if has else ""
            there = f"There are: {', '.join(known[:12])}. " if known else ""
            return Heard(f"{now}{there}Commas between several; -name takes one off.", good=False)
        try:
            store.triage.labelling(add=add, remove=remove)
        except VoipeError as error:
            return Heard(str(error), good=False)
        said = [f"sticks on {', '.join(f'“{label}”' for label in add)}"] if add else []
        said += [f"takes off {', '.join(f'“{label}”' for label in remove)}"] if remove else []
        return Heard(", ".join(said))

    def complete(text: str) -> list[str]:
        head, comma, last = text.rpartition(",")
        begun = last.strip()
        minus = "-" if begun.startswith("-") else ""
        begun = begun.removeprefix("-").casefold()
        pool = [*has, *(label for label in known if label not in has)] if minus else known
        start = f"{head}{comma} " if comma else ""
        return [f"{start}{minus}{label}" for label in pool if label.casefold().startswith(begun)]

    def label(typed: str | None) -> None:
        if typed is not None:
            add, remove = labels_typed(typed)
            _begin(desk, session, store.triage.labelling(add=add, remove=remove), chosen, event)

    title = f"Label {how_many(store, chosen.target)}"
    desk.app.push_screen(Prompt(session.colors, title, hear, complete=complete, keys="Tab completes"), label)


def labels_typed(text: str) -> tuple[list[str], list[str]]:
    """What to stick on and what to take off: "vip, -todo" -> (["vip"], ["todo"])."""
    add: list[str] = []
    remove: list[str] = []
    for name in (part.strip() for part in text.split(",")):
        if name.removeprefix("-").strip():
            (remove if name.startswith("-") else add).append(name.removeprefix("-").strip())
    return add, remove


# Carrying it out


def _begin(desk: Desk, session: Session, action: Action, chosen: Chosen, event: Asked) -> None:
    def then(done: Done) -> None:
        if event.after is not None:
            event.after(done)
        undo = f" {session.keys.shown('undo')} undoes it." if done.count else ""
        hidden = f" {chosen.left_alone}" if chosen.left_alone else ""
        desk.post_message(Notice(f"{done.said}{hidden}{undo}"))

    try:
        carry_out(desk, session.opened.triage.work(action, chosen.target), then)
    except VoipeError as error:
        desk.post_message(Notice(str(error), "warn"))


def carry_out(desk: Desk, work: Work, then: Callable[[Done], None]) -> None:
    """Does the work: a small one at once, the rest of a larger one beside the keys."""
    for _ in range(_AT_ONCE):
        if next(work, None) is None:
            then(work.stop())
            return
    desk.run_worker(_rest(desk, work, then), name="triage", group="triage", exit_on_error=False)


async def _rest(desk: Desk, work: Work, then: Callable[[Done], None]) -> None:
    try:
        for step, progress in enumerate(work):
            if step % _SAID_EVERY == 0:
                total = f" of {progress.total:,}" if progress.total is not None else " found"
                desk.post_message(Notice(f"{progress.done:,}{total} …", lasting=True))
            await breathe()
    except VoipeError as error:
        work.stop()
        desk.post_message(Notice(str(error), "bad"))
        return
    finally:
        # Also when the program leaves in the middle: what was done so far stays one thing that can be undone.
        done = work.stop()
    then(done)
    desk.look_again()  # every count of this moment, and none of the middle of it


def undo(desk: Desk, session: Session, *, again: bool = False) -> bool:
    """Takes back the last triage action (or does it again); False where there is none."""
    triage = session.opened.triage
    try:
        work = triage.redo_work() if again else triage.undo_work()
        if work is None:
            return False

        def then(done: Done) -> None:
            desk.undone(done)
            key = session.keys.shown("undo" if again else "redo")
            way = f"{key} undoes it" if again else f"{key} redoes it"
            # Of an earlier run: nobody remembers what the key takes back then.
            when = "" if done.done_at is None else f" ({session.times.short(done.done_at, None)})"
            desk.post_message(Notice(f"{'Done again' if again else 'Undone'}{when}. {done.said} {way}."))

        carry_out(desk, work, then)
    except VoipeError as error:
        desk.post_message(Notice(str(error), "warn"))
    return True
