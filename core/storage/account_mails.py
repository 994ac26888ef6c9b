"""Mails about the safety of an account: to its owner when how one signs in has changed.

Written without links: who gets used to signing in by the link of such a mail does so by a forged one, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from core.domain.mail_addresses import domain_of, is_address
from core.domain.mail_kinds import MailKind
from core.domain.permissions import Permission, roles_with
from core.domain.units import day_and_time
from core.runtime.web_settings import AccountSettings
from core.storage.audit import COMMAND_LINE
from core.storage.core_tables import USERS
from core.storage.mail_outbox import NewMail, enqueue, mail_key
from core.storage.user_rows import UserRow

Change = Literal["password", "two-factor on", "two-factor off", "recovery codes", "recovery code used"]

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "password": ("Your password was changed", "The password of your account {name} was changed"),
    "two-factor on": (
        "Two-factor authentication is set up",
        "Signing in as {name} needs a code from an authenticator app from now on. This was set up",
    ),
    "two-factor off": (
        "Two-factor authentication was removed",
        "Signing in as {name} needs no code from an authenticator app any more. This was changed",
    ),
    "recovery codes": (
        "You have new recovery codes",
        "New recovery codes were made for your account {name}; the earlier ones are void. This was done",
    ),
    "recovery code used": (
        "A recovery code was used",
        "Somebody signed in as {name} with a recovery code in place of the authenticator app",
    ),
}

_ACTORS: Final = {COMMAND_LINE: "somebody at the command line of the server"}


@dataclass(frozen=True)
class LockOut:
    """An account that is closed for a quarter of an hour because of wrong passwords or codes."""

    name: str
    address: str
    """From where the last of them came."""


def mail_change(  # noqa: PLR0913 (whose, what, by whom, when)
    connection: Connection,
    user: UserRow,
    change: Change,
    settings: AccountSettings,
    *,
    actor: str,
    now: datetime,
) -> None:
    """Tell the owner of an account what has changed; nothing where the account has no mail address."""
    recipient = user.email.strip()
    if not is_address(recipient):
        return
    subject, sentence = _WORDS[change]
    by = "by yourself" if actor == user.name else f"by {_ACTORS.get(actor, actor)}"
    text = (
        f"{sentence.format(name=user.name)} {by} on {_when(now, settings)}.\n\n"
        "If you know of this, there is nothing to do. If you do not, tell an administrator of the printer "
        "system at once: somebody else may be using your account.\n"
    )
    mail = NewMail(
        key=mail_key(MailKind.ACCOUNT, change, user.id, f"{now.timestamp():.6f}"),
        kind=MailKind.ACCOUNT,
        recipient=recipient,
        subject=f"Printers: {subject}",
        body_text=text,
    )
    enqueue(connection, [mail], domain=domain_of(settings.default_from_email), now=now)


def mail_lock_out(
    connection: Connection, lock_out: LockOut, settings: AccountSettings, *, now: datetime
) -> None:
    """Tell all admins that an account was locked, in at most one mail a day for each of them."""
    admins = select(USERS.c.name, USERS.c.email).where(
        USERS.c.role.in_(roles_with(Permission.MANAGE_USERS)), USERS.c.active
    )
    text = (
        f"The account {lock_out.name} was locked for a while on {_when(now, settings)}, because a wrong "
        f"password or code was given for it again and again; the last one came from "
        f"{lock_out.address or 'an unknown address'}.\n\n"
        "There is at most one such mail a day. All sign-ins that were refused are on the page Audit.\n"
    )
    mails = [
        NewMail(
            key=mail_key(MailKind.ACCOUNT, "lock-out", f"{now:%Y-%m-%d}", admin.name),
            kind=MailKind.ACCOUNT,
            recipient=admin.email.strip(),
            subject=f"Printers: the account {lock_out.name} was locked",
            body_text=text,
        )
        for admin in connection.execute(admins)
        if is_address(admin.email.strip())
    ]
    enqueue(connection, mails, domain=domain_of(settings.default_from_email), now=now)


def _when(now: datetime, settings: AccountSettings) -> str:
    zone = ZoneInfo(settings.time_zone)
    return f"{day_and_time(now, zone)} ({zone.key})"
