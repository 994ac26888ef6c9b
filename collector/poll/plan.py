"""Plan the objects to ask a printer for, and which of them go into the next request."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final

from collector.poll.capabilities import Capabilities
from collector.poll.column import (
    FEW_ROWS,
    TOO_MANY_ROWS,
    WHOLE_ROW_TABLES,
    ColumnSpec,
    MibColumn,
    spec,
)
from core.contract.printer_mib import COLUMN_OID, POLL_TABLES, SCALAR_TABLES

# hrDeviceTable has a row for every disk and interface: of these columns only the printer's rows are read.
# hrPrinterTable has rows for printers alone and so tells which those are.
DEVICE_COLUMNS: Final = ("hrDeviceType", "hrDeviceDescr", "hrDeviceStatus")
PRINTER_COLUMNS: Final = frozenset({"hrPrinterStatus", "hrPrinterDetectedErrorState"})

# Columns whose objects are texts: an answer holds half as many of them as of numbers.
_TEXTS: Final = frozenset(
    {
        "sysDescr",
        "sysName",
        "sysLocation",
        "hrDeviceDescr",
        "prtGeneralPrinterName",
        "prtGeneralSerialNumber",
        "prtCoverDescription",
        "prtInputMediaName",
        "prtInputName",
        "prtInputDescription",
        "prtOutputName",
        "prtOutputDescription",
        "prtMarkerSuppliesDescription",
        "prtConsoleDisplayBufferText",
        "prtAlertDescription",
    }
)

_DEVICE_TABLE: Final = "device"
_FIRST_GUESS: Final = {"supplies": 5, "input_trays": 4, "alerts": 3, "covers": 3}
_MOST_DEVICES: Final = 8
_LARGEST_ARC: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class PollRequest:
    """One request: the next object of each of `heads`, the next `repetitions` objects of each of `rows`."""

    heads: Sequence[MibColumn]
    rows: Sequence[MibColumn]
    repetitions: int

    @property
    def columns(self) -> list[MibColumn]:
        """All of them in the order of the request."""
        return [*self.heads, *self.rows]

    @property
    def cells(self) -> int:
        """How many objects are asked for."""
        return len(self.heads) + len(self.rows) * self.repetitions


@dataclass(frozen=True, slots=True, eq=False)
class PollPlan:
    """The columns of a poll and, where it goes as expected, all its requests by their positions."""

    columns: tuple[ColumnSpec, ...]
    requests: tuple[tuple[tuple[int, ...], tuple[int, ...], int], ...]
    questions: tuple[tuple[tuple[bytes, ...], int, int], ...]
    """The same as a driver takes them: identifiers, non-repeaters, repetitions."""

    def asks(self, columns: Sequence[MibColumn]) -> Iterator[PollRequest]:
        """Yield the requests for these columns, which were made of the plan's."""
        for heads, rows, repetitions in self.requests:
            yield PollRequest([columns[n] for n in heads], [columns[n] for n in rows], repetitions)


def plan(known: Capabilities) -> PollPlan:
    """Return the plan for a printer; like printers share one."""
    return _plan(known.rows, known.device_indexes, known.refused, known.cells)


@lru_cache(maxsize=1024)
def _plan(rows: tuple[int, ...], indexes: tuple[int, ...], refused: tuple[str, ...], cells: int) -> PollPlan:
    specs = tuple(_columns_to_ask(dict(zip(COLUMN_OID, rows, strict=True)) if rows else {}, indexes))
    columns = [MibColumn(what) for what in specs]
    place = {id(column): n for n, column in enumerate(columns)}
    known = Capabilities(refused=refused, cells=cells)
    left = [column for column in columns if column.name not in refused]
    requests = []
    while left:
        ask = next_request(left, known, bulk=True)
        heads, long = (tuple(place[id(column)] for column in part) for part in (ask.heads, ask.rows))
        requests.append((heads, long, ask.repetitions))
        left = [column for column in left if place[id(column)] not in {*heads, *long}]
    questions = [
        (tuple(specs[n].after for n in (*heads, *long)), len(heads), repetitions)
        for heads, long, repetitions in requests
    ]
    return PollPlan(specs, tuple(requests), tuple(questions))


