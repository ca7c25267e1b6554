"""The database file: migrations, damage, full disks, strangers, and two programs at once."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.conftest import Clock
from voipe_tui.errors import StoreError
from voipe_tui.store import Changed, NewMessage, OutgoingRecord, Store, View
from voipe_tui.store.schema import VERSION


def test_a_new_database_is_private_and_current(tmp_path: Path):
    path = tmp_path / "data" / "vip.db"
    store = Store(path, clock=Clock())
    try:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert store.set_aside is None
    finally:
        store.close()
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    raw.close()


@pytest.mark.parametrize(
    "content",
    [b"this is no database at all, but long enough to look like one" * 50, b"SQLite format 3\0" + b"\xff" * 4096],
)
def test_a_damaged_file_is_kept_aside_and_never_deleted(tmp_path: Path, content: bytes):
    path = tmp_path / "vip.db"
    path.write_bytes(content)
    store = Store(path, clock=Clock())
    try:
        assert store.set_aside is not None
        assert store.set_aside.read_bytes() == content
        store.journal.submit([NewMessage("+972521110001", "works")])
        assert len(store.page(View())) == 1
    finally:
        store.close()
    path.write_bytes(content)
    again = Store(path, clock=Clock())
    try:
        assert again.set_aside != store.set_aside, "the first one is not overwritten"
    finally:
        again.close()


def test_a_database_from_the_future_is_not_touched(tmp_path: Path):
    path = tmp_path / "vip.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE later (x)")
        raw.execute("PRAGMA user_version = 9999")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer voipe-tui"):
        Store(path, clock=Clock())
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(tmp_path / "file" / "vip.db", clock=Clock())


def test_a_full_disk_says_so_and_loses_nothing(tmp_path: Path):
    """The file may not grow any more: what SQLite then meets is what a full disk gives it."""
    path = tmp_path / "vip.db"
    script = textwrap.dedent("""
        import resource, signal, sys
        from pathlib import Path
        from voipe_tui.errors import StoreError
        from voipe_tui.store import NewMessage, Store, View
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        store = Store(Path(sys.argv[1]))
        store.journal.submit([NewMessage("+972521110001", "first")])
        size = max(path.stat().st_size for path in Path(sys.argv[1]).parent.iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 4096, resource.RLIM_INFINITY))
        try:
            for _ in range(100):
                store.journal.submit([NewMessage("+972521110001", "x" * 5000)])
        except StoreError as error:
            print(error.title, "|", error)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        before = len(store.page(View(), limit=1000))
        store.journal.submit([NewMessage("+972521110001", "after")])
        assert len(store.page(View(), limit=1000)) == before + 1
        print("goes on")
    """)
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "goes on" in done.stdout
    assert "was not sent" in done.stdout


def test_what_is_written_moves_into_the_file_beside_the_work_and_at_the_end(tmp_path: Path):
    path, rows = tmp_path / "a folder, 100%?" / "vip.db", 4_000

    def in_the_file_alone() -> int:
        alone = shutil.copyfile(path, tmp_path / "alone.db")
        with closing(sqlite3.connect(alone)) as raw:
            return int(raw.execute("SELECT count(*) FROM message").fetchone()[0])

    store = Store(path, clock=Clock())
    try:
        for start in range(0, rows, 500):
            store.gateway_rows.take_outgoing(
                [
                    OutgoingRecord(n, "VIP", f"+97252{n:07}", "x", "t", 1.0, 1.0, None, 3)
                    for n in range(start + 1, start + 501)
                ]
            )
        for thread in threading.enumerate():
            if thread.name == "checkpoint":
                thread.join()
        assert rows / 2 <= in_the_file_alone() < rows
    finally:
        store.close()
    assert [each.name for each in path.parent.iterdir()] == ["vip.db"]
    assert in_the_file_alone() == rows


def test_two_programs_never_claim_one_intent_twice(tmp_path: Path):
    path, clock = tmp_path / "vip.db", Clock()
    one, two = Store(path, clock=clock), Store(path, clock=clock)
    try:
        ids = one.journal.submit([NewMessage("+972521110001", str(n)) for n in range(20)])
        claimed = [intent.id for intent in one.journal.claim(10)]
        assert two.journal.claim(10) == [], "each program sends what it was told to send"
        assert two.journal.kept_from_before() == []
        one.close()
        assert two.journal.claim(10) == [], "what was left behind waits for a person's word"
        assert [intent.message_id for intent in two.journal.kept_from_before()] == ids[10:]
        assert two.journal.send_waiting(ids) == ids[10:]
        claimed += [intent.id for intent in two.journal.claim(20)]
        assert len(claimed) == len(set(claimed)) == 20
    finally:
        one.close()
        two.close()


def test_another_programs_writes_are_noticed(tmp_path: Path):
    path, clock = tmp_path / "vip.db", Clock()
    one, two = Store(path, clock=clock), Store(path, clock=clock)
    try:
        told: list[Changed] = []
        one.subscribe(told.append)
        assert one.look_around() is False
        two.journal.submit([NewMessage("+972521110001", "from the other window")])
        assert one.look_around() is True
        assert one.look_around() is False
        assert [change.everything for change in told] == [True]
        one.triage.star([1])
        assert one.look_around() is False, "our own writes are told as they happen"
    finally:
        one.close()
        two.close()


def test_a_step_that_fails_leaves_nothing_behind(store: Store):
    """The second order cannot be written: the first one is not kept either, and the store goes on."""
    with pytest.raises(StoreError):
        store.journal.submit([NewMessage("+972521110001", "one"), NewMessage("+972521110002", "two", kind="nonsense")])  # type: ignore[arg-type]
    assert store.page(View()) == []
    assert store.counts().pending == 0
    store.journal.submit([NewMessage("+972521110001", "three")])
    assert [message.text for message in store.page(View())] == ["three"]


def test_a_store_that_cannot_be_read_says_so_at_a_look_for_other_programs_too(tmp_path: Path):
    store = Store(tmp_path / "vip.db", clock=Clock())
    store.close()
    with pytest.raises(StoreError, match="message store"):
        store.look_around()
