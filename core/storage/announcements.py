"""Announcements: what people say to everybody who prints in a place, from a day on and until one.

The caller gives the connection of its own transaction (core.storage.database.reading or writing).
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from core.contract.errors import UserError
from core.domain.places import is_inside, named, parts_of
from core.domain.text import lines, one_line
from core.storage.audit import note
from core.storage.core_tables import ANNOUNCEMENTS
from core.storage.database import changed_one

LONGEST_TEXT: Final = 500
LONGEST_PLACE: Final = 300
MOST_PAST: Final = 100
"""How many that are over are listed."""


@dataclass(frozen=True)
class Announcement:
    """An announcement as somebody has seen it."""

    announcement_id: int
    text: str
    location: str
    """The place that it is about; "" for all."""
    begins_at: datetime
    ends_at: datetime | None
    """None: until somebody ends it."""
    created_by: str
    created_at: datetime
    version: int

    def is_over(self, now: datetime) -> bool:
        """Return whether it has ended."""
        return self.ends_at is not None and self.ends_at <= now

    def is_shown(self, now: datetime) -> bool:
        """Return whether everybody reads it now."""
        return self.begins_at <= now and not self.is_over(now)


@dataclass(frozen=True)
class NewAnnouncement:
    """An announcement as it was typed."""

    text: str
    location: str
    begins_at: datetime
    ends_at: datetime | None

    def read(self, now: datetime) -> "NewAnnouncement":
        """Return it as it is stored. Raises UserError with what is wrong with it."""
        words = lines(self.text).strip()
        if not words:
            raise UserError("The announcement is empty: type in what people are to know.")
        if len(words) > LONGEST_TEXT:
            raise UserError(f"An announcement may have {LONGEST_TEXT:,} characters; this has {len(words):,}.")
        if len(self.location) > LONGEST_PLACE:
            raise UserError("There is no place with such a long name.")
        if self.ends_at is not None and self.ends_at <= max(self.begins_at, now):
            raise UserError("It would be over before anybody has read it: choose a later last day, or none.")
        return replace(self, text=words, location=named(parts_of(one_line(self.location))))


def read_announcements(connection: Connection) -> list[Announcement]:
    """Return all announcements, the newest first."""
    query = select(*_COLUMNS).order_by(ANNOUNCEMENTS.c.begins_at.desc(), ANNOUNCEMENTS.c.id)
    return [Announcement(*row) for row in connection.execute(query)]


def shown_announcements(connection: Connection, now: datetime) -> list[Announcement]:
    """Return what everybody reads now, the newest first."""
    return [one for one in read_announcements(connection) if one.is_shown(now)]


def about_place(found: Iterable[Announcement], location: str, *, within: bool = False) -> list[Announcement]:
    """Return the announcements that are about a location; `within`: also those about places in it."""
    return [
        one
        for one in found
        if is_inside(location, one.location) or (within and is_inside(one.location, location))
    ]


def add_announcement(
    connection: Connection, new: NewAnnouncement, *, actor: str, now: datetime
) -> Announcement:
    """Announce something. Raises UserError."""
    given = new.read(now)
    _forget_old(connection, now)
    values = {"created_by": actor, "created_at": now, "version": 1, **asdict(given)}
    statement = insert(ANNOUNCEMENTS).values(values).returning(*_COLUMNS)
    made = Announcement(*connection.execute(statement).one())
    _note(connection, "announcement.made", made, actor, now)
    return made


def edit_announcement(
    connection: Connection, seen: Announcement, wanted: NewAnnouncement, *, actor: str, now: datetime
) -> Announcement:
    """Change one. Raises UserError, and Conflict where somebody was faster."""
    after = _changed(connection, seen, wanted.read(now))
    _note(connection, "announcement.edited", after, actor, now)
    return after


def end_announcement(
    connection: Connection, seen: Announcement, *, actor: str, now: datetime
) -> Announcement:
    """End one now; one that has not begun was never shown. Raises Conflict where somebody was faster."""
    given = NewAnnouncement(seen.text, seen.location, min(seen.begins_at, now), now)
    after = _changed(connection, seen, given)
    _note(connection, "announcement.ended", after, actor, now)
    return after


def _changed(connection: Connection, seen: Announcement, given: NewAnnouncement) -> Announcement:
    own = ANNOUNCEMENTS.c.id == seen.announcement_id, ANNOUNCEMENTS.c.version == seen.version
    values = {**asdict(given), "version": seen.version + 1}
    rows = connection.execute(update(ANNOUNCEMENTS).where(*own).values(values).returning(*_COLUMNS)).all()
    changed_one(len(rows), "the announcement")
    return Announcement(*rows[0])


def _forget_old(connection: Connection, now: datetime) -> None:
    over = [one.announcement_id for one in read_announcements(connection) if one.is_over(now)]
    connection.execute(delete(ANNOUNCEMENTS).where(ANNOUNCEMENTS.c.id.in_(over[MOST_PAST - 1 :])))


def _note(connection: Connection, action: str, one: Announcement, actor: str, now: datetime) -> None:
    details = {
        "text": one.text,
        "place": one.location,
        "from": one.begins_at.isoformat(),
        "until": one.ends_at.isoformat() if one.ends_at else "",
    }
    note(connection, action, str(one.announcement_id), actor=actor, now=now, details=details)


_COLUMNS: Final = ANNOUNCEMENTS.c[
    "id", "text", "location", "begins_at", "ends_at", "created_by", "created_at", "version"
]
