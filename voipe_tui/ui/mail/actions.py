"""What a list is asked for: what is chosen in it, marks by pattern and all, the next unread one, its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipe_tui.ui.chosen import Chosen, breathe
from voipe_tui.ui.events import Asked, Notice
from voipe_tui.ui.lists.choice import choose
from voipe_tui.ui.lists.marks import MOST_MARKS, TOO_MANY
from voipe_tui.ui.look.words import count

if TYPE_CHECKING:
    from voipe_tui.store.models import View
    from voipe_tui.store.triage_work import Done
    from voipe_tui.ui.mail.mailbox import Mailbox
    from voipe_tui.ui.widgets.prompt import Heard

_LEAVES = frozenset({"archive", "unarchive", "snooze", "unsnooze", "delete", "restore"})
"""What takes messages out of a list."""
_PREVIEW = 1_000
_ENDS = 500
"""The newest of many messages that came back is one of so many first or last ones."""


async def asked(mail: Mailbox, event: Asked) -> None:
    """Answers what the list knows by itself; to the rest it adds what is chosen, and lets it go up."""
    what, message = event.what, event.message
    if what == "open":
        if message is not None and message.status != "draft":
            event.stop()
            await mail.open(message)
        return
    if what in ("next_unread", "previous_unread"):
        event.stop()
        await _jump(mail, down=what == "next_unread")
    elif what in ("mark_some", "mark_all", "columns"):
        event.stop()
        await mail.list.end_range()
        {"mark_some": _mark_some, "mark_all": _mark_all, "columns": _columns}[what](mail)
    else:
        await _add_chosen(mail, event)


async def _add_chosen(mail: Mailbox, event: Asked) -> None:
    event.after = lambda done: dealt_with(mail, done)
    if mail.reader_has_focus:
        event.chosen = Chosen([] if event.message is None else [event.message.id])
        return
    if mail.list.marks.anchor is not None:
        await mail.list.end_range()
        mail.list.marks_changed()
    if event.what == "export" and not mail.list.marks.any:
        event.chosen = Chosen(mail.shown_view)
        return
    chosen = await choose(mail.list.marks, mail.store, mail.shown_view, event.message)
    event.chosen = chosen
    if chosen.empty:
        event.stop()
        mail.post_message(Notice("Nothing was done: the filter hides what is marked. Esc unmarks.", "warn"))


def dealt_with(mail: Mailbox, done: Done) -> None:
    """A triage action was done: the list follows at once, and the cursor goes where the settings say."""
    messages, model = mail.list, mail.model
    current = model.current
    hit = frozenset(done.ids)
    gone = current is not None and done.kind in _LEAVES and current.id in hit
    above = next((m.id for m in reversed(model.rows[: model.cursor]) if m.id not in hit), None)
    if done.kind in _LEAVES and messages.marks.any:
        messages.marks.done_with(hit)
        messages.marks_changed()
    messages.reload()
    if not gone:
        return
    advance = mail.auto_advance
    if advance == "previous" and above is not None:
        messages.select(above)
    elif advance == "next" and current is not None and model.current is not None and model.current.id == current.id:
        messages.step(1)  # it is still here, for example among archived ones
    mail.go_on(stay=advance == "stay")


def undone(mail: Mailbox, done: Done) -> None:
    """Something was taken back or done again: the list follows, the cursor to the one message that came back."""
    if mail.model.refilled:
        mail.list.show_newest()
        return
    mail.list.reload()
    if mail.reading or not done.count:
        return
    if done.count == 1:
        mail.list.select(done.ids[0])
    elif not {message.id for message in mail.model.visible} & set(done.ids):
        # What came back above or below the screen would not be seen.
        ends = mail.store.get({*done.ids[:_ENDS], *done.ids[-_ENDS:]}).values()
        for message in sorted(ends, key=lambda message: message.position, reverse=True)[:1]:
            mail.list.select(message.id)


# Marks


def _mark_all(mail: Mailbox) -> None:
    messages = mail.list
    if messages.marks.any and messages.marks.covers(mail.shown_view) and not messages.marks.every.without:  # type: ignore[union-attr]
        messages.marks.clear()
    elif mail.model.current is not None:
        messages.marks.mark_every(mail.shown_view, mail.store.messages.newest_id())
    messages.marks_changed()


def _mark_some(mail: Mailbox) -> None:
    from voipe_tui.ui.search.filters import complete, known_to, parse_filter
    from voipe_tui.ui.widgets.prompt import Heard, Prompt

    known = known_to(mail.session)

    def hear(text: str) -> Heard:
        if not text.strip():
            return Heard(
                "Words of the text, a name, a number; or as in the search: status:failed, is:unread.", good=False
            )
        view, problem = parse_filter(text, mail.base_view, mail.session)
        if problem:
            return Heard(problem, good=False)
        number, more = mail.store.saved_views.count(view, _PREVIEW)
        return Heard(f"more than {number:,} match" if more else f"{number:,} match", good=more or number > 0)

    def mark(text: str | None) -> None:
        if text is not None:
            view, problem = parse_filter(text, mail.base_view, mail.session, finished=True)
            if problem:
                mail.post_message(Notice(f"Nothing was marked. {problem}", "warn"))
                return
            mail.run_worker(_mark_matching(mail, view), group="marks", exclusive=True, exit_on_error=False)

    def offers(text: str) -> list[str]:
        found = complete(text, len(text), known)
        return [text[: each.start] + each.insert + text[each.end :] for each in found]

    prompt = Prompt(mail.palette, "Mark what matches", hear, complete=offers, keys="Tab completes")
    mail.app.push_screen(prompt, mark)


async def _mark_matching(mail: Mailbox, pattern: View) -> None:
    """Marks what is both in ``pattern`` and on view; a page at a time."""
    store, found = mail.store, list[int]()
    for ids in store.messages.ids_in_pieces(pattern):
        found += store.messages.which(mail.shown_view, ids)
        if len(found) > MOST_MARKS:
            mail.post_message(Notice(TOO_MANY, "warn"))
            return
        await breathe()
    mail.list.marks.add(found)
    mail.list.marks_changed()
    mail.post_message(Notice(f"Marked {count(len(found), 'message')}."))


# The next unread one


async def _jump(mail: Mailbox, *, down: bool) -> None:
    """Through the store by its index, not by walking; from the end it begins anew."""
    current = mail.model.current
    if mail.base_view.direction == "out":
        mail.post_message(Notice("Only incoming messages are unread: they are in the inbox."))
        return
    view, position = mail.shown_view._replace(unread=True), None if current is None else current.position
    page = mail.store.page
    found = page(view, before=position, limit=1) if down else page(view, after=position, limit=1) if position else []
    if not found:
        found = page(view, limit=1) if down else page(view, after=(float("-inf"), 0), limit=1)
        if found and current is not None and found[0].id != current.id:
            mail.post_message(Notice("Begun anew from the other end."))
    if not found or (current is not None and found[0].id == current.id):
        mail.post_message(Notice("Nothing else is unread." if found else "Nothing is unread."))
        return
    mail.list.select(found[0].id)
    if mail.reading:
        await mail.open(found[0])


# Columns


def _columns(mail: Mailbox) -> None:
    from voipe_tui.ui.lists.column_chooser import ColumnChooser

    def keep(chosen: tuple[str, ...] | None) -> None:
        if chosen is not None:
            mail.choose_columns(chosen)

    mail.app.push_screen(ColumnChooser(mail.palette, mail.columns), keep)
