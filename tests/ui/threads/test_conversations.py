"""Conversations through the app: one thread for each number, a reply box, a list."""

from __future__ import annotations

import pytest

from tests.ui.conftest import Run, World
from voipe_tui.config.settings import Settings
from voipe_tui.store import IncomingRecord
from voipe_tui.ui import services
from voipe_tui.ui.compose.review import Review
from voipe_tui.ui.threads.view import ThreadsView

DANA, YOSSI = "0521110001", "0541110004"


async def filled(world: World) -> None:
    """Two people; Dana wrote twice, with an answer in between."""
    world.sandbox.gateway.arrive(YOSSI, "Is it ready?", at=world.clock() - 90_000)
    world.sandbox.gateway.arrive(DANA, "Hello there", at=world.clock() - 7_200)
    world.sandbox.gateway.arrive(DANA, "Second question", at=world.clock() - 3_600)
    await world.read()


def threads(run: Run) -> ThreadsView:
    return run.screen.query_one(ThreadsView)


async def test_one_thread_for_a_number_and_the_way_back(world: World) -> None:
    await filled(world)
    async with world.running() as run:
        await run.press("j")
        assert run.screen.mail("inbox").model.current is not None
        await run.press("t")
        await run.until(lambda: run.screen.view == "threads")
        await run.settled()
        lines = run.lines()
        assert "+972521110001" in lines[1] or DANA in lines[1]
        texts = [line for line in lines if "Hello there" in line or "Second question" in line]
        assert [("Hello" in text) for text in texts] == [True, False]
        assert "Is it ready?" not in run.text()
        assert [message.read for message in world.messages(direction="in")] == [True, True, False]
        # The one that t was pressed on is under the cursor.
        current = threads(run).current
        assert current is not None
        assert current.text == "Hello there"
        await run.press("escape")
        await run.until(lambda: run.screen.view == "inbox")
        current = run.screen.mail("inbox").model.current
        assert current is not None
        assert current.text == "Hello there"


async def test_a_time_of_an_unknown_zone_is_marked_as_in_the_other_lists_and_in_what_was_found(world: World) -> None:
    world.sandbox.faults.on("down")
    at = world.clock() - 86_400
    row = IncomingRecord("inbox", 1, DANA, "", "", "Hello there", "2026-11-21 23:05:00", None, at)
    world.store.gateway_rows.take_incoming([row])
    world.store.gateway_rows.take_incoming([row._replace(gateway_id=2, number=YOSSI, text="And hello", created_at=at)])
    async with world.running() as run:
        in_inbox = [line.split()[1:3] for line in run.lines() if "ello" in line]
        assert sorted(in_inbox)[-1][0].startswith("~"), in_inbox
        await run.press("5")
        await run.until(lambda: run.screen.view == "threads")
        await run.until(lambda: "Hello there" in run.text())
        assert [line.split()[1:3] for line in run.lines() if "ello" in line] == in_inbox
        await run.press("/", *"hello")
        await run.until(lambda: "searching" not in run.text())
        assert [line.split()[1:3] for line in run.lines() if "And hello" in line or "Hello there" in line] == in_inbox


async def test_the_next_unread_conversation_in_the_list_in_one_and_in_what_was_found(world: World) -> None:
    for n in range(5):
        world.sandbox.gateway.arrive(f"052111000{n}", f"Question {n}", at=world.clock() - 100 * n)
    await world.read()
    by_text = {message.text[-1]: message.id for message in world.messages(direction="in")}
    world.store.triage.set_read([by_text[n] for n in "024"])
    async with world.running() as run:
        await run.press("5")
        await run.until(lambda: run.screen.view == "threads")
        view = threads(run)

        def here() -> str:
            row = view.list.current
            return "" if row is None else row.it.last_text

        seen = []
        for key in ("tab", "n", "tab", "shift+tab"):
            await run.press(key)
            seen.append(here())
        assert seen == ["Question 1", "Question 3", "Question 1", "Question 3"]
        await run.press("g", "enter")
        await run.until(lambda: "Question 0" in run.text() and view.talking)
        await run.press("n")
        await run.until(lambda: "Question 1" in run.text() and view.talking)
        await run.press("n")
        await run.until(lambda: "Question 3" in run.text() and view.talking)
        await run.press("n")
        assert "Nothing is unread." in run.lines()[-2]
        assert world.store.counts().unread == 0
        await run.press("N", "escape", "slash")
        await run.paste("question 3 or question 4")
        await run.press("enter", "g", "tab")
        await run.until(lambda: here() == "Question 3")


