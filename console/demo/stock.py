"""The store rooms of the college, what lies in them, and what is on order: told by data."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import Final

from sqlalchemy import Connection

from core.contract import ber
from core.contract.mib_names import OID
from core.domain.model_names import model_name
from core.domain.parts import CatalogPart
from core.domain.places import place_of
from core.domain.supply_parts import SupplyPart, supply_part
from core.storage.parts import PartEntry, edit_part, ensure_part
from core.storage.purchases import NewPurchase, PlacedOrder, add_purchase, place_order
from core.storage.stock import count_shelf, make_shelf, read_shelf, set_minimum
from core.storage.store_rooms import StoreRoom, add_room, read_rooms, room_for
from simulator.plan import PlannedPrinter
from simulator.recording import arcs_of, content_of

_MAYA: Final = "maya"
"""What she signs in with, as _TOM does (console/demo/accounts.py)."""
_TOM: Final = "tom"
_ROOMS: Final = (
    ("Central store", ()),
    ("Library store", ("Library", "Student Union", "Admissions House")),
    ("Science store", ("Science Center", "Engineering Hall")),
)
_TYPES: Final[Mapping[str, str]] = {
    "toner": "toner",
    "ink": "ink_cartridge",
    "drum": "opc",
    "wear": "other",
    "waste_toner": "waste_toner",
    "waste_ink": "waste_ink",
}
_PRICES: Final[Mapping[str, int]] = {"toner": 89, "ink": 64, "drum": 142, "waste": 24}
"""Of a kind of parts; a part's own is a little more."""
_PRICE_STEPS: Final = 7
_SHELVES_SHOWN: Final = (2, 1, 0, 3)
"""How many lie on the first shelf, the second ... and again: one is empty."""
_SHORT: Final = ("toner_low", "toner_empty", "toner_nearly_low")
"""What a printer begins with whose toner nobody has on a shelf."""


def add_stock(connection: Connection, plans: Sequence[PlannedPrinter], now: datetime) -> int:
    """Fill store rooms and put lines on the purchase list, unless there are store rooms; how many shelves."""
    if read_rooms(connection):
        return 0
    for name, places in _ROOMS:
        add_room(connection, name, places)
    rooms = read_rooms(connection)
    known = {held: _priced(connection, held, now) for held in sorted(set(chain(*map(_held, plans))), key=str)}
    needed: dict[int, CatalogPart] = {}
    shelves = 0
    for plan in plans:
        is_short = any(beginning in _SHORT for beginning in plan.beginning)
        for part in (known[held] for held in _held(plan)):
            if is_short and part.kind == "toner":
                needed.setdefault(part.id, part)
            elif part.id not in needed:
                shelves += _fill(connection, rooms, part, plan, shelves, now)
    _order(connection, list(needed.values()), now)
    return shelves


def model_of(plan: PlannedPrinter) -> str:
    """Return what the processor will call the model of a printer of the fleet."""
    shape = plan.shape
    object_id = content_of(shape.values[(*arcs_of(OID["sysObjectID"]), 0)])
    return model_name(shape.model, object_id=ber.decode_oid(object_id)) or shape.model


def _held(plan: PlannedPrinter) -> list[SupplyPart]:
    """Return what a printer of the fleet will say of its supplies, as the processor will read it."""
    model, supplies = model_of(plan), plan.shape.supplies
    found = (supply_part(model, each.name, each.colorant, _TYPES[each.kind]) for each in supplies)
    return [held for held in found if held.kind in _PRICES]


def _priced(connection: Connection, held: SupplyPart, now: datetime) -> CatalogPart:
    part = ensure_part(connection, held, now=now)
    if part.price is not None:
        return part
    price = Decimal(_PRICES[part.kind]) + Decimal("4.50") * (part.id % _PRICE_STEPS)
    edit_part(connection, part, PartEntry(part.number, part.name, part.color, part.kind, price), now=now)
    return part


def _fill(  # noqa: PLR0913, PLR0917 (what a shelf is)
    connection: Connection,
    rooms: Sequence[StoreRoom],
    part: CatalogPart,
    plan: PlannedPrinter,
    number: int,
    now: datetime,
) -> int:
    """Count the part in the room of the printer's place, some days ago; 1 where that is a new shelf."""
    room = room_for(rooms, place_of(plan.location))
    if room is None or read_shelf(connection, part.id, room.id) is not None:
        return 0
    shelf = make_shelf(connection, part.id, room.id)
    set_minimum(connection, shelf, 1)
    shelf = make_shelf(connection, part.id, room.id)
    pieces = _SHELVES_SHOWN[number % len(_SHELVES_SHOWN)]
    counted_at = now - timedelta(days=1 + number % 12)
    count_shelf(connection, shelf, pieces, actor=_TOM, now=counted_at)
    return 1


def _order(connection: Connection, needed: Sequence[CatalogPart], now: datetime) -> None:
    """Order the first part that is short, the second one with a date that has passed, and ask for paper."""
    days = ((4, 6), (9, -2))
    for number, (part, (ordered, expected)) in enumerate(zip(needed, days, strict=False)):
        at = now - timedelta(days=ordered)
        line = add_purchase(connection, NewPurchase(2, part.id), actor=_MAYA, now=at)
        order = PlacedOrder(2, f"PO-2{number + 17}", (now + timedelta(days=expected)).date())
        place_order(connection, line, order, actor=_MAYA, now=at)
    paper = NewPurchase(
        40,
        text="Paper A4 80 g, boxes of 5 reams",
        needed_by=(now + timedelta(days=12)).date(),
        for_whom="Library",
    )
    add_purchase(connection, paper, actor=_MAYA, now=now - timedelta(days=1))
