"""What could be typed next in a filter, with what each would mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from voipe_tui.text.filter_words import DAYS, FIELDS, JOINERS
from voipe_tui.text.labels import label_key
from voipe_tui.text.search_fold import fold_for_search

_WORD: Final = re.compile(r'(?:[^\s()"]|"[^"]*"?)*\Z')
_MOST: Final = 12


class Completion(NamedTuple):
    """``insert`` takes the place of what stands from ``start`` to ``end``; ``said`` is what it means."""

    insert: str
    start: int
    end: int
    said: str


def _no_names(typed: str) -> Iterable[str]:
    return ()


class Known(NamedTuple):
    """What this account knows. ``names`` gives the contacts whose name has the typed letters in it."""

    names: Callable[[str], Iterable[str]] = _no_names
    labels: Sequence[str] = ()
    senders: Sequence[str] = ()
    batches: Sequence[str] = ()


def complete(text: str, cursor: int, known: Known | None = None) -> list[Completion]:
    """What the word before the cursor could become, best first, at most a dozen."""
    known = known or Known()
    cursor = min(max(cursor, 0), len(text))
    found = _WORD.search(text, 0, cursor)
    assert found is not None
    start = found.start()
    while text[start:cursor].startswith("-"):
        start += 1
    field, colon, value = text[start:cursor].partition(":")
    if not colon:
        return _fields(field, start, cursor)
    if field.casefold() not in FIELDS:
        return []
    place = start + len(field) + 1
    typed = value.strip('"')
    return [
        Completion(_quoted(word) + " ", place, cursor, said)
        for word, said in _values(field.casefold(), typed, known)
        if fold_for_search(word) != fold_for_search(typed)
    ][:_MOST]


def _fields(typed: str, start: int, end: int) -> list[Completion]:
    begun = typed.casefold()
    found = [Completion(f"{name}:", start, end, w.meaning) for name, w in FIELDS.items() if name.startswith(begun)]
    if begun:
        joiners = [(word, said) for word, said in JOINERS.items() if said and word.startswith(begun) and word != begun]
        found += [Completion(f"{word} ", start, end, said) for word, said in joiners]
    return found[: _MOST + 1]


def _values(field: str, typed: str, known: Known) -> Iterable[tuple[str, str]]:
    listed = FIELDS[field].values
    if listed is not None:
        before, comma, begun = typed.rpartition(",")
        return [(before + comma + word, said) for word, said in listed.items() if word.startswith(begun.casefold())]
    if field in ("since", "until", "on"):
        return [(day.strip('"'), said) for day, said in DAYS.items() if day.strip('"').startswith(typed.casefold())]
    if field in ("from", "to", "with"):
        return [(name, "contact") for name in known.names(typed)]
    if field == "label":
        return [(label, "label") for label in known.labels if label_key(label).startswith(label_key(typed))]
    if field == "parts":
        return [(word, said) for word, said in ((">1", "more than one part"), ("1", "one part")) if not typed]
    words = known.senders if field == "sender" else known.batches
    return [(word, FIELDS[field].meaning) for word in words if word.casefold().startswith(typed.casefold())]


def _quoted(word: str) -> str:
    return f'"{word}"' if any(ch.isspace() or ch in "()" for ch in word) else word
