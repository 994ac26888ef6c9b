"""Signing in with name and password, and with a code where the account has a second factor."""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine

from core.contract.errors import UserError
from core.domain.passwords import has_expired, verify
from core.domain.second_factor import UnreadableSecret
from core.storage.database import reading, writing
from core.storage.second_factors import use_code
from core.storage.user_rows import UserRow
from core.storage.users import find_user, user_row
from dashboard.access_log import count_or_refuse, record_lock_out, record_refusal, record_sign_in
from dashboard.actor import Actor
from dashboard.settings import DashboardAppSettings
from dashboard.throttle import (
    LOGIN_ADDRESS,
    LOGIN_CODE,
    LOGIN_USER,
    forget_attempt,
    forget_attempts,
    is_exhausted,
)
from dashboard.web.sign_in.sessions import ClientInfo, confirm_session, open_session

HASHING: Final = threading.BoundedSemaphore(2)
"""A password costs 20 ms of CPU and 19 MiB: when many sign in at once they wait, and pages go on."""
_LONGEST_NAME: Final = 128
_WRONG_CODE: Final = "That code is wrong or was used already. Wait for the next one."


class WrongPassword(UserError):
    """Name or password is wrong; which one is not told."""


class WrongCode(UserError):
    """The code is wrong, too old or used up."""


class StartAgain(UserError):
    """The account has changed since its password was given."""


@dataclass(frozen=True)
class Credentials:
    """Input of a sign-in, and the client it came from."""

    name: str
    password: str
    client: ClientInfo
    replaces: str = ""
    """The token_hash of the session that this browser has until now; "" where it has none."""


@dataclass(frozen=True)
class CodeCredentials:
    """The second step: whose password was right, and the code they typed."""

    user_id: int
    version: int
    """Of the account when its password was right: what was changed since makes the step void."""
    code: str
    client: ClientInfo
    replaces: str = ""


@dataclass(frozen=True)
class Proven:
    """The way in which somebody who is signed in proves again who they are."""

    password: str
    code: str = ""
    """Of their second factor, where they have one."""
    address: str = ""


@dataclass(frozen=True)
class CodeWanted:
    """The password is right, and the account has a second factor."""

    user_id: int
    version: int


def sign_in(
    engine: Engine, given: Credentials, settings: DashboardAppSettings, now: datetime
) -> str | CodeWanted:
    """Return the token of a new session, or that a code is wanted first.

    Raises WrongPassword, TooManyAttempts.
    """
    name = given.name.replace("\0", "").strip().lower()[:_LONGEST_NAME]  # PostgreSQL takes no NUL
    counted = ((LOGIN_USER, name), (LOGIN_ADDRESS, given.client.throttle_address))
    with reading(engine) as connection:
        user = find_user(connection, name)
    known = user.name if user else ""
    count_or_refuse(engine, counted, known, given.client, "too many attempts", now=now)
    with HASHING:
        right = verify(given.password, user.password_hash if user else "")
    if user is None or not right or not user.active:
        reason = "the account is closed" if right else "wrong name or password"
        _refuse_password(engine, known, given.client, settings, reason=reason, now=now)
        raise WrongPassword("That username and password do not belong together.")
    if has_expired(user.must_change_password, user.password_expires_at, now):
        with writing(engine) as connection:
            record_refusal(connection, known, given.client, "the first password has expired", now=now)
        raise WrongPassword(
            "This first password has expired: it was valid for 7 days. Ask an administrator for a new one."
        )
    with writing(engine) as connection:
        # Not all of the address: whoever has an account could go on guessing at those of others.
        forget_attempt(connection, *counted[1], now)
        if user.second_factor:
            return CodeWanted(user.id, user.version)
        forget_attempts(connection, counted[:1])
        return _open(connection, user, given, settings, now)


