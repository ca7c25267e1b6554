"""Who gets which row: one assignment over all who look for one at once, and no guess where it is open."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

S = TypeVar("S", bound=Hashable)
R = TypeVar("R", bound=Hashable)


def assign(wishes: Mapping[S, Sequence[R]], same: Callable[[S], Hashable]) -> tuple[dict[S, R], set[S]]:
    """A row for each seeker as far as that is certain, and the seekers for whom it is not.

    Seekers that share rows are settled together: when each of them gets one, or when all of them are the ``same`` (then
    it makes no difference who gets which). Otherwise nobody can say whose the rows are.
    """
    found: dict[S, R] = {}
    open_ones: set[S] = set()
    for seekers in _together(wishes):
        pairs = _pairs({seeker: wishes[seeker] for seeker in seekers})
        if len(pairs) == len(seekers) or len({same(seeker) for seeker in seekers}) == 1:
            found |= pairs
        else:
            open_ones.update(seekers)
    return found, open_ones


def _together(wishes: Mapping[S, Sequence[R]]) -> list[list[S]]:
    """The seekers in groups that have no row in common."""
    wanted: dict[R, list[S]] = {}
    for seeker, rows in wishes.items():
        for row in rows:
            wanted.setdefault(row, []).append(seeker)
    groups: list[list[S]] = []
    done: set[S] = set()
    seen: set[R] = set()
    for first, rows in wishes.items():
        if first in done or not rows:
            continue
        group, waiting = [], deque([first])
        done.add(first)
        while waiting:
            seeker = waiting.popleft()
            group.append(seeker)
            for row in wishes[seeker]:
                if row not in seen:
                    seen.add(row)
                    fresh = [each for each in wanted[row] if each not in done]
                    done.update(fresh)
                    waiting.extend(fresh)
        groups.append(group)
    return groups


def _pairs(wishes: Mapping[S, Sequence[R]]) -> dict[S, R]:
    """As many pairs as there can be, the earlier seekers first."""
    holder: dict[R, S] = {}
    hopeless: set[R] = set()  # what a search in vain went through helps no later one either
    for seeker in wishes:
        came_from: dict[R, S] = {}
        waiting, free = deque([seeker]), None
        while waiting and free is None:
            here = waiting.popleft()
            for row in wishes[here]:
                if row in came_from or row in hopeless:
                    continue
                came_from[row] = here
                if row not in holder:
                    free = row
                    break
                waiting.append(holder[row])
        if free is None:
            hopeless.update(came_from)
            continue
        held = {each: row for row, each in holder.items()} if came_from[free] != seeker else {}
        row = free
        while True:  # each on the way moves to the next row
            here = came_from[row]
            before = held.get(here)
            holder[row] = here
            if here == seeker or before is None:
                break
            row = before
    return {each: row for row, each in holder.items()}
