"""What our care costs: ``python -m tests.bench.sync [ROUNDS] [MESSAGES]``.

A sandbox in a process of its own; then, turn by turn in fresh processes, the program's engine (client, journal, store)
and a bare httpx loop that makes the very same requests and puts the rows into one plain table, or sends without a
journal. Who goes first changes from round to round, and one round before them all is not counted.

The table shows medians, the ratio of ours to the bare loop in the same round with the smallest and the largest, and the
ratio of the processor seconds of the two processes, which other programs disturb less. Ours has in it what the bare
loop has not: opening the store, for sends the first poll and the taking of the orders. The bare loop imports httpx
within its time, as ours does. Stores lie on the disk, where a send waits for it: the last line says how long one does.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from voipe_tui.client import Endpoint, GatewayClient
from voipe_tui.store import NewMessage, Status, Store
from voipe_tui.sync import Engine, SyncSettings

SENDS = 1_000
GAP = 10_000
CONCURRENCY = 8
MOMENT = 1_795_342_800.0  # the gateway's time stands still, so that every process can make up the same history
Place = dict[str, str]


# The gateway


def _serve(messages: int, told: Any) -> None:
    from voipe_tui.sandbox import Sandbox
    from voipe_tui.sandbox.serve import serve

    sandbox = Sandbox("1.4.7", seed=1, clock=lambda: MOMENT)
    sandbox.gateway.add_outgoing_history(messages, days=700)
    sandbox.gateway.main_account.credit += 1_000_000
    facts = sandbox.describe("")
    serve(sandbox, ready=lambda listener: told.send({"url": listener.url + facts.json_url, "user": facts.username,
                                                     "token": facts.token}))  # fmt: skip


# Ours


def _open(place: Place, path: Path) -> tuple[Store, GatewayClient, Engine]:
    store = Store(path)
    client = GatewayClient(Endpoint(place["url"], "json", place["user"], place["token"]))
    return store, client, Engine(store, client, SyncSettings(concurrency=CONCURRENCY), random=Random(1))


async def our_first_sync(place: Place, folder: Path) -> list[dict[str, object]]:
    store, client, engine = _open(place, folder / "ours.db")
    asked = _note_requests(engine)
    assert await engine.poll(), engine.health
    while await engine.outgoing.backfill():
        pass
    await client.aclose()
    store.close()
    return asked


async def our_gap(place: Place, folder: Path) -> list[dict[str, object]]:
    """All but the newest ``GAP`` rows are in the store; the rest came while we were away."""
    store, client, engine = _open(place, folder / "ours.db")
    asked = _note_requests(engine)
    await engine.outgoing.sweep()
    await client.aclose()
    store.close()
    return asked


async def our_sends(place: Place, folder: Path) -> list[dict[str, object]]:
    store, client, engine = _open(place, folder / "ours.db")
    await engine.poll()
    orders = [NewMessage(f"+97252{n:07d}", f"Message {n}") for n in range(SENDS)]
    for start in range(0, SENDS, 500):
        store.journal.submit(orders[start : start + 500])
    await engine.drain()
    assert store.counts().unknown == 0
    assert not store.journal.in_state(Status.SENDING)
    await client.aclose()
    store.close()
    return []


def _note_requests(engine: Engine) -> list[dict[str, object]]:
    asked: list[dict[str, object]] = []
    fetch = engine.outgoing.pages.fetch

    async def noting(**filters: object) -> object:
        asked.append({name: value for name, value in filters.items() if value is not None})
        return await fetch(**filters)  # type: ignore[arg-type]

    engine.outgoing.pages.fetch = noting  # type: ignore[assignment, method-assign]
    return asked


# Bare


async def bare_reads(place: Place, folder: Path, asked: list[dict[str, object]]) -> None:
    import httpx

    database = sqlite3.connect(folder / "bare.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, src, dst, msg, dt, changed, status)")
    names = {"count": "c", "last": "last", "dt": "dt"}
    async with httpx.AsyncClient() as client:
        for filters in asked:
            body = {"user": place["user"], "token": place["token"], "op": "ds"}
            body |= {names[name]: value for name, value in filters.items()}
            reply = (await client.post(place["url"], json=body)).json()
            rows = [tuple(row.values()) for row in reply.get("data") or ()]
            database.execute("BEGIN")
            database.executemany("INSERT OR REPLACE INTO row VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            database.execute("COMMIT")
    database.close()


async def bare_sends(place: Place, folder: Path, asked: list[dict[str, object]]) -> None:
    import httpx

    queue = iter(range(SENDS))

    async def worker(client: httpx.AsyncClient) -> None:
        for n in queue:
            body = {
                "user": place["user"],
                "token": place["token"],
                "op": "pv",
                "to": f"+97252{n:07d}",
                "msg": f"Message {n}",
            }
            assert (await client.post(place["url"], json=body)).json()["data"][0]["status"] == "OK"

    async with httpx.AsyncClient() as client:
        await asyncio.gather(*(worker(client) for _ in range(CONCURRENCY)))


# Rounds

OURS: dict[str, Callable[[Place, Path], Awaitable[list[dict[str, object]]]]] = {
    "first sync": our_first_sync,
    "gap": our_gap,
    "sends": our_sends,
}
BARE: dict[str, Callable[[Place, Path, list[dict[str, object]]], Awaitable[None]]] = {
    "first sync": bare_reads,
    "gap": bare_reads,
    "sends": bare_sends,
}


def _child() -> None:
    """One measurement in a fresh process; its figures are the last line on standard output."""
    task = json.loads(sys.stdin.read())
    folder, before = Path(task["folder"]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if task["who"] == "ours" and task["what"] == "gap":
        shutil.copy(task["known"], folder / "ours.db")
    start, used = time.perf_counter(), time.process_time()
    if task["who"] == "ours":
        asked = asyncio.run(OURS[task["what"]](task["place"], folder))
    else:
        asked = task["asked"]
        asyncio.run(BARE[task["what"]](task["place"], folder, asked))
    seconds, processor = time.perf_counter() - start, time.process_time() - used
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    index = _index(folder / "ours.db") if task["who"] == "ours" and task["what"] == "first sync" else 0.0
    print(json.dumps({"seconds": seconds, "processor": processor, "grown": grown, "asked": asked, "index": index}))


def _index(path: Path) -> float:
    """Seconds to make searchable what was left for later, in the steps in which the program does it when it is idle."""
    store = Store(path)
    start = time.perf_counter()
    while store.search.index_some():
        pass
    seconds = time.perf_counter() - start
    store.close()
    return seconds


def _leave_a_gap(path: Path, known: int) -> None:
    """A store that knows the history up to a moment: what came after is the gap."""
    from voipe_tui.sandbox import Sandbox
    from voipe_tui.store import OutgoingRecord
    from voipe_tui.sync.zones import earlier

    sandbox = Sandbox("1.4.7", seed=1, clock=lambda: MOMENT)
    sandbox.gateway.add_outgoing_history(known + GAP, days=700)
    store = Store(path)
    records = []
    for row in sandbox.gateway.outgoing_rows()[:known]:
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(row.time - 7 * 3600))
        records.append(
            OutgoingRecord(row.smslog_id, row.source, row.number, row.text, moment, None, row.time, None, row.status)
        )
    for start in range(0, len(records), 1_000):
        store.gateway_rows.take_outgoing(records[start : start + 1_000])
    store.facts.set("mark.outgoing", earlier(records[-1].gateway_time, 3_600))
    store.facts.set("backfill.outgoing", "")
    store.close()


def _measure(who: str, what: str, place: Place, known: Path, asked: list[dict[str, object]]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        task = {"who": who, "what": what, "place": place, "folder": folder, "known": str(known), "asked": asked}
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.sync", "child"], input=json.dumps(task), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def _idle(place: Place) -> tuple[int, int]:
    """Requests and store changes of ten quiet ticks."""

    async def look() -> tuple[int, int]:
        with tempfile.TemporaryDirectory() as folder:
            store, client, engine = _open(place, Path(folder) / "idle.db")
            await engine.poll()
            await engine.poll()
            changes: list[object] = []
            store.subscribe(changes.append)
            requests, ask = [0], client._exchange

            async def counting(*arguments: Any) -> Any:
                requests[0] += 1
                return await ask(*arguments)

            client._exchange = counting  # type: ignore[method-assign]
            for _ in range(10):
                await engine.poll()
            await client.aclose()
            store.close()
            return requests[0], len(changes)

    return asyncio.run(look())


def _durable_commit(folder: Path) -> float:
    """Seconds until one row is on this disk, the median of a hundred."""
    database = sqlite3.connect(folder / "commit.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE row (id INTEGER PRIMARY KEY)")
    took = []
    for n in range(100):
        start = time.perf_counter()
        database.execute("INSERT INTO row VALUES (?)", (n,))
        took.append(time.perf_counter() - start)
    database.close()
    return median(took)


def _rounds(what: str, place: Place, known: Path, rounds: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The figures of ours and of the bare loop, round by round."""
    asked = _measure("ours", what, place, known, [])["asked"]
    ours, bare = [], []
    for turn in range(rounds):
        for who in ("ours", "bare") if turn % 2 == 0 else ("bare", "ours"):
            (ours if who == "ours" else bare).append(_measure(who, what, place, known, asked))
    return ours, bare


