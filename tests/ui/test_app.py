"""The console from end to end: real keys, real store, real engine, a gateway in the same process."""

from __future__ import annotations

import asyncio

import pytest

from tests.ui.conftest import Run, World, profile
from voipe_tui.config.settings import Settings
from voipe_tui.store import IncomingRecord
from voipe_tui.ui.events import Notice
from voipe_tui.ui.mail.view import MailView


async def test_first_paint_comes_before_any_connection(world: World) -> None:
    world.sandbox.gateway.arrive("0521110001", "Hello there")
    order: list[str] = []
    client = world.client
    world.client = lambda account: (order.append("client made"), client(account))[1]  # type: ignore[method-assign]
    app = world.app()
    world.before_store = lambda: order.append("store opened")
    display = app._display
    app._display = lambda screen, update: (order.append("painted"), display(screen, update))[1]  # type: ignore[method-assign]
    async with app.run_test() as pilot:
        run = Run(world, app, pilot)
        await run.until(lambda: app.screen.filled)  # type: ignore[attr-defined]
        assert "1 Inbox" in run.lines()[0]
        await run.online()
        assert "● online" in run.lines()[-2]
        await run.until(lambda: "Hello there" in run.text())
        assert order.index("painted") < order.index("store opened") < order.index("client made")


async def test_views_by_number_and_back(world: World) -> None:
    async with world.running() as run:
        for key, view, seen in (
            ("2", "outbox", "Nothing sent yet."),
            ("3", "compose", "F5 send"),
        ):
            await run.press(key)
            await run.until(lambda view=view: run.screen.view == view)
            assert seen in run.text()
        await run.press("escape")
        await run.until(lambda: run.screen.view == "outbox")
        await run.press("4")
        await run.until(lambda: "Credit" in run.text())
        await run.press("1")
        await run.until(lambda: "No messages yet." in run.text())


async def test_a_sent_message_walks_to_delivered_without_a_key(world: World) -> None:
    world.profile = profile(hold_seconds=0.0)
    async with world.running() as run:
        await run.online()
        await run.press("c")
        await run.until(lambda: run.screen.view == "compose")
        await run.type("0521110001")
        await run.press("tab")
        await run.type("Hello")
        await run.press("f5")
        await run.until(lambda: run.screen.view == "outbox")
        await run.until(lambda: len(world.sandbox.gateway.accepted) == 1)
        await run.poll(3)
        seen = set()
        for _ in range(200):
            await run.poll(1)
            row = run.lines()[2]
            seen.add(row.split()[1])
            if "delivered" in row or "failed" in row:
                break
        assert seen & {"pending", "sent"}
        assert "delivered" in run.lines()[2] or "failed" in run.lines()[1]
        assert len(world.sandbox.gateway.accepted) == 1


async def test_an_incoming_message_is_read_and_answered(world: World) -> None:
    world.sandbox.gateway.arrive("0521110001", "Are you open?")
    async with world.running() as run:
        await run.online()
        await run.until(lambda: "Are you open?" in run.text())
        assert "●1" in run.lines()[0]
        await run.press("enter")
        await run.until(lambda: "Esc back" in run.text())
        assert "Are you open?" in run.text()
        await run.until(lambda: "●1" not in run.lines()[0])
        assert world.messages(direction="in")[0].read
        await run.press("r")
        await run.until(lambda: run.screen.view == "compose")
        assert "0521110001" in run.text()
        await run.type("Yes")
        await run.press("f5")
        await run.until(lambda: run.screen.view == "outbox")
        assert "held" in run.lines()[2]
        assert "press u to undo" in run.lines()[-2]


async def test_undo_within_the_hold_sends_nothing_and_gives_the_text_back(world: World) -> None:
    async with world.running() as run:
        await run.online()
        await run.press("c")
        await run.until(lambda: run.screen.view == "compose")
        await run.type("0521110001")
        await run.press("tab")
        await run.type("Too early")
        await run.press("f5")
        await run.until(lambda: "press u to undo" in run.text())
        await run.press("u")
        await run.until(lambda: run.screen.view == "compose")
        assert "Too early" in run.text()
        await run.poll(60)
        assert world.sandbox.gateway.accepted == []
        assert [message.status for message in world.messages(direction="out")] == ["draft"]


