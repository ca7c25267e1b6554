"""The views of the main screen, one line each: tab, number key, command and where the widget comes from.

A new view is a line in :data:`VIEWS` and a :class:`~voipe_tui.ui.pane.Pane`; nothing else has to know it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from voipe_tui.ui.commands.command import Command

if TYPE_CHECKING:
    from voipe_tui.store.models import Counts


class ViewSpec(NamedTuple):
    """One view. ``factory`` is ``module:callable``, imported at the first visit and called with the session and
    ``id=``; ``mark`` says in few cells what waits there."""

    id: str
    title: str
    help: str
    key: str
    factory: str
    mark: Callable[[Counts], str] = lambda counts: ""

    def make(self) -> Callable[..., Any]:
        """The factory itself."""
        from importlib import import_module

        module, _, name = self.factory.partition(":")
        made: Callable[..., Any] = getattr(import_module(f"voipe_tui.ui.{module}"), name)
        return made


def _unread(counts: Counts) -> str:
    return f"●{counts.unread:,}" if counts.unread else ""


def _on_the_way(counts: Counts) -> str:
    moving = counts.pending + counts.held
    return f"○{moving:,}" if moving else ""


def _drafts(counts: Counts) -> str:
    return "~" if counts.drafts else ""


VIEWS: tuple[ViewSpec, ...] = (
    ViewSpec("inbox", "Inbox", "Messages that came in.", "1", "mail.view:inbox", _unread),
    ViewSpec("outbox", "Outbox", "Messages you sent, and what became of them.", "2", "mail.view:outbox", _on_the_way),
    ViewSpec(
        "compose", "Compose", "Write a message; an unfinished one comes back.", "3", "compose.view:ComposeView", _drafts
    ),
    ViewSpec("account", "Account", "Credit, account data and the connection.", "4", "account:AccountView"),
    ViewSpec(
        "threads", "Threads", "All messages with one number as one conversation.", "5", "threads.view:ThreadsView"
    ),
    ViewSpec(
        "batches", "Batches", "One text to many, from a file: progress and results.", "6", "batches.view:BatchesView"
    ),
)
"""In the order of the tabs."""

COMMANDS: tuple[Command, ...] = (
    *(Command(view.id, view.title, view.help, (view.key,), "main", f"goto('{view.id}')") for view in VIEWS),
    Command("view-next", "Next view", "The next saved filter of a list.", ("right_square_bracket",), "main", "view(1)"),
    Command("view-previous", "Previous view", "The one before.", ("left_square_bracket",), "main", "view(-1)"),
    Command("views", "Views", "Keep the search as a view; show, rename, delete, order them.", ("V",), "main", "views"),
)
