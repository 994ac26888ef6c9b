"""Parts in the database: found or made for a supply, added and edited by people, with the models they fit.

Writers give the connection of their own writing transaction (core.storage.database.writing).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, func, insert, select

from core.contract.errors import UserError
from core.domain.parts import Catalog, CatalogPart, Fit
from core.domain.supply_parts import SupplyPart, part_key, supply_part
from core.storage.core_tables import FITS, PARTS, PRINTERS, SNAPSHOTS
from core.storage.database import update_seen
from core.storage.states import STATES, SUPPLIES
from core.storage.upserts import insert_into

PART_COLUMNS: Final = tuple(PARTS.c[field.name] for field in fields(CatalogPart))
"""What is selected for a CatalogPart: `part_from(row)`."""


@dataclass(frozen=True)
class PartEntry:
    """Values of a part, as a person gives them."""

    number: str
    name: str
    color: str
    kind: str
    price: Decimal | None


def part_from(row: Sequence[Any]) -> CatalogPart:
    """Return the part of a row of PART_COLUMNS."""
    part_id, number, name, color, kind, price, version = row
    return CatalogPart(part_id, number, name, color, kind, None if price is None else Decimal(price), version)


def read_catalog(connection: Connection) -> Catalog:
    """Read all parts and what they fit."""
    rows = connection.execute(select(*PART_COLUMNS).order_by(PARTS.c.id))
    parts = {part.id: part for part in map(part_from, rows)}
    fits = select(FITS.c.part_id, FITS.c.model, FITS.c.called, FITS.c.removed)
    return Catalog(parts, tuple(Fit(*row) for row in connection.execute(fits.order_by(FITS.c.part_id))))


def read_part(connection: Connection, part_id: int) -> CatalogPart:
    """Read one part; raise UserError where there is none of that id."""
    row = connection.execute(select(*PART_COLUMNS).where(PARTS.c.id == part_id)).one_or_none()
    if row is None:
        raise UserError("There is no such part: reload the page.")
    return part_from(row)


def held_parts(connection: Connection) -> list[SupplyPart]:
    """Return the parts that printers of the fleet hold now, each of a model once."""
    model = func.coalesce(func.nullif(SNAPSHOTS.c.model, ""), PRINTERS.c.model)
    rows = connection.execute(
        select(model, SUPPLIES)
        .select_from(PRINTERS.join(STATES, SNAPSHOTS.c.printer_id == PRINTERS.c.printer_id))
        .where(PRINTERS.c.enabled)
    )
    found = {
        supply_part(name or "", each.get("description"), each.get("colorant"), each.get("supply_type"))
        for name, supplies in rows
        for each in supplies or ()
    }
    return sorted(found, key=lambda part: (part.model, part.called))


def part_prices(connection: Connection) -> dict[str, Decimal]:
    """Return the price of each part that has one, by what printers call it and by its part number.

    A name or number that parts with different prices have is left out: it tells no price.
    """
    priced = PARTS.c.price.is_not(None)
    called = select(FITS.c.called, PARTS.c.price).join(PARTS, PARTS.c.id == FITS.c.part_id)
    named = connection.execute(called.where(priced, FITS.c.called != "")).all()
    numbered = connection.execute(select(PARTS.c.number, PARTS.c.price).where(priced, PARTS.c.number != ""))
    prices: dict[str, set[Decimal]] = defaultdict(set)
    for name, price in [*named, *numbered]:
        prices[name].add(Decimal(price))
    return {name: min(found) for name, found in prices.items() if len(found) == 1}


def ensure_part(connection: Connection, held: SupplyPart, *, now: datetime) -> CatalogPart:
    """Return the part that a supply takes, made where there is none; its model is learnt."""
    part = read_catalog(connection).part_of(held) or _make(connection, held, now)
    learn_fit(connection, part.id, held)
    return part


def learn_fit(connection: Connection, part_id: int, held: SupplyPart) -> None:
    """Note that printers of a model hold a part; what people have said stays."""
    row = {"part_id": part_id, "model": held.model, "called": held.called, "removed": False}
    _insert_unless_there(connection, FITS, row)


def add_part(connection: Connection, new: PartEntry, models: Iterable[str], *, now: datetime) -> CatalogPart:
    """Add a part that fits these models; raise UserError where there is one of its number or name."""
    key = _free_key(connection, new, "", part_id=None)
    row = {**_columns(new), "key": key, "version": 1, "created_at": now, "updated_at": now}
    part_id = connection.execute(insert(PARTS).values(**row).returning(PARTS.c.id)).scalar_one()
    set_fits(connection, part_id, models)
    return read_part(connection, part_id)


def edit_part(connection: Connection, seen: CatalogPart, wanted: PartEntry, *, now: datetime) -> None:
    """Make of a part what a person wants; raise Conflict where it has changed since it was read."""
    columns = _columns(wanted)
    called = select(FITS.c.model).where(FITS.c.part_id == seen.id, FITS.c.called != "").limit(1)
    model = connection.execute(called).scalar() or ""
    columns["key"] = _free_key(connection, wanted, model, part_id=seen.id)
    update_seen(connection, PARTS, (seen.id, seen.version), {**columns, "updated_at": now}, seen.title)


def set_fits(connection: Connection, part_id: int, models: Iterable[str]) -> None:
    """Have a part fit these models and no other; what printers call it is kept of those that stay."""
    wanted = set(models)
    rows = connection.execute(select(FITS.c.model, FITS.c.removed).where(FITS.c.part_id == part_id)).all()
    known = {model for model, removed in rows if not removed}
    gone = {model for model, _ in rows} - wanted
    changed = gone | (wanted - known)
    connection.execute(delete(FITS).where(FITS.c.part_id == part_id, FITS.c.model.in_(changed)))
    for model in sorted(changed):
        row = {"part_id": part_id, "model": model, "called": "", "removed": model in gone}
        connection.execute(insert(FITS).values(**row))


def lock_part(connection: Connection, part_id: int) -> None:
    """Have others who want to order the same part wait until this transaction is over."""
    connection.execute(select(PARTS.c.id).where(PARTS.c.id == part_id).with_for_update()).all()


def _make(connection: Connection, held: SupplyPart, now: datetime) -> CatalogPart:
    key = part_key(held)
    row = {"key": key, "number": held.number, "name": held.called, "color": held.color, "kind": held.kind}
    stamps = {"version": 1, "created_at": now, "updated_at": now}
    _insert_unless_there(connection, PARTS, row | stamps)  # two people may be the first at once
    return part_from(connection.execute(select(*PART_COLUMNS).where(PARTS.c.key == key)).one())


def _free_key(connection: Connection, entry: PartEntry, model: str, *, part_id: int | None) -> str:
    key = part_key(SupplyPart(model, entry.name, entry.number, entry.color, entry.kind))
    taken = connection.execute(select(PARTS.c.id).where(PARTS.c.key == key)).scalar()
    if taken not in (None, part_id):
        what = f"the part number {entry.number}" if entry.number else f"the name {entry.name}"
        raise UserError(f"There is a part with {what} already: look for it in the list.")
    return key


def _columns(entry: PartEntry) -> dict[str, Any]:
    price = None if entry.price is None else str(entry.price)
    return {
        "number": entry.number,
        "name": entry.name,
        "color": entry.color,
        "kind": entry.kind,
        "price": price,
    }


def _insert_unless_there(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    connection.execute(insert_into(table, connection.dialect.name).on_conflict_do_nothing().values(**row))
