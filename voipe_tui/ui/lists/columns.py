"""Which columns a list can show, and how wide each is on a screen of a given width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class Column:
    """A column: its name, what it shows, and its cells (with the space that follows) on a narrow, a normal and a wide
    screen."""

    __slots__ = ("id", "narrow", "normal", "title", "wide")

    def __init__(self, id: str, title: str, narrow: int, normal: int, wide: int) -> None:
        self.id = id
        self.title = title
        self.narrow = narrow
        self.normal = normal
        self.wide = wide


FLAGS, TEXT = "flags", "text"

COLUMNS: tuple[Column, ...] = (
    Column("status", "status", 2, 12, 12),
    Column("time", "time", 7, 11, 11),
    Column("who", "name or number", 14, 17, 22),
    Column(TEXT, "text", 0, 0, 0),
    Column("number", "number", 14, 15, 16),
    Column("sender", "sender ID", 9, 12, 13),
    Column("labels", "labels", 8, 13, 17),
    Column("parts", "parts", 4, 4, 4),
    Column("batch", "batch", 8, 13, 17),
)
BY_ID: dict[str, Column] = {column.id: column for column in COLUMNS}

_FLAGS_WIDTH, _FLAGS_NARROW = 3, 2
_LEAST_TEXT = 14
"""A text is worth showing from so many cells on; columns at the right end make room for it."""

_NARROW, _WIDE = 60, 100


class Columns:
    """What stands in a row from left to right: (id, cells). The flags come first: marks must be seen."""

    __slots__ = ("widths",)

    def __init__(self, widths: tuple[tuple[str, int], ...]) -> None:
        self.widths = widths

    def width(self, column: str) -> int:
        """Cells of a column; 0 where it is not shown."""
        return dict(self.widths).get(column, 0)

    def start(self, column: str) -> int:
        """The cell that a column begins in."""
        names = [name for name, _ in self.widths]
        return sum(width for _, width in self.widths[: names.index(column)])


def default_columns(*, with_status: bool) -> tuple[str, ...]:
    """What a list shows until somebody chooses."""
    return ("status", "time", "who", TEXT) if with_status else ("time", "who", TEXT)


def columns_for(width: int, *, with_status: bool, chosen: Sequence[str] = ()) -> Columns:
    """The columns for a list of that width: usable from 30 cells on, comfortable from 60.

    ``chosen``: ids in the wished order, none for the default. The text takes what is left (without it the last
    column does); where that is too little, columns at the right end are left out.
    """
    names = [name for name in chosen if name in BY_ID] or list(default_columns(with_status=with_status))
    flags = _FLAGS_NARROW if width < _NARROW else _FLAGS_WIDTH
    stretched = TEXT if TEXT in names else names[-1]
    while (rest := width - flags - _sum(names, width, but=stretched)) < _LEAST_TEXT:
        extra = [name for name in names if name not in (stretched, "who", "time", "status")]
        extra = extra or [name for name in names if name != stretched and width < _NARROW // 2]
        if not extra:
            break
        names.remove(extra[-1])
    widths = [(name, max(rest, 0) if name == stretched else _cells(name, width)) for name in names]
    return Columns(((FLAGS, flags), *widths))


def _sum(names: Iterable[str], width: int, *, but: str) -> int:
    return sum(_cells(name, width) for name in names if name != but)


def _cells(name: str, width: int) -> int:
    column = BY_ID[name]
    if width < _NARROW:
        return min(column.narrow, max(width // 4, 6))
    return column.normal if width < _WIDE else column.wide
