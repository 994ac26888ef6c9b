"""Manage accounts, for administrators; end sessions, also one's own."""

from dataclasses import replace
from functools import partial

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
from dashboard.undoing import Done, Secret
from dashboard.web.sign_in.sessions import end_session


def add(by: Actor, new: NewUser) -> Done:
    """Make an account with a password that its owner has to change. Raises AccountRefused."""
    by.require(Permission.MANAGE_USERS, confirmed=True)
    password = make_password()
    with writing(by.engine) as connection:
        made = replace(new, password=password, must_change_password=True)
        add_user(connection, made, actor=by.name, now=by.now)
    name = new.name.strip().lower()
    return Done(f"{name} can sign in now", secret=Secret(f"The first password of {name}.", password))


def edit(by: Actor, seen: UserRow, values: UserEdit) -> Done:
    """Change an account. Raises AccountRefused, and Conflict where somebody was faster."""
    by.require(Permission.MANAGE_USERS, confirmed=True)
    with writing(by.engine) as connection:
        edit_user(connection, seen, values, actor=by.name, now=by.now)
        after = user_row(connection, seen.id)
        kept = given_out(connection, seen.name, by.now)
    steps = (partial(edit_user, seen=after, values=seen.editable()),) if after else ()
    said = f"{seen.name} is saved"
    if after is not None and seen.active and not after.active:
        said = f"{seen.name} is deactivated{kept.words_of_end}"
    return Done(said, steps, permission=Permission.MANAGE_USERS, confirmed=True)


def reset_password(by: Actor, seen: UserRow, settings: AccountSettings) -> Done:
    """Give somebody a new password, which they have to change; they are signed out everywhere."""
    by.require(Permission.MANAGE_USERS, confirmed=True)
    password = make_password()
    with writing(by.engine) as connection:
        set_password(connection, seen, password, settings, actor=by.name, now=by.now)
    secret = Secret(f"The new password of {seen.name}.", password)
    return Done(f"{seen.name} has a new password", secret=secret)


def reset_second_factor(by: Actor, seen: UserRow, settings: AccountSettings) -> Done:
    """Remove the second factor of somebody else, who has lost it; they are signed out everywhere."""
    by.require(Permission.MANAGE_USERS, confirmed=True)
    if seen.id == by.viewer.user_id:
        raise AccountRefused("Your own two-factor authentication is changed on the page Your account.")
    with writing(by.engine) as connection:
        turn_off(connection, seen, settings, actor=by.name, now=by.now)
        revoke_sessions(connection, seen.id, now=by.now)
    return Done(f"{seen.name} has no two-factor authentication any more and is signed out")


def sign_out(by: Actor, user_id: int, *, keep: str = "") -> Done:
    """End all sessions of a user but one; of oneself, or as an administrator of anybody."""
    _require_own_or_admin(by, user_id)
    with writing(by.engine) as connection:
        number = revoke_sessions(connection, user_id, now=by.now, keep=keep)
        whose = user_row(connection, user_id)
        if number and whose:
            note(connection, "user.signed_out", whose.name, actor=by.name, now=by.now)
    return Done(f"{counted(number, 'session', 'sessions')} ended")


def end_one(by: Actor, user_id: int, token_hash: str) -> Done:
    """End one session of a user; of oneself, or as an administrator of anybody."""
    _require_own_or_admin(by, user_id)
    with writing(by.engine) as connection:
        ended = end_session(connection, token_hash, by.now, user_id=user_id)
        whose = user_row(connection, user_id)
        if ended and whose:
            note(connection, "session.revoked", whose.name, actor=by.name, now=by.now)
    return Done("The session is ended" if ended else "The session had ended already")


def _require_own_or_admin(by: Actor, user_id: int) -> None:
    by.require(Permission.OWN_ACCOUNT if by.viewer.user_id == user_id else Permission.MANAGE_USERS)
