"""The demo is lifelike, the same for a seed and a clock, and people answer."""

from __future__ import annotations

from tests.sandbox.conftest import Clock, Wire
from voipe_tui.sandbox.demo import demo_sandbox
from voipe_tui.sandbox.model import DELIVERED, FAILED, PENDING, SENT


def hebrew(text: str) -> bool:
    return any("א" <= character <= "ת" for character in text)


async def test_the_demo_has_a_past(clock: Clock) -> None:
    w = Wire(demo_sandbox(clock), clock)
    out, into, keyword = await w.rows(c=1000), await w.rows("ix", c=1000), await w.rows("in")
    assert 150 <= len(out) <= 260
    assert 40 <= len(into) + len(keyword) <= 80
    assert {int(row["status"]) for row in out} == {PENDING, SENT, FAILED, DELIVERED}
    for rows in (out, into):
        written_in_hebrew = sum(hebrew(row["msg"]) for row in rows)
        assert 0.2 < written_in_hebrew / len(rows) < 0.8
        assert all(row["dt"] < "2026-11-22 10:20:00" for row in rows)
        assert not any("{" in row["msg"] for row in rows)
    answered = {row["src"] for row in into} & {row["dst"] for row in out}
    assert len(answered) >= 8


async def test_the_demo_is_the_same_for_a_seed_and_a_clock(clock: Clock) -> None:
    async def everything(seed: int) -> list[object]:
        w = Wire(demo_sandbox(clock, seed), clock)
        return [await w.rows(c=1000), await w.rows("ix", c=1000), await w.rows("in"), await w.ask("query")]

    assert await everything(1) == await everything(1) != await everything(2)


async def test_somebody_answers_a_delivered_message_seconds_later(clock: Clock) -> None:
    w = Wire(demo_sandbox(clock), clock)
    known = (await w.ask("query"))["data"]["last_id"]["user_inbox"]
    await w.send(to="0521110001", msg="Shall we say Monday at nine?")
    clock.pass_by(25)
    (answer,) = await w.rows("ix", last=known)
    assert answer["src"] == "0521110001"
    assert not hebrew(answer["msg"])
    (row,) = await w.rows(dst="0521110001", c=1)
    assert int(row["status"]) == DELIVERED
    known = int(answer["id"])
    for _ in range(6):
        await w.send(to="0541110004", msg="מתאים לך מחר?")
    clock.pass_by(25)
    answers = await w.rows("ix", last=known)
    assert 1 <= len(answers) <= 6
    assert all(hebrew(row["msg"]) for row in answers)


async def test_new_messages_keep_arriving_but_not_in_a_flood(clock: Clock) -> None:
    w = Wire(demo_sandbox(clock), clock)
    known = int((await w.ask("query"))["data"]["last_id"]["user_inbox"])
    for _ in range(120):
        clock.pass_by(5)
        await w.ask("query")
    assert 4 <= len(await w.rows("ix", last=known)) <= 14
    known = int((await w.ask("query"))["data"]["last_id"]["user_inbox"])
    clock.pass_by(12 * 3600)
    await w.ask("query")
    clock.pass_by(1)
    assert len(await w.rows("ix", last=known)) <= 1


async def test_what_is_pending_at_the_start_goes_on(clock: Clock) -> None:
    w = Wire(demo_sandbox(clock), clock)
    (pending,) = [row["smslog_id"] for row in await w.rows() if int(row["status"]) == PENDING]
    clock.pass_by(15)
    (row,) = await w.rows(smslog_id=pending)
    assert int(row["status"]) in (DELIVERED, FAILED)


def test_the_facts_name_both_doors(clock: Clock) -> None:
    facts = demo_sandbox(clock).describe("http://127.0.0.1:8080/")
    assert facts.json_url == "http://127.0.0.1:8080/playsms/api.php"
    assert facts.form_url == "http://127.0.0.1:8080/playsms/index.php?app=ws"
    assert (facts.username, facts.token, facts.password) == ("demo", "demo-token", "demo-password")
    assert "demo-token" not in repr(facts)
