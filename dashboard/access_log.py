"""Sign-ins and refused rights: a line of the audit and a line of the log for each.

The lines of the log begin with the address, and hold no text that a stranger has typed: fail2ban reads them
(deploy/fail2ban), and a name that holds a forged address, or a password typed into the wrong field, must not
stand there.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from core.runtime.web_settings import AccountSettings
from core.storage.account_mails import LockOut, mail_lock_out
from core.storage.audit import note_access
from core.storage.database import writing
from dashboard.throttle import Limit, TooManyAttempts, count_attempt
from dashboard.viewer import Viewer
from dashboard.web.sign_in.sessions import ClientInfo, Method

log = logging.getLogger(__name__)

UNKNOWN: Final = "unknown name"
_REFUSED_RIGHT: Final = Limit("right-refused", 1, timedelta(minutes=1))
"""Pages draw themselves again: the same refusal is told once in this time."""


def record_sign_in(
    connection: Connection, name: str, client: ClientInfo, method: Method, *, now: datetime
) -> None:
    """Record that somebody has signed in."""
    details = {"address": client.address, "by": method}
    note_access(connection, "sign_in.accepted", name, actor=name, now=now, details=details)
    log.info("signed in from %s: user %s by %s", _from(client), name, method)


def record_screen(connection: Connection, name: str, client: ClientInfo, *, now: datetime) -> None:
    """A wall screen has opened its link."""
    details = {"address": client.address}
    note_access(connection, "sign_in.screen", name, actor=f"screen {name}", now=now, details=details)
    log.info("wall screen opened from %s: %s", _from(client), name)


def record_refusal(
    connection: Connection, name: str, client: ClientInfo, reason: str, *, now: datetime
) -> None:
    """Record that a sign-in was refused.

    `name` is that of an account, "" where there is none of what was typed.
    """
    details = {"address": client.address, "reason": reason}
    subject = name or UNKNOWN
    note_access(connection, "sign_in.refused", subject, actor=subject, now=now, details=details)
    log_refusal(name, client, reason)


def log_refusal(name: str, client: ClientInfo, reason: str) -> None:
    """Log a refusal without an audit entry: attempts while an account or address is locked have no end."""
    log.warning("sign-in refused from %s: %s (%s)", _from(client), reason, _user(name))


def count_or_refuse(  # noqa: PLR0913 (what is counted of whom, and what is logged)
    engine: Engine,
    counted: Sequence[tuple[Limit, str]],
    name: str,
    client: ClientInfo,
    reason: str,
    *,
    now: datetime,
) -> None:
    """Count an attempt before it is tried; where a limit is exhausted, log the refusal with this reason.

    Raises TooManyAttempts.
    """
    try:
        with writing(engine) as connection:
            count_attempt(connection, counted, now)
    except TooManyAttempts:
        log_refusal(name, client, reason)
        raise


def record_lock_out(
    connection: Connection, name: str, client: ClientInfo, settings: AccountSettings, *, now: datetime
) -> None:
    """Record that an account has just been locked: the admins are told by mail, too."""
    details = {"address": client.address}
    note_access(connection, "sign_in.locked", name, actor=name, now=now, details=details)
    mail_lock_out(connection, LockOut(name, client.address), settings, now=now)
    log.warning("account locked from %s: too many wrong passwords or codes (%s)", _from(client), _user(name))


def record_refused_right(engine: Engine, viewer: Viewer, what: str, *, now: datetime) -> None:
    """Record that somebody signed in asked for what their role does not allow.

    `what` is a path or an action.
    """
    if not viewer.name:
        return
    with suppress(TooManyAttempts, SQLAlchemyError), writing(engine) as connection:
        count_attempt(connection, [(_REFUSED_RIGHT, f"{viewer.name}:{what}")], now)
        details = {"role": viewer.role.name}
        note_access(connection, "right.refused", what, actor=viewer.name, now=now, details=details)
        log.warning("refused to %s: %s", viewer.name, what)


def _from(client: ClientInfo) -> str:
    return client.address or "unknown"


def _user(name: str) -> str:
    return f"user {name}" if name else UNKNOWN
