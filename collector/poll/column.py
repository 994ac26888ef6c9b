"""The walk over one column of a table: what was read, where to go on, and when it has ended."""

from collections.abc import Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from collector.drivers.protocol import Varbind
from core.contract.ber import BerError, decode_arcs, encode_oid
from core.contract.printer_mib import COLUMN_OID, MAX_TABLE_ROWS
from core.contract.vendor_objects import VENDOR_COLUMN_OID

ALERTS: Final = "alerts"
WHOLE_ROW_TABLES: Final = frozenset({ALERTS})
"""Tables that change while they are read: all columns of a row are asked for in the same request."""
FEW_ROWS: Final = 64
"""Rows of such a table that are read whole before it is known to have more."""
TOO_MANY_ROWS: Final = MAX_TABLE_ROWS + 1
"""Expected of such a table where it is too long to be read whole."""

FIRST_EXCEPTION_TAG: Final = 0x80
"""From this one on a tag says that there is no such object (RFC 3416, section 3)."""
_OID: Final = {**COLUMN_OID, **VENDOR_COLUMN_OID}


class ColumnProgress(Enum):
    """Progress of the walk over a column."""

    OPEN = "open"
    ENDED = "ended"
    """The agent answered that there is no more."""
    CUT = "cut"
    """There may be more, but it cannot be had: too many rows, or a walk in circles."""
    FAILED = "failed"
    """Not answered, or with an error."""


class ColumnStep(NamedTuple):
    """Effect of one answer on a column."""

    accepted: int
    progress: ColumnProgress
    astray: bool = False
    """An object that cannot follow the one asked for."""


_NO_MORE: Final = ColumnStep(0, ColumnProgress.ENDED)


class ColumnSpec(NamedTuple):
    """Definition of a column: one of a table, or one object of it (`single`: the one after `after`)."""

    table: str
    name: str
    prefix: bytes
    after: bytes
    expected: int
    single: bool
    most: int = MAX_TABLE_ROWS
    """With more rows it is cut off there."""
    unit: int = 0
    """Columns of one table and unit are asked for in the same request, if it is one of WHOLE_ROW_TABLES."""


@lru_cache(maxsize=1024)
def spec(
    table: str, name: str, expected: int, *, single: bool = False, after: int | None = None
) -> ColumnSpec:
    """Return the column of that MIB name with the rows it is expected to have."""
    prefix = encode_oid(_OID[name])
    cursor = prefix if after is None else encode_oid(f"{_OID[name]}.{after}")
    return ColumnSpec(table, name, prefix, cursor, expected, single)


class MibColumn:
    """The walk over one column."""

    __slots__ = (
        "after",
        "answers",
        "cells",
        "errors",
        "expected",
        "most",
        "name",
        "prefix",
        "progress",
        "refused",
        "single",
        "table",
        "unit",
    )

    def __init__(self, what: ColumnSpec) -> None:
        (
            self.table,
            self.name,
            self.prefix,
            self.after,
            self.expected,
            self.single,
            self.most,
            self.unit,
        ) = what
        self.cells: list[Varbind] = []
        self.answers: list[int] = []
        """For each cell the number of the answer that brought it."""
        self.progress = ColumnProgress.OPEN
        self.errors = 0
        self.refused = False
        """Nothing but errors came of it, even when it was asked for alone."""

    @property
    def as_expected(self) -> bool:
        """Whether it has ended with the rows it was expected to have."""
        return len(self.cells) == self.expected and self.progress is ColumnProgress.ENDED

    @property
    def rows_to_expect(self) -> int:
        """How many rows to expect the next time: those that were read, or too many to be read."""
        is_cut = self.progress is ColumnProgress.CUT and self.table in WHOLE_ROW_TABLES
        return TOO_MANY_ROWS if is_cut else len(self.cells)

    def repetitions(self) -> int:
        """Return how many objects to ask for: the rows still expected and the one that proves the end."""
        if self.single:
            return 1
        missing = self.expected - len(self.cells)
        return missing + 1 if missing >= 0 else max(2, len(self.cells))

    def judge(self, varbinds: Sequence[Varbind]) -> ColumnStep:
        """Return what these objects, one after the other, would bring; nothing is changed."""
        prefix, last = self.prefix, self.after
        room = 1 if self.single else self.most - len(self.cells)
        accepted = 0
        last_plain = last.isascii()
        for oid, tag, _ in varbinds:
            if tag >= FIRST_EXCEPTION_TAG:
                return ColumnStep(accepted, ColumnProgress.ENDED)
            if not oid.startswith(prefix):
                behind = _precedes(oid, prefix)
                return ColumnStep(accepted, ColumnProgress.ENDED, behind) if accepted or behind else _NO_MORE
            plain = oid.isascii()  # every arc has one octet
            if not (oid > last if plain and last_plain else _follows(oid, last)):
                return ColumnStep(accepted, ColumnProgress.CUT, astray=True)
            last, last_plain = oid, plain
            accepted += 1
            if accepted >= room:
                return ColumnStep(accepted, ColumnProgress.ENDED if self.single else ColumnProgress.CUT)
        return ColumnStep(accepted, ColumnProgress.OPEN)

    def take(self, varbinds: Sequence[Varbind], step: ColumnStep, answer: int) -> None:
        """Keep what `judge` has accepted."""
        if step.accepted:
            self.cells += varbinds[: step.accepted]
            self.answers += [answer] * step.accepted
            self.after = self.cells[-1].oid
            self.errors = 0
        self.progress = step.progress


def cells_of(columns: Iterable[MibColumn], name: str) -> list[Varbind]:
    """Return the objects of the columns of that MIB name: a table's column may be asked for in parts."""
    return [cell for column in columns if column.name == name for cell in column.cells]


def _precedes(oid: bytes, prefix: bytes) -> bool:
    """Return whether an identifier is before a column; octets compare as arcs of one octet do."""
    return oid < prefix if prefix.isascii() else _follows(prefix, oid)


def _follows(oid: bytes, last: bytes) -> bool:
    """Return whether an identifier is after another; octets compare as arcs of one octet do."""
    try:
        return decode_arcs(oid) > decode_arcs(last)
    except BerError:
        return False
