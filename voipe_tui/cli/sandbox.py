"""``voipe-tui sandbox``: a local gateway to test any SMS client on, and made-up messages for measuring."""

from __future__ import annotations

import asyncio
import shlex
import signal
import threading
from contextlib import closing
from typing import TYPE_CHECKING

from voipe_tui.cli.context import Context
from voipe_tui.cli.wiring import open_store, require_no_demo, resolve_profile
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import ExitCode, InputError

if TYPE_CHECKING:
    from voipe_tui.sandbox import Sandbox
    from voipe_tui.sandbox.serve import Listener
    from voipe_tui.store import Store

_STEP = 2_000
_INCOMING_SHARE = 10
_DAYS = 365.0
_BEYOND = 1_000_000_000
"""IDs that no gateway has reached yet: a made-up row must never be taken for a real one."""


def serve(context: Context) -> int:
    """Serves until Ctrl-C or SIGTERM, which is its proper end."""
    from voipe_tui.sandbox.serve import serve as serve_sandbox

    sandbox = _sandbox(context)
    try:
        serve_sandbox(sandbox, port=context.options.port, ready=lambda listener: _ready(context, sandbox, listener))
    except KeyboardInterrupt:
        context.console.say("The sandbox has ended.")
    return ExitCode.DONE


def _sandbox(context: Context) -> Sandbox:
    options, world = context.options, context.world
    if context.demo:
        from voipe_tui.sandbox.demo import demo_sandbox

        sandbox = demo_sandbox(world.clock, options.seed, version=options.imitated or "1.4.3", sleep=world.sleep)
    else:
        from voipe_tui.sandbox import Sandbox

        sandbox = Sandbox(options.imitated or "1.4.7", seed=options.seed, clock=world.clock, sleep=world.sleep)
    if options.messages:
        incoming = options.messages // _INCOMING_SHARE
        sandbox.gateway.add_outgoing_history(options.messages - incoming)
        sandbox.gateway.add_inbox_history(incoming)
    sandbox.faults.on(*options.fault)
    return sandbox


def _ready(context: Context, sandbox: Sandbox, listener: Listener) -> None:
    if threading.current_thread() is threading.main_thread():
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, listener.stop)
            except NotImplementedError:  # Windows: Ctrl-C arrives as KeyboardInterrupt
                break
    facts = sandbox.describe(listener.url)
    console = context.console
    if context.as_json:
        console.out_object(
            {
                "json_url": facts.json_url,
                "form_url": facts.form_url,
                "username": facts.username,
                "token": facts.token,
                "password": facts.password,
                "admin_username": facts.admin_username,
                "admin_token": facts.admin_token,
                "version": facts.version,
            }
        )
    else:
        console.out(f"A sandbox gateway like playSMS {facts.version} listens on this machine until Ctrl-C.")
        console.out("")
        console.out(f"  JSON door   {facts.json_url}")
        console.out(f"  form door   {facts.form_url}")
        console.out(f"  user        {facts.username}")
        console.out(f"  token       {facts.token}")
        console.out(f"  password    {facts.password}")
        console.out(f"  admin       {facts.admin_username}, token {facts.admin_token}")
        for fault in sandbox.faults:
            console.out(f"  fault       {fault}")
        console.out("")
        console.out("Make a profile for it with:")
        console.out(
            f"  echo {shlex.quote(facts.token)} | voipe-tui profile add sandbox --replace --url "
            f"{shlex.quote(facts.json_url)} --username {shlex.quote(facts.username)} --token"
        )
    console.flush()


# sandbox fill


def fill(context: Context) -> int:
    """Made-up messages, nine of ten sent and one received, over the last year."""
    require_no_demo(context, "keeps its messages in memory alone, so filling it makes no sense")
    profile = resolve_profile(context)
    count = context.options.messages
    with closing(open_store(context, profile)) as store:
        _require_empty(context, profile, store)
        incoming = count // _INCOMING_SHARE
        with store.filling():
            _fill_outgoing(context, store, count - incoming)
            _fill_incoming(context, store, incoming)
            context.console.progress("the search index")
        counts = store.counts()
        now_there = {"profile": profile.name, "added": count, "outbox": counts.outbox, "inbox": counts.inbox}
        if context.as_json:
            context.console.out_object(now_there)
        else:
            context.console.out(
                f"{count} made-up messages are in the store of “{profile.name}” now: {counts.outbox} in the outbox, "
                f"{counts.inbox} in the inbox."
            )
    return ExitCode.DONE


def _require_empty(context: Context, profile: Profile, store: Store) -> None:
    counts = store.counts()
    if (counts.outbox or counts.inbox) and not context.options.yes:
        raise InputError(
            f"The store of “{profile.name}” has messages in it already. Nothing was done.",
            hint="Use a profile made for measuring, or say --yes.",
        )


def _fill_outgoing(context: Context, store: Store, count: int) -> None:
    from voipe_tui.sandbox.history import HistoryText
    from voipe_tui.store import OutgoingRecord

    texts = HistoryText(context.options.seed)
    first = max(store.facts.top_id("outgoing"), _BEYOND) + 1
    for start in range(0, count, _STEP):
        records = []
        for index in range(start, min(start + _STEP, count)):
            number, text, status = texts.row(index)
            moment = _moment(context, index, count)
            records.append(
                OutgoingRecord(
                    first + index, "Measuring", number, text, _gateway_time(moment), moment, moment, moment + 4, status
                )
            )
        store.gateway_rows.take_outgoing(records)
        context.console.progress(f"{start + len(records)} of {count} sent messages")


def _fill_incoming(context: Context, store: Store, count: int) -> None:
    from voipe_tui.sandbox.gateway import RECEIVER
    from voipe_tui.sandbox.history import HistoryText
    from voipe_tui.store import IncomingRecord

    texts = HistoryText(context.options.seed + 1)
    first = max(store.facts.top_id("inbox"), _BEYOND) + 1
    for start in range(0, count, _STEP):
        records = []
        for index in range(start, min(start + _STEP, count)):
            number, text, _ = texts.row(index)
            moment = _moment(context, index, count)
            records.append(
                IncomingRecord(
                    "inbox", first + index, number, RECEIVER, "", text, _gateway_time(moment), moment, moment
                )
            )
        store.gateway_rows.take_incoming(records)
        context.console.progress(f"{start + len(records)} of {count} received messages")


def _moment(context: Context, index: int, count: int) -> float:
    """When the message with that index was made: spread evenly over the last year, the last one now."""
    return context.world.clock() - _DAYS * 86_400 * (count - 1 - index) / max(count, 1)


def _gateway_time(moment: float) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S}"
