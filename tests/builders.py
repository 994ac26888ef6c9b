"""Rows and records for tests, with defaults that a test changes where it matters."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from core.contract.messages import PrinterState
from core.domain.inventory.printers import InventoryPrinter
from core.storage.tables import Printer, Snapshot, StateDocument

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
OLD_SERIAL, NEW_SERIAL = "PHBBB01234", "JPCCC98765"
"""Of a device, and of the one that takes its place."""


def put(engine: Engine, *rows: Any) -> None:
    """Store rows, or groups of rows, as their services would have."""
    with Session(engine) as session:
        for row in rows:
            session.add_all(row if isinstance(row, tuple) else [row])
        session.commit()


def printer(printer_id: str, **values: Any) -> Printer:
    """A printer of the inventory, named after its id, added at NOW."""
    base: dict[str, Any] = {
        "name": printer_id.title(),
        "host": "10.0.0.5",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Printer(printer_id=printer_id, **(base | values))


def snapshot(
    printer_id: str, state: PrinterState, only: set[str] | None = None, **values: Any
) -> tuple[Snapshot, StateDocument]:
    """The last reading of a printer, stale ten minutes after it, and its state.

    `only`: the fields of the state that an older program knew.
    """
    taken_at = state.taken_at or NOW
    base: dict[str, Any] = {
        "reading_id": f"r-{printer_id}",
        "taken_at": taken_at,
        "seq": 1,
        "received_at": taken_at,
        "stale_at": taken_at + timedelta(minutes=10),
        "reachable": state.reachable,
        "state": state.state,
        "severity": state.severity,
        "reached": True,
    }
    payload = state.model_dump(mode="json", include=only)
    document = StateDocument(printer_id=printer_id, payload=payload, memory={})
    return Snapshot(printer_id=printer_id, **(base | values)), document


def known_printer(printer_id: str, **values: Any) -> InventoryPrinter:
    """A printer as the inventory has it."""
    row = printer(printer_id, name=printer_id, location="Library").model_dump()
    return InventoryPrinter(**(row | values))
