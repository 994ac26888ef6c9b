"""The tables of the cartridge ledger, of forecasts and of the calendar they go by; each names its writers."""

from datetime import date, datetime

from sqlalchemy import Boolean, Column, Index, String, Text
from sqlmodel import Field, SQLModel

from core.storage.tables import BigId, partial_index


class SupplyEventRow(SQLModel, table=True):
    """A replacement of a supply (core/domain/supply_events.py); `owed` until the broker has its message."""

    __tablename__ = "supply_events"
    __table_args__ = (
        Index("supply_events_once", "printer_id", "supply_index", "at", unique=True),
        Index("supply_events_at", "at"),
        partial_index("supply_events_owed", "id", where="owed"),
        {"info": {"writers": ("processor", "dashboard", "console")}},
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    printer_id: str
    supply_index: str
    """The row that the supply has now: events follow supplies that are numbered anew."""
    device: int = 0
    at: datetime
    not_before: datetime | None = None
    model: str = ""
    supply_type: str = ""
    color: str = ""
    description: str = Field(default="", sa_column=Column(Text, nullable=False))
    part: str = ""
    part_number: str = ""
    serial: str = ""
    old_serial: str = ""
    old_percent: int | None = None
    new_percent: int | None = None
    life_count: int | None = Field(default=None, sa_column=Column(BigId, nullable=True))
    pages: int | None = Field(default=None, sa_column=Column(BigId, nullable=True))
    began_at: datetime | None = None
    began_percent: int | None = None
    undone_at: datetime | None = None
    undone_by: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    revision: int = 1
    """Rises with every change: a message that is acknowledged clears `owed` for its own revision alone."""
    owed: bool = Field(default=True, sa_column=Column(Boolean, nullable=False))


class SupplyForecast(SQLModel, table=True):
    """The forecast of when a supply runs out; None where its history cannot tell."""

    __tablename__ = "supply_forecasts"
    __table_args__ = (
        Index("supply_forecasts_days", "days_left"),
        {"info": {"writers": ("processor",)}},
    )

    printer_id: str = Field(primary_key=True)
    supply_index: str = Field(primary_key=True)
    """"hrDeviceIndex.rowIndex", as in PrinterState."""
    days_left: float | None = None
    days_left_low: float | None = None
    """The early end of the interval that holds it with about 80 %,"""
    days_left_high: float | None = None
    """and the late one; None where the slope may be zero."""
    percent_per_day: float | None = None
    """How fast it goes down, recent use counting more; positive."""
    refilled_at: datetime | None = None
    """The last refill seen in the history."""
    points: int = 0
    """How many measured levels since then it rests on."""
    reason: str = ""
    """Why there is none: coarse, not_measured, too_short, not_falling, no_history; empty where one is."""
    computed_at: datetime


class CalendarPeriod(SQLModel, table=True):
    """Days that are not like others: a term, a holiday, or days on which everything is closed."""

    __tablename__ = "calendar_periods"
    __table_args__ = (
        Index("calendar_periods_once", "kind", "first_day", "last_day", "name", unique=True),
        {"info": {"writers": ("dashboard",)}},
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    """term, holiday or closed: see core/domain/calendar_days.py."""
    name: str
    first_day: date
    last_day: date
    """The last one that belongs to it."""
    version: int = 1
    """Rises with every edit: an edit says which version it has seen."""
    edited_by: str = ""
    edited_at: datetime
