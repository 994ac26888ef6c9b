"""The page counters that vendors keep in their own MIBs: mono and color, duplex, copies, scans, large format.

Data alone: which objects are asked for, and which of their rows make up a counter. A source stands beside
each vendor. How they are read: collector/poll/vendor.py; what is believed: processor/decode/counters.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, get_args

CounterName = Literal["mono", "color", "duplex", "copy", "scan", "a3"]
COUNTER_NAMES: Final[tuple[CounterName, ...]] = get_args(CounterName)
UNITS: Final[Mapping[CounterName, str]] = {
    "mono": "impressions",
    "color": "impressions",
    "duplex": "sheets",
    "copy": "impressions",
    "scan": "images",
    "a3": "impressions",
}
"""What one of each is; an impression is one printed side (PrtMarkerCounterUnitTC)."""

SPLIT: Final[tuple[CounterName, ...]] = ("mono", "color")
"""The counters that together are all pages."""


class VendorColumn(NamedTuple):
    """A column, or a scalar, of a vendor's own MIB."""

    name: str
    """As the vendor's MIB calls it."""
    oid: str
    rows: int = 1
    """How many rows most printers have; 1 is a scalar."""
    only: tuple[int, ...] = ()
    """The only rows that are asked for, where the column has many more."""


class Term(NamedTuple):
    """Rows of a column that are added up; no rows: all that there are."""

    column: str
    rows: tuple[int, ...] = ()


class Sum(NamedTuple):
    """A counter as a sum of rows. Of several sums for one counter the first that was answered counts."""

    counter: CounterName
    terms: tuple[Term, ...]


@dataclass(frozen=True, eq=False)
class CounterObjects:
    """Objects in which the printers of one vendor keep their counters."""

    vendor: str
    enterprise: str
    """What the sysObjectID of its printers begins with."""
    table: str
    """The table of a reading; empty where the counters are among the objects that every poll reads."""
    columns: tuple[VendorColumn, ...]
    sums: tuple[Sum, ...]
    source: str
    keys: Mapping[str, str]
    """The column that tells what a row of a column counts, where its index does not."""
    verified: bool = True
    """False: by hearsay alone; asked for only where SNMP_UNVERIFIED_COUNTERS says so."""


def counters(  # noqa: PLR0913 (a row of a table)
    vendor: str,
    number: int,
    columns: tuple[VendorColumn, ...],
    sums: tuple[Sum, ...],
    source: str,
    *,
    keys: Mapping[str, str] | None = None,
    verified: bool = True,
) -> CounterObjects:
    """Return the counters of the vendor with that enterprise number."""
    table = f"{vendor.lower().replace(' ', '_')}_counters" if columns else ""
    return CounterObjects(vendor, f"1.3.6.1.4.1.{number}", table, columns, sums, source, keys or {}, verified)


_CANON: Final = "1.3.6.1.4.1.1602.1.11.1.3.1.4"
_HP_ENGINE: Final = "1.3.6.1.4.1.11.2.3.9.4.2.1.4.1.2"
_KONICA: Final = "1.3.6.1.4.1.18334.1.1.1.5.7.2"
_KYOCERA_PAGES: Final = "1.3.6.1.4.1.1347.42.2.1.1.1"
_RICOH_COUNTER: Final = "1.3.6.1.4.1.367.3.2.1.2.19.5.1"
_SHARP: Final = "1.3.6.1.4.1.2385.1.1.19.2.1.3"

