"""The client core: a playSMS gateway (Voipe's, or any other) as typed Python methods. Useful alone:

    import asyncio
    from voipe_tui.client import Endpoint, GatewayClient

    async def main() -> None:
        endpoint = Endpoint("https://sms.voipe.co.il/playsms/api.php", "json", "vipuser", "TOKEN")
        async with GatewayClient(endpoint) as gateway:
            print((await gateway.credit()).amount)
            reply = await gateway.send("+972521112223", "שלום", sender="VipInv")
            for row in (await gateway.outgoing(queue=reply.queue)).rows:
                print(row.dst, row.status)

    asyncio.run(main())

``"form"`` in place of ``"json"`` talks to a plain playSMS (``https://HOST/playsms/``). The errors are those of
``voipe_tui.errors``; ``GatewayClient`` says which means what. Names load on first use: ``models`` costs nothing, and
httpx is imported at the first request over a network.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voipe_tui.client.exchange import Timeouts
    from voipe_tui.client.gateway import GatewayClient
    from voipe_tui.client.models import (
        Account,
        AccountState,
        Contact,
        ContactGroup,
        Credit,
        CreditChange,
        Diagnosis,
        Done,
        Endpoint,
        IncomingRow,
        LastIds,
        Listing,
        LoginKey,
        OutgoingRow,
        Parent,
        SendEntry,
        SendReply,
        TokenReply,
        Transport,
        Verdict,
    )
    from voipe_tui.client.return_codes import ReturnCode, describe

__all__ = [
    "Account",
    "AccountState",
    "Contact",
    "ContactGroup",
    "Credit",
    "CreditChange",
    "Diagnosis",
    "Done",
    "Endpoint",
    "GatewayClient",
    "IncomingRow",
    "LastIds",
    "Listing",
    "LoginKey",
    "OutgoingRow",
    "Parent",
    "ReturnCode",
    "SendEntry",
    "SendReply",
    "Timeouts",
    "TokenReply",
    "Transport",
    "Verdict",
    "describe",
]

_HOMES = {
    "GatewayClient": "gateway",
    "Timeouts": "exchange",
    "ReturnCode": "return_codes",
    "describe": "return_codes",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'models')}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
