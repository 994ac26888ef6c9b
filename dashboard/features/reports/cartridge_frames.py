"""The cartridge ledger as tables and CSV; pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard.features.reports.cartridges import LedgerLine, Yield

LEDGER_COLUMNS: Final = (
    "Replaced",
    "Not before",
    "Printer",
    "Location",
    "Model",
    "Part",
    "Part number",
    "Color",
    "Left in the old one (%)",
    "New one (%)",
    "Pages",
    "Days in use",
    "Serial number",
    "Remark",
)
SPARE_COLUMNS: Final = ("Not before", "Model", "Part number", "Color", "New one (%)", "Serial number")
"""What the page leaves out where there is no room for all; the CSV has them."""
COST: Final = "Wasted"
"""What was left in those that were replaced early, in money."""
YIELD_COLUMNS: Final = ("Part", "Model", "Cartridges", "A quarter under", "Median pages", "A quarter over")
_NUMBERS: Final = ["Left in the old one (%)", "New one (%)", "Pages", "Days in use"]


def ledger_frame(lines: Iterable[LedgerLine], zone: ZoneInfo) -> pd.DataFrame:
    """Return a row for each replacement, times in that zone; what was left by its price, where known."""
    known = list(lines)
    frame = pd.DataFrame([_row(line, zone) for line in known], columns=list(LEDGER_COLUMNS))
    frame[_NUMBERS] = frame[_NUMBERS].astype("Int64")
    if any(line.cost is not None for line in known):
        frame[COST] = pd.Series([line.cost for line in known], dtype=object)
    return frame


def yields_frame(found: Sequence[Yield]) -> pd.DataFrame:
    """Return a row for each part and model."""
    rows = [
        (one.part, one.model, one.count, round(one.low), round(one.median), round(one.high)) for one in found
    ]
    return pd.DataFrame(rows, columns=list(YIELD_COLUMNS))


def remark(line: LedgerLine) -> str:
    """Return the remark on a replacement."""
    event = line.event
    if event.undone_at is not None:
        return f"undone by {event.undone_by}" if event.undone_by else "undone: the old one came back"
    said = ("early" if event.is_early else "", "failed early" if line.failed else "")
    return ", ".join(word for word in said if word)


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if at is None else at.astimezone(zone)


def _row(line: LedgerLine, zone: ZoneInfo) -> tuple[Any, ...]:
    event = line.event
    days = None if event.began_at is None else (event.at - event.began_at).days
    return (
        _local(event.at, zone),
        _local(event.not_before, zone),
        line.printer_name,
        line.location,
        event.model,
        event.part,
        event.part_number,
        event.color,
        event.old_percent,
        event.new_percent,
        event.pages,
        days,
        event.serial,
        remark(line),
    )
