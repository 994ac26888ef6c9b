"""Set what pages cost, change it and remove it, each with its undo."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from core.domain.page_prices import PagePrice, read_price_entry
from core.domain.permissions import Permission
from core.domain.units import month
from core.storage.database import writing
from core.storage.page_prices import add_price, edit_price, remove_price
from dashboard.actor import Actor
from dashboard.undoing import Done, UndoStep

_PERMISSION = Permission.ORDER_SUPPLIES


@dataclass(frozen=True)
class TypedPrice:
    """A price, as a person typed it."""

    model: str
    """"": of every model without a price of its own."""
    mono: str
    color: str
    """"": pages in color have no price."""
    since: date
    """Any day of the month from which it holds."""


def set_price(by: Actor, seen: PagePrice | None, typed: TypedPrice) -> Done:
    """Add a price, or change the one that was seen. Raises Forbidden, UserError and Conflict."""
    by.require(_PERMISSION)
    entry = read_price_entry(typed.model, typed.mono, typed.color, typed.since)
    step: UndoStep
    with writing(by.engine) as connection:
        if seen is None:
            made = add_price(connection, entry, actor=by.name, now=by.now)
            step = partial(remove_price, seen=made)
        else:
            after = edit_price(connection, seen, entry, actor=by.name, now=by.now)
            step = partial(edit_price, seen=after, wanted=seen.entry)
    said = f"The price of {_called(entry.model)} is set from {month(entry.since)} on"
    return Done(said, (step,), permission=_PERMISSION)


def remove(by: Actor, seen: PagePrice) -> Done:
    """Remove a price: the one before holds on. Raises Forbidden, and Conflict where somebody was faster."""
    by.require(_PERMISSION)
    with writing(by.engine) as connection:
        remove_price(connection, seen, actor=by.name, now=by.now)
    said = f"The price of {_called(seen.entry.model)} since {month(seen.entry.since)} is removed"
    return Done(said, (partial(add_price, entry=seen.entry),), permission=_PERMISSION)


def _called(model: str) -> str:
    return model or "every other model"
