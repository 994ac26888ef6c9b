"""Links for accounts: given out by administrators, by mail or shown once, given out anew, revoked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

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
from dashboard.undoing import Done
from dashboard.viewer import Viewer


@dataclass(frozen=True)
class MadeAccountLink:
    """What was done, and the token that is shown this once; "" where a mail brings it."""

    done: Done
    token: str
    whose: str


def invite(
    engine: Engine, viewer: Viewer, wanted: Invitation, *, now: datetime, by_mail: bool
) -> MadeAccountLink:
    """Invite somebody. Raises AccountRefused and ConfirmationNeeded."""
    _require(viewer, now)
    with writing(engine) as connection:
        token = invite_somebody(connection, wanted, actor=viewer.name, now=now, by_mail=by_mail)
    whose = wanted.email.strip() or "who gets it"
    return MadeAccountLink(_done(f"{whose} is invited" if by_mail else "The link is made"), token, whose)


def password_link(
    engine: Engine, viewer: Viewer, seen: UserRow, *, now: datetime, by_mail: bool
) -> MadeAccountLink:
    """Give somebody a link to set a new password. Raises AccountRefused and ConfirmationNeeded."""
    _require(viewer, now)
    with writing(engine) as connection:
        token = link_for_password(connection, seen, actor=viewer.name, now=now, by_mail=by_mail)
    said = f"{seen.name} gets a link by mail" if by_mail else f"The link for {seen.name} is made"
    return MadeAccountLink(_done(said), token, seen.name)


def renew(engine: Engine, viewer: Viewer, link_id: int, *, now: datetime, by_mail: bool) -> MadeAccountLink:
    """Give out a link anew; the one before opens nothing any more. Raises Conflict where it has ended."""
    _require(viewer, now)
    with writing(engine) as connection:
        token, link = renew_link(connection, link_id, actor=viewer.name, now=now, by_mail=by_mail)
    said = f"{link.whose} gets a new link by mail" if by_mail else f"{link.whose} has a new link"
    return MadeAccountLink(_done(said), token, link.whose)


def revoke(engine: Engine, viewer: Viewer, link_id: int, *, now: datetime) -> Done:
    """End a link. Raises Conflict where it had ended already."""
    _require(viewer, now)
    with writing(engine) as connection:
        link = revoke_account_link(connection, link_id, actor=viewer.name, now=now)
    is_invitation = link.purpose is Purpose.INVITATION
    return _done(
        f"{link.whose} is not invited any more" if is_invitation else f"The link of {link.whose} is revoked"
    )


def _require(viewer: Viewer, now: datetime) -> None:
    viewer.require(Permission.MANAGE_USERS)
    viewer.require_confirmed(now)


def _done(said: str) -> Done:
    return Done(said, permission=Permission.MANAGE_USERS)
