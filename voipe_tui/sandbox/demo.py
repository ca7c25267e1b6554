"""The demo: a sandbox with the life of a small bicycle shop in it, some weeks of past and more to come.

Stable for a seed and a clock, so that a screenshot can be made again. Date-times of all lists are in UTC here, unlike
on the recorded servers: a profile for the demo names ``DEMO_TIMEZONE``.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal

from voipe_tui.sandbox import demo_texts as texts
from voipe_tui.sandbox.gateway import Gateway
from voipe_tui.sandbox.model import DELIVERED, FAILED, PENDING, SENT, Contact, ContactGroup, Pace, Zones
from voipe_tui.sandbox.sandbox import Sandbox
from voipe_tui.sandbox.texts import Version

DEMO_TIMEZONE = "UTC"
DEMO_PACE = Pace(queue=(0.8, 2.0), carrier=(0.5, 1.5), report=(1.5, 4.0), failures=0.03)
DEMO_DAYS = 26
SHOP_NUMBER = "0535550123"
ONE_WAY_SENDER = "Galgal"
"""The sender ID of codes and offers, which nobody can answer."""

_DAY = 86_400
_SATURDAY = 5
_ANSWER_SECONDS = (4.0, 12.0)
_ANSWERED = 0.6
_SPONTANEOUS_SECONDS = (45.0, 150.0)

Said = tuple[float, str, str, str, int]
"""When, "out", "in" or "keyword", number, text, status."""


def demo_sandbox(
    clock: Callable[[], float] = time.time,
    seed: int = 0,
    *,
    version: Version = "1.4.3",
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Sandbox:
    """A sandbox whose account has contacts, a group, credit, some 200 outgoing and 50 incoming messages, and a future.

    From then on people answer: a while after a message is delivered, and now and then of themselves.
    """
    zones = Zones(outgoing=0, incoming=0, inbox=0, schedule=0)
    sandbox = Sandbox(version, seed=seed, clock=clock, sleep=sleep, pace=DEMO_PACE, zones=zones)
    gateway = sandbox.gateway
    account = gateway.main_account
    account.name, account.email, account.mobile = "Galgal Bikes", "galgal@example.com", "0521110000"
    account.credit, account.rate = Decimal("412.75"), Decimal("0.25")
    account.sender, account.senders = SHOP_NUMBER, [SHOP_NUMBER, ONE_WAY_SENDER, "Workshop"]
    account.contacts = list(texts.CONTACTS)
    account.groups = [ContactGroup(1, "Team", "TEAM", list(texts.TEAM))]
    numbers = {contact.number for contact in account.contacts}
    for moment, direction, number, text, status in _past(seed, gateway.now()):
        if direction == "out":
            one_way = number not in numbers or "galgal.example" in text
            smslog_id = gateway.add_outgoing(number, text, moment, status, sender=ONE_WAY_SENDER if one_way else "")
            if status == PENDING:
                gateway.report_later(smslog_id)
        else:
            gateway.arrive(number, text, "INFO" if direction == "keyword" else None, at=moment)
    _Future(gateway)
    return sandbox


def _past(seed: int, now: float) -> list[Said]:
    """What was said in the last weeks, oldest first."""
    chance = random.Random(f"{seed}:demo")  # noqa: S311 - a made-up past
    said: list[Said] = []
    today = now - now % _DAY
    for day in range(DEMO_DAYS, 0, -1):
        midnight = today - day * _DAY
        if time.gmtime(midnight).tm_wday == _SATURDAY:
            continue
        for _ in range(chance.randint(7, 10)):
            said += _business(chance, midnight + chance.uniform(6.5, 16) * 3600)
    for days_ago, (pid, lines) in zip((2, 1, 4, 6), texts.CONVERSATIONS, strict=True):
        moment = today - days_ago * _DAY + chance.uniform(7, 14) * 3600
        for direction, line in lines:
            said.append((moment, direction, _contact(pid).number, line, DELIVERED))
            moment += chance.uniform(90, 900)
    for question in texts.KEYWORD_QUESTIONS:
        moment = today - chance.randint(1, DEMO_DAYS) * _DAY + chance.uniform(6, 17) * 3600
        said.append((moment, "keyword", _stranger(chance), question, DELIVERED))
    said += _lately(chance, now)
    return sorted(one for one in said if one[0] < now)


def _business(chance: random.Random, moment: float) -> list[Said]:
    """One message of the shop with what came of it."""
    kinds = (texts.APPOINTMENTS, texts.READY, texts.DELIVERIES, texts.CODES, texts.THANKS, texts.OFFERS)
    scripts = chance.choices(kinds, weights=(5, 4, 4, 4, 2, 1))[0]
    script = chance.choice(scripts)
    hebrew = texts.is_hebrew(script.text)
    contact = chance.choice([contact for contact in texts.CONTACTS if texts.is_hebrew(contact.name) == hebrew])
    known = "{name}" in script.text or bool(script.answers)
    number = contact.number if known else _stranger(chance)
    status = chance.choices((DELIVERED, FAILED, SENT), weights=(93, 5, 2))[0]
    fill = _filler(chance, contact)
    said: list[Said] = [(moment, "out", number, script.text.format(**fill), status)]
    if script.answers and status == DELIVERED and chance.random() < 0.3:
        answer = chance.choice(script.answers).format(**fill)
        said.append((moment + chance.uniform(60, 5400), "in", number, answer, DELIVERED))
    return said


def _lately(chance: random.Random, now: float) -> list[Said]:
    """The last hours, whatever the time of day: what the first screen shows."""
    dana, avi, eitan, ruth = (_contact(pid) for pid in (1, 4, 6, 9))
    lines: list[tuple[float, str, Contact, str, int]] = [
        (310, "out", ruth, texts.READY[0].text, DELIVERED),
        (262, "in", ruth, "Thanks! Can my brother pick it up?", DELIVERED),
        (255, "out", ruth, "Of course. He only needs your order number, 4402.", DELIVERED),
        (170, "out", avi, texts.APPOINTMENTS[2].text, DELIVERED),
        (151, "in", avi, "1 תודה", DELIVERED),
        (96, "out", eitan, texts.DELIVERIES[0].text, FAILED),
        (64, "out", dana, texts.APPOINTMENTS[0].text, DELIVERED),
        (41, "in", dana, "Can I come at 10 instead?", DELIVERED),
        (22, "in", _contact(12), "שלום, האופניים החשמליים שלי לא נדלקים. מתי אפשר להגיע?", DELIVERED),
        (9, "out", eitan, "Hi Eitan, we could not reach you. Your parcel waits for you in the shop.", SENT),
        (3, "in", _contact(3), "Running 10 min late, the test ride took longer", DELIVERED),
        (1, "out", _contact(5), texts.READY[1].text, PENDING),
    ]
    said: list[Said] = []
    for minutes_ago, direction, contact, line, status in lines:
        text = line.format(**_filler(chance, contact))
        said.append((now - minutes_ago * 60 - chance.uniform(0, 30), direction, contact.number, text, status))
    for minutes_ago in (37, 118):
        code = texts.CODES[minutes_ago % 2].text.format(**_filler(chance, dana))
        said.append((now - minutes_ago * 60, "out", _stranger(chance), code, DELIVERED))
    return said


def _contact(pid: int) -> Contact:
    return next(contact for contact in texts.CONTACTS if contact.pid == pid)


def _stranger(chance: random.Random) -> str:
    return f"05{chance.choice('0248')}{chance.randrange(2_220_000, 2_230_000)}"


def _filler(chance: random.Random, contact: Contact) -> dict[str, object]:
    hour = chance.randint(9, 16)
    return {
        "name": contact.name.split()[0],
        "hour": hour,
        "later": hour + 2,
        "order": chance.randrange(4300, 4500),
        "price": chance.randrange(90, 640, 10),
        "code": f"{chance.randrange(10**6):06d}",
    }


class _Future:
    """What people write from now on: answers to what is delivered, and things of their own."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._past = len(gateway.main_account.outgoing)
        self._delivered = 0
        self._spontaneous = 0
        gateway.on_delivered = self._answer
        self._plan_spontaneous()

    def _answer(self, username: str, slot: int, moment: float) -> None:
        """Somebody answers a while later; the first message that is sent in a demo is always answered."""
        rows = self._gateway.account(username).outgoing
        if slot < self._past:
            return
        number, text = rows.numbers[slot], rows.texts[slot]
        chance = self._gateway.random_for("answer", self._delivered, number)
        self._delivered += 1
        if self._delivered > 1 and chance.random() > _ANSWERED:
            return
        answer = chance.choice(_answers_to(text))
        self._gateway.at(
            moment + chance.uniform(*_ANSWER_SECONDS),
            lambda due: _discard(self._gateway.arrive(number, answer, username=username, at=due)),
        )

    def _plan_spontaneous(self) -> None:
        # From now, not from the last one: a machine that slept a night does not wake up to hundreds of messages.
        chance = self._gateway.random_for("spontaneous", self._spontaneous)
        self._gateway.at(self._gateway.now() + chance.uniform(*_SPONTANEOUS_SECONDS), self._speak)

    def _speak(self, moment: float) -> None:
        chance = self._gateway.random_for("words", self._spontaneous)
        number = chance.choice(texts.CONTACTS).number if chance.random() < 0.7 else _stranger(chance)
        self._gateway.arrive(number, texts.SPONTANEOUS[self._spontaneous % len(texts.SPONTANEOUS)], at=moment)
        self._spontaneous += 1
        self._plan_spontaneous()


def _discard(_: object) -> None:
    return None


def _answers_to(text: str) -> tuple[str, ...]:
    """Plausible answers to a text, in its language."""
    language = "he" if texts.is_hebrew(text) else "en"
    for script in (*texts.APPOINTMENTS, *texts.READY, *texts.DELIVERIES, *texts.THANKS):
        if script.answers and script.text[-24:] == text[-24:]:
            return tuple(answer.format(later=17) for answer in script.answers)
    return texts.ANSWERS_TO_A_QUESTION[language] if "?" in text else texts.ANSWERS[language]
