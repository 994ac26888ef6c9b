"""Sessions: a random token in a cookie, and its SHA-256 in the table login_sessions."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, delete, insert, or_, select, update

from core.domain.permissions import Permission, role_of
from core.domain.tokens import hashed
from core.runtime.web_settings import DashboardSettings
from core.storage.core_tables import SESSIONS, USERS
from core.storage.database import note_in_passing, reading
from dashboard.viewer import Viewer
from dashboard.web.gate.request_origin import throttle_key

COOKIE: Final = "printers_session"
SECURE_COOKIE: Final = f"__Host-{COOKIE}"
"""Its name behind HTTPS: browsers take it from this host alone, over HTTPS alone."""

_RENEW_AFTER: Final = timedelta(minutes=1)
_LONGEST_AGENT: Final = 200
_ENDED_KEPT: Final = timedelta(days=7)

Method = Literal["password", "provider", "proxy"]
"""How somebody signed in: here, by OpenID Connect, or by a proxy that names them in every request."""


@dataclass(frozen=True)
class ClientInfo:
    """The browser that signs in."""

    address: str = ""
    agent: str = ""

    @property
    def throttle_address(self) -> str:
        """What is counted for throttling: the address, of IPv6 its /64."""
        return throttle_key(self.address)


def cookie_name(*, secure: bool) -> str:
    """Return the cookie of the session."""
    return SECURE_COOKIE if secure else COOKIE


@dataclass(frozen=True)
class Proof:
    """The way in which somebody has proved who they are."""

    method: Method = "password"
    at: datetime | None = None
    """When, as the provider says; None: now for a password, unknown for others."""


def open_session(  # noqa: PLR0913 (whose, where, how and when)
    connection: Connection,
    user_id: int,
    client: ClientInfo,
    settings: DashboardSettings,
    now: datetime,
    *,
    proof: Proof | None = None,
    replaces: str = "",
) -> str:
    """Sign a user in; returns the token for the cookie.

    `replaces` is the token_hash of the session this browser had until now: it ends. Sessions that ended long
    ago are deleted.
    """
    token = secrets.token_urlsafe(32)
    proof = proof or Proof()
    if replaces:
        end_session(connection, replaces, now)
    _forget_ended(connection, settings, now)
    connection.execute(
        insert(SESSIONS).values(
            token_hash=hashed(token),
            user_id=user_id,
            csrf=secrets.token_urlsafe(24),
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(days=settings.session_days),
            confirmed_at=now if proof.method == "password" else proof.at,
            method=proof.method,
            address=client.address,
            agent=client.agent[:_LONGEST_AGENT],
        )
    )
    connection.execute(update(USERS).where(USERS.c.id == user_id).values(signed_in_at=now))
    return token


def find_session(
    engine: Engine, token_hash: str, settings: DashboardSettings, now: datetime, *, renew: bool
) -> Viewer | None:
    """Return the viewer of a session; None where it ended. `renew`: a person did something just now."""
    with reading(engine) as connection:
        row = connection.execute(_alive((token_hash,), settings, now)).first()
    if row is None:
        return None
    session = _LiveSession(*row)
    if renew and now - session.seen_at > _RENEW_AFTER:
        used = update(SESSIONS).where(SESSIONS.c.token_hash == token_hash).values(seen_at=now)
        note_in_passing(engine, used)
    return _viewer(session, settings, now)


def alive_sessions(
    engine: Engine, token_hashes: Collection[str], settings: DashboardSettings, now: datetime
) -> dict[str, Viewer]:
    """Return those of these sessions that have not ended."""
    if not token_hashes:
        return {}
    with reading(engine) as connection:
        sessions = [_LiveSession(*row) for row in connection.execute(_alive(token_hashes, settings, now))]
    return {session.token_hash: _viewer(session, settings, now) for session in sessions}


def has_not_ended(settings: DashboardSettings, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a session was not signed out, is not too old, and was used lately."""
    session = SESSIONS.c
    used_lately = session.seen_at > now - timedelta(hours=settings.session_idle_hours)
    return and_(session.revoked_at.is_(None), session.expires_at > now, used_lately)


def end_session(
    connection: Connection, token_hash: str, now: datetime, *, user_id: int | None = None
) -> bool:
    """Sign out; False where it had ended already, or is not this user's."""
    ended = update(SESSIONS).where(SESSIONS.c.token_hash == token_hash, SESSIONS.c.revoked_at.is_(None))
    if user_id is not None:
        ended = ended.where(SESSIONS.c.user_id == user_id)
    return connection.execute(ended.values(revoked_at=now)).rowcount == 1


def confirm_session(connection: Connection, token_hash: str, now: datetime) -> bool:
    """Note that the owner of a session has just proved who they are; False where it has ended."""
    confirmed = update(SESSIONS).where(SESSIONS.c.token_hash == token_hash, SESSIONS.c.revoked_at.is_(None))
    return connection.execute(confirmed.values(confirmed_at=now)).rowcount == 1


def _forget_ended(connection: Connection, settings: DashboardSettings, now: datetime) -> None:
    before = now - _ENDED_KEPT
    idle_before = before - timedelta(hours=settings.session_idle_hours)
    session = SESSIONS.c
    ended = or_(session.revoked_at < before, session.expires_at < before, session.seen_at < idle_before)
    connection.execute(delete(SESSIONS).where(ended))


@dataclass(frozen=True, slots=True)
class _LiveSession:
    """A session that has not ended, with its owner; in the order of the columns of _alive()."""

    token_hash: str
    csrf: str
    seen_at: datetime
    confirmed_at: datetime | None
    method: Method
    user_id: int
    name: str
    full_name: str
    email: str
    role: str
    must_change_password: bool
    second_factor: bool
    list_view: str


def _alive(token_hashes: Collection[str], settings: DashboardSettings, now: datetime) -> Select[Any]:
    user, session = USERS.c, SESSIONS.c
    columns = (
        session.token_hash,
        session.csrf,
        session.seen_at,
        session.confirmed_at,
        session.method,
        user.id,
        user.name,
        user.full_name,
        user.email,
        user.role,
        user.must_change_password,
        user.second_factor,
        user.list_view,
    )
    return (
        select(*columns)
        .join(USERS, user.id == session.user_id)
        .where(
            session.token_hash.in_(token_hashes),
            has_not_ended(settings, now),
            user.active,
        )
    )


def _viewer(session: _LiveSession, settings: DashboardSettings, now: datetime) -> Viewer:
    role = role_of(session.role)
    must_set_second_factor = (
        settings.admin_second_factor
        and role.may(Permission.MANAGE_USERS)
        and session.method == "password"
        and not session.second_factor
    )
    return Viewer(
        role=role,
        name=session.name,
        full_name=session.full_name,
        email=session.email,
        user_id=session.user_id,
        session=session.token_hash,
        csrf=session.csrf,
        must_change_password=session.must_change_password,
        must_set_second_factor=must_set_second_factor,
        method=session.method,
        list_view=session.list_view,
        # Who sits there is up to the proxy, which says so in every request.
        confirmed_at=now if session.method == "proxy" else session.confirmed_at,
    )
