"""Decode a reading and, where a table was not answered as a whole, what earlier ones said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.contract.messages import (
    Alert,
    Cover,
    Evidence,
    InputTray,
    OutputTray,
    PrinterState,
    Reading,
    Supply,
)
from core.contract.mib_names import COUNTER_UNIT, DEVICE_STATUS, PRINTER_STATUS
from core.contract.printer_mib import HR_DEVICE_PRINTER, name_of
from core.contract.vendor_objects import DEVICE_IDS, FIRMWARE, FIRMWARE_OBJECTS
from core.domain.device_texts import clean
from core.domain.firmware import firmware_of
from core.domain.model_names import is_useful, model_name
from core.domain.print_queues import is_computer
from processor.decode.alert_rows import KnownAlertRows
from processor.decode.columns import ALL_TABLES, TABLE_OF, Row
from processor.decode.counters import page_counters
from processor.decode.gaps import gaps_of
from processor.decode.mib_tables import PRINTER_COLUMNS, MibTables, RememberedTables, mib_tables_of
from processor.decode.rows import alerts_of, covers_of, input_trays_of, output_trays_of, supplies_of
from processor.decode.values import (
    count_of,
    detected_errors_of,
    number_of,
    octets_of,
    oid_of,
    ticks_of,
)
from processor.decode.vendor import (
    VendorStatement,
    pages_printed_of,
    vendor_statements,
    vendor_statements_of,
    words_of,
)

_FIRMWARE_COLUMNS: Final = tuple(column.name for one in FIRMWARE_OBJECTS for column in one.columns)
# The tables that each of these fields is read from: it is kept where none of them was answered as a whole.
_SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "marker_life_count": ("markers",),
    "counter_unit": ("markers",),
    "model": ("device", "system"),
    "serial_number": ("general",),
    "console_text": ("console",),
    "system_name": ("system", "general"),
    "system_description": ("system",),
    "system_location": ("system",),
    "uptime_ticks": ("system",),
}


@dataclass(frozen=True, slots=True)
class DecodedReading:
    """The printer's own words, decoded; None is what it does not report."""

    remembered: RememberedTables
    settled: frozenset[str]
    """Tables that were answered as a whole."""
    device_status: str | None
    printer_status: str | None
    detected_errors: tuple[str, ...]
    alerts: tuple[Alert, ...]
    supplies: tuple[Supply, ...]
    input_trays: tuple[InputTray, ...]
    output_trays: tuple[OutputTray, ...]
    covers: tuple[Cover, ...]
    statements: tuple[VendorStatement, ...]
    alert_rows: KnownAlertRows | None
    """Only where the alert table was too long to be read whole."""
    computer: str | None
    """The sysObjectID of an agent that is a computer with print queues; None for a printer."""
    other_fields: dict[str, Any]
    """Fields of PrinterState that rules do not look at, but for the panel's text."""

    @property
    def device(self) -> int:
        """The printer's hrDeviceIndex."""
        return self.remembered.device or 1

    @property
    def console_text(self) -> str | None:
        """The text of the panel."""
        text: str | None = self.other_fields["console_text"]
        return text

    @property
    def incomplete_tables(self) -> tuple[str, ...]:
        """Tables that were not read whole: what they hold is, at least in part, from an earlier reading."""
        if len(self.settled) == len(ALL_TABLES):
            return ()
        return tuple(table for table in ALL_TABLES if table not in self.settled)

    def tells_of(self, evidence: Evidence) -> bool:
        """Return whether this reading would have shown what an earlier one has shown, were it still there."""
        table = TABLE_OF.get(evidence.object)
        if table is None or table in self.settled:
            return True
        return table == "alerts" and self.alert_rows is not None and self.alert_rows.covers(evidence.index)

    def fields(self) -> dict[str, Any]:
        """Return the fields of PrinterState that are the printer's own words."""
        return {
            "device_status": self.device_status,
            "printer_status": self.printer_status,
            "detected_errors": self.detected_errors,
            "alerts": self.alerts,
            "supplies": self.supplies,
            "input_trays": self.input_trays,
            "output_trays": self.output_trays,
            "covers": self.covers,
            "incomplete_tables": self.incomplete_tables,
            **self.other_fields,
        }


def decode(reading: Reading, before: PrinterState, remembered: RememberedTables) -> DecodedReading:
    """Decode a reading that was answered; `before` and `remembered` stand in for tables in pieces."""
    view = mib_tables_of(reading, remembered)
    own = _printer_row(view)
    octets = octets_of(own.get("hrPrinterDetectedErrorState"))
    device_status = name_of(DEVICE_STATUS, number_of(own.get("hrDeviceStatus")))
    printer_status = name_of(PRINTER_STATUS, number_of(own.get("hrPrinterStatus")))
    if "device" not in view.settled:
        octets = remembered.error_octets if octets is None else octets
        device_status = device_status or before.device_status
        printer_status = printer_status or before.printer_status
    words = words_of(view)
    supplies = vendor_statements(supplies_of(view, before.supplies), words, before.supplies, view.settled)
    return DecodedReading(
        remembered=_to_remember(view, octets),
        settled=view.settled,
        device_status=device_status,
        printer_status=printer_status,
        detected_errors=detected_errors_of(octets) if octets else (),
        alerts=alerts_of(view, before.alerts),
        supplies=supplies,
        input_trays=input_trays_of(view, before.input_trays),
        output_trays=output_trays_of(view, before.output_trays),
        covers=covers_of(view, before.covers),
        statements=vendor_statements_of(words, supplies),
        alert_rows=view.alert_rows,
        computer=_computer(view),
        other_fields=_with_counters(_other_fields(view, reading, before), view, reading, before),
    )


