"""The SQL tables, each naming its writers; the schema itself is made by core/storage/migrations.

Nothing but the latest snapshot, flags, printers, issues and what is owed to others lives here:
the history of levels and counters is in the time series.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

Json = JSON().with_variant(JSONB(), "postgresql")
BigId = BigInteger().with_variant(Integer(), "sqlite")  # thousands of rows a minute outgrow 32 bits


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index of the rows that meet a condition, which is the same for both databases."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


class IssueKind(StrEnum):
    """The kind of an issue: opened by the processor for a persisting critical flag, or by a person."""

    DEVICE = "device"
    PERSON = "person"


class IssueStatus(StrEnum):
    """The life of an issue; the last three are ends."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    SPAM = "spam"
    """It was no report at all: no mail about it leaves, no report counts it, its photos are not shown."""


ENDED = (IssueStatus.RESOLVED, IssueStatus.CLOSED, IssueStatus.SPAM)
LIVING = (IssueStatus.OPEN, IssueStatus.IN_PROGRESS, IssueStatus.WAITING)
"""Still to be done; unlike "not ended", an index finds them among the many that are."""


class Visibility(StrEnum):
    """Readers of the words and photos of an issue's event, beside those who work on issues."""

    INTERNAL = "internal"
    """Nobody."""
    REPORTER = "reporter"
    """Whoever has the reporter's own link."""
    PUBLIC = "public"
    """Whoever follows the issue, as those do who have the same problem."""


_ONE_PER_FLAG = "kind = 'device' AND status NOT IN ('resolved', 'closed') AND NOT earlier_device"


class Printer(SQLModel, table=True):
    """A printer to watch. `profile` names a credential profile of the site's collector, never a secret."""

    __tablename__ = "printers"
    __table_args__ = (
        Index("printers_site", "site", "enabled"),
        {"info": {"writers": ("console", "dashboard")}},
    )

    printer_id: str = Field(primary_key=True)
    name: str
    host: str
    port: int = 161
    location: str = ""
    site: str = "main"
    profile: str = "default"
    model: str = ""
    serial: str = ""
    mac: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """By which a sweep knows a printer again that tells no serial number."""
    cost_center: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """Who pays for its pages, as the organization calls it; empty: not said."""
    asset_tag: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """By which the organization's own list of its equipment has it."""
    in_use_since: date | None = None
    warranty_until: date | None = None
    """The last day of it."""
    contract: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """The vendor or leasing company, and by which number it has the contract."""
    contract_until: date | None = None
    """The last day of it."""
    enabled: bool = True
    notes: str = ""
    version: int = 1
    """Rises with every edit: an edit says which version it has seen."""
    created_at: datetime
    updated_at: datetime


class PrinterMove(SQLModel, table=True):
    """A site that a printer has left: readings that were taken there before are still stored."""

    __tablename__ = "printer_moves"
    __table_args__ = ({"info": {"writers": ("console", "dashboard")}},)

    printer_id: str = Field(primary_key=True)
    site: str = Field(primary_key=True)
    left_at: datetime
    """When it left that site last."""


class OutOfServiceRow(SQLModel, table=True):
    """A printer that nobody is to use for a while: it is read as ever, and what it reports is quiet.

    See core/storage/out_of_service.py. Soon after `until_at` the processor keeps it as OutOfServicePeriodRow.
    """

    __tablename__ = "out_of_service"
    __table_args__ = ({"info": {"writers": ("dashboard", "processor")}},)

    printer_id: str = Field(primary_key=True)
    since_at: datetime
    until_at: datetime | None = None
    """None: until somebody puts it back."""
    note: str
    """Why, for everybody."""
    set_by: str


class OutOfServicePeriodRow(SQLModel, table=True):
    """A time for which a printer was out of service, kept when it is over: reports leave it out."""

    __tablename__ = "out_of_service_periods"
    __table_args__ = (
        Index("out_of_service_periods_printer", "printer_id", "since_at"),
        Index("out_of_service_periods_until", "until_at"),
        {"info": {"writers": ("console", "dashboard", "processor")}},
    )

    id: int | None = Field(default=None, primary_key=True)
    printer_id: str
    since_at: datetime
    until_at: datetime
    """When it was back, or removed from the inventory."""


class MutedCondition(SQLModel, table=True):
    """What a printer reports and nobody needs to be told of: no flag is raised for it.

    See core/domain/mutes.py.
    The processor lets it follow a supply that is numbered anew, and removes it with the device it is about.
    """

    __tablename__ = "muted_conditions"
    __table_args__ = (
        Index("muted_conditions_printer", "printer_id"),
        {"info": {"writers": ("dashboard", "processor")}},
    )

    id: int | None = Field(default=None, primary_key=True)
    printer_id: str
    code: str
    """The condition; empty: everything of the part."""
    parts: str
    """The table of PrinterState that the part is a row of (supplies, input_trays ...); empty: of none."""
    subject: str
    parameters: dict[str, str] = Field(sa_column=Column(Json, nullable=False))
    """Those of the flag that was muted, without its level: what is muted, in words."""
    since_at: datetime
    until_at: datetime | None = None
    """None: until somebody unmutes it."""
    note: str
    """Why, for those who work on issues."""
    set_by: str


