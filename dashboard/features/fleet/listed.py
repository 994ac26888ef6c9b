"""Read what one page of the fleet's list shows beside its light rows.

The first flag, and the lowest supply.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter

from sqlalchemy import Connection, select

from core.contract.messages import PrinterState
from core.contract.printer_mib import RECEPTACLE
from core.domain.mutes import Mute, is_supply_muted
from core.domain.part_names import supply_name
from core.storage.core_tables import SNAPSHOTS
from core.storage.mutes import read_mutes
from core.storage.out_of_service import read_out_of_service
from core.storage.states import STATE_COLUMNS, STATES, state_of
from dashboard.public_state import allowed, public_message


@dataclass(frozen=True)
class ListedDetails:
    """Details of one printer, all of the same reading."""

    state: str = ""
    severity: str | None = None
    message: str = ""
    public_message: str = ""
    """The message in our own words, for who does not see addresses."""
    public_supply: str = ""
    """The name of the supply in our own words, likewise."""
    fixer: str = ""
    since_at: datetime | None = None
    flags: int = 0
    supply: str = ""
    colorant: str | None = None
    taken_at: datetime | None = None
    reachable: bool = True
    """Whether the reading was answered."""
    answered_at: datetime | None = None
    """When the last one was answered, where this one was not."""
    some_left: bool = False
    """No supply is measured, but one has some left."""
    gap: str = ""
    """The first sentence on what is not known of the printer."""
    out_of_service: str = ""
    """Why it is out of service; "" where it is not;"""
    out_until: datetime | None = None
    """and until when, where that is known."""


def read_details(
    connection: Connection, printer_ids: Sequence[str], now: datetime
) -> dict[str, ListedDetails]:
    """Return details by printer; those without a snapshot, and not out of service, are left out."""
    query = select(SNAPSHOTS.c.printer_id, *STATE_COLUMNS).select_from(STATES)
    rows = connection.execute(query.where(SNAPSHOTS.c.printer_id.in_(printer_ids)))
    mutes = {
        printer_id: [known.mute for known in found]
        for printer_id, found in read_mutes(connection, now, printer_ids).items()
    }
    details = {
        row.printer_id: _details(state_of(row.printer_id, row), row.taken_at, mutes.get(row.printer_id, ()))
        for row in rows
    }
    for printer_id, out in read_out_of_service(connection, now, printer_ids).items():
        known = details.get(printer_id, ListedDetails())
        details[printer_id] = replace(known, out_of_service=out.note, out_until=out.until_at)
    return details


def _details(state: PrinterState, taken_at: datetime, mutes: Sequence[Mute]) -> ListedDetails:
    first = state.attention[0] if state.attention else None
    consumed = [
        supply
        for supply in state.supplies
        if supply.supply_class != RECEPTACLE and not is_supply_muted(mutes, supply.index)
    ]
    measured = [(supply.level_percent, supply) for supply in consumed if supply.level_percent is not None]
    lowest = min(measured, key=itemgetter(0))[1] if measured else None
    return ListedDetails(
        state=state.state,
        severity=state.severity,
        message=first.message if first else "",
        public_message=public_message(first, state) if first else "",
        public_supply=supply_name(allowed(lowest)) if lowest else "",
        fixer=first.fixer if first else "",
        since_at=first.since_at if first else None,
        flags=len(state.attention),
        taken_at=taken_at,
        reachable=state.reachable,
        answered_at=state.answered_at,
        supply=supply_name(lowest) if lowest else "",
        colorant=lowest.colorant if lowest else None,
        gap=state.gaps[0] if state.gaps else "",
        some_left=not measured and any(supply.level_state == "some_remaining" for supply in consumed),
    )


def for_everybody(details: Mapping[str, ListedDetails]) -> dict[str, ListedDetails]:
    """Return the same without a printer's own words."""
    return {
        printer_id: replace(one, message=one.public_message, supply=one.public_supply)
        for printer_id, one in details.items()
    }
