"""A filter as a tree: what a message must be, resolved as far as can be without looking at any message.

Everything is frozen and hashable, so that two filters that mean the same are equal. Times are epoch seconds; words are
folded for search (:mod:`voipe_tui.text.search_fold`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Side = Literal["from", "to", "with"]
Operator = Literal["=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Text:
    """Free words. All are in the text, each as the beginning of a word (``phrase``: one after the other, whole), or
    they are a name or a number: ``digits`` of it, and its ``key`` where it is a whole one."""

    typed: str
    words: tuple[str, ...]
    phrase: bool = False
    digits: str = ""
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """The other side: a number (``key`` whole, ``digits`` a part of one) or a name, of a contact or a sender ID."""

    side: Side
    name: str
    digits: str = ""
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Flag:
    """``unread``, ``read``, ``starred``, ``archived``, ``snoozed``, ``unanswered``, ``in``, ``out`` or ``flash``."""

    name: str


@dataclass(frozen=True, slots=True)
class Has:
    """``link``, ``number``, ``label``, ``note``, ``emoji`` or ``hebrew``."""

    what: str


@dataclass(frozen=True, slots=True)
class Label:
    """``key`` as of :func:`voipe_tui.text.labels.label_key`; not ``whole``: how the label begins."""

    key: str
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Between:
    """From ``since`` on, before ``until``."""

    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    name: str
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Sender:
    name: str
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Parts:
    operator: Operator
    count: int


@dataclass(frozen=True, slots=True)
class Not:
    node: Node


@dataclass(frozen=True, slots=True)
class And:
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    nodes: tuple[Node, ...]


Node = Text | Who | Status | Flag | Has | Label | Between | Batch | Sender | Parts | Not | And | Or


@dataclass(frozen=True, slots=True)
class Filter:
    """What was asked for; ``source`` is how it was written."""

    root: Node
    source: str = field(default="", compare=False)

    @property
    def conditions(self) -> tuple[Node, ...]:
        """What must all be true."""
        return self.root.nodes if isinstance(self.root, And) else (self.root,)

    @property
    def only_words(self) -> str | None:
        """The words, where there is nothing but words that must all be there; None for any other filter."""
        words = [node.typed for node in self.conditions if isinstance(node, Text) and not node.phrase]
        return " ".join(words) if len(words) == len(self.conditions) else None


def all_of(nodes: list[Node]) -> Node | None:
    """One node for several that must all hold; None for none."""
    flat: list[Node] = []
    for node in nodes:
        flat += node.nodes if isinstance(node, And) else (node,)
    return None if not flat else flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(nodes: list[Node]) -> Node:
    """One node for several of which one must hold; several states of a message become one set."""
    flat: list[Node] = []
    for node in nodes:
        flat += node.nodes if isinstance(node, Or) else (node,)
    states = [node for node in flat if isinstance(node, Status)]
    if len(states) > 1:
        flat = [node for node in flat if not isinstance(node, Status)]
        flat.append(Status(frozenset().union(*(state.names for state in states))))
    return flat[0] if len(flat) == 1 else Or(tuple(flat))
