"""The arguments of ``contacts``, ``account`` and ``export``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

Add = Callable[..., Any]
"""Makes one command's parser; see ``parser._command``."""


def add_account(command: Add, commands: Any, common: argparse.ArgumentParser) -> None:
    account = command(
        commands, common, "account", "account:account", "show what the gateway knows of the account",
        description="Asks the gateway for the account's data. With --json one object: profile, url, username, kind, "
        "name, email, mobile, credit (a string with the exact decimal number), credit_at, low, inbox, unread, outbox, "
        "can (what this gateway is able to do, as far as it was asked).",
    )  # fmt: skip
    account.add_argument("--offline", action="store_true", help="show what is stored here, ask nobody")
    contacts = command(
        commands, common, "contacts", "account:contacts", "list the phone book, or find somebody",
        description="Fetches the gateway's phone book and lists it, or those in it whose name begins with the words or "
        "whose number has the digits. With --json one array: number, name, email, tags; with --groups code, name.",
    )  # fmt: skip
    contacts.add_argument("words", nargs="*", metavar="WORD", help="beginnings of a name, or digits of a number")
    contacts.add_argument("--groups", action="store_true", help="the groups that one can send to instead")
    contacts.add_argument("--offline", action="store_true", help="list what is stored here, ask nobody")


def add_export(
    command: Add, commands: Any, common: argparse.ArgumentParser, count: Callable[[str], int], keys: str
) -> None:
    parser = command(
        commands, common, "export", "export:run", "write messages as CSV or JSON lines",
        description="Writes messages, newest first, as CSV, or as JSON lines (an object on each line). All that are "
        f"known are written unless a filter says less.\n\nThe columns and keys:\n{keys}",
    )  # fmt: skip
    parser.add_argument("--output", metavar="FILE", help="into this file, which must not exist; else standard output")
    parser.add_argument("--format", choices=["csv", "jsonl"], default="csv", help="csv (default) or jsonl")
    parser.add_argument("--direction", choices=["in", "out"], help="only what came in, or only what went out")
    parser.add_argument("--limit", type=count, metavar="N", help="at most so many, the newest; all if not given")
    parser.add_argument("--offline", action="store_true", help="write what is stored here, ask nobody")
    add_filters(parser, "queued, failed, delivered, … or unread, starred")


def add_filters(parser: argparse.ArgumentParser, statuses: str) -> None:
    """Which messages; the same for every listing."""
    parser.add_argument("--since", metavar="T", help="not older than: “2026-03-05”, “yesterday”, “2 h ago”")
    parser.add_argument("--number", metavar="N", help="of one number only, in any form")
    parser.add_argument("--status", action="append", metavar="S", help=f"{statuses}; several with commas")
    parser.add_argument("--search", metavar="WORDS", help="with these words, names or digits; beginnings suffice")
    parser.add_argument("--filter", metavar="F", help="as in the app: “from:dana is:unread has:link since:today”")
