"""Message rows as a command prints them: JSON for programs, columns for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from voipe_tui.cli.cells import GAP, Order, table
from voipe_tui.cli.context import Context
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import ConfigError
from voipe_tui.store.models import Message, row_as_json
from voipe_tui.text.untrusted import safe_line

SIGNS = {
    "draft": "~",
    "held": "‖",
    "scheduled": "◷",
    "queued": "○",
    "sending": "◔",
    "unknown": "?",
    "accepted": "◔",
    "pending": "◑",
    "sent": "◕",
    "delivered": "✓",
    "failed": "✗",
    "refused": "⊘",
    "cancelled": "–",
}
"""The same signs as in the app."""

_COLOURS = {"delivered": "32", "failed": "31", "refused": "31", "unknown": "33"}


def print_rows(context: Context, profile: Profile, rows: Iterable[Message], *, notes: bool = False) -> None:
    """Prints message rows. ``notes``: with what is known about why each is in its state (on standard error in JSON)."""
    if context.as_json:
        noted: list[Message] = []

        def values() -> Iterable[object]:
            for row in rows:
                if notes and row.note:
                    noted.append(row)
                yield row_as_json(row, profile.name, context.iso)

        context.console.out_array(values())
        for row in noted:
            context.console.say(f"{row.id}: {safe_line(row.note or '')}")
        return
    found = list(rows)
    if not found:
        context.console.say("No messages.")
        return
    for line in _drawn(context, found, notes=notes):
        context.console.out(line)


def _drawn(context: Context, rows: Sequence[Message], *, notes: bool) -> list[str]:
    ordered = _ordering(context, rows)
    lines = table(
        ("ID", "STATUS", "TIME", "NUMBER", "TEXT"),
        [(str(row.id), _state(row), when(context, row), _who(row), row.text) for row in rows],
        context.console.width,
        ordered,
    )
    drawn = lines[:1]
    for row, line in zip(rows, lines[1:], strict=True):
        drawn.append(_coloured(context, row, line))
        if row.note and (notes or row.status == "scheduled"):  # when it goes
            drawn.append(f"{GAP}↳ {safe_line(row.note)}")
        if row.sent_text is not None:
            drawn.append(f"{GAP}↳ The gateway made this of it: {ordered(safe_line(row.sent_text))}")
    return drawn


def _state(row: Message) -> str:
    if row.status is not None:
        return f"{SIGNS.get(row.status, '·')} {row.status}"
    return ("  read" if row.read else "● unread") + (" ★" if row.starred else "")


def _who(row: Message) -> str:
    return f"{row.name} {row.number}" if row.name else row.number


def when(context: Context, row: Message) -> str:
    """When it was made, in the user's zone; the gateway's own time with a ``~`` where its zone is not known."""
    if row.created_at is not None:
        local = datetime.fromtimestamp(row.created_at, UTC).astimezone(context.world.zone)
        return f"{local:%Y-%m-%d %H:%M}"
    return f"~{row.gateway_time[:16]}" if row.gateway_time else ""


def _coloured(context: Context, row: Message, line: str) -> str:
    """The line with its status in colour. Nothing from outside is in the colour's reach: it ends with the word."""
    colour = _COLOURS.get(row.status or "")
    state = _state(row)
    start = line.find(state)
    if colour is None or start < 0 or not context.console.colours:
        return line
    return f"{line[:start]}\x1b[{colour}m{state}\x1b[0m{line[start + len(state) :]}"


def _ordering(context: Context, rows: Sequence[Message]) -> Order:
    from voipe_tui.text.bidi import has_right_to_left

    if context.console.width is None or not any(has_right_to_left(row.text) for row in rows):
        return _as_it_is
    return ordering_for_terminal(context)


def _as_it_is(line: str) -> str:
    return line


def ordering_for_terminal(context: Context) -> Order:
    """How the user wants right-to-left lines drawn on this terminal (``bidi`` in the settings)."""
    if context.demo:
        return _as_it_is
    from voipe_tui.config.settings import load_settings

    try:
        settings = load_settings(context.paths)
    except ConfigError as error:
        # A list can be shown all the same; what is wrong is said beside it.
        context.console.report(error)
        return _as_it_is
    if settings.bidi != "app":
        return _as_it_is
    from voipe_tui.text.bidi import visual_order

    return visual_order