async def test_a_reply_is_held_taken_back_and_its_draft_belongs_to_the_number(world: World) -> None:
    await filled(world)
    async with world.running() as run:
        await run.online()
        await run.press("5")
        await run.until(lambda: run.screen.view == "threads")
        assert "Second question" in run.lines()[1]
        assert "Is it ready?" in run.lines()[2]
        await run.press("r")
        await run.until(lambda: "F5" in run.lines()[-1])
        await run.paste("Yes\nit is")
        await run.press("f5")
        await run.until(lambda: "held" in run.text())
        assert "undo" in run.text()
        [held] = world.messages(direction="out")
        assert (held.status, held.text, held.sender) == ("held", "Yes\nit is", "DemoShop")
        await run.press("u")
        await run.until(lambda: "Taken back" in run.text())
        reply = threads(run)._talk
        assert reply is not None
        assert reply.reply.area.text == "Yes\nit is"
        # Another number has another draft; this one comes back with its number.
        await run.press("escape", "escape", "j", "enter")
        await run.until(lambda: "Is it ready?" in run.text())
        assert reply.reply.area.text == ""
        await run.press("escape", "g", "enter")
        await run.until(lambda: reply.reply.area.text == "Yes\nit is")
        await run.press("i", "f5")
        await run.until(lambda: "held" in run.text())
        assert not world.store.drafts.all()
        assert not world.sandbox.gateway.accepted


async def test_a_reply_is_reviewed_like_any_message(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Review, "SETTLE_SECONDS", 0.01)
    world.settings = Settings()  # review = "always"
    await filled(world)
    async with world.running() as run:
        await run.press("5")
        await run.until(lambda: run.screen.view == "threads")
        await run.press("r")
        await run.until(lambda: "F5" in run.lines()[-1])
        await run.paste("it’s “so”")
        assert "make this UCS-2: 70 characters a part instead of 160: F4 replaces them" in " ".join(run.text().split())
        await run.press("f4")
        await run.until(lambda: "GSM 7-bit" in run.text() and 'it\'s "so"' in run.text())
        await run.press("ctrl+z", "ctrl+z")
        await run.paste("Yes 👍")
        await run.press("f5")
        await run.until(lambda: isinstance(run.app.screen, Review))
        assert "│ Yes 👍" in run.app.screen.said  # type: ignore[attr-defined]
        assert "! 👍" in run.app.screen.said  # type: ignore[attr-defined]
        await run.press("escape")
        await run.until(lambda: len(run.app.screen_stack) == 1)
        assert world.messages(direction="out", statuses=frozenset({"held"})) == []
        await run.press("backspace", "f5")
        await run.until(lambda: "F5 sends" in getattr(run.app.screen, "said", ""))
        await run.press("f5")
        await run.until(lambda: [each.text for each in world.messages(direction="out")] == ["Yes "])
        assert run.screen.view == "threads", "one stays where one sees it go"


async def test_what_comes_in_meanwhile_is_below_and_read_only_when_it_is_seen(world: World) -> None:
    for number in range(40):
        world.sandbox.gateway.arrive(DANA, f"Line {number}", at=world.clock() - 4_000 + number * 60)
    await world.read()
    async with world.running(120, 24) as run:
        await run.online()
        await run.press("5")
        # Beside the list, wide enough for both, and only looked at.
        await run.until(lambda: run.screen.view == "threads" and "writes a reply" in run.text())
        assert not any(message.read for message in world.messages(direction="in"))
        await run.press("enter", "pageup", "pageup")
        before = run.lines()[2:10]
        world.sandbox.gateway.arrive(DANA, "News")
        await run.poll(1)
        await run.until(lambda: "1 new, press G" in run.text())
        assert [line[50:] for line in run.lines()[2:10]] == [line[50:] for line in before]
        assert world.store.counts().unread == 1
        await run.press("G")
        await run.until(lambda: "1 new" not in run.text())
        assert run.text().count("News") == 2
        await run.press("enter")
        await run.until(lambda: "ID 41" in run.text())
        await run.press("k", "escape", "escape")
        await run.until(lambda: "open" in run.lines()[-1])


