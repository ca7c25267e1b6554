"""What the parts of the screen tell each other; no part knows another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message as Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from voipe_tui.store.models import Draft, Message
    from voipe_tui.store.triage_work import Done
    from voipe_tui.ui.chosen import Chosen


class Asked(Event):
    """A command for messages: ``open``, ``reply``, ``forward``, ``copy``, ``copy_number``, ``send_again``, ``export``,
    ``toggle_read``, ``star``, ``archive``, ``label``, ``snooze``, ``delete``.

    ``message`` is the one under the cursor (None: the list is empty). On the way up a list says what is ``chosen``
    (its marked messages); where none does it is that one message. ``after`` is told what a triage action did.
    """

    def __init__(self, what: str, message: Message | None) -> None:
        super().__init__()
        self.what = what
        self.message = message
        self.chosen: Chosen | None = None
        self.after: Callable[[Done], None] | None = None


class Write(Event):
    """Open the compose view; with a draft, for that text."""

    def __init__(self, draft: Draft | None = None) -> None:
        super().__init__()
        self.draft = draft


class Submitted(Event):
    """Orders are on the disk; these are their rows. ``stay``: they are seen where they were written."""

    def __init__(self, ids: list[int], *, stay: bool = False) -> None:
        super().__init__()
        self.ids = ids
        self.stay = stay


class MakeBatch(Event):
    """A text is to go to everybody in a table."""

    def __init__(self, text: str = "", sender: str | None = None) -> None:
        super().__init__()
        self.text = text
        self.sender = sender


class GoTo(Event):
    """Another view is wanted."""

    def __init__(self, view: str) -> None:
        super().__init__()
        self.view = view


class Left(Event):
    """The person is done here and wants back to where they came from."""


class Notice(Event):
    """A sentence for the status line. ``tone``: ``bar``, ``good``, ``warn`` or ``bad``; bad ones stay longer, a
    ``lasting`` one until the next."""

    def __init__(self, text: str, tone: str = "bar", *, lasting: bool = False) -> None:
        super().__init__()
        self.text = text
        self.tone = tone
        self.lasting = lasting


class Underway(Event):
    """How far what is being sent from here is, for the status line; empty when it is through."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class ShowSent(Event):
    """One message is to be seen in the outbox."""

    def __init__(self, message_id: int) -> None:
        super().__init__()
        self.message_id = message_id