class Snapshot(SQLModel, table=True):
    """The latest reading of a printer. What is searched of its state has columns; all is in StateDocument.

    Readers of a state go through core/storage/states.py: see docs/decisions/0015-unchanged-readings.md.
    """

    __tablename__ = "snapshots"
    __table_args__ = (
        partial_index("snapshots_owed", "printer_id", where="owed"),
        Index(
            "snapshots_failed",
            "printer_id",
            sqlite_where=text("reachable = 0"),
            postgresql_where=text("NOT reachable"),
        ),
        Index("snapshots_received", "received_at"),
        {"info": {"writers": ("processor",)}},
    )

    printer_id: str = Field(primary_key=True)
    reading_id: str
    taken_at: datetime
    seq: int = Field(sa_type=BigInteger)
    received_at: datetime
    stale_at: datetime
    reachable: bool
    state: str
    severity: str | None = None
    lowest_supply_percent: int | None = None
    levels_at: datetime | None = None
    """When the reading arrived that last showed another level of a supply."""
    model: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """What the printer calls itself; the inventory may say otherwise."""
    serial: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    firmware: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    revision: int = 1
    """Rises when the published state changes."""
    published_revision: int = 0
    """The revision the broker has acknowledged."""
    owed: bool = True
    """State and attention are to be published: set with the change, cleared after PUBACK."""
    repeats: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    """How many readings have said the same since the one that the state was judged by;"""
    uptime_ticks: int | None = Field(default=None, sa_type=BigInteger)
    """and what the newest of them says of the agent's age."""
    said: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """What the newest reading has said, as a digest; empty where the next one is judged whatever it says."""
    said_until: datetime | None = None
    """From then on it is judged in any case."""
    point: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    """What the history point of a reading that says the same has after its time."""
    reached: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    """Whether the printer has ever answered."""


class StateDocument(SQLModel, table=True):
    """State of a printer with the rules' memory, written only when a reading changes it."""

    __tablename__ = "state_documents"
    __table_args__ = ({"info": {"writers": ("processor",)}},)

    printer_id: str = Field(primary_key=True)
    memory: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    """What the rules must remember between readings (failed readings in a row, flags about to clear ...)."""
    payload: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    """The PrinterState as it was when it was judged: see core/storage/states.py for what it is now."""


