"""Reads recordings (snmpsim's text format, OID|TAG|VALUE) into Readings, as a poll would give them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.contract.messages import Reading, TableStatus, VarbindValue
from core.contract.printer_mib import COLUMN_OID, POLL_TABLES
from core.contract.vendor_objects import (
    DEVICE_IDS,
    FIRMWARE,
    VENDOR_COLUMN_OID,
    VENDOR_TABLES,
    counters_of,
    vendor_of,
)

START = datetime(2026, 1, 31, 12, tzinfo=UTC)
INTERVAL = timedelta(minutes=5)
_NUMBERS = {"2", "65", "66", "67", "70"}
_OCTETS = {"4", "64"}
_OID = {**COLUMN_OID, **VENDOR_COLUMN_OID}


def read_recording(path: Path) -> dict[str, VarbindValue]:
    """All varbinds of a recording, in the wire form of a Reading; lines that hold none are skipped."""
    found: dict[str, VarbindValue] = {}
    for line in path.read_text(encoding="latin-1").split("\n"):
        parts = line.rstrip("\r").split("|", 2)
        value = _value(parts[1], parts[2]) if len(parts) == 3 and not line.startswith("#") else None
        if value is not None:
            found[parts[0].strip(".")] = value
    return found


def _value(tag: str, text: str) -> VarbindValue | None:
    if tag in _NUMBERS:
        return int(text) if text.lstrip("-").isdecimal() else None
    if tag == "6":
        return "." + text.strip(".")
    if tag.endswith("x"):
        return text.lower()
    if tag in _OCTETS:
        return (bytes(map(int, text.split("."))) if tag == "64" else text.encode("latin-1")).hex()
    return None


def polled(recording: dict[str, VarbindValue]) -> tuple[dict[str, VarbindValue], dict[str, TableStatus]]:
    """What a poll finds in it: the varbinds, and how each table was answered."""
    tables: dict[str, TableStatus] = {}
    varbinds: dict[str, VarbindValue] = {}
    vendor = vendor_of(str(recording.get(f"{COLUMN_OID['sysObjectID']}.0", "")))
    own = {table: [c.name for c in columns] for table, columns in vendor.tables.items()} if vendor else {}
    counting = counters_of(str(recording.get(f"{COLUMN_OID['sysObjectID']}.0", "")))
    rare = {
        name: VENDOR_TABLES[name] for name in (DEVICE_IDS, FIRMWARE)
    }  # not in every poll: without rows it was not asked for
    if counting is not None and counting.table and counting.verified:
        rare[counting.table] = VENDOR_TABLES[counting.table]
    for table, columns in [*POLL_TABLES.items(), *own.items(), *rare.items()]:
        heads = tuple(_OID[column] + "." for column in columns)
        found = {oid: value for oid, value in recording.items() if oid.startswith(heads)}
        if found or table not in rare:
            tables[table] = "complete" if found else "absent"
        varbinds |= found
    return varbinds, tables


def reading_of(recording: dict[str, VarbindValue], number: int = 0, **changes: Any) -> Reading:
    """The reading of that number in a sequence, one every five minutes."""
    varbinds, tables = polled(recording)
    fields: dict[str, Any] = {
        "id": f"reading-{number}",
        "printer_id": "printer-1",
        "site": "main",
        "seq": number,
        "taken_at": START + number * INTERVAL,
        "reachable": True,
        "tables": tables | changes.pop("tables", {}),
        "varbinds": varbinds,
    }
    return Reading(**fields | changes)
