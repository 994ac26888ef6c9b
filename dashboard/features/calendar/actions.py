"""Change the calendar that forecasts go by, for administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from core.contract.errors import UserError
from core.domain.calendar_days import PeriodEntry, read_period
from core.domain.calendar_file import ParsedCalendar, read_calendar
from core.domain.permissions import Permission
from core.domain.units import counted
from core.storage.calendar_periods import StoredPeriod, add_periods, delete_period, edit_period
from core.storage.database import writing
from dashboard.actor import Actor
from dashboard.undoing import Done
from dashboard.viewer import Viewer


@dataclass(frozen=True)
class TypedPeriod:
    """A period as it was typed."""

    kind: str
    name: str
    first_day: date | None
    last_day: date | None

    def read(self) -> PeriodEntry:
        """Raise UserError with what is wrong with it."""
        return read_period(self.kind, self.name, self.first_day, self.last_day)


def add(by: Actor, typed: TypedPeriod) -> Done:
    """Add a period. Raises UserError."""
    by.require(Permission.MANAGE_INVENTORY)
    entry = typed.read()
    with writing(by.engine) as connection:
        added = add_periods(connection, [entry], actor=by.name, now=by.now)
    if not added:
        raise UserError(f"{entry.words()} is in the calendar already.")
    return Done(f"{entry.words()} is added")


def edit(by: Actor, seen: StoredPeriod, typed: TypedPeriod) -> Done:
    """Change a period. Raises UserError, and Conflict where somebody was faster."""
    by.require(Permission.MANAGE_INVENTORY)
    entry = typed.read()
    with writing(by.engine) as connection:
        edit_period(connection, seen, entry, actor=by.name, now=by.now)
    return Done(f"{entry.words()} is saved")


def remove(by: Actor, seen: StoredPeriod) -> Done:
    """Delete a period. Raises Conflict where somebody was faster."""
    by.require(Permission.MANAGE_INVENTORY)
    with writing(by.engine) as connection:
        delete_period(connection, seen, actor=by.name, now=by.now)
    step = partial(add_periods, entries=[seen.entry])
    return Done(f"{seen.entry.words()} is deleted", (step,), permission=Permission.MANAGE_INVENTORY)


def preview(viewer: Viewer, data: bytes) -> ParsedCalendar:
    """Return what a file holds. Raises UserError where it is no calendar."""
    viewer.require(Permission.MANAGE_INVENTORY)
    return read_calendar(data)


def import_file(by: Actor, periods: Sequence[PeriodEntry]) -> Done:
    """Add the periods of a file that are not there yet. Raises UserError."""
    by.require(Permission.MANAGE_INVENTORY)
    with writing(by.engine) as connection:
        added = add_periods(connection, periods, actor=by.name, now=by.now)
    known = len(periods) - added
    rest = f", {known} {'was' if known == 1 else 'were'} there already" if known else ""
    return Done(f"{counted(added, 'period')} added{rest}")
