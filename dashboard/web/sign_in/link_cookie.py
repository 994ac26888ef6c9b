"""Cookies for links with a token: what the token in the fragment of a link is exchanged for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from core.contract.errors import UserError
from dashboard.web.sign_in.forms import outside_of
from dashboard.web.sign_in.signed import sign, verified


class UnknownLink(UserError):
    """The link opens nothing, or nothing any more."""


@dataclass(frozen=True)
class LinkCookie:
    """A kind of cookie that names a link by its number: for one path alone, and for no script."""

    name: str
    purpose: str
    """What it is signed for: a cookie of another kind is none of this one."""
    path: str
    lasts: timedelta

    def given(self, request: Request) -> str:
        """Return the cookie of this browser; "" where it has none."""
        return request.cookies.get(self._name(request), "")

    def number(self, key: bytes, cookie: str, now: datetime) -> int | None:
        """Return the number of the link that a cookie was given for; None where it is none of ours."""
        claims = verified(key, self.purpose, cookie, now) if cookie else None
        return None if claims is None else int(claims["link"])

    def keep(self, request: Request, response: Response, number: int, key: bytes, now: datetime) -> None:
        """Give the browser the cookie of a link."""
        response.set_cookie(
            self._name(request),
            sign(key, self.purpose, {"link": number}, now, self.lasts),
            max_age=int(self.lasts.total_seconds()),
            path=self.path,
            httponly=True,
            samesite="strict",
            secure=outside_of(request).secure,
        )

    def forget(self, request: Request, response: Response) -> None:
        """Take the cookie back."""
        response.delete_cookie(
            self._name(request),
            path=self.path,
            httponly=True,
            samesite="strict",
            secure=outside_of(request).secure,
        )

    def _name(self, request: Request) -> str:
        """Its name; behind HTTPS one that browsers take over HTTPS alone."""
        return f"__Secure-{self.name}" if outside_of(request).secure else self.name
