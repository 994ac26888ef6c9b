"""Read everything the page of one printer shows, without what its viewer may not see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, select

from core.contract.messages import PrinterState
from core.domain.assets import Asset
from core.domain.freshness import is_stale, is_unread
from core.domain.inventory.printers import InventoryPrinter
from core.domain.supply_events import SupplyEvent
from core.domain.vendor_cases import VendorCase
from core.storage.core_tables import FORECASTS, ISSUES, PRINTERS, SNAPSHOTS
from core.storage.inventory import device_is_confirmed, known_printers
from core.storage.issues import vendor_case_of
from core.storage.mutes import KnownMute, read_mutes
from core.storage.out_of_service import OutOfService, read_out_of_service
from core.storage.states import STATE_COLUMNS, STATES, state_of
from core.storage.supply_events import newest_of_printer
from core.storage.supply_tables import SupplyForecast
from core.storage.tables import ENDED, IssueStatus
from dashboard.features.audit.queries import AuditLine, device_changes
from dashboard.public_state import public_model, public_state, public_title
from dashboard.viewer import Viewer

PAST_ISSUES: Final = 20
"""How many ended issues are listed."""
CHANGES: Final = 20
"""How many changes of the device are listed."""

_REPLACEMENTS_READ: Final = 100


@dataclass(frozen=True)
class PrinterIssue:
    """An issue of the printer. What people wrote is empty for who may not read it."""

    issue_id: int
    title: str
    category: str
    status: str
    priority: str
    kind: str
    assignee: str
    opened_at: datetime
    ended_at: datetime | None
    outage_id: int | None = None
    """The issue of the outage that it is a part of."""
    outage: str = ""
    """The title of that issue."""
    vendor: VendorCase | None = None
    """Without its company and number for who may not read what people wrote."""


@dataclass(frozen=True)
class PrinterView:
    """One printer.

    Host, site, serial number, cost center, asset and notes are empty for who does not see addresses.
    """

    printer_id: str
    name: str
    location: str
    site: str
    host: str
    model: str
    serial: str
    cost_center: str
    asset: Asset
    notes: str
    enabled: bool
    state: PrinterState
    stale: bool
    out_of_service: OutOfService | None
    muted: tuple[KnownMute, ...]
    """What nobody is told of; none for who sees no addresses."""
    confirmed: bool
    """Whether the inventory expects the device that answers."""
    forecasts: Mapping[str, SupplyForecast]
    """By supply index."""
    replacements: tuple[SupplyEvent, ...]
    """Of the supplies that it has, the newest first, also undone ones; none for who sees no addresses."""
    changes: tuple[AuditLine, ...]
    """What it changed by itself, the newest first; none for who sees no addresses."""
    open_issues: tuple[PrinterIssue, ...]
    past_issues: tuple[PrinterIssue, ...]


def read_printer(
    connection: Connection, printer_id: str, viewer: Viewer, now: datetime
) -> PrinterView | None:
    """Return the printer as this viewer sees it; None where there is none."""
    found = known_printers(connection, select(PRINTERS).where(PRINTERS.c.printer_id == printer_id))
    if not found:
        return None
    row = found[0]
    told, stale = _state(connection, row, now)
    sees = viewer.sees_addresses
    state = told if sees else public_state(told)
    model = row.model or told.model or ""
    issues = _issues(connection, printer_id, sees=sees)
    return PrinterView(
        printer_id=printer_id,
        name=row.name or printer_id,
        location=row.location,
        site=row.site if sees else "",
        host=f"{row.host}:{row.port}" if sees else "",
        model=model if sees else public_model(model),
        serial=(row.serial or state.serial_number or "") if sees else "",
        cost_center=row.cost_center if sees else "",
        asset=row.asset if sees else Asset(),
        notes=row.notes if sees else "",
        enabled=row.enabled,
        state=state,
        stale=stale,
        out_of_service=read_out_of_service(connection, now, [printer_id]).get(printer_id),
        muted=read_mutes(connection, now, [printer_id]).get(printer_id, ()) if sees else (),
        confirmed=device_is_confirmed(row.serial, told.serial_number),
        forecasts=_forecasts(connection, printer_id),
        replacements=_replacements(connection, printer_id, told) if sees else (),
        changes=tuple(device_changes(connection, printer_id, CHANGES)) if sees else (),
        open_issues=tuple(line for line in issues if line.status not in ENDED),
        past_issues=tuple(line for line in issues if line.status in ENDED)[:PAST_ISSUES],
    )


def refresh_answer(connection: Connection, printer_id: str, refresh_id: str) -> PrinterState | None:
    """Return the state that answers a refresh request; None as long as there is none."""
    found = _snapshot(connection, printer_id)
    return found[0] if found is not None and found[0].refresh_id == refresh_id else None


def _state(connection: Connection, row: InventoryPrinter, now: datetime) -> tuple[PrinterState, bool]:
    found = _snapshot(connection, row.printer_id)
    if found is None:
        never = PrinterState(printer_id=row.printer_id)
        return never, is_unread(row.created_at, now)
    state, taken_at, stale_at = found
    return state, is_stale(taken_at, stale_at, now)


def _snapshot(connection: Connection, printer_id: str) -> tuple[PrinterState, datetime, datetime] | None:
    """Return the latest state, when it was taken, and when it stops being news."""
    query = select(*STATE_COLUMNS).select_from(STATES).where(SNAPSHOTS.c.printer_id == printer_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else (state_of(printer_id, row), row.taken_at, row.stale_at)


def _forecasts(connection: Connection, printer_id: str) -> dict[str, SupplyForecast]:
    rows = connection.execute(select(FORECASTS).where(FORECASTS.c.printer_id == printer_id)).mappings()
    return {row["supply_index"]: SupplyForecast(**row) for row in rows}


def _replacements(connection: Connection, printer_id: str, state: PrinterState) -> tuple[SupplyEvent, ...]:
    """Return the last replacements of the supplies that the printer has."""
    present = {supply.index for supply in state.supplies}
    events = newest_of_printer(connection, printer_id, _REPLACEMENTS_READ)
    return tuple(event for event in events if event.supply_index in present)


def _issues(connection: Connection, printer_id: str, *, sees: bool) -> list[PrinterIssue]:
    parent = ISSUES.alias("parent")
    query = (
        select(ISSUES, func.coalesce(parent.c.title, "").label("outage"))
        .select_from(ISSUES.outerjoin(parent, parent.c.id == ISSUES.c.parent_id))
        .where(ISSUES.c.printer_id == printer_id, ISSUES.c.status != IssueStatus.SPAM)
        .order_by(ISSUES.c.opened_at.desc(), ISSUES.c.id.desc())
        .limit(200)
    )
    return [_line(row, sees=sees) for row in connection.execute(query)]


def _line(row: Any, *, sees: bool) -> PrinterIssue:
    return PrinterIssue(
        issue_id=row.id,
        title=row.title if sees else public_title(row.title) if row.kind == "device" else "",
        category=row.category,
        status=row.status,
        priority=row.priority,
        kind=row.kind,
        assignee=row.assignee if sees else "",
        opened_at=row.opened_at,
        ended_at=row.closed_at or row.resolved_at,
        outage_id=row.parent_id,
        outage=row.outage,
        vendor=_vendor(vendor_case_of(row), sees=sees),
    )


def _vendor(case: VendorCase | None, *, sees: bool) -> VendorCase | None:
    """Return the vendor's case as a viewer may read it: others learn whether somebody is still to come."""
    if case is None or sees:
        return case
    return None if case.is_over else case.for_everybody()
