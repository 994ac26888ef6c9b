"""Cookies that hold what we have signed: between the steps of a sign-in, and for links with a token."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from core.contract.errors import UserError
from core.runtime.wall_clock import utc_now
from dashboard.app_context import current_app
from dashboard.web.sign_in.forms import outside_of
from dashboard.web.sign_in.signed import sign, verified


class UnknownLink(UserError):
    """The link opens nothing, or nothing any more."""


@dataclass(frozen=True)
class SignedCookie:
    """A kind of cookie: for one path alone, and for no script."""

    name: str
    purpose: str
    """What it is signed for: a cookie of another kind is none of this one."""
    path: str
    lasts: timedelta
    samesite: Literal["strict", "lax"] = "strict"

    def claims(self, request: Request) -> Mapping[str, Any] | None:
        """Return the claims of this browser's cookie; None where it has none of ours, or it is too old."""
        cookie = request.cookies.get(self._name(request), "")
        return verified(_key(), self.purpose, cookie, utc_now()) if cookie else None

    def keep(self, request: Request, response: Response, claims: Mapping[str, Any]) -> None:
        """Give the browser the cookie with these claims."""
        response.set_cookie(
            self._name(request),
            sign(_key(), self.purpose, claims, utc_now(), self.lasts),
            max_age=int(self.lasts.total_seconds()),
            path=self.path,
            httponly=True,
            samesite=self.samesite,
            secure=outside_of(request).secure,
        )

    def forget(self, request: Request, response: Response) -> None:
        """Take the cookie back."""
        response.delete_cookie(
            self._name(request),
            path=self.path,
            httponly=True,
            samesite=self.samesite,
            secure=outside_of(request).secure,
        )

    def _name(self, request: Request) -> str:
        """Return its name; behind HTTPS one that browsers take over HTTPS alone."""
        return f"__Secure-{self.name}" if outside_of(request).secure else self.name


class LinkCookie(SignedCookie):
    """A cookie that names a link by its number: what the token in its fragment is exchanged for."""

    def number(self, request: Request) -> int | None:
        """Return the number of the link that this browser's cookie was given for; None without one."""
        claims = self.claims(request)
        return None if claims is None else int(claims["link"])


def _key() -> bytes:
    return current_app().settings.web.signing_key()
