"""Plan what a sweep changes in the inventory: new, known and moved printers; none twice. Pure.

A printer is known by its serial number, else its MAC address, else where it is asked.
"""

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from core.contract.discovery_messages import FoundPrinter
from core.domain.addresses import clean_mac
from core.domain.inventory.csv_file import InventoryRow
from core.domain.inventory.fields import LONGEST_TEXT, clean_text
from core.domain.inventory.import_plan import ImportPlan, plan_import
from core.domain.inventory.printers import InventoryPrinter, Value
from core.domain.serials import serial_of

Status = Literal["new", "known", "moved", "same", "conflict"]
Sign = Literal["serial", "mac", "host"]


@dataclass(frozen=True)
class Sighting:
    """A printer that was found, and what it is to us."""

    found: FoundPrinter
    status: Status
    printer_id: str = ""
    """Whom it is known as."""
    known_by: Sign | Literal[""] = ""
    note: str = ""


@dataclass
class Proposal:
    """Every sighting, and the plan that takes over what is new and what has changed."""

    sightings: list[Sighting] = field(default_factory=list)
    plan: ImportPlan = field(default_factory=ImportPlan)

    def of(self, status: Status) -> list[Sighting]:
        """Return the sightings of that status."""
        return [sighting for sighting in self.sightings if sighting.status == status]


def propose(
    found: Iterable[FoundPrinter], existing: Sequence[InventoryPrinter], *, site: str, profile: str
) -> Proposal:
    """Return what to do about the printers found by asking with `profile` at `site`."""
    ordered = sorted(found, key=_place)
    doubles = _doubles(ordered)
    matches = _match([one for one in ordered if id(one) not in doubles], existing)
    recognized = {known.printer_id for known, _ in matches.values()}
    unseen = [known for known in existing if known.printer_id not in recognized]
    sightings, rows = list[Sighting](), list[InventoryRow]()
    for line, one in enumerate(ordered, 1):
        if id(one) in doubles:
            note = f"the same printer as {_address(doubles[id(one)])}"
            sighting, values = Sighting(one, "same", note=note), dict[str, Value]()
        elif id(one) in matches:
            sighting, values = _known(one, *matches[id(one)])
        else:
            sighting, values = _unknown(one, unseen, _new(one, site, profile))
        sightings.append(sighting)
        rows += [InventoryRow(line, values)] if values else []
    return Proposal(sightings, _plan(rows, existing))


def _plan(rows: Sequence[InventoryRow], existing: Sequence[InventoryPrinter]) -> ImportPlan:
    """Return those who have moved first: then the address that one has left is free for another."""
    changed = plan_import([row for row in rows if "printer_id" in row.values], existing)
    now = {change.printer_id: change.after for change in changed.changed}
    moved = [known.changed(now.get(known.printer_id, {})) for known in existing]
    added = plan_import([row for row in rows if "printer_id" not in row.values], moved)
    return ImportPlan(added.added, changed.changed, changed.unchanged, [*changed.refused, *added.refused])


def _doubles(found: Sequence[FoundPrinter]) -> dict[int, FoundPrinter]:
    """Return printers found at another address before (cable and radio): by id(), with the first."""
    first: dict[tuple[str, str | None], FoundPrinter] = {}
    doubles = {}
    for one in found:
        serial = serial_of(one.serial_number)
        before = first.setdefault((serial, one.model), one) if serial else one
        if before is not one:
            doubles[id(one)] = before
    return doubles


