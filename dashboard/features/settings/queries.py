"""What the thresholds would mean: how many printers have a supply that low now."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, case, func, select

from core.storage.core_tables import PRINTERS, SNAPSHOTS

PERCENTS: Final = (5, 10, 15, 20, 25, 30)


def printers_at_or_below(connection: Connection) -> Mapping[int, int]:
    """Return how many enabled printers have a measured supply at each of PERCENTS or below."""
    lowest = SNAPSHOTS.c.lowest_supply_percent
    counts = [func.count(case((lowest <= percent, 1))) for percent in PERCENTS]
    watched = SNAPSHOTS.join(PRINTERS, SNAPSHOTS.c.printer_id == PRINTERS.c.printer_id)
    found = connection.execute(select(*counts).select_from(watched).where(PRINTERS.c.enabled)).one()
    return dict(zip(PERCENTS, map(int, found), strict=True))
