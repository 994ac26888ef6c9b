"""Links for accounts: given out by administrators, by mail or shown once, given out anew, revoked."""

from typing import Final

from core.domain.links import account_link
from core.domain.permissions import Permission
from core.storage.account_links import (
    Invitation,
    Purpose,
    invite_somebody,
    link_for_password,
    renew_link,
    revoke_account_link,
)
from core.storage.database import writing
from core.storage.user_rows import UserRow
from dashboard.actor import Actor
from dashboard.undoing import Done, Secret

_ONCE: Final = "It works once and is shown this once: hand it on now."


def invite(by: Actor, wanted: Invitation, dashboard_url: str, *, by_mail: bool) -> Done:
    """Invite somebody. Raises AccountRefused and ConfirmationNeeded."""
    by.require(Permission.MANAGE_USERS, confirmed=True)
    with writing(by.engine) as connection:
        token = invite_somebody(connection, wanted, actor=by.name, now=by.now, by_mail=by_mail)
    whose = wanted.email.strip() or "who gets it"
    said = f"{whose} is invited" if by_mail else "The link is made"
    return Done(said, secret=_shown_once(whose, token, dashboard_url))


def password_link(by: Actor, seen: UserRow, dashboard_url: str, *, by_mail: bool) -> Done:
    """Give somebody a link to set a new password. Raises AccountRefused and ConfirmationNeeded."""
    by.require(Permission.MANAGE_USERS, confirmed=True)
    with writing(by.engine) as connection:
        token = link_for_password(connection, seen, actor=by.name, now=by.now, by_mail=by_mail)
    said = f"{seen.name} gets a link by mail" if by_mail else f"The link for {seen.name} is made"
    return Done(said, secret=_shown_once(seen.name, token, dashboard_url))


def renew(by: Actor, link_id: int, dashboard_url: str, *, by_mail: bool) -> Done:
    """Give out a link anew; the one before opens nothing any more. Raises Conflict where it has ended."""
    by.require(Permission.MANAGE_USERS, confirmed=True)
    with writing(by.engine) as connection:
        token, link = renew_link(connection, link_id, actor=by.name, now=by.now, by_mail=by_mail)
    said = f"{link.whose} gets a new link by mail" if by_mail else f"{link.whose} has a new link"
    return Done(said, secret=_shown_once(link.whose, token, dashboard_url))


def revoke(by: Actor, link_id: int) -> Done:
    """End a link. Raises Conflict where it had ended already."""
    by.require(Permission.MANAGE_USERS, confirmed=True)
    with writing(by.engine) as connection:
        link = revoke_account_link(connection, link_id, actor=by.name, now=by.now)
    if link.purpose is Purpose.INVITATION:
        return Done(f"{link.whose} is not invited any more")
    return Done(f"The link of {link.whose} is revoked")


def _shown_once(whose: str, token: str, dashboard_url: str) -> Secret | None:
    """Return the link to hand on; None where a mail brings it, and there is no token."""
    if not token:
        return None
    return Secret(f"The link for {whose}.", account_link(dashboard_url, token), _ONCE)
