"""The tables of what pages cost; pure."""

from typing import Any, Final

import pandas as pd

from core.domain.page_prices import Charge
from dashboard.features.reports.charges import Charges, dearest_first
from dashboard.features.reports.frames import NAMED_COLUMNS, NO_CENTER, named
from dashboard.features.reports.queries import printer_of

UNPRICED: Final = "Without a price"
"""The column of pages that no price is known for."""
_PAGES: Final = ("Mono", "Color", "Not told apart", UNPRICED)
CENTER_COLUMNS: Final = ("Cost center", "Printers", *_PAGES, "Amount", "Currency")
PRINTER_COLUMNS: Final = (*NAMED_COLUMNS, "Cost center", *_PAGES, "Amount", "Currency", "Remark")


def remark(own: Charge) -> str:
    """Return what the amount of a printer leaves out; "" where it is all."""
    if not own.printed.is_counted:
        return "Pages not known"
    if own.amount is None:
        return "No price"
    return "Without a price for some pages" if own.unpriced else ""


def centers_frame(found: Charges, currency: str) -> pd.DataFrame:
    """Return a row for each cost center, the dearest first; amounts are exact decimals."""
    rows = [
        (row.cost_center or NO_CENTER, row.printers, *_cells(row.charge), currency) for row in found.centers
    ]
    return _with_counts(pd.DataFrame(rows, columns=CENTER_COLUMNS, dtype=object))


def printers_frame(found: Charges, currency: str) -> pd.DataFrame:
    """Return a row for each printer, the dearest first; then those without a price, without known pages."""
    ordered = sorted(
        found.printers.items(),
        key=lambda item: (*dearest_first(item[1]), printer_of(found.known, item[0]).name.casefold(), item[0]),
    )
    rows = [
        (
            *named(printer_id, found.known),
            printer_of(found.known, printer_id).cost_center,
            *_cells(own),
            currency,
            remark(own),
        )
        for printer_id, own in ordered
    ]
    return _with_counts(pd.DataFrame(rows, columns=PRINTER_COLUMNS, dtype=object))


def _cells(own: Charge) -> tuple[Any, ...]:
    """Return mono, color, not told apart, without a price, and the amount; None where nobody knows."""
    printed = own.printed
    mono, color = (printed.mono, printed.color) if printed.is_told else (None, None)
    untold, unpriced = (printed.untold, own.unpriced) if printed.is_counted else (None, None)
    return mono, color, untold, unpriced, own.amount


def _with_counts(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({name: "Int64" for name in ("Printers", *_PAGES) if name in frame})
