"""API tokens: made by administrators, shown once, revoked."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, insert, select, update

from dashboard.actions.undoing import Done
from dashboard.security.sessions import hashed
from dashboard.viewer import Rank, Viewer
from fleet.audit import note
from fleet.core_tables import API_TOKENS
from fleet.database import changed_one, writing
from fleet.errors import FleetError
from fleet.people_tables import Role

LONGEST_NAME: Final = 60
_PREFIX: Final = "printers_"
"""So that people and secret scanners know what they have found."""


class RefusedToken(FleetError):
    """A token cannot be made like that; the sentence says why."""


@dataclass(frozen=True)
class MadeToken:
    """What was done, and the token that is shown this once."""

    done: Done
    token: str


def make(engine: Engine, viewer: Viewer, name: str, role: Role, *, now: datetime) -> MadeToken:
    """A token for a program. Raises RefusedToken and ConfirmationNeeded."""
    viewer.require(Rank.ADMIN)
    viewer.require_confirmed(now)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise RefusedToken(f"Name the program that will use it, in at most {LONGEST_NAME} characters.")
    token = f"{_PREFIX}{secrets.token_urlsafe(32)}"
    taken = select(API_TOKENS.c.id).where(API_TOKENS.c.name == name, API_TOKENS.c.revoked_at.is_(None))
    with writing(engine) as connection:
        if connection.execute(taken).first() is not None:
            raise RefusedToken(f"There is a token for {name} already: revoke that one first.")
        connection.execute(
            insert(API_TOKENS).values(
                name=name,
                token_hash=hashed(token),
                role=Role(role).value,
                created_by=viewer.name,
                created_at=now,
            )
        )
        note(
            connection, "token.created", name, actor=viewer.name, now=now, details={"role": Role(role).value}
        )
    return MadeToken(Done(f"{name} has a token", rank=Rank.ADMIN), token)


def revoke(engine: Engine, viewer: Viewer, token_id: int, *, now: datetime) -> Done:
    """End a token; what used it is refused from now on. Raises Conflict where it had ended already."""
    viewer.require(Rank.ADMIN)
    viewer.require_confirmed(now)
    token = API_TOKENS.c
    with writing(engine) as connection:
        name = connection.execute(select(token.name).where(token.id == token_id)).scalar()
        done = connection.execute(
            update(API_TOKENS).where(token.id == token_id, token.revoked_at.is_(None)).values(revoked_at=now)
        )
        changed_one(done.rowcount, f"The token {name or token_id}")
        note(connection, "token.revoked", str(name), actor=viewer.name, now=now)
    return Done(f"The token of {name} is revoked", rank=Rank.ADMIN)
