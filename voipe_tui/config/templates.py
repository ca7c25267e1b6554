"""Texts to begin with (``templates.toml``), written by the user; the program only ever adds a line at the end.

    [templates]
    open = "Hi {name}, we are open until {hour}."
    "thanks, he" = "תודה רבה {first}!"

Comments and order stay as they are: a new template is appended, and only if the file reads well afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from voipe_tui.config import schema
from voipe_tui.config.atomic import locked, replace_private
from voipe_tui.config.paths import Paths, ensure_private
from voipe_tui.config.toml_source import parse_toml, read_toml, shown
from voipe_tui.errors import ConfigError, InputError

FIELD: Final = re.compile(r"(?<!\{)\{\s*([^{}\s][^{}\n]{0,39})\}(?!\})")
"""A field in a template: any name in braces; double braces stand for themselves."""

SAMPLES: Final[dict[str, str]] = {
    "ready": "Hi {first}, your {what} is ready. We are open until {hour}.",
    "reminder": "Reminder: {first}, we expect you {day} at {hour}. Reply 1 to confirm.",
    "מוכן": "שלום {first}, ה{מה} שלך מוכן לאיסוף. אנחנו פתוחים עד {שעה}.",
    "thanks": "Thank you, {first}! Our number is 03-5551234.",
}
"""What a file could hold; shown in the demo."""

_HEADER: Final = b'# Texts to begin with: name = "text", with fields like {name}. Yours to edit.\n\n[templates]\n'
_LONGEST_NAME: Final = 60


def load_templates(paths: Paths) -> dict[str, str]:
    """The templates by name, in the order of the file; none where there is no file.

    Raises ConfigError that names file, line and key of everything that is wrong in it.
    """
    source = read_toml(paths.templates_file)
    return {} if source is None else _read(source)


def add_template(paths: Paths, name: str, text: str) -> None:
    """Adds one at the end of the file. Raises InputError for a name that is taken or unfit, ConfigError where the file
    has mistakes or cannot be written; it is as it was then."""
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InputError(f"A template's name is one line of at most {_LONGEST_NAME} characters.")
    if not text.strip():
        raise InputError("There is no text to keep.")
    ensure_private(paths.config)
    path = paths.templates_file
    try:
        with locked(path):
            before = path.read_bytes() if path.exists() else b""
            templates = _read(parse_toml(path, before)) if before else {}
            if name in templates:
                raise InputError(f"There is a template “{name}” already.", hint="Take another name.")
            after = _appended(before, name, text)
            if _read(parse_toml(path, after)) != {**templates, name: text}:
                raise ConfigError(f"{shown(str(path))} cannot be added to as it stands.", hint="Add it by hand.")
            replace_private(path, after)
    except OSError as error:
        raise ConfigError(f"{shown(str(path))} cannot be written: {error.strerror}. Nothing was changed.") from error


def fields_of(text: str) -> list[str]:
    """The fields of a template, each once."""
    return list(dict.fromkeys(match.strip() for match in FIELD.findall(text)))


def _appended(before: bytes, name: str, text: str) -> bytes:
    import tomli_w

    stem = before if before.strip() else _HEADER
    if not re.search(rb"^\s*\[\s*templates\s*\]", stem, re.MULTILINE):
        stem = stem.rstrip(b"\n") + b"\n\n[templates]\n"
    return stem.rstrip(b"\n") + b"\n" + tomli_w.dumps({name: text}).encode()


def _read(source: Any) -> dict[str, str]:
    problems = schema.Problems(source)
    values = schema.read_table(problems, (), source.data, {"templates": _templates})
    problems.raise_if_any(hint='A template is a line like: thanks = "Thank you, {name}!"')
    found: dict[str, str] = values.get("templates", {})
    return found


def _templates(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise schema.Unfit("must be a table of names and texts.")
    for name, text in value.items():
        if not isinstance(text, str) or not text.strip():
            raise schema.Unfit(f"needs a text in quotes for “{shown(name)}”.", name)
    return dict(value)
