"""Who looks after a place: whose people's reports from there are, from the moment they come.

The caller gives the connection of its own transaction (core.storage.database.reading or writing).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from core.contract.errors import UserError
from core.domain.places import named, parts_of, places_around
from core.storage.audit import note
from core.storage.core_tables import ISSUES, PLACE_ASSIGNEES, PRINTERS, USERS
from core.storage.database import conflict, hold
from core.storage.issues import add_event, edit_issue, issue_row

ACTOR: Final = "system"
"""Of the timeline: nobody in particular has assigned it."""


@dataclass(frozen=True)
class PlaceAssignee:
    """Who looks after a place."""

    location: str
    assignee: str
    """The account's name."""


def place_assignee(connection: Connection, location: str) -> PlaceAssignee | None:
    """Return who looks after a location: of its places the innermost that has somebody with an account."""
    around = places_around(location)
    own = PLACE_ASSIGNEES.c
    query = (
        select(own.location, own.assignee)
        .join_from(PLACE_ASSIGNEES, USERS, USERS.c.name == own.assignee)
        .where(own.location.in_(around), USERS.c.active)
    )
    found = {row.location: row.assignee for row in connection.execute(query)}
    innermost = next((place for place in reversed(around) if place in found), None)
    return None if innermost is None else PlaceAssignee(innermost, found[innermost])


def place_assignees(connection: Connection) -> list[PlaceAssignee]:
    """Return who looks after which place, by place; not those without an account."""
    own = PLACE_ASSIGNEES.c
    query = (
        select(own.location, own.assignee)
        .join_from(PLACE_ASSIGNEES, USERS, USERS.c.name == own.assignee)
        .where(USERS.c.active)
    )
    return [PlaceAssignee(*row) for row in connection.execute(query.order_by(own.location))]


def set_place_assignee(  # noqa: PLR0913 (who looks after which place, who did, who says so and when)
    connection: Connection, location: str, assignee: str, seen: str | None, *, actor: str, now: datetime
) -> str:
    """Have somebody look after a place ("": nobody in particular); return who did before.

    Raises UserError where it is no place, or there is no such account; Conflict where somebody else does by
    now than was `seen` (None: whoever it is).
    """
    place = named(parts_of(location))
    if not place:
        raise UserError("Choose a place: reports from nowhere are nobody's.")
    active = select(USERS.c.id).where(USERS.c.name == assignee, USERS.c.active)
    if assignee and connection.execute(active).first() is None:
        raise UserError("There is no such active account any more.")
    hold(connection, f"place_assignee {place}")
    this = PLACE_ASSIGNEES.c.location == place
    before = connection.execute(select(PLACE_ASSIGNEES.c.assignee).where(this)).scalar() or ""
    if before == assignee:
        return before
    has_account = select(USERS.c.id).where(USERS.c.name == before, USERS.c.active)
    shown = before if connection.execute(has_account).first() else ""
    if seen not in (None, before, shown):
        raise conflict(f"who looks after {place}")
    connection.execute(delete(PLACE_ASSIGNEES).where(this))
    if assignee:
        row = {"location": place, "assignee": assignee, "set_by": actor, "set_at": now}
        connection.execute(insert(PLACE_ASSIGNEES).values(row))
    note(connection, "place.assignee", place, actor=actor, now=now, details={"assignee": [before, assignee]})
    return before


def assign_by_place(connection: Connection, issue_id: int, *, now: datetime) -> None:
    """Assign an issue that was just opened to who looks after the place of its printer, if anybody does."""
    of_issue = select(PRINTERS.c.location).join_from(
        ISSUES, PRINTERS, PRINTERS.c.printer_id == ISSUES.c.printer_id
    )
    location = connection.execute(of_issue.where(ISSUES.c.id == issue_id)).scalar()
    found = place_assignee(connection, location or "")
    seen = issue_row(connection, issue_id)
    if found is None or seen is None:
        return
    edit_issue(connection, seen, {"assignee": found.assignee}, now=now)
    details = {"from": "", "to": found.assignee, "place": found.location}
    add_event(connection, issue_id, "assigned", actor=ACTOR, now=now, details=details)
