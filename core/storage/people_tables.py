"""The tables of people and their work: accounts, sessions, tokens, audit, settings, care of a flag."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, String, Text
from sqlmodel import Field, SQLModel

from core.domain.permissions import FIRST_ROLE
from core.storage.tables import BigId, Json, partial_index


class User(SQLModel, table=True):
    """An account. `name` is what its owner types: lower case, unique."""

    __tablename__ = "users"
    __table_args__ = ({"info": {"writers": ("dashboard", "console")}},)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    full_name: str = ""
    email: str = ""
    role: str = FIRST_ROLE
    """The name of a role in core/domain/permissions.py."""
    password_hash: str = ""
    """Argon2; empty: no password, signs in by single sign-on alone."""
    active: bool = True
    summary: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """When they receive the daily summary: see core/domain/mail_choices.py; empty: not chosen."""
    notices: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """From which severity on they receive notices, or never; empty: not chosen."""
    notice_places: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """Places of which they want notices, with commas between; empty: all."""
    must_change_password: bool = False
    """Somebody else has set the password."""
    password_expires_at: datetime | None = None
    """Until when a password that somebody else has set signs its owner in; None: for ever."""
    second_factor: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """The secret of their authenticator app (RFC 6238), encrypted by domain/second_factor.py; empty: none."""
    second_factor_step: int = Field(default=0, sa_column=Column(BigId, nullable=False, server_default="0"))
    """The time step of the last code that was used: it and those before it are not accepted any more."""
    list_view: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """How they want the list of printers: "comfortable model when" is its rows and the columns left out."""
    subject: str = ""
    """Who it is at the OpenID Connect provider: "issuer|sub"; empty where none."""
    created_at: datetime
    updated_at: datetime
    signed_in_at: datetime | None = None
    version: int = 1


class LoginSession(SQLModel, table=True):
    """A browser that is signed in; the token itself is in its cookie alone."""

    __tablename__ = "login_sessions"
    __table_args__ = (
        Index("login_sessions_user", "user_id", "revoked_at"),
        {"info": {"writers": ("dashboard", "console")}},
    )

    token_hash: str = Field(primary_key=True)
    """SHA-256 of the token, in hex."""
    user_id: int = Field(foreign_key="users.id")
    csrf: str
    created_at: datetime
    seen_at: datetime
    """Renewed at most once a minute."""
    expires_at: datetime
    """The end, however busy it is."""
    revoked_at: datetime | None = None
    confirmed_at: datetime | None = None
    """When its owner last proved who they are; None: not since a time that is known."""
    method: str = Field(
        default="password", sa_column=Column(String, nullable=False, server_default="password")
    )
    """How they signed in: password, provider (OpenID Connect) or proxy (a trusted header)."""
    address: str = ""
    agent: str = ""


class RecoveryCode(SQLModel, table=True):
    """A code that stands for a lost authenticator app, once; its row is deleted when it is used."""

    __tablename__ = "recovery_codes"
    __table_args__ = ({"info": {"writers": ("dashboard", "console")}},)

    user_id: int = Field(foreign_key="users.id", primary_key=True)
    code_hash: str = Field(primary_key=True)
    """SHA-256 of the code, in hex; a code has 80 random bits."""
    created_at: datetime


class ApiToken(SQLModel, table=True):
    """A program that may use the JSON routes with the rights of a role."""

    __tablename__ = "api_tokens"
    __table_args__ = ({"info": {"writers": ("dashboard", "console")}},)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    token_hash: str = Field(unique=True)
    role: str
    created_by: str
    created_at: datetime
    used_at: datetime | None = None
    expires_at: datetime | None = None
    """Until when it is accepted; None: until it is revoked."""
    revoked_at: datetime | None = None


class WallLink(SQLModel, table=True):
    """A link by which a screen shows the wall view of a place, without an account."""

    __tablename__ = "wall_links"
    __table_args__ = ({"info": {"writers": ("dashboard",)}},)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    """The screen."""
    location: str
    """The place whose printers it shows; empty: all."""
    token_hash: str = Field(unique=True)
    """SHA-256 of the token, in hex."""
    created_by: str
    created_at: datetime
    used_at: datetime | None = None
    """Renewed at most once a minute."""
    revoked_at: datetime | None = None


class AnnouncementRow(SQLModel, table=True):
    """What people say to everybody who prints in a place: planned work, a print server that is down."""

    __tablename__ = "announcements"
    __table_args__ = ({"info": {"writers": ("dashboard",)}},)

    id: int | None = Field(default=None, primary_key=True)
    text: str
    location: str
    """The place that it is about; empty: all."""
    begins_at: datetime
    ends_at: datetime | None = None
    """None: until somebody ends it."""
    created_by: str
    created_at: datetime
    version: int = 1
    """Rises with every edit: an edit says which version it has seen."""


class PlaceAssigneeRow(SQLModel, table=True):
    """Whose people's reports from a place are, from the moment they come."""

    __tablename__ = "place_assignees"
    __table_args__ = ({"info": {"writers": ("dashboard",)}},)

    location: str = Field(primary_key=True)
    """The place, with all that lies in it and has no other assignee."""
    assignee: str
    """The account's name."""
    set_by: str
    set_at: datetime


