"""Make or update the account of somebody whom another system has signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from core.contract.errors import UserError
from core.domain.mail_addresses import is_address
from core.domain.permissions import ROLES, Role, highest, role_of
from core.runtime.web_settings import SignOnSettings
from core.storage.audit import note
from core.storage.core_tables import USERS
from core.storage.user_rows import UserRow
from core.storage.users import NewUser, add_user, edit_user, find_user, find_user_of_subject

_ACTOR = "single sign-on"


class SignOnRefused(UserError):
    """The other system vouches for them, but they have no place here; the sentence says why."""


@dataclass(frozen=True)
class ExternalIdentity:
    """Claims of the other system about a person."""

    subject: str
    """Who it is there, for ever: "issuer|sub"."""
    name: str
    full_name: str = ""
    email: str = ""
    groups: tuple[str, ...] = ()
    authenticated_at: datetime | None = None
    """When they signed in there, where that is told."""
    vouched: bool = False
    """Named by our own proxy: every account of that name is theirs, also one with a password."""


def _role_given(groups: Sequence[str], settings: SignOnSettings) -> Role | None:
    """Return the highest role that their groups give (OIDC_ROLES), else OIDC_DEFAULT_ROLE; None: none."""
    given = [settings.oidc_roles[group] for group in groups if group in settings.oidc_roles]
    if given:
        return highest(given)
    return ROLES[settings.oidc_default_role] if settings.oidc_default_role else None


def account_of(
    connection: Connection, identity: ExternalIdentity, settings: SignOnSettings, now: datetime
) -> UserRow:
    """Return the row of their account. Raises SignOnRefused and AccountRefused."""
    user = _find(connection, identity)
    role = _role_given(identity.groups, settings)
    if user is None:
        return _make(connection, identity, role, now)
    if not user.active:
        raise SignOnRefused("This account is closed. Ask an administrator to open it again.")
    if not settings.oidc_roles:  # then roles are given here, and the default is for newcomers alone
        role = role_of(user.role)
    if role is None:
        raise _no_role()
    _update(connection, user, identity, role, now)
    return user


def _find(connection: Connection, identity: ExternalIdentity) -> UserRow | None:
    known = find_user_of_subject(connection, identity.subject)
    if known is not None:
        return known
    user = find_user(connection, identity.name)
    if user is None or identity.vouched:
        return user
    # A name alone proves nothing: an account with a password, or of somebody else, is not taken over.
    if user.password_hash or user.subject:
        raise SignOnRefused(
            f"There is another account named {user.name} here. Ask an administrator to make one for you."
        )
    return user


def _make(connection: Connection, identity: ExternalIdentity, role: Role | None, now: datetime) -> UserRow:
    if role is None:
        raise _no_role()
    new = NewUser(identity.name, role, identity.full_name, _mail_of(identity), subject=identity.subject)
    add_user(connection, new, actor=_ACTOR, now=now)
    user = find_user(connection, new.name)
    assert user is not None  # noqa: S101 (made in this transaction)
    return user


def _update(
    connection: Connection, user: UserRow, identity: ExternalIdentity, role: Role, now: datetime
) -> None:
    told = {"full_name": identity.full_name, "email": _mail_of(identity), "role": role.name}
    was = user.editable()
    changed = {field: value for field, value in told.items() if value and value != was[field]}
    if changed:
        edit_user(connection, user, changed, actor=_ACTOR, now=now)
    if not user.subject and not identity.vouched:
        connection.execute(update(USERS).where(USERS.c.id == user.id).values(subject=identity.subject))
        note(connection, "user.linked", user.name, actor=_ACTOR, now=now)


def _mail_of(identity: ExternalIdentity) -> str:
    """Return their mail address; "" where it is none that mail can be sent to: nobody is kept out by that."""
    return identity.email if is_address(identity.email) else ""


def _no_role() -> SignOnRefused:
    return SignOnRefused("None of your groups has a role here. Ask an administrator for one.")
