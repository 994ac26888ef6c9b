"""Links for accounts: the token is exchanged for a cookie of this browser, then a form makes the account.

The token stands in the fragment of the link, which browsers send to nobody: it is in no log of a proxy.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from core.contract.errors import Conflict
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
from core.storage.database import writing
from core.storage.user_rows import UserRow
from core.storage.users import AccountRefused, NewUser, account_name, add_user, set_password, user_row
from dashboard.access_log import count_or_refuse, record_refusal, record_sign_in
from dashboard.settings import DashboardAppSettings
from dashboard.throttle import LINK_ADDRESS, Limit, forget_attempt
from dashboard.web.sign_in.sessions import ClientInfo, open_session
from dashboard.web.sign_in.sign_in import HASHING, CodeWanted
from dashboard.web.sign_in.signed_cookie import LinkCookie, UnknownLink

COOKIE: Final = LinkCookie("printers_link", "account link", ACCOUNT_LINK_PATH, timedelta(hours=1))
"""It lasts for filling in the form; the link itself gives the next one."""
_UNKNOWN: Final = (
    "This link is not known, was used already, or has expired. Ask an administrator for another one."
)
_REASON: Final = "the link for an account is unknown, used or expired"
_TOO_MANY: Final = "too many unknown links for accounts"


@dataclass(frozen=True)
class NewPassword:
    """What was typed into the form, and where it came from."""

    link_id: int
    name: str
    full_name: str
    password: str
    again: str
    client: ClientInfo
    replaces: str = ""
    """The token_hash of the session that this browser has until now; "" where it has none."""


def exchange(engine: Engine, token: str, client: ClientInfo, now: datetime) -> int:
    """Return the number of the link of a token. Raises UnknownLink, TooManyAttempts."""
    count_or_refuse(engine, _counted(client), "", client, _TOO_MANY, now=now)
    with writing(engine) as connection:
        link = find_by_token(connection, token, now) if token else None
        if link is None:
            record_refusal(connection, "", client, _REASON, now=now)
        else:
            forget_attempt(connection, LINK_ADDRESS, client.throttle_address, now)
    if link is None:
        raise UnknownLink(_UNKNOWN)
    return link.link_id


def accept(
    engine: Engine, given: NewPassword, settings: DashboardAppSettings, now: datetime
) -> str | CodeWanted:
    """Make the account of a link, or set the password, and sign in; the link is used up.

    Returns the token of the new session, or that a code of their second factor is wanted first. Raises
    UnknownLink, AccountRefused, Conflict and TooManyAttempts: then the link is as it was.
    """
    count_or_refuse(engine, _counted(given.client), "", given.client, _TOO_MANY, now=now)
    if given.password != given.again:
        raise AccountRefused("The two passwords differ.")
    try:
        with HASHING, writing(engine) as connection:
            link = find_account_link(connection, given.link_id, now)
            if link is None:
                raise UnknownLink(_UNKNOWN)
            use_link(connection, link, now)
            user = _with_password(connection, link, given, settings, now)
            details = {"for": link.purpose, "made_by": link.created_by}
            note(connection, "user.link_used", user.name, actor=user.name, now=now, details=details)
            forget_attempt(connection, LINK_ADDRESS, given.client.throttle_address, now)
            if user.second_factor:
                return CodeWanted(user.id, user.version)
            record_sign_in(connection, user.name, given.client, "password", now=now)
            return open_session(
                connection, user.id, given.client, settings.dashboard, now, replaces=given.replaces
            )
    except UsedLink:
        raise UnknownLink(_UNKNOWN) from None
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
            raise UnknownLink(_UNKNOWN)
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


def _counted(client: ClientInfo) -> list[tuple[Limit, str]]:
    return [(LINK_ADDRESS, client.throttle_address)]
