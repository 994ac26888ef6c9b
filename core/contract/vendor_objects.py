"""Objects beyond the Printer MIB, asked of printers of those vendors that say too little in it.

Asked only of printers whose sysObjectID is the vendor's; processor/decode/vendor.py knows what the answers
mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.contract.unverified_counters import UNVERIFIED_COUNTERS
from core.contract.vendor_counters import COUNTERS, CounterObjects, VendorColumn


@dataclass(frozen=True, eq=False)
class Vendor:
    """A vendor's objects by table; a table's answer is judged as a whole, as those of POLL_TABLES are."""

    name: str
    enterprise: str
    """What the sysObjectID of its printers begins with."""
    tables: Mapping[str, tuple[VendorColumn, ...]]
    recorded: tuple[str, ...]
    """Subtrees that a recording of such a printer holds: its supplies and counters, nothing about people."""


@dataclass(frozen=True, eq=False)
class FirmwareObjects:
    """Objects in which the printers of one vendor tell the version of their firmware, the best first."""

    vendor: str
    enterprise: str
    """What the sysObjectID of its printers begins with."""
    columns: tuple[VendorColumn, ...]
    source: str


_BROTHER: Final = "1.3.6.1.4.1.2435"
_BROTHER_INFO: Final = f"{_BROTHER}.2.3.9.4.2.1.5.5"
_RICOH: Final = "1.3.6.1.4.1.367"
_RICOH_TONER: Final = f"{_RICOH}.3.2.1.2.24.1.1"

VENDORS: Final = (
    Vendor(
        "Brother",
        _BROTHER,
        {
            # The MIB has four scalars, brToner1Low to brToner4Low, which firmwares answer with and without
            # an instance: as one column both are understood.
            "brother_toner_low": (VendorColumn("brTonerLow", f"{_BROTHER}.2.3.9.1.1.2.10", 4),),
            "brother_maintenance": (
                VendorColumn("brInfoMaintenance", f"{_BROTHER_INFO}.8", 1),
                VendorColumn("brInfoCounter", f"{_BROTHER_INFO}.10", 1),
                VendorColumn("brInfoNextCare", f"{_BROTHER_INFO}.11", 1),
            ),
        },
        (f"{_BROTHER}.2.3.9.1.1.2", _BROTHER_INFO),
    ),
    # Gestetner, Lanier, NRG, Savin and Infotec printers are Ricoh's and have its number.
    Vendor(
        "Ricoh",
        _RICOH,
        {
            "ricoh_toner": (
                VendorColumn("ricohEngTonerName", f"{_RICOH_TONER}.2", 5),
                VendorColumn("ricohEngTonerLevel", f"{_RICOH_TONER}.5", 5),
            )
        },
        (f"{_RICOH}.3.2.1.2.19", f"{_RICOH}.3.2.1.2.24"),
    ),
)

DEVICE_IDS: Final = "device_ids"
DEVICE_ID_COLUMNS: Final = (
    # Answered by most makers' network cards, whatever their own enterprise number is.
    VendorColumn("gdStatusId", "1.3.6.1.4.1.11.2.3.9.1.1.7"),
    # PWG 5107.1 (Port Monitor MIB), by printer.
    VendorColumn("ppmPrinterIEEE1284DeviceId", "1.3.6.1.4.1.2699.1.2.1.2.1.1.3"),
)
"""The IEEE 1284 device id, which names the printer behind a print server; asked where nothing else does."""

FIRMWARE: Final = "firmware"
_HP_ID: Final = "1.3.6.1.4.1.11.2.3.9.4.2.1.1.3"
FIRMWARE_OBJECTS: Final = (
    FirmwareObjects(
        "Brother",
        _BROTHER,
        (VendorColumn("brInfoDeviceRomVersion", f"{_BROTHER_INFO}.17"),),
        "bieniu/brother, brother/const.py: ATTR_FIRMWARE",
    ),
    FirmwareObjects(
        "Canon",
        "1.3.6.1.4.1.1602",
        (VendorColumn("canonFirmwareVersion", "1.3.6.1.4.1.1602.1.1.1.4"),),
        "LibreNMS, canonprinter; Greenbone, gb_canon_printer_snmp_detect; a recorded TM-5300",
    ),
    FirmwareObjects(
        "HP",
        "1.3.6.1.4.1.11",
        (VendorColumn("fw-rom-revision", f"{_HP_ID}.6"), VendorColumn("fw-rom-datecode", f"{_HP_ID}.5")),
        "HP-LASERJET-COMMON-MIB, system.id; LibreNMS, Jetdirect; Greenbone, gb_hp_printer_snmp_detect",
    ),
    FirmwareObjects(
        "Kyocera",
        "1.3.6.1.4.1.1347",
        # The row is the processor: 1 is the main one, whose version is the printer's.
        (VendorColumn("kcprtFirmwareVersion", "1.3.6.1.4.1.1347.43.5.4.1.5.1", only=(1,)),),
        "LibreNMS, kyocera; Greenbone, gb_kyocera_printer_snmp_detect; a recorded P-4532DN",
    ),
    FirmwareObjects(
        "Lexmark",
        "1.3.6.1.4.1.641",
        (VendorColumn("prtgenCodeRevision", "1.3.6.1.4.1.641.2.1.2.1.4", only=(1,)),),
        "LEXMARK-PVT-MIB, prtgenInfoEntry; glpi-agent, Lexmark.pm",
    ),
    FirmwareObjects(
        "Ricoh",
        _RICOH,
        (VendorColumn("ricohSysVers", f"{_RICOH}.3.2.1.1.1.2"),),
        "Ricoh-Private-MIB, ricohSysVers; LibreNMS, ricoh; a recorded Aficio MP C3002",
    ),
)
"""Asked once an hour. What other makers tell in a text that is read anyway: core/domain/firmware.py."""

ALL_COUNTERS: Final = (*COUNTERS, *UNVERIFIED_COUNTERS)

_TABLES: Final[Mapping[str, tuple[VendorColumn, ...]]] = {
    **{table: columns for vendor in VENDORS for table, columns in vendor.tables.items()},
    **{counters.table: counters.columns for counters in ALL_COUNTERS if counters.table},
    DEVICE_IDS: DEVICE_ID_COLUMNS,
    FIRMWARE: tuple(column for one in FIRMWARE_OBJECTS for column in one.columns),
}
VENDOR_TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    table: tuple(column.name for column in columns) for table, columns in _TABLES.items()
}
"""The names of the columns by table: every vendor's levels and counters, the device id and the firmware."""

VENDOR_COLUMN_OID: Final[Mapping[str, str]] = {
    column.name: column.oid for columns in _TABLES.values() for column in columns
}


def vendor_of(object_id: str) -> Vendor | None:
    """Return whose printer has this sysObjectID (with or without a leading dot)."""
    dotted = object_id.removeprefix(".") + "."
    return next((vendor for vendor in VENDORS if dotted.startswith(vendor.enterprise + ".")), None)


@lru_cache(maxsize=1024)
def counters_of(object_id: str) -> CounterObjects | None:
    """Return the counters that a printer of this sysObjectID keeps, verified or not."""
    dotted = object_id.removeprefix(".") + "."
    return next((one for one in ALL_COUNTERS if dotted.startswith(one.enterprise + ".")), None)


def firmware_objects_of(object_id: str) -> tuple[VendorColumn, ...]:
    """Return the objects in which a printer of this sysObjectID tells its firmware."""
    dotted = object_id.removeprefix(".") + "."
    return next((one.columns for one in FIRMWARE_OBJECTS if dotted.startswith(one.enterprise + ".")), ())
