"""API tokens of programs: made, listed and revoked with their audit, for the console and the dashboard.

The caller gives the connection of its own transaction (core.storage.database.reading or writing).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from core.contract.errors import UserError
from core.domain.permissions import Role
from core.domain.tokens import hashed
from core.storage.audit import note
from core.storage.core_tables import API_TOKENS
from core.storage.database import changed_one, hold

LONGEST_NAME: Final = 60
LONGEST_DAYS: Final = 3650
_PREFIX: Final = "printers_"
"""So that people and secret scanners know what they have found."""


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

    def is_valid(self, now: datetime) -> bool:
        """Return whether it is accepted."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


def valid_tokens(now: datetime) -> ColumnElement[bool]:
    """Return Token.is_valid() as SQL."""
    return API_TOKENS.c.revoked_at.is_(None) & or_(
        API_TOKENS.c.expires_at.is_(None), API_TOKENS.c.expires_at > now
    )


def read_tokens(connection: Connection, now: datetime) -> Sequence[Token]:
    """Return all API tokens by name, those that are accepted first."""
    token = API_TOKENS.c
    columns = (
        token.id,
        token.name,
        token.role,
        token.created_by,
        token.created_at,
        token.used_at,
        token.expires_at,
        token.revoked_at,
    )
    found = [Token(*row) for row in connection.execute(select(*columns).order_by(token.name, token.id))]
    return sorted(found, key=lambda each: not each.is_valid(now))


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
