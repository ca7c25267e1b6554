"""One key at a time: what is typed or pasted faster than the screen follows still goes where it was meant.

A slow link or a paste hands the program many keys at once. Textual gives each to whatever has the focus at that moment,
so in ``0521110001<Tab>Hello<F5>`` the text would land in the recipient field, and the message would be sent before its
last letters were in it. Here the next key waits until the one before has been dealt with, wherever it bubbled to.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeGuard

from textual import events
from textual.app import App
from textual.binding import ActiveBinding
from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.widget import Widget

_PATIENCE_SECONDS = 1.0
"""A part of the screen that went away while it was dealing with a key answers no more; then the next key goes on."""


class OneKeyAtATime(App[int]):
    """Deals with each key to the end before it takes the next."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._waiting_keys: deque[events.Key | events.Paste] = deque()
        self._key_task: asyncio.Task[None] | None = None
        self._bound: dict[str, ActiveBinding] = {}
        self._bound_for: tuple[Widget | None, object] = None, None

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded or not self.screen_stack:
            await super().on_event(event)
        elif self._key_task is not None:
            self._waiting_keys.append(event)
        else:
            await self._take(event)

    async def _take(self, key: events.Key | events.Paste) -> None:
        # The part that has the focus gets it first; what it does not want bubbles up to us, where bindings are found.
        path = [*(self.focused or self.screen).ancestors_with_self]
        watch = _Watch(path, self)
        if not (isinstance(key, events.Key) and (self._typed(key) or await self._shortcut(key.key))):
            await super().on_event(key)
        elif watch.all_is_done():
            return
        self._key_task = asyncio.create_task(self._after(path), name="a key")

    async def _shortcut(self, key: str) -> bool:
        """Runs what a key is bound to at once, where the focus is on a part that takes no keys by itself.

        Else the key would go through the queue of each part up to the app before its binding is looked up.
        """
        if not getattr(self.focused, "only_bindings", False):
            return False
        found = self._bound_here().get(key)
        if found is None or not found.enabled or found.binding.priority:
            return False
        return await self.run_action(found.binding.action, found.node)

    def _typed(self, key: events.Key) -> bool:
        """A character goes into a field at once, without the field's queue."""
        take: Callable[[events.Key], bool] | None = getattr(self.focused, "take", None)
        if take is None or not key.is_printable or self.focused is None:
            return False
        found = self._bound_here().get(key.key)
        if found is not None and found.binding.priority:
            return False
        with self.focused._context():
            return take(key)

    def _bound_here(self) -> dict[str, ActiveBinding]:
        # No action of ours comes and goes with the moment: what is bound depends on the place alone.
        focused = self.focused
        if self._bound_for[0] is not focused or self._bound_for[1] is not self._keymap:
            self._bound_for = focused, self._keymap
            self._bound = self.screen.active_bindings
        return self._bound

    @property
    def is_behind(self) -> bool:
        """Keys wait: what takes longer than a moment is for the last of them."""
        return bool(self._waiting_keys or self.message_queue_size)

    async def _after(self, path: list[Any]) -> None:
        """Waits until everyone on the key's way has had it, then lets the next key in."""
        try:
            for node in path:
                await _turn(node)
            # It may have opened another screen, which finds its own focus first.
            if self.screen_stack and self.screen not in path:
                await _turn(self.screen)
        finally:
            # Whatever happened on the way: no key may stand before a closed door for ever.
            if not self.call_later(self._next_key):
                self._key_task = None

    async def _next_key(self) -> None:
        self._key_task = None
        while self._waiting_keys and self.screen_stack and self._key_task is None:
            await self._take(self._next())

    def _next(self) -> events.Key | events.Paste:
        """What waits; characters in a row go together into a field that would only ever add them to its text.

        A thousand of them are what a terminal without bracketed paste makes of a paste.
        """
        key = self._waiting_keys.popleft()
        if not (_is_typed(key) and getattr(self.focused, "takes_many", False)):
            return key
        text = [key.character or ""]
        while self._waiting_keys and _is_typed(following := self._waiting_keys[0]):
            text.append(following.character or "")
            self._waiting_keys.popleft()
        return key if len(text) == 1 else events.Paste("".join(text))


def _is_typed(key: events.Key | events.Paste) -> TypeGuard[events.Key]:
    return isinstance(key, events.Key) and key.is_printable


class _Watch:
    """Whether a key that ran an action leaves something behind that the next one has to wait for."""

    def __init__(self, path: Sequence[DOMNode], app: App[int]) -> None:
        self._path = path
        self._app = app
        self._waiting = app.message_queue_size
        self._others_had_a_turn = False
        asyncio.get_running_loop().call_soon(self._note)

    def _note(self) -> None:
        self._others_had_a_turn = True

    def all_is_done(self) -> bool:
        """It was over at once, opened no other screen and told nobody on its way anything."""
        return (
            not self._others_had_a_turn
            and self._app.screen_stack[-1:] == [self._path[-2]]
            and self._app.message_queue_size == self._waiting
            and not any(node.message_queue_size for node in self._path[:-1])
        )


async def _turn(node: MessagePump) -> None:
    """Until ``node`` has dealt with everything that waited for it."""
    done = asyncio.Event()
    if node.is_running and node.call_later(done.set):
        try:
            await asyncio.wait_for(done.wait(), _PATIENCE_SECONDS)
        except TimeoutError:
            return


def focus_now(widget: Widget) -> None:
    """Gives ``widget`` the focus before the next key is looked at; ``Widget.focus`` would queue behind that key."""
    widget.screen.set_focus(widget)