def sign_in_with_code(
    engine: Engine, given: CodeCredentials, settings: DashboardAppSettings, now: datetime
) -> str:
    """Return the token of a new session.

    Raises WrongCode, StartAgain, UnreadableSecret and TooManyAttempts.
    """
    counted = ((LOGIN_CODE, str(given.user_id)), (LOGIN_ADDRESS, given.client.throttle_address))
    with reading(engine) as connection:
        user = user_row(connection, given.user_id)
    if user is None or not user.active or user.version != given.version:
        raise StartAgain("This account was changed in the meantime. Sign in again.")
    count_or_refuse(engine, counted, user.name, given.client, "too many attempts", now=now)
    try:
        return _try_code(engine, user, given, settings, now)
    except (WrongCode, UnreadableSecret):
        with writing(engine) as connection:
            record_refusal(connection, user.name, given.client, "wrong code", now=now)
            if is_exhausted(connection, *counted[0], now):
                record_lock_out(connection, user.name, given.client, settings.accounts, now=now)
        raise


def confirm(by: Actor, given: Proven, settings: DashboardAppSettings) -> None:
    """Confirm the identity of a signed-in user again. Raises as signing in does."""
    counted = ((LOGIN_USER, by.name), (LOGIN_CODE, str(by.viewer.user_id)))
    client = ClientInfo(given.address)
    count_or_refuse(by.engine, counted, by.name, client, "too many attempts", now=by.now)
    with reading(by.engine) as connection:
        user = user_row(connection, by.viewer.user_id or 0)
    with HASHING:
        right = verify(given.password, user.password_hash if user else "")
    if user is None or not right:
        _refuse_password(by.engine, by.name, client, settings, reason="wrong password to confirm", now=by.now)
        raise WrongPassword("That is not your password.")
    try:
        _require_code(by.engine, user, given.code, settings, by.now)
    except (WrongCode, UnreadableSecret):
        with writing(by.engine) as connection:
            record_refusal(connection, by.name, client, "wrong code to confirm", now=by.now)
        raise
    with writing(by.engine) as connection:
        forget_attempts(connection, counted)
        if not confirm_session(connection, by.viewer.session, by.now):
            raise StartAgain("This session has ended. Sign in again.")


def _require_code(
    engine: Engine, user: UserRow, code: str, settings: DashboardAppSettings, now: datetime
) -> None:
    """Use up a code of who has a second factor. Raises WrongCode and UnreadableSecret."""
    if not user.second_factor:
        return
    key = settings.web.signing_key()
    with writing(engine) as connection:
        if not use_code(connection, user, code, key, settings.accounts, now=now):
            raise WrongCode(_WRONG_CODE)


def _try_code(
    engine: Engine,
    user: UserRow,
    given: CodeCredentials,
    settings: DashboardAppSettings,
    now: datetime,
) -> str:
    with writing(engine) as connection:
        key = settings.web.signing_key()
        if not use_code(connection, user, given.code, key, settings.accounts, now=now):
            raise WrongCode(_WRONG_CODE)
        forget_attempts(connection, ((LOGIN_USER, user.name), (LOGIN_CODE, str(user.id))))
        forget_attempt(connection, LOGIN_ADDRESS, given.client.throttle_address, now)
        return _open(connection, user, given, settings, now)


def _open(
    connection: Connection,
    user: UserRow,
    given: Credentials | CodeCredentials,
    settings: DashboardAppSettings,
    now: datetime,
) -> str:
    record_sign_in(connection, user.name, given.client, "password", now=now)
    return open_session(connection, user.id, given.client, settings.dashboard, now, replaces=given.replaces)


def _refuse_password(  # noqa: PLR0913 (whose, where, why and when)
    engine: Engine,
    name: str,
    client: ClientInfo,
    settings: DashboardAppSettings,
    *,
    reason: str,
    now: datetime,
) -> None:
    with writing(engine) as connection:
        record_refusal(connection, name, client, reason, now=now)
        if name and is_exhausted(connection, LOGIN_USER, name, now):
            record_lock_out(connection, name, client, settings.accounts, now=now)
