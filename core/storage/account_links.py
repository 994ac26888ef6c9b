"""Links by which people make their account or set a new password: made, found, used once and revoked.

Of a token only its SHA-256 is stored. One that a mail is to carry is drawn as the mail is sent, so that it is
in no outbox either. The caller gives the connection of its own transaction (core.storage.database).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, insert, not_, or_, select, update

from core.contract.errors import UserError
from core.domain.mail_addresses import fault_of_address
from core.domain.permissions import ROLES, Permission, Role, roles_with
from core.domain.tokens import hashed
from core.storage.audit import COMMAND_LINE, note
from core.storage.core_tables import ACCOUNT_LINKS, USERS
from core.storage.database import changed_one, hold
from core.storage.mail_outbox import cancel_mails_of_link
from core.storage.user_rows import UserRow
from core.storage.users import (
    WHO_ADMINISTERS,
    AccountRefused,
    account_name,
    are_admins,
    count_admins,
    end_password_links,
    find_user,
    whose_link,
)

FIRST_ADMIN_LASTS: Final = timedelta(hours=24)
INVITATION_LASTS: Final = timedelta(days=7)
PASSWORD_LINK_LASTS: Final = timedelta(hours=24)
_TOKEN_BYTES: Final = 24
"""192 bits in 32 characters: the whole address fits a line of a terminal of 80 columns."""


class Purpose(StrEnum):
    """What a link is for."""

    FIRST_ADMIN = "first_admin"
    """Makes the first admin; void as soon as there is one."""
    INVITATION = "invitation"
    PASSWORD = "password"  # noqa: S105 (not one)


_LASTS: Final = {
    Purpose.FIRST_ADMIN: FIRST_ADMIN_LASTS,
    Purpose.INVITATION: INVITATION_LASTS,
    Purpose.PASSWORD: PASSWORD_LINK_LASTS,
}


class UsedLink(UserError):
    """Somebody else was faster with this link, or it has just ended."""


@dataclass(frozen=True)
class Invitation:
    """Who is invited, and as what."""

    role: Role
    email: str = ""
    """Where the link is sent, and what their account gets; "" for none."""
    name: str = ""
    """What they sign in with; "": they choose it."""


@dataclass(frozen=True)
class AccountLink:
    """A link as it was read; its token is known to nobody but who has it."""

    link_id: int
    purpose: Purpose
    user_id: int | None
    name: str
    email: str
    role: str
    created_by: str
    created_at: datetime
    expires_at: datetime

    @property
    def whose(self) -> str:
        """Who it is for, in a word: for lists and the audit."""
        return whose_link(self.name, self.email)


_TABLE: Final = ACCOUNT_LINKS.c
_COLUMNS: Final = _TABLE[
    "id", "purpose", "user_id", "name", "email", "role", "created_by", "created_at", "expires_at"
]


def first_admin_link(connection: Connection, now: datetime) -> str | None:
    """Return the token of a new link for the first admin, the only valid one; None where there is one."""
    hold(connection, WHO_ADMINISTERS)
    if count_admins(connection):
        return None
    earlier = and_(_TABLE.purpose == Purpose.FIRST_ADMIN, _is_open(now))
    connection.execute(update(ACCOUNT_LINKS).where(earlier).values(revoked_at=now))
    return _add(connection, Purpose.FIRST_ADMIN, Invitation(_admin()), actor=COMMAND_LINE, now=now)


def invite_somebody(
    connection: Connection, wanted: Invitation, *, actor: str, now: datetime, by_mail: bool = False
) -> str:
    """Invite somebody; return the token, which is told this once, or "" where a mail is to bring it.

    Who was invited by that name or mail address before gets a new link: the one before ends. Raises
    AccountRefused.
    """
    name, email = account_name(wanted.name) if wanted.name else "", wanted.email.strip()
    if email and (fault := fault_of_address(email)):
        raise AccountRefused(f"{email!r} is no mail address: {fault}")
    if by_mail and not email:
        raise AccountRefused("an invitation by mail needs a mail address.")
    if name and find_user(connection, name) is not None:
        raise AccountRefused(f"there is a user {name} already.")
    same = _TABLE.name == name if name else and_(_TABLE.name == "", _TABLE.email == email)
    if name or email:
        hold(connection, f"invitation:{name or email}")
        before = and_(_TABLE.purpose == Purpose.INVITATION, same, _is_open(now))
        connection.execute(update(ACCOUNT_LINKS).where(before).values(revoked_at=now))
    invitation = Invitation(wanted.role, email, name)
    return _add(connection, Purpose.INVITATION, invitation, actor=actor, now=now, by_mail=by_mail)


def link_for_password(
    connection: Connection, user: UserRow, *, actor: str, now: datetime, by_mail: bool = False
) -> str:
    """Make a link by which somebody sets a new password; return as `invite_somebody` does. Those before end.

    Their password and sessions stay as they are until it is used. Raises AccountRefused.
    """
    if not user.active:
        raise AccountRefused(f"the account {user.name} is closed: open it first.")
    if by_mail and (fault := fault_of_address(user.email.strip())):
        raise AccountRefused(f"no mail can be sent to {user.name}: {fault}")
    end_password_links(connection, user.id, now=now)
    whose = Invitation(ROLES.get(user.role, _admin()), user.email.strip(), user.name)
    return _add(connection, Purpose.PASSWORD, whose, actor=actor, now=now, by_mail=by_mail, user_id=user.id)


def open_links(connection: Connection, now: datetime) -> Sequence[AccountLink]:
    """Return the invitations and links for a password that can still be used, the oldest first."""
    shown = _TABLE.purpose.in_((Purpose.INVITATION, Purpose.PASSWORD))
    rows = connection.execute(
        select(*_COLUMNS).where(shown, _is_usable(now)).order_by(_TABLE.created_at, _TABLE.id)
    )
    return [_link(row) for row in rows]


def renew_link(
    connection: Connection, link_id: int, *, actor: str, now: datetime, by_mail: bool = False
) -> tuple[str, AccountLink]:
    """Make the token of a link anew, valid from now on; return it as `invite_somebody` does, and the link.

    Raises Conflict where the link has ended.
    """
    link = find_account_link(connection, link_id, now)
    lasts = _LASTS[link.purpose] if link else INVITATION_LASTS
    token = "" if by_mail else secrets.token_urlsafe(_TOKEN_BYTES)
    anew = {
        "token_hash": hashed(token) if token else None,
        "mail_due": by_mail,
        "created_by": actor,  # who may have kept it
        "created_at": now,
        "expires_at": now + lasts,
    }
    done = connection.execute(update(ACCOUNT_LINKS).where(_TABLE.id == link_id, _is_open(now)).values(**anew))
    changed_one(done.rowcount if link else 0, "This link")
    assert link is not None  # noqa: S101 (else it has not changed)
    cancel_mails_of_link(connection, link_id)
    details = {"role": link.role, "by_mail": by_mail}
    note(connection, f"user.{_VERBS[link.purpose]}", link.whose, actor=actor, now=now, details=details)
    return token, link


def revoke_account_link(connection: Connection, link_id: int, *, actor: str, now: datetime) -> AccountLink:
    """End a link; return it. Raises Conflict where it has ended already."""
    link = find_account_link(connection, link_id, now)
    ended = update(ACCOUNT_LINKS).where(_TABLE.id == link_id, _is_open(now)).values(revoked_at=now)
    changed_one(connection.execute(ended).rowcount if link else 0, "This link")
    assert link is not None  # noqa: S101 (else nothing has ended)
    cancel_mails_of_link(connection, link_id)
    note(connection, "user.link_revoked", link.whose, actor=actor, now=now, details={"for": link.purpose})
    return link


def find_by_token(connection: Connection, token: str, now: datetime) -> AccountLink | None:
    """Return the link of a token; None where there is none that can be used."""
    return _find(connection, _TABLE.token_hash == hashed(token), now)


def find_account_link(connection: Connection, link_id: int, now: datetime) -> AccountLink | None:
    """Return a link by its number; None where it cannot be used any more."""
    return _find(connection, _TABLE.id == link_id, now)


def use_link(connection: Connection, link: AccountLink, now: datetime) -> None:
    """Use a link up: of two who do so at once one gets UsedLink."""
    used = update(ACCOUNT_LINKS).where(_TABLE.id == link.link_id, _is_usable(now)).values(used_at=now)
    if connection.execute(used).rowcount != 1:
        raise UsedLink("This link was used in the meantime.")


def any_mail_due(connection: Connection, now: datetime) -> bool:
    """Return whether take_due_mails would return any."""
    due = select(_TABLE.id).where(_TABLE.mail_due, _is_usable(now)).limit(1)
    return connection.execute(due).first() is not None


def take_due_mails(connection: Connection, now: datetime) -> Sequence[AccountLink]:
    """Return the links that are to be mailed, each once."""
    due = update(ACCOUNT_LINKS).where(_TABLE.mail_due, _is_usable(now)).values(mail_due=False)
    return [_link(row) for row in connection.execute(due.returning(*_COLUMNS))]


def draw_token(connection: Connection, link_id: int, now: datetime) -> str | None:
    """Return a new token of a link for its mail, the only valid one now; None where the link has ended."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    drawn = update(ACCOUNT_LINKS).where(_TABLE.id == link_id, _is_usable(now))
    done = connection.execute(drawn.values(token_hash=hashed(token)))
    return token if done.rowcount == 1 else None


