"""Identify the viewer: by the session's cookie, or where programs ask by an API token."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, update

from core.domain.tokens import hashed
from core.storage.api_tokens import find_token
from core.storage.core_tables import API_TOKENS
from core.storage.database import note_in_passing, reading
from dashboard.app_context import AppContext
from dashboard.viewer import ANONYMOUS, Viewer
from dashboard.web.gate.request_headers import RequestHeaders
from dashboard.web.gate.request_origin import RequestOrigin
from dashboard.web.sign_in.sessions import cookie_name, find_session

_BEARER: Final = "bearer "
_USED_EVERY: Final = timedelta(minutes=1)
_UNATTENDED: Final = frozenset(
    {"/session", "/wall/tiles", "/_stcore/stream", "/_stcore/health", "/_stcore/host-config"}
)
"""What an open page asks by itself: no sign that somebody sits before it."""


@dataclass(frozen=True)
class IdentifiedRequest:
    """The parts of a request that say who makes it."""

    path: str
    headers: RequestHeaders
    cookies: Mapping[str, str]
    outside: RequestOrigin
    takes_tokens: bool

    @property
    def offers_token(self) -> bool:
        """Whether a program says who it is by an API token."""
        return self.takes_tokens and self.headers.one("authorization").lower().startswith(_BEARER)


def identify(app_context: AppContext, asked: IdentifiedRequest, now: datetime) -> Viewer:
    """Return the viewer of a request; ANONYMOUS where nobody is known."""
    if asked.offers_token:
        return _by_token(app_context.engine, asked.headers.one("authorization")[len(_BEARER) :].strip(), now)
    token = asked.cookies.get(cookie_name(secure=asked.outside.secure))
    if not token:
        return ANONYMOUS
    renew = asked.path not in _UNATTENDED
    viewer = find_session(app_context.engine, hashed(token), app_context.settings.dashboard, now, renew=renew)
    if viewer is None or not _proxy_agrees(asked, viewer):
        return ANONYMOUS
    return viewer


def _proxy_agrees(asked: IdentifiedRequest, viewer: Viewer) -> bool:
    """Return whether the proxy names the session's account; the session ends when it names somebody else."""
    return not asked.outside.user or asked.outside.user == viewer.name


def _by_token(engine: Engine, token: str, now: datetime) -> Viewer:
    with reading(engine) as connection:
        found = find_token(connection, token, now)
    rights = None if found is None else found.rights
    if found is None or rights is None:
        return ANONYMOUS
    if found.used_at is None or now - found.used_at > _USED_EVERY:
        used = update(API_TOKENS).where(API_TOKENS.c.id == found.token_id).values(used_at=now)
        note_in_passing(engine, used)
    return Viewer(rights, f"token {found.name}")