async def test_new_messages_do_not_move_the_cursor_and_are_announced(world: World) -> None:
    world.sandbox.gateway.add_inbox_history(200)
    await world.read()
    async with world.running() as run:
        await run.online()
        await run.press("pagedown", "j")
        mail = run.screen.query_one("#inbox", MailView)
        current, lines = mail.model.current, run.lines()[1:-2]
        world.sandbox.gateway.arrive("0521110009", "Breaking news")
        await run.poll(1)
        await run.until(lambda: "1 new, press g" in run.text())
        assert mail.model.current == current
        assert run.lines()[1:-2] == lines
        await run.press("g")
        assert "Breaking news" in run.lines()[2]
        assert "press g" not in run.text()


async def test_search_follows_the_typing_and_escape_shows_everything(world: World) -> None:
    for number, text in (("0521110001", "Shalom Dana"), ("0521110002", "שלום יוסי"), ("0521110003", "Other")):
        world.sandbox.gateway.arrive(number, text)
    await world.read()
    async with world.running() as run:
        await run.press("slash")
        await run.until(lambda: "to the results" in run.text())
        await run.type("שלו")
        await run.until(lambda: "Other" not in run.text())
        assert "יוסי" in run.text()
        await run.press("backspace", "backspace", "backspace")
        await run.type("1110003")
        await run.until(lambda: "Other" in run.text() and "Dana" not in run.text())
        await run.press("escape")
        await run.until(lambda: "Dana" in run.text())
        await run.press("slash")
        await run.type("nothing like it")
        await run.until(lambda: "Nothing found." in run.text())


async def test_status_filter(world: World) -> None:
    gateway = world.sandbox.gateway
    gateway.add_outgoing("0521110001", "Good one", world.clock() - 60, 3)
    gateway.add_outgoing("0521110002", "Bad one", world.clock() - 50, 2)
    await world.read()
    async with world.running() as run:
        await run.press("2")
        await run.until(lambda: "Good one" in run.text())
        await run.press("slash")
        await run.type("status:fai")
        await run.until(lambda: "Good one" not in run.text())
        assert "Bad one" in run.text()
        await run.press("x")
        await run.until(lambda: "is no status" in run.text())


async def test_a_gateway_that_is_down_is_a_line_not_a_dialog(world: World) -> None:
    world.sandbox.faults.on("down")
    async with world.running() as run:
        await run.until(lambda: "offline" in run.lines()[-2])
        assert len(run.app.screen_stack) == 1
        await run.press("4")
        await run.until(lambda: "what to do" in run.text())


async def test_a_wrong_token_stops_asking_and_says_so(world: World) -> None:
    world.profile = profile(token="wrong")
    async with world.running() as run:
        await run.until(lambda: "not let in" in run.lines()[-2])
        assert "wrong" not in run.lines()[-2].replace("is wrong", "")


async def test_low_credit_is_marked_with_a_sign(world: World) -> None:
    world.profile = profile(low_credit=5000)
    async with world.running() as run:
        await run.online()
        await run.until(lambda: "! low credit" in run.lines()[-2])


async def test_unknown_is_sent_again_only_after_a_question_that_names_the_risk(world: World) -> None:
    world.profile = profile(hold_seconds=0.0)
    world.sandbox.faults.on("lost-before:pv:1")
    async with world.running() as run:
        await run.online()
        await run.press("c")
        await run.type("0521110001")
        await run.press("tab")
        await run.type("Maybe")
        await run.press("f5")
        await run.until(lambda: "unknown" in run.lines()[2])
        assert "? 1 unknown" in run.lines()[-2]
        await run.press("S")
        await run.until(lambda: len(run.app.screen_stack) == 2)
        assert "gets it twice" in run.text()
        await run.press("escape")
        await run.until(lambda: len(run.app.screen_stack) == 1)
        assert world.messages(direction="out")[0].status == "unknown"
        await run.press("S")
        await run.until(lambda: len(run.app.screen_stack) == 2)
        await run.press("y")
        await run.until(lambda: len(world.sandbox.gateway.accepted) == 1)


async def test_times_can_be_shown_as_ages(world: World) -> None:
    world.sandbox.gateway.arrive("0521110001", "Hello", at=world.clock() - 7200)
    await world.read()
    async with world.running() as run:
        assert "10:20" in run.lines()[2]
        await run.press("ctrl+t")
        await run.until(lambda: "2 h" in run.lines()[2])


