"""Everything the page of one printer shows, without what its viewer may not see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from dashboard.viewer import Viewer
from fleet.core_tables import FORECASTS, ISSUES, PRINTERS, SNAPSHOTS
from fleet.messages import PrinterState
from fleet.states import FIRST_READING_WITHIN
from fleet.tables import ENDED

PAST_ISSUES: Final = 20
"""How many ended issues are listed."""


@dataclass(frozen=True)
class Forecast:
    """When a supply runs out; see fleet.tables.SupplyForecast."""

    days_left: float | None
    low: float | None
    high: float | None
    percent_per_day: float | None
    refilled_at: datetime | None
    reason: str


@dataclass(frozen=True)
class IssueLine:
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


@dataclass(frozen=True)
class PrinterView:
    """One printer. `host` and `notes` are empty for who does not see addresses."""

    printer_id: str
    name: str
    location: str
    site: str
    host: str
    model: str
    serial: str
    notes: str
    enabled: bool
    state: PrinterState
    stale: bool
    forecasts: Mapping[str, Forecast]
    """By supply index."""
    open_issues: tuple[IssueLine, ...]
    past_issues: tuple[IssueLine, ...]


def read_printer(
    connection: Connection, printer_id: str, viewer: Viewer, now: datetime
) -> PrinterView | None:
    """The printer as this viewer sees it; None where there is none."""
    row = connection.execute(select(PRINTERS).where(PRINTERS.c.printer_id == printer_id)).mappings().first()
    if row is None:
        return None
    state, stale = _state(connection, dict(row), now)
    sees = viewer.sees_addresses
    if not sees:
        state = _public(state)
    issues = _issues(connection, printer_id, sees=sees)
    return PrinterView(
        printer_id=printer_id,
        name=row["name"] or printer_id,
        location=row["location"],
        site=row["site"],
        host=f"{row['host']}:{row['port']}" if sees else "",
        model=row["model"] or state.model or "",
        serial=(row["serial"] or state.serial_number or "") if sees else "",
        notes=row["notes"] if sees else "",
        enabled=row["enabled"],
        state=state,
        stale=stale,
        forecasts=_forecasts(connection, printer_id),
        open_issues=tuple(line for line in issues if line.status not in ENDED),
        past_issues=tuple(line for line in issues if line.status in ENDED)[:PAST_ISSUES],
    )


def refresh_answer(connection: Connection, printer_id: str, refresh_id: str) -> PrinterState | None:
    """The state that answers a refresh request; None as long as there is none."""
    found = _snapshot(connection, printer_id)
    return found[0] if found is not None and found[0].refresh_id == refresh_id else None


def _state(connection: Connection, row: Mapping[str, Any], now: datetime) -> tuple[PrinterState, bool]:
    found = _snapshot(connection, row["printer_id"])
    if found is None:
        never = PrinterState(printer_id=row["printer_id"])
        return never, now >= row["created_at"] + FIRST_READING_WITHIN
    state, stale_at = found
    return state, now >= stale_at


def _snapshot(connection: Connection, printer_id: str) -> tuple[PrinterState, datetime] | None:
    """The latest state, and when it stops being news."""
    query = select(SNAPSHOTS.c.payload, SNAPSHOTS.c.stale_at).where(
        SNAPSHOTS.c.printer_id == printer_id, SNAPSHOTS.c.reading_id != ""
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if isinstance(row.payload, str):
        return PrinterState.model_validate_json(row.payload), row.stale_at
    return PrinterState.model_validate(row.payload), row.stale_at


def _public(state: PrinterState) -> PrinterState:
    """Without what tells where it is in the network, or whose it is."""
    hidden = (
        "serial_number",
        "counters_serial",
        "system_name",
        "system_description",
        "system_location",
        "error",
    )
    return state.model_copy(update=dict.fromkeys(hidden))


def _forecasts(connection: Connection, printer_id: str) -> dict[str, Forecast]:
    rows = connection.execute(select(FORECASTS).where(FORECASTS.c.printer_id == printer_id))
    return {
        row.supply_index: Forecast(
            row.days_left,
            row.days_left_low,
            row.days_left_high,
            row.percent_per_day,
            row.refilled_at,
            row.reason,
        )
        for row in rows
    }


def _issues(connection: Connection, printer_id: str, *, sees: bool) -> list[IssueLine]:
    query = (
        select(ISSUES)
        .where(ISSUES.c.printer_id == printer_id)
        .order_by(ISSUES.c.opened_at.desc(), ISSUES.c.id.desc())
        .limit(200)
    )
    return [_line(row, sees=sees) for row in connection.execute(query)]


def _line(row: Any, *, sees: bool) -> IssueLine:
    # A device's issue is titled by our rules; a person's title may name people.
    return IssueLine(
        issue_id=row.id,
        title=row.title if sees or row.kind == "device" else "",
        category=row.category,
        status=row.status,
        priority=row.priority,
        kind=row.kind,
        assignee=row.assignee if sees else "",
        opened_at=row.opened_at,
        ended_at=row.closed_at or row.resolved_at,
    )
