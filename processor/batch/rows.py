"""The rows that a batch writes of its printers: named as the columns of their tables, and bound by name."""

from datetime import datetime
from typing import TypedDict


class SnapshotRow(TypedDict):
    """A printer's snapshot after a reading that was judged; the columns say more (core/storage/tables.py)."""

    printer_id: str
    reading_id: str
    taken_at: datetime
    seq: int
    received_at: datetime
    stale_at: datetime
    reachable: bool
    reached: bool
    state: str
    severity: str | None
    lowest_supply_percent: int | None
    levels_at: datetime | None
    model: str
    serial: str
    firmware: str
    revision: int
    published_revision: int
    """Of a first snapshot alone: what the broker has acknowledged is not the batch's to change."""
    owed: bool
    repeats: int
    uptime_ticks: int | None
    said: str
    said_until: datetime | None
    point: str


class DocumentRow(TypedDict):
    """The state of a printer and the rules' memory, both as JSON."""

    printer_id: str
    memory: str
    payload: str


class RepeatedRow(TypedDict):
    """What changes of a snapshot by readings that say the same; `of_printer` says whose it is."""

    of_printer: str
    new_reading_id: str
    new_taken_at: datetime
    new_seq: int
    new_received_at: datetime
    new_stale_at: datetime
    new_uptime_ticks: int | None
    new_repeats: int
