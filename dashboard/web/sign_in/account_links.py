"""Links for accounts: the token is exchanged for a cookie of this browser, then a form makes the account.

The token stands in the fragment of the link, which browsers send to nobody: it is in no log of a proxy.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import Response

from core.contract.errors import Conflict, UserError
from core.domain.links import ACCOUNT_LINK_PATH
from core.domain.permissions import ROLES
from core.storage.account_links import (
    AccountLink,
    Purpose,
    UsedLink,
    find_account_link,
    find_by_token,
    use_link,
)
from core.storage.audit import note
from core.storage.database import reading, writing
from core.storage.user_rows import UserRow
from core.storage.users import AccountRefused, NewUser, account_name, add_user, set_password, user_row
from dashboard.settings import DashboardAppSettings
from dashboard.web.gate.access_log import log_refusal, record_refusal, record_sign_in
from dashboard.web.gate.throttle import LINK_ADDRESS, TooManyAttempts, count_attempt, forget_attempt
from dashboard.web.sign_in.forms import outside_of
from dashboard.web.sign_in.sessions import ClientInfo, open_session
from dashboard.web.sign_in.sign_in import HASHING, CodeWanted
from dashboard.web.sign_in.signed import sign, verified

_COOKIE: Final = "printers_link"
_PURPOSE: Final = "account link"
_LASTS: Final = timedelta(hours=1)
"""For filling in the form; the link itself gives the next one."""
_UNKNOWN: Final = (
    "This link is not known, was used already, or has expired. Ask an administrator for another one."
)
_REASON: Final = "the link for an account is unknown, used or expired"


class UnknownAccountLink(UserError):
    """The link opens nothing, or nothing any more."""

    def __init__(self) -> None:
        super().__init__(_UNKNOWN)


@dataclass(frozen=True)
class NewPassword:
    """What was typed into the form, and where it came from."""

    link_id: int
    name: str
    full_name: str
    password: str
    again: str
    client: ClientInfo
    throttle_address: str = ""
    replaces: str = ""
    """The token_hash of the session that this browser has until now; "" where it has none."""


def exchange(
    engine: Engine, token: str, client: ClientInfo, throttle_address: str, now: datetime
) -> AccountLink:
    """Return the link of a token. Raises UnknownAccountLink, TooManyAttempts."""
    _count(engine, client, throttle_address, now)
    with writing(engine) as connection:
        link = find_by_token(connection, token, now) if token else None
        if link is None:
            record_refusal(connection, "", client, _REASON, now=now)
        else:
            forget_attempt(connection, LINK_ADDRESS, throttle_address, now)
    if link is None:
        raise UnknownAccountLink
    return link


def accept(
    engine: Engine, given: NewPassword, settings: DashboardAppSettings, now: datetime
) -> str | CodeWanted:
    """Make the account of a link, or set the password, and sign in; the link is used up.

    Returns the token of the new session, or that a code of their second factor is wanted first. Raises
    UnknownAccountLink, AccountRefused, Conflict and TooManyAttempts: then the link is as it was.
    """
    _count(engine, given.client, given.throttle_address, now)
    if given.password != given.again:
        raise AccountRefused("The two passwords differ.")
    try:
        with HASHING, writing(engine) as connection:
            link = find_account_link(connection, given.link_id, now)
            if link is None:
                raise UnknownAccountLink
            use_link(connection, link, now)
            user = _with_password(connection, link, given, settings, now)
            details = {"for": link.purpose, "made_by": link.created_by}
            note(connection, "user.link_used", user.name, actor=user.name, now=now, details=details)
            forget_attempt(connection, LINK_ADDRESS, given.throttle_address, now)
            if user.second_factor:
                return CodeWanted(user.id, user.version)
            record_sign_in(connection, user.name, given.client, "password", now=now)
            return open_session(
                connection, user.id, given.client, settings.dashboard, now, replaces=given.replaces
            )
    except UsedLink:
        raise UnknownAccountLink from None
    except IntegrityError:  # two people chose one name at once
        raise Conflict("Somebody else has just taken that name. Choose another one.") from None


def _with_password(
    connection: Connection,
    link: AccountLink,
    given: NewPassword,
    settings: DashboardAppSettings,
    now: datetime,
) -> UserRow:
    """Return the account that the link is for, with the password that was typed."""
    if link.purpose is Purpose.PASSWORD:
        seen = user_row(connection, link.user_id or 0)
        if seen is None or not seen.active:
            raise UnknownAccountLink
        set_password(connection, seen, given.password, settings.accounts, actor=seen.name, now=now)
        user_id = seen.id
    else:
        new = NewUser(
            name=link.name or given.name,
            role=ROLES[link.role],
            full_name=given.full_name,
            email=link.email,
            password=given.password,
        )
        if not given.password:
            raise AccountRefused("Choose a password.")
        names, actor = settings.accounts.organization, account_name(new.name)
        user_id = add_user(connection, new, actor=actor, now=now, organization=names)
    user = user_row(connection, user_id)
    assert user is not None  # noqa: S101 (it was written in this transaction)
    return user


def link_of(engine: Engine, key: bytes, cookie: str, now: datetime) -> AccountLink | None:
    """Return the link that a cookie was given for.

    None where it is none of ours, or the link opens nothing any more.
    """
    number = link_number(key, cookie, now)
    if number is None:
        return None
    with reading(engine) as connection:
        return find_account_link(connection, number, now)


def link_number(key: bytes, cookie: str, now: datetime) -> int | None:
    """Return the number of the link that a cookie was given for; None where it is none of ours."""
    claims = verified(key, _PURPOSE, cookie, now) if cookie else None
    return None if claims is None else int(claims["link"])


def link_cookie(request: Request) -> str:
    """Return the cookie of this browser; "" where it has none."""
    return request.cookies.get(_cookie_name(request), "")


def keep_link(request: Request, response: Response, link: AccountLink, key: bytes, now: datetime) -> None:
    """Give the browser the cookie of its link: for this path alone, and for no script."""
    response.set_cookie(
        _cookie_name(request),
        sign(key, _PURPOSE, {"link": link.link_id}, now, _LASTS),
        max_age=int(_LASTS.total_seconds()),
        path=ACCOUNT_LINK_PATH,
        httponly=True,
        samesite="strict",
        secure=outside_of(request).secure,
    )


def forget_link(request: Request, response: Response) -> None:
    """Take the cookie back."""
    response.delete_cookie(
        _cookie_name(request),
        path=ACCOUNT_LINK_PATH,
        httponly=True,
        samesite="strict",
        secure=outside_of(request).secure,
    )


def _count(engine: Engine, client: ClientInfo, throttle_address: str, now: datetime) -> None:
    try:
        with writing(engine) as connection:
            count_attempt(connection, [(LINK_ADDRESS, throttle_address)], now)
    except TooManyAttempts:
        log_refusal("", client, "too many unknown links for accounts")
        raise


def _cookie_name(request: Request) -> str:
    """Its name; behind HTTPS one that browsers take over HTTPS alone."""
    return f"__Secure-{_COOKIE}" if outside_of(request).secure else _COOKIE
