"""The operations of an administrator's account. To others the gateway answers ERR 600 (``RefusedError``)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from voipe_tui.client import operations as op
from voipe_tui.client import shapes
from voipe_tui.client.decode import Reply
from voipe_tui.client.models import Credit, CreditChange, Done, LoginKey, Parent
from voipe_tui.client.operations import Call, Operation
from voipe_tui.errors import InputError

T = TypeVar("T")


class AdminOperations(ABC):
    """The administrator's half of ``GatewayClient``. An account is named by its user name throughout."""

    @abstractmethod
    async def _ask(self, call: Call, shape: Callable[[Reply], T]) -> T: ...

    # ---- credit

    async def credit_view(self, username: str) -> Credit:
        """``creditview``. A credit of 0 and an unknown account are both ERR 620 (trap 28)."""
        return await self._ask(Call.of(op.CREDIT_VIEW, data_username=username), shapes.credit)

    async def credit_add(self, username: str, amount: Decimal | int) -> CreditChange:
        """``creditadd``. The answer's balance is the one from before (trap 28)."""
        return await self._change_credit(op.CREDIT_ADD, username, amount)

    async def credit_deduct(self, username: str, amount: Decimal | int) -> CreditChange:
        """``creditdeduct``. The answer's balance is the one from before (trap 28)."""
        return await self._change_credit(op.CREDIT_DEDUCT, username, amount)

    async def _change_credit(self, operation: Operation, username: str, amount: Decimal | int) -> CreditChange:
        if not isinstance(amount, Decimal):
            amount = Decimal(amount)
        if not amount.is_finite() or amount <= 0:
            raise InputError("The amount has to be a number above 0. Nothing was changed.")
        call = Call.of(operation, data_username=username, data_amount=format(amount, "f"))
        return await self._ask(call, shapes.credit_change)

    # ---- messages

    async def inject(self, sender: str, text: str, receiver: str, smsc: str) -> Done:
        """``inject``: the text is treated as an incoming message from ``sender`` to the number ``receiver``, as if the
        gateway's route ``smsc`` had brought it."""
        call = Call.of(op.INJECT, from_=sender, msg=text, recvnum=receiver, smsc=smsc)
        return await self._ask(call, shapes.done)

    async def stoplist_add(self, number: str) -> Done:
        """``stoplist``: nothing is sent to this number any more. Any valid token may do it; a number that is there
        already is ERR 627 (trap 32). The protocol has no way to take it off again."""
        return await self._ask(Call.of(op.STOPLIST, from_=number), shapes.done)

    # ---- accounts

    async def account_add(
        self,
        username: str,
        password: str,
        name: str,
        email: str,
        *,
        status: int = 3,
        mobile: str | None = None,
        parent: str | None = None,
        footer: str | None = None,
        timezone: str | None = None,
        language: str | None = None,
    ) -> Done:
        """``accountadd``. ``status``: 2 administrator, 3 user, 4 subuser (with ``parent``).

        1.4.7 and 1.4.8 create the account and answer HTTP 500: ``OutcomeUnknownError`` (trap 8).
        """
        call = Call.of(
            op.ACCOUNT_ADD,
            data_status=status,
            data_username=username,
            data_password=password,
            data_name=name,
            data_email=email,
            data_mobile=mobile,
            data_parent=parent,
            data_footer=footer,
            data_datetime_timezone=timezone,
            data_language_module=language,
        )
        del password
        return await self._ask(call, shapes.done)

    async def account_remove(self, username: str) -> Done:
        """``accountremove``: the account and its data are gone."""
        return await self._ask(Call.of(op.ACCOUNT_REMOVE, data_username=username), shapes.done)

    async def account_ban(self, username: str) -> Done:
        """``accountban``: from now on the account gets ERR 100 to everything."""
        return await self._ask(Call.of(op.ACCOUNT_BAN, data_username=username), shapes.done)

    async def account_unban(self, username: str) -> Done:
        """``accountunban``."""
        return await self._ask(Call.of(op.ACCOUNT_UNBAN, data_username=username), shapes.done)

    async def account_preferences(
        self,
        username: str,
        *,
        name: str | None = None,
        email: str | None = None,
        mobile: str | None = None,
        address: str | None = None,
        city: str | None = None,
        state: str | None = None,
        country: str | None = None,
        zipcode: str | None = None,
        password: str | None = None,
    ) -> Done:
        """``accountpref``: changes what is given, at least one; ERR 615 otherwise."""
        call = Call.of(
            op.ACCOUNT_PREFERENCES,
            data_username=username,
            data_name=name,
            data_email=email,
            data_mobile=mobile,
            data_address=address,
            data_city=city,
            data_state=state,
            data_country=country,
            data_zipcode=zipcode,
            data_password=password,
        )
        del password
        return await self._ask(call, shapes.done)

    async def account_configure(
        self,
        username: str,
        *,
        footer: str | None = None,
        sender: str | None = None,
        timezone: str | None = None,
        language: str | None = None,
        forward_to_inbox: bool | None = None,
        forward_to_email: bool | None = None,
        forward_to_mobile: bool | None = None,
        local_length: int | None = None,
        replace_zero: str | None = None,
    ) -> Done:
        """``accountconf``: changes what is given, at least one; ERR 617 otherwise.

        Danger: 1.4.3 also empties every setting that is not given, the web services' own among them, so that the
        account's token is dead afterwards (trap 31, ``cr.after_accountconf``). Say so before doing it.
        """
        call = Call.of(
            op.ACCOUNT_CONFIGURATION,
            data_username=username,
            data_footer=footer,
            data_sender=sender,
            data_datetime_timezone=timezone,
            data_language_module=language,
            data_fwd_to_inbox=_switch(forward_to_inbox),
            data_fwd_to_email=_switch(forward_to_email),
            data_fwd_to_mobile=_switch(forward_to_mobile),
            data_local_length=local_length,
            data_replace_zero=replace_zero,
        )
        return await self._ask(call, shapes.done)

    async def parent_set(self, username: str, parent: str) -> Done:
        """``parentset``: puts a subuser below another account; ERR 608 for an account that is no subuser."""
        return await self._ask(Call.of(op.PARENT_SET, data_username=username, data_parent=parent), shapes.done)

    async def parent_get(self, username: str) -> Parent:
        """``parentget``; ERR 610 for an account without a parent."""
        return await self._ask(Call.of(op.PARENT_GET, data_username=username), shapes.parent)

    async def login_key_set(self, username: str) -> LoginKey:
        """``loginkeyset``: a key for ``login_link``; it replaces the one before and works once (trap 27)."""
        return await self._ask(Call.of(op.LOGIN_KEY_SET, data_username=username), shapes.login_key)


def _switch(on: bool | None) -> str | None:
    return None if on is None else str(int(on))
