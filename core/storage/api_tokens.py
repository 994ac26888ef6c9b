"""API tokens of programs: made, listed and revoked with their audit, for the console and the dashboard.

The caller gives the connection of its own transaction (core.storage.database.reading or writing).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from core.contract.errors import UserError
from core.domain.permissions import Role, at_most, role_of
from core.domain.tokens import hashed
from core.storage.audit import note
from core.storage.core_tables import API_TOKENS
from core.storage.database import changed_one, hold
from core.storage.makers import Maker, read_maker, select_with_makers

LONGEST_NAME: Final = 60
LONGEST_DAYS: Final = 3650
_PREFIX: Final = "printers_"
"""So that people and secret scanners know what they have found."""


_TOKEN_COLUMNS: Final = API_TOKENS.c[
    "id", "name", "role", "created_by", "created_at", "used_at", "expires_at", "revoked_at"
]
_TOKENS: Final = select_with_makers(API_TOKENS, _TOKEN_COLUMNS)


class RefusedToken(UserError):
    """A token cannot be made or revoked like that; the sentence says why."""


@dataclass(frozen=True)
class NewToken:
    """A token to be."""

    name: str
    """The program that will use it."""
    role: Role
    expires_days: int | None = None
    """None: it lasts until it is revoked."""


@dataclass(frozen=True)
class Token:
    """An API token; the secret itself is known to nobody but its program."""

    token_id: int
    name: str
    role: str
    created_by: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    maker: Maker | None = None
    """None where it was made on the command line."""

    @property
    def rights(self) -> Role | None:
        """What it may do: no more than who made it may do now; None while they are deactivated."""
        return _rights(self.role, self.maker)

    def is_valid(self, now: datetime) -> bool:
        """Return whether it has not ended; it is accepted where it has rights, too."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


def _rights(role: str, maker: Maker | None) -> Role | None:
    if maker is None:
        return role_of(role)
    return at_most(role_of(role), role_of(maker.role)) if maker.active else None


def valid_tokens(now: datetime) -> ColumnElement[bool]:
    """Return Token.is_valid() as SQL."""
    return API_TOKENS.c.revoked_at.is_(None) & or_(
        API_TOKENS.c.expires_at.is_(None), API_TOKENS.c.expires_at > now
    )


def read_tokens(connection: Connection, now: datetime) -> Sequence[Token]:
    """Return all API tokens by name, those that are accepted first."""
    rows = connection.execute(_TOKENS.order_by(API_TOKENS.c.name, API_TOKENS.c.id))
    return sorted(map(_token, rows), key=lambda each: not each.is_valid(now))


def find_token(connection: Connection, secret: str, now: datetime) -> Token | None:
    """Return the token of a secret; None where there is none, or it has ended."""
    row = connection.execute(
        _TOKENS.where(API_TOKENS.c.token_hash == hashed(secret), valid_tokens(now))
    ).first()
    return None if row is None else _token(row)


def note_changed_rights(  # noqa: PLR0913 (whose, from what to what, who and when)
    connection: Connection, name: str, before: Maker, after: Maker, *, actor: str, now: datetime
) -> None:
    """Note in the audit which tokens of an account may do something else now."""
    for token in read_tokens(connection, now):
        if token.created_by != name or not token.is_valid(now):
            continue
        had, has = _rights(token.role, before), _rights(token.role, after)
        if had == has:
            continue
        action = "token.suspended" if has is None else "token.resumed" if had is None else "token.limited"
        rights = [each.name if each else "" for each in (had, has)]
        details = {"rights": rights, "made_by": name}
        note(connection, action, token.name, actor=actor, now=now, details=details)


def _token(row: Sequence[Any]) -> Token:
    own = len(_TOKEN_COLUMNS)
    return replace(Token(*row[:own]), maker=read_maker(*row[own:]))


def add_token(connection: Connection, new: NewToken, *, actor: str, now: datetime) -> str:
    """Make a token for a program; return the secret, which is told this once. Raises RefusedToken."""
    name = " ".join(new.name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise RefusedToken(f"Name the program that will use it, in at most {LONGEST_NAME} characters.")
    if new.expires_days is not None and not 1 <= new.expires_days <= LONGEST_DAYS:
        raise RefusedToken(f"A token expires after 1 to {LONGEST_DAYS} days, or never.")
    hold(connection, f"API token:{name}")
    taken = select(API_TOKENS.c.id).where(API_TOKENS.c.name == name, valid_tokens(now))
    if connection.execute(taken).first() is not None:
        raise RefusedToken(f"There is a token for {name} already: revoke that one first.")
    secret = f"{_PREFIX}{secrets.token_urlsafe(32)}"
    role = new.role.name
    expires_at = now + timedelta(days=new.expires_days) if new.expires_days is not None else None
    connection.execute(
        insert(API_TOKENS).values(
            name=name,
            token_hash=hashed(secret),
            role=role,
            created_by=actor,
            created_at=now,
            expires_at=expires_at,
        )
    )
    details: dict[str, Any] = {"role": role}
    if expires_at is not None:
        details["expires_at"] = expires_at.isoformat(timespec="seconds")
    note(connection, "token.created", name, actor=actor, now=now, details=details)
    return secret


def revoke_token(connection: Connection, token_id: int, *, actor: str, now: datetime) -> str:
    """End a token; return its name. Raises Conflict where it was revoked already."""
    token = API_TOKENS.c
    name = str(connection.execute(select(token.name).where(token.id == token_id)).scalar() or token_id)
    done = connection.execute(
        update(API_TOKENS).where(token.id == token_id, token.revoked_at.is_(None)).values(revoked_at=now)
    )
    changed_one(done.rowcount, f"The token {name}")
    note(connection, "token.revoked", name, actor=actor, now=now)
    return name
