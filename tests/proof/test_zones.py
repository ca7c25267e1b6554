"""The gateway's zone changes under us: what was read before and what comes after keep their true moments."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proof.world import World
from voipe_tui.store import Message, NewMessage
from voipe_tui.store.models import Source

HOUR = 3_600
LISTS: tuple[Source, ...] = ("outgoing", "incoming", "inbox")
DANA, NOA = "+972521110001", "+972521110002"


class Offset:
    """Seconds to add to UTC, by the moment: a gateway's clock with daylight saving."""

    def __init__(self, ahead: int) -> None:
        self.steps: list[tuple[float, int]] = [(float("-inf"), ahead)]

    def __radd__(self, moment: float) -> int:
        return int(moment) + next(ahead for since, ahead in reversed(self.steps) if since <= moment)


class Life:
    """A profile whose history is here and whose zones are learned. ``timezone``: what its settings say."""

    def __init__(self, folder: Path, history: int, timezone: str | None = None) -> None:
        self.world = World(folder / "p.db")
        self.world.timezone = timezone
        # The table finds a slice by halves, which a clock that goes back an hour does not allow.
        self.world.gateway.main_account.outgoing.positions_with_prefix = lambda *_: (0, None)  # type: ignore
        self.offsets = {"outgoing": Offset(-7 * HOUR), "incoming": Offset(-7 * HOUR), "inbox": Offset(-14 * HOUR)}
        self.world.gateway.zones = replace(self.world.gateway.zones, **self.offsets)  # type: ignore[arg-type]
        self.maybe: set[str] = set()
        self.world.add_history(history, days=3)
        self.world.start()
        self.world.wait(30)
        self.learn()

    def move(self, hours: int) -> None:
        """Another zone of the account: all rows are dated anew."""
        for offset in self.offsets.values():
            offset.steps = [(since, ahead + hours * HOUR) for since, ahead in offset.steps]

    def step(self, hours: int) -> None:
        """Daylight saving begins or ends: what was keeps its date."""
        for offset in self.offsets.values():
            offset.steps.append((self.world.clock(), offset.steps[-1][1] + hours * HOUR))

    def live(self) -> None:
        """A new row in every list, and its poll."""
        self.world.arrive(NOA, "INFO")
        self.world.arrive(NOA, None)
        self.world.submit(self.world.programs[0], [NewMessage(NOA, f"mine {self.world.submissions}")])
        self.world.wait(25)

    def learn(self) -> None:
        for _ in range(3):
            self.live()

    def others(self) -> None:
        """Rows that are not ours: in the list of what was sent they say nothing of its zone."""
        self.maybe.add(f"other {self.world.others + 1}")
        self.world.other_sends(DANA)
        self.world.arrive(DANA, None)
        self.world.wait(25)

    def later(self) -> None:
        """A message that the gateway sends later."""
        order = NewMessage(NOA, f"later {self.world.submissions}", gateway_schedule=self.world.at_gateway(300))
        self.world.submit(self.world.programs[0], [order])
        self.world.wait(25)

    def away(self) -> None:
        """Two hours in which rows come and nobody looks."""
        self.world.programs.pop().stop()
        for _ in range(3):
            self.maybe |= {f"other {self.world.others + 1}", f"arrival {self.world.arrivals + 1}"}
            self.world.other_sends(DANA)
            self.world.arrive(DANA, None)
            self.world.wait(2 / 3 * HOUR)
        self.world.start()
        self.world.wait(45)

    def restart(self) -> None:
        self.world.programs.pop().stop()
        self.world.start()
        self.world.wait(25)

    def look(self) -> None:
        self.world.programs[0].engine.refresh_now()
        self.world.wait(25)

    def quiet(self) -> None:
        self.world.wait(4_000)

    def check(self, *, open_after_absence: bool) -> None:
        """Every row of the gateway is here once, with the moment at which it really was."""
        self.learn()
        self.look()
        self.world.wait(400)
        gateway = self.world.gateway
        truth: dict[Source, dict[int, int]] = {
            "outgoing": {row.smslog_id: row.time for row in gateway.outgoing_rows()},
            "inbox": {row.id: row.time for row in gateway.main_account.inbox.rows},
            "incoming": {row.id: row.time for row in gateway.incoming.rows if row.keyword},
        }
        here = [each for each in (*self.world.outbox(), *self.world.inbox()) if each.gateway_id is not None]
        for source, times in truth.items():
            rows = [each for each in here if each.source == source]
            assert sorted(each.gateway_id or 0 for each in rows) == sorted(times)
            for row in rows:
                if not (open_after_absence and row.created_at is None and row.text in self.maybe):
                    self.check_moment(row, times[row.gateway_id or 0])

    def check_moment(self, row: Message, moment: int) -> None:
        assert row.created_at is not None, row
        if row.intent_id is None:
            assert abs(row.created_at - moment) <= 2, row
        elif not row.text.startswith("later"):  # ours are when they were ordered
            assert abs(row.created_at - moment) <= 60, row


ACTS = ("live", "others", "later", "away", "restart", "look", "quiet")
acts = st.lists(st.sampled_from(ACTS), max_size=5)
histories = st.sampled_from([2, 5, 40, 130])


def play(
    history: int, change: str, hours: int, before: list[str], after: list[str], timezone: str | None = None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder), history, timezone)
        try:
            for act in before:
                getattr(life, act)()
            life.learn()
            life.maybe.clear()
            getattr(life, change)(hours)
            for act in after:
                getattr(life, act)()
            life.check(open_after_absence=change == "step")
        finally:
            life.world.close()


@pytest.mark.parametrize(
    ("history", "change", "hours", "after"),
    [
        (130, "move", -2, []),
        (5, "move", 1, ["restart"]),
        (40, "move", 9, ["away", "later"]),
        (40, "step", -1, ["away"]),
        (40, "step", 1, ["quiet"]),
        (2, "step", 1, ["live", "away"]),
    ],
)
def test_a_zone_that_changes_moves_no_message(history: int, change: str, hours: int, after: list[str]):
    play(history, change, hours, [], after)


@pytest.mark.parametrize("change", ["move", "step"])
def test_a_zone_that_changes_against_the_settings_moves_no_message(change: str):
    play(2, change, 1, [], ["quiet", "others"], timezone="Etc/GMT+7")


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(histories, st.sampled_from([1, -1, -2, 3, 9]), acts, acts)
def test_another_zone_of_the_account_moves_no_message(history: int, hours: int, before: list[str], after: list[str]):
    play(history, "move", hours, before, after)


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(histories, st.sampled_from([1, -1]), acts, acts)
def test_daylight_saving_moves_no_message(history: int, hours: int, before: list[str], after: list[str]):
    play(history, "step", hours, before, after)
