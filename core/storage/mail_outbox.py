"""Put messages into the mail outbox and send them again; for the notifier and the dashboard.

The caller gives the connection of its own writing transaction (core.storage.database.writing).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, literal, update

from core.domain.mail_kinds import MailKind
from core.storage.core_tables import MAILS
from core.storage.upserts import insert_into

MAIL: Final = "mail"
TOKEN_PLACE: Final = "{token}"  # noqa: S105 (where one will be)


@dataclass(frozen=True)
class NewMail:
    """A message to one recipient; `key` says what it is about and to whom."""

    key: str
    """Made by mail_key."""
    kind: MailKind
    recipient: str
    subject: str
    body_text: str
    body_html: str = ""
    channel: str = MAIL
    headers: Mapping[str, str] = field(default_factory=dict)
    attachment_name: str = ""
    attachment: bytes | None = None
    account_link_id: int | None = None
    """TOKEN_PLACE in its bodies stands for the token of that link, which is drawn as it is sent."""
    issue_id: int | None = None
    """The issue that it is about: while that is spam it is not sent."""


def mail_key(kind: MailKind, *about: object) -> str:
    """Return the key of a message: its kind, then what it is about and to whom, the widest first."""
    return ":".join((kind, *map(str, about)))


def mails_about(kind: MailKind, *about: object) -> ColumnElement[bool]:
    """Return the condition for all messages of that kind whose keys begin with what they are about."""
    return MAILS.c.key.startswith(f"{mail_key(kind, *about)}:", autoescape=True)


def set_aside(connection: Connection, kind: MailKind, *about: object, now: datetime) -> None:
    """Free the keys of messages that a clock ahead has made, for the real ones; what was sent stays."""
    key = literal(f"ahead:{now.isoformat()}:").concat(MAILS.c.key)
    connection.execute(update(MAILS).where(mails_about(kind, *about)).values(key=key))


def enqueue(connection: Connection, mails: Iterable[NewMail], *, domain: str, now: datetime) -> int:
    """Have messages sent; how many are new. One whose key is there already stays as it is.

    `domain` is the right side of their Message-IDs: that of DEFAULT_FROM_EMAIL.
    """
    rows = [_row(mail, domain, now) for mail in mails]
    unless_there = insert_into(MAILS, connection.dialect.name).on_conflict_do_nothing(index_elements=["key"])
    statement = unless_there.returning(MAILS.c.id)
    return sum(len(connection.execute(statement, row).all()) for row in rows)


def resend(connection: Connection, mail_id: int, *, now: datetime) -> bool:
    """Send a message (again) at once, however it fared; False where it is being sent or there is none."""
    done = connection.execute(
        update(MAILS)
        .where(MAILS.c.id == mail_id, MAILS.c.status != "sending")
        .values(status="due", attempts=0, next_try_at=now, last_error="", sent_at=None)
    )
    return done.rowcount == 1


def cancel_mails_of_link(connection: Connection, account_link_id: int) -> None:
    """Have no mail sent that waits to bring a link for an account."""
    waiting = (MAILS.c.account_link_id == account_link_id, MAILS.c.status == "due")
    connection.execute(update(MAILS).where(*waiting).values(status="cancelled"))


def resume_mails_of_issue(connection: Connection, issue_id: int, *, now: datetime) -> None:
    """Have the mails sent that were cancelled because their issue was spam: it is not any more."""
    stopped = (MAILS.c.issue_id == issue_id, MAILS.c.status == "cancelled")
    connection.execute(update(MAILS).where(*stopped).values(status="due", attempts=0, next_try_at=now))


def message_id(key: str, domain: str) -> str:
    """Return the Message-ID of the message of that key: the same whenever it is sent."""
    # Short, so that its header is never folded: not every server reads that.
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:24]}@{domain}>"


def _row(mail: NewMail, domain: str, now: datetime) -> dict[str, object]:
    return {
        **vars(mail),
        "headers": dict(mail.headers),
        "message_id": message_id(mail.key, domain),
        "created_at": now,
        "status": "due",
        "attempts": 0,
        "next_try_at": now,
        "claimed_by": "",
        "last_error": "",
    }