class AttentionRow(SQLModel, table=True):
    """One life of a flag, from first seen to cleared; open while cleared_at is null."""

    __tablename__ = "attention"
    __table_args__ = (
        partial_index(
            "attention_open", "printer_id", "code", "subject", where="cleared_at IS NULL", unique=True
        ),
        Index("attention_since", "since_at"),
        {"info": {"writers": ("processor", "console")}},
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    printer_id: str
    code: str
    subject: str = ""
    severity: str
    message: str
    """What it said when it was written; shown where there are no parameters."""
    parameters: dict[str, str] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    """What its sentence is made of: see core/domain/conditions.py. None in rows older than this column."""
    fixer: str
    since_at: datetime
    cleared_at: datetime | None = None
    outcome: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """Why it ended, where its condition was not seen to be gone: device_changed, muted."""
    evidence: list[dict[str, Any]] = Field(sa_column=Column(Json, nullable=False))


class Issue(SQLModel, table=True):
    """An issue about a printer: `device` rows are the processor's, `person` rows people's."""

    __tablename__ = "issues"
    __table_args__ = (
        partial_index(
            "issues_one_per_flag",
            "printer_id",
            "attention_code",
            "attention_subject",
            where=_ONE_PER_FLAG,
            unique=True,
        ),
        Index("issues_printer", "printer_id", "status"),
        Index("issues_status", "status", "updated_at"),
        partial_index("issues_parent", "parent_id", where="parent_id IS NOT NULL"),
        partial_index("issues_merged", "merged_into", where="merged_into IS NOT NULL"),
        partial_index("issues_vendor", "vendor", where="vendor <> ''"),
        {"info": {"writers": ("processor", "dashboard", "console")}},
    )

    id: int | None = Field(default=None, primary_key=True)
    printer_id: str
    """Empty where it is about an outage of many."""
    kind: str
    attention_code: str = ""
    attention_subject: str = ""
    title: str
    details: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    category: str = "other"
    priority: str = "normal"
    status: str = IssueStatus.OPEN
    reporter: str = ""
    contact: str = ""
    assignee: str = ""
    opened_at: datetime
    updated_at: datetime
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    earlier_device: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    """It is about the device that answered at this address before another one came: for people alone."""
    parent_id: int | None = None
    """The issue of the outage that it is a part of, and ends with; kept when it has ended."""
    merged_into: int | None = None
    """The issue that it is a duplicate of: who follows this one follows that."""
    vendor: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """The company that was called for the repair (see core/domain/vendor_cases.py); empty for none."""
    vendor_case: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """What the company calls its case by."""
    vendor_opened_on: date | None = None
    vendor_visit_on: date | None = None
    """The day on which somebody of the company is expected."""
    version: int = 1


class Outage(SQLModel, table=True):
    """Printers of a place or site that stopped answering together; on while ended_at is null.

    See core/domain/outages.py. Its issue may end earlier, by a person.
    """

    __tablename__ = "outages"
    __table_args__ = (
        partial_index("outages_on", "scope", "name", where="ended_at IS NULL", unique=True),
        {"info": {"writers": ("processor",)}},
    )

    id: int | None = Field(default=None, primary_key=True)
    scope: str
    """place or site."""
    name: str
    silent: int
    """How many printers do not answer, as counted last,"""
    printers: int
    """of so many that have ever answered."""
    began_at: datetime
    ended_at: datetime | None = None
    issue_id: int = Field(
        sa_column=Column(Integer, ForeignKey("issues.id", ondelete="CASCADE"), nullable=False)
    )


class IssueEvent(SQLModel, table=True):
    """A change of an issue and who made it; `owed` until the broker has acknowledged its message."""

    __tablename__ = "issue_events"
    __table_args__ = (
        Index("issue_events_issue", "issue_id", "at"),
        partial_index("issue_events_owed", "id", where="owed"),
        {"info": {"writers": ("processor", "dashboard", "console")}},
    )

    id: int | None = Field(default=None, primary_key=True)
    issue_id: int = Field(foreign_key="issues.id")
    at: datetime
    actor: str
    change: str
    details: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    visibility: str = Field(
        default=Visibility.INTERNAL,
        sa_column=Column(String, nullable=False, server_default=Visibility.INTERNAL.value),
    )
    """A Visibility; of "opened" it concerns the issue's details."""
    owed: bool = True


class IssuePhoto(SQLModel, table=True):
    """A photo of an issue's event; until its report or comment is sent it belongs to a draft."""

    __tablename__ = "issue_photos"
    __table_args__ = (
        Index("issue_photos_event", "event_id"),
        Index("issue_photos_draft", "draft_hash"),
        {"info": {"writers": ("dashboard",)}},
    )

    id: int | None = Field(default=None, primary_key=True)
    draft_hash: str = ""
    """SHA-256 of the draft that it was sent for, in hex; empty once it belongs to an event."""
    event_id: int | None = Field(
        default=None, sa_column=Column(Integer, ForeignKey("issue_events.id", ondelete="CASCADE"))
    )
    """None until the report or comment is sent; a day later it is deleted."""
    created_at: datetime
    image: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """JPEG, as dashboard/features/photos/images.py has made it of what was sent."""
    thumbnail: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """The same, small."""


class Outbox(SQLModel, table=True):
    """A HistoryPoint on its way to the time series, written in the transaction of its snapshot."""

    __tablename__ = "history_outbox"
    __table_args__ = (
        Index("history_outbox_sent", "sent_at", "id"),
        {"info": {"writers": ("processor",)}},
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    payload: str = Field(sa_column=Column(Text, nullable=False))
    sent_at: datetime | None = None
    """First accepted by the time series; kept until the acceptance is known to be durable."""


class RefusedPoint(SQLModel, table=True):
    """A history point the time series does not take, kept with the reason; it can be sent again."""

    __tablename__ = "history_refused"
    __table_args__ = ({"info": {"writers": ("processor",)}},)

    id: int | None = Field(default=None, primary_key=True)
    payload: str = Field(sa_column=Column(Text, nullable=False))
    reason: str
    at: datetime


class Rejected(SQLModel, table=True):
    """A message that could not be parsed; the newest few thousand are kept."""

    __tablename__ = "rejected_messages"
    __table_args__ = ({"info": {"writers": ("processor",)}},)

    id: int | None = Field(default=None, primary_key=True)
    topic: str
    reason: str
    at: datetime
    size_bytes: int
    excerpt: str


class ServiceRow(SQLModel, table=True):
    """The last heartbeat of each service instance; silent for 90 s is down."""

    __tablename__ = "services"
    __table_args__ = ({"info": {"writers": ("processor", "dashboard", "console")}},)

    service: str = Field(primary_key=True)
    instance: str = Field(primary_key=True)
    site: str = Field(default="", primary_key=True, sa_column_kwargs={"server_default": ""})
    """That of a collector; empty for the others. Two sites may have collectors of one name."""
    status: str
    seen_at: datetime
    started_at: datetime | None = None
    version: str = ""
    counters: dict[str, float] = Field(sa_column=Column(Json, nullable=False))
    dismissed_at: datetime | None = None
    """Gone for good, by a person or by its age: not shown until it is heard of again."""
