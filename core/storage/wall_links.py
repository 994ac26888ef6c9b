"""Links of wall screens: made, listed, found by their token and revoked, each with its audit.

The caller gives the connection of its own transaction (core.storage.database.reading or writing).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, insert, select, update

from core.contract.errors import UserError
from core.domain.permissions import Permission
from core.domain.text import one_line
from core.domain.tokens import hashed
from core.storage.audit import note
from core.storage.core_tables import WALL_LINKS
from core.storage.database import changed_one, hold, note_in_passing
from core.storage.makers import Maker, read_maker, select_with_makers

LONGEST_NAME: Final = 60
LONGEST_PLACE: Final = 300
_USED_EVERY: Final = timedelta(minutes=1)


class RefusedLink(UserError):
    """A link cannot be made like that; the sentence says why."""


@dataclass(frozen=True)
class WallScreenLink:
    """The link of a screen; its token is known to nobody but that screen."""

    link_id: int
    name: str
    location: str
    """The place whose printers it shows; "" for all."""
    created_by: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    maker: Maker | None = None
    """None where it was made by no account."""

    @property
    def is_left_open(self) -> bool:
        """Whether it goes on though who made it could not make it now: others are to decide."""
        lost = self.maker is not None and not self.maker.may(Permission.MANAGE_SCREENS)
        return lost and self.revoked_at is None


_COLUMNS: Final = WALL_LINKS.c["id", "name", "location", "created_by", "created_at", "used_at", "revoked_at"]
_LINKS: Final = select_with_makers(WALL_LINKS, _COLUMNS)


def read_wall_links(connection: Connection) -> Sequence[WallScreenLink]:
    """Return all links by name, those that are not revoked first."""
    rows = connection.execute(_LINKS.order_by(WALL_LINKS.c.name, WALL_LINKS.c.id))
    return sorted(map(_link, rows), key=lambda link: link.revoked_at is not None)


def note_left_open(connection: Connection, name: str, *, actor: str, now: datetime) -> None:
    """Note in the audit which screens go on of somebody who may make none any more.

    They are shared, and go on: a deactivated account must not darken the screens of the whole office.
    """
    for link in read_wall_links(connection):
        if link.created_by == name and link.is_left_open:
            note(connection, "wall.left_open", link.name, actor=actor, now=now, details={"made_by": name})


def add_wall_link(connection: Connection, name: str, location: str, *, actor: str, now: datetime) -> str:
    """Make the link of a screen; return its token, which is told this once. Raises RefusedLink."""
    name = " ".join(one_line(name).split())
    if not name or len(name) > LONGEST_NAME:
        raise RefusedLink(f"Name the screen, in at most {LONGEST_NAME} characters.")
    if len(location) > LONGEST_PLACE:
        raise RefusedLink(f"Name the place in at most {LONGEST_PLACE} characters.")
    hold(connection, f"wall link:{name}")
    taken = select(WALL_LINKS.c.id).where(WALL_LINKS.c.name == name, WALL_LINKS.c.revoked_at.is_(None))
    if connection.execute(taken).first() is not None:
        raise RefusedLink(f"There is a link for {name} already: revoke that one first.")
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(WALL_LINKS).values(
            name=name, location=location, token_hash=hashed(token), created_by=actor, created_at=now
        )
    )
    note(connection, "wall.created", name, actor=actor, now=now, details={"location": location})
    return token


def revoke_wall_link(connection: Connection, link_id: int, *, actor: str, now: datetime) -> str:
    """End a link; return its name. Raises Conflict where it was revoked already."""
    this = WALL_LINKS.c.id == link_id
    name = str(connection.execute(select(WALL_LINKS.c.name).where(this)).scalar() or link_id)
    ended = update(WALL_LINKS).where(this, WALL_LINKS.c.revoked_at.is_(None)).values(revoked_at=now)
    changed_one(connection.execute(ended).rowcount, f"The link of {name}")
    note(connection, "wall.revoked", name, actor=actor, now=now)
    return name


def find_by_token(connection: Connection, token: str) -> WallScreenLink | None:
    """Return the link of a token; None where there is none, or it was revoked."""
    return _find(connection, WALL_LINKS.c.token_hash == hashed(token))


def find_wall_link(connection: Connection, link_id: int) -> WallScreenLink | None:
    """Return a link by its number; None where it was revoked."""
    return _find(connection, WALL_LINKS.c.id == link_id)


def note_use(engine: Engine, link: WallScreenLink, now: datetime) -> None:
    """Note that a screen has just shown the view, at most once a minute."""
    if link.used_at is None or now - link.used_at > _USED_EVERY:
        used = update(WALL_LINKS).where(WALL_LINKS.c.id == link.link_id).values(used_at=now)
        note_in_passing(engine, used)


def _find(connection: Connection, which: ColumnElement[bool]) -> WallScreenLink | None:
    row = connection.execute(_LINKS.where(which, WALL_LINKS.c.revoked_at.is_(None))).first()
    return None if row is None else _link(row)


def _link(row: Sequence[Any]) -> WallScreenLink:
    own = len(_COLUMNS)
    return replace(WallScreenLink(*row[:own]), maker=read_maker(*row[own:]))
