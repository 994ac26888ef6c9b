"""The list of printers as one HTML table, which a phone shows as cards (look.css)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote

from dashboard.features.fleet.listed import ListedDetails
from dashboard.features.fleet.queries import Listed
from dashboard.ui.templates import render
from dashboard.ui.text import clean
from dashboard.ui.theme import ink_of
from dashboard.ui.wording import StateStyle, fixer_label, health_look, health_of, state_look

_NOTHING_KNOWN: Final = ListedDetails()
_LONGEST_SUPPLY: Final = 60


class _Row(NamedTuple):  # made twice as fast as a dataclass, and there are many
    """What a row of the table shows."""

    path: str
    name: str
    location: str
    model: str
    look: StateStyle
    flag: str
    """The first flag's words,"""
    more: int
    """how many more there are,"""
    stale: bool
    """whether that may be over by now,"""
    fixer: str
    """who can mend it,"""
    since: datetime | None
    """and since when it is there."""
    gap: str
    percent: int | None
    ink: str
    supply: str
    some_left: bool
    at: datetime | None
    """When it was last read;"""
    answered: bool
    """of a printer that does not answer, when it last did."""
    never_answered: bool


def fleet_table(rows: Sequence[Listed], details: Mapping[str, ListedDetails]) -> str:
    """The rows as they are given."""
    return _drawn(tuple(rows), tuple(details.get(row.printer_id, _NOTHING_KNOWN) for row in rows))


@lru_cache(maxsize=64)
def _drawn(rows: tuple[Listed, ...], details: tuple[ListedDetails, ...]) -> str:
    """Drawn once for all who see the same, for as long as nothing happens: of 5 ms that leaves 0.2."""
    return render("fleet/table", rows=[_row(*each) for each in zip(rows, details, strict=True)])


def printer_path(printer_id: str) -> str:
    """The address of a printer's page."""
    return f"/printer?id={quote(printer_id, safe='')}"


def _row(row: Listed, details: ListedDetails) -> _Row:
    row = _as_read(row, details)
    silent = not details.reachable and details.taken_at is not None
    return _Row(
        path=printer_path(row.printer_id),
        name=row.name,
        location=row.location,
        model=row.model,
        look=_look(row.health, row.state),
        flag=details.message if details.flags else "",
        more=details.flags - 1,
        stale=row.state == "stale",
        fixer=fixer_label(details.fixer),
        since=details.since_at,
        gap=details.gap,
        percent=row.lowest_percent,
        ink=ink_of(details.colorant),
        supply=clean(details.supply, _LONGEST_SUPPLY),
        some_left=details.some_left,
        at=details.answered_at if silent else details.taken_at,
        answered=silent,
        never_answered=silent and details.answered_at is None,
    )


def _as_read(row: Listed, details: ListedDetails) -> Listed:
    """With the state of the reading that its flags are of: the list may be seconds older than its details."""
    if row.state == "stale" or not details.state:
        return row
    return row._replace(state=details.state, health=health_of(details.severity, stale=False, read=True))


@lru_cache(maxsize=1000)
def _look(health_code: str, state_code: str) -> StateStyle:
    """The state on the tone of how the printer is: a fault of one that prints all the same is seen, too."""
    health, state = health_look(health_code), state_look(state_code)
    if health_code in ("ok", "stale") or state.tone == "critical":
        return state
    return health if health_code == "new" else StateStyle(state.label, health.tone, health.shape)
