"""Accounts and their sessions, for administrators and for oneself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, select

from core.domain.units import counted
from core.runtime.web_settings import DashboardSettings
from core.storage.api_tokens import Token, read_tokens
from core.storage.core_tables import AUDIT, SESSIONS, USERS
from core.storage.user_rows import USER_COLUMNS, UserRow
from core.storage.users import administers
from core.storage.wall_links import WallScreenLink, read_wall_links
from dashboard.web.sign_in.sessions import has_not_ended


@dataclass(frozen=True)
class Account:
    """A user, and in how many browsers they are signed in."""

    seen: UserRow
    """The row, for an edit that must not overwrite what somebody else has changed."""
    sessions: int


@dataclass(frozen=True)
class OpenSession:
    """A browser that is signed in."""

    token_hash: str
    created_at: datetime
    seen_at: datetime
    address: str
    agent: str


@dataclass(frozen=True)
class LockOuts:
    """Number of times an account was locked by wrong passwords."""

    name: str
    count: int
    last_at: datetime
    last_address: str


def lock_outs(connection: Connection, since: datetime) -> list[LockOuts]:
    """Return the accounts that were locked since then, the one that was locked most often first."""
    line = AUDIT.c
    rows = connection.execute(
        select(line.subject, line.at, line.details)
        .where(line.action == "sign_in.locked", line.at >= since)
        .order_by(line.at.desc(), line.id.desc())
    )
    found: dict[str, LockOuts] = {}
    for name, at, details in rows:
        last = found.get(name) or LockOuts(name, 0, at, str(details.get("address", "")))
        found[name] = replace(last, count=last.count + 1)
    return sorted(found.values(), key=lambda each: (-each.count, each.name))


def accounts(connection: Connection, settings: DashboardSettings, now: datetime) -> list[Account]:
    """Return all of them by name, the active ones first."""
    grouped = (
        select(SESSIONS.c.user_id, func.count())
        .where(has_not_ended(settings, now))
        .group_by(SESSIONS.c.user_id)
    )
    counted: dict[int, int] = {row[0]: row[1] for row in connection.execute(grouped)}
    query = select(*USER_COLUMNS).order_by(USERS.c.active.desc(), USERS.c.name)
    users = (UserRow(*row) for row in connection.execute(query))
    return [Account(user, counted.get(user.id, 0)) for user in users]


def open_sessions(
    connection: Connection, user_id: int, settings: DashboardSettings, now: datetime
) -> list[OpenSession]:
    """Return where somebody is signed in, the latest first."""
    session = SESSIONS.c
    rows = connection.execute(
        select(session.token_hash, session.created_at, session.seen_at, session.address, session.agent)
        .where(session.user_id == user_id, has_not_ended(settings, now))
        .order_by(session.seen_at.desc())
    )
    return [OpenSession(*row) for row in rows]


def is_last_admin(account: Account, everybody: Sequence[Account]) -> bool:
    """Return whether this user is the last one who can give the role of an administrator."""
    admins = [one for one in everybody if one.seen.active and administers(one.seen.role)]
    return admins == [account]


@dataclass(frozen=True)
class GivenOut:
    """What of somebody has not ended."""

    tokens: Sequence[Token]
    screens: Sequence[WallScreenLink]

    @property
    def words(self) -> str:
        """Return `2 API tokens and 1 wall screen`; "" for nothing."""
        tokens = counted(len(self.tokens), "API token") if self.tokens else ""
        screens = counted(len(self.screens), "wall screen") if self.screens else ""
        return " and ".join(filter(None, (tokens, screens)))

    @property
    def words_of_end(self) -> str:
        """Return what becomes of it when its maker is deactivated, as the end of a sentence."""
        parts = (
            f"{counted(len(self.tokens), 'API token')} refused" if self.tokens else "",
            f"{counted(len(self.screens), 'wall screen')} still open, see below" if self.screens else "",
        )
        return "".join(f", {part}" for part in parts if part)


def given_out(connection: Connection, name: str, now: datetime) -> GivenOut:
    """Return the tokens and links of screens that an account has made."""
    return GivenOut(
        [one for one in read_tokens(connection, now) if one.created_by == name and one.is_valid(now)],
        [one for one in read_wall_links(connection) if one.created_by == name and one.revoked_at is None],
    )
