"""Links of wall screens: made by administrators, shown once, revoked."""

from core.domain.permissions import Permission
from core.storage.database import writing
from core.storage.wall_links import add_wall_link, revoke_wall_link
from dashboard.actor import Actor
from dashboard.undoing import Done, DoneWithSecret


def make(by: Actor, name: str, location: str) -> DoneWithSecret:
    """Make a link for a screen. Raises RefusedLink and ConfirmationNeeded."""
    by.viewer.require(Permission.MANAGE_SCREENS)
    by.viewer.require_confirmed(by.now)
    with writing(by.engine) as connection:
        token = add_wall_link(connection, name, location, actor=by.name, now=by.now)
    return DoneWithSecret(Done(f"{name.strip()} has a link", permission=Permission.MANAGE_SCREENS), token)


def revoke(by: Actor, link_id: int) -> Done:
    """End a link; its screen shows nothing from now on. Raises Conflict where it had ended already."""
    by.viewer.require(Permission.MANAGE_SCREENS)
    by.viewer.require_confirmed(by.now)
    with writing(by.engine) as connection:
        name = revoke_wall_link(connection, link_id, actor=by.name, now=by.now)
    return Done(f"The link of {name} is revoked", permission=Permission.MANAGE_SCREENS)