async def test_help_lists_the_keys_in_force(world: World) -> None:
    world.settings = Settings(keys={"list-reply": "f4"})
    async with world.running(100, 40) as run:
        await run.press("question_mark")
        await run.until(lambda: "you are here" in run.text())
        assert any("F4" in line and "Reply" in line for line in run.lines())
        await run.press("G")
        await run.until(lambda: any('setup-demo = "' in line for line in run.lines()))
        await run.press("g")
        await run.until(lambda: "you are here" in run.text())
        await run.press("escape")
        await run.until(lambda: len(run.app.screen_stack) == 1)
        assert "F4 reply" in run.lines()[-1]


async def test_bad_keys_in_the_settings_are_told_and_the_defaults_work(world: World) -> None:
    world.settings = Settings(keys={"list-replay": "f4"})
    async with world.running() as run:
        await run.until(lambda: "no such command" in run.text())
        await run.press("question_mark")
        await run.until(lambda: "Did you mean “list-reply”?" in run.text())


async def test_the_palette_runs_commands(world: World) -> None:
    async with world.running() as run:
        await run.press("colon")
        await run.until(lambda: len(run.app.screen_stack) == 2)
        await run.type("outbo")
        await run.until(lambda: "Messages you sent" in run.text())
        await run.press("enter", "enter")
        await run.until(lambda: len(run.app.screen_stack) == 1 and run.screen.view == "outbox")


async def test_keys_work_under_the_hebrew_layout(world: World) -> None:
    world.sandbox.gateway.add_inbox_history(5)
    await world.read()
    async with world.running() as run:
        mail = run.screen.query_one("#inbox", MailView)
        await run.press("ח")
        assert mail.model.cursor == 1
        await run.press("ל")
        assert mail.model.cursor == 0


async def test_leaving_keeps_the_draft(world: World) -> None:
    async with world.running() as run:
        await run.press("c")
        await run.until(lambda: run.screen.view == "compose")
        await run.type("half a th")
        await run.press("ctrl+q")
        await run.until(lambda: run.app._exit)
    [draft] = world.store.drafts.all()
    assert draft.to_text == "half a th"


@pytest.mark.parametrize("seconds_per_turn", [0.0, 0.01], ids=["quick machine", "slow machine"])
async def test_the_split_from_110_columns_shows_the_message_beside_the_list(
    world: World, seconds_per_turn: float
) -> None:
    asyncio.get_running_loop().seconds_per_turn = seconds_per_turn  # type: ignore[attr-defined]
    world.sandbox.gateway.arrive("0521110001", "First")
    world.sandbox.gateway.arrive("0521110002", "Second")
    await world.read()
    async with world.running(120, 40) as run:
        mail = run.screen.query_one("#inbox", MailView)
        await run.until(lambda: mail.split and "1 part" in run.text())
        # Passing by is not reading.
        assert not world.messages(direction="in")[0].read
        await run.press("j")
        await run.until(lambda: "First" in "\n".join(line[66:] for line in run.lines()))
        await run.press("enter")
        await run.until(lambda: any(message.read for message in world.messages(direction="in")))


async def test_40_columns_are_usable(world: World) -> None:
    world.sandbox.gateway.arrive("0521110001", "Are you open?")
    gateway = world.sandbox.gateway
    gateway.add_outgoing("0521110002", "Bad one", world.clock() - 50, 2)
    await world.read()
    async with world.running(40, 12) as run:
        assert "Are you" in run.text()
        await run.press("2")
        await run.until(lambda: "✗" in run.text())
        await run.press("enter")
        await run.until(lambda: "Not delivered." in run.text())
        await run.press("escape", "c")
        await run.until(lambda: run.screen.view == "compose")
        assert all(len(line) <= 40 for line in run.lines())


async def test_a_status_change_repaints_its_own_cells_and_nothing_else(world: World) -> None:
    from textual.geometry import Region

    from voipe_tui.ui.lists.columns import columns_for

    gateway = world.sandbox.gateway
    ids = [gateway.add_outgoing(f"052111000{n}", f"Number {n}", world.clock() - n, 1) for n in range(5)]
    await world.read()
    async with world.running() as run:
        await run.online()
        await run.press("2")
        await run.until(lambda: "Number 4" in run.text())
        messages = run.screen.query_one("#outbox", MailView).list
        painted: list[Region] = []
        refresh = messages.refresh

        def note(*regions: Region, **more: bool) -> object:
            painted.extend(regions or [Region(0, 0, 80, 24)])
            return refresh(*regions, **more)

        messages.refresh = note  # type: ignore[method-assign,assignment]
        gateway.set_status(ids[2], 3)
        await run.poll(1)
        await run.until(lambda: "✓ delivered" in run.lines()[4])
        columns = columns_for(80, with_status=True)
        assert painted == [Region(columns.start("status"), 2, columns.width("status"), 1)]
        painted.clear()
        await run.poll(1)
        assert painted == []


