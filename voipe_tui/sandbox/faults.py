"""Faults to switch on: what goes wrong between a client and a gateway, by name, operation and number of times.

Written as ``NAME[=VALUE][:OPERATION][:TIMES]``: ``lost-after:pv:1`` loses the answer of the next message that is sent,
``slow=3:ds`` delays every ``ds`` by 3 s, ``no-query`` is a server without that operation.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from voipe_tui.errors import InputError

When = Literal["connection", "before", "after", "state"]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault by name: when it strikes, what it does, and whether it takes a value (then with its default)."""

    name: str
    when: When
    explanation: str
    default: float | None = None


_KINDS = [
    FaultKind("down", "connection", "connections are refused"),
    FaultKind("lost-before", "before", "the connection breaks before the request is taken"),
    FaultKind("http500", "before", "HTTP 500 with an empty body, nothing done"),
    FaultKind("empty", "before", "HTTP 200 with an empty body, nothing done"),
    FaultKind("html", "before", "an HTML page of a proxy (HTTP 502), nothing done"),
    FaultKind("redirect", "before", "a redirect to another address, nothing done"),
    FaultKind("wrong-token", "before", "ERR 100, as with a wrong token"),
    FaultKind("lost-after", "after", "the request is carried out, the connection breaks before the answer"),
    FaultKind("http500-after", "after", "the request is carried out, then HTTP 500 with an empty body"),
    FaultKind("empty-after", "after", "the request is carried out, the answer is empty"),
    FaultKind("html-after", "after", "the request is carried out, a proxy answers HTML (HTTP 502)"),
    FaultKind("broken-json", "after", "the request is carried out, the answer is cut in half"),
    FaultKind("no-timestamp", "after", "the answer has no timestamp, as in the provider's examples (trap 3)"),
    FaultKind("slow", "after", "the request is carried out, the answer comes so many seconds later", 10.0),
    FaultKind("page-limit", "state", "a listing of more rows answers HTTP 500 (trap 17)", 1000.0),
    FaultKind("ids-restart", "state", "the server's database is reset: empty lists, IDs from 1 (trap 25)"),
    FaultKind("no-credit", "state", "the accounts' credit is gone"),
    FaultKind(
        "block-after", "state", "so many failed logins block the address, even with the right token (trap 30)", 5.0
    ),
    FaultKind("stuck-queue", "state", "the server's daemons stand still, so nothing new shows in ds"),
]
KINDS = {kind.name: kind for kind in _KINDS}
WITHOUT_OPERATION = "no-"
"""``no-OPERATION``: the server does not know it and answers HTTP 200 with an empty body (``op.unknown``)."""

_GROUPS = {"contacts": ("get_contact", "get_contact_group")}


@dataclass(slots=True)
class Fault:
    """One fault that is on. ``operation`` None: any; ``left`` None: until it is switched off."""

    kind: FaultKind
    value: float | None = None
    operation: str | None = None
    left: int | None = None

    def __str__(self) -> str:
        value = "" if self.value is None else f"={self.value:g}"
        operation = f":{self.operation}" if self.operation else ""
        return f"{self.kind.name}{value}{operation}" + ("" if self.left is None else f":{self.left}")


def fault_names(operations: Iterable[str]) -> list[str]:
    """Every name that ``parse_fault`` knows."""
    missing = sorted({*_GROUPS, *operations})
    return [kind.name for kind in _KINDS] + [WITHOUT_OPERATION + name for name in missing]


def parse_fault(text: str, operations: Iterable[str]) -> Fault:
    """Reads ``NAME[=VALUE][:OPERATION][:TIMES]``; InputError with the nearest match for what it does not know."""
    known = list(operations)
    head, *rest = (part.strip() for part in text.strip().split(":"))
    name, equals, value = head.partition("=")
    kind = _kind(name, known)
    fault = Fault(kind, kind.default)
    if equals:
        fault.value = _value(kind, value, text)
    if rest and not rest[0].isdigit():
        fault.operation = _operation(rest.pop(0), known)
    if rest:
        times = rest.pop(0)
        if not times.isdigit() or times == "0" or rest:
            raise InputError(
                f"The fault {text!r} does not end in a number of times.",
                hint="Write NAME, NAME:OPERATION, NAME:TIMES or NAME:OPERATION:TIMES, for example lost-after:pv:2.",
            )
        fault.left = int(times)
    return fault


def _kind(name: str, operations: list[str]) -> FaultKind:
    if name in KINDS:
        return KINDS[name]
    if name in fault_names(operations):
        missing = name.removeprefix(WITHOUT_OPERATION)
        return FaultKind(name, "before", f"the server does not know {missing}")
    raise InputError(f"There is no fault called {name!r}.", hint=_nearest(name, fault_names(operations)))


def _value(kind: FaultKind, value: str, text: str) -> float:
    if kind.default is None:
        raise InputError(f"The fault {kind.name} takes no value, but {text!r} gives one.", hint=f"Write {kind.name}.")
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise InputError(
            f"{value!r} is no number for the fault {kind.name}.", hint=f"Write {kind.name}={kind.default:g}."
        )
    return number


def _operation(name: str, operations: list[str]) -> str:
    if name in operations:
        return name
    raise InputError(f"There is no operation called {name!r}.", hint=_nearest(name, operations))


def _nearest(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    listed = ", ".join(names)
    return (f"Did you mean {near[0]}? " if near else "") + f"Known: {listed}."


class Faults:
    """The faults that are on, in the order in which they were switched on."""

    def __init__(self, operations: Iterable[str]) -> None:
        self._operations = list(operations)
        self._on: list[Fault] = []
        self._listeners: list[Callable[[], None]] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._on))

    def on(self, *texts: str) -> None:
        """Switches faults on, each as ``parse_fault`` reads it."""
        for text in texts:
            self._on.append(parse_fault(text, self._operations))
        self._changed()

    def off(self, name: str) -> None:
        """Switches every fault of that name off."""
        self._on = [fault for fault in self._on if fault.kind.name != name]
        self._changed()

    def clear(self) -> None:
        """Switches everything off."""
        self._on.clear()
        self._changed()

    def active(self, name: str) -> bool:
        """Whether such a fault is on, for any operation."""
        return any(fault.kind.name == name for fault in self._on)

    def take(self, when: When, operation: str) -> Fault | None:
        """The first fault that strikes this request at that point; one of its times is used up."""
        for fault in self._on:
            if fault.kind.when == when and fault.operation in (None, operation) and self._meant(fault, operation):
                self._use(fault)
                return fault
        return None

    @staticmethod
    def _meant(fault: Fault, operation: str) -> bool:
        name = fault.kind.name
        if name in KINDS:
            return True
        missing = name.removeprefix(WITHOUT_OPERATION)
        return operation in _GROUPS.get(missing, (missing,))

    def take_states(self, operation: str) -> list[Fault]:
        """Every fault that changes the gateway itself for this request."""
        found = [f for f in self._on if f.kind.when == "state" and f.operation in (None, operation)]
        for fault in found:
            self._use(fault)
        return found

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Tells ``listener`` of every change, for a server that has to stop listening while it is down."""
        self._listeners.append(listener)

    def _use(self, fault: Fault) -> None:
        if fault.left is not None:
            fault.left -= 1
            if not fault.left:
                self._on.remove(fault)
                self._changed()

    def _changed(self) -> None:
        for listener in self._listeners:
            listener()