COUNTERS: Final = (
    counters(
        "Brother",
        2435,
        (),  # brInfoCounter (core/contract/vendor_objects.py); a "row" is the id of a record in that block
        (Sum("mono", (Term("brInfoCounter", (1,)),)), Sum("color", (Term("brInfoCounter", (2,)),))),
        "bieniu/brother, brother/const.py: VALUES_COUNTERS",
    ),
    counters(
        "Canon",
        1602,
        # The rows are the counter numbers of the service mode and the counter check screen.
        (VendorColumn("canonCounter", _CANON, only=(112, 113, 122, 123, 501)),),
        (
            Sum("mono", (Term("canonCounter", (112, 113)),)),  # black & white, large and small
            Sum("color", (Term("canonCounter", (122, 123)),)),  # full and single color, large and small
            Sum("scan", (Term("canonCounter", (501,)),)),  # scan, total 1
            Sum("a3", (Term("canonCounter", (112, 122)),)),
        ),
        "Canon's counter numbers; Checkmk, printer_pages: printer_pages_canon",
    ),
    counters(
        "HP",
        11,
        (
            VendorColumn("hpTotalMonoPageCount", f"{_HP_ENGINE}.6"),
            VendorColumn("hpTotalColorPageCount", f"{_HP_ENGINE}.7"),
            VendorColumn("hpDuplexPageCount", f"{_HP_ENGINE}.22"),
        ),
        (
            Sum("mono", (Term("hpTotalMonoPageCount"),)),
            Sum("color", (Term("hpTotalColorPageCount"),)),
            Sum("duplex", (Term("hpDuplexPageCount"),)),
        ),
        "IJXXXX-MIB and HP-LASERJET-COMMON-MIB, status-prt-eng; glpi-agent, HPNetPeripheral.pm",
    ),
    counters(
        "Konica Minolta",
        18334,
        (
            # The row is the function: 1 copy, 2 print.
            VendorColumn("kmBlackPages", f"{_KONICA}.2.1.5.1", only=(1, 2)),
            VendorColumn("kmColorPages", f"{_KONICA}.2.1.5.2", only=(1, 2)),
            VendorColumn("kmDuplexCount", f"{_KONICA}.1.3"),
            VendorColumn("kmScanCount", f"{_KONICA}.1.5"),
            VendorColumn("kmScans", f"{_KONICA}.3.1.5", only=(1,)),
        ),
        (
            Sum("mono", (Term("kmBlackPages", (1, 2)),)),
            Sum("color", (Term("kmColorPages", (1, 2)),)),
            Sum("duplex", (Term("kmDuplexCount"),)),
            Sum("copy", (Term("kmBlackPages", (1,)), Term("kmColorPages", (1,)))),
            Sum("scan", (Term("kmScanCount"),)),
            Sum("scan", (Term("kmScans", (1,)),)),
        ),
        "glpi-agent, Konica.pm; LibreNMS, Konica counters (scans); sums checked with a bizhub C250i",
    ),
    counters(
        "Kyocera",
        1347,
        (
            # The row is the paper size: 1 is A3.
            VendorColumn("kcBlackPages", f"{_KYOCERA_PAGES}.7.1", 8),
            VendorColumn("kcColorPages", f"{_KYOCERA_PAGES}.8.1", 8),
            VendorColumn("kcScannedPages", "1.3.6.1.4.1.1347.46.10.1.1.5", only=(3,)),
        ),
        (
            Sum("mono", (Term("kcBlackPages"),)),
            Sum("color", (Term("kcColorPages"),)),
            Sum("scan", (Term("kcScannedPages", (3,)),)),
            Sum("a3", (Term("kcBlackPages", (1,)), Term("kcColorPages", (1,)))),
        ),
        "FusionInventory's Kyocera and UTAX models; public scripts for TASKalfa and CS printers",
    ),
    counters(
        "Ricoh",
        367,
        (
            VendorColumn("ricohEngCounterType", f"{_RICOH_COUNTER}.2", 30),
            VendorColumn("ricohEngCounterValue", f"{_RICOH_COUNTER}.9", 30),
        ),
        (
            # Of ricohEngCounterType: x01 black & white, x02 single or two colors, x03 full color.
            Sum("mono", (Term("ricohEngCounterValue", (201, 301, 401)),)),
            Sum("color", (Term("ricohEngCounterValue", (202, 203, 302, 303, 402, 403)),)),
            Sum("copy", (Term("ricohEngCounterValue", (200,)),)),
            Sum("scan", (Term("ricohEngCounterValue", (870,)),)),
            Sum("scan", (Term("ricohEngCounterValue", (873, 874)),)),
        ),
        "Ricoh-Private-MIB: ricohEngCounterType; glpi-agent, Ricoh.pm",
        keys={"ricohEngCounterValue": "ricohEngCounterType"},
    ),
    counters(
        "Sharp",
        2385,
        (
            # What each row counts, a printer says itself in the column beside it (…19.2.1.4).
            VendorColumn("sharpTotalCount", f"{_SHARP}.5.4", only=(61, 62, 63, 64)),
            VendorColumn("sharpCopyCount", f"{_SHARP}.4.4", only=(60,)),
            VendorColumn("sharpPrintCount", f"{_SHARP}.1.4", only=(75,)),
            VendorColumn("sharpScanCount", f"{_SHARP}.8.4", only=(50,)),
        ),
        (
            Sum("mono", (Term("sharpTotalCount", (61,)),)),
            Sum("color", (Term("sharpTotalCount", (62, 63, 64)),)),  # single, full, two colors
            Sum("duplex", (Term("sharpPrintCount", (75,)),)),
            Sum("copy", (Term("sharpCopyCount", (60,)),)),
            Sum("scan", (Term("sharpScanCount", (50,)),)),
        ),
        "the printer's own names of its counters; sums checked with an MX-M266NV",
    ),
)
