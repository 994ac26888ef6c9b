"""The list of printers as one HTML table, a line for each printer; a phone shows them as cards (look.css)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote

from core.domain.health import health_of
from core.domain.places import not_in_the_name
from dashboard.features.fleet.listed import ListedDetails
from dashboard.features.fleet.queries import Listed
from dashboard.ui.templates import render
from dashboard.ui.text import clean
from dashboard.ui.theme import ink_of
from dashboard.ui.wording import StateStyle, fixer_label, health_look, state_look

COLUMNS: Final[Mapping[str, str]] = {
    "place": "Place",
    "model": "Model",
    "state": "State",
    "why": "Problems",
    "supply": "Lowest supply",
    "when": "Last answer",
}
"""Beside the name and how a printer is: those that a reader may leave out (ui/assets/list_view.js)."""

_NOTHING_KNOWN: Final = ListedDetails()
_LONGEST_SUPPLY: Final = 60


class _Row(NamedTuple):  # made twice as fast as a dataclass, and there are many
    """Values of a row of the table."""

    path: str
    name: str
    place: str
    model: str
    health: StateStyle
    """How it is."""
    state: str
    """What it does; "" where its health says all."""
    out: str
    """Why it is out of service; "" where it is not."""
    until: datetime | None
    """Until when it is out of service, where that is known."""
    flag: str
    """The first flag's words; "" where there is none, or it is out of service."""
    more: int
    """How many more flags there are."""
    stale: bool
    """Whether its data are stale: the flag may be over by now."""
    fixer: str
    """Who can mend what the flag says."""
    since: datetime | None
    """Since when the flag is there."""
    gap: str
    percent: int | None
    ink: str
    supply: str
    some_left: bool
    is_current: bool
    """Whether all this is of the last minutes."""
    at: datetime | None
    """When it was read, or (`answered`) when it last answered."""
    answered: bool
    """Whether it does not answer now: `at` is of its last answer."""
    never_answered: bool


def fleet_table(rows: Sequence[Listed], details: Mapping[str, ListedDetails]) -> str:
    """Return the rows as they are given."""
    return _drawn(tuple(rows), tuple(details.get(row.printer_id, _NOTHING_KNOWN) for row in rows))


@lru_cache(maxsize=64)
def _drawn(rows: tuple[Listed, ...], details: tuple[ListedDetails, ...]) -> str:
    """Return the table, drawn once for all who see the same: of 5 ms that leaves 0.2."""
    return render(
        "fleet/table", columns=COLUMNS, rows=[_row(*each) for each in zip(rows, details, strict=True)]
    )


def printer_path(printer_id: str) -> str:
    """Return the address of a printer's page."""
    return f"/printer?id={quote(printer_id, safe='')}"


def _row(row: Listed, details: ListedDetails) -> _Row:
    row = _as_read(row, details)
    silent = not details.reachable and details.taken_at is not None
    return _Row(
        path=printer_path(row.printer_id),
        name=row.name,
        place=not_in_the_name(row.location, row.name),
        model=row.model,
        health=health_look(row.health),
        state=_state(row),
        out=details.out_of_service,
        until=details.out_until,
        flag=details.message if details.flags and not details.out_of_service else "",
        more=details.flags - 1,
        stale=row.state == "stale",
        fixer=fixer_label(details.fixer),
        since=details.since_at,
        gap=details.gap,
        percent=row.lowest_percent,
        ink=ink_of(details.colorant),
        supply=clean(details.supply, _LONGEST_SUPPLY),
        some_left=details.some_left,
        is_current=row.state != "stale" and not silent,
        at=details.answered_at if silent else details.taken_at,
        answered=silent,
        never_answered=silent and details.answered_at is None,
    )


def _as_read(row: Listed, details: ListedDetails) -> Listed:
    """Return the row with the state of the reading that its flags are of.

    The list may be seconds older than its details.
    """
    if row.state == "stale" or not details.state:
        return row
    reached = details.reachable or details.answered_at is not None
    health = health_of(details.severity, stale=False, reached=reached, out=row.health == "out")
    return row._replace(state=details.state, health=health)


def _state(row: Listed) -> str:
    """Return what the printer does; "" where its health says already that this is unknown."""
    return "" if row.health in ("stale", "new") else state_look(row.state).label