class AccountLinkRow(SQLModel, table=True):
    """A link by which somebody makes their account, or sets a new password of it, once."""

    __tablename__ = "account_links"
    __table_args__ = ({"info": {"writers": ("dashboard", "console", "notifier")}},)

    id: int | None = Field(default=None, primary_key=True)
    purpose: str
    """first_admin, invitation or password."""
    token_hash: str | None = Field(default=None, unique=True)
    """SHA-256 of the token, in hex; None until a mail with it is sent."""
    user_id: int | None = Field(default=None, foreign_key="users.id")
    """Whose password it sets; None: it makes an account, with the following."""
    name: str
    """What they sign in with; empty: they choose it."""
    email: str
    role: str
    mail_due: bool = False
    """The notifier is to send it to `email`."""
    created_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class Attempt(SQLModel, table=True):
    """A throttled action: sign-ins by account and by address, anonymous reports by address; kept for a day.

    Also from where an anonymous report came, and that its sender is paused (features/report/pauses.py).
    """

    __tablename__ = "attempts"
    __table_args__ = (
        Index("attempts_key", "key", "at"),
        {"info": {"writers": ("dashboard",)}},
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    key: str
    """`login-user:NAME`, `login-address:ADDR`, `report-address:ADDR`, `report-sender:ISSUE:ADDR` ..."""
    at: datetime


class AuditEntry(SQLModel, table=True):
    """One change and who made it: users, printers, tokens, settings of people. Never a secret."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_at", "at"),
        Index("audit_subject", "subject", "at"),
        {"info": {"writers": ("dashboard", "console", "notifier", "processor")}},
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    at: datetime
    actor: str
    """A user's name, `console`, `token NAME` ..."""
    action: str
    """`user.created`, `printer.changed`, `session.revoked` ..."""
    subject: str
    """What it was done to: a user's name, a printer_id ..."""
    details: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    """`{"field": [before, after]}` for a change."""


class StoredSettingRow(SQLModel, table=True):
    """A setting that an administrator has changed; no row: its default. Secrets never."""

    __tablename__ = "settings"
    __table_args__ = ({"info": {"writers": ("dashboard", "console")}},)

    name: str = Field(primary_key=True)
    """As in the environment: `SUPPLY_LOW_PERCENT`."""
    value: str = Field(sa_column=Column(Text, nullable=False))
    """As in the environment, too."""
    changed_by: str
    changed_at: datetime


class Triage(SQLModel, table=True):
    """What people do about one episode of a flag (a row of `attention`).

    The assignee, until when it is snoozed, who says to have mended it on site.
    """

    __tablename__ = "triage"
    __table_args__ = (
        partial_index("triage_done", "done_at", where="done_at IS NOT NULL"),
        {"info": {"writers": ("dashboard",)}},
    )

    attention_id: int = Field(sa_column=Column(BigId, primary_key=True, autoincrement=False))
    assignee: str = ""
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None
    note: str = ""
    issue_id: int | None = None
    """The issue opened from it by hand."""
    done_by: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """Who said on site that it is done; the printer confirms it by not reporting it any more."""
    done_at: datetime | None = None
    """When; apart from the version, so that a tick conflicts with nobody's triage."""
    updated_by: str = ""
    updated_at: datetime
    version: int = 1
