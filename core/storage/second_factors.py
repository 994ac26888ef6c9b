"""Set up, use and remove the second factor of an account, each with its line in the audit and its mail.

The caller gives the connection of its own writing transaction (core.storage.database.writing).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from core.domain.second_factor import (
    UnreadableSecret,
    decrypt,
    encrypt,
    hash_recovery_code,
    make_recovery_codes,
    matching_step,
)
from core.runtime.web_settings import AccountSettings
from core.storage.account_mails import mail_change
from core.storage.audit import note
from core.storage.core_tables import RECOVERY_CODES, USERS
from core.storage.database import count_rows
from core.storage.user_rows import UserRow, update_user


@dataclass(frozen=True)
class NewFactor:
    """The secret of an authenticator app, whose owner has shown by a code that the app has it."""

    encrypted: str
    """By core/domain/second_factor.py."""
    step: int
    """The time step of that code, which is used up by it."""


@dataclass(frozen=True)
class Rekeyed:
    """Result of encrypting the secrets of authenticator apps anew after a change of SECRET_KEY."""

    changed: int
    unreadable: tuple[str, ...]
    """The accounts whose secret was encrypted under yet another key."""


def turn_on(
    connection: Connection, seen: UserRow, factor: NewFactor, settings: AccountSettings, *, now: datetime
) -> tuple[str, ...]:
    """Set up the second factor of an account; returns its recovery codes, which are told this once.

    Raises Conflict where somebody has changed the account since it was read.
    """
    values = {"second_factor": factor.encrypted, "second_factor_step": factor.step}
    update_user(connection, seen, values, now=now)
    codes = _new_codes(connection, seen.id, now)
    note(connection, "second_factor.on", seen.name, actor=seen.name, now=now)
    mail_change(connection, seen, "two-factor on", settings, actor=seen.name, now=now)
    return codes


def turn_off(
    connection: Connection, seen: UserRow, settings: AccountSettings, *, actor: str, now: datetime
) -> None:
    """Remove the second factor of an account and its recovery codes. Raises Conflict."""
    update_user(connection, seen, {"second_factor": "", "second_factor_step": 0}, now=now)
    connection.execute(delete(RECOVERY_CODES).where(RECOVERY_CODES.c.user_id == seen.id))
    note(connection, "second_factor.off", seen.name, actor=actor, now=now)
    mail_change(connection, seen, "two-factor off", settings, actor=actor, now=now)


def renew_recovery_codes(
    connection: Connection, seen: UserRow, settings: AccountSettings, *, now: datetime
) -> tuple[str, ...]:
    """Make new recovery codes for an account; those it had are void."""
    codes = _new_codes(connection, seen.id, now)
    note(connection, "second_factor.codes", seen.name, actor=seen.name, now=now)
    mail_change(connection, seen, "recovery codes", settings, actor=seen.name, now=now)
    return codes


def count_recovery_codes(connection: Connection, user_id: int) -> int:
    """Return how many recovery codes an account has left."""
    return count_rows(connection, RECOVERY_CODES, RECOVERY_CODES.c.user_id == user_id)


def use_code(  # noqa: PLR0913 (whose, what and when)
    connection: Connection,
    seen: UserRow,
    code: str,
    key: bytes,
    settings: AccountSettings,
    *,
    now: datetime,
) -> bool:
    """Return whether it is a code of the app or a recovery code of this account; it is used up by this.

    Raises UnreadableSecret where it is no recovery code and the secret cannot be decrypted.
    """
    hashed = hash_recovery_code(code)
    if hashed:
        used = delete(RECOVERY_CODES).where(
            RECOVERY_CODES.c.user_id == seen.id, RECOVERY_CODES.c.code_hash == hashed
        )
        if connection.execute(used).rowcount == 1:
            note(connection, "second_factor.recovery", seen.name, actor=seen.name, now=now)
            mail_change(connection, seen, "recovery code used", settings, actor=seen.name, now=now)
            return True
    step = matching_step(decrypt(seen.second_factor, key), code, now, seen.second_factor_step)
    if step is None:
        return False
    # In the statement itself, so that of two who come at the same moment one is refused.
    taken = (
        update(USERS)
        .where(
            USERS.c.id == seen.id,
            USERS.c.second_factor == seen.second_factor,
            USERS.c.second_factor_step < step,
        )
        .values(second_factor_step=step)
    )
    return connection.execute(taken).rowcount == 1


def encrypt_anew(connection: Connection, old: bytes, new: bytes, *, actor: str, now: datetime) -> Rekeyed:
    """Encrypt all secrets of authenticator apps under the key `new`; those that already are stay as they are.

    Codes and apps go on as before. What neither key can read is left, and named.
    """
    having = select(USERS.c.id, USERS.c.name, USERS.c.second_factor).where(USERS.c.second_factor != "")
    changed, unreadable = 0, []
    for user in connection.execute(having.order_by(USERS.c.name)).all():
        if _readable(user.second_factor, new) is not None:
            continue
        secret = _readable(user.second_factor, old)
        if secret is None:
            unreadable.append(user.name)
            continue
        mine = USERS.c.id == user.id, USERS.c.second_factor == user.second_factor
        changed += connection.execute(
            update(USERS).where(*mine).values(second_factor=encrypt(secret, new))
        ).rowcount
    note(
        connection,
        "secret_key.rotated",
        "SECRET_KEY",
        actor=actor,
        now=now,
        details={"second_factors": changed},
    )
    return Rekeyed(changed, tuple(unreadable))


def _readable(stored: str, key: bytes) -> str | None:
    try:
        return decrypt(stored, key)
    except UnreadableSecret:
        return None


def _new_codes(connection: Connection, user_id: int, now: datetime) -> tuple[str, ...]:
    connection.execute(delete(RECOVERY_CODES).where(RECOVERY_CODES.c.user_id == user_id))
    codes = make_recovery_codes()
    rows = [{"user_id": user_id, "code_hash": hash_recovery_code(code), "created_at": now} for code in codes]
    connection.execute(insert(RECOVERY_CODES), rows)
    return codes
