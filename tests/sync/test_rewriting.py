"""Gateways that make something else of what they were given: of the text, of the number, of the answer itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.sync.conftest import Clock, World
from tests.sync.hostile import HostileGateway
from voipe_tui.client import Endpoint, GatewayClient
from voipe_tui.sandbox import Sandbox
from voipe_tui.store import Store
from voipe_tui.sync import Engine

IMPRINT = "Sent by Galgal Bikes, Herzl 1, Tel Aviv. To stop: https://galgal.example/stop"


@pytest.fixture
def gateway(clock: Clock) -> HostileGateway:
    return HostileGateway(clock)


@pytest.fixture
async def here(tmp_path: Path, clock: Clock, gateway: HostileGateway) -> AsyncIterator[World]:
    store = Store(tmp_path / "h.db", clock=clock)
    client = GatewayClient(Endpoint("https://gateway.invalid/api.php", "json", "u", "t"), asgi_app=gateway)
    yield (world := World(clock, Sandbox(clock=clock), tmp_path / "h.db", store, client, Engine(store, client)))
    await client.aclose()
    world.store.close()


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda text: f"{text} {IMPRINT}",
        lambda text: f"[Galgal] {text}",
        lambda text: text.upper(),
        lambda text: text[:12],
        lambda text: "***",
        lambda text: "",
    ],
    ids=["imprint", "heading", "capitals", "cut short", "hidden", "emptied"],
)
async def test_whatever_became_of_the_text_a_message_whose_id_is_known_stays_one(
    here: World, gateway: HostileGateway, rewrite: Callable[[str], str]
):
    gateway.rewrite = rewrite
    for index in range(3):
        await here.send(number=f"+97252111000{index}", text=f"Your bike {index} is ready")
        await here.pass_time(20)
    assert [(each.gateway_id, each.status, each.text) for each in reversed(here.outbox())] == [
        (index + 1, "delivered", f"Your bike {index} is ready") for index in range(3)
    ]
    assert {each.sent_text for each in here.outbox()} == {rewrite(f"Your bike {index} is ready") for index in range(3)}
    assert here.store.facts.epoch("outgoing") == 1


@pytest.mark.parametrize("rewrite", [lambda text: f"{text} {IMPRINT}", lambda text: f"[Galgal] {text}"[:459]])
async def test_what_a_gateway_adds_is_learned_and_hides_no_message_whose_answer_was_lost(
    here: World, gateway: HostileGateway, rewrite: Callable[[str], str]
):
    gateway.rewrite = rewrite
    await here.send(text="The first")
    await here.pass_time(10)
    gateway.spoil = lambda op, answer: b"" if op == "pv" else answer
    lost = [await here.send(text=text) for text in ("The second", "Long " * 100)]
    await here.pass_time(20)
    assert [here.message(each).gateway_id for each in lost] == [2, 3]
    assert len(here.outbox()) == 3


async def test_an_answer_about_another_number_settles_nothing_and_is_looked_up(here: World, gateway: HostileGateway):
    """A confused proxy hands the answer to one request to the next one."""
    kept: list[bytes] = []

    def one_behind(op: str, answer: bytes) -> bytes:
        if op != "pv":
            return answer
        kept.append(answer)
        return kept[max(0, len(kept) - 2)]

    gateway.spoil = one_behind
    sent = [await here.send(number=f"+97252111000{index}", text=f"Text {index}") for index in range(3)]
    assert [here.message(each).status for each in sent] == ["accepted", "unknown", "unknown"]
    await here.pass_time(20)
    assert [(here.message(each).gateway_id, here.message(each).status) for each in sent] == [
        (1, "delivered"), (2, "delivered"), (3, "delivered")
    ]  # fmt: skip
    assert len(here.outbox()) == 3
    assert here.store.facts.epoch("outgoing") == 1


@pytest.mark.parametrize("shown", ["052-1110001", "+97252111****", "00972521110001", "9720521110001", ""])
async def test_a_number_that_comes_back_otherwise_is_the_same_message(here: World, gateway: HostileGateway, shown: str):
    gateway.renumber = lambda number: shown
    sent = await here.send(number="+972521110001")
    await here.pass_time(20)
    assert (here.message(sent).gateway_id, here.message(sent).status) == (1, "delivered")
    assert len(here.outbox()) == 1


async def test_an_answer_of_another_operation_is_no_empty_list(here: World, gateway: HostileGateway):
    gateway.add("ix", here.clock(), "Hello")
    gateway.spoil = lambda op, answer: b'{"status":"OK","error":"0","credit":9}' if op == "ix" else answer
    assert not await here.engine.poll()
    assert here.engine.health.sentence.startswith("The inbox (ix) cannot be read: ")
    assert here.engine.inbox.reaches is None
    gateway.spoil = lambda op, answer: answer
    here.engine.refresh_now()
    assert await here.engine.poll()
    assert [each.text for each in here.inbox()] == ["Hello"]
