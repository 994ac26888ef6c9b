"""Announce something to everybody, change it and end it, each with its undo."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.domain.permissions import Permission
from core.storage.announcements import (
    Announcement,
    NewAnnouncement,
    add_announcement,
    edit_announcement,
    end_announcement,
)
from core.storage.database import writing
from dashboard.actor import Actor
from dashboard.features.announcements.shown import forget_announcements
from dashboard.undoing import Done

_PERMISSION = Permission.ANNOUNCE


@dataclass(frozen=True)
class MadeStep:
    """One that was made: undone, it ends."""

    made: Announcement

    def back(self, connection: Connection, *, actor: str, now: datetime) -> None:
        end_announcement(connection, self.made, actor=actor, now=now)
        forget_announcements()


@dataclass(frozen=True)
class ChangedStep:
    """One that was changed or ended: what it was before, and the version it has now."""

    before: Announcement
    after: Announcement

    def back(self, connection: Connection, *, actor: str, now: datetime) -> None:
        one = self.before
        wanted = NewAnnouncement(one.text, one.location, one.begins_at, one.ends_at)
        edit_announcement(connection, self.after, wanted, actor=actor, now=now)
        forget_announcements()


def announce(by: Actor, new: NewAnnouncement) -> Done:
    """Announce something. Raises Forbidden, UserError."""
    by.viewer.require(_PERMISSION)
    with writing(by.engine) as connection:
        made = add_announcement(connection, new, actor=by.name, now=by.now)
    forget_announcements()
    said = "It is announced" if made.is_shown(by.now) else "It is announced on its first day"
    return Done(said, (MadeStep(made),), permission=_PERMISSION)


def edit(by: Actor, seen: Announcement, wanted: NewAnnouncement) -> Done:
    """Change an announcement. Raises Forbidden, UserError, and Conflict where somebody was faster."""
    by.viewer.require(_PERMISSION)
    with writing(by.engine) as connection:
        after = edit_announcement(connection, seen, wanted, actor=by.name, now=by.now)
    forget_announcements()
    return Done("The announcement is saved", (ChangedStep(seen, after),), permission=_PERMISSION)


def end(by: Actor, seen: Announcement) -> Done:
    """End an announcement now. Raises Forbidden, and Conflict where somebody was faster."""
    by.viewer.require(_PERMISSION)
    with writing(by.engine) as connection:
        after = end_announcement(connection, seen, actor=by.name, now=by.now)
    forget_announcements()
    return Done("The announcement is over", (ChangedStep(seen, after),), permission=_PERMISSION)
