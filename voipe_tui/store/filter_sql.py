"""A filter as a condition of SQL on ``message m``. Every value is bound; which index is walked is decided in
:mod:`voipe_tui.store.filter_pages`."""

from __future__ import annotations

from typing import Any

from voipe_tui.store.rows import labels_of
from voipe_tui.text.filter_tree import (
    And,
    Batch,
    Between,
    Filter,
    Flag,
    Has,
    Label,
    Node,
    Not,
    Or,
    Parts,
    Sender,
    Status,
    Text,
    Who,
)
from voipe_tui.text.labels import label_key

Clause = tuple[str, list[Any]]

LAST = "\U0010ffff"
"""Sorts after everything: the end of a range of beginnings."""

_FLAGS = {
    "unread": "(m.direction = 'in' AND m.read = 0)",
    "read": "(m.direction = 'in' AND m.read = 1)",
    "starred": "m.starred = 1",
    "archived": "(m.archived = 1 AND m.snoozed_until IS NULL)",
    "snoozed": "m.snoozed_until IS NOT NULL",
    "unanswered": (
        "(m.direction = 'in' AND EXISTS (SELECT 1 FROM conversation v WHERE v.key = m.key "
        "AND m.sort_at > v.last_out_at))"
    ),
    "in": "m.direction = 'in'",
    "out": "m.direction = 'out'",
    "flash": "EXISTS (SELECT 1 FROM intent i WHERE i.id = m.intent_id AND i.flash = 1)",
}
_HAS = {
    "link": (
        "(m.text LIKE '%://%' OR m.text LIKE '%www.%' "
        "OR (m.text LIKE '%/%' AND m.text GLOB '*[A-Za-z0-9].[a-z][a-z]*/[A-Za-z0-9]*'))"
    ),
    "number": "m.text GLOB '*[0-9]*'",
    "label": "m.labels <> ''",
    "note": "ifnull(m.note, '') <> ''",
    "emoji": "m.text GLOB '*[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55\U0001f1e6-\U0001f1ff]*'",
    "hebrew": "m.text GLOB '*[\u05d0-\u05ea]*'",
}
HIDDEN_FLAGS = frozenset({"archived", "snoozed"})
"""Who asks for these wants to see the archive too."""


def where(wanted: Filter) -> tuple[list[str], list[Any]]:
    """What every message shown must fulfil: clauses to be joined by AND, and their values in order."""
    clauses: list[str] = []
    parameters: list[Any] = []
    for node in wanted.conditions:
        clause, values = condition(node)
        clauses.append(clause)
        parameters += values
    return clauses, parameters


def condition(node: Node) -> Clause:
    """One node as an expression that is never NULL where it is negated."""
    if isinstance(node, (And, Or)):
        parts = [condition(each) for each in node.nodes]
        joiner = " AND " if isinstance(node, And) else " OR "
        return f"({joiner.join(clause for clause, _ in parts)})", [v for _, values in parts for v in values]
    if isinstance(node, Not):
        clause, values = condition(node.node)
        return f"({clause}) IS NOT TRUE", values
    if isinstance(node, Text):
        return _text(node)
    if isinstance(node, Who):
        return _who(node)
    return _plain(node)


def _plain(node: Status | Flag | Has | Label | Between | Batch | Sender | Parts) -> Clause:
    if isinstance(node, Status):
        return f"m.status IN ({','.join('?' * len(node.names))})", sorted(node.names)
    if isinstance(node, Flag):
        return _FLAGS[node.name], []
    if isinstance(node, Has):
        return _HAS[node.what], []
    if isinstance(node, Label):
        return "(m.labels <> '' AND has_label(m.labels, ?, ?))", [node.key, int(node.whole)]
    if isinstance(node, Between):
        return _between(node)
    if isinstance(node, Sender):
        return "m.sender LIKE ? ESCAPE '\\'", [like(node.name) + ("" if node.whole else "%")]
    if isinstance(node, Batch):
        return _batch(node)
    return f"m.parts {node.operator} ?", [node.count]


def _between(node: Between) -> Clause:
    clauses: list[str] = []
    values: list[Any] = []
    if node.since is not None:
        clauses.append("m.sort_at >= ?")
        values.append(node.since)
    if node.until is not None:
        clauses.append("m.sort_at < ?")
        values.append(node.until)
    return f"({' AND '.join(clauses)})", values


def _batch(node: Batch) -> Clause:
    """By its name, or by what a person calls it (a file's name)."""
    pattern = like(node.name) + ("" if node.whole else "%")
    return (
        "(m.batch LIKE ? ESCAPE '\\' OR m.batch IN (SELECT 'bulk-' || id FROM bulk WHERE label LIKE ? ESCAPE '\\'))",
        [pattern, pattern],
    )


def _who(node: Who) -> Clause:
    side = {"from": "m.direction = 'in' AND ", "to": "m.direction = 'out' AND ", "with": ""}[node.side]
    clause, values = of_number(node.key, node.digits) if node.digits else of_name(node.name)
    return f"({side}{clause})", values


def of_number(key: str | None, digits: str) -> Clause:
    """A whole number by its key, else some digits of one, with or without the zero that it is dialled with."""
    if key is not None:
        return "m.key = ?", [key]
    return "m.key LIKE ?", [f"%{digits.removeprefix('00').removeprefix('0')}%"]


def of_name(folded: str) -> Clause:
    """A contact by the beginning of any word of the name; a sender that is no number by what is in it."""
    return (
        "(m.key IN (SELECT key FROM contact_word WHERE word >= ? AND word < ?) OR m.key LIKE ? ESCAPE '\\')",
        [folded, folded + LAST, f"%{like(folded)}%"],
    )


def _text(node: Text) -> Clause:
    return "text_is(m.text, m.key, ?)", [typed_text(node)]


def typed_text(node: Text) -> str:
    """As the search reads it: a phrase in quotes."""
    return f'"{node.typed}"' if node.phrase else node.typed


def like(text: str) -> str:
    """``text`` as itself in a pattern of LIKE with ESCAPE '\\'."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def has_label(joined: str, key: str, whole: int) -> bool:
    """For SQL: whether one of a row's labels is the one, or begins so."""
    keys = map(label_key, labels_of(joined))
    return key in keys if whole else any(each.startswith(key) for each in keys)


def shows_archive(wanted: Filter) -> bool:
    """Whether the filter itself speaks of the archive: then what is archived is looked at too."""
    return _speaks_of(wanted.root, HIDDEN_FLAGS)


def _speaks_of(node: Node, flags: frozenset[str]) -> bool:
    if isinstance(node, Flag):
        return node.name in flags
    if isinstance(node, Not):
        return _speaks_of(node.node, flags)
    return isinstance(node, (And, Or)) and any(_speaks_of(each, flags) for each in node.nodes)


def texts_of(node: Node) -> list[str]:
    """Everything that is searched for in texts, wherever it stands in the filter."""
    if isinstance(node, Text):
        return [typed_text(node)]
    if isinstance(node, Not):
        return texts_of(node.node)
    return [text for each in node.nodes for text in texts_of(each)] if isinstance(node, (And, Or)) else []


def goes_through_texts(node: Node) -> bool:
    """Whether every row's text must be gone through, which takes several times as long."""
    if isinstance(node, Not):
        return goes_through_texts(node.node)
    if isinstance(node, (And, Or)):
        return any(map(goes_through_texts, node.nodes))
    return isinstance(node, Text) or (isinstance(node, Has) and node.what not in ("label", "note"))
