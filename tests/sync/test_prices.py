"""What a part costs and where a text is cut: learned from what the gateway does, never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.sync.conftest import World
from voipe_tui.sandbox import Sandbox


def rated(world: World, rate: str, version: str = "1.4.7") -> None:
    world.use(Sandbox(version, seed=1, clock=world.clock))  # type: ignore[arg-type]
    for account in world.sandbox.gateway.accounts.values():
        account.credit, account.rate = Decimal(100), Decimal(rate)


@pytest.mark.parametrize("version", ["1.4.3", "1.4.7"])
async def test_the_price_of_a_part_is_learned_from_what_was_sent(world: World, version: str) -> None:
    rated(world, "0.25", version)
    await world.pass_time(10)
    assert world.store.facts.price() is None
    await world.send(text="x" * 300)
    await world.send("+972521110002", text="שלום")
    await world.pass_time(60)
    assert world.store.facts.price() == Decimal("0.25")


async def test_nothing_is_learned_where_somebody_else_spent_too(world: World) -> None:
    rated(world, "0.25")
    await world.pass_time(10)
    await world.send()
    world.sandbox.gateway.account("demo").credit -= 5
    world.sandbox.gateway.add_outgoing_history(1)
    await world.pass_time(60)
    assert world.store.facts.price() is None


async def test_where_texts_are_cut_is_learned(world: World) -> None:
    rated(world, "1")
    await world.pass_time(10)
    await world.send(text="x" * 500)
    await world.pass_time(60)
    most = world.store.facts.most_bytes()
    assert most is not None
    assert 440 <= most <= 459
