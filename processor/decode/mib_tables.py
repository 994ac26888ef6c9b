"""One printer's part of a reading: its device index, its character set, its rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.contract.messages import Reading, TableStatus, VarbindValue
from core.contract.printer_mib import HR_DEVICE_PRINTER, POLL_TABLES
from core.contract.vendor_objects import VENDOR_TABLES
from processor.decode.alert_rows import KnownAlertRows
from processor.decode.columns import ALL_TABLES, FLAT, Row, Rows, Tables, sort_varbinds
from processor.decode.values import number_of, oid_of, text_of

PRINTER_COLUMNS = ("hrPrinterStatus", "hrPrinterDetectedErrorState")
_PRT_TABLES = (
    "general", "supplies", "input_trays", "output_trays", "markers", "covers", "alerts", "console"
)  # fmt: skip
_ALL = frozenset(ALL_TABLES)


@dataclass(frozen=True, slots=True)
class MibTables:
    """The rows of the printer itself, sorted, and how to read their texts."""

    tables: Tables
    settled: frozenset[str]
    """Tables that the agent has answered as a whole: with all their rows, or with none."""
    device: int
    charset: int | None
    """The character set of the printer's texts"""
    console_charset: int | None
    """and that of its panel's."""
    alert_rows: KnownAlertRows | None
    """Only where the alert table was too long to be read whole."""

    def rows(self, table: str) -> dict[str, Row]:
        """Return the rows by "hrDeviceIndex.rowIndex"; of other devices only if the printer has none."""
        found = self.tables[table]
        placed = {index: row for index, row in found.items() if index[0] == self.device}
        for (device, row), cells in found.items() if len(placed) < len(found) else ():
            if device == FLAT:
                placed.setdefault((self.device, row), cells)
        placed = placed or found
        return {f"{index[0]}.{index[1]}": placed[index] for index in sorted(placed)}

    def own(self) -> Row:
        """Return the printer's row of hrDeviceTable or hrPrinterTable."""
        return self.tables["device"].get((self.device, 0), {})

    def general(self) -> Row:
        """Return the printer's row of prtGeneralTable; another device's only if the printer has none."""
        return _general_row(self.tables, self.device)[1]

    def text(self, value: VarbindValue | None) -> str | None:
        """Return a string of this printer, in its character set."""
        return text_of(value, self.charset)

    def console_text(self, value: VarbindValue | None) -> str | None:
        """Return a string of this printer's panel, in the panel's character set."""
        return text_of(value, self.console_charset)


@dataclass(frozen=True, slots=True)
class RememberedTables:
    """Tables of an earlier reading that a state does not show."""

    device: int | None = None
    charset: int | None = None
    console_charset: int | None = None
    """None where it is the same as `charset`."""
    error_octets: str | None = None


def mib_tables_of(reading: Reading, remembered: RememberedTables) -> MibTables:
    """Sort a reading; what was known of device and character sets helps where they were not answered."""
    tables = sort_varbinds(reading.varbinds)
    # Most printers are not asked for any vendor's objects: only tables that were asked for are looked at.
    asked = POLL_TABLES.keys() | (reading.tables.keys() & VENDOR_TABLES.keys())
    torn = [name for name in asked if not _is_settled(reading.tables.get(name), tables[name])]
    settled = _ALL.difference(torn) if torn else _ALL
    device = _device_of(tables, None if "device" in settled else remembered.device)
    charset, console_charset = _charsets_of(tables, device)
    if not {"general", "localizations"} <= settled:
        charset = remembered.charset if charset is None else charset
        console_charset = remembered.console_charset if console_charset is None else console_charset
    return MibTables(
        tables=tables,
        settled=settled,
        device=device,
        charset=charset,
        console_charset=charset if console_charset is None else console_charset,
        alert_rows=KnownAlertRows(reading.alert_rows) if reading.alert_rows else None,
    )


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


def _general_row(tables: Tables, device: int) -> tuple[int, Row]:
    """Return the printer's row of prtGeneralTable, and the hrDeviceIndex that it stands under."""
    rows = tables["general"]
    at = device if (device, 0) in rows else min((index[0] for index in rows), default=device)
    return at, rows.get((at, 0), {})


def _charsets_of(tables: Tables, device: int) -> tuple[int | None, int | None]:
    """Return the character sets of the current localization and of the console; None where not reported."""
    at, general = _general_row(tables, device)
    rows: Mapping[tuple[int, int], Row] = tables["localizations"]

    def charset(column: str) -> int | None:
        number = number_of(general.get(column))
        if number is None:
            return None
        own = [row for place in (device, at, FLAT) if (row := rows.get((place, number))) is not None]
        named = own or [row for (_, each), row in rows.items() if each == number]
        return number_of(named[0].get("prtLocalizationCharacterSet")) if named else None

    current = charset("prtGeneralCurrentLocalization")
    if current is None:
        declared = {number_of(row.get("prtLocalizationCharacterSet")) for row in rows.values()}
        current = declared.pop() if len(declared) == 1 else None
    return current, charset("prtConsoleLocalization")
