"""The cartridge ledger from SQL, with the printers that its events are of."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, select

from core.domain.places import place_of
from core.storage.core_tables import PRINTERS
from core.storage.supply_events import events_between
from dashboard.features.reports.cartridges import LedgerLine, judged

_COMPARED: Final = timedelta(days=730)
"""How far back cartridges are compared with each other."""


def ledger(connection: Connection, until: datetime, prices: Mapping[str, Decimal]) -> list[LedgerLine]:
    """Return the replacements of two years, the newest first; `prices` are those of parts that have one."""
    named = {
        row.printer_id: (row.name or row.printer_id, row.location)
        for row in connection.execute(select(PRINTERS.c.printer_id, PRINTERS.c.name, PRINTERS.c.location))
    }
    lines = []
    for event in events_between(connection, until - _COMPARED, until):
        name, location = named.get(event.printer_id, (event.printer_id, ""))
        lines.append(LedgerLine(event, name, location, place_of(location)))
    return judged(lines, prices)
