"""What to ask of a printer, and what of it in the next request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from collector.poll.capabilities import Capabilities
from collector.poll.column import Column
from fleet.printer_mib import COLUMN_OID, POLL_TABLES, SCALAR_TABLES

WHOLE_ROW_TABLES: Final = frozenset({"alerts"})
"""Tables that change while they are read: all columns of a row are asked for in the same request."""

# hrDeviceTable has a row for every disk and interface: of these columns only the printer's rows are read.
# hrPrinterTable has rows for printers alone and so tells which those are.
DEVICE_COLUMNS: Final = ("hrDeviceType", "hrDeviceDescr", "hrDeviceStatus")
PRINTER_COLUMNS: Final = frozenset({"hrPrinterStatus", "hrPrinterDetectedErrorState"})

_DEVICE_TABLE: Final = "device"
_FIRST_GUESS: Final = {"supplies": 5, "input_trays": 4, "alerts": 3, "covers": 3}
_MOST_DEVICES: Final = 8


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: the next object of each of `heads`, the next `repetitions` objects of each of `rows`."""

    heads: Sequence[Column]
    rows: Sequence[Column]
    repetitions: int

    @property
    def columns(self) -> list[Column]:
        """All of them in the order of the request."""
        return [*self.heads, *self.rows]

    @property
    def cells(self) -> int:
        """How many objects are asked for."""
        return len(self.heads) + len(self.rows) * self.repetitions


def columns_to_ask(capabilities: Capabilities) -> list[Column]:
    """The columns of a poll, each with the number of rows it is expected to have."""
    known = dict(zip(COLUMN_OID, capabilities.rows, strict=True)) if capabilities.rows else {}
    columns: list[Column] = []
    for table, names in POLL_TABLES.items():
        single = table in SCALAR_TABLES
        guess = _FIRST_GUESS.get(table, 1)
        columns += [
            Column(table, name, known.get(name, guess), single=single)
            for name in names
            if name not in DEVICE_COLUMNS
        ]
    if capabilities.device_indexes:
        return columns + device_objects(capabilities.device_indexes)
    return columns + whole_device_columns() if known else columns


def device_objects(indexes: Iterable[int]) -> list[Column]:
    """The objects of hrDeviceTable for the printers in a device."""
    return [
        Column(_DEVICE_TABLE, name, 1, single=True, after=index - 1)
        for index in indexes
        for name in DEVICE_COLUMNS
    ]


def whole_device_columns() -> list[Column]:
    """The columns of hrDeviceTable, where hrPrinterTable does not tell which row is a printer."""
    return [Column(_DEVICE_TABLE, name, 2) for name in DEVICE_COLUMNS]


def printer_indexes(columns: Iterable[Column]) -> tuple[int, ...]:
    """hrDeviceIndex of each printer by the rows of hrPrinterTable."""
    found = {
        cell.oid[len(column.prefix) :]
        for column in columns
        if column.name in PRINTER_COLUMNS
        for cell in column.cells
    }
    return tuple(sorted(index for index in map(_index, found) if index is not None))[:_MOST_DEVICES]


def _index(suffix: bytes) -> int | None:
    """The number of a suffix of one arc."""
    if any(not octet & 0x80 for octet in suffix[:-1]):
        return None
    number = 0
    for octet in suffix:
        number = number << 7 | octet & 0x7F
    return number


def first_contact(columns: Sequence[Column]) -> Ask:
    """The small question for a printer that has never answered: any agent can answer it."""
    return Ask([column for column in columns if column.table in SCALAR_TABLES], [], 0)


def next_ask(columns: Sequence[Column], capabilities: Capabilities, *, bulk: bool) -> Ask:
    """The next request: as many of the open columns as fit, those with equally many rows together.

    Columns that were refused are asked for alone, after all others.
    """
    fine = [column for column in columns if column.name not in capabilities.refused]
    if not fine:
        return Ask([columns[0]], [], 0)
    units = _units(fine)
    if not bulk:
        return Ask(_one_of_each(units, capabilities.cells), [], 0)
    return _fill(units, capabilities.cells)


def _units(columns: Sequence[Column]) -> list[list[Column]]:
    """Columns that must not be parted stay together."""
    units: list[list[Column]] = []
    for table, group in groupby(columns, key=lambda column: column.table):
        members = list(group)
        units += [members] if table in WHOLE_ROW_TABLES else [[column] for column in members]
    return units


def _one_of_each(units: Sequence[list[Column]], cells: int) -> list[Column]:
    chosen: list[Column] = []
    for unit in units:
        if len(chosen) + len(unit) <= cells:
            chosen += unit
    return chosen or units[0][:cells]


def _fill(units: list[list[Column]], cells: int) -> Ask:
    """The longest columns first, then whatever still fits beside them."""
    needs = [(max(map(Column.repetitions, unit)), unit) for unit in units]
    needs.sort(key=lambda need: -need[0])
    heads: list[Column] = []
    rows: list[Column] = []
    repetitions = 0
    for need, unit in needs:
        long = [column for column in unit if column.repetitions() > 1]
        taken = len(heads) + len(unit) - len(long)
        if not heads and not rows:
            repetitions = max(1, min(need, (cells - taken) // len(long))) if long else 0
        if taken + (len(rows) + len(long)) * repetitions <= cells:
            heads += [column for column in unit if column not in long]
            rows += long
    if heads or rows:
        return Ask(heads, rows, repetitions if rows else 0)
    return Ask(units[0][:cells], [], 0)
