"""The tables of the notifier: what is to be sent to whom, and what has been told already."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from fleet.tables import BigId, Json


class MailOutbox(SQLModel, table=True):
    """One message to one recipient (an address, or the name of an Apprise target), from written to delivered.

    `key` says what it is about and to whom, so that deriving it again changes nothing.
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
    """summary, notice, resolved_notice, escalation, digest, issue_receipt, issue_resolved, order ..."""
    channel: str = "mail"
    """mail, or apprise."""
    recipient: str
    subject: str
    body_text: str = Field(sa_column=Column(Text, nullable=False))
    body_html: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    message_id: str = ""
    headers: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    attachment_name: str = ""
    attachment: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    created_at: datetime
    status: str = "due"
    """due, sending, sent, failed (for good), cancelled."""
    attempts: int = 0
    next_try_at: datetime
    claimed_by: str = ""
    """Which notifier is sending it, while `sending`."""
    last_error: str = ""
    sent_at: datetime | None = None


class SummaryWindow(SQLModel, table=True):
    """One 24-hour window of the daily summary: claimed by one notifier, once."""

    __tablename__ = "summary_windows"
    __table_args__ = ({"info": {"writers": ("notifier",)}},)

    window: str = Field(primary_key=True)
    """The local date of SUMMARY_TIME that ends the window: 2026-11-28."""
    begins_at: datetime
    ends_at: datetime
    claimed_by: str
    claimed_at: datetime
    late: bool = False
    """It was made an hour or more after it was due."""
    composed_at: datetime | None = None
    """Its messages are in the outbox (or there was nothing to say)."""
    subject: str = ""
    recipients: list[str] = Field(sa_column=Column(Json, nullable=False))
    problem: str = ""
    """Why nobody received it, in one sentence."""


class NotifierCursor(SQLModel, table=True):
    """How far the notifier has derived messages from a growing table; moved in their transaction."""

    __tablename__ = "notifier_cursors"
    __table_args__ = ({"info": {"writers": ("notifier",)}},)

    name: str = Field(primary_key=True)
    position: int = Field(default=0, sa_column=Column(BigId, nullable=False))
    updated_at: datetime


class NoticeRecord(SQLModel, table=True):
    """What has been told about one life of a flag (a row of `attention`)."""

    __tablename__ = "notices"
    __table_args__ = ({"info": {"writers": ("notifier",)}},)

    attention_id: int = Field(sa_column=Column(BigId, primary_key=True, autoincrement=False))
    printer_id: str
    code: str
    seen_at: datetime
    noticed_at: datetime | None = None
    how: str = ""
    """single, digest, collapsed, or why nothing was said: quiet, cooldown, old, snoozed."""
    escalated_at: datetime | None = None
    resolved_at: datetime | None = None
