"""Batches in the app: from pasted rows or a file to their outcomes, with everything that a person can do on the way."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.ui.conftest import Run, World, opened, profile
from voipe_tui.store import IncomingRecord, NewMessage
from voipe_tui.store.bulks import BulkState
from voipe_tui.ui.batches.import_form import ImportForm
from voipe_tui.ui.batches.import_work import Source

PEOPLE = "name\tphone\nDana\t0521110001\n\t0521110002\nYossi\t5.21E+08\nDana\t052-111-0001\nRuth\t0521110003\n"


def form(run: Run) -> ImportForm:
    return run.screen.query_one(ImportForm)


async def paste_table(run: Run, table: str = PEOPLE, text: str = "Hi {name}") -> None:
    await run.press("6", "n")
    await run.until(lambda: run.screen.query("#import") and run.screen.context_here() == "import")
    await run.paste(table)
    await run.until(lambda: form(run).table is not None)
    await run.paste(text)
    await run.until(lambda: form(run).ready is not None)


async def send(run: Run) -> None:
    await run.press("f5")
    await run.until(lambda: "y  send" in run.text())
    await run.press("y")
    await run.until(lambda: run.world.store.bulks.recent() and "Batch" in run.text())


def states(world: World) -> list[BulkState]:
    return [bulk.state for bulk in reversed(world.store.bulks.recent())]


async def test_pasted_rows_are_mended_sent_and_followed_to_the_end(world: World):
    world.store.opt_outs.add("0521110003")
    async with world.running() as run:
        await run.online()
        await paste_table(run)
        assert "1 message to send" in run.text()
        assert "2 rows to decide: 1 missing field, 1 spoilt by a spreadsheet" in run.text()
        assert "1 repeated, 1 opted out" in run.text()
        await run.press("f5")
        assert "mend them or leave them out first (F2)" in run.text(), "nothing is sent before"
        await run.press("f2", "enter")
        await run.paste("Avi")
        await run.until(lambda: "That will do" in run.text())
        await run.press("enter", "S")
        await run.until(lambda: "Nothing left to decide" in run.text())
        await run.press("escape")
        await run.until(lambda: "2 messages to send" in run.text())
        await send(run)
        assert states(world) == [BulkState.HELD]
        assert "It begins in 5 s; u takes it back." in run.text()
        assert world.sandbox.gateway.accepted == []
        world.clock.now += 5
        run.app.session.wake()
        await run.until(lambda: states(world) == [BulkState.DONE])
        sent = [(each.number, each.text) for each in world.sandbox.gateway.accepted]
        assert sorted(sent) == [("+972521110001", "Hi Dana"), ("+972521110002", "Hi Avi")]
        assert world.store.bulks.recent()[0].opted_out == 1


async def test_a_row_that_is_left_out_is_not_shown_as_if_it_were_sent(world: World, tmp_path: Path):
    async with world.running() as run:
        await run.online()
        await paste_table(run, "name\tphone\nDana\t0521110001\nYossi\t5.21E+08\n")
        await run.press("f2", "enter")
        await run.paste("0521110002")
        await run.press("enter", "s")
        await run.until(lambda: "left out by you" in run.text())
        await run.press("X")
        await run.paste(str(tmp_path / "problems.csv"))
        await run.press("enter")
        await run.until(lambda: "exported to problems.csv" in run.text())
        [row] = csv.DictReader((tmp_path / "problems.csv").read_text("utf-8-sig").splitlines())
        assert (row["problem"], row["reason"]) == ("left out by you", "nothing is wrong with it")
        await run.press("escape", "down")
        await run.until(lambda: "Row 3 to +972521110002, not sent (left out by you): Hi Yossi" in run.text())


async def test_undo_in_the_hold_brings_the_table_back_and_a_key_pauses(world: World):
    async with world.running() as run:
        await run.online()
        await paste_table(run, "phone\n0521110001\n0521110002\n", "Hi")
        await send(run)
        assert form(run).text.text == "", "the next table begins with no text of this one"
        await run.press("u")
        await run.until(lambda: "taken back" in run.text())
        assert run.screen.context_here() == "import"
        assert form(run).text.text == "Hi"
        await run.until(lambda: form(run).ready is not None)
        await run.until(lambda: {message.status for message in world.messages(direction="out")} == {"cancelled"})
        await send(run)
        await run.press("space")
        assert states(world) == [BulkState.CANCELLED, BulkState.PAUSED]
        assert "Paused by you. Space goes on with the 2 that wait." in run.text()
        await run.press("x")
        assert "Nothing of it has left. 2 messages will not be sent." in run.text()
        await run.press("y")
        await run.until(lambda: not world.store.bulks.half_cancelled())
    assert world.sandbox.gateway.accepted == []


async def test_the_same_table_and_text_need_a_second_word(world: World):
    async with world.running() as run:
        await run.online()
        await paste_table(run, "phone\n0521110001\n0521110002\n", "Hi")
        await send(run)
        await run.press("space", "escape")
        await paste_table(run, "phone\n052-1110002\n052-1110001\n", "Hi")
        await run.press("f5")
        await run.until(lambda: "! The same texts to the same people are batch 1" in run.text())
        await run.press("y")
        await run.until(lambda: "Really once more?" in run.text())
        await run.press("enter")
        assert len(states(world)) == 1
        await run.press("f5")
        await run.until(lambda: "The same texts" in run.text())
        await run.press("y")
        await run.until(lambda: "Really once more?" in run.text())
        await run.press("y")
        await run.until(lambda: len(states(world)) == 2)


async def test_the_failed_ones_become_a_new_batch(world: World):
    bulk_id = world.store.bulks.begin("list.csv")
    world.store.bulks.add(bulk_id, [NewMessage(f"+97252111000{n}", f"Hi {n}") for n in range(4)])
    world.store.bulks.start(bulk_id)
    for intent in world.store.journal.claim(3, bulk=bulk_id):
        world.store.journal.refuse(intent, 200, "The gateway said no.")
    world.store.bulks.pause(bulk_id, "Paused by you.")
    world.store.opt_outs.add("+972521110000")
    async with world.running(120, 40) as run:
        await run.online()
        assert "batch 1 is paused: in 6, Space goes on" in run.text()
        await run.press("6", "enter")
        await run.until(lambda: "⊘ refused" in run.text())
        assert "Failures and uncertain ones: 3" in run.text()
        await run.press("r")
        assert "3 messages that failed or got refused" in run.text()
        await run.press("y")
        await run.until(lambda: "the failed ones of batch 1" in run.text())
        new = world.store.bulks.recent()[0]
        assert (new.total, new.opted_out, new.state) == (2, 1, BulkState.HELD)
        await run.press("escape", "j", "r")
        await run.until(lambda: "1 message that failed or got refused" in run.text())
        await run.press("y")
        await run.until(lambda: "already retried as batch 2" in run.text())
        assert len(world.store.bulks.recent()) == 2
        await run.press("q")
        assert "Leave now?" in run.text()


BAD = {
    "empty": ("", "The file is empty."),
    "no rows": ("name,phone\n", "has no rows below its header"),
    "binary": (b"name,phone\n\x00\x01\x02", "Row 2, column 1 has a control character"),
    "workbook": (b"PK\x03\x04rest", "This is an Excel workbook"),
    "quotes": ('name,phone\n"Dana,0521110001\nYossi,0521110002\n', "Row 2, column 1"),
    "mixed": ("name,phone\nשלום,1\n".encode() + "שלום,2\n".encode("windows-1255"), "encodings are mixed"),
    "line": (b"x" * 1_100_000, "is in a line of more than 1,000,000 characters"),
}


async def test_a_bad_file_is_told_by_row_and_column_and_sends_nothing(world: World, tmp_path: Path):
    path = tmp_path / "list.csv"
    async with world.running(120, 40) as run:
        await run.press("6", "n")
        await run.until(lambda: run.screen.query("#import"))
        for content, told in BAD.values():
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            form(run).read(Source(path=str(path)))
            await run.until(lambda told=told: told in form(run).says.text)
            assert "✗" in form(run).says.text
        await run.press("f5")
        assert world.store.bulks.recent() == []


async def test_who_asks_to_be_left_out_is_decided_with_one_key(world: World):
    for row, text in enumerate(("הסר", "stop by later", "hello"), 1):
        at = world.clock.now - 100 + row
        world.store.gateway_rows.take_incoming(
            [IncomingRecord("inbox", row, f"052111000{row}", "", "", text, "2026-11-22 10:00:00", at, at)]
        )
    async with world.running() as run:
        await run.press("6")
        await run.until(lambda: "! 2 numbers ask to be left out: O decides." in run.text())
        await run.press("O")
        await run.until(lambda: "2 ask to be left out" in run.text())
        await run.press("n", "y")
        await run.until(lambda: "Nobody asks to be left out" in run.text())
        assert [each.key for each in world.store.opt_outs.all()] == ["+972521110001"]


async def test_a_text_from_the_compose_form_goes_to_a_table(world: World, tmp_path: Path):
    path = tmp_path / "numbers.csv"
    path.write_text("0521110001\n0521110002\n")
    async with world.running() as run:
        await run.press("c", "tab")
        await run.paste("Hi all")
        await run.press("f7")
        await run.until(lambda: run.screen.query("#import") and run.screen.context_here() == "import")
        await run.paste(str(tmp_path) + "/num")
        await run.press("tab", "enter")
        await run.until(lambda: "2 messages to send" in run.text())
        assert "no header" in run.text()
        assert form(run).text.text == "Hi all"


async def test_the_review_names_quiet_hours_by_the_clocks_of_the_recipients(world: World):
    world.profile = profile(quiet_hours="13:00-08:00")
    abroad = "phone\n0521110001\n+12125550123\n+12125550124\n"  # noon in Israel, where it is five in the morning
    async with world.running() as run:
        await run.online()
        await paste_table(run, abroad, "Hi")
        await run.press("f5")
        await run.until(lambda: "y  send" in run.text())
        said = " ".join(run.text().replace("█", " ").split())
        assert "! Quiet hours (13:00-08:00): it is 05:20 for +12125550123 and 1 more now." in said
        await run.press("escape", "f8", "y")
        await run.until(lambda: run.screen.context_here() == "batches")
        await paste_table(run, "phone\n0521110001\n0521110002\n", "Hi")
        form(run).rate.value = "0.0005"
        await run.press("f5")
        await run.until(lambda: "y  send" in run.text())
        said = " ".join(run.text().replace("█", " ").split())
        assert "it is 13:26 for +972521110001 and 1 more by the time the last ones leave, at 0.0005 a second." in said


async def test_a_long_question_is_read_to_its_end_on_a_small_terminal(world: World):
    world.profile = profile(quiet_hours="12:00-13:00")
    async with world.running(60, 15) as run:
        await run.online()
        await paste_table(run, "phone\n0521110001\n036123456\n", "Hi")
        await run.press("f5")
        await run.until(lambda: "y  send" in run.text())
        assert "takes it back." not in run.text()
        await run.press("pagedown", "pagedown")
        assert "takes it back." in run.text()
        assert "y  send them" in run.text(), "the keys are always in sight"


async def test_who_asked_to_be_left_out_and_waits_for_a_decision_is_named_before_sending(world: World):
    world.sandbox.gateway.arrive("0521110001", "הסר")
    await world.read()
    async with world.running() as run:
        await run.online()
        await run.until(lambda: world.store.opt_outs.asking())
        await paste_table(run, "phone\n0521110001\n0521110002\n", "Hi")
        await run.press("f5")
        await run.until(lambda: "y  send" in run.text())
        said = " ".join(run.text().replace("█", " ").split())
        assert "! 1 recipient wrote to be left out, and nobody has decided: O in the batches." in said
        await run.press("escape", "escape")
        await run.until(lambda: run.screen.context_here() == "batches")
        form_ = await opened(run)
        form_.to.text, form_.text.text = "0521110001", "Hi"
        await run.press("f5")
        await run.until(lambda: "wrote to be left out" in run.text())
    assert world.sandbox.gateway.accepted == []
