"""Printers that report one serial number: one device under several addresses."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, select

from core.domain.serials import serial_of
from core.storage.core_tables import PRINTERS, SNAPSHOTS


@dataclass(frozen=True)
class SharedSerial:
    """Printers of the inventory that report one serial number: one device under several addresses."""

    serial: str
    """As the first of them reports it."""
    printers: tuple[tuple[str, str], ...]
    """Id and name, by id."""


def shared_serials(connection: Connection) -> list[SharedSerial]:
    """Return the serial numbers that more than one enabled printer reports, sorted."""
    query = (
        select(PRINTERS.c.printer_id, PRINTERS.c.name, SNAPSHOTS.c.serial)
        .join(SNAPSHOTS, SNAPSHOTS.c.printer_id == PRINTERS.c.printer_id)
        .where(PRINTERS.c.enabled, SNAPSHOTS.c.serial != "")
        .order_by(PRINTERS.c.printer_id)
    )
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for printer_id, name, serial in connection.execute(query):
        if key := serial_of(serial):
            found[key].append((serial.strip(), printer_id, name or printer_id))
    return [
        SharedSerial(rows[0][0], tuple((printer_id, name) for _, printer_id, name in rows))
        for _, rows in sorted(found.items())
        if len(rows) > 1
    ]
