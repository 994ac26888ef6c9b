"""Select what the time series keeps of a state: levels and counters that this very reading has shown."""

from datetime import datetime
from typing import Any

from pydantic_core import to_json

from core.contract.messages import SCHEMA_VERSION, PrinterState


def history_json(state: PrinterState, at: datetime, device: int = 0, *, certain: bool = True) -> str:
    """Return the HistoryPoint of a reading taken `at`; what was kept from an earlier reading is not in it.

    Neither are counter and levels where it is not `certain` that they are those of the `device`.
    Straight to JSON: a model made only to be dumped costs four times as much.
    """
    seen = state.reachable and certain
    supplies = state.supplies if seen and "supplies" not in state.incomplete_tables else ()
    counted = seen and "markers" not in state.incomplete_tables
    point = {
        "schema_version": SCHEMA_VERSION,
        "printer_id": state.printer_id,
        "taken_at": at,
        "reachable": state.reachable,
        "state": state.state,
        "marker_life_count": state.marker_life_count if counted else None,
        "supplies": {
            supply.index: {"level": supply.level, "percent": supply.level_percent}
            for supply in supplies
            if supply.level is not None
        },
        **_counters(state),
    }
    if device:
        point["device"] = device
    return to_json(point).decode()


def _counters(state: PrinterState) -> dict[str, Any]:
    """Return the page counters where this very reading has shown them."""
    if not state.reachable or not state.counters or state.counters_at != state.taken_at:
        return {}
    counts = {counter.name: counter.count for counter in state.counters}
    return {"counters": counts, "serial_number": state.counters_serial}
