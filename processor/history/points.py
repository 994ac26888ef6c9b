"""What the time series keeps of a state: levels and counters that this very reading has shown."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic_core import to_json

from fleet.messages import SCHEMA_VERSION, PrinterState, State

STATE_CODES: Final[Mapping[State, int]] = {
    "unknown": 0,
    "idle": 1,
    "printing": 2,
    "warming_up": 3,
    "asleep": 4,
    "stopped": 5,
    "unreachable": 6,
}
"""How a state is kept as a number: never renumbered."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970: with the printer, the name of a point."""
    return (at - _EPOCH) // _MILLISECOND


def moment(at: int) -> datetime:
    """The time of a point."""
    return _EPOCH + at * _MILLISECOND


def history_json(state: PrinterState, at: datetime) -> str:
    """The HistoryPoint of a reading taken `at`; what was kept from an earlier reading is not in it.

    Straight to JSON: a model made only to be dumped costs four times as much.
    """
    seen = state.reachable
    supplies = state.supplies if seen and "supplies" not in state.incomplete_tables else ()
    counted = seen and "markers" not in state.incomplete_tables
    point = {
        "schema_version": SCHEMA_VERSION,
        "printer_id": state.printer_id,
        "taken_at": at,
        "reachable": seen,
        "state": state.state,
        "marker_life_count": state.marker_life_count if counted else None,
        "supplies": {
            supply.index: {"level": supply.level, "percent": supply.level_percent}
            for supply in supplies
            if supply.level is not None
        },
    }
    return to_json(point).decode()
