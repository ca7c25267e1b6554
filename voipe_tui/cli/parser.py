"""The arguments of every command and their help. Standard library only: ``--help`` and usage errors answer at once."""

from __future__ import annotations

import argparse
import codecs
import re
from typing import Any, NoReturn

from voipe_tui import __version__
from voipe_tui.cli.parser_more import add_account, add_export, add_filters
from voipe_tui.errors import InputError

_EXIT_CODES = """\
exit codes:
  0    done
  1    some recipients failed
  2    usage or configuration
  3    authentication
  4    the gateway refused
  5    the gateway cannot be reached
  6    outcome unknown: look before you send again
  130  interrupted
"""

_EXAMPLES = """\
examples:
  voipe-tui --demo                                   look around, no account needed
  voipe-tui profile add                              tell it about your account
  voipe-tui send --to 0521110001 --message Hi --wait
  voipe-tui bulk list.csv --message "Hi {name}" --dry-run
  voipe-tui inbox --since yesterday --json
"""

_FASTEST = 1_000

_ROWS = """\
With --json one array is printed, an object for each message: id, profile, direction, source, gateway_id, queue,
number, name, sender, text, sent_text, encoding, parts, status, status_at, created_at, batch, read, archived, starred,
labels. Times are ISO 8601 with an offset, null where the gateway's zone is not known."""


class Said(Exception):
    """Help or version was asked for: ``text`` is the whole answer."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class _Version(argparse.Action):
    def __call__(self, *_: object) -> NoReturn:
        raise Said(f"voipe-tui {__version__}\n")


class Parser(argparse.ArgumentParser):
    """argparse that prints nothing itself: help becomes ``Said``, an error an ``InputError``."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **kwargs)

    def print_help(self, file: object = None) -> NoReturn:
        raise Said(self.format_help())

    def error(self, message: str) -> NoReturn:
        raise InputError(
            f"{_improved(message)} Nothing was done.",
            hint=f"“{self.prog} --help” lists what there is.",
            title="This command line is not understood",
        )


def _improved(message: str) -> str:
    """argparse's sentence with what was probably meant, where a word was misspelt."""
    sentence = message[:1].upper() + message[1:].rstrip(".") + "."
    found = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)", message)
    if found is None:
        return sentence
    from difflib import get_close_matches

    choices = re.findall(r"[\w.-]+", found.group(2))
    near = get_close_matches(found.group(1), choices, n=1)
    meant = f" Did you mean “{near[0]}”?" if near else f" There are: {', '.join(choices)}."
    return f"“{found.group(1)}” is not known here.{meant}"


def parse(argv: list[str]) -> argparse.Namespace:
    """The options of a command line; ``command`` names the module and function that does it, None for the app.

    Raises ``Said`` for help and version, ``InputError`` for what is not understood.
    """
    options = _build().parse_args(argv)
    for name, default in (("json", False), ("demo", False), ("profile", None)):
        if not hasattr(options, name):
            setattr(options, name, default)
    return options


