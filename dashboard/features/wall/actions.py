"""Links of wall screens: made by administrators, shown once, revoked."""

from datetime import datetime

from sqlalchemy import Engine

from core.domain.permissions import Permission
from core.storage.database import writing
from core.storage.wall_links import add_wall_link, revoke_wall_link
from dashboard.undoing import Done, DoneWithSecret
from dashboard.viewer import Viewer


def make(engine: Engine, viewer: Viewer, name: str, location: str, *, now: datetime) -> DoneWithSecret:
    """Make a link for a screen. Raises RefusedLink and ConfirmationNeeded."""
    viewer.require(Permission.MANAGE_SCREENS)
    viewer.require_confirmed(now)
    with writing(engine) as connection:
        token = add_wall_link(connection, name, location, actor=viewer.name, now=now)
    return DoneWithSecret(Done(f"{name.strip()} has a link", permission=Permission.MANAGE_SCREENS), token)


def revoke(engine: Engine, viewer: Viewer, link_id: int, *, now: datetime) -> Done:
    """End a link; its screen shows nothing from now on. Raises Conflict where it had ended already."""
    viewer.require(Permission.MANAGE_SCREENS)
    viewer.require_confirmed(now)
    with writing(engine) as connection:
        name = revoke_wall_link(connection, link_id, actor=viewer.name, now=now)
    return Done(f"The link of {name} is revoked", permission=Permission.MANAGE_SCREENS)