def _to_remember(view: MibTables, error_octets: str | None) -> RememberedTables:
    return RememberedTables(
        device=view.device,
        charset=view.charset,
        console_charset=view.console_charset if view.console_charset != view.charset else None,
        error_octets=error_octets[:64] if error_octets is not None else None,
    )


def _printer_row(view: MibTables) -> Row:
    own = view.own()
    if any(column in own for column in PRINTER_COLUMNS):
        return own
    # An agent whose hrDeviceTable and hrPrinterTable disagree about the index still has one printer.
    rows = [row for row in view.tables["device"].values() if any(name in row for name in PRINTER_COLUMNS)]
    found = rows[0] if len(rows) == 1 else {}
    return own | {name: found[name] for name in PRINTER_COLUMNS if name in found}


def _other_fields(view: MibTables, reading: Reading, before: PrinterState) -> dict[str, Any]:
    system = view.tables["system"].get((0, 0), {})
    general, marker = view.general(), next(iter(view.rows("markers").values()), {})
    description = view.text(system.get("sysDescr"))
    fields: dict[str, Any] = {
        "marker_life_count": _life_count(marker, view),
        "counter_unit": name_of(COUNTER_UNIT, number_of(marker.get("prtMarkerCounterUnit"))),
        "model": _model(view, description),
        "serial_number": view.text(general.get("prtGeneralSerialNumber")),
        "firmware": _firmware(view, reading, description, before),
        "console_text": _console_text(view),
        "system_name": view.text(system.get("sysName")) or view.text(general.get("prtGeneralPrinterName")),
        "system_description": description,
        "system_location": view.text(system.get("sysLocation")),
        "uptime_ticks": ticks_of(system.get("sysUpTime")),
        "gaps": gaps_of(view),
    }
    for name, sources in _SOURCES.items():
        if fields[name] is None and not view.settled.issuperset(sources):
            fields[name] = getattr(before, name)
    if "device" not in view.settled and before.model and "hrDeviceDescr" not in view.own():
        fields["model"] = before.model
    if before.model and not is_useful(fields["model"] or "") and is_useful(before.model):
        fields["model"] = before.model  # the device id is read once an hour
    return fields


def _model(view: MibTables, description: str | None) -> str | None:
    ids = (text for row in view.tables[DEVICE_IDS].values() for text in map(view.text, row.values()))
    return model_name(
        view.text(view.own().get("hrDeviceDescr")),
        description,
        object_id=oid_of(view.tables["system"].get((0, 0), {}).get("sysObjectID")),
        device_id=next(filter(None, ids), None),
        serial_number=view.text(view.general().get("prtGeneralSerialNumber")),
    )


def _firmware(view: MibTables, reading: Reading, description: str | None, before: PrinterState) -> str | None:
    """Return the version of the firmware; its maker's objects are asked once an hour, and kept between."""
    rows = view.tables[FIRMWARE].values()
    told = [view.text(row.get(column)) for column in _FIRMWARE_COLUMNS for row in rows]
    answered = any(told) or (FIRMWARE in reading.tables and FIRMWARE in view.settled)
    if not answered and before.firmware and description in (None, before.system_description):
        return before.firmware
    object_id = oid_of(view.tables["system"].get((0, 0), {}).get("sysObjectID"))
    found = firmware_of(told, description, object_id)
    return found if answered else found or before.firmware


def _with_counters(
    fields: dict[str, Any], view: MibTables, reading: Reading, before: PrinterState
) -> dict[str, Any]:
    found = page_counters(
        view,
        reading,
        before,
        life_count=fields["marker_life_count"],
        counter_unit=fields["counter_unit"],
        serial=fields["serial_number"],
    )
    told = {"counters": found.counters, "counters_at": found.read_at, "counters_serial": found.serial}
    return fields | told


def _computer(view: MibTables) -> str | None:
    if view.tables["general"] or view.tables["markers"]:
        return None
    system, devices = view.tables["system"].get((0, 0), {}), view.tables["device"].values()
    object_id = oid_of(system.get("sysObjectID")) or ""
    found = is_computer(
        object_id=object_id,
        description=view.text(system.get("sysDescr")),
        printers=sum(oid_of(row.get("hrDeviceType")) == HR_DEVICE_PRINTER for row in devices),
        has_printer_mib=False,
    )
    return object_id if found else None


def _life_count(marker: Row, view: MibTables) -> int | None:
    if "prtMarkerLifeCount" in marker:
        return count_of(marker["prtMarkerLifeCount"])
    return pages_printed_of(view)


def _console_text(view: MibTables) -> str | None:
    rows = view.rows("console").values()
    lines = (view.console_text(row.get("prtConsoleDisplayBufferText")) for row in rows)
    return clean(" ".join(line for line in lines if line))
