"""Looking further back in a filtered list, beside the keys, for as long as the list on the screen wants more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from voipe_tui.ui.mail.mailbox import Mailbox

_PAUSE_SECONDS: Final = 0.01  # as long as a step: what a key sets off takes many turns of the loop
_SAID_EVERY: Final = 10


async def look_further(mail: Mailbox) -> None:
    """Goes on until nothing is pending, or the list is off the screen."""
    steps = 0
    try:
        while (finding := mail.search.finding) is not None and finding.pending and mail.on_screen:
            if finding.step():
                mail.list.reload()
                if not mail.model.rows:
                    mail.list.refresh()
            steps += 1
            if steps % _SAID_EVERY == 0:
                mail.post_message(mail.list.Marked())  # what the status line says of the list
            await asyncio.sleep(_PAUSE_SECONDS)
    finally:
        mail.search.looking = False
        if steps >= _SAID_EVERY:
            mail.post_message(mail.list.Marked())
