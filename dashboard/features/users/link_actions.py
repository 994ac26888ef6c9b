"""Links for accounts: given out by administrators, by mail or shown once, given out anew, revoked."""

from dataclasses import dataclass

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
from dashboard.undoing import Done


@dataclass(frozen=True)
class MadeAccountLink:
    """What was done, and the token that is shown this once; "" where a mail brings it."""

    done: Done
    token: str
    whose: str


def invite(by: Actor, wanted: Invitation, *, by_mail: bool) -> MadeAccountLink:
    """Invite somebody. Raises AccountRefused and ConfirmationNeeded."""
    _require(by)
    with writing(by.engine) as connection:
        token = invite_somebody(connection, wanted, actor=by.name, now=by.now, by_mail=by_mail)
    whose = wanted.email.strip() or "who gets it"
    return MadeAccountLink(_done(f"{whose} is invited" if by_mail else "The link is made"), token, whose)


def password_link(by: Actor, seen: UserRow, *, by_mail: bool) -> MadeAccountLink:
    """Give somebody a link to set a new password. Raises AccountRefused and ConfirmationNeeded."""
    _require(by)
    with writing(by.engine) as connection:
        token = link_for_password(connection, seen, actor=by.name, now=by.now, by_mail=by_mail)
    said = f"{seen.name} gets a link by mail" if by_mail else f"The link for {seen.name} is made"
    return MadeAccountLink(_done(said), token, seen.name)


def renew(by: Actor, link_id: int, *, by_mail: bool) -> MadeAccountLink:
    """Give out a link anew; the one before opens nothing any more. Raises Conflict where it has ended."""
    _require(by)
    with writing(by.engine) as connection:
        token, link = renew_link(connection, link_id, actor=by.name, now=by.now, by_mail=by_mail)
    said = f"{link.whose} gets a new link by mail" if by_mail else f"{link.whose} has a new link"
    return MadeAccountLink(_done(said), token, link.whose)


def revoke(by: Actor, link_id: int) -> Done:
    """End a link. Raises Conflict where it had ended already."""
    _require(by)
    with writing(by.engine) as connection:
        link = revoke_account_link(connection, link_id, actor=by.name, now=by.now)
    is_invitation = link.purpose is Purpose.INVITATION
    return _done(
        f"{link.whose} is not invited any more" if is_invitation else f"The link of {link.whose} is revoked"
    )


def _require(by: Actor) -> None:
    by.viewer.require(Permission.MANAGE_USERS)
    by.viewer.require_confirmed(by.now)


def _done(said: str) -> Done:
    return Done(said, permission=Permission.MANAGE_USERS)
