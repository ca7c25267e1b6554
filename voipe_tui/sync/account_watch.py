"""Asking how the account stands: ``query`` where the gateway has it (trap 24), else the credit now and then.

Neither is needed to read and to send: where one of them fails or has vanished, the lists are asked all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from voipe_tui.client import GatewayClient
from voipe_tui.client.models import AccountState
from voipe_tui.errors import GatewayError, MalformedReplyError, UnsupportedError
from voipe_tui.store import Store
from voipe_tui.sync.troubles import Troubles

log = logging.getLogger(__name__)

_CREDIT_SECONDS = 60.0
_POLLED_CREDIT_SECONDS = 5.0
_ASK_AGAIN_SECONDS = 3_600.0


class AccountWatch:
    """What the gateway can do and how the account stands. ``moving``: whether something is on its way."""

    def __init__(self, store: Store, client: GatewayClient, troubles: Troubles, moving: Callable[[], bool]) -> None:
        self._store = store
        self._client = client
        self._troubles = troubles
        self._moving = moving
        self._missing: dict[str, float] = {}
        self._credit_at = 0.0
        self._was_moving = False
        self._doubted = False
        self._state: AccountState | None = None

    def forget(self) -> None:
        """A person asks: everything is tried again at once."""
        self._missing.clear()
        self._credit_at = 0.0

    def can(self, operation: str) -> bool:
        """One empty answer can also be a passing fault: what seems to be missing is asked for again now and then."""
        since = self._missing.get(operation)
        return since is None or self._store.clock() - since >= _ASK_AGAIN_SECONDS

    def lacks(self, operation: str, error: UnsupportedError) -> None:
        """The gateway does not know an operation. One that it knew before has only answered badly this once: that is
        an error like any other."""
        if self._store.facts.capability(operation):
            raise error
        self._missing[operation] = self._store.clock()
        self._store.facts.set_capability(operation, False)

    async def ask(self) -> AccountState | None:
        """The state with the last IDs, or None where the gateway has no ``query`` to tell them."""
        self._state = None
        if self.can("query"):
            await self._troubles.part("query", self._query)
        if self._state is None:
            # The charge comes when the queue runs, not with the answer: ask while something moves, and once after.
            now, moving = self._store.clock(), self._moving()
            every = _POLLED_CREDIT_SECONDS if moving or self._was_moving else _CREDIT_SECONDS
            if self.can("cr") and now - self._credit_at >= every:
                self._was_moving = moving
                await self._troubles.part("cr", self._credit)
        return self._state

    async def read_credit(self) -> None:
        """What is left now, whenever it was asked last. Where the gateway does not say, it stays unknown."""
        try:
            if self.can("cr"):
                await self._credit()
        except GatewayError as error:
            log.info("the credit was not told: %s", error.title)

    async def _query(self) -> None:
        facts = self._store.facts
        try:
            self._state = await self._client.query()
        except (UnsupportedError, MalformedReplyError) as error:
            if (error.http_status or 200) >= 300:
                raise
            known = facts.capability("query")
            if known:
                facts.forget_capability("query")  # once is a passing fault, twice in a row it is gone
                self._doubted = True
                return
            if isinstance(error, MalformedReplyError) and known is None and not self._doubted:
                raise
            self._missing["query"] = self._store.clock()
            facts.set_capability("query", False)
        else:
            self._doubted = False
            facts.set_capability("query", True)
            self._note(self._state)
            self._troubles.mend("cr")  # which is not asked for while this is answered

    async def _credit(self) -> None:
        now, facts = self._store.clock(), self._store.facts
        try:
            facts.set_credit((await self._client.credit()).amount, now)
        except (UnsupportedError, MalformedReplyError) as error:
            if (error.http_status or 200) >= 300:
                raise
            if facts.capability("cr") is not False:
                facts.set_capability("cr", False)
                raise  # once it is said
            self._missing["cr"] = now
        else:
            facts.set_capability("cr", True)
            self._credit_at = now

    def _note(self, state: AccountState) -> None:
        account, facts = state.account, self._store.facts
        if state.last_ids is not None:
            facts.note_top("outgoing", state.last_ids.outgoing)
        if account.credit is not None:
            facts.set_credit(account.credit, self._store.clock())
        facts.set_account(
            username=account.username,
            name=account.name,
            email=account.email,
            mobile=account.mobile,
            status=account.status,
        )