def _line(title: str, ours: list[dict[str, Any]], bare: list[dict[str, Any]]) -> str:
    ratios = [a["seconds"] / b["seconds"] for a, b in zip(ours, bare, strict=True)]
    processor = median(a["processor"] / b["processor"] for a, b in zip(ours, bare, strict=True))
    return (
        f"{title:28} {median(a['seconds'] for a in ours):7.2f} {median(b['seconds'] for b in bare):7.2f} "
        f"{median(ratios):6.2f} {min(ratios):6.2f} {max(ratios):5.2f} {processor:10.2f} "
        f"{len(ours[-1]['asked']) or SENDS:9} {median(a['grown'] for a in ours):9.1f}"
    )


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    messages = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    context = multiprocessing.get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    server = context.Process(target=_serve, args=(messages, send), daemon=True)
    server.start()
    place = receive.recv()
    try:
        with tempfile.TemporaryDirectory() as folder:
            known = Path(folder) / "known.db"
            # In a process of its own: what it takes to make is no memory of ours.
            making = context.Process(target=_leave_a_gap, args=(known, messages - GAP))
            making.start()
            making.join()
            requests, changes = _idle(place)
            print(f"{'what':28} {'ours s':>7} {'bare s':>7} {'ratio':>6} {'least':>6} {'most':>5} {'processor':>10} "
                  f"{'requests':>9} {'+MB ours':>9}")  # fmt: skip
            for what, title in (("first sync", f"first sync of {messages:,}"), ("gap", f"a gap of {GAP:,}"),
                                ("sends", f"{SENDS:,} sends, {CONCURRENCY} at a time")):  # fmt: skip
                ours, bare = _rounds(what, place, known, rounds)
                print(_line(title, ours, bare), flush=True)
                if what == "first sync":
                    print(f"{'its search index, when idle':28} {median(a['index'] for a in ours):7.2f}")
            print(f"ten idle ticks: {requests} requests, {changes} changes told")
            print(f"a row is on this disk after {_durable_commit(Path(folder)) * 1000:.2f} ms")
    finally:
        server.terminate()


if __name__ == "__main__":
    _child() if sys.argv[1:] == ["child"] else main()