def _build() -> Parser:
    common = _common()
    parser = Parser(
        prog="voipe-tui",
        description="The terminal console for an SMS account on a playSMS gateway. Without a command the app opens.",
        epilog=f"{_EXAMPLES}\n{_EXIT_CODES}",
        parents=[common],
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and end")
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    _add_send(commands, common)
    _add_bulk(commands, common)
    _add_listings(commands, common)
    _add_credit(commands, common)
    add_account(_command, commands, common)
    _add_status(commands, common)
    add_export(_command, commands, common, _count, _ROWS)
    _add_sandbox(commands, common)
    _add_profile(commands, common)
    return parser


def _common() -> argparse.ArgumentParser:
    """What every command takes, before it or after it; not set unless given, so that either place counts."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = common.add_argument_group("for every command")
    group.add_argument("--json", action="store_true", help="print JSON; diagnostics go to standard error")
    group.add_argument("--profile", metavar="NAME", help="the account to use; the default one if not given")
    group.add_argument(
        "--demo", action="store_true", help="use an embedded gateway: no account is needed, nothing outside is touched"
    )
    return common


def _command(commands: Any, common: argparse.ArgumentParser, name: str, run: str, help_: str, **kwargs: str) -> Parser:
    description = kwargs.pop("description", help_[:1].upper() + help_[1:] + ".")
    parser: Parser = commands.add_parser(name, help=help_, description=description, parents=[common], **kwargs)
    parser.set_defaults(command=run)
    return parser


def _add_send(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = _command(
        commands, common, "send", "send:run", "send a message",
        description="Sends one text to one or several recipients, each with a request of its own.\n\n" + _ROWS,
        epilog="""\
Not waiting, it ends as soon as the gateway has taken the messages; “voipe-tui status ID” asks later. What could
certainly not be sent is cancelled, so that it does not go out behind your back. What nobody knows (exit code 6) is
never sent again by itself. No delivery report within the time of --wait is no failure: the exit code stays 0.

"""
        + _EXIT_CODES,
    )  # fmt: skip
    parser.add_argument(
        "--to", action="append", metavar="N", default=[],
        help="a phone number in any form, @user or #GROUP; several with commas, or repeat it",
    )  # fmt: skip
    parser.add_argument("--message", metavar="TEXT", help="the text; without it standard input is sent")
    parser.add_argument("--sender", metavar="S", help="the sender ID; the profile's if not given")
    parser.add_argument("--flash", action="store_true", help="show it at once on the phone, unsaved")
    parser.add_argument(
        "--schedule", metavar="T",
        help="the gateway sends it then: “2026-03-05 14:30”, “tomorrow 9:00”, “in 2 h”; it cannot be cancelled there",
    )  # fmt: skip
    parser.add_argument(
        "--wait", nargs="?", type=_seconds, const=120.0, metavar="SECONDS",
        help="wait for delivery reports, 120 seconds if not given",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="show what would be sent; nothing is sent or stored")
    parser.add_argument(
        "--even-opted-out", action="store_true", help="also to numbers on the opt-out list, which is refused otherwise"
    )
    parser.add_argument(
        "--waiting", choices=["list", "send", "cancel"],
        help="instead of sending something new: what an earlier run left behind, unsent",
    )  # fmt: skip


def _add_bulk(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = _command(
        commands, common, "bulk", "bulk:run", "send one text to everybody in a CSV file",
        description="Sends a text to every number in a CSV file, each with a request of its own; {field} in the text "
        "is what the row has in that column. Everything is checked first: one bad row, and nothing is sent. Numbers on "
        "the opt-out list are left out and reported.\n\n"
        "With --json an object is printed for each step, at most one a second: batch, state, total, sent, waiting, "
        "in_flight, unknown, refused, opted_out, reason, per_second, seconds_left; the last one has counts, too. sent "
        "are all whose request was made, the unknown and refused ones among them.",
        epilog="""\
Ctrl-C pauses the batch. It can be resumed then, and also after a crash: nobody gets the message twice. The same table,
text and sender once more within three days need --again. It pauses by itself when the credit runs out, the login is
refused or the gateway is out of order.

"""
        + _EXIT_CODES,
    )  # fmt: skip
    parser.add_argument(
        "file", nargs="?", metavar="FILE.csv", help="the table, with names above its columns; - is standard input"
    )
    parser.add_argument("--message", metavar="TEXT", help="the text, like “Hi {name}”; {{ and }} are braces")
    parser.add_argument("--to-column", metavar="NAME", help="the column of phone numbers; found by itself if not given")
    parser.add_argument(
        "--encoding", type=_encoding, metavar="NAME",
        help="of the file, like utf-8, utf-16, windows-1255; found by itself if not given",
    )  # fmt: skip
    parser.add_argument(
        "--delimiter", type=_delimiter, metavar="D",
        help="between cells: comma, semicolon, tab, bar or one character; found by itself if not given",
    )  # fmt: skip
    parser.add_argument(
        "--header", action=argparse.BooleanOptionalAction,
        help="whether the first row has the names; without it the columns are column1, column2, …",
    )  # fmt: skip
    parser.add_argument("--sender", metavar="S", help="the sender ID; the profile's if not given")
    parser.add_argument("--rate", type=_rate, metavar="N", help="at most so many a second; the profile's if not given")
    parser.add_argument("--dry-run", action="store_true", help="show what would be sent; nothing is sent or stored")
    parser.add_argument("--again", action="store_true", help="send it although the same was sent in the last days")
    parser.add_argument("--resume", metavar="BATCH", help="go on where a batch stopped")
    parser.add_argument("--retry", metavar="BATCH", help="send those that failed or were refused as a new batch")
    parser.add_argument("--pause", metavar="BATCH", help="pause a batch that another voipe-tui is sending")
    parser.add_argument("--cancel", metavar="BATCH", help="end a batch for good; what has left has left")
    parser.add_argument("--list", action="store_true", help="list the batches, newest first")
    parser.add_argument("--export", metavar="BATCH", help="print its messages as CSV: number, text, parts, status, …")
    parser.add_argument("--offline", action="store_true", help="export what is stored here, ask nobody")


def _add_listings(commands: Any, common: argparse.ArgumentParser) -> None:
    for name, help_, statuses in (
        ("outbox", "list what was sent, newest first", "queued, unknown, accepted, sent, delivered, failed, …"),
        ("inbox", "list what came in, newest first", "unread or starred"),
    ):
        parser = _command(
            commands, common, name, f"listing:{name}", help_,
            description=f"{help_[:1].upper()}{help_[1:]}.\n\nThe gateway is asked first; if that fails, what is stored "
            f"here is printed all the same, and the exit code says so.\n{_ROWS}",
        )  # fmt: skip
        parser.add_argument("--offline", action="store_true", help="list what is stored here, ask nobody")
        parser.add_argument("--limit", type=_count, default=100, metavar="N", help="at most so many, default 100")
        add_filters(parser, statuses)


def _add_credit(commands: Any, common: argparse.ArgumentParser) -> None:
    _command(
        commands, common, "credit", "credit:run", "show the credit left",
        description="Asks the gateway for the credit left. With --json one object is printed: profile, credit (a "
        "string with the exact decimal number), credit_at, low_credit, low.",
    )  # fmt: skip


def _add_status(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = _command(
        commands, common, "status", "listing:status", "show what became of messages",
        description="Asks the gateway what became of messages, by the IDs that the other commands print.\n\n" + _ROWS,
    )  # fmt: skip
    parser.add_argument("ids", nargs="+", type=_count, metavar="ID")
    parser.add_argument("--offline", action="store_true", help="show what is stored here, ask nobody")


def _add_sandbox(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = _command(
        commands, common, "sandbox", "sandbox:serve", "a local gateway to test any SMS client on",
        description="Serves a playSMS gateway on this machine that behaves as real ones do, until Ctrl-C. With --demo "
        "it has the life of a small shop in it.\nWith --json one object is printed as soon as it listens: json_url, "
        "form_url, username, token, password, …",
        epilog="A fault is NAME[=VALUE][:OPERATION][:TIMES], for example lost-after:pv:1, slow=3:ds, no-query; an "
        "unknown name lists them all.",
    )  # fmt: skip
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="the port; any free one if not given")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed, the same behaviour")
    parser.add_argument("--messages", type=_amount, default=0, metavar="N", help="made-up history to begin with")
    parser.add_argument(
        "--version", dest="imitated", choices=["1.4.3", "1.4.7", "1.4.8"], default=None, metavar="V",
        help="the playSMS that it imitates: 1.4.3, 1.4.7 (default) or 1.4.8",
    )  # fmt: skip
    parser.add_argument("--fault", action="append", default=[], metavar="NAME", help="something that goes wrong")
    inner = parser.add_subparsers(metavar="[fill]", title="or")
    fill = _command(
        inner, common, "fill", "sandbox:fill", "put made-up messages straight into a profile's store, for measuring",
        description="Puts made-up messages straight into a profile's message store, without any gateway. A store that "
        "has messages in it is only filled with --yes.",
    )  # fmt: skip
    fill.add_argument("--messages", type=_amount, required=True, metavar="N", help="how many")
    fill.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed, the same messages")
    fill.add_argument("--yes", action="store_true", help="also into a store that has messages in it")


def _add_profile(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = _command(commands, common, "profile", "profile:missing", "manage accounts")
    inner = parser.add_subparsers(metavar="ACTION", title="actions")
    _add_profile_add(inner, common)
    _command(
        inner, common, "list", "profile:list_all", "list the accounts",
        description="Lists the accounts. With --json one array: an object each, as “profile show” prints it.",
    )  # fmt: skip
    show = _command(
        inner, common, "show", "profile:show", "show one account, never its token",
        description="Shows one account; of the token only where it comes from. With --json one object.",
    )  # fmt: skip
    show.add_argument("name", nargs="?", metavar="NAME")
    remove = _command(
        inner, common, "remove", "profile:remove", "forget an account",
        description="Forgets an account. Its messages stay where they are unless --delete-messages is given.",
    )  # fmt: skip
    remove.add_argument("name", metavar="NAME")
    remove.add_argument("--delete-messages", action="store_true", help="delete its message store, too, for good")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    use = _command(inner, common, "use", "profile:use", "make an account the default one")
    use.add_argument("name", metavar="NAME")
    check = _command(
        inner, common, "check", "profile_check:check", "try an account, say exactly what is wrong",
        description="Tries the account at its gateway. With the password it can tell why a token is refused.\nWith "
        "--json one object: profile, ok, username, credit, verdict.",
    )  # fmt: skip
    check.add_argument("name", nargs="?", metavar="NAME")
    check.add_argument("--password-stdin", action="store_true", help="read the password from standard input")


def _add_profile_add(inner: Any, common: argparse.ArgumentParser) -> None:
    add = _command(
        inner, common, "add", "profile_add:run", "add an account",
        description="Adds an account, asks for what is missing when it is used on a terminal, and tries it before it "
        "is stored. The first one becomes the default.\nWith --json one object is printed, as “profile show” does.",
    )  # fmt: skip
    add.add_argument("name", nargs="?", metavar="NAME", help="a short name for it")
    add.add_argument("--url", metavar="URL", help="of the gateway, like https://sms.voipe.co.il/playsms/api.php")
    add.add_argument("--username", metavar="USER")
    token = add.add_mutually_exclusive_group()
    token.add_argument(
        "--token", nargs="?", const=True, metavar="",
        help="read the token from standard input or a prompt; on the command line others could see it",
    )  # fmt: skip
    token.add_argument("--token-env", metavar="VAR", help="an environment variable that holds it at every start")
    token.add_argument("--token-command", metavar="CMD", help="a program that prints it, like “pass show voipe”")
    token.add_argument("--token-keyring", action="store_true", help="keep it in the system's keyring")
    token.add_argument("--password-stdin", action="store_true", help="fetch it with the password on standard input")
    add.add_argument("--transport", choices=["json", "form"], metavar="T", help="json (api.php) or form (index.php)")
    add.add_argument("--sender", metavar="S", help="the sender ID to use unless another is asked for")
    add.add_argument("--senders", metavar="S,S", help="all sender IDs of the account")
    add.add_argument("--sender-max", type=_count, metavar="N", help="longest sender ID without a warning, default 8")
    add.add_argument("--region", metavar="CC", help="country of numbers without a country code, default IL")
    add.add_argument("--timezone", metavar="ZONE", help="of the gateway's date-times; learned if not given")
    add.add_argument("--footer", metavar="TEXT", help="sent below every message")
    add.add_argument("--ca-file", metavar="FILE", help="certificate of a private CA")
    add.add_argument("--allow-plain-http", action="store_true", help="http:// beyond this machine, readable by others")
    add.add_argument("--low-credit", metavar="N", help="warn below so much credit, default 50")
    add.add_argument("--no-check", action="store_true", help="store it untried")
    add.add_argument("--replace", action="store_true", help="replace the account of this name")
    add.add_argument("--use", action="store_true", help="make it the default")


# Kinds of values. Their sentences go into argparse's error as they are.


def _count(text: str) -> int:
    return _whole(text, 1, 10**9)


def _amount(text: str) -> int:
    return _whole(text, 0, 10**9)


def _port(text: str) -> int:
    return _whole(text, 0, 65_535)


def _whole(text: str, least: int, most: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"“{text}” is no whole number from {least} to {most}")
    return value


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= _FASTEST:
        raise argparse.ArgumentTypeError(f"“{text}” is no number of messages a second above 0, up to {_FASTEST}")
    return value


def _encoding(text: str) -> str:
    """Python's name of it. A mark at the beginning (BOM) belongs to no cell, so UTF-8 is taken with or without."""
    try:
        "a".encode(text)  # some of Python's codecs are none of text
        name = codecs.lookup(text).name
    except (LookupError, ValueError):
        known = "utf-8, utf-16, windows-1255, windows-1252"
        raise argparse.ArgumentTypeError(f"“{text}” is no encoding of text; usual ones are {known}") from None
    return {"utf-8": "utf-8-sig", "cp1255": "windows-1255", "cp1252": "windows-1252"}.get(name, name)


def _delimiter(text: str) -> str:
    named = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "bar": "|", "pipe": "|"}
    found = named.get(text.casefold(), text)
    if len(found) != 1 or found in '"\r\n':
        raise argparse.ArgumentTypeError(f"“{text}” is no delimiter: comma, semicolon, tab, bar or one character")
    return found


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError(f"“{text}” is no number of seconds from 0 to 86400")
    return value
