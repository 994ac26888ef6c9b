"""The tables of the notifier: the mail outbox, composed summaries, cursors, and notices told."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from core.storage.tables import BigId, Json


class MailOutbox(SQLModel, table=True):
    """One message to one recipient (an address, or the name of a target of NOTIFY_URLS), until delivered.

    `key` says what it is about and to whom, so that deriving it again changes nothing. Whoever writes a row
    with status `due` has it sent; core/storage/mail_outbox.py does that, and sends one again.
    """

    __tablename__ = "mail_outbox"
    __table_args__ = (
        Index("mail_outbox_due", "status", "next_try_at"),
        Index("mail_outbox_kind", "kind", "created_at"),
        {"info": {"writers": ("notifier", "dashboard", "console")}},
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    key: str = Field(unique=True)
    kind: str
    """A MailKind (core/domain/mail_kinds.py)."""
    channel: str = "mail"
    """mail, or another way out that the notifier knows (apprise)."""
    recipient: str
    subject: str
    body_text: str = Field(sa_column=Column(Text, nullable=False))
    body_html: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    account_link_id: int | None = None
    """The link (account_links) whose token is put into both bodies as they are sent: it is stored nowhere."""
    issue_id: int | None = None
    """The issue that it is about: where that is spam as it would be sent, it is cancelled instead."""
    message_id: str = ""
    """Made of `key`: the same message sent again has the same."""
    headers: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    attachment_name: str = ""
    attachment: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    created_at: datetime
    status: str = "due"
    """due, sending, sent, failed (for good), cancelled."""
    attempts: int = 0
    first_try_at: datetime | None = None
    """When the first of these attempts was: for two days from there it is tried again."""
    next_try_at: datetime
    """When it is tried (again); while `sending`: when its claim ends, and another notifier may try."""
    claimed_by: str = ""
    """Which notifier is sending it, or was the last to try."""
    last_error: str = ""
    """What the server said to the last try, in one sentence."""
    sent_at: datetime | None = None


class SummaryWindow(SQLModel, table=True):
    """One window of the daily summary that has been composed: by one notifier, once.

    Its row and its messages in the outbox are written in one transaction; how each message fared is there.
    """

    __tablename__ = "summary_windows"
    __table_args__ = ({"info": {"writers": ("notifier",)}},)

    window: str = Field(primary_key=True)
    """The local date of the SUMMARY_TIME that ends the window: 2026-11-28."""
    begins_at: datetime
    """Where the last composed window ended: days on which no notifier ran are part of the next one."""
    ends_at: datetime
    composed_by: str
    composed_at: datetime
    late: bool = False
    """It was composed an hour or more after it was due."""
    subject: str = ""
    """Empty where nothing to report and SUMMARY_WHEN_EMPTY is none."""
    recipients: list[str] = Field(sa_column=Column(Json, nullable=False))
    problem: str = ""
    """Why nobody receives it, in one sentence."""
    told: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    """What was so then (core/mails/changes.py), for what the next one calls new; kept of the newest alone."""


class NotifierCursor(SQLModel, table=True):
    """The row of a growing table up to which messages are derived; moved in their transaction."""

    __tablename__ = "notifier_cursors"
    __table_args__ = ({"info": {"writers": ("notifier",)}},)

    name: str = Field(primary_key=True)
    """events: an id of issue_events; orders: the day of the last order mail as 20261128; notices: unused,
    its row is the lock under which notices are derived."""
    position: int = Field(default=0, sa_column=Column(BigId, nullable=False))
    updated_at: datetime


class NoticeRecord(SQLModel, table=True):
    """What has been told about one episode of a flag (a row of `attention`); no row while nothing was."""

    __tablename__ = "notices"
    __table_args__ = ({"info": {"writers": ("notifier",)}},)

    attention_id: int = Field(sa_column=Column(BigId, primary_key=True, autoincrement=False))
    printer_id: str
    code: str
    noticed_at: datetime
    how: str
    """single, digest, or collapsed (into the message of an outage)."""
    outage_id: int | None = None
    """That outage."""
    escalated_at: datetime | None = None
    resolved_at: datetime | None = None
    """It was seen to be gone; told or not, as NOTIFY_RESOLVED says."""