def _match(
    found: Sequence[FoundPrinter], existing: Sequence[InventoryPrinter]
) -> dict[int, tuple[InventoryPrinter, Sign]]:
    """Return the known printer of each sighting, by id(), with the strongest sign it is known by."""
    matches: dict[int, tuple[InventoryPrinter, Sign]] = {}
    taken: set[str] = set()
    signs: tuple[tuple[Sign, Callable[[FoundPrinter], object], Callable[[InventoryPrinter], object]], ...] = (
        ("serial", lambda one: serial_of(one.serial_number), _known_serial),
        ("mac", lambda one: clean_mac(one.mac or ""), lambda known: known.mac),
        ("host", lambda one: (one.host, one.port), lambda known: known.address),
    )
    for name, of_found, of_known in signs:
        left = [one for one in found if id(one) not in matches]
        known = _unique(existing, of_known)
        for sign, one in _unique(left, of_found).items():
            other = known.get(sign)
            if other is None or other.printer_id in taken or _is_another(one, other, name):
                continue
            matches[id(one)] = other, name
            taken.add(other.printer_id)
    return matches


def _unique(items: Iterable[Any], sign: Callable[[Any], object]) -> dict[object, Any]:
    """Return the items that have a sign which no other item has, by that sign."""
    pairs = [(found, item) for item in items if (found := sign(item))]
    count = Counter(found for found, _ in pairs)
    return {found: item for found, item in pairs if count[found] == 1}


def _known_serial(known: InventoryPrinter) -> str:
    return serial_of(known.serial) or serial_of(known.told_serial)


def _is_another(one: FoundPrinter, known: InventoryPrinter, sign: Sign) -> bool:
    """Return whether it shares a sign with a known printer and differs in a stronger one."""
    serials = serial_of(one.serial_number), _known_serial(known)
    if sign == "serial" or all(serials):
        return serials[0] != serials[1]
    macs = clean_mac(one.mac or ""), known.mac
    return sign == "host" and all(macs) and macs[0] != macs[1]


def _unknown(
    one: FoundPrinter, unseen: Iterable[InventoryPrinter], new: dict[str, Value]
) -> tuple[Sighting, dict[str, Value]]:
    """Return it as new, unless it stands at the address of one of ours that was not found anywhere."""
    owner = next((known for known in unseen if known.address == (one.host, one.port)), None)
    if owner is None:
        return Sighting(one, "new"), new
    note = f"{owner.printer_id} has this address, and another serial number or MAC address"
    return Sighting(one, "conflict", owner.printer_id, note=note), {}


def _known(one: FoundPrinter, known: InventoryPrinter, sign: Sign) -> tuple[Sighting, dict[str, Value]]:
    """Return one of ours, and what of it would change."""
    printer_id = known.printer_id
    values: dict[str, Value] = dict(_filled(one, known))
    status: Status = "known"
    note = ""
    if known.address != (one.host, one.port):
        if _is_address(known.host):
            values |= {"host": one.host, "port": one.port}
            status = "moved"
            note = f"was {known.host}:{known.port}"
        else:
            note = f"asked by its name {known.host}, which stays"
    if values:
        values = {"host": known.host, "port": known.port, **values, "printer_id": printer_id}
    return Sighting(one, status, printer_id, sign, note), values


def _filled(one: FoundPrinter, known: InventoryPrinter) -> Iterator[tuple[str, Value]]:
    """Yield what the inventory does not have yet."""
    told = {"serial": one.serial_number, "mac": one.mac, "model": one.model}
    for name, value in told.items():
        if value and not known.values[name]:
            yield name, _cell(value)


def _new(one: FoundPrinter, site: str, profile: str) -> dict[str, Value]:
    return {
        "host": one.host,
        "port": one.port,
        "name": _cell(one.system_name) or one.host,
        "location": _cell(one.system_location),
        "model": _cell(one.model),
        "serial": _cell(one.serial_number),
        "mac": clean_mac(one.mac or ""),
        "site": site,
        "profile": profile,
    }


def _cell(text: str | None) -> str:
    return clean_text((text or "")[:LONGEST_TEXT])


def _address(one: FoundPrinter) -> str:
    return f"{one.host}:{one.port}"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _place(one: FoundPrinter) -> tuple[int, int, int]:
    address = ipaddress.ip_address(one.host)
    return address.version, int(address), one.port
