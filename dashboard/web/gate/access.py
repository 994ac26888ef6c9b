"""Decide which paths are open to whom before a page or route checks the viewer itself."""

from typing import Final, Literal

from core.domain.networks import networks_of
from core.domain.permissions import NOBODY
from core.runtime.web_settings import DashboardSettings
from dashboard.pages import PAGES
from dashboard.viewer import Viewer
from dashboard.web.gate.body_limit import PHOTOS, UPLOADS
from dashboard.web.gate.request_origin import is_in

Answer = Literal["yes", "sign in", "forbidden", "new password", "two-factor"]

FIND: Final = "/find"
"""Where the palette asks; what it is told is what its viewer may see."""
_OPEN: Final = frozenset({"/logout", "/healthz", "/session", "/unsubscribe"})
# The wall's page is the same for everybody; what it shows asks for a session or the cookie of a screen.
_OPEN_UNDER: Final = ("/login", "/wall")
_ABOUT_SESSIONS: Final = frozenset({"/logout", "/session"})
_FILES: Final = frozenset({"/favicon.png", "/logo", "/manifest.json", "/_stcore/health"})
_FILES_UNDER: Final = ("/static/", "/assets/")
_PORTAL: Final = frozenset({"/", *(f"/{page.path}" for page in PAGES if NOBODY.may(page.permission))})
# What the pages fetch: the configuration, the stream, the files that a page offers, photos (which ask for
# their draft or for a link to follow their issue).
_PORTAL_UNDER: Final = (
    *("/_stcore/host-config", "/_stcore/stream", "/media/", PHOTOS, FIND),
    *("/api/v1/printers", "/api/v1/announcements", "/api/v1/issues", "/api/v1/openapi.json"),
)
_NEVER: Final = ("/_stcore/metrics", "/_stcore/agent", "/auth", "/oauth2callback")
_API: Final = "/api/"
_PROGRAMS: Final = (_API, "/metrics")
"""What programs use, with a token instead of a session."""


def is_file(path: str) -> bool:
    """Return whether a path is the same for all, so that its viewer need not be looked up."""
    return path in _FILES or _is_under(path, _FILES_UNDER)


def is_open(path: str) -> bool:
    """Return whether a path is open to anybody."""
    return is_file(path) or path in _OPEN or _is_under(path, _OPEN_UNDER)


def needs_nobody(path: str) -> bool:
    """Return whether a path has an answer of its own while the database, and so the viewer, is not available.

    /session would say that the session has ended, and every open page leave; /logout, that one is signed out.
    """
    return is_open(path) and path not in _ABOUT_SESSIONS


def takes_tokens(path: str) -> bool:
    """Return whether an `Authorization: Bearer` header may stand for a session."""
    return path.startswith(_PROGRAMS)


_OWN_ACCOUNT: Final = frozenset({"/", "/account", "/_stcore/host-config", "/_stcore/stream"})
"""What the page needs on which one's own password and two-factor authentication are chosen."""


def portal_is_open(dashboard: DashboardSettings, address: str) -> bool:
    """Return whether who is not signed in sees the portal from an address (PORTAL_NETWORKS).

    The address of a proxy of ours is nobody's: it is all that is known where the proxy does not say who asks.
    """
    networks = networks_of(dashboard.portal_networks)
    if not (dashboard.portal_public and networks):
        return dashboard.portal_public
    return is_in(address, networks) and not is_in(address, networks_of(dashboard.trusted_proxies))


def answer(path: str, viewer: Viewer, *, portal_public: bool) -> Answer:
    """Return whether the gate lets this viewer through to a path.

    `portal_public`: whether the portal is open to them where they are not signed in.
    """
    if _is_under(path, _NEVER):
        return "forbidden"
    if is_open(path):
        return "yes"
    if viewer.is_anonymous:
        return "yes" if portal_public and _is_portal(path) else "sign in"
    if (viewer.must_change_password or viewer.must_set_second_factor) and path not in _OWN_ACCOUNT:
        return "new password" if viewer.must_change_password else "two-factor"
    if path.startswith(UPLOADS) and not may_upload(viewer):
        return "forbidden"
    return "yes"


def may_upload(viewer: Viewer) -> bool:
    """Return whether a page that takes files is open to this viewer."""
    return any(viewer.may(page.permission) for page in PAGES if page.uploads)


def _is_portal(path: str) -> bool:
    return path in _PORTAL or _is_under(path, _PORTAL_UNDER)


def _is_under(path: str, starts: tuple[str, ...]) -> bool:
    return any(path == start.rstrip("/") or path.startswith(start.rstrip("/") + "/") for start in starts)
