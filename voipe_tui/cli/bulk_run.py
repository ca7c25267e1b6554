"""A batch on its way: the engine sends it, this says how far it is and what it came to.

The store alone tells how the batch stands, so another voipe-tui may pause or cancel it, or help to send it. However
this program ends, nobody gets a message twice: what was on its way is looked for at the gateway, and the rest waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from voipe_tui.cli.bulk_words import as_json, command, find, mark_cancelled, refused, standing, titled
from voipe_tui.cli.context import Context
from voipe_tui.cli.delivery import UNKNOWN_SECONDS
from voipe_tui.cli.wiring import make_client, open_store, proven_by, sync_settings, token_of
from voipe_tui.cli.world import is_terminal
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import AuthenticationError, ExitCode, InputError, VoipeError
from voipe_tui.store import Changed, Status, Store
from voipe_tui.store.bulks import PAUSED_BY_PERSON, Bulk, BulkState, Progress, RepeatedError
from voipe_tui.sync import Engine, Link
from voipe_tui.text.moments import humanize_age

if TYPE_CHECKING:
    from voipe_tui.cli.bulk_order import Order

PATIENCE_SECONDS = 60.0
"""How long a batch waits for a gateway that cannot be reached before it is paused."""

_TICK_SECONDS = 0.5
_STEP_SECONDS = 1.0
_PLAIN_STEP_SECONDS = 10.0
_SPEED_SECONDS = 20.0
_BRIEF_SECONDS = 5.0
_ANSWER_SECONDS = 60.0
_GOING_ON = (BulkState.HELD, BulkState.RUNNING)
_TAKEN = (Status.ACCEPTED, Status.PENDING, Status.SENT, Status.DELIVERED, Status.SCHEDULED)


def send(context: Context, profile: Profile, order: Order) -> int:
    """Puts a checked file into the store as a batch and sends it."""
    token = token_of(context, profile)

    async def job() -> int:
        with closing(open_store(context, profile)) as store:
            twin = None if context.options.again else store.bulks.twin(order.fingerprint)
            if twin is not None:
                raise _repeats(context, store, twin)
            try:
                bulk_id = await order.fill(context, profile, store)
            except RepeatedError as error:  # another voipe-tui began it in this moment
                raise _repeats(context, store, error.bulk) from None
            if not context.as_json:
                who = "1 recipient" if order.recipients == 1 else f"{order.recipients:,} recipients"
                context.console.say(f"batch {bulk_id}: {who}; Ctrl-C pauses it")
            return await _run(context, profile, store, token, bulk_id, watching=False)

    return context.run_async(job)


def _repeats(context: Context, store: Store, twin: Bulk) -> InputError:
    """The same messages once more: only on a word of its own."""
    progress = store.bulks.progress(twin.id)
    assert progress is not None
    went = f"{progress.gone + progress.in_flight:,} of {twin.total:,} have left"
    again = "To send all of it once more: --again."
    if twin.state in (BulkState.DONE, BulkState.CANCELLED):
        created = datetime.fromtimestamp(twin.created_at, UTC).astimezone(context.world.zone)
        what = f"These messages were sent already: {titled(twin)} of {created:%Y-%m-%d %H:%M}, {went}."
        return InputError(f"{what} Nothing was sent now.", hint=again)
    what = f"These messages are on their way already: {titled(twin)} is {standing(store, twin).state.value}, {went}."
    go_on = command(context, "--resume", twin.id)
    return InputError(f"{what} Nothing was sent now.", hint=f"Go on with it: {go_on}. {again}")


def resume(context: Context, profile: Profile, typed: str) -> int:
    """Goes on with a batch where it stopped, however it stopped."""
    token = token_of(context, profile)

    async def job() -> int:
        with closing(open_store(context, profile)) as store:
            bulk = find(store, profile, typed)
            watching = _take_up(context, store, bulk)
            return await _run(context, profile, store, token, bulk.id, watching=watching)

    return context.run_async(job)


def retry(context: Context, profile: Profile, typed: str) -> int:
    """Sends those of a batch that failed or were refused, as a batch of their own; never those nobody knows of."""
    token = token_of(context, profile)

    async def job() -> int:
        with closing(open_store(context, profile)) as store:
            bulk = find(store, profile, typed)
            try:
                bulk_id, count, out = _refilled(context, store, bulk)
            except RepeatedError as error:
                done = f"Those of {titled(bulk)} that failed were already retried as batch {error.bulk.id}."
                raise InputError(f"{done} Nothing was sent.") from None
            if not count:
                raise InputError(f"None of {titled(bulk)} can be retried: none failed, or all have opted out.")
            if not context.as_json:
                left_out = f", {out:,} left out: opted out" if out else ""
                context.console.say(f"batch {bulk_id}: {count:,} of batch {bulk.id} once more{left_out}")
            return await _run(context, profile, store, token, bulk_id, watching=False)

    return context.run_async(job)


def _refilled(context: Context, store: Store, bulk: Bulk) -> tuple[int, int, int]:
    """A new batch of those that failed, how many they are, and how many were left out."""
    count, out, after = 0, 0, 0
    bulk_id = store.bulks.begin_retry(bulk)
    try:
        while bulk_id and (page := store.bulks.failed(bulk.id, after)):
            after = page[-1][0]
            listed = store.opt_outs.has([order.number for _, order in page])
            orders = [order for _, order in page if order.number not in listed]
            out += len(page) - len(orders)
            store.bulks.add(bulk_id, orders)
            count += len(orders)
            context.console.progress(f"preparing {count:,} …")
        if count:
            store.bulks.start(bulk_id, opted_out=out)
    finally:
        if bulk_id and store.bulks.is_filling(bulk_id):
            store.bulks.cancel(bulk_id)
    return bulk_id, count, out


def _take_up(context: Context, store: Store, bulk: Bulk) -> bool:
    """Lets a batch run again. True if a living voipe-tui is sending it, so that this one only looks on."""
    if store.bulks.resume(bulk.id) or bulk.state is BulkState.DONE:
        return False
    if bulk.state is BulkState.RUNNING:
        context.console.say(f"voipe-tui: another voipe-tui is sending {titled(bulk)}; this one looks on")
        return True
    why = {
        BulkState.FILLING: "was never complete: voipe-tui ended while it was prepared. Nothing of it was sent."
        if store.bulks.is_broken_off(bulk)
        else "is being prepared by another voipe-tui.",
        BulkState.CANCELLED: "was cancelled.",
    }[bulk.state]
    raise InputError(f"{titled(bulk).capitalize()} {why}", hint="Start it again from its file.")


@asynccontextmanager
async def _engine(
    context: Context, profile: Profile, store: Store, token: str, scope: frozenset[int]
) -> AsyncIterator[Engine]:
    client = make_client(context, profile, token, proven=proven_by(store))
    engine = Engine(
        store, client, replace(sync_settings(context, profile), bulk_scope=scope), random=context.world.random
    )
    try:
        yield engine
    finally:
        await engine.stop(_BRIEF_SECONDS)
        await client.aclose()


async def _run(context: Context, profile: Profile, store: Store, token: str, bulk_id: int, *, watching: bool) -> int:
    scope = frozenset() if watching else frozenset({bulk_id})
    async with _engine(context, profile, store, token, scope) as engine:
        batch = Batch(context, store, engine, bulk_id)
        context.unexpected_code = ExitCode.UNKNOWN
        try:
            await batch.follow()
            await batch.look_up()
        except asyncio.CancelledError:
            if not watching and store.bulks.pause(bulk_id, "voipe-tui was interrupted."):
                context.console.say("voipe-tui: pausing; answers that are on their way are waited for a moment")
            await engine.stop(_BRIEF_SECONDS)
            batch.report()
            raise
        except VoipeError:
            # The store failed: what was sent and what was not is as it is written there.
            context.console.say(f"voipe-tui: batch {bulk_id} stopped; nobody is repeated when you go on with")
            context.console.say(f"  {command(context, '--resume', bulk_id)}")
            raise
        code = batch.report()
        context.unexpected_code = code or ExitCode.SOME_FAILED
        return code


class Batch:
    """One batch while it is followed."""

    def __init__(self, context: Context, store: Store, engine: Engine, bulk_id: int) -> None:
        self._context = context
        self._store = store
        self._engine = engine
        self._id = bulk_id
        self._changed = asyncio.Event()
        self._seen: deque[tuple[float, int]] = deque()
        self._moved_at = store.clock()
        self._said_at = float("-inf")
        self._problem: VoipeError | None = None
        """What made it stop, where that is an error."""

    # Following

    async def follow(self) -> None:
        """Until the batch is done, paused or cancelled, by whomever, and all answers are in."""
        forget = self._store.subscribe(self._hear)
        running = asyncio.create_task(self._engine.run(), name="engine")
        try:
            while (progress := self._look()).bulk.state in _GOING_ON:
                self._tell(progress)
                self._give_up_if_stuck(progress)
                await self._turn(running)
            self._problem = self._problem or self._engine.health.problem
            await self._engine.stop(_ANSWER_SECONDS)
        finally:
            forget()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    def _hear(self, changed: Changed) -> None:
        if changed.account or changed.everything:
            self._changed.set()

    def _look(self) -> Progress:
        self._store.look_around()
        self._step_in()
        progress = self._progress()
        if not progress.waiting and not progress.in_flight and self._store.bulks.finish(self._id):
            # The last ones were on their way when another program died: no answer will say that it is done.
            progress = self._progress()
        now = self._store.clock()
        if not self._seen or progress.handed_over != self._seen[-1][1]:
            self._moved_at = now
        self._seen.append((now, progress.handed_over))
        while now - self._seen[0][0] > _SPEED_SECONDS:
            self._seen.popleft()
        return progress

    def _step_in(self) -> None:
        """Looking on, and the other voipe-tui has ended: this one was told to go on with the batch, too."""
        scope = self._engine.sender.bulks
        if scope.scope:
            return
        bulk = self._store.bulks.get(self._id)
        if bulk is not None and bulk.state is BulkState.RUNNING and self._store.bulks.resume(self._id):
            scope.scope = frozenset({self._id})
            self._context.console.say(f"voipe-tui: the other voipe-tui ended; this one goes on with {titled(bulk)}")
            self._engine.wake()

    def _progress(self) -> Progress:
        progress = self._store.bulks.progress(self._id)
        assert progress is not None
        return progress

    def _give_up_if_stuck(self, progress: Progress) -> None:
        health, now = self._engine.health, self._store.clock()
        if health.link is Link.OFFLINE and now - max(health.since, self._moved_at) >= PATIENCE_SECONDS:
            self._problem = health.problem
            self._store.bulks.pause(self._id, f"The gateway could not be reached for {PATIENCE_SECONDS:.0f} s.")

    async def _turn(self, running: asyncio.Task[None]) -> None:
        """Until something changed, and from time to time; raises what ended the engine."""
        self._changed.clear()
        waits = [
            asyncio.create_task(self._changed.wait()),
            asyncio.ensure_future(self._context.world.sleep(_TICK_SECONDS)),
        ]
        try:
            await asyncio.wait([running, *waits], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        if running.done() and (error := running.exception()) is not None:
            raise _innermost(error)

    async def look_up(self) -> None:
        """Looks for uncertain outcomes a while, as ``send`` does."""
        clock, began = self._context.world.clock, self._context.world.clock()
        while (unknown := self._progress().by_status.get(Status.UNKNOWN, 0)) and (
            self._engine.health.link is not Link.LOCKED_OUT  # asking on after ERR 100 can block the address (trap 30)
        ):
            await self._engine.poll()
            left = began + UNKNOWN_SECONDS - clock()
            if left <= 0:
                return
            self._context.console.progress(f"looking for {unknown:,} uncertain outcomes …")
            await self._context.world.sleep(min(self._engine.pace.next_delay(moving=True), left))

    # Saying how far it is

    def _tell(self, progress: Progress) -> None:
        now, on_terminal = self._store.clock(), is_terminal(self._context.world.stderr)
        patient = _STEP_SECONDS if on_terminal or self._context.as_json else _PLAIN_STEP_SECONDS
        if now - self._said_at < patient:
            return
        self._said_at = now
        if self._context.as_json:
            self._context.console.out_object(self._json(progress))
            self._context.console.flush()
        if on_terminal:
            self._context.console.progress(self._line(progress))
        elif not self._context.as_json:
            self._context.console.say(self._line(progress))

    def _speed(self) -> float:
        """Messages a second, of late."""
        (began, before), (now, count) = self._seen[0], self._seen[-1]
        return (count - before) / (now - began) if now > began else 0.0

    def _seconds_left(self, progress: Progress) -> float | None:
        speed = self._speed()
        return (progress.waiting + progress.in_flight) / speed if speed > 0 else None

    def _json(self, progress: Progress) -> dict[str, object]:
        left = self._seconds_left(progress)
        return {
            **as_json(progress),
            "per_second": round(self._speed(), 2),
            "seconds_left": None if left is None else round(left),
        }

    def _line(self, progress: Progress) -> str:
        left = self._seconds_left(progress)
        pieces = [
            f"{progress.gone:,}/{progress.bulk.total:,}",
            f"{self._speed():.1f}/s",
            "time left unknown" if left is None else f"{humanize_age(max(left, 1.0))} left",
        ]
        unknown = progress.by_status.get(Status.UNKNOWN, 0)
        pieces += [f"{unknown:,} unknown"] if unknown else []
        pieces += [f"{refused(progress):,} refused"] if refused(progress) else []
        problem = self._engine.health.problem
        return " · ".join([*pieces, *([problem.title] if problem is not None else [])])

    # What it comes to

    def report(self) -> ExitCode:
        """Says what became of the batch and what to do now. Returns the exit code."""
        progress = self._progress()
        bulk, say = progress.bulk, self._context.console.say
        if bulk.state is BulkState.CANCELLED:
            mark_cancelled(self._context, self._store, bulk)
            progress = self._progress()
        if self._context.as_json:
            self._context.console.out_object({**self._json(progress), "counts": progress.by_status})
        else:
            self._context.console.out(f"{titled(bulk)}: {bulk.state.value}")
            for status, count in sorted(progress.by_status.items(), key=lambda each: -each[1]):
                self._context.console.out(f"  {count:>9,}  {status}")
        if bulk.state is BulkState.PAUSED:
            self._explain_pause(bulk)
        if progress.by_status.get(Status.UNKNOWN):
            say("voipe-tui: some outcomes are not known; nothing is sent again by itself. They are looked for with")
            say(f"  {command(self._context, '--resume', bulk.id)}")
        if not self._context.demo:
            say(f"the list with each outcome: {command(self._context, '--export', bulk.id)} > results.csv")
        return self._exit_code(progress)

    def _explain_pause(self, bulk: Bulk) -> None:
        if self._problem is not None:
            # That nothing was sent is true of the request that failed, not of the batch.
            told = copy(self._problem)
            told.message = told.message.replace(" Nothing was sent.", "")
            self._context.console.report(told)
        self._context.console.say(f"voipe-tui: {titled(bulk)} is paused. {bulk.reason}")
        if not self._context.demo:
            self._context.console.say(f"  Go on with: {command(self._context, '--resume', bulk.id)}")

    def _exit_code(self, progress: Progress) -> ExitCode:
        """Uncertainty first: it must not be answered by sending again. Then why it stopped, then what failed."""
        by_status, state = progress.by_status, progress.bulk.state
        if by_status.get(Status.UNKNOWN) or by_status.get(Status.SENDING):
            return ExitCode.UNKNOWN
        if state is BulkState.PAUSED:
            return self._pause_code(stopped=bool(refused(progress)) and progress.bulk.reason != PAUSED_BY_PERSON)
        taken = sum(by_status.get(status, 0) for status in _TAKEN)
        if taken == progress.bulk.total:
            return ExitCode.DONE
        if state is BulkState.CANCELLED or taken:
            return ExitCode.SOME_FAILED
        return ExitCode.REFUSED

    def _pause_code(self, *, stopped: bool) -> ExitCode:
        if self._problem is not None and (
            isinstance(self._problem, AuthenticationError) or self._engine.health.link is Link.OFFLINE
        ):
            return self._problem.exit_code
        credit = self._store.facts.credit()
        out_of_credit = credit is not None and credit <= 0
        return ExitCode.REFUSED if out_of_credit or stopped else ExitCode.INTERRUPTED


def _innermost(error: BaseException) -> BaseException:
    """The first single error in a group: the one to tell a person of."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
