"""Add, edit, disable, remove and import printers; each with its audit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, Engine

from core.contract.discovery_messages import FoundPrinter
from core.domain.inventory.csv_file import (
    IN_THE_BROWSER,
    ParsedInventory,
    file_objection,
    read_inventory,
    write_inventory,
)
from core.domain.inventory.discovery_plan import Proposal, propose
from core.domain.inventory.import_plan import ImportPlan
from core.domain.inventory.printers import InventoryPrinter, Value, shown
from core.domain.permissions import Permission
from core.domain.units import counted
from core.storage.database import changed_one, conflict, reading, writing
from core.storage.inventory import (
    RefusedPrinter,
    apply_plan,
    edit_printer,
    hold_inventory,
    plan_file,
    plan_rows,
    read_known_printers,
    read_printers,
    remove_printer,
    update_printer,
)
from dashboard.actor import Actor
from dashboard.undoing import Done, UndoStep
from dashboard.viewer import Viewer


def add(by: Actor, values: Mapping[str, Value]) -> Done:
    """Add one printer. Raises RefusedPrinter."""
    by.require(Permission.MANAGE_INVENTORY)
    with writing(by.engine) as connection:
        plan = plan_rows(connection, [{"port": "", "enabled": "", **values}])
        for change in [*plan.changed, *plan.unchanged]:
            raise RefusedPrinter(f"It is there already, as {change.before}.")
        apply_plan(connection, plan, by.now, actor=by.name)
    added = plan.added[0]
    step = partial(_take_out, printer_id=added.printer_id)
    return Done(f"{shown(added.after)} is added", (step,), permission=Permission.MANAGE_INVENTORY)


def edit(by: Actor, seen: InventoryPrinter, values: Mapping[str, Value]) -> Done:
    """Change a printer as it was seen. Raises RefusedPrinter, and Conflict where somebody was faster."""
    by.require(Permission.MANAGE_INVENTORY)
    with writing(by.engine) as connection:
        change = edit_printer(connection, seen, values, by.now, actor=by.name)
    if change is None:
        return Done("Nothing changed")
    wanted = {name: change.after[name] for name in change.fields}
    step = _as_before(seen, wanted)
    return Done(f"{shown(change.after)} is saved", (step,), permission=Permission.MANAGE_INVENTORY)


def enable(by: Actor, seen: Sequence[InventoryPrinter], *, enabled: bool) -> Done:
    """Poll printers, or leave them alone; all or none: raises Conflict where one was changed since."""
    by.require(Permission.MANAGE_INVENTORY)
    rows = [row for row in seen if row.enabled != enabled]
    with writing(by.engine) as connection:
        for row in rows:
            update_printer(connection, row, {"enabled": enabled}, by.now, actor=by.name)
    steps = tuple(_as_before(row, {"enabled": enabled}) for row in rows)
    done = "enabled" if enabled else "disabled"
    return Done(f"{_printers_are(len(rows))} {done}", steps, permission=Permission.MANAGE_INVENTORY)


def remove(by: Actor, seen: Sequence[InventoryPrinter]) -> Done:
    """Take printers out; their issues and their history stay."""
    by.require(Permission.MANAGE_INVENTORY)
    with writing(by.engine) as connection:
        for row in seen:
            remove_printer(connection, row, by.now, actor=by.name)
    steps = tuple(partial(_put_in_again, row=row) for row in seen)
    return Done(f"{_printers_are(len(seen))} removed", steps, permission=Permission.MANAGE_INVENTORY)


def preview(engine: Engine, viewer: Viewer, data: bytes) -> tuple[ParsedInventory, ImportPlan]:
    """Return what importing a CSV file would do."""
    viewer.require(Permission.MANAGE_INVENTORY)
    found = _file(data)
    with reading(engine) as connection:
        return found, plan_file(connection, found)


def import_file(by: Actor, data: bytes) -> Done:
    """Take over what a CSV file says, as `printers import` does: what cannot be used is left out."""
    by.require(Permission.MANAGE_INVENTORY)
    found = _file(data)
    with writing(by.engine) as connection:
        hold_inventory(connection)
        plan = plan_file(connection, found)
        apply_plan(connection, plan, by.now, actor=by.name)
    refused = f", {counted(len(plan.refused), 'row was', 'rows were')} refused" if plan.refused else ""
    return Done(f"{_printers_are(len(plan.added))} added, {len(plan.changed)} updated{refused}")


def export(engine: Engine, viewer: Viewer) -> bytes:
    """Return all printers as `printers import` takes them."""
    viewer.require(Permission.MANAGE_INVENTORY)
    with reading(engine) as connection:
        return write_inventory(printer.values for printer in read_printers(connection)).encode("utf-8-sig")


def proposal(
    engine: Engine, viewer: Viewer, found: Sequence[FoundPrinter], *, site: str, profile: str
) -> Proposal:
    """Plan what to do with the printers that a sweep has found."""
    viewer.require(Permission.MANAGE_INVENTORY)
    with reading(engine) as connection:
        return propose(found, read_known_printers(connection), site=site, profile=profile)


def take_over(by: Actor, found: Sequence[FoundPrinter], *, site: str, profile: str) -> Done:
    """Add those that are new, and write the new addresses of those that have moved."""
    by.require(Permission.MANAGE_INVENTORY)
    with writing(by.engine) as connection:
        hold_inventory(connection)
        made = propose(found, read_known_printers(connection), site=site, profile=profile)
        apply_plan(connection, made.plan, by.now, actor=by.name)
    plan = made.plan
    refused = tuple(f"Not imported: {row.reason}." for row in plan.refused)
    added = () if plan.changed else plan.added
    steps = tuple(partial(_take_out, printer_id=each.printer_id) for each in added)
    said = f"{_printers_are(len(plan.added))} added, {len(plan.changed)} updated"
    return Done(said, steps, refused, Permission.MANAGE_INVENTORY)


def _file(data: bytes) -> ParsedInventory:
    if objection := file_objection(data, IN_THE_BROWSER):
        raise RefusedPrinter(f"The file {objection}. `printers import` takes larger ones.")
    return read_inventory(data)


def _printers_are(number: int) -> str:
    return counted(number, "printer is", "printers are")


def _as_before(before: InventoryPrinter, after: Mapping[str, Value]) -> UndoStep:
    """Return the undo of an edit: these values are written as they were."""
    seen = replace(before.changed(after), version=before.version + 1)
    return partial(update_printer, seen=seen, values={name: before.values[name] for name in after})


def _put_in_again(connection: Connection, row: InventoryPrinter, *, actor: str, now: datetime) -> None:
    plan = plan_rows(connection, [row.values])
    changed_one(len(plan.added), f"the printer {row.printer_id}")
    apply_plan(connection, plan, now, actor=actor)


def _take_out(connection: Connection, printer_id: str, *, actor: str, now: datetime) -> None:
    """Undo an addition, unless the printer was edited since."""
    row = next((row for row in read_printers(connection) if row.printer_id == printer_id), None)
    if row is None or row.version != 1:
        raise conflict(f"the printer {printer_id}")
    remove_printer(connection, row, now, actor=actor)
