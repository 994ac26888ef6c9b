"""What a trial of thresholds has to know of each printer, beside its history."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from core.contract.messages import Supply
from core.domain.mutes import Mute, is_supply_muted
from core.domain.threshold_trial import WatchedPrinter, watched_supplies
from core.storage.core_tables import PRINTERS, SNAPSHOTS, SUPPLY_EVENTS
from core.storage.mutes import mutes_by_printer
from core.storage.states import ANSWERED_COLUMNS, SUPPLIES, WITH_STATES, last_answered


def read_watched(connection: Connection, since: datetime, now: datetime) -> list[WatchedPrinter]:
    """Return all enabled printers that were ever read, by id, with the replacements since then.

    Without the supplies that somebody has muted: nobody is told of their levels at any threshold.
    """
    query = (
        select(*PRINTERS.c["printer_id", "name", "location"], SUPPLIES.label("supplies"), *ANSWERED_COLUMNS)
        .select_from(WITH_STATES)
        .where(PRINTERS.c.enabled, SNAPSHOTS.c.printer_id.is_not(None))
        .order_by(PRINTERS.c.printer_id)
    )
    replaced, mutes = _replaced(connection, since), mutes_by_printer(connection, now)
    return [
        _watched(row, replaced[row.printer_id], mutes.get(row.printer_id, ()))
        for row in connection.execute(query)
    ]


def _watched(row: Any, replaced: dict[str, list[datetime]], mutes: Collection[Mute]) -> WatchedPrinter:
    supplies = [Supply.model_validate(supply) for supply in row.supplies or ()]
    watched = watched_supplies(supplies, replaced)
    return WatchedPrinter(
        printer_id=row.printer_id,
        name=row.name,
        location=row.location or "",
        supplies=tuple(one for one in watched if not is_supply_muted(mutes, one.index)),
        receptacles=len(supplies) - len(watched),
        has_answered=last_answered(row) is not None,
        reachable=bool(row.reachable),
    )


def _replaced(connection: Connection, since: datetime) -> defaultdict[str, dict[str, list[datetime]]]:
    columns = SUPPLY_EVENTS.c
    query = select(columns.printer_id, columns.supply_index, columns.at).where(
        columns.at >= since, columns.undone_at.is_(None)
    )
    found: defaultdict[str, dict[str, list[datetime]]] = defaultdict(dict)
    for row in connection.execute(query):
        found[row.printer_id].setdefault(row.supply_index, []).append(row.at)
    return found
