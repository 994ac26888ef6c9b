"""Change accounts: row and audit in one transaction, for the console and the dashboard.

The caller gives the connection of its own writing transaction (core.storage.database.writing).
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, insert, select, update

from core.contract.errors import UserError
from core.domain.mail_addresses import fault_of_address
from core.domain.mail_choices import ALWAYS, NOT_CHOSEN
from core.domain.passwords import FIRST_PASSWORD_LASTS, hash_password, objection
from core.domain.permissions import FIRST_ROLE, ROLES, Permission, Role, role_of, roles_with
from core.runtime.web_settings import AccountSettings
from core.storage.account_mails import mail_change
from core.storage.api_tokens import note_changed_rights
from core.storage.audit import COMMAND_LINE, differences, note
from core.storage.core_tables import ACCOUNT_LINKS, SESSIONS, USERS
from core.storage.database import count_rows, hold
from core.storage.makers import Maker
from core.storage.user_rows import USER_COLUMNS, UserEdit, UserRow, update_user
from core.storage.wall_links import note_left_open

WHO_ADMINISTERS: Final = "who administers"
"""Held (core.storage.database.hold) by what depends on how many admins there are."""
_NO_PEOPLE: Final = frozenset({COMMAND_LINE, "processor", "notifier"})
"""What acts by itself, as the audit and `created_by` name it: no account may be taken for it."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


class AccountRefused(UserError):
    """An account cannot be made or changed like that; the sentence says why."""


@dataclass(frozen=True)
class NewUser:
    """An account to be."""

    name: str
    role: Role = ROLES[FIRST_ROLE]
    full_name: str = ""
    email: str = ""
    receives_summary: bool = False
    password: str = ""
    """Empty: signs in by single sign-on alone."""
    must_change_password: bool = False
    subject: str = ""


def add_user(
    connection: Connection, new: NewUser, *, actor: str, now: datetime, organization: str = ""
) -> int:
    """Make an account; returns its id. Raises AccountRefused.

    `organization` is ORGANIZATION: names that a password may not be made of.
    """
    name = account_name(new.name)
    if name in _NO_PEOPLE:
        raise AccountRefused(f"{name} is what the audit calls a part of the system: choose another name.")
    if find_user(connection, name) is not None:
        raise AccountRefused(f"there is a user {name} already.")
    _check_email(new.email, new.receives_summary)
    names = _guessable_names(name, new.full_name, new.email, organization)
    if new.password and (why := objection(new.password, names)):
        raise AccountRefused(why)
    values = {
        "name": name,
        "full_name": new.full_name.strip() or name,
        "email": new.email.strip(),
        "role": new.role.name,
        "password_hash": hash_password(new.password) if new.password else "",
        "active": True,
        "summary": ALWAYS if new.receives_summary else NOT_CHOSEN,
        "must_change_password": new.must_change_password,
        "password_expires_at": now + FIRST_PASSWORD_LASTS if new.must_change_password else None,
        "subject": new.subject,
        "created_at": now,
        "updated_at": now,
        "version": 1,
    }
    user_id = connection.execute(insert(USERS).values(**values).returning(USERS.c.id)).scalar_one()
    note(connection, "user.created", name, actor=actor, now=now, details={"role": values["role"]})
    return int(user_id)


def account_name(typed: str) -> str:
    """Return what somebody signs in with, as it is stored. Raises AccountRefused."""
    name = typed.strip().lower()
    if not _NAME.fullmatch(name):
        raise AccountRefused(
            f"{typed!r} cannot be a user's name: 2 to 64 letters, digits, dots, dashes, underscores or @."
        )
    return name


def edit_user(connection: Connection, seen: UserRow, values: UserEdit, *, actor: str, now: datetime) -> None:
    """Change what EDITABLE names. `seen` is the row as it was read; Conflict if it changed since.

    Who is made inactive or gets another role is signed out everywhere: an open page keeps what it was
    opened with. Who administers no more loses the links that they gave out, too. Their API tokens may do what
    they may do themselves, and the screens on the wall go on: the audit says which. The last active admin
    stays one.
    """
    edited: dict[str, Any] = {name: values.get(name, was) for name, was in seen.editable().items()}
    after = replace(seen, **edited)
    wants_mail = after.receives_summary or after.choices.receives_notices(listed=False)
    if (after.email, after.choices) != (seen.email, seen.choices):
        _check_email(after.email, wants_mail)  # of an earlier version it may be none
    stays_admin = after.active and administers(after.role)
    is_shut_out = seen.active and administers(seen.role) and not stays_admin
    if is_shut_out:
        _refuse_last_admin(connection, seen.id)
    update_user(connection, seen, edited, now=now)
    if is_shut_out:
        _end_links_given_out(connection, seen.name, actor=actor, now=now)
    if not after.active or after.role != seen.role:
        revoke_sessions(connection, seen.id, now=now)
    if not after.active or after.email != seen.email:  # where a link was sent to
        end_password_links(connection, seen.id, now=now)
    details = differences(seen.editable(), after.editable())
    note(connection, "user.changed", seen.name, actor=actor, now=now, details=details)
    was, is_now = Maker(seen.active, seen.role), Maker(after.active, after.role)
    if was != is_now:
        note_changed_rights(connection, seen.name, was, is_now, actor=actor, now=now)
    if was.may(Permission.MANAGE_SCREENS) and not is_now.may(Permission.MANAGE_SCREENS):
        note_left_open(connection, seen.name, actor=actor, now=now)


