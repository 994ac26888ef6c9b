"""Sorts the varbinds of a reading into tables and rows, in one pass."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from core.contract.messages import VarbindValue
from core.contract.printer_mib import COLUMN_OID, POLL_TABLES
from core.contract.vendor_objects import VENDOR_COLUMN_OID, VENDOR_TABLES

Index = tuple[int, int]
"""(hrDeviceIndex, row); the row is 0 where the device, or a vendor's own row, is the whole index."""
Row = dict[str, VarbindValue]
Rows = dict[Index, Row]
Tables = dict[str, Rows]

ALL_TABLES: Final[Mapping[str, tuple[str, ...]]] = {**POLL_TABLES, **VENDOR_TABLES}
TABLE_OF: Final[Mapping[str, str]] = {name: table for table, names in ALL_TABLES.items() for name in names}
FLAT: Final = -1
"""The device of a row whose index lacks the hrDeviceIndex level (Pantum)."""
MAX_ROWS: Final = 512
MAX_HEX: Final = 2048
"""No text of the MIB has more than 255 octets, and a character at most four."""
_MAX_OID_LENGTH: Final = 128
_MAX_ARC_DIGITS: Final = 10
_BY_DEVICE_ALONE: Final = frozenset({"system", "device", "general"})
_OID: Final = {**COLUMN_OID, **VENDOR_COLUMN_OID}
_PLACES: Final[Mapping[str, tuple[str, str]]] = {
    _OID[column]: (table, column) for table, columns in ALL_TABLES.items() for column in columns
}
_DEPTHS: Final = tuple(sorted({oid.count(".") + 1 for oid in _PLACES}))


class Place(NamedTuple):
    """Table, column and row of a varbind."""

    table: str
    column: str
    at: Index


def sort_varbinds(varbinds: Mapping[str, VarbindValue]) -> Tables:
    """Return every table we know with the rows that the varbinds hold; what belongs to none is left out."""
    tables: Tables = {table: {} for table in ALL_TABLES}
    for oid, raw in varbinds.items():
        # Checked before anything is cached: what a hostile agent makes up must not fill the memory.
        place = place_of(oid) if len(oid) <= _MAX_OID_LENGTH else None
        if place is None:
            continue
        value = raw[:MAX_HEX] if isinstance(raw, str) else raw
        table, column, index = place
        rows = tables[table]
        row = rows.get(index)
        if row is not None:
            row[column] = value
        elif len(rows) < MAX_ROWS:
            rows[index] = {column: value}
    return tables


@lru_cache(maxsize=32768)
def place_of(oid: str) -> Place | None:
    """Return the table, column and row that an OID names; None where it is none of ours."""
    arcs = oid.removeprefix(".").split(".")
    for depth in _DEPTHS:
        found = _PLACES.get(".".join(arcs[:depth]))
        if found is not None:
            index = _index_of(found[0], arcs[depth:])
            return Place(*found, index) if index is not None else None
    return None


def _index_of(table: str, arcs: list[str]) -> Index | None:
    if not all(arc.isascii() and arc.isdigit() and len(arc) <= _MAX_ARC_DIGITS for arc in arcs):
        return None
    numbers = [int(arc) for arc in arcs]
    if table in VENDOR_TABLES:  # a scalar is answered with and without its instance 0
        return (numbers[0], 0) if len(numbers) == 1 or numbers[1:] == [0] else None
    if table in _BY_DEVICE_ALONE:
        return (numbers[0], 0) if len(numbers) == 1 else None
    if len(numbers) == 1:
        return FLAT, numbers[0]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None  # noqa: PLR2004 (device and row)
