"""What fills the form from elsewhere: drafts, templates, texts sent before, the editor."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from voipe_tui.errors import VoipeError
from voipe_tui.text.untrusted import safe_line
from voipe_tui.ui.compose.recipients import recipient_choices
from voipe_tui.ui.desk import Place
from voipe_tui.ui.events import Notice
from voipe_tui.ui.look.words import count
from voipe_tui.ui.terminal.type_ahead import focus_now
from voipe_tui.ui.widgets.picker import Choice, Picker

if TYPE_CHECKING:
    from voipe_tui.config.paths import Paths
    from voipe_tui.store.models import Draft
    from voipe_tui.ui.compose.fields import MessageArea, ToArea
    from voipe_tui.ui.compose.recipients import Whom
    from voipe_tui.ui.services import Session
    from voipe_tui.ui.widgets.prompt import Prompt

_MOST_DRAFTS = 200
_MOST_NAMED = 3


class Form(Place, Protocol):
    """The form that is filled."""

    to: ToArea
    text: MessageArea
    whom_now: Whom

    @property
    def footer(self) -> str:
        """What goes behind the text."""

    def keep(self) -> None:
        """What stands in it is saved."""

    def load(self, draft: Draft) -> None:
        """A draft instead of what stands in it, which is kept."""

    def complain(self, error: VoipeError) -> None: ...


def pick_draft(form: Form, session: Session) -> None:
    """Another draft into the form; what stands there is kept first."""
    form.keep()
    choices = [
        Choice(
            f"{draft.to_text.strip() or '(nobody yet)'}: {draft.text.strip()}",
            f"To {draft.to_text}\n\n{draft.text}",
            draft,
            session.times.short(draft.updated_at, None),
        )
        for draft in session.opened.drafts.all(_MOST_DRAFTS)
    ]
    picker = Picker(session.colors, "Drafts", choices, nothing="There is no draft.", reorder=session.reorder)
    form.app.push_screen(picker, lambda draft: form.load(draft) if draft is not None else None)


def look_through_recipients(form: Form, session: Session) -> None:
    """All recipients, however many; Enter puts the cursor on one in the field, to be mended or taken out."""
    choices = recipient_choices(form.whom_now, session)
    foot = "Enter goes to it in the field · Esc goes back"
    picker = Picker(
        session.colors, "Recipients", choices, nothing="There is no recipient yet.", foot=foot, reorder=session.reorder
    )

    def go_to(typed: str | None) -> None:
        if typed is not None:
            focus_now(form.to)
            form.to.select_piece(typed)

    form.app.push_screen(picker, go_to)


def pick_sent(form: Form, session: Session) -> None:
    """A text that was sent before, into the text."""
    choices = [
        Choice(text, text, text, session.times.short(at, None)) for text, at in session.opened.people.texts_sent()
    ]
    picker = Picker(session.colors, "Sent before", choices, nothing="Nothing was sent yet.", reorder=session.reorder)
    form.app.push_screen(picker, lambda text: form.text.insert_here(text) if text else None)


def pick_template(form: Form, session: Session) -> None:
    """A template into the text, its fields filled from the contact or asked for."""
    from voipe_tui.config.templates import SAMPLES, load_templates

    paths = session.services.paths
    try:
        # The demo touches no file of the person's; it shows what there could be.
        templates = SAMPLES if paths is None else load_templates(paths)
    except VoipeError as error:
        form.complain(error)
        return
    choices = [Choice(name, text, (name, text)) for name, text in templates.items()]
    key = session.keys.shown("compose-save-template")
    nothing = f"No templates yet: {key} keeps what you have written as one."
    foot = f"Enter takes it · Esc goes back · {key} in the form keeps a text here"
    picker = Picker(session.colors, "Templates", choices, nothing=nothing, foot=foot, reorder=session.reorder)

    def take(chosen: tuple[str, str] | None) -> None:
        if chosen is not None:
            fill_fields(form, session, chosen[1], form.text.insert_here)

    form.app.push_screen(picker, take)


def fill_fields(form: Form, session: Session, text: str, then: Callable[[str], None]) -> None:
    """Fills ``{name}``, ``{first}`` and ``{number}`` from the one recipient, leaves them for several (each gets its
    own), and asks for all other fields one after the other."""
    from voipe_tui.config.templates import FIELD, fields_of

    values = _known_fields(form, session)

    def fill() -> str:
        return FIELD.sub(lambda match: values.get(match.group(1).strip(), match.group()), text)

    own = {"name", "first", "number"}
    several = len(form.whom_now.good) != 1
    missing = [name for name in fields_of(text) if name not in values and not (several and name in own)]

    def ask_next(answer: str | None = None, asked: str | None = None) -> None:
        if asked is not None:
            if answer is None:
                return  # Escape: nothing is put in
            values[asked] = answer
            missing.pop(0)
        if not missing:
            then(fill())
            return
        name = missing[0]
        prompt = _prompt(session, f"{name}:", "What stands there in the text?")
        form.app.push_screen(prompt, lambda said: ask_next(said, name))

    ask_next()


def _known_fields(form: Form, session: Session) -> dict[str, str]:
    if len(form.whom_now.good) != 1:
        return {}
    [recipient] = form.whom_now.good
    name = session.opened.people.name_of(recipient.e164) if recipient.e164 else None
    known = {"number": recipient.wire}
    return {**known, "name": name, "first": name.split(" ")[0]} if name else known


def save_template(form: Form, session: Session) -> None:
    """Keeps the text as a template, under a name that is asked for."""
    paths = session.services.paths
    text = form.text.text
    if paths is None:
        form.post_message(Notice("The demo keeps no templates.", "warn"))
    elif not text.strip():
        form.post_message(Notice("There is no text to keep as a template.", "warn"))
    else:
        prompt = _prompt(session, "Name:", "Under which name is this text kept as a template?")
        form.app.push_screen(prompt, lambda name: _keep_template(form, paths, name, text) if name is not None else None)


def _keep_template(form: Form, paths: Paths, name: str, text: str) -> None:
    from voipe_tui.config.templates import add_template

    try:
        add_template(paths, name, text)
    except VoipeError as error:
        form.complain(error)
        return
    form.post_message(Notice(f"Kept as the template “{safe_line(name.strip())}”.", "good"))


def _prompt(session: Session, title: str, question: str) -> Prompt:
    from voipe_tui.ui.widgets.prompt import Heard, Prompt

    return Prompt(session.colors, title, lambda typed: Heard(question, bool(typed.strip())))


async def use_editor(form: Form) -> None:
    """The text in $VISUAL or $EDITOR, and back."""
    from voipe_tui.ui.compose.editor import edit_text
    from voipe_tui.ui.widgets.fields import harmless

    before = form.text.text
    form.keep()
    try:
        edited = harmless(await edit_text(form.app, before, os.environ))
    except VoipeError as error:
        form.post_message(Notice(str(error), "bad"))
        return
    if edited == before:
        form.post_message(Notice("The editor changed nothing."))
        return
    form.text.change_to(edited)
    if not edited.strip():
        form.post_message(Notice("The editor left nothing; ctrl+z brings back what was there.", "warn"))
        return
    form.post_message(Notice("The text is back from the editor; ctrl+z takes that back.", "good"))


def replace_costly(place: Place, area: MessageArea, footer: str) -> None:
    """Everything in a text that costs and has a harmless twin, as one edit."""
    from voipe_tui.text.harmless import replacing

    before, behind = area.text, f" {footer}" if footer else ""
    replace = replacing(before, behind)
    after = replace(before)
    if after == before:
        place.post_message(Notice(_nothing_to_replace(before)))
        return
    row, column = area.cursor_location
    area.change_to(after, (row, len(replace(str(area.document.get_line(row))[:column]))))
    place.post_message(Notice(f"{_replaced_said(before, after, behind)} ctrl+z takes it back.", "good"))


def _replaced_said(before: str, after: str, behind: str) -> str:
    """What was replaced and what that saves, which may be nothing."""
    from voipe_tui.text.harmless import replaced, shown
    from voipe_tui.text.parts import measure

    found = replaced(before, after)
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    named = " ".join(map(shown, found[:_MOST_NAMED])) + more
    was, now = measure(before + behind), measure(after + behind)
    if now.parts < was.parts:
        return f"Replaced {named}: {count(now.parts, 'part')} now instead of {was.parts}."
    if now.encoding == "gsm7":
        return f"Replaced {named}: GSM 7-bit now, {count(now.parts, 'part')} as before."
    fewer = was.characters - now.characters
    saved = f"{count(fewer, 'character')} fewer, {count(now.parts, 'part')} as before" if fewer else "it saves nothing"
    return f"Replaced {named}: {saved}, as others need UCS-2."


def _nothing_to_replace(text: str) -> str:
    from voipe_tui.text.harmless import twin_of
    from voipe_tui.text.parts import distinct_forcing

    forcing = distinct_forcing(text)
    if not forcing:
        return "Nothing to replace: every character fits GSM 7-bit."
    if all(twin_of(each) is None for each in forcing):
        return "Nothing to replace: no character here has a harmless twin."
    return "Nothing to gain: others need UCS-2 anyway, and a twin would be longer or read in another order."