def _columns_to_ask(rows: Mapping[str, int], indexes: Iterable[int]) -> Iterator[ColumnSpec]:
    """Yield every column with the number of rows it is expected to have."""
    for table, names in POLL_TABLES.items():
        single = table in SCALAR_TABLES
        guess = _FIRST_GUESS.get(table, 1)
        expected = {name: rows.get(name, guess) for name in names if name not in DEVICE_COLUMNS}
        changing = table in WHOLE_ROW_TABLES
        if changing and TOO_MANY_ROWS in expected.values():
            continue  # read another way
        few = changing and max(expected.values()) <= FEW_ROWS
        for name, count in expected.items():
            column = spec(table, name, count, single=single)
            yield column._replace(most=FEW_ROWS) if few else column
    if indexes:
        yield from device_objects(indexes)
    elif rows:
        yield from whole_device_columns()


def device_objects(indexes: Iterable[int]) -> Iterator[ColumnSpec]:
    """Yield the objects of hrDeviceTable for the printers in a device."""
    for index in indexes:
        for name in DEVICE_COLUMNS:
            yield spec(_DEVICE_TABLE, name, 1, single=True, after=index - 1 if index else None)


def whole_device_columns() -> Iterator[ColumnSpec]:
    """Yield the columns of hrDeviceTable, where hrPrinterTable does not tell which row is a printer."""
    for name in DEVICE_COLUMNS:
        yield spec(_DEVICE_TABLE, name, 2)


def printer_indexes(columns: Iterable[MibColumn]) -> tuple[int, ...]:
    """Return hrDeviceIndex of each printer by the rows of hrPrinterTable."""
    found = {
        cell.oid[len(column.prefix) :]
        for column in columns
        if column.name in PRINTER_COLUMNS
        for cell in column.cells
    }
    return tuple(sorted(index for index in map(_index, found) if index is not None))[:_MOST_DEVICES]


def _index(suffix: bytes) -> int | None:
    """Return the number of a suffix of one arc."""
    if any(not octet & 0x80 for octet in suffix[:-1]):
        return None
    number = 0
    for octet in suffix:
        number = number << 7 | octet & 0x7F
    return number if number <= _LARGEST_ARC else None


def first_contact(columns: Sequence[MibColumn]) -> PollRequest:
    """Return the small question for a printer that has never answered: any agent can answer it."""
    return PollRequest([column for column in columns if column.table in SCALAR_TABLES], [], 0)


def next_request(columns: Sequence[MibColumn], capabilities: Capabilities, *, bulk: bool) -> PollRequest:
    """Return the next request: as many of the open columns as fit, those with equally many rows together.

    Columns that were refused are asked for alone, after all others.
    """
    fine = [column for column in columns if column.name not in capabilities.refused]
    if not fine:
        return PollRequest([columns[0]], [], 0)
    units = _units(fine)
    if not bulk:
        return PollRequest(_one_of_each(units, capabilities.cells), [], 0)
    return _fill(units, capabilities.cells)


def _units(columns: Sequence[MibColumn]) -> list[list[MibColumn]]:
    """Return the columns in units that must not be parted."""
    units: list[list[MibColumn]] = []
    for (table, _), group in groupby(columns, key=lambda column: (column.table, column.unit)):
        members = list(group)
        units += [members] if table in WHOLE_ROW_TABLES else [[column] for column in members]
    return units


def _one_of_each(units: Sequence[list[MibColumn]], cells: int) -> list[MibColumn]:
    chosen: list[MibColumn] = []
    for unit in units:
        if len(chosen) + len(unit) <= cells:
            chosen += unit
    return chosen or units[0][:cells]


def _fill(units: list[list[MibColumn]], cells: int) -> PollRequest:
    """Return the longest columns first, then whatever still fits beside them."""
    needs = [(max(map(MibColumn.repetitions, unit)), unit) for unit in units]
    needs.sort(key=lambda need: -need[0])
    heads: list[MibColumn] = []
    rows: list[MibColumn] = []
    repetitions = taken = 0
    for need, unit in needs:
        short = [column for column in unit if column.repetitions() == 1]
        long = [column for column in unit if column.repetitions() > 1]
        if not taken:
            repetitions = max(1, min(need, (cells - _weight(short)) // _weight(long))) if long else 0
        weight = _weight(short) + _weight(long) * repetitions
        if taken + weight <= cells and (repetitions or not long):
            taken += weight
            heads += short
            rows += long
    if taken:
        return PollRequest(heads, rows, repetitions if rows else 0)
    return PollRequest(units[0][:cells], [], 0)


def _weight(columns: Iterable[MibColumn]) -> int:
    """Return how much of an answer one object of each of these takes."""
    return sum(2 if column.name in _TEXTS else 1 for column in columns)
