"""Import, problems and a batch as pictures, at the two sizes that matter."""

from __future__ import annotations

from tests.ui.batches.test_batches import paste_table
from tests.ui.conftest import Run, World
from tests.ui.test_screens import SIZES, Compare, demo, shot
from voipe_tui.store import NewMessage

__all__ = ["demo"]

ROWS = """שם\tטלפון\tעיר
דנה\t052-111-0001\tתל אביב
\t0521110002\tחיפה
יוסי\t5.21E+08\tחיפה
רות\t054-1110003\tירושלים
דנה\t+972521110001\tתל אביב
מיכל\t0521\tאילת
Avi\t0521110005\tEilat
"""
TEXT = "שלום {שם}, האופניים שלך מחכים בסניף {עיר}."


@SIZES
def test_import(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await paste_table(run, ROWS, TEXT)
        await run.until(lambda: "to decide" in run.text())

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_problems(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    async def steps(run: Run) -> None:
        await paste_table(run, ROWS, TEXT)
        await run.press("f2")
        await run.until(lambda: "listed" in run.text())

    assert shot(snap_compare, demo, size, steps)


@SIZES
def test_batch(snap_compare: Compare, demo: World, size: tuple[int, int]) -> None:
    bulks, journal = demo.store.bulks, demo.store.journal
    bulk_id = bulks.begin("customers.csv", rate=5.0, text=TEXT, sender="Workshop")
    bulks.add(bulk_id, [NewMessage(f"+97252111{n:04}", f"שלום {n}", sender="Workshop") for n in range(40)])
    bulks.start(bulk_id, opted_out=3)
    for intent in journal.claim(12, bulk=bulk_id):
        if intent.id % 4:
            journal.accept(intent, [])
        else:
            journal.refuse(intent, 200, "Sending failed. Likely causes: the number is on the gateway's stop list.")
    bulks.pause(bulk_id, "Paused by you.")

    async def steps(run: Run) -> None:
        await run.press("6", "enter")
        await run.until(lambda: "Failures" in run.text())

    assert shot(snap_compare, demo, size, steps)
