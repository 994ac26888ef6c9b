"""UNVERIFIED page counters of more vendors: by hearsay, never compared with a printer's own counter page.

Asked for only with SNMP_UNVERIFIED_COUNTERS=true. A vendor moves to core/contract/vendor_counters.py once the
counters of one of its printers have been compared.
"""

from typing import Final

from core.contract.vendor_counters import Sum, Term, VendorColumn, counters

_XEROX: Final = "1.3.6.1.4.1.253.8.53.13.2.1.6"

UNVERIFIED_COUNTERS: Final = (
    counters(
        "Xerox",
        253,
        (
            VendorColumn("xcmImpressions", f"{_XEROX}.1.20", only=(33, 34)),
            VendorColumn("xcmScans", f"{_XEROX}.10.20", only=(11, 12)),
            VendorColumn("xcmCopies", f"{_XEROX}.11.20", only=(3, 25)),
        ),
        (
            Sum("mono", (Term("xcmImpressions", (34,)),)),
            Sum("color", (Term("xcmImpressions", (33,)),)),
            Sum("copy", (Term("xcmCopies", (3, 25)),)),
            Sum("scan", (Term("xcmScans", (11, 12)),)),
        ),
        "glpi-agent, Xerox.pm: XEROX-HOST-RESOURCES-EXT-MIB, xcmHrDevDetailEntry",
        verified=False,
    ),
    counters(
        "Lexmark",
        641,
        (VendorColumn("lexmarkColorCount", "1.3.6.1.4.1.641.6.4.2.2.1.7.1", only=(1,)),),
        (Sum("color", (Term("lexmarkColorCount", (1,)),)),),
        "glpi-agent, Lexmark.pm",
        verified=False,
    ),
)
