"""Results of a poll: varbinds as messages carry them, and how complete each table is."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from collector.drivers.protocol import Varbind
from collector.poll.capabilities import Capabilities
from collector.poll.column import ColumnProgress, MibColumn
from core.contract.ber import INTEGER, NULL, OBJECT_IDENTIFIER, UNSIGNED_TAGS, BerError, decode_oid
from core.contract.messages import AlertRows, TableStatus, VarbindValue
from core.contract.printer_mib import POLL_TABLES

_MAX_STRING_OCTETS: Final = 1024  # a DisplayString has 255 at most; the rest of a longer one is dropped
_MAX_INTEGER_OCTETS: Final = 9
_MAX_TEXT: Final = 180_000
"""Characters of all varbinds: a reading must stay below MAX_READING_BYTES (256 KiB)."""
_CELL_OVERHEAD: Final = 16
_OFTEN_SEEN: Final = 64  # octets


@dataclass(frozen=True, slots=True)
class PollResult:
    """Answers of one printer."""

    reachable: bool
    error: str | None = None
    """One sentence on what went wrong; also where the printer answered only in part."""
    varbinds: Mapping[str, VarbindValue] = field(default_factory=dict)
    tables: Mapping[str, TableStatus] = field(default_factory=dict)
    capabilities: Capabilities = field(default_factory=Capabilities)
    alert_rows: AlertRows | None = None
    """Only where the alert table was too long to be read whole."""


def unanswered(error: str, capabilities: Capabilities) -> PollResult:
    """Return the result of a poll that nothing came of."""
    failed: dict[str, TableStatus] = dict.fromkeys(POLL_TABLES, "failed")
    return PollResult(False, error, {}, failed, capabilities)


def varbinds_and_tables(
    columns: Sequence[MibColumn], mixed: Set[str]
) -> tuple[dict[str, VarbindValue], dict[str, TableStatus]]:
    """Return everything read, table by table; `mixed` names tables of which rows had to be dropped."""
    varbinds: dict[str, VarbindValue] = {}
    unfinished = set(mixed)
    left = _MAX_TEXT
    for column in columns:
        if column.cells:
            left, fits = _add(column.cells, varbinds, left)
            if not fits:
                unfinished.add(column.table)
    return varbinds, _tables(columns, unfinished)


def varbinds_of(cells: Iterable[Varbind]) -> dict[str, VarbindValue] | None:
    """Return the objects as messages carry them; None where one cannot be read, or they are too much."""
    varbinds: dict[str, VarbindValue] = {}
    _, fits = _add(cells, varbinds, _MAX_TEXT)
    return varbinds if fits else None


def with_vendor(
    varbinds: dict[str, VarbindValue], tables: Mapping[str, TableStatus], vendor: Sequence[MibColumn]
) -> tuple[dict[str, VarbindValue], Mapping[str, TableStatus]]:
    """Return them and the status of each table with what was read of a vendor's own objects."""
    if not vendor:
        return varbinds, tables
    left = _MAX_TEXT - sum(map(_size, varbinds.items()))
    unfinished = set[str]()
    for column in vendor:
        left, fits = _add(column.cells, varbinds, left)
        if not fits:
            unfinished.add(column.table)
    own = {table: status for table, status in _tables(vendor, unfinished).items() if table not in POLL_TABLES}
    return varbinds, {**tables, **own}


def tables_of(columns: Sequence[MibColumn]) -> dict[str, TableStatus]:
    """Return how complete each table is whose objects could all be kept."""
    return _tables(columns, set())


def _size(varbind: tuple[str, VarbindValue | None]) -> int:
    name, value = varbind
    return len(name) + (len(value) if isinstance(value, str) else 0) + _CELL_OVERHEAD


def _tables(columns: Sequence[MibColumn], unfinished: set[str]) -> dict[str, TableStatus]:
    """Return how complete each table is; `unfinished` names those already known to have gaps."""
    partial, filled, failed = set(unfinished), set(unfinished), set()
    for column in columns:
        if column.cells:
            filled.add(column.table)
        if column.progress is not ColumnProgress.ENDED:
            partial.add(column.table)
            failed.add(column.table)
        elif column.refused:
            failed.add(column.table)
    asked: Iterable[str] = POLL_TABLES
    if columns[-1].table not in POLL_TABLES:  # a vendor's come last
        asked = dict.fromkeys([*POLL_TABLES, *(column.table for column in columns)])
    return {
        table: ("partial" if table in partial else "complete")
        if table in filled
        else ("failed" if table in failed else "absent")
        for table in asked
    }


def _add(cells: Iterable[Varbind], varbinds: dict[str, VarbindValue], left: int) -> tuple[int, bool]:
    """Add the cells as long as there is room; False if there was not, or one could not be read."""
    fits = True
    for cell in cells:
        try:
            name, value, size = _carried(cell) if len(cell.value) < _OFTEN_SEEN else _carry(cell)
        except BerError:
            fits = False
            continue
        left -= size
        if left < 0:
            return 0, False
        if value is not None:
            varbinds[name] = value
    return left, fits


def _carry(cell: Varbind) -> tuple[str, VarbindValue | None, int]:
    """Name and value of an object as messages carry it, and how much text that is."""
    name = decode_oid(cell.oid)
    value = _encode(cell.tag, cell.value)
    return name, value, _size((name, value))


_carried = lru_cache(maxsize=16384)(_carry)
"""The same for short values, which most printers have said before; the bound is for those who say others."""


def _encode(tag: int, value: bytes) -> VarbindValue | None:
    """Return a value as messages carry it; None for NULL. What is no number after all is kept as hex."""
    if tag == INTEGER and 0 < len(value) <= _MAX_INTEGER_OCTETS:
        return int.from_bytes(value, "big", signed=True)
    if tag in UNSIGNED_TAGS and 0 < len(value) <= _MAX_INTEGER_OCTETS:
        return int.from_bytes(value, "big")
    if tag == OBJECT_IDENTIFIER:
        return "." + decode_oid(value)
    if tag == NULL:
        return None
    return value[:_MAX_STRING_OCTETS].hex()