def set_password(  # noqa: PLR0913 (whose, what, who and when)
    connection: Connection,
    seen: UserRow,
    password: str,
    settings: AccountSettings,
    *,
    actor: str,
    now: datetime,
    keep_session: str = "",
) -> None:
    """Set a new password; every session but `keep_session` (a token_hash) and every link to set one ends.

    Its owner gets a mail. One that somebody else has set has to be changed within FIRST_PASSWORD_LASTS.
    Raises AccountRefused.
    """
    names = _guessable_names(seen.name, seen.full_name, seen.email, settings.organization)
    if why := objection(password, names):
        raise AccountRefused(why)
    own = actor == seen.name
    values = {
        "password_hash": hash_password(password),
        "must_change_password": not own,
        "password_expires_at": None if own else now + FIRST_PASSWORD_LASTS,
    }
    update_user(connection, seen, values, now=now)
    revoke_sessions(connection, seen.id, now=now, keep=keep_session)
    end_password_links(connection, seen.id, now=now)
    note(connection, "user.password", seen.name, actor=actor, now=now)
    mail_change(connection, seen, "password", settings, actor=actor, now=now)


def revoke_sessions(connection: Connection, user_id: int, *, now: datetime, keep: str = "") -> int:
    """End all sessions of a user (but one); how many there were."""
    done = connection.execute(
        update(SESSIONS)
        .where(SESSIONS.c.user_id == user_id, SESSIONS.c.revoked_at.is_(None), SESSIONS.c.token_hash != keep)
        .values(revoked_at=now)
    )
    return done.rowcount


def end_password_links(connection: Connection, user_id: int, *, now: datetime) -> None:
    """End the links (core.storage.account_links) by which a user could set a new password."""
    link = ACCOUNT_LINKS.c
    is_open = (link.user_id == user_id, link.used_at.is_(None), link.revoked_at.is_(None))
    connection.execute(update(ACCOUNT_LINKS).where(*is_open).values(revoked_at=now))


def _end_links_given_out(connection: Connection, name: str, *, actor: str, now: datetime) -> None:
    """End the links that an admin has made, for whomever: the admin may have kept one to come back by."""
    link = ACCOUNT_LINKS.c
    theirs = (link.created_by == name, link.used_at.is_(None), link.revoked_at.is_(None))
    ended = update(ACCOUNT_LINKS).where(*theirs, link.expires_at > now).values(revoked_at=now)
    for ended_link in connection.execute(ended.returning(link.name, link.email, link.purpose)).all():
        whose = whose_link(ended_link.name, ended_link.email)
        note(
            connection, "user.link_revoked", whose, actor=actor, now=now, details={"for": ended_link.purpose}
        )


def whose_link(name: str, email: str) -> str:
    """Return who a link is for, in a word: for lists and the audit."""
    return name or email or "whoever has the link"


def count_admins(connection: Connection, *, without: int | None = None) -> int:
    """Return how many active admins there are, not counting one."""
    return count_rows(connection, USERS, are_admins(), USERS.c.id != (without or 0))


def named_like_parts(connection: Connection) -> list[str]:
    """Return the accounts of older versions that are called what no account may be called any more."""
    return list(
        connection.execute(
            select(USERS.c.name).where(USERS.c.name.in_(_NO_PEOPLE)).order_by(USERS.c.name)
        ).scalars()
    )


def are_admins() -> ColumnElement[bool]:
    """Return which rows are of active accounts that administer, as a condition."""
    return USERS.c.role.in_(roles_with(Permission.MANAGE_USERS)) & USERS.c.active


def administers(role: str) -> bool:
    """Return whether accounts of that role can make others administrators."""
    return role_of(role).may(Permission.MANAGE_USERS)


def find_user(connection: Connection, name: str) -> UserRow | None:
    """Return the account of that name, as `seen` for the commands above; None where there is none."""
    return _one_user(connection, USERS.c.name == name.strip().lower())


def find_user_of_subject(connection: Connection, subject: str) -> UserRow | None:
    """Return the account of somebody at the provider of single sign-on; None where there is none."""
    return _one_user(connection, USERS.c.subject == subject)


def user_row(connection: Connection, user_id: int) -> UserRow | None:
    """Return the account of that id; None where there is none."""
    return _one_user(connection, USERS.c.id == user_id)


def _one_user(connection: Connection, which: ColumnElement[bool]) -> UserRow | None:
    row = connection.execute(select(*USER_COLUMNS).where(which)).first()
    return None if row is None else UserRow(*row)


def _check_email(email: str, wants_mail: bool) -> None:
    if email.strip() and (fault := fault_of_address(email.strip())):
        raise AccountRefused(f"{email!r} is no mail address: {fault}")
    if wants_mail and not email.strip():
        raise AccountRefused("who is to receive the daily summary or notices needs a mail address.")


def _refuse_last_admin(connection: Connection, user_id: int) -> None:
    hold(connection, WHO_ADMINISTERS)  # of two who close each other at once, one would else not be counted
    if count_admins(connection, without=user_id) == 0:
        raise AccountRefused("this is the last active admin: make somebody else one first.")


def _guessable_names(name: str, full_name: str, email: str, organization: str) -> list[str]:
    """Return what a guesser knows of an account: its names, those in its mail address, the organization's."""
    local, _, domain = email.strip().partition("@")
    return [name, full_name, local, domain.rpartition(".")[0], *organization.split(",")]
