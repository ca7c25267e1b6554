"""A CSV file and a text on their way to become a batch: opened, checked whole, shown or put into the store."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from voipe_tui.cli.bulk_order import Order
from voipe_tui.cli.context import Context
from voipe_tui.cli.opted_out import LeftOut, left_out
from voipe_tui.cli.order import checked_sender, checked_text, size_of
from voipe_tui.cli.world import is_terminal
from voipe_tui.config.profiles import Profile
from voipe_tui.errors import ExitCode, InputError
from voipe_tui.text.fingerprint import Fingerprint
from voipe_tui.text.mailing import MOST_NAMED, Entry, Findings, Mailing
from voipe_tui.text.numbers import delivery_warning
from voipe_tui.text.quiet import Woken, parse_quiet
from voipe_tui.text.sheet import Sheet, described
from voipe_tui.text.untrusted import safe_line

_SHOWN = 3
_TICK_ROWS = 2_000
_USUAL_PARTS = 3
_COPY_BYTES = 1 << 20


@dataclass(slots=True)
class Check:
    """What reading the whole file came to. ``by_parts``: how many messages have so many parts."""

    findings: Findings
    fingerprint: Fingerprint
    by_parts: Counter[int] = field(default_factory=Counter)
    first: list[Entry] = field(default_factory=list)
    unlikely: list[int] = field(default_factory=list)
    """The rows of numbers that may get nothing: landlines, service numbers, unknown prefixes."""
    woken: Woken | None = None
    """Whose clocks say now what the profile calls quiet hours; None without such hours."""

    @property
    def total_parts(self) -> int:
        return sum(parts * count for parts, count in self.by_parts.items())


def send_file(context: Context, profile: Profile) -> int:
    """``bulk FILE``: checks everything, then sends it, or shows what would be sent."""
    options = context.options
    if options.message is None:
        raise InputError("There is no text. Nothing was sent.", hint="Give it with --message “Hi {name}”.")
    message = checked_text(options.message)
    sender = profile.sender if options.sender is None else options.sender
    warnings = checked_sender(sender, profile)
    with ExitStack() as open_files:
        stream, label = _open(context, open_files)
        sheet = Sheet(
            stream,
            label,
            profile.region,
            encoding=options.encoding,
            delimiter=options.delimiter,
            header=options.header,
        )
        mailing = Mailing(sheet, message, to_column=options.to_column, region=profile.region)
        out = left_out(context, profile)
        check = _check(context, mailing, profile, out, sender)
        if options.dry_run:
            return _show(context, mailing, check)
        _require_good(mailing, check.findings)
        context.console.say(_read_as(mailing))
        _say_notes(context, check, warnings)
        from voipe_tui.cli.bulk_run import send

        order = Order(mailing, label, sender, check.findings, out.listed, message, str(check.fingerprint))
        return send(context, profile, order)


def _open(context: Context, open_files: ExitStack) -> tuple[BinaryIO, str]:
    """The file and its name. Standard input is read twice, too: it goes to a nameless file first."""
    name = context.options.file
    if name != "-":
        path = Path(name)
        try:
            if path.is_file():
                return open_files.enter_context(path.open("rb")), path.name
            if path.is_dir():
                raise InputError(f"{safe_line(name)} is a folder, not a file. Nothing was sent.")
            return _spooled(open_files.enter_context(path.open("rb")), open_files), path.name  # a pipe
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise InputError(f"{safe_line(name)} cannot be read: {why}. Nothing was sent.") from None
    stream = context.world.stdin
    if stream is None or is_terminal(stream):
        raise InputError("Standard input has no table. Nothing was sent.", hint="Pipe it in: … | voipe-tui bulk -")
    return _spooled(stream.buffer, open_files), "standard input"


def _spooled(source: BinaryIO, open_files: ExitStack) -> BinaryIO:
    copy: BinaryIO = open_files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the caller's stack closes it
    while chunk := source.read(_COPY_BYTES):
        copy.write(chunk)
    return copy


# Checking


def _check(context: Context, mailing: Mailing, profile: Profile, out: LeftOut, sender: str) -> Check:
    quiet = parse_quiet(profile.quiet_hours)
    woken = Woken(context.now(), quiet) if quiet is not None else None
    check = Check(Findings(), Fingerprint(sender), woken=woken)
    for entry in mailing.entries(check.findings, out.listed, out.asking):
        check.fingerprint.add(entry.number, entry.text)
        if check.woken is not None:
            check.woken.add(entry.number, entry.number)
        if delivery_warning(entry.number):
            check.unlikely.append(entry.row)
        check.by_parts[size_of(entry.text, profile.footer).parts] += 1
        if len(check.first) < _SHOWN:
            check.first.append(entry)
        if check.findings.recipients % _TICK_ROWS == 0:
            context.console.progress(f"checking {check.findings.recipients:,} …")
    return check


def _problem_lines(findings: Findings) -> list[str]:
    lines = [str(problem) for problem in findings.problems]
    if findings.problem_count > MOST_NAMED:
        lines.append(f"… and {findings.problem_count - MOST_NAMED:,} more.")
    return lines


def _require_good(mailing: Mailing, findings: Findings) -> None:
    name = safe_line(mailing.sheet.name)
    if findings.problem_count:
        count = "one problem" if findings.problem_count == 1 else f"{findings.problem_count:,} problems"
        raise InputError(
            "\n".join([f"{name} has {count}. Nothing was sent.", *_problem_lines(findings)]),
            hint="Mend the rows, or take them out, and try again.",
        )
    if not findings.recipients:
        all_out = findings.opted_out and "has nobody in it who may be written to: all have opted out"
        raise InputError(f"{name} {all_out or 'has no rows below its header'}. Nothing was sent.")


def _notes(check: Check) -> list[str]:
    notes = []
    findings = check.findings
    if findings.repeated_count:
        rows = ", ".join(str(row) for row, _ in findings.repeated)
        more = ", …" if findings.repeated_count > len(findings.repeated) else ""
        note = f"a number that is repeated gets one message; repeated in row {rows}{more}"
        if findings.differing:
            note += f"; {findings.differing:,} of these rows had another text, the first one counts"
        notes.append(f"{note}.")
    if findings.opted_out:
        rows = ", ".join(map(str, findings.opted_out_rows))
        more = ", …" if findings.opted_out > len(findings.opted_out_rows) else ""
        notes.append(f"on the opt-out list, and left out: {findings.opted_out:,}, in row {rows}{more}.")
    if findings.empty:
        notes.append(f"empty rows, passed over: {findings.empty:,}.")
    if check.unlikely:
        rows = ", ".join(f"{row}" for row in check.unlikely[:MOST_NAMED])
        more = ", …" if len(check.unlikely) > MOST_NAMED else ""
        what = "landlines, service numbers or unknown prefixes, which may get nothing"
        notes.append(f"{what}: {len(check.unlikely):,}, in row {rows}{more}.")
    if findings.asking:
        asking = f"{findings.asking:,}; see Opt-outs in the app"
        notes.append(f"wrote that they want no more messages, and nobody has decided: {asking}.")
    if check.woken is not None and (said := check.woken.said("now")):
        notes.append(said)
    long = sum(count for parts, count in check.by_parts.items() if parts > _USUAL_PARTS)
    if long:
        notes.append(
            f"messages of more than {_USUAL_PARTS} parts: {long:,}; most gateways cut what is longer without a word."
        )
    return notes


def _say_notes(context: Context, check: Check, warnings: tuple[str, ...]) -> None:
    for note in (*_notes(check), *warnings):
        context.console.say(f"note: {note}")


# --dry-run


def _show(context: Context, mailing: Mailing, check: Check) -> int:
    """Counts, parts, the first messages and every problem; stores nothing."""
    findings = check.findings
    code = ExitCode.USAGE if findings.problem_count or not findings.recipients else ExitCode.DONE
    sheet = mailing.sheet
    if context.as_json:
        context.console.out_object(
            {
                "file": sheet.name,
                "encoding": sheet.encoding,
                "delimiter": sheet.delimiter,
                "has_header": sheet.has_header,
                "columns": list(sheet.columns),
                "phone_column": mailing.phone_column,
                "recipients": findings.recipients,
                "repeated": findings.repeated_count,
                "opted_out": findings.opted_out,
                "parts": {str(parts): count for parts, count in sorted(check.by_parts.items())},
                "total_parts": check.total_parts,
                "first": [{"row": each.row, "number": each.number, "text": each.text} for each in check.first],
                "problems": [{"row": p.row, "column": p.column, "problem": p.what} for p in findings.problems],
                "problem_count": findings.problem_count,
                "notes": _notes(check),
            }
        )
        return code
    out = context.console.out
    out(_read_as(mailing))
    who = "1 recipient" if findings.recipients == 1 else f"{findings.recipients:,} recipients"
    size = "1 part" if check.total_parts == 1 else f"{check.total_parts:,} parts"
    out(f"{who}, {size}{_by_parts(check)}")
    for note in _notes(check):
        out(f"note: {note}")
    for entry in check.first:
        out(f"  row {entry.row}  {entry.number}  {safe_line(entry.text)}")
    if findings.problem_count:
        out(f"problems: {findings.problem_count:,}")
        for line in _problem_lines(findings):
            out(f"  {line}")
    out("Nothing was sent.")
    return code


def _read_as(mailing: Mailing) -> str:
    """What was found in the file, or said about it; what is wrong of it can be said with an option each."""
    sheet = mailing.sheet
    how = described(sheet.encoding, sheet.delimiter, sheet.has_header, sheet.columns)
    return f"{safe_line(sheet.name)}: {how}, numbers in “{safe_line(mailing.phone_column)}”"


def _by_parts(check: Check) -> str:
    listed = [f"{count:,} × {parts}" for parts, count in sorted(check.by_parts.items())]
    return f" ({', '.join(listed)})" if listed else ""
