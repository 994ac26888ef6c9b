"""Objects that every printer is asked for, in the Printer MIB's own words (RFC 3805, RFC 2790, RFC 3418)."""

from collections.abc import Mapping
from typing import Final

from core.contract.mib_names import OID

# One row per table of a reading: the columns asked for, by MIB name. A table's answer is judged as a
# whole (complete, partial, failed, absent), so columns that only make sense together stand together.
POLL_TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "system": ("sysDescr", "sysObjectID", "sysUpTime", "sysName", "sysLocation"),
    "device": (
        "hrDeviceType",
        "hrDeviceDescr",
        "hrDeviceStatus",
        "hrPrinterStatus",
        "hrPrinterDetectedErrorState",
    ),
    "general": (
        "prtGeneralCurrentLocalization",
        "prtConsoleLocalization",
        "prtGeneralPrinterName",
        "prtGeneralSerialNumber",
    ),
    "localizations": ("prtLocalizationCharacterSet",),
    "covers": ("prtCoverDescription", "prtCoverStatus"),
    "input_trays": (
        "prtInputType",
        "prtInputCapacityUnit",
        "prtInputMaxCapacity",
        "prtInputCurrentLevel",
        "prtInputStatus",
        "prtInputMediaName",
        "prtInputName",
        "prtInputDescription",
    ),
    "output_trays": (
        "prtOutputMaxCapacity",
        "prtOutputRemainingCapacity",
        "prtOutputStatus",
        "prtOutputName",
    ),
    "markers": ("prtMarkerCounterUnit", "prtMarkerLifeCount"),
    "supplies": (
        "prtMarkerSuppliesColorantIndex",
        "prtMarkerSuppliesClass",
        "prtMarkerSuppliesType",
        "prtMarkerSuppliesDescription",
        "prtMarkerSuppliesSupplyUnit",
        "prtMarkerSuppliesMaxCapacity",
        "prtMarkerSuppliesLevel",
    ),
    "colorants": ("prtMarkerColorantValue",),
    "console": ("prtConsoleDisplayBufferText",),
    "alerts": (
        "prtAlertSeverityLevel",
        "prtAlertTrainingLevel",
        "prtAlertGroup",
        "prtAlertGroupIndex",
        "prtAlertLocation",
        "prtAlertCode",
        "prtAlertDescription",
        "prtAlertTime",
    ),
}

SCALAR_TABLES: Final = frozenset({"system"})
"""Tables whose objects are scalars: asked as NAME.0."""

MAX_TABLE_ROWS: Final = 256
"""Rows of a table that are read. No printer has more but of alerts; an agent that answers without end has."""

COLUMN_OID: Final[Mapping[str, str]] = {name: OID[name] for names in POLL_TABLES.values() for name in names}

LEVEL_SOURCE: Final = "prtMarkerSuppliesLevel"
"""What a supply's level is read from, unless its vendor tells it better elsewhere."""

IF_PHYS_ADDRESS: Final = "1.3.6.1.2.1.2.2.1.6"
"""ifPhysAddress (RFC 2863): the MAC addresses, by which a sweep knows printers again."""

HR_DEVICE_PRINTER: Final = "1.3.6.1.2.1.25.3.1.5"
"""The hrDeviceType of a printer (RFC 2790, hrDevicePrinter)."""

# RFC 3805: sentinels of levels and capacities.
NO_RESTRICTION: Final = -1
UNKNOWN_AMOUNT: Final = -2
SOME_REMAINING: Final = -3
ALMOST_EMPTY: Final = -100
"""Of Ricoh and its brands, in their own table and in the Printer MIB's: less than a tenth is left."""
SENTINELS: Final = (NO_RESTRICTION, UNKNOWN_AMOUNT, SOME_REMAINING, ALMOST_EMPTY)
LARGEST_INTEGER: Final = 2**31 - 1
"""No amount: agents fill a column that they do not know with it."""

# PrtMarkerSuppliesClassTC.
CONSUMED: Final = "supply_that_is_consumed"
RECEPTACLE: Final = "receptacle_that_is_filled"
"""Vendors disagree whether its level is what is in it or what still fits."""

MARKING_TYPES: Final = frozenset(
    {"toner", "toner_cartridge", "ink", "ink_cartridge", "ink_ribbon", "solid_wax", "ribbon_wax"}
)
"""What is printed with; the error bits lowToner and noToner speak of these."""

# The only receptacles of the IANA list: what a missing prtMarkerSuppliesClass is inferred from.
RECEPTACLE_TYPES: Final = frozenset({"waste_toner", "waste_ink", "waste_wax", "waste_water", "waste_paper"})


def name_of(names: Mapping[int, str], code: int | None) -> str | None:
    """Return the MIB's name of a code in snake_case; `code_123` for a number the MIB does not have."""
    if code is None:
        return None
    return names.get(code, f"code_{code}")
