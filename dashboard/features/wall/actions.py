"""Links of wall screens: made by administrators, shown once, revoked."""

from typing import Final

from core.domain.permissions import Permission
from core.storage.database import writing
from core.storage.wall_links import add_wall_link, revoke_wall_link
from dashboard.actor import Actor
from dashboard.undoing import Done, Secret

_NOTE: Final = "Shown only once: make it the page that the browser of the screen starts with."


def make(by: Actor, name: str, location: str, dashboard_url: str) -> Done:
    """Make a link for a screen. Raises RefusedLink and ConfirmationNeeded."""
    by.require(Permission.MANAGE_SCREENS, confirmed=True)
    with writing(by.engine) as connection:
        token = add_wall_link(connection, name, location, actor=by.name, now=by.now)
    address = f"{dashboard_url.strip().rstrip('/')}/wall#{token}"
    return Done(f"{name.strip()} has a link", secret=Secret(f"The link of {name}.", address, _NOTE))


def revoke(by: Actor, link_id: int) -> Done:
    """End a link; its screen shows nothing from now on. Raises Conflict where it had ended already."""
    by.require(Permission.MANAGE_SCREENS, confirmed=True)
    with writing(by.engine) as connection:
        name = revoke_wall_link(connection, link_id, actor=by.name, now=by.now)
    return Done(f"The link of {name} is revoked")
