"""The printers to watch: the ways to read and change their table, each change with its audit.

The caller gives the connection of its own transaction (core.storage.database.writing).
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select

from core.contract.errors import UserError
from core.domain.assets import Asset
from core.domain.inventory.csv_file import ParsedInventory, read_inventory, write_inventory
from core.domain.inventory.import_plan import ImportPlan, InventoryChange, plan_import
from core.domain.inventory.printers import InventoryPrinter, Value, shown, stored
from core.domain.serials import serial_of
from core.storage.audit import differences, note, note_many
from core.storage.core_tables import MOVES, MUTES, PRINTERS, SNAPSHOTS
from core.storage.database import changed_one, hold, update_seen
from core.storage.out_of_service import end_with_printer


class RefusedPrinter(UserError):
    """A printer cannot be like that; the sentence says why."""


def read_printers(connection: Connection) -> list[InventoryPrinter]:
    """Return every printer, by id."""
    return known_printers(connection, select(PRINTERS).order_by(PRINTERS.c.printer_id))


def known_printers(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[InventoryPrinter]:
    """Return the rows of a query that selects PRINTERS."""
    return [InventoryPrinter(**row) for row in connection.execute(query).mappings()]


def read_assets(connection: Connection, printer_ids: Sequence[str] | None = None) -> dict[str, Asset]:
    """Return what printers are as things that were bought or leased, by id; of all where none are named."""
    query = select(PRINTERS.c.printer_id, *(PRINTERS.c[each.name] for each in fields(Asset)))
    if printer_ids is not None:
        query = query.where(PRINTERS.c.printer_id.in_(printer_ids))
    return {printer_id: Asset(*row) for printer_id, *row in connection.execute(query)}


def read_known_printers(connection: Connection) -> list[InventoryPrinter]:
    """Return every printer, with the serial number that it told itself as `told_serial`."""
    told = select(PRINTERS, func.coalesce(SNAPSHOTS.c.serial, "").label("told_serial")).select_from(
        PRINTERS.outerjoin(SNAPSHOTS, PRINTERS.c.printer_id == SNAPSHOTS.c.printer_id)
    )
    return known_printers(connection, told.order_by(PRINTERS.c.printer_id))


def hold_inventory(connection: Connection) -> None:
    """Have others wait to plan what they write: of two that go on, both would take an id or an address."""
    hold(connection, "inventory")


def plan_file(connection: Connection, found: ParsedInventory) -> ImportPlan:
    """Return what importing a file would do, with the rows that were refused when it was read.

    Who carries the plan out calls hold_inventory first.
    """
    plan = plan_import(found.rows, read_printers(connection))
    plan.refused = sorted([*plan.refused, *found.refused], key=lambda refused: refused.line)
    return plan


def plan_rows(connection: Connection, rows: Sequence[Mapping[str, Value]]) -> ImportPlan:
    """Return what these rows would do, cleaned and judged as those of a file, for who carries it out.

    Raises RefusedPrinter with the first refusal.
    """
    hold_inventory(connection)
    plan = plan_file(connection, read_inventory(write_inventory(rows).encode()))
    if plan.refused:
        reason = plan.refused[0].reason
        raise RefusedPrinter(f"{reason[:1].upper()}{reason[1:]}.")
    return plan


def edit_printer(
    connection: Connection, seen: InventoryPrinter, values: Mapping[str, Value], now: datetime, *, actor: str
) -> InventoryChange | None:
    """Change a printer as it was seen; return what was different, None where nothing was.

    Raises RefusedPrinter, and Conflict where somebody was faster.
    """
    plan = plan_rows(connection, [{**seen.values, **values}])
    changed_one(int(not plan.added), f"the printer {seen.printer_id}")  # it was removed meanwhile
    if not plan.changed:
        return None
    change = plan.changed[0]
    if change.printer_id != seen.printer_id:
        raise RefusedPrinter(f"That is the address or the serial number of {shown(change.after)}.")
    wanted = {name: change.after[name] for name in change.fields}
    update_printer(connection, seen, wanted, now, actor=actor)
    return change


def apply_plan(connection: Connection, plan: ImportPlan, now: datetime, *, actor: str) -> None:
    """Write what the plan says; raises Conflict where a printer was edited since it was read."""
    new = [dict(stored(change.after), version=1, created_at=now, updated_at=now) for change in plan.added]
    if new:
        connection.execute(insert(PRINTERS), new)
        subjects = {str(row["printer_id"]): {"host": row["host"], "port": row["port"]} for row in new}
        note_many(connection, "printer.added", subjects, actor=actor, now=now)
    for change in plan.changed:
        assert change.before is not None  # noqa: S101 (what changes was there)
        values = {name: change.after[name] for name in change.fields}
        update_printer(connection, change.before, values, now, actor=actor)


def update_printer(
    connection: Connection, seen: InventoryPrinter, values: Mapping[str, Value], now: datetime, *, actor: str
) -> None:
    """Edit a printer as it was seen; raises Conflict where it is no longer like that."""
    key, written = (seen.printer_id, seen.version), {**stored(values), "updated_at": now}
    update_seen(connection, PRINTERS, key, written, f"the printer {seen.printer_id}")
    if values.get("site", seen.site) != seen.site:
        _note_move(connection, seen.printer_id, seen.site, now)
    details = differences(seen.values, values)
    note(connection, "printer.changed", seen.printer_id, actor=actor, now=now, details=details)


def remove_printer(connection: Connection, seen: InventoryPrinter, now: datetime, *, actor: str) -> None:
    """Take a printer out; its issues and its history stay."""
    done = connection.execute(
        delete(PRINTERS).where(PRINTERS.c.printer_id == seen.printer_id, PRINTERS.c.version == seen.version)
    )
    changed_one(done.rowcount, f"the printer {seen.printer_id}")
    for table in (MOVES, MUTES):
        connection.execute(delete(table).where(table.c.printer_id == seen.printer_id))
    end_with_printer(connection, seen.printer_id, now)
    details = {"name": seen.name, "host": seen.host, "port": seen.port}
    note(connection, "printer.removed", seen.printer_id, actor=actor, now=now, details=details)


def device_is_confirmed(expected_serial: str, serial: str | None) -> bool:
    """Return whether the inventory expects the device that answers."""
    return serial_of(expected_serial) == serial_of(serial)


def confirm_device(
    connection: Connection, printer_id: str, now: datetime, *, actor: str
) -> Mapping[str, Value]:
    """Take the device that answers for the printer's: write its serial number and model down.

    Returns what was written, nothing where it was there already. Raises UserError where it has told no
    serial number that tells devices apart, Conflict where the printer was edited meanwhile.
    """
    found = known_printers(connection, select(PRINTERS).where(PRINTERS.c.printer_id == printer_id))
    if not found:
        raise UserError(f"there is no printer {printer_id}.")
    told = select(SNAPSHOTS.c.serial, SNAPSHOTS.c.model).where(SNAPSHOTS.c.printer_id == printer_id)
    told_serial, told_model = connection.execute(told).one_or_none() or ("", "")
    seen, serial = found[0], told_serial.strip()
    if not serial_of(serial):
        raise UserError(f"{printer_id} has not reported a serial number: there is nothing to confirm.")
    wanted: dict[str, Value] = {"serial": serial}
    if seen.model and told_model:  # where the inventory leaves the model to the device, it stays so
        wanted["model"] = told_model
    changed = {name: value for name, value in wanted.items() if seen.values[name] != value}
    if changed:
        update_printer(connection, seen, changed, now, actor=actor)
        note(connection, "printer.device_confirmed", printer_id, actor=actor, now=now, details=changed)
    return changed


def _note_move(connection: Connection, printer_id: str, site: str, now: datetime) -> None:
    """Remember that the printer has left a site: its earlier readings may still be on their way."""
    earlier = MOVES.c.printer_id == printer_id, MOVES.c.site == site
    connection.execute(delete(MOVES).where(*earlier))
    connection.execute(insert(MOVES).values(printer_id=printer_id, site=site, left_at=now))
