"""Change one's own second factor and mails; an administrator changes those of others in users.py."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from core.contract.errors import Conflict
from core.domain.mail_choices import (
    NOTICE_CHOICES,
    SUMMARY_CHOICES,
    MailChoices,
    may_subscribe,
    written_places,
)
from core.domain.permissions import Permission
from core.domain.second_factor import encrypt, matching_step
from core.storage.database import reading, writing
from core.storage.second_factors import NewFactor, renew_recovery_codes, turn_off, turn_on
from core.storage.user_rows import UserRow
from core.storage.users import AccountRefused, edit_user, user_row
from dashboard.settings import DashboardAppSettings
from dashboard.throttle import LOGIN_CODE, count_attempt, forget_attempts
from dashboard.undoing import Done
from dashboard.viewer import Forbidden, Viewer


@dataclass(frozen=True)
class NewCodes:
    """The result, and the recovery codes that are shown this once."""

    done: Done
    codes: tuple[str, ...]


def set_up(  # noqa: PLR0913 (who, what and when)
    engine: Engine, viewer: Viewer, secret: str, code: str, settings: DashboardAppSettings, *, now: datetime
) -> NewCodes:
    """Turn one's own second factor on, once a code shows that the app has the secret.

    Raises AccountRefused, ConfirmationNeeded and TooManyAttempts.
    """
    seen = _own(engine, viewer, now)
    if not seen.password_hash:
        raise AccountRefused("You sign in by single sign-on: your provider has two-factor authentication.")
    if seen.second_factor:
        raise AccountRefused("You have two-factor authentication already.")
    counted = ((LOGIN_CODE, str(seen.id)),)
    with writing(engine) as connection:
        count_attempt(connection, counted, now)
    step = matching_step(secret, code, now, after=0)
    if step is None:
        raise AccountRefused(
            "That code does not match. Enter the one that the app shows now; the clocks of phone and server "
            "must agree to half a minute."
        )
    factor = NewFactor(encrypt(secret, settings.web.signing_key()), step)
    with writing(engine) as connection:
        codes = turn_on(connection, seen, factor, settings.accounts, now=now)
        forget_attempts(connection, counted)
    return NewCodes(Done("Two-factor authentication is set up", permission=Permission.OWN_ACCOUNT), codes)


def remove(engine: Engine, viewer: Viewer, settings: DashboardAppSettings, *, now: datetime) -> Done:
    """Turn one's own second factor off. Raises AccountRefused where admins must have one."""
    seen = _own(engine, viewer, now)
    if settings.dashboard.admin_second_factor and viewer.may(Permission.MANAGE_USERS):
        raise AccountRefused("Admins must have two-factor authentication here (ADMIN_SECOND_FACTOR).")
    with writing(engine) as connection:
        turn_off(connection, seen, settings.accounts, actor=viewer.name, now=now)
    return Done("Two-factor authentication is removed", permission=Permission.OWN_ACCOUNT)


def renew_codes(engine: Engine, viewer: Viewer, settings: DashboardAppSettings, *, now: datetime) -> NewCodes:
    """Make new recovery codes of one's own; the earlier ones are void."""
    seen = _own(engine, viewer, now)
    if not seen.second_factor:
        raise AccountRefused("Set up two-factor authentication first.")
    with writing(engine) as connection:
        codes = renew_recovery_codes(connection, seen, settings.accounts, now=now)
    return NewCodes(Done("You have new recovery codes", permission=Permission.OWN_ACCOUNT), codes)


def _own(engine: Engine, viewer: Viewer, now: datetime) -> UserRow:
    viewer.require(Permission.OWN_ACCOUNT)
    viewer.require_confirmed(now)
    with reading(engine) as connection:
        seen = user_row(connection, viewer.user_id or 0)
    if seen is None:
        raise Conflict("This account no longer exists.")
    return seen


def choose_mails(engine: Engine, viewer: Viewer, wanted: MailChoices, *, now: datetime) -> Done:
    """Store which mails one wants oneself; in effect with the next one."""
    viewer.require(Permission.OWN_ACCOUNT)
    if not may_subscribe(viewer.role):
        raise Forbidden("Your role does not see what stands in these mails.", viewer)
    if wanted.summary not in SUMMARY_CHOICES or wanted.notices not in NOTICE_CHOICES:
        raise AccountRefused("There is no such choice: reload the page.")
    values = {
        "summary": wanted.summary,
        "notices": wanted.notices,
        "notice_places": written_places(wanted.places),
    }
    with writing(engine) as connection:
        seen = user_row(connection, viewer.user_id or 0)
        if seen is None:
            raise Conflict("This account no longer exists.")
        edit_user(connection, seen, values, actor=viewer.name, now=now)
    return Done("Your mails are chosen", permission=Permission.OWN_ACCOUNT)
