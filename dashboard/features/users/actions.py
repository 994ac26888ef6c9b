"""Manage accounts, for administrators; end sessions, also one's own."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from core.domain.passwords import make_password
from core.domain.permissions import Permission
from core.domain.units import counted
from core.runtime.web_settings import AccountSettings
from core.storage.audit import note
from core.storage.database import writing
from core.storage.second_factors import turn_off
from core.storage.user_rows import UserEdit, UserRow
from core.storage.users import (
    AccountRefused,
    NewUser,
    add_user,
    edit_user,
    revoke_sessions,
    set_password,
    user_row,
)
from dashboard.actor import Actor
from dashboard.features.users.queries import given_out
from dashboard.undoing import Done, DoneWithSecret
from dashboard.viewer import Viewer
from dashboard.web.sign_in.sessions import end_session


@dataclass(frozen=True)
class EditStep:
    """An account that was edited, and as what."""

    before: UserRow
    after: UserRow

    def back(self, connection: Connection, *, actor: str, now: datetime) -> None:
        edit_user(connection, self.after, self.before.editable(), actor=actor, now=now)


def add(by: Actor, new: NewUser) -> DoneWithSecret:
    """Make an account with a password that its owner has to change. Raises AccountRefused."""
    by.viewer.require(Permission.MANAGE_USERS)
    by.viewer.require_confirmed(by.now)
    password = make_password()
    with writing(by.engine) as connection:
        made = replace(new, password=password, must_change_password=True)
        add_user(connection, made, actor=by.name, now=by.now)
    return DoneWithSecret(
        Done(f"{new.name.strip().lower()} can sign in now", permission=Permission.MANAGE_USERS), password
    )


def edit(by: Actor, seen: UserRow, values: UserEdit) -> Done:
    """Change an account. Raises AccountRefused, and Conflict where somebody was faster."""
    by.viewer.require(Permission.MANAGE_USERS)
    by.viewer.require_confirmed(by.now)
    with writing(by.engine) as connection:
        edit_user(connection, seen, values, actor=by.name, now=by.now)
        after = user_row(connection, seen.id)
        kept = given_out(connection, seen.name, by.now)
    steps = (EditStep(seen, after),) if after else ()
    said = f"{seen.name} is saved"
    if after is not None and seen.active and not after.active:
        said = f"{seen.name} is deactivated{kept.words_of_end}"
    return Done(said, steps, permission=Permission.MANAGE_USERS, confirmed=True)


def reset_password(by: Actor, seen: UserRow, settings: AccountSettings) -> DoneWithSecret:
    """Give somebody a new password, which they have to change; they are signed out everywhere."""
    by.viewer.require(Permission.MANAGE_USERS)
    by.viewer.require_confirmed(by.now)
    password = make_password()
    with writing(by.engine) as connection:
        set_password(connection, seen, password, settings, actor=by.name, now=by.now)
    return DoneWithSecret(
        Done(f"{seen.name} has a new password", permission=Permission.MANAGE_USERS), password
    )


def reset_second_factor(by: Actor, seen: UserRow, settings: AccountSettings) -> Done:
    """Remove the second factor of somebody else, who has lost it; they are signed out everywhere."""
    by.viewer.require(Permission.MANAGE_USERS)
    by.viewer.require_confirmed(by.now)
    if seen.id == by.viewer.user_id:
        raise AccountRefused("Your own two-factor authentication is changed on the page Your account.")
    with writing(by.engine) as connection:
        turn_off(connection, seen, settings, actor=by.name, now=by.now)
        revoke_sessions(connection, seen.id, now=by.now)
    return Done(
        f"{seen.name} has no two-factor authentication any more and is signed out",
        permission=Permission.MANAGE_USERS,
    )


def sign_out(by: Actor, user_id: int, *, keep: str = "") -> Done:
    """End all sessions of a user but one; of oneself, or as an administrator of anybody."""
    _require_own_or_admin(by.viewer, user_id)
    with writing(by.engine) as connection:
        number = revoke_sessions(connection, user_id, now=by.now, keep=keep)
        whose = user_row(connection, user_id)
        if number and whose:
            note(connection, "user.signed_out", whose.name, actor=by.name, now=by.now)
    return Done(f"{counted(number, 'session', 'sessions')} ended", permission=Permission.OWN_ACCOUNT)


def end_one(by: Actor, user_id: int, token_hash: str) -> Done:
    """End one session of a user; of oneself, or as an administrator of anybody."""
    _require_own_or_admin(by.viewer, user_id)
    with writing(by.engine) as connection:
        ended = end_session(connection, token_hash, by.now, user_id=user_id)
        whose = user_row(connection, user_id)
        if ended and whose:
            note(connection, "session.revoked", whose.name, actor=by.name, now=by.now)
    return Done(
        "The session is ended" if ended else "The session had ended already",
        permission=Permission.OWN_ACCOUNT,
    )


def _require_own_or_admin(viewer: Viewer, user_id: int) -> None:
    viewer.require(Permission.OWN_ACCOUNT if viewer.user_id == user_id else Permission.MANAGE_USERS)
