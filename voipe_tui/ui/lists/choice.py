"""What a command hits in a list: what is marked and on view, else the one message under the cursor."""

from __future__ import annotations

from voipe_tui.store import Store
from voipe_tui.store.models import Message, View
from voipe_tui.ui.chosen import MOST_COUNTED, PIECE, Chosen, breathe
from voipe_tui.ui.lists.marks import Marks

ANYWHERE = View(include_archived=True)


async def choose(marks: Marks, store: Store, view: View, current: Message | None) -> Chosen:
    """``view`` is what the list shows; a marked message that it does not show is never hit."""
    if not marks.any:
        return Chosen([] if current is None else [current.id])
    if marks.every is not None:
        return Chosen(marks.every, True) if marks.covers(view) else Chosen([], True, None)
    ids = list(marks.ids)
    shown: list[int] = []
    for start in range(0, len(ids), PIECE):
        shown += store.messages.which(view, ids[start : start + PIECE])
        await breathe()
    hidden = set(ids).difference(shown)
    gone = hidden.difference(store.messages.which(ANYWHERE, hidden))
    marks.drop(gone)
    return Chosen(shown, True, len(hidden) - len(gone))


def said_of(marks: Marks, store: Store, view: View, base: View) -> str:
    """What the status line says about the marks; empty when there are none. ``base``: the list without a filter."""
    if marks.every is not None:
        if not marks.covers(view):
            return "all of another filter marked"
        number, more = store.saved_views.count(marks.every, MOST_COUNTED)
        return f"all {number:,} that match marked" if not more else f"all that match marked ({number:,}+)"
    said = []
    if marks.ids:
        hidden = 0
        if view != base and len(marks.ids) <= PIECE:
            hidden = len(marks.ids) - len(store.messages.which(view, marks.ids))
        said.append(f"{len(marks.ids):,} marked" + (f" ({hidden:,} hidden)" if hidden else ""))
    if marks.anchor is not None:
        said.append("range: move, v ends it")
    return ", ".join(said)