async def test_10_000_messages_are_no_different(world: World) -> None:
    times = [world.clock() - 3_600.0 * (10_000 - n) for n in range(10_000)]
    world.store.gateway_rows.take_incoming(
        [
            IncomingRecord("inbox", n + 1, "+972521110001", "", "", f"Number {n + 1}", "", at, at)
            for n, at in enumerate(times)
        ]
    )
    world.sandbox.faults.on("down")
    async with world.running() as run:
        mail = run.screen.query_one("#inbox", MailView)
        assert len(mail.model.rows) < 200
        await run.press("G")
        await run.until(lambda: run.lines()[-3].endswith("Number 1"))
        await run.press("g", "pagedown", "pagedown", "pageup", "pageup")
        assert mail.model.cursor == 0
        assert run.lines()[2].endswith("Number 10000")
        await run.press("end")
        await run.until(lambda: run.lines()[-3].endswith("Number 1"))


async def test_a_bell_and_a_note_for_news_where_they_are_wanted(world: World) -> None:
    world.settings = Settings(notify="desktop")
    world.sandbox.gateway.arrive("0521110001", "Old")
    await world.read()
    async with world.running() as run:
        await run.online()
        rung: list[bool] = []
        run.app.bell = lambda: rung.append(True)  # type: ignore[method-assign]
        sent: list[str] = []
        run.app.send_to_terminal = sent.append  # type: ignore[method-assign]
        await run.poll(1)
        world.sandbox.gateway.arrive("0521110002", "New")
        await run.poll(1)
        await run.until(lambda: "New" in run.text())
        assert rung == [True]
        [note] = sent
        assert "voipe-tui shop" in note
        assert "1 new message" in note
        assert "0521110002" not in note
        # What a person does to old messages is no news.
        await run.press("N", "N", "a", "u")
        await run.until(lambda: "Undone" in run.text())
        await run.settled()
        assert rung == [True]


async def test_the_program_can_order_right_to_left_lines_itself(world: World) -> None:
    world.settings = Settings(bidi="app")
    world.sandbox.gateway.arrive("0521110001", "שלום abc")
    await world.read()
    async with world.running() as run:
        assert "abc םולש" in run.lines()[2]
        await run.press("enter")
        await run.until(lambda: "Esc" in run.lines()[-1])
        assert "abc םולש" in run.text()


async def test_copying_hands_the_text_to_the_terminal_and_claims_no_more(world: World) -> None:
    world.sandbox.gateway.arrive("0521110001", "שלום")
    await world.read()
    async with world.running() as run:
        written: list[str] = []
        run.app.send_to_terminal = written.append  # type: ignore[method-assign]
        await run.press("y")
        await run.until(lambda: "sent to the terminal's clipboard" in run.text())
        assert written[0].startswith("\x1b]52;c;")
        assert "copied" not in run.text()


async def test_themes_change_while_it_runs(world: World) -> None:
    async with world.running() as run:
        await run.press("colon")
        await run.until(lambda: len(run.app.screen_stack) == 2)
        await run.type("theme: day")
        await run.until(lambda: "For this run" in run.text())
        await run.press("enter", "enter")
        await run.until(lambda: run.app.session.theme.name == "day" and len(run.app.screen_stack) == 1)
        assert run.app.current_theme.name == "day"


async def test_a_notice_that_is_longer_than_its_line_goes_on_below(world: World) -> None:
    said = "1 order waits for your word: in 2, S sends, u takes back, and nothing of it has left"
    async with world.running(60, 15) as run:
        await run.online()
        run.screen.post_message(Notice("Sent: 1 message, which is forty-eight letters long"))
        await run.until(lambda: "which is forty-eight letters long" in run.lines()[-2])
        assert "online" not in run.lines()[-2], "the sign says it, too"
        assert "q quit" in run.lines()[-1]
        run.screen.post_message(Notice(said))
        await run.until(lambda: "1 order" in run.lines()[-2])
        assert " ".join(f"{run.lines()[-2]} {run.lines()[-1]}".split()) == f"● {said}"
        run.screen.post_message(Notice("Done."))
        await run.until(lambda: "Done." in run.lines()[-2])
        assert "q quit" in run.lines()[-1]
