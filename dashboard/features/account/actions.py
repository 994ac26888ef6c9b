"""Change one's own password, second factor and mails."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from core.contract.errors import Conflict
from core.domain.mail_choices import (
    NOTICE_CHOICES,
    SUMMARY_CHOICES,
    MailChoices,
    may_subscribe,
    written_places,
)
from core.domain.passwords import has_expired, verify
from core.domain.permissions import Permission
from core.domain.second_factor import encrypt, matching_step
from core.runtime.web_settings import AccountSettings
from core.storage.database import reading, writing
from core.storage.second_factors import NewFactor, renew_recovery_codes, turn_off, turn_on
from core.storage.user_rows import UserRow
from core.storage.users import AccountRefused, edit_user, set_password, user_row
from dashboard.access_log import record_refusal
from dashboard.actor import Actor
from dashboard.settings import DashboardAppSettings
from dashboard.throttle import LOGIN_CODE, LOGIN_USER, count_attempt, forget_attempts
from dashboard.undoing import Done, Secret
from dashboard.viewer import Forbidden, Viewer
from dashboard.web.sign_in.sessions import ClientInfo

_KEEP_CODES: Final = (
    "Each stands for the app once, should you lose your phone. They are shown this once: print them or keep "
    "them in a password manager."
)


@dataclass(frozen=True)
class PasswordChange:
    """Input for changing one's own password, and the client it came from."""

    current: str
    new: str
    again: str
    address: str = ""


def change_own_password(by: Actor, change: PasswordChange, settings: AccountSettings) -> Done:
    """Change one's own password; every other session of one's own ends.

    Raises AccountRefused, and TooManyAttempts as the login does: an open page is no place for guessing.
    """
    by.require(Permission.OWN_ACCOUNT)
    counts = ((LOGIN_USER, by.name),)
    with writing(by.engine) as connection:
        count_attempt(connection, counts, by.now)
    with reading(by.engine) as connection:
        seen = own_row(connection, by.viewer)
    if not verify(change.current, seen.password_hash):
        with writing(by.engine) as connection:
            client = ClientInfo(change.address)
            record_refusal(connection, by.name, client, "wrong present password", now=by.now)
        raise AccountRefused("That is not your present password.")
    if has_expired(seen.must_change_password, seen.password_expires_at, by.now):
        raise AccountRefused("Your first password has expired: ask an administrator for a new one.")
    if change.new != change.again:
        raise AccountRefused("The two new passwords differ.")
    if change.new == change.current:
        raise AccountRefused("Choose a password other than the present one.")
    with writing(by.engine) as connection:
        set_password(
            connection,
            seen,
            change.new,
            settings,
            actor=by.name,
            now=by.now,
            keep_session=by.viewer.session,
        )
        forget_attempts(connection, counts)
    return Done(
        "Your password is changed; you are signed out everywhere else", permission=Permission.OWN_ACCOUNT
    )


def set_up(by: Actor, secret: str, code: str, settings: DashboardAppSettings) -> Done:
    """Turn one's own second factor on, once a code shows that the app has the secret.

    Raises AccountRefused, ConfirmationNeeded and TooManyAttempts.
    """
    seen = _own(by)
    if not seen.password_hash:
        raise AccountRefused("You sign in by single sign-on: your provider has two-factor authentication.")
    if seen.second_factor:
        raise AccountRefused("You have two-factor authentication already.")
    counted = ((LOGIN_CODE, str(seen.id)),)
    with writing(by.engine) as connection:
        count_attempt(connection, counted, by.now)
    step = matching_step(secret, code, by.now, after=0)
    if step is None:
        raise AccountRefused(
            "That code does not match. Enter the one that the app shows now; the clocks of phone and server "
            "must agree to half a minute."
        )
    factor = NewFactor(encrypt(secret, settings.web.signing_key()), step)
    with writing(by.engine) as connection:
        codes = turn_on(connection, seen, factor, settings.accounts, now=by.now)
        forget_attempts(connection, counted)
    return Done("Two-factor authentication is set up", secret=_shown_codes(codes))


def remove(by: Actor, settings: DashboardAppSettings) -> Done:
    """Turn one's own second factor off. Raises AccountRefused where admins must have one."""
    seen = _own(by)
    if settings.dashboard.admin_second_factor and by.viewer.may(Permission.MANAGE_USERS):
        raise AccountRefused("Admins must have two-factor authentication here (ADMIN_SECOND_FACTOR).")
    with writing(by.engine) as connection:
        turn_off(connection, seen, settings.accounts, actor=by.name, now=by.now)
    return Done("Two-factor authentication is removed")


def renew_codes(by: Actor, settings: DashboardAppSettings) -> Done:
    """Make new recovery codes of one's own; the earlier ones are void."""
    seen = _own(by)
    if not seen.second_factor:
        raise AccountRefused("Set up two-factor authentication first.")
    with writing(by.engine) as connection:
        codes = renew_recovery_codes(connection, seen, settings.accounts, now=by.now)
    return Done("You have new recovery codes", secret=_shown_codes(codes))


def _shown_codes(codes: Iterable[str]) -> Secret:
    return Secret("Your recovery codes.", "\n".join(codes), _KEEP_CODES)


def _own(by: Actor) -> UserRow:
    by.require(Permission.OWN_ACCOUNT, confirmed=True)
    with reading(by.engine) as connection:
        return own_row(connection, by.viewer)


def own_row(connection: Connection, viewer: Viewer) -> UserRow:
    """Return one's own account. Raises Conflict where it is gone."""
    seen = user_row(connection, viewer.user_id or 0)
    if seen is None:
        raise Conflict("This account no longer exists.")
    return seen


def choose_mails(by: Actor, wanted: MailChoices) -> Done:
    """Store which mails one wants oneself; in effect with the next one."""
    by.require(Permission.OWN_ACCOUNT)
    if not may_subscribe(by.viewer.role):
        raise Forbidden("Your role does not see what stands in these mails.", by.viewer)
    if wanted.summary not in SUMMARY_CHOICES or wanted.notices not in NOTICE_CHOICES:
        raise AccountRefused("There is no such choice: reload the page.")
    values = {
        "summary": wanted.summary,
        "notices": wanted.notices,
        "notice_places": written_places(wanted.places),
    }
    with writing(by.engine) as connection:
        edit_user(connection, own_row(connection, by.viewer), values, actor=by.name, now=by.now)
    return Done("Your mails are chosen")
