"""The one way to a stored state: the document it was judged into, brought up to the newest reading.

A reading that says what the one before said writes a few columns of its snapshot and no document
(docs/decisions/0015-unchanged-readings.md). What such a reading changes of a state is put in here.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from pydantic_core import from_json, to_json, to_jsonable_python
from sqlalchemy import and_

from core.contract.messages import PrinterState
from core.domain.conditions import in_words_of_now
from core.storage.core_tables import DOCUMENTS, PRINTERS, SNAPSHOTS
from core.storage.freshness import HAS_READING

log = logging.getLogger(__name__)

DOCUMENT: Final = DOCUMENTS.c.printer_id == SNAPSHOTS.c.printer_id
"""How snapshots are joined with their documents; one that is only reserved has none."""
STATES: Final = SNAPSHOTS.join(DOCUMENTS, and_(DOCUMENT, HAS_READING))
WITH_STATES: Final = PRINTERS.outerjoin(STATES, SNAPSHOTS.c.printer_id == PRINTERS.c.printer_id)
"""Printers with their states, if they have any."""
STATE_COLUMNS: Final = (
    DOCUMENTS.c.payload,
    *SNAPSHOTS.c["taken_at", "stale_at", "uptime_ticks", "repeats"],
)
"""What state_json() reads of a row."""


# What statements read of a document themselves, because it is the same in every reading that says the same.
INPUT_TRAYS: Final = DOCUMENTS.c.payload["input_trays"].as_json()
SUPPLIES: Final = DOCUMENTS.c.payload["supplies"].as_json()
LIFE_COUNT: Final = DOCUMENTS.c.payload["marker_life_count"].as_json()
ERROR: Final = DOCUMENTS.c.payload["error"].as_string()
"""Why the newest reading failed: one that was not answered is always judged."""
ANSWERED_COLUMNS: Final = (
    *SNAPSHOTS.c["reachable", "taken_at"],
    DOCUMENTS.c.payload["answered_at"].as_string().label("answered_at"),
)
"""What last_answered() reads of a row."""


class StateRow(Protocol):
    """A row with STATE_COLUMNS."""

    @property
    def payload(self) -> Any: ...
    @property
    def taken_at(self) -> datetime: ...
    @property
    def stale_at(self) -> datetime: ...
    @property
    def uptime_ticks(self) -> int | None: ...
    @property
    def repeats(self) -> int: ...


def state_json(row: StateRow) -> dict[str, Any]:
    """Return the JSON of a row's PrinterState as of its newest reading; {} where it holds none."""
    stored = row.payload
    # Text from SQLite, parsed already by the driver of PostgreSQL.
    state = from_json(stored) if isinstance(stored, str | bytes) else stored
    if not isinstance(state, dict):
        return {}
    return state | _moved(state, row) if row.repeats else state


def state_of(printer_id: str, row: StateRow) -> PrinterState:
    """Return the state of a row, its flags in the words of now; one that cannot be read says nothing."""
    try:
        state = PrinterState.model_validate(state_json(row))
    except ValueError:
        log.exception("%s: the stored state cannot be read", printer_id)
        return PrinterState(printer_id=printer_id)
    flags = tuple(in_words_of_now(flag) for flag in state.attention)
    return state.model_copy(update={"attention": flags})


def state_text(row: StateRow) -> str:
    """Return the same as text, of a row whose document is text."""
    return to_json(state_json(row)).decode() if row.repeats else str(row.payload)


def last_answered(row: Any) -> datetime | None:
    """Return when the printer of a row with ANSWERED_COLUMNS answered last; None where it never did."""
    if row.reachable:
        found: datetime = row.taken_at
        return found
    return datetime.fromisoformat(row.answered_at) if row.answered_at else None


def _moved(state: Mapping[str, Any], row: StateRow) -> dict[str, Any]:
    """Return what the readings since have changed: times, the agent's age, how often flags were seen."""
    taken_at = to_jsonable_python(row.taken_at)
    moved: dict[str, Any] = {
        "taken_at": taken_at,
        "answered_at": taken_at,
        "stale_at": to_jsonable_python(row.stale_at),
        "uptime_ticks": row.uptime_ticks,
        "attention": [{**flag, "readings": flag["readings"] + row.repeats} for flag in state["attention"]],
    }
    # Counters that were read in the reading it was judged by are in each that says the same.
    if state["counters_at"] is not None and state["counters_at"] == state["taken_at"]:
        moved["counters_at"] = taken_at
    return moved
