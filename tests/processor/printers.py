"""A printer to be judged in tests: readable defaults, changed reading by reading."""

from dataclasses import dataclass, field
from typing import Any

from core.contract.messages import Attention, PrinterState, Reading, VarbindValue
from core.contract.printer_mib import COLUMN_OID
from core.runtime.settings import RuleSettings
from processor.judgment.judge import Context, Judged, judge
from tests.recordings_reader import reading_of

RULES = RuleSettings()
CRITICAL, WARNING, BINARY = 3, 4, 5


def hex_of(text: str, codec: str = "utf-8") -> str:
    return text.encode(codec).hex()


def varbinds(rows: dict[str, dict[str, int | str | bytes | None]]) -> dict[str, VarbindValue]:
    """`{column: {index: value}}` as a reading has it; None is left out, text with a leading dot is an OID."""
    return {
        f"{COLUMN_OID[column]}.{index}": _raw(value)
        for column, cells in rows.items()
        for index, value in cells.items()
        if value is not None
    }


def _raw(value: int | str | bytes) -> VarbindValue:
    if isinstance(value, bytes):
        return value.hex()
    return hex_of(value) if isinstance(value, str) and not value.startswith(".") else value


def device(
    device_status: int | None = 2, printer_status: int | None = 3, bits: bytes | None = b"\0"
) -> dict[str, VarbindValue]:
    return varbinds(
        {
            "hrDeviceType": {"1": ".1.3.6.1.2.1.25.3.1.5"},
            "hrDeviceStatus": {"1": device_status},
            "hrPrinterStatus": {"1": printer_status},
            "hrPrinterDetectedErrorState": {"1": bits},
        }
    )


def supply(
    index: str, level: int | None, capacity: int | None = 100, description: str = "Black Toner", **more: Any
) -> dict[str, VarbindValue]:
    return varbinds(
        {
            "prtMarkerSuppliesType": {index: more.get("type", 3)},
            "prtMarkerSuppliesClass": {index: more.get("supply_class")},
            "prtMarkerSuppliesSupplyUnit": {index: more.get("unit")},
            "prtMarkerSuppliesDescription": {index: description},
            "prtMarkerSuppliesMaxCapacity": {index: capacity},
            "prtMarkerSuppliesLevel": {index: level},
        }
    )


def tray(
    index: str,
    level: int | None,
    capacity: int | None = 500,
    name: str | None = None,
    kind: int | None = None,
) -> dict[str, VarbindValue]:
    return varbinds(
        {
            "prtInputType": {index: kind},
            "prtInputMaxCapacity": {index: capacity},
            "prtInputCurrentLevel": {index: level},
            "prtInputName": {index: name or f"Tray {index.partition('.')[2]}"},
        }
    )


def cover(index: str, status: int, description: str | None = "Front Cover") -> dict[str, VarbindValue]:
    return varbinds({"prtCoverDescription": {index: description}, "prtCoverStatus": {index: status}})


def alert(
    index: str, code: int | None, severity: int | None = WARNING, text: str | None = None, **more: int | None
) -> dict[str, VarbindValue]:
    return varbinds(
        {
            "prtAlertSeverityLevel": {index: severity},
            "prtAlertTrainingLevel": {index: more.get("training")},
            "prtAlertGroup": {index: more.get("group")},
            "prtAlertGroupIndex": {index: more.get("group_index")},
            "prtAlertLocation": {index: more.get("location")},
            "prtAlertCode": {index: code},
            "prtAlertDescription": {index: text},
        }
    )


def panel(text: str) -> dict[str, VarbindValue]:
    return varbinds({"prtConsoleDisplayBufferText": {"1.1": text}})


def reading(*parts: dict[str, VarbindValue], number: int = 0, **changes: Any) -> Reading:
    """A reading of these parts; without a device part the printer is idle."""
    found: dict[str, VarbindValue] = {}
    for part in parts:
        found |= part
    return reading_of(
        (device() if not any(".25.3." in oid for oid in found) else {}) | found, number, **changes
    )


@dataclass
class Printer:
    """Judges one reading after the other, each on the past of those before."""

    rules: RuleSettings = RULES
    judged: Judged | None = None
    number: int = field(default=0)

    def says(self, *parts: dict[str, VarbindValue], **changes: Any) -> PrinterState:
        return self.judge(reading(*parts, number=self.number, **changes))

    def is_silent(self, **changes: Any) -> PrinterState:
        gone = {"reachable": False, "varbinds": {}, "tables": {}, "error": "no answer within 3 s"}
        return self.judge(reading_of({}, self.number, **(gone | changes)))

    def judge(self, given: Reading) -> PrinterState:
        self.judged = judge(given, self.judged, Context(self.rules, given.taken_at))
        self.number += 1
        return self.judged.state


def state_of(*parts: dict[str, VarbindValue]) -> PrinterState:
    """The state of a printer by its first reading."""
    return Printer().says(*parts)


def flags(state: PrinterState) -> dict[tuple[str, str], str]:
    """Severity by code and subject."""
    return {(flag.code, flag.subject): flag.severity for flag in state.attention}


def flag(state: PrinterState, code: str, subject: str = "") -> Attention:
    return next(each for each in state.attention if (each.code, each.subject) == (code, subject))
