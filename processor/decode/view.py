"""One printer's part of a reading: its device index, its character set, its rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.messages import Reading, TableStatus, VarbindValue
from fleet.printer_mib import HR_DEVICE_PRINTER, POLL_TABLES
from fleet.vendor_objects import VENDOR_TABLES
from processor.decode.columns import ALL_TABLES, FLAT, Row, Rows, Tables, sort_varbinds
from processor.decode.values import number_of, oid_of, text_of

PRINTER_COLUMNS = ("hrPrinterStatus", "hrPrinterDetectedErrorState")
_PRT_TABLES = (
    "general", "supplies", "input_trays", "output_trays", "markers", "covers", "alerts", "console"
)  # fmt: skip
_ALL = frozenset(ALL_TABLES)


@dataclass(frozen=True, slots=True)
class View:
    """The rows of the printer itself, sorted, and how to read their texts."""

    tables: Tables
    settled: frozenset[str]
    """Tables that the agent has answered as a whole: with all their rows, or with none."""
    device: int
    charset: int | None

    def rows(self, table: str) -> dict[str, Row]:
        """By "hrDeviceIndex.rowIndex"; rows of other devices only where the printer has none."""
        found = self.tables[table]
        placed = {index: row for index, row in found.items() if index[0] == self.device}
        for (device, row), cells in found.items() if len(placed) < len(found) else ():
            if device == FLAT:
                placed.setdefault((self.device, row), cells)
        placed = placed or found
        return {f"{index[0]}.{index[1]}": placed[index] for index in sorted(placed)}

    def own(self, table: str) -> Row:
        """The printer's row of a table that is indexed by the device alone."""
        return self.tables[table].get((self.device, 0), {})

    def text(self, value: VarbindValue | None) -> str | None:
        """A string of this printer, in its character set."""
        return text_of(value, self.charset)


def view_of(reading: Reading, known_device: int | None, known_charset: int | None) -> View:
    """Sort a reading; what was known of device and character set helps where they were not answered."""
    tables = sort_varbinds(reading.varbinds)
    # Most printers are not asked for any vendor's objects: only tables that were asked for are looked at.
    asked = POLL_TABLES.keys() | (reading.tables.keys() & VENDOR_TABLES.keys())
    torn = [name for name in asked if not _is_settled(reading.tables.get(name), tables[name])]
    settled = _ALL.difference(torn) if torn else _ALL
    device = _device_of(tables, None if "device" in settled else known_device)
    charset = _charset_of(tables, device)
    if charset is None and not {"general", "localizations"} <= settled:
        charset = known_charset
    return View(tables, settled, device, charset)


def _is_settled(status: TableStatus | None, rows: Rows) -> bool:
    return bool(rows) if status is None else status in ("complete", "absent")


def _device_of(tables: Tables, known: int | None) -> int:
    devices = tables["device"]
    printers = {
        index[0] for index, row in devices.items() if oid_of(row.get("hrDeviceType")) == HR_DEVICE_PRINTER
    }
    if len(printers) == 1:
        return printers.pop()
    with_status = {index[0] for index, row in devices.items() if any(name in row for name in PRINTER_COLUMNS)}
    with_rows = {index[0] for name in _PRT_TABLES for index in tables[name]} - {FLAT}
    remembered = {known} if known is not None else set[int]()
    # An agent may list several printers: the one that the Printer MIB's tables speak of is meant.
    choices = (
        printers & with_status,
        printers & with_rows,
        printers,
        remembered,
        with_status,
        with_rows,
        {1},
    )
    return min(next(choice for choice in choices if choice))


def _charset_of(tables: Tables, device: int) -> int | None:
    rows: Mapping[tuple[int, int], Row] = tables["localizations"]
    current = number_of(tables["general"].get((device, 0), {}).get("prtGeneralCurrentLocalization"))
    row = rows.get((device, current)) or rows.get((FLAT, current)) if current is not None else None
    if row is not None:
        return number_of(row.get("prtLocalizationCharacterSet"))
    declared = {number_of(each.get("prtLocalizationCharacterSet")) for each in rows.values()}
    return declared.pop() if len(declared) == 1 else None
