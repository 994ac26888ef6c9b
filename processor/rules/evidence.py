"""Makes the evidence of flags: an object of the MIB, its row and the raw value that was seen."""

from collections.abc import Mapping
from typing import Final

from core.contract.messages import Alert, Evidence, InputTray, Supply
from core.contract.mib_names import ALERT_CODE
from core.contract.printer_mib import LEVEL_SOURCE
from processor.decode.reading import DecodedReading

_CODE_NUMBERS: Final[Mapping[str, int]] = {name: number for number, name in ALERT_CODE.items()}


def of_level(supply: Supply) -> tuple[Evidence, ...]:
    """Return a supply's level and what it is measured by."""
    if supply.source != LEVEL_SOURCE:
        return (Evidence(object=supply.source, index=supply.index, value=f"{supply.level_percent} %"),)
    level = Evidence(object=LEVEL_SOURCE, index=supply.index, value=str(supply.level))
    if supply.max_capacity is None:
        return (level,)
    capacity = str(supply.max_capacity)
    return level, Evidence(object="prtMarkerSuppliesMaxCapacity", index=supply.index, value=capacity)


def of_trays(trays: list[InputTray]) -> tuple[Evidence, ...]:
    """Return the levels of trays."""
    return tuple(
        Evidence(object="prtInputCurrentLevel", index=tray.index, value=str(tray.level)) for tray in trays
    )


def of_alert(alert: Alert) -> tuple[Evidence, ...]:
    """Return an alert's code as its number, and its text."""
    code = alert.code or ""
    number = str(_CODE_NUMBERS.get(code, code.removeprefix("code_")))
    evidence = (Evidence(object="prtAlertCode", index=alert.index, value=number),)
    if not alert.description:
        return evidence
    return *evidence, Evidence(object="prtAlertDescription", index=alert.index, value=alert.description)


def of_error_bits(decoded: DecodedReading) -> tuple[Evidence, ...]:
    """Return the octets of hrPrinterDetectedErrorState."""
    octets = decoded.remembered.error_octets or ""
    return (Evidence(object="hrPrinterDetectedErrorState", index=str(decoded.device), value=octets),)


def of_console(decoded: DecodedReading) -> tuple[Evidence, ...]:
    """Return the text of the panel."""
    text = decoded.console_text or ""
    return (Evidence(object="prtConsoleDisplayBufferText", index=str(decoded.device), value=text),)


def of_device_status(decoded: DecodedReading, number: int) -> tuple[Evidence, ...]:
    """Return the hrDeviceStatus."""
    return (Evidence(object="hrDeviceStatus", index=str(decoded.device), value=str(number)),)
