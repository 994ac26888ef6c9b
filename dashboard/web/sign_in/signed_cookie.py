"""Cookies that hold what we have signed: between the steps of a sign-in, and for links with a token."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from core.contract.errors import UserError
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

    def given(self, request: Request) -> str:
        """Return the cookie of this browser; "" where it has none."""
        return request.cookies.get(self._name(request), "")

    def claims(self, key: bytes, cookie: str, now: datetime) -> Mapping[str, Any] | None:
        """Return the claims of a cookie; None where it is none of ours, or is too old."""
        return verified(key, self.purpose, cookie, now) if cookie else None

    def keep(
        self, request: Request, response: Response, claims: Mapping[str, Any], key: bytes, now: datetime
    ) -> None:
        """Give the browser the cookie with these claims."""
        response.set_cookie(
            self._name(request),
            sign(key, self.purpose, claims, now, self.lasts),
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
        """Its name; behind HTTPS one that browsers take over HTTPS alone."""
        return f"__Secure-{self.name}" if outside_of(request).secure else self.name


class LinkCookie(SignedCookie):
    """A cookie that names a link by its number: what the token in its fragment is exchanged for."""

    def number(self, key: bytes, cookie: str, now: datetime) -> int | None:
        """Return the number of the link that a cookie was given for; None where it is none of ours."""
        claims = self.claims(key, cookie, now)
        return None if claims is None else int(claims["link"])
