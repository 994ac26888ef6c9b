"""Announce something to everybody, change it and end it, each with its undo."""

from functools import partial

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
from dashboard.undoing import Done, UndoStep

_PERMISSION = Permission.ANNOUNCE


def announce(by: Actor, new: NewAnnouncement) -> Done:
    """Announce something. Raises Forbidden, UserError."""
    by.require(_PERMISSION)
    with writing(by.engine) as connection:
        made = add_announcement(connection, new, actor=by.name, now=by.now)
    said = "It is announced" if made.is_shown(by.now) else "It is announced on its first day"
    return Done(said, (partial(end_announcement, seen=made),), permission=_PERMISSION)


def edit(by: Actor, seen: Announcement, wanted: NewAnnouncement) -> Done:
    """Change an announcement. Raises Forbidden, UserError, and Conflict where somebody was faster."""
    by.require(_PERMISSION)
    with writing(by.engine) as connection:
        after = edit_announcement(connection, seen, wanted, actor=by.name, now=by.now)
    return Done("The announcement is saved", (_as_before(seen, after),), permission=_PERMISSION)


def end(by: Actor, seen: Announcement) -> Done:
    """End an announcement now. Raises Forbidden, and Conflict where somebody was faster."""
    by.require(_PERMISSION)
    with writing(by.engine) as connection:
        after = end_announcement(connection, seen, actor=by.name, now=by.now)
    return Done("The announcement is over", (_as_before(seen, after),), permission=_PERMISSION)


def _as_before(before: Announcement, after: Announcement) -> UndoStep:
    wanted = NewAnnouncement(before.text, before.location, before.begins_at, before.ends_at)
    return partial(edit_announcement, seen=after, wanted=wanted)
