"""Plan what an import changes: rows of a file against the printers there are. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.domain.addresses import DEFAULT_PORT
from core.domain.inventory.csv_file import InventoryRow, RefusedRow
from core.domain.inventory.fields import slug
from core.domain.inventory.header import COLUMNS
from core.domain.inventory.printers import InventoryPrinter, Value
from core.domain.serials import serial_of

_DEFAULTS: Final[Mapping[str, Value]] = {
    "port": DEFAULT_PORT,
    "location": "",
    "site": "main",
    "profile": "default",
    "model": "",
    "serial": "",
    "mac": "",
    "cost_center": "",
    "asset_tag": "",
    "in_use_since": "",
    "warranty_until": "",
    "contract": "",
    "contract_until": "",
    "enabled": True,
    "notes": "",
}
_LONGEST_ID: Final = 64


@dataclass(frozen=True)
class InventoryChange:
    """One printer as it was (None: new) and as it is to be."""

    line: int
    before: InventoryPrinter | None
    after: Mapping[str, Value]

    @property
    def printer_id(self) -> str:
        """Whose change it is."""
        return str(self.after["printer_id"])

    @property
    def fields(self) -> list[str]:
        """What differs."""
        before = self.before.values if self.before else {}
        return [column for column in COLUMNS if before.get(column) != self.after[column]]


@dataclass
class ImportPlan:
    """Changes that an import makes, row by row of its file."""

    added: list[InventoryChange] = field(default_factory=list)
    changed: list[InventoryChange] = field(default_factory=list)
    unchanged: list[InventoryChange] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def plan_import(rows: Sequence[InventoryRow], existing: Sequence[InventoryPrinter]) -> ImportPlan:
    """Return what the rows change: they are matched by id, else address, else serial number."""
    match = _Match(existing, rows)
    reserved = set(match.by_id) | {
        str(row.values["printer_id"]) for row in rows if "printer_id" in row.values
    }
    plan, changes, seen = ImportPlan(), [], dict[str, int]()
    for row in rows:
        before = match.find(row)
        printer_id = before.printer_id if before else _new_id(row, reserved)
        if printer_id in seen:
            plan.refused.append(
                RefusedRow(row.line, f"the same printer as line {seen[printer_id]}: {printer_id}")
            )
            continue
        seen[printer_id] = row.line
        reserved.add(printer_id)
        if row.values.get("printer_id", printer_id) != printer_id:
            plan.notes.append(
                f"line {row.line}: {row.values['printer_id']} is there as {printer_id}, which stays"
            )
        changes.append(InventoryChange(row.line, before, _after(row, before, printer_id)))
    _sort_out(_without_collisions(changes, existing, plan), plan)
    return plan


class _Match:
    """The printer that a row is about."""

    def __init__(self, existing: Sequence[InventoryPrinter], rows: Iterable[InventoryRow]) -> None:
        self.by_id = {printer.printer_id: printer for printer in existing}
        self._by_address = {printer.address: printer for printer in reversed(existing)}
        # A number that two printers or two rows have (0000000 of an unset board) names none of them.
        here = Counter(serial_of(printer.serial) for printer in existing)
        there = Counter(_serial(row.values) for row in rows)
        self._by_serial = {
            serial: printer
            for printer in existing
            if (serial := serial_of(printer.serial)) and here[serial] == 1 and there[serial] == 1
        }

    def find(self, row: InventoryRow) -> InventoryPrinter | None:
        return (
            self.by_id.get(str(row.values.get("printer_id", "")))
            or self._by_address.get(row.address)
            or self._by_serial.get(_serial(row.values))
        )


def _serial(values: Mapping[str, Value]) -> str:
    return serial_of(str(values.get("serial", "")))


def _after(row: InventoryRow, before: InventoryPrinter | None, printer_id: str) -> dict[str, Value]:
    base = _DEFAULTS if before is None else before.values
    name = row.values.get("name") or (before.name if before else "") or row.values["host"]
    return {**base, **row.values, "printer_id": printer_id, "name": name}


def _new_id(row: InventoryRow, reserved: set[str]) -> str:
    """Return the id the file gives, else one made from the name or the host that nobody has yet."""
    if "printer_id" in row.values:
        return str(row.values["printer_id"])
    wanted = (
        slug(str(row.values.get("name", ""))) or slug(str(row.values["host"]).replace(":", "-")) or "printer"
    )
    candidate, number = wanted, 1
    while candidate in reserved:
        number += 1
        candidate = f"{wanted[: _LONGEST_ID - len(str(number)) - 1]}-{number}"
    return candidate


def _without_collisions(
    changes: list[InventoryChange], existing: Iterable[InventoryPrinter], plan: ImportPlan
) -> list[InventoryChange]:
    """Return the changes after which no two printers share an address; a swap of two is possible."""
    kept = {change.printer_id: change for change in changes}
    untouched = {printer.printer_id: printer.address for printer in existing}
    while True:
        owner: dict[tuple[str, int], str] = {}
        final = untouched | {change.printer_id: _address(change.after) for change in kept.values()}
        # Who has an address already keeps it: rows that move there are refused, not the others.
        for printer_id in sorted(final, key=lambda each: final[each] != untouched.get(each)):
            owner.setdefault(final[printer_id], printer_id)
        losers = [
            change
            for change in kept.values()
            if owner[final[change.printer_id]] != change.printer_id
            and final[change.printer_id] != untouched.get(change.printer_id)
        ]
        if not losers:
            return list(kept.values())
        for change in losers:
            host, port = _address(change.after)
            owned_by = owner[host, port]
            plan.refused.append(RefusedRow(change.line, f"{host}:{port} is the address of {owned_by}"))
            del kept[change.printer_id]


def _sort_out(changes: Iterable[InventoryChange], plan: ImportPlan) -> None:
    for change in changes:
        if change.before is None:
            plan.added.append(change)
        else:
            (plan.changed if change.fields else plan.unchanged).append(change)
    plan.refused.sort(key=lambda refused: refused.line)


def _address(printer: Mapping[str, Value]) -> tuple[str, int]:
    return str(printer["host"]), int(printer["port"])