_VERBS: Final = {
    Purpose.FIRST_ADMIN: "first_admin_link",
    Purpose.INVITATION: "invited",
    Purpose.PASSWORD: "password_link",
}


def _add(  # noqa: PLR0913 (the columns of a row)
    connection: Connection,
    purpose: Purpose,
    whose: Invitation,
    *,
    actor: str,
    now: datetime,
    by_mail: bool = False,
    user_id: int | None = None,
) -> str:
    token = "" if by_mail else secrets.token_urlsafe(_TOKEN_BYTES)
    values = {
        "purpose": purpose,
        "token_hash": hashed(token) if token else None,
        "user_id": user_id,
        "name": whose.name,
        "email": whose.email,
        "role": whose.role.name,
        "mail_due": by_mail,
        "created_by": actor,
        "created_at": now,
        "expires_at": now + _LASTS[purpose],
    }
    connection.execute(insert(ACCOUNT_LINKS).values(**values))
    subject = whose_link(whose.name, whose.email)
    details = {"role": whose.role.name, "by_mail": by_mail}
    note(connection, f"user.{_VERBS[purpose]}", subject, actor=actor, now=now, details=details)
    return token


def _is_open(now: datetime) -> ColumnElement[bool]:
    return and_(_TABLE.used_at.is_(None), _TABLE.revoked_at.is_(None), _TABLE.expires_at > now)


def _is_usable(now: datetime) -> ColumnElement[bool]:
    """Return which links open something: of admins, and that for the first one only while there is none.

    An admin who is shut out takes them along (core.storage.users.edit_user); one that was being made in that
    very moment opens nothing either.
    """
    admins = select(USERS.c.id).where(are_admins())
    shut_out = select(USERS.c.id).where(USERS.c.name == _TABLE.created_by, not_(are_admins()))
    return and_(
        _is_open(now),
        or_(_TABLE.purpose != Purpose.FIRST_ADMIN, ~admins.exists()),
        ~shut_out.exists(),
    )


def _find(connection: Connection, which: ColumnElement[bool], now: datetime) -> AccountLink | None:
    row = connection.execute(select(*_COLUMNS).where(which, _is_usable(now))).first()
    return None if row is None else _link(row)


def _link(row: Sequence[object]) -> AccountLink:
    link_id, purpose, *rest = row
    return AccountLink(link_id, Purpose(purpose), *rest)  # type: ignore[arg-type] # in the order of _COLUMNS


def _admin() -> Role:
    return ROLES[roles_with(Permission.MANAGE_USERS)[-1]]