async def test_the_list_is_narrowed_by_what_was_said_and_a_conversation_goes_away_as_a_whole(world: World) -> None:
    await filled(world)
    async with world.running() as run:
        await run.online()
        await run.press("5")
        await run.until(lambda: run.screen.view == "threads")
        await run.press("slash")
        await run.paste("hell")
        await run.until(lambda: "Hello there" in run.lines()[3] and "Is it ready?" not in run.text())
        await run.press("enter", "enter")
        await run.until(lambda: threads(run).talking)
        current = threads(run).current
        assert current is not None
        assert current.text == "Hello there"
        await run.press("escape", "escape")
        await run.until(lambda: "Is it ready?" in run.text())
        # All of it, and back.
        await run.press("g", "N")
        await run.until(lambda: world.store.counts().unread == 2)
        await run.press("a")
        await run.until(lambda: "Second question" not in run.text())
        assert [message.archived for message in world.messages(include_archived=True)] == [True, True, False]
        await run.press("u")
        await run.until(lambda: "Second question" in run.text())
        assert not any(message.archived for message in world.messages(include_archived=True))
        # And the next key hits what came back.
        row = threads(run).list.current
        assert row is not None
        assert row.it.number.endswith(DANA[1:])


async def test_very_many_are_marked_as_read_when_the_fingers_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = world.clock() - 90_000
    world.store.gateway_rows.take_incoming(
        [IncomingRecord("inbox", n, DANA, "", "", f"Line {n}", "", start + n, start + n) for n in range(1, 251)]
    )
    monkeypatch.setattr(services, "_TYPING_SECONDS", 600.0)
    async with world.running() as run:
        await run.press("5", "enter")
        await run.until(lambda: world.store.counts().unread == 150)
        # One of its looks at the clock is sure to have passed when a later timer of the same length has.
        rested: list[bool] = []
        run.screen.set_timer(0.25, lambda: rested.append(True))
        await run.until(lambda: rested)
        assert world.store.counts().unread == 150
        monkeypatch.setattr(services, "_TYPING_SECONDS", 0.0)
        await run.until(lambda: world.store.counts().unread == 0)


async def test_what_is_done_to_marked_conversations_is_done_to_all_their_messages_and_undone(world: World) -> None:
    for n in range(5):
        for turn in range(2):
            world.sandbox.gateway.arrive(
                f"052111000{n}", f"Word {n} {turn}", at=world.clock() - 100 * n - 10 * (1 - turn)
            )
    await world.read()

    async with world.running() as run:
        await run.press("5")
        await run.until(lambda: run.screen.view == "threads")
        view = threads(run)
        await run.press("x", "j", "v", "j", "v")
        await run.until(lambda: "3 conversations marked, 6 messages" in run.text())
        assert [line[0] for line in run.lines()[1:6]] == ["»", "●", "»", "»", "●"]
        # One that comes in meanwhile moves no row and is not marked.
        world.sandbox.gateway.arrive("0521110009", "Word 9 0", at=world.clock())
        await world.read()
        await run.settled()
        assert view.list.marks.ids == {f"+97252111000{n}" for n in (0, 2, 3)}
        await run.press("N")
        await run.until(lambda: world.store.counts().unread == 5)
        await run.press("l")
        await run.until(lambda: "Label 6 messages" in run.text())
        await run.press("escape")
        # What the search hides is left alone, and said.
        await run.press("slash")
        await run.paste("Word 2")
        await run.until(lambda: len(view.model.rows) == 1)
        await run.press("enter", "a")
        await run.until(lambda: "Archived 2 messages. Not the 2 hidden ones." in run.text())
        await run.press("escape")
        await run.until(lambda: view.search.line is None or not view.list.marks.any)
        await run.press("escape")
        await run.press("u")
        await run.until(lambda: not any(message.archived for message in world.messages(include_archived=True)))
        assert world.store.counts().inbox == 11
